"""The one thin object that every face uses: one reader, one writer, over one engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from .config import Settings, load_settings
from .engines.base import Engine, Filters, Problem, Question, RebuildReport, ScoredHit, ScoredPage, Stats, Vocabulary
from .errors import BadInput, BadRequest, BlockedArticle, IndexDamaged, IndexMissing, UnknownArticle
from .fields import RankingParameters, analyse, url_key
from .formats import rejection_to_line
from .models import Article, Hit, Notice, Rejection, ResultPage, SearchRequest
from .query.nodes import Group
from .query.parse import parse, parse_plain
from .records import dataclass
from .resources import seeds_folder
from .search.interpret import Interpretation, interpret, unit_weights
from .search.marks import remember
from .search.snippets import Marked, mark_articles
from .vietnamese.fold import fold

if TYPE_CHECKING:
    from .indexing.pipeline import Intake
    from .readers import Document, Part

# What reads documents and analyses them is imported where it is used: a query must not wait for it.

_WARM_WORDS = 4_000
"""words that are learnt ahead: all but three in a hundred of those of a title"""
_REASONS = 5
"""rejected documents that are named where nothing else came of a rebuild"""

Progress = Callable[["Document | Rejection"], None]
"""hears of every document; of an article that another process read without what `fields.Analysed.stored` says"""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingReport:
    """What a run of documents did to the index. `gone` counts articles of the old index that a rebuild left behind."""

    articles: int
    replaced: int
    rejected: int
    stubs: int
    kept: int = 0
    gone: int = 0
    blocked: int = 0
    generation: str = ""


class Service:
    """An index to search and to change. Safe to share between threads; a context manager."""

    def __init__(self, engine: Engine, parameters: RankingParameters | None = None, *, jobs: int = 0) -> None:
        """`jobs` is how many processes analyse documents; 0 is one a core."""
        self.engine = engine
        self._jobs = jobs
        self.parameters = parameters or RankingParameters()
        self._learnt: set[str] = set()
        """words that `warm` knows"""
        self._learnt_from: Vocabulary | None = None

    def __enter__(self) -> Service:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def warm(self) -> None:
        """Spare the first readers of a commit the wait for what all questions need: for servers, not for one question. Raises IndexMissing."""
        self.engine.warm(self.parameters)
        vocabulary = self.engine.vocabulary()
        if vocabulary is self._learnt_from:
            return
        for word in vocabulary.frequent(_WARM_WORDS):
            if word not in self._learnt:
                self._learnt.add(word)
                for typed in {word, fold(word)}:
                    interpret(parse(typed), SearchRequest(query=typed), vocabulary, self.parameters)
                remember(word)
        self._learnt_from = vocabulary

    def close(self) -> None:
        """Let go of the index's files."""
        self.engine.close()

    # Searching

    def search(self, request: SearchRequest | str, **options: Any) -> ResultPage:
        """Answer a question with one page of ranked, marked hits.

        `request` is the question's text, `options` the other fields of SearchRequest. Raises IndexMissing, IndexOutdated, IndexDamaged, and
        BadRequest for an option that does not exist.
        """
        if isinstance(request, str):
            try:
                request = SearchRequest(query=request, **options)
            except TypeError as error:
                raise BadRequest(f"Unknown search option: {error}.", "The options are the fields of newssearch.models.SearchRequest.") from None
        began = time.perf_counter()
        parsed = parse(request.query, lang=request.lang)
        if request.query.strip() and parsed.root == Group():
            # Nothing in the question could be read: that is no question for everything, as an empty one is.
            took = (time.perf_counter() - began) * 1000
            return ResultPage(query=request.query, took_ms=took, page=request.page, notices=parsed.notices)
        vocabulary = self.engine.vocabulary()
        meant, page = self._answer(interpret(parsed, request, vocabulary, self.parameters), vocabulary, self.parameters)
        hits = _hits(page, meant, vocabulary)
        return ResultPage(
            query=request.query,
            total=page.total,
            articles=page.articles,
            near=page.near,
            took_ms=(time.perf_counter() - began) * 1000,
            page=request.page,
            pages=-(-(page.total + page.near) // request.limit),
            hits=hits,
            facets=page.facets,
            histogram=page.histogram,
            undated=page.undated,
            notices=(*parsed.notices, *meant.notices, *_date_notices(request)),
        )

    def rank(self, text: str, limit: int) -> list[tuple[str, float]]:
        """Return (id, score) of the best articles for plain words without operators, best first: what a TREC run holds. Never folds stories.

        A run is judged by all that it holds, so that the second pass looks into twice as many, where a page's looks into the parameters' number.
        """
        parsed = parse_plain(text)
        if parsed.root == Group():
            return []
        vocabulary = self.engine.vocabulary()
        meant = interpret(parsed, SearchRequest(query=text, limit=limit), vocabulary, self.parameters)
        deep = replace(self.parameters, rescored=max(self.parameters.rescored, 2 * limit))
        _, page = self._answer(meant, vocabulary, deep, facets=False, articles=False, stories=False)
        return [(hit.id, hit.score or 0.0) for hit in page.hits]

    def _answer(
        self, meant: Interpretation, vocabulary: Vocabulary, parameters: RankingParameters, **settings: Any
    ) -> tuple[Interpretation, ScoredPage]:
        """The page, and the reading of the question that it answers; `settings` are fields of a Question that hold for every reading."""
        # Asked for by the engine, and then again for what is shown.
        fallback = cache(meant.fallback) if meant.fallback else None
        otherwise = (lambda: replace(fallback().question, **settings)) if fallback else None
        question = replace(meant.question, otherwise=otherwise, **settings)
        page = self.engine.search(question, parameters, vocabulary=vocabulary)
        return fallback() if fallback and page.otherwise else meant, page

    def newest(self, section: str | None = None, limit: int = 10) -> list[Article]:
        """Return the newest articles, of one section if given; undated ones last."""
        filters = Filters(section=(section,) if section else ())
        question = Question(root=Group(), sort="newest", limit=limit, facets=False, filters=filters)
        return [hit.article for hit in self.engine.search(question, self.parameters).hits if hit.article]

    def get(self, id: str) -> Article:
        """Return the article that answers to an id, a former id or an address. Raises UnknownArticle, BlockedArticle."""
        if article := self.engine.get(id):
            return article
        keys = [f"id:{id}", *filter(None, [url_key(id)])]
        found = self.engine.resolve(keys)
        for key in keys:
            for other in found.get(key, ()):
                if article := self.engine.get(other):
                    return article
        if self.engine.blocked(keys):
            raise BlockedArticle(f"The article {id} was taken down.")
        raise UnknownArticle(f"No article answers to “{id}”.", "Look for it: newssearch query WORDS, or newssearch show ID with an id from there.")

    def marked(self, id: str, query: str, *, exact: bool = False) -> Marked:
        """Return the whole text of an article with a question's words marked. Raises UnknownArticle, BlockedArticle."""
        article = self.get(id)
        parsed = parse(query)
        meant = interpret(parsed, SearchRequest(query=query, exact=exact), self.engine.vocabulary(), self.parameters)
        marked = mark_articles([article], meant.question.root, whole=True)[0]
        if meant.fallback and not any(segment.match for part in marked.prose for segment in part):
            return mark_articles([article], meant.fallback().question.root, whole=True)[0]
        return marked

    # Changing

    def rebuild(
        self,
        paths: Sequence[str | Path] | None = None,
        *,
        stored: bool = False,
        words: bool = True,
        stdin: BinaryIO | None = None,
        progress: Progress | None = None,
    ) -> IndexingReport:
        """Make the index what `paths` hold; the old one serves until the new one is whole and stays for `rollback`.

        Without paths those of the last rebuild are read again (on a first run the seeds) and stored articles that came since by other ways are
        kept. `stored` rebuilds from the stored articles alone, of whatever version. Raises BadInput (nothing changed), IndexLocked, WriteFailed.
        """
        from .indexing.pipeline import Intake
        from .readers import read_parts
        from .vietnamese.segment import model_identity

        if stored and paths:
            raise BadRequest("--stored rebuilds from the stored articles alone; it takes no PATH.", "newssearch rebuild-index --stored")
        intake = Intake(words=words, jobs=self._jobs, progress=progress)
        read, remembered, kept = self._sources(paths, stored, intake.gave_way)
        counted = _Counter()
        # What came since by other ways comes last, so that it holds where a file has an older version of it.
        documents = _chain(read_parts(read, stdin=stdin) if read else (), counted.count(kept))
        try:
            report = self.engine.rebuild(
                intake.batches(documents), paths=remembered, segmenter=model_identity() if words else ""
            )
        except BadInput as error:
            reasons = [f"Rejected {rejection_to_line(rejection)}" for rejection in intake.rejections[:_REASONS]]
            raise BadInput("\n".join([error.message, *reasons]), error.hint) from None
        self.engine.write_rejected(intake.rejections)
        self._alias(intake.gave_way, words)
        return _report(intake, report, counted.seen)

    def _sources(
        self, paths: Sequence[str | Path] | None, stored: bool, aliases: dict[str, set[str]]
    ) -> tuple[list[str], list[str], Iterable[Document]]:
        """What to read, what to remember as read, and the stored articles to keep; what those that are read again answered to goes to `aliases`."""
        from .indexing.sources import absolute, came_otherwise, still_there
        from .indexing.sources import stored as stored_documents

        if paths:
            named = [absolute(path) for path in paths]
            return named, named, ()
        try:
            remembered = list(self.engine.meta().get("paths", ()))
            articles = self.engine.iterate_any_version()
        except IndexMissing:
            if stored:
                raise
            seeds = [str(seeds_folder())]
            return seeds, seeds, ()
        except IndexDamaged as error:
            raise IndexDamaged(error.message, "newssearch rollback, or say what to build from instead: newssearch rebuild-index PATH…") from error
        if stored:
            return [], remembered, stored_documents(articles)
        readable = still_there(remembered)
        return readable, remembered, came_otherwise(articles, readable, aliases)

    def add(
        self, paths: Sequence[str | Path], *, words: bool = True, stdin: BinaryIO | None = None, progress: Progress | None = None
    ) -> IndexingReport:
        """Add or replace the articles that `paths` hold. Raises BadInput, IndexMissing, IndexLocked, WriteFailed."""
        from .indexing.sources import absolute
        from .readers import read_parts

        return self.add_documents(read_parts([absolute(path) for path in paths], stdin=stdin), words=words, progress=progress)

    def add_documents(
        self, documents: Iterable[Part], *, words: bool = True, progress: Progress | None = None
    ) -> IndexingReport:
        """The same for documents that were read already, or for lines that were not."""
        from .indexing.pipeline import Intake

        intake = Intake(words=words, jobs=self._jobs, progress=progress)
        with self.engine.batch() as batch:
            before = batch.replaced
            for analysed in intake.batches(documents):
                keep = []
                for number, article in enumerate(analysed.articles):
                    others = self._known(article)
                    if article.kind == "teaser" and (full := next((o for o in others if o.kind != "teaser"), None)):
                        if full.id != article.id:
                            intake.gave_way.setdefault(full.id, set()).add(article.id)
                        intake.stubs -= 1
                        intake.read -= 1
                        continue
                    stubs = [] if article.kind == "teaser" else [o.id for o in others if o.kind == "teaser" and o.id != article.id]
                    if stubs and not self.engine.blocked(analysed.keys[number]):
                        batch.delete(stubs)
                        intake.gave_way.setdefault(article.id, set()).update(stubs)
                    keep.append(number)
                if len(keep) == len(analysed.articles):
                    batch.add(analysed)
                elif keep:
                    # Only stubs give way, and they come whole.
                    batch.add(
                        analyse([analysed.articles[n] for n in keep], [analysed.origins[n] for n in keep], words=words)
                    )
            batch.commit()
            replaced, blocked = batch.replaced - before, batch.blocked
        if intake.rejections:
            known = set(intake.rejections)
            self.engine.write_rejected([*(earlier for earlier in self.engine.read_rejected() if earlier not in known), *intake.rejections])
        self._alias(intake.gave_way, words)
        return IndexingReport(
            articles=intake.read - blocked, replaced=replaced, rejected=len(intake.rejections), stubs=intake.stubs, blocked=blocked
        )

    def _known(self, article: Article) -> list[Article]:
        """The indexed articles that a stub and its article would know each other by."""
        from .indexing.pipeline import stub_keys

        keys = stub_keys(article)
        ids = {id for of_key in self.engine.resolve(keys).values() for id in of_key} if keys else set()
        return [found for id in sorted(ids) if (found := self.engine.get(id))]

    def _alias(self, gave_way: dict[str, set[str]], words: bool) -> None:
        """Let articles answer to the ids of the stubs that gave way to them."""
        changed = []
        for id, stubs in gave_way.items():
            try:
                article = self.engine.get(id)
            except BlockedArticle:
                continue
            if article and (new := sorted(stubs - set(article.aliases))):
                changed.append(replace(article, aliases=(*article.aliases, *new)))
        if changed:
            origins = self._origins({article.id for article in changed})
            with self.engine.batch() as batch:
                batch.add(analyse(changed, [origins.get(article.id, "") for article in changed], words=words))
                batch.commit()

    def _origins(self, ids: set[str]) -> dict[str, str]:
        return {article.id: origin for article, origin in self.engine.iterate() if article.id in ids}

    def delete(self, ids: Sequence[str], *, block: str | None = None) -> list[str]:
        """Delete articles by id, former id or address; with `block` (a reason) for good. Returns those of `ids` that were there."""
        resolved = {id: self._resolved(id) for id in ids}
        if block is not None:
            self.engine.block([own or id for id, own in resolved.items()], block)
            return [id for id, own in resolved.items() if own]
        there = [own for own in resolved.values() if own]
        with self.engine.batch() as batch:
            gone = set(batch.delete(there))
            batch.commit()
        return [id for id, own in resolved.items() if own in gone]

    def _resolved(self, id: str) -> str | None:
        try:
            return self.get(id).id
        except (UnknownArticle, BlockedArticle):
            return None

    def unblock(self, ids: Sequence[str]) -> list[str]:
        """Lift blocks by id, former id or address; returns those of `ids` that were blocked."""
        return [id for id in ids if self.engine.unblock([id])]

    def rollback(self) -> str:
        """Serve the generation before the present one; returns its name. Raises IndexMissing."""
        return self.engine.rollback()

    # Looking at the index

    def export(self) -> Iterator[Article]:
        """Every stored article, whole."""
        return (article for article, _ in self.engine.iterate_any_version())

    def stats(self) -> Stats:
        """Figures of the index."""
        return self.engine.stats()

    def check(self) -> list[Problem]:
        """Verify every generation that is kept; an empty list is health."""
        return self.engine.check()


def open_service(settings: Settings | None = None) -> Service:
    """Return the service over the engine that the settings name. Raises BadRequest for an unknown engine."""
    settings = settings or load_settings()
    if settings.engine != "embedded":
        raise BadRequest(f"Unknown engine “{settings.engine}”.", "Known is: embedded.")
    from .engines.embedded.engine import EmbeddedEngine

    return Service(EmbeddedEngine(settings.index, memory=settings.memory), jobs=settings.jobs)


def _hits(page: ScoredPage, meant: Interpretation, vocabulary: Vocabulary) -> tuple[Hit, ...]:
    found = [(hit, hit.article) for hit in page.hits if hit.article]
    root = meant.question.root
    weights = unit_weights(root, vocabulary, bare=meant.question.bare) if found else {}
    marked = mark_articles([article for _, article in found], root, weights)
    return tuple(_hit(scored, article, texts) for (scored, article), texts in zip(found, marked, strict=True))


def _hit(scored: ScoredHit, article: Article, texts: Marked) -> Hit:
    return Hit(
        id=article.id,
        title=article.title,
        title_segments=texts.title,
        snippet_segments=texts.snippet,
        url=article.url,
        source=article.source,
        section=article.section,
        author=article.author,
        published=article.published,
        score=scored.score,
        near=scored.near,
        missing=scored.missing,
        duplicate_count=scored.duplicate_count,
        duplicates=scored.duplicates,
        kind=article.kind,
        words=texts.words,
    )


def _date_notices(request: SearchRequest) -> tuple[Notice, ...]:
    if request.date_from and request.date_to and request.date_from > request.date_to:
        message = {
            "vi": "Ngày bắt đầu đứng sau ngày kết thúc nên không bài nào khớp.",
            "en": "The first day comes after the last, so nothing can match.",
        }
        return (Notice("empty-date-range", message["en" if request.lang == "en" else "vi"]),)
    return ()


class _Counter:
    def __init__(self) -> None:
        self.seen = 0

    def count(self, documents: Iterable[Document]) -> Iterator[Document]:
        for document in documents:
            self.seen += 1
            yield document


def _chain(first: Iterable[Part], then: Iterable[Document]) -> Iterator[Part]:
    yield from first
    yield from then


def _report(intake: Intake, report: RebuildReport, kept: int) -> IndexingReport:
    return IndexingReport(
        articles=report.articles,
        replaced=report.replaced,
        rejected=len(intake.rejections),
        stubs=intake.stubs,
        kept=kept,
        gone=report.gone,
        blocked=report.blocked,
        generation=report.generation,
    )
