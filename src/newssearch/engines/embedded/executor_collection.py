"""The segments of one commit as one range of documents, with what depends on the commit alone worked out once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...models import FACET_FIELDS, Article
from .executor_arrays import NO_DOCUMENTS, NO_KEYS, Documents
from .executor_columns import Column, Days, counted, days_of, facet_of, fold_value
from .executor_profiles import Profiles, profiles_of
from .postings_cache import PostingsCache
from .source import UNDATED, Occurrences, SegmentSource

_T = TypeVar("_T")

_COMMON_SHARE = 8
_KEPT = 1 << 16
"""pairs of words whose frequencies are kept before that starts over"""
_KEPT_FORMS = 1 << 14
"""accent-free forms whose spellings are kept before that starts over"""


class Collection:
    """Segments side by side: document d of segment s is number bases[s] + d. Deleted documents keep their numbers and count in N and df."""

    def __init__(self, segments: Sequence[SegmentSource]) -> None:
        self.segments = tuple(segments)
        sizes = [segment.documents for segment in self.segments]
        self.bases = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        self.documents = int(self.bases[-1])
        self._made: dict[Any, Any] = {}
        self._columns = PostingsCache()
        self._pairs: dict[Hashable, int] = {}
        self._spelled: dict[str, list[str]] = {}

    def _once(self, key: Any, make: Callable[[], _T]) -> _T:
        """Two threads may both make it; either result is as good."""
        if key not in self._made:
            self._made[key] = make()
        made: _T = self._made[key]
        return made

    @property
    def alive(self) -> NDArray[np.bool_] | None:
        """[documents] False where deleted; None when nothing is."""
        return self._once("alive", self._alive)

    def _alive(self) -> NDArray[np.bool_] | None:
        if all(segment.deleted is None for segment in self.segments):
            return None
        return ~np.concatenate(
            [
                np.zeros(segment.documents, np.bool_) if segment.deleted is None else segment.deleted
                for segment in self.segments
            ]
        )

    def prefetch(self, wanted: Sequence[tuple[str, str]]) -> None:
        """Say which (field, term) will be asked for, so that segments may read them at once."""
        for segment in self.segments:
            segment.prefetch(wanted)

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term over all segments."""
        frequency = 0
        for segment in self.segments:
            frequency += segment.document_frequency(field, term)
        return frequency

    def postings(self, field: str, term: str) -> tuple[Documents, NDArray[np.int32]]:
        """docs[p] ascending, freqs[p] over all segments."""
        found = []
        for segment, base in zip(self.segments, self.bases.tolist(), strict=False):
            docs, freqs = segment.postings(field, term)
            if len(docs):
                found.append((docs + np.int32(base) if base else docs, freqs))
        if not found:
            return NO_DOCUMENTS, NO_DOCUMENTS
        if len(found) == 1:
            return found[0]
        return np.concatenate([docs for docs, _ in found]), np.concatenate([freqs for _, freqs in found])

    def column_of(self, field: str, term: str) -> NDArray[Any] | None:
        """[documents] how often a common term comes in each; None for a term that is in less than an eighth of them."""
        if len(self.segments) == 1 and (column := self.segments[0].frequency_column(field, term)):
            return column[0]
        if not self.is_common(self.document_frequency(field, term)):
            return None
        return self._columns.get((field, term), lambda: (self.spread(*self.postings(field, term)),))[0]

    def is_common(self, frequency: int) -> bool:
        """Whether a column over all documents is worth its bytes to a token that is in so many of them."""
        return frequency * _COMMON_SHARE >= self.documents

    def spread(self, docs: Documents, freqs: NDArray[Any]) -> NDArray[Any]:
        """[documents] the frequencies at their documents, 0 elsewhere; a byte each where they fit."""
        narrow = freqs.dtype.kind == "i" and int(freqs.max(initial=0)) < 256
        column = np.zeros(self.documents, np.uint8 if narrow else freqs.dtype)
        column[docs.astype(np.intp)] = freqs
        return column

    def positions(self, field: str, term: str, docs: Documents) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """bounds[len(docs) + 1], positions[n]: those of docs[i] are positions[bounds[i]:bounds[i + 1]]. `docs` all have the term."""
        if len(self.segments) == 1:
            return self.segments[0].positions(field, term, docs)
        cuts = np.searchsorted(docs, self.bases).tolist()
        bounds = [np.zeros(1, np.int64)]
        flat = [NO_DOCUMENTS]
        total = 0
        for i, segment in enumerate(self.segments):
            if cuts[i] == cuts[i + 1]:
                continue
            local = docs[cuts[i] : cuts[i + 1]] - np.int32(self.bases[i])
            of_segment, positions = segment.positions(field, term, local)
            bounds.append(of_segment[1:] + total)
            flat.append(positions)
            total += len(positions)
        return np.concatenate(bounds), np.concatenate(flat)

    def occurrences(self, words: Sequence[tuple[str, str]], docs: Documents) -> Occurrences:
        """word[n], slot[n], position[n]: where words stand in some documents, ascending, by their places in both lists, in no order. A word
        is a term of `text`, or one of `folded` that stands for all its spellings.
        """
        if len(self.segments) == 1:
            return self.segments[0].occurrences(words, docs)
        cuts = docs.searchsorted(self.bases).tolist()
        found: list[Occurrences] = [(NO_KEYS, NO_KEYS, NO_KEYS)]
        for segment, base, (begin, end) in zip(self.segments, self.bases.tolist(), pairwise(cuts), strict=False):
            if begin < end:
                word, slot, position = segment.occurrences(words, docs[begin:end] - np.int32(base))
                found.append((word, slot + begin, position))
        word, slot, position = (np.concatenate(column) for column in zip(*found, strict=True))
        return word, slot, position

    def pair_frequencies(
        self, keys: Sequence[Hashable], terms: Callable[[int], tuple[Sequence[str], Sequence[str]]]
    ) -> list[int]:
        """For each pair the number of documents where a term of the second list of `terms(number)` follows one of the first, summed over all
        pairs of terms of `text` and over the segments: pairs of one document in a segment count nothing. What was counted is kept under its key.
        """
        known = self._pairs
        new = [number for number, key in enumerate(keys) if key not in known]
        if new:
            if len(known) + len(new) > _KEPT:
                known, new = {}, list(range(len(keys)))
                self._pairs = known
            asked = [terms(number) for number in new]
            sums = sum((segment.pair_frequencies(asked) for segment in self.segments), np.zeros(len(new), np.int64))
            known.update(zip([keys[number] for number in new], sums.tolist(), strict=True))
        return [known[key] for key in keys]

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`."""
        return self._terms(lambda segment: segment.prefixed(field, prefix))

    def prefix_postings(self, field: str, prefix: str) -> tuple[Documents, NDArray[np.float64]]:
        """The documents with a term that begins with `prefix`, ascending, and how often they have one."""
        found = [(NO_DOCUMENTS, NO_DOCUMENTS)]
        for segment, base in zip(self.segments, self.bases.tolist(), strict=False):
            docs, freqs = segment.prefix_postings(field, prefix)
            found.append((docs + np.int32(base) if base else docs, freqs))
        docs, freqs = (np.concatenate(column) for column in zip(*found, strict=True))
        return docs, freqs.astype(np.float64)

    def pair_postings(self, first: str, second: str) -> tuple[Documents, NDArray[Any]] | None:
        """The documents in which the second term of `text` follows the first, and how often; None where a segment would have to ask positions."""
        found = []
        for segment, base in zip(self.segments, self.bases.tolist(), strict=False):
            kept = segment.pair_postings(first, second)
            if kept is None:
                return None
            found.append((kept[0] + np.int32(base), kept[1]))
        if not found:
            return None
        return np.concatenate([docs for docs, _ in found]), np.concatenate([freqs for _, freqs in found])

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""
        spelled = self._spelled.get(folded)
        if spelled is None:
            if len(self._spelled) >= _KEPT_FORMS:
                self._spelled.clear()
            spelled = self._spelled[folded] = self._terms(lambda segment: segment.spellings(folded))
        return spelled

    def _terms(self, of_segment: Callable[[SegmentSource], list[str]]) -> list[str]:
        if len(self.segments) == 1:
            return of_segment(self.segments[0])
        return list(dict.fromkeys(term for segment in self.segments for term in of_segment(segment)))

    def documents_of_key(self, key: str) -> Documents:
        """Documents with this lookup key, deleted ones included."""
        found = [
            np.sort(segment.documents_of_key(key)) + np.int32(base)
            for segment, base in zip(self.segments, self.bases.tolist(), strict=False)
        ]
        return np.concatenate([NO_DOCUMENTS, *found]).astype(np.int32)

    def _side_by_side(self, of_segment: Callable[[SegmentSource], NDArray[Any]], empty: NDArray[Any]) -> NDArray[Any]:
        if len(self.segments) == 1:
            return of_segment(self.segments[0])
        return np.concatenate([empty, *map(of_segment, self.segments)])

    def lengths(self, field: str) -> NDArray[np.int32]:
        """[documents] exact number of tokens of the field."""
        return self._once(
            ("lengths", field), lambda: self._side_by_side(lambda s: s.lengths(field), np.zeros(0, np.int32))
        )

    def norms(self, field: str, k1: float, b: float) -> NDArray[np.float64]:
        """[documents] k1 · (1 − b + b · length / average length): what BM25 adds to a frequency. Deleted documents count in the average."""

        def make() -> NDArray[np.float64]:
            lengths = self.lengths(field)
            average = float(lengths.sum(dtype=np.int64)) / max(len(lengths), 1)
            return k1 * (1 - b + (b / average if average else 0.0) * lengths.astype(np.float64))

        return self._once(("norms", field, k1, b), make)

    def published(self) -> NDArray[np.int64]:
        """[documents] seconds since 1970 UTC, UNDATED where the date is not known."""
        return self._once("published", lambda: self._side_by_side(lambda s: s.published(), np.zeros(0, np.int64)))

    def days(self) -> Days:
        """The days of publication, in the zone of the news."""
        return self._once("days", lambda: days_of(self.published()))

    def recency(self) -> NDArray[np.int64]:
        """[documents] `published` as a key that can be negated: the undated come after every date."""
        return self._once("recency", lambda: np.maximum(self.published(), UNDATED + 1))

    def parts(self) -> NDArray[np.int32]:
        """[documents, 3] positions in `text` at which lead, body and captions begin."""
        return self._once("parts", lambda: self._side_by_side(lambda s: s.parts(), np.zeros((0, 3), np.int32)))

    def column(self, name: str) -> Column:
        """The values of all documents, equal values of several segments under one code."""
        return self._once(("column", name), lambda: self._column(name))

    def _column(self, name: str) -> Column:
        numbers: dict[str, int] = {}
        codes = [NO_DOCUMENTS]
        for segment in self.segments:
            of_segment, values = segment.column(name)
            renumber = np.fromiter((numbers.setdefault(value, len(numbers)) for value in values), np.int32, len(values))
            codes.append(renumber[of_segment])
        return counted(np.concatenate(codes), list(numbers))

    def codes_of(self, name: str, value: str) -> list[int]:
        """The codes of a column whose values equal `value` but for case and normal form."""

        def make() -> dict[str, list[int]]:
            codes: dict[str, list[int]] = {}
            for code, known in enumerate(self.column(name).values):
                codes.setdefault(fold_value(known), []).append(code)
            return codes

        return self._once(("codes", name), make).get(fold_value(value), [])

    def facet(self, name: str) -> Column:
        """The column as facets count it: values that differ in case alone, and sources that share a host, go under the most frequent name.

        A host is no name where there is another: pages that name no newspaper have their host for a source.
        """

        def make() -> Column:
            host = self.column("host") if name == "source" else None
            return facet_of(self.column(name), host, self.alive)

        return self._once(("facet", name), make)

    @property
    def profiles(self) -> Profiles | None:
        """Which documents are alike in every facet and in their day ("date"); None until `make_profiles`, and where that saves no work."""
        profiles: Profiles | None = self._made.get("profiles")
        return profiles

    def make_profiles(self) -> None:
        """Find out which documents are alike: that takes as long as counting them a few times."""
        # Those with few values first, so that there are few profiles for long.
        facets = sorted(((name, self.facet(name)) for name in FACET_FIELDS), key=lambda facet: len(facet[1].counts))
        columns = {**{name: facet.codes for name, facet in facets}, "date": self.days().codes}
        self._once("profiles", lambda: profiles_of(columns))

    def _segment(self, document: int) -> tuple[SegmentSource, int]:
        at = int(np.searchsorted(self.bases, document, side="right")) - 1
        return self.segments[at], document - int(self.bases[at])

    def id(self, document: int) -> str:
        """The article id of one document."""
        segment, local = self._segment(document)
        return segment.id(local)

    def articles(self, documents: Sequence[int]) -> list[Article]:
        """The stored articles of some documents, in their order."""
        if len(self.segments) == 1:
            return self.segments[0].articles(documents)
        return [segment.article(local) for segment, local in map(self._segment, documents)]
