"""Questions answered on arrays: what matches, what is reached, in which order, and the counts over the matches.

Public: `search` for one question, `Executor` for many over one commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question, ScoredHit, ScoredPage
from ...fields import INDEXED_FIELDS, RankingParameters
from ...models import Duplicate
from ...query.nodes import Alternatives, DateRange, Filter, Group, Node, Phrase, Word
from .executor_arrays import Documents, best, contains, leaders
from .executor_collection import Collection
from .executor_facets import apply, facets, histogram
from .executor_facets import count as count_values
from .executor_matching import Matcher
from .executor_reader import Reader
from .executor_rescoring import rescore
from .executor_scoring import FirstPass, scored_tokens
from .executor_stories import Stories, copies, count, shown, untold
from .executor_tokens import key_of
from .source import UNDATED, SegmentSource

_DUPLICATES = 20
"""copies that a hit lists; it counts all"""
_COPIES = 4
"""documents a story, up to which it is enough to look for so many times as many documents as stories are wanted"""
_KEPT_FREE = 31 << 20
"""just below the largest block from which it learns"""


def search(segments: Sequence[SegmentSource], question: Question, parameters: RankingParameters) -> ScoredPage:
    """Answer one question over the segments of one commit."""
    return Executor(segments).search(question, parameters)


class Executor:
    """Answers questions over the segments of one commit; keeps what depends on the commit alone. Safe to share between threads."""

    def __init__(self, segments: Sequence[SegmentSource], stories: Stories | None = None) -> None:
        self._collection = Collection(segments)
        self._stories = stories
        # glibc learns from one large block, never touched, to keep what is freed for the next question: new pages cost more than what is computed in them.
        np.empty(_KEPT_FREE, np.uint8)

    def warm(self, parameters: RankingParameters) -> None:
        """Work out what the first questions would have to: what depends on the commit and the parameters alone."""
        for field in INDEXED_FIELDS:
            self._collection.norms(field, parameters.k1, parameters.b)
        self._collection.parts()
        self._collection.make_profiles()
        # A question for everything needs the dates, and counts every facet.
        self.search(Question(root=Group()), parameters)

    def search(self, question: Question, parameters: RankingParameters) -> ScoredPage:
        """One page of hits with its counts; beyond the last hit a page without hits, the counts as ever."""
        search = self._search(question, parameters)
        matching = search.matching()
        if question.otherwise and not matching.unfiltered:
            other = self._search(question.otherwise(), parameters)
            matching_other = other.matching()
            if matching_other.unfiltered:
                return replace(other.page(matching_other), otherwise=True)
        return search.page(matching)

    def _search(self, question: Question, parameters: RankingParameters) -> _Search:
        return _Search(self._collection, self._stories if question.stories else None, question, parameters)


class _Matching(NamedTuple):
    """What a question finds, its own filters aside."""

    matched: Documents
    reached: Documents
    unfiltered: int
    """as in `ScoredPage`"""


class _Search:
    """One question on its way: every array here is over documents of the collection."""

    def __init__(
        self, collection: Collection, stories: Stories | None, question: Question, parameters: RankingParameters
    ) -> None:
        self.collection = collection
        self.stories = stories
        self.question = question
        self.parameters = parameters
        self.reader = Reader(collection)
        self.matcher = Matcher(self.reader, question.match)
        self.tokens = scored_tokens(question.root)
        self.passages: dict[int, list[int]] = {}

    def matching(self) -> _Matching:
        """Find what matches."""
        root = self.question.root
        self.reader.prefetch(self.tokens, self.question.compounds)
        matched, reached = self._matched()
        unfiltered = len(matched)
        if not unfiltered and any(map(_filters, (*root.required, *root.excluded))):
            unfiltered = len(self._bound(self._enough(), aside=True))
        return _Matching(matched, reached, unfiltered)

    def page(self, matching: _Matching) -> ScoredPage:
        """The page of what matches and, where the question allows it, of what is reached."""
        question = self.question
        matched, reached, unfiltered = matching
        filtered = apply(self.collection, question.filters, matched)
        if not unfiltered and not len(reached) and self._may_reach:
            reached = self._bound(self.matcher.reached(question.root.words))
        found = matched[filtered.passing()] if filtered.masks else matched
        near = apply(self.collection, question.filters, reached)
        reached = reached[near.passing()] if near.masks else reached
        total, others = len(found), len(reached)
        if self.stories is not None:
            reached = untold(self.stories, found, reached)
            total, others = count(self.stories, found), count(self.stories, reached)
        counts = count_values(self.collection, filtered) if question.facets else {}
        bins, undated = histogram(self.collection, counts["date"]) if counts else ((), 0)
        return ScoredPage(
            hits=self._hits(found, reached),
            total=total,
            near=others,
            articles=len(found),
            facets=facets(self.collection, counts) if counts else {},
            histogram=bins,
            undated=undated,
            unfiltered=unfiltered,
        )

    @property
    def _may_reach(self) -> bool:
        question = self.question
        return (
            bool(question.root.words) and question.reach and question.match == "auto" and question.sort == "relevance"
        )

    def _enough(self) -> Documents | None:
        """The documents with enough of the plain words; None where there are no plain words."""
        words = self.question.root.words
        return self.matcher.words(words, None).docs if words else None

    def _matched(self) -> tuple[Documents, Documents]:
        """What matches and what is reached, the question's own filters aside."""
        words = self.question.root.words
        if not words:
            return self._bound(None), np.zeros(0, np.int32)
        enough = self.matcher.words(words, None, reach=self._may_reach)
        docs = self._bound(enough.docs)
        near = enough.near if docs is enough.docs else enough.near[contains(docs, enough.docs)]
        return (docs[~near], docs[near]) if near.any() else (docs, docs[:0])

    def _bound(self, docs: Documents | None, aside: bool = False) -> Documents:
        """Those of `docs` (None: of all) that are alive and satisfy the clauses of the root, its filters and dates aside if so asked."""
        root = self.question.root
        required = [node for node in root.required if not (aside and _filters(node))]
        excluded = [node for node in root.excluded if not (aside and _filters(node))]
        docs = self.matcher.clauses(required, excluded, None, docs)
        alive = self.collection.alive
        return docs if alive is None else docs[alive[docs]]

    def _hits(self, found: Documents, reached: Documents) -> tuple[ScoredHit, ...]:
        question = self.question
        docs, near, scores = self._order(found, reached)
        if not len(docs):
            return ()
        numbers = docs.tolist()
        articles = self.collection.articles(numbers) if question.articles else [None] * len(numbers)
        return tuple(
            ScoredHit(
                id=article.id if article else self.collection.id(document),
                score=score,
                near=is_near,
                missing=missing,
                passage=self._passage(document),
                duplicates=duplicates,
                duplicate_count=count,
                article=article,
            )
            for document, article, score, is_near, missing, (duplicates, count) in zip(
                numbers,
                articles,
                [None] * len(numbers) if scores is None else scores.tolist(),
                near.tolist(),
                self._missing(docs),
                map(self._copies, numbers),
                strict=True,
            )
        )

    def _copies(self, document: int) -> tuple[tuple[Duplicate, ...], int]:
        """The first of the other copies of a hit, and how many there are."""
        if self.stories is None:
            return (), 0
        others = copies(self.stories, document, self.collection.alive).tolist()
        listed = self.collection.articles(others[:_DUPLICATES]) if self.question.articles and others else ()
        return tuple(Duplicate(one.id, one.title, one.source, one.published) for one in listed), len(others)

    def _order(
        self, found: Documents, reached: Documents
    ) -> tuple[Documents, NDArray[np.bool_], NDArray[np.float64] | None]:
        """The documents of the page in order, which of them are only reached, and their scores."""
        question = self.question
        end = question.offset + question.limit
        if question.sort != "relevance":
            published = self.collection.published()[found]
            keys = self.collection.recency()[found]
            if question.sort == "oldest":
                keys = np.where(published == UNDATED, keys, -keys)
            if self.stories is not None:
                kept = shown(self.stories, found, keys)
                found, keys = found[kept], keys[kept]
            chosen = found[best(end, keys)[question.offset :]]
            return chosen, np.zeros(len(chosen), np.bool_), None
        docs = np.concatenate([found, reached]) if len(reached) else found
        if question.offset >= len(docs) or end <= question.offset:
            return docs[:0], np.zeros(0, np.bool_), None
        most = max(end, self.parameters.rescored)
        scored, scores = self._scored(docs, most)
        if scored is not None:
            docs = docs[scored]
        any_scores = bool(scores.any())
        if any_scores or self.stories is None:
            order = self._best(most, docs, scores)
        if any_scores and self.parameters.rescored:
            order = self._rescored(docs, scores, order)
        if self.stories is not None:
            # What the second pass adds is in the scores, so they alone give the order that it gave.
            kept = shown(self.stories, docs, scores, self.collection.recency()[docs])
            order = kept[self._best(end, docs[kept], scores[kept])]
        order = order[question.offset : end]
        place = order if scored is None else scored[order]
        return docs[order], place >= len(found), scores[order]

    def _scored(self, docs: Documents, most: int) -> tuple[NDArray[np.intp] | None, NDArray[np.float64]]:
        """The first pass, as from `FirstPass`, of all that may be among so many best: of the copies of a story one alone is."""
        wanted: int | None = most if self.stories is None else most * _COPIES
        scored, scores = FirstPass(self.reader, self.parameters, docs).scores(
            self.tokens, self.question.compounds, wanted
        )
        if scored is None or self.stories is None:
            return scored, scores
        if count(self.stories, docs[scored[best(most * _COPIES, scores)]]) >= most:
            return scored, scores
        return FirstPass(self.reader, self.parameters, docs).scores(self.tokens, self.question.compounds)

    def _best(self, count: int, docs: Documents, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        """Indexes of the `count` best documents: by score, then the newest, then in order."""
        recency = self.collection.recency()
        if not scores.any():
            return best(count, recency[docs], -docs)
        chosen = leaders(count, scores)
        some = docs[chosen]
        order = np.lexsort((some, -recency[some], -scores[chosen]))
        return chosen[order[:count]]

    def _rescored(self, docs: Documents, scores: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.int64]:
        """The order with its best by the second pass in front; adds to `scores`. What that adds is never negative, so they stay in front."""
        top = order[: self.parameters.rescored]
        top = top[docs[top].argsort()]
        rescored = rescore(self.reader, self.question.root, self.tokens, self.parameters, docs[top])
        if rescored is None:
            return order
        scores[top] += rescored.added
        self.passages = dict(zip(docs[top].tolist(), rescored.passages.tolist(), strict=True))
        again = top[self._best(len(top), docs[top], scores[top])]
        return np.concatenate([again, order[len(top) :]])

    def _passage(self, document: int) -> tuple[int, int] | None:
        start, end = self.passages.get(document, (0, 0))
        return (start, end) if end else None

    def _missing(self, docs: Documents) -> list[tuple[str, ...]]:
        """For each document the surfaces of the root's plain words that it lacks, in order, each word once."""
        words: dict[object, Word | Alternatives] = {}
        for word in self.question.root.words:
            words.setdefault(key_of(word), word)
        surfaces = [*map(_surface, words.values())]
        lacking = (~self.reader.held(list(words.values()), docs)).T.tolist()
        return [tuple(compress(surfaces, of_document)) for of_document in lacking]


def _filters(node: Node) -> bool:
    return isinstance(node, Filter | DateRange)


def _surface(node: Word | Alternatives | Phrase) -> str:
    match node:
        case Word():
            return node.surface or node.term
        case Phrase():
            return node.surface or " ".join(map(_surface, node.words))
        case Alternatives():
            return node.surface or _surface(node.members[0][0])
