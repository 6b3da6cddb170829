"""From documents to token arrays: normalised, rejected with a reason, teasers settled, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import itemgetter

from ..fields import Analysed, analyse, title_key, url_key
from ..models import Article, Rejection
from ..readers import Document, Lines, Part, read_lines
from .analysis import analyse_all
from .lots import Answer, lots_of, size_of
from .normal import normalise, reason_to_reject
from .owners import Owners

_HELD_ARTICLES = 2_000
_HELD_SIZE = 8_000_000
"""documents, and characters or bytes of lines, up to which a run is small"""

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
    _owners: Owners = field(default_factory=Owners)

    def batches(self, documents: Iterable[Part]) -> Iterator[Analysed]:
        """Yield the articles analysed, in input order, and at the end the stubs to which no article of the run corresponds.

        A small run is held back, so that each article gets its aliases before it is written; of a larger one `gave_way` says what is still to be
        added, and its articles come as `Analysed.stored` says where other processes read and analysed them.
        """
        parts = self._heard(documents)
        held, large = _held(parts)
        if not large:
            yield from self._small(held)
        else:
            for answer in analyse_all(lots_of(chain(held, parts)), words=self.words, jobs=self.jobs):
                self._take(answer)
                if answer.analysed.articles:
                    yield answer.analysed
        left = self._without_article()
        self.read += len(left)
        self.stubs += len(left)
        yield from self._analysed(left)

    def _heard(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The parts; progress hears at once of what is read, of lines when they are."""
        for part in parts:
            if self.progress and not isinstance(part, Lines):
                self.progress(part)
            yield part

    def _small(self, parts: Iterable[Part]) -> Iterator[Analysed]:
        articles: list[Sourced] = []
        for part in parts:
            for document in read_lines(part) if isinstance(part, Lines) else (part,):
                if self.progress and isinstance(part, Lines):
                    self.progress(document)
                if sourced := self._indexed(document):
                    articles.append(sourced)
        self.read += len(articles)
        for article, _ in articles:
            self._owners.add(article.id, ("id:" + article.id, *stub_keys(article)))
        self._stubs = {stub.id: (stub, origin) for stub, origin in self._without_article()}
        aliases, self.gave_way = self.gave_way, {}
        yield from self._analysed([(_with_aliases(article, aliases.get(article.id, set())), origin) for article, origin in articles])

    def _indexed(self, document: Document | Rejection) -> Sourced | None:
        """The document's article, clean, if it is to be indexed; what else there is of it is kept."""
        if isinstance(document, Rejection):
            self.rejections.append(document)
            return None
        article = normalise(document.article)
        if reason := reason_to_reject(article):
            self.rejections.append(Rejection(file=document.origin, line=document.line, reason=reason))
            return None
        for stub in (normalise(teaser) for teaser in document.teasers):
            self._stubs.setdefault(stub.id, (stub, document.origin))
        if article.kind == "teaser":
            self._stubs[article.id] = (article, document.origin)
            return None
        return article, document.origin

    def _take(self, answer: Answer) -> None:
        """Note what became of a lot."""
        analysed = answer.analysed
        for article, keys in zip(analysed.articles, analysed.keys, strict=True):
            self._owners.add(article.id, keys)
        self.read += len(analysed.articles)
        for _, document, _ in answer.aside:
            self._indexed(document)
        if self.progress:
            for document in _lines_of(answer):
                self.progress(document)

    def _analysed(self, articles: list[Sourced]) -> Iterator[Analysed]:
        for lot in lots_of(Document(article, origin, None) for article, origin in articles):
            documents = [part for part in lot if isinstance(part, Document)]
            yield analyse([document.article for document in documents], [document.origin for document in documents], words=self.words)

    def _without_article(self) -> list[Sourced]:
        """The stubs to which no article corresponds; the others give way."""
        left = []
        for stub, origin in self._stubs.values():
            if article_id := next(filter(None, map(self._owners.get, ("id:" + stub.id, *stub_keys(stub)))), None):
                if article_id != stub.id:
                    self.gave_way.setdefault(article_id, set()).add(stub.id)
                continue
            left.append((stub, origin))
        return left


def _held(parts: Iterator[Part]) -> tuple[list[Part], bool]:
    """Take parts until they are too many for a small run; also returns whether that came before they ended."""
    held: list[Part] = []
    documents = size = 0
    for part in parts:
        held.append(part)
        more = size_of(part)
        documents, size = documents + more[0], size + more[1]
        if documents > _HELD_ARTICLES or size > _HELD_SIZE:
            return held, True
    return held, False


def _lines_of(answer: Answer) -> Iterator[Document | Rejection]:
    """The documents that came as lines, in order."""
    articles = zip(answer.analysed.articles, answer.analysed.origins, answer.lines, strict=True)
    found: list[tuple[int, Document | Rejection]]
    found = [(number, Document(article, origin, line)) for number, (article, origin, line) in enumerate(articles, 1) if line]
    # What stands aside has the number of the article before it.
    found += [(number, document) for number, document, is_line in answer.aside if is_line]
    yield from (document for _, document in sorted(found, key=itemgetter(0)))


def _with_aliases(article: Article, ids: set[str]) -> Article:
    new = sorted(ids - set(article.aliases))
    return replace(article, aliases=(*article.aliases, *new)) if new else article


def stub_keys(article: Article) -> tuple[str, ...]:
    """The keys by which a stub and its article know each other: the address, else a title of five or more tokens."""
    return tuple(key for key in (url_key(article.url), title_key(article.title)) if key)
