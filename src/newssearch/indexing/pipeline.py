"""From documents to token arrays: normalised, rejected with a reason, teasers settled, in batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace

from ..config import BATCH_ARTICLES
from ..fields import Analysed, analyse, title_key, url_key
from ..identity import host_of, is_valid_id
from ..models import Article, Rejection
from ..readers import Document
from ..vietnamese.normalize import clean
from .analysis import analyse_all

_BATCH_CHARACTERS = 4_000_000
"""characters after which a batch is full whatever its number of articles: 5 MB bodies come alone"""

_HELD_ARTICLES = 2_000
_HELD_CHARACTERS = 8_000_000
"""up to which a run is small"""

Sourced = tuple[Article, str]
"""an article and its origin"""


@dataclass(slots=True)
class Intake:
    """One run of documents into an index; after `batches` is through it knows what became of them."""

    words: bool = True
    jobs: int = 0
    """processes that analyse; 0 is one a core"""
    progress: Callable[[Document | Rejection], None] | None = None
    rejections: list[Rejection] = field(default_factory=list)
    read: int = 0
    """articles that went on to the engine, stubs included"""
    stubs: int = 0
    gave_way: dict[str, set[str]] = field(default_factory=dict)
    """article id -> what it is still to answer to: ids of stubs that gave way to it"""
    _stubs: dict[str, Sourced] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    """lookup key -> id of the article that has it"""

    def batches(self, documents: Iterable[Document | Rejection]) -> Iterator[Analysed]:
        """Yield the articles analysed, in input order, and at the end the stubs to which no article of the run corresponds.

        While a run is small its articles are held back, so that each gets its aliases before it is written; of a larger one `gave_way` says what
        is still to be added.
        """
        for analysed in analyse_all(_lots(self._articles(documents)), words=self.words, jobs=self.jobs):
            for article, keys in zip(analysed.articles, analysed.keys, strict=True):
                self._owners.update(dict.fromkeys(keys, article.id))
            yield analysed
        left = self._without_article()
        self.read += len(left)
        self.stubs += len(left)
        for articles, origins in _lots(iter(left)):
            yield analyse(articles, origins, words=self.words)

    def _articles(self, documents: Iterable[Document | Rejection]) -> Iterator[Sourced]:
        """Yield the articles and collect the stubs."""
        held: list[Sourced] | None = []
        characters = 0
        for document in documents:
            if self.progress:
                self.progress(document)
            if isinstance(document, Rejection):
                self.rejections.append(document)
                continue
            article = normalise(document.article)
            if reason := reason_to_reject(article):
                self.rejections.append(Rejection(file=document.origin, line=document.line, reason=reason))
                continue
            for stub in (normalise(teaser) for teaser in document.teasers):
                self._stubs.setdefault(stub.id, (stub, document.origin))
            if article.kind == "teaser":
                self._stubs[article.id] = (article, document.origin)
                continue
            self.read += 1
            if held is None:
                yield article, document.origin
                continue
            held.append((article, document.origin))
            characters += len(article.body)
            if len(held) > _HELD_ARTICLES or characters > _HELD_CHARACTERS:
                yield from held
                held = None
        if held:
            for article, _ in held:
                self._owners.update(dict.fromkeys(("id:" + article.id, *stub_keys(article)), article.id))
            self._stubs = {stub.id: (stub, origin) for stub, origin in self._without_article()}
            aliases, self.gave_way = self.gave_way, {}
            yield from ((_with_aliases(article, aliases.get(article.id, set())), origin) for article, origin in held)

    def _without_article(self) -> list[Sourced]:
        """The stubs to which no article corresponds; the others give way."""
        left = []
        for stub, origin in self._stubs.values():
            if article_id := next((self._owners[key] for key in ("id:" + stub.id, *stub_keys(stub)) if key in self._owners), None):
                if article_id != stub.id:
                    self.gave_way.setdefault(article_id, set()).add(stub.id)
                continue
            left.append((stub, origin))
        return left


def _lots(articles: Iterator[Sourced]) -> Iterator[tuple[list[Article], list[str]]]:
    """Yield articles and their origins in lots that are worth array code."""
    lot: list[Article] = []
    origins: list[str] = []
    characters = 0
    for article, origin in articles:
        lot.append(article)
        origins.append(origin)
        characters += len(article.title) + len(article.lead) + len(article.body)
        if len(lot) >= BATCH_ARTICLES or characters >= _BATCH_CHARACTERS:
            yield lot, origins
            lot, origins, characters = [], [], 0
    if lot:
        yield lot, origins


def _with_aliases(article: Article, ids: set[str]) -> Article:
    new = sorted(ids - set(article.aliases))
    return replace(article, aliases=(*article.aliases, *new)) if new else article


def stub_keys(article: Article) -> tuple[str, ...]:
    """The keys by which a stub and its article know each other: the address, else a title of five or more tokens."""
    return tuple(key for key in (url_key(article.url), title_key(article.title)) if key)


def normalise(article: Article) -> Article:
    """The article with clean NFC text in every field and its source named; the very same object where nothing was to do."""
    changes: dict[str, object] = {}
    for name in _TEXT_FIELDS:
        text = getattr(article, name)
        if not (text.isascii() and text.isprintable()) and (new := clean(text)) != text:
            changes[name] = new
    captions = tuple(clean(caption) for caption in article.captions)
    if captions != article.captions:
        changes["captions"] = captions
    if not article.source and (host := host_of(article.url)):
        changes["source"] = host
    return replace(article, **changes) if changes else article  # type: ignore[arg-type]


_TEXT_FIELDS = tuple(f.name for f in fields(Article) if f.name in {"title", "lead", "body", "source", "section", "author", "url"})


def reason_to_reject(article: Article) -> str | None:
    """Why the article cannot be indexed, or None."""
    if not (article.title.strip() or article.lead.strip() or article.body.strip()):
        return "It has neither title, lead nor body."
    if not is_valid_id(unicodedata.normalize("NFC", article.id)):
        return f"Its id {article.id[:60]!r} is not 1 to 200 printable characters without spaces."
    return None
