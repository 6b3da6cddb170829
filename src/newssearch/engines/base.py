"""The two protocols that stand between the search engine's rooms and whatever keeps the postings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import field
from datetime import date
from typing import Any, Protocol

from ..fields import Analysed, RankingParameters
from ..models import Article, Bin, Duplicate, Facet, Match, Rejection, Sort
from ..query.nodes import Group
from ..records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Restrictions beside the question. One field's values are alternatives; days are inclusive, in +07:00."""

    source: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None

    def __bool__(self) -> bool:
        return any((self.source, self.section, self.author, self.kind, self.date_from, self.date_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An interpreted question, ready to be scored.

    `bare` says that no word was typed with an accent: plain words are `folded`, masses are idf over `folded`. `compounds` are the terms of
    the field `word` that the question's text holds. `reach` may be switched off by the caller; the engine reaches only under
    `match="auto"` and `sort="relevance"`. An empty root matches every article (under relevance: newest first, score 0).
    """

    root: Group
    bare: bool = False
    compounds: tuple[str, ...] = ()
    match: Match = "auto"
    sort: Sort = "relevance"
    reach: bool = True
    filters: Filters = field(default_factory=Filters)
    offset: int = 0
    limit: int = 10
    facets: bool = True
    articles: bool = True
    """load the stored article of each hit (False for runs and counts)"""
    stories: bool = True
    """of the copies of a story show the best alone (False for runs)"""
    otherwise: Callable[[], Question] | None = None
    """what to answer instead where nothing matches, but something that; where nothing matches either, what comes near to this one is the answer"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredHit:
    """One story of a page. `missing` are the surfaces of the question's plain words that the article lacks, in order."""

    id: str
    score: float | None
    near: bool = False
    missing: tuple[str, ...] = ()
    passage: tuple[int, int] | None = None
    """positions [from, to) in `text` of the best passage, where the engine knows it"""
    duplicates: tuple[Duplicate, ...] = ()
    duplicate_count: int = 0
    article: Article | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredPage:
    """One page of hits. `total` and `near` count stories; `articles`, facets, histogram and `undated` count articles that match.

    `facets` has each of FACET_FIELDS, the 50 most frequent values, each counted without its own filter; `histogram` is counted without the date
    filter. `unfiltered` is how many articles would match with the filters aside (exact when `articles` is 0, else at least `articles`).
    """

    hits: tuple[ScoredHit, ...] = ()
    total: int = 0
    near: int = 0
    articles: int = 0
    facets: Mapping[str, tuple[Facet, ...]] = field(default_factory=dict)
    histogram: tuple[Bin, ...] = ()
    undated: int = 0
    unfiltered: int = 0
    otherwise: bool = False
    """whether it answers the question that was to be answered instead"""


class Vocabulary(Protocol):
    """What the index knows about its own words; every call takes many at once."""

    def document_frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """The number of documents with each term (deleted ones count until a merge); 0 for the unknown."""

    def prefixed(self, field: str, prefix: str, limit: int) -> list[str]:
        """Up to `limit` terms that begin with `prefix`, most frequent first."""

    def frequent(self, limit: int) -> list[str]:
        """Some `limit` of the most frequent words of `text`."""

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""

    @property
    def documents(self) -> int:
        """N of the idf formulas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Figures of an index for people and monitoring."""

    articles: int
    deleted: int
    sources: int
    newest: str | None
    oldest: str | None
    size_bytes: int
    terms: int
    generation: str
    built: str
    schema_version: int
    segments: int
    paths: tuple[str, ...]
    rejected: int
    blocked: int
    kinds: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that `check` found: where, and what is wrong."""

    where: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild did to the index. `replaced` counts articles whose id came again, `gone` those of the old index that are no more."""

    articles: int
    replaced: int
    gone: int
    blocked: int
    generation: str


Star = tuple[str, Sequence[str]]
"""a story: the id of its head, and the ids of its copies in the order in which they would take the head's place"""


class Batch(Protocol):
    """A write in progress, under the lock; all of it becomes visible at `commit` or nothing of it."""

    def add(self, analysed: Analysed) -> None:
        """Add or replace articles by id; the last one with an id wins. Blocked ones are left out."""

    def delete(self, ids: Sequence[str]) -> list[str]:
        """Delete articles by id and return the ids that were there (in the index or earlier in this batch)."""

    def commit(self, stars: Iterable[Star] = ()) -> None:
        """Make the batch durable and visible. Leaving the context without it discards the batch.

        An article that one of `stars` names leaves the story that it was in; all others stay in theirs.
        """

    replaced: int
    blocked: int
    """articles that were left out because they are blocked"""


class Engine(Protocol):
    """An index of articles."""

    def rebuild(
        self,
        batches: Iterable[Analysed],
        *,
        paths: Sequence[str],
        segmenter: str,
        stars: Iterable[Star] = (),
        on_publish: Callable[[], None] | None = None,
    ) -> RebuildReport:
        """Build a new generation from `batches`, verify it, publish it. The old one serves until then and is kept for `rollback`.

        `stars` are its stories, asked for when all batches have been taken.
        Raises IndexLocked, WriteFailed, BadInput (no articles: nothing changed).
        """

    def batch(self) -> AbstractContextManager[Batch]:
        """Take the writer's lock for an incremental change. Raises IndexLocked, IndexMissing."""

    def search(
        self, question: Question, parameters: RankingParameters | None = None, *, vocabulary: Vocabulary | None = None
    ) -> ScoredPage:
        """Answer a question over the newest committed state; over that of `vocabulary`, which was asked for just before, without looking anew."""

    def warm(self, parameters: RankingParameters | None = None) -> None:
        """Read what the first questions would wait for into memory; of a commit for which that was done, nothing."""

    def get(self, id: str) -> Article | None:
        """The stored article with this very id, or None. Raises BlockedArticle."""

    def resolve(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """For each lookup key (`fields.lookup_keys`) that is known: the ids of the articles that have it. Raises nothing for the unknown."""

    def blocked(self, keys: Sequence[str]) -> list[str]:
        """Those of the lookup keys under which an article was taken down."""

    def iterate(self) -> Iterator[tuple[Article, str]]:
        """Every stored article with its origin, in the order of the index."""

    def iterate_any_version(self) -> Iterator[tuple[Article, str]]:
        """The same from an index of whatever schema version. Raises IndexMissing, IndexDamaged."""

    def write_rejected(self, rejections: Sequence[Rejection]) -> None:
        """Put the list of rejected documents beside the index, in place of the one before."""

    def read_rejected(self) -> list[Rejection]:
        """The list of rejected documents, empty where there is none."""

    def vocabulary(self) -> Vocabulary:
        """The index's own words, as of now."""

    def block(self, ids: Sequence[str], reason: str) -> list[str]:
        """Take articles down for good, in every generation; returns the ids that were there. Unknown ids are blocked too."""

    def unblock(self, ids: Sequence[str]) -> list[str]:
        """Lift blocks; the articles that the present generation still stores are seen again."""

    def stats(self) -> Stats:
        """Figures of the present generation."""

    def check(self) -> list[Problem]:
        """Verify every generation that is kept: manifests, checksums, counts. An empty list is health."""

    def rollback(self) -> str:
        """Serve the generation before the present one again and return its name. Raises IndexMissing when there is none."""

    def meta(self) -> Mapping[str, Any]:
        """The present generation's meta.json."""

    def close(self) -> None:
        """Let go of files and maps."""


