"""The segments of one commit as one range of documents, with what depends on the commit alone worked out once."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise, product, starmap
from typing import Any, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ...models import Article
from ...records import dataclass
from .executor_arrays import NO_DOCUMENTS, NO_KEYS, Documents, contains, unite_sums
from .executor_spans import keys_of, phrase
from .postings_cache import PostingsCache
from .source import UNDATED, SegmentSource

_T = TypeVar("_T")

Occurrences = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]

_COMMON_SHARE = 8
_KEPT = 1 << 16
"""pairs of words whose frequencies are kept before that starts over"""


@dataclass(frozen=True, slots=True)
class Column:
    """One value a document: the value of document d is values[codes[d]]; "" is no value."""

    codes: NDArray[np.int32]
    values: list[str]


def fold_value(value: str) -> str:
    """The form in which values of columns are compared: NFC, case folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


@runtime_checkable
class StoresPairs(Protocol):
    """A segment that knows how often terms of `text` stand side by side."""

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] in how many documents a term of the second list follows one of the first at the next position, summed over all pairs of terms;
        0 for pairs of a single document."""


@runtime_checkable
class ReadsPrefixes(Protocol):
    """A segment that reads the postings of all the terms with a prefix at once."""

    def prefix_postings(self, field: str, prefix: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p] ascending, freqs[p]: the documents with a term that begins with `prefix`, and how often they have one."""


@runtime_checkable
class StoresPhrases(Protocol):
    """A segment that keeps the postings of pairs of very frequent terms."""

    def pair_postings(self, first: str, second: str) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
        """docs[p] ascending, freqs[p] where the second term of `text` follows the first at the next position; None where they are not kept."""


@runtime_checkable
class Prefetches(Protocol):
    """A segment that reads the postings of many terms at once and holds them in memory."""

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Read the postings of these (field, term)."""


@runtime_checkable
class KeepsColumns(Protocol):
    """A segment that holds the frequencies of common terms as columns."""

    def frequency_column(self, field: str, term: str) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """First [documents] how often a common term comes in each; None for another term."""


@runtime_checkable
class ReadsOccurrences(Protocol):
    """A segment that reads where many terms stand at once."""

    def occurrences(self, terms: Sequence[str], docs: Documents) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """term[n], slot[n], position[n]: where different terms of `text` stand in some documents, ascending, by their places in both lists."""


def _occurrences(segment: SegmentSource, terms: Sequence[str], docs: Documents) -> Occurrences:
    found: list[Occurrences] = [(NO_KEYS, NO_KEYS, NO_KEYS)]
    for number, term in enumerate(terms):
        there = contains(segment.postings("text", term)[0], docs).nonzero()[0]
        if not len(there):
            continue
        bounds, positions = segment.positions("text", term, docs[there])
        slots = np.repeat(there, np.diff(bounds))
        found.append((np.full(len(slots), number), slots, positions))
    term_of, slot, position = (np.concatenate(column) for column in zip(*found, strict=True))
    return term_of, slot, position


def _count(segment: SegmentSource, first: str, second: str) -> int:
    """The number of documents of a segment with the pair, 0 for one."""
    docs, _ = segment.postings("text", first)
    docs = docs[contains(segment.postings("text", second)[0], docs)]
    if len(docs) < 2:
        return 0
    keys = [keys_of(docs, *segment.positions("text", term, docs)) for term in (first, second)]
    count = len(phrase(keys).documents())
    return count if count > 1 else 0


def _most_frequent(names: Counter[str]) -> str:
    """The first in order of the most frequent names."""
    return min(names, key=lambda name: (-names[name], name))


class Collection:
    """Segments side by side: document d of segment s is number bases[s] + d. Deleted documents keep their numbers and count in N and df."""

    def __init__(self, segments: Sequence[SegmentSource]) -> None:
        self.segments = tuple(segments)
        sizes = [segment.documents for segment in self.segments]
        self.bases = np.concatenate(([0], np.cumsum(sizes, dtype=np.int64)))
        self.documents = int(self.bases[-1])
        self._made: dict[Any, Any] = {}
        # What each segment can do beside what all can, None where it cannot: to find out takes long.
        self._prefetching = [s if isinstance(s, Prefetches) else None for s in self.segments]
        self._with_columns = [s if isinstance(s, KeepsColumns) else None for s in self.segments]
        self._with_occurrences = [s if isinstance(s, ReadsOccurrences) else None for s in self.segments]
        self._with_prefixes = [s if isinstance(s, ReadsPrefixes) else None for s in self.segments]
        self._with_phrases = [s if isinstance(s, StoresPhrases) else None for s in self.segments]
        self._with_pairs = [s if isinstance(s, StoresPairs) else None for s in self.segments]
        self._columns = PostingsCache()
        self._pairs: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}

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
        for segment in self._prefetching:
            if segment:
                segment.prefetch(wanted)

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term over all segments."""
        return sum(segment.document_frequency(field, term) for segment in self.segments)

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
        if len(self.segments) == 1 and (segment := self._with_columns[0]):
            column = segment.frequency_column(field, term)
            return column[0] if column else None
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

    def occurrences(self, terms: Sequence[str], docs: Documents) -> Occurrences:
        """term[n], slot[n], position[n]: where different terms of `text` stand in some documents, ascending, by their places in both lists."""
        cuts = np.searchsorted(docs, self.bases).tolist()
        found: list[Occurrences] = [(NO_KEYS, NO_KEYS, NO_KEYS)]
        able = self._with_occurrences
        for segment, reads, base, (begin, end) in zip(
            self.segments, able, self.bases.tolist(), pairwise(cuts), strict=False
        ):
            if begin < end:
                local = docs[begin:end] - np.int32(base)
                of_segment = reads.occurrences(terms, local) if reads else _occurrences(segment, terms, local)
                if end - begin == len(docs):
                    return of_segment
                found.append((of_segment[0], of_segment[1] + begin, of_segment[2]))
        term, slot, position = (np.concatenate(column) for column in zip(*found, strict=True))
        return term, slot, position

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] the number of documents where a term of the second list follows one of the first, summed over all pairs of terms of `text` and
        over what the segments store: pairs of one document in a segment count nothing. Counted from positions, and kept, where a segment stores none.
        """
        keys = [(tuple(first), tuple(second)) for first, second in pairs]
        new = [key for key in dict.fromkeys(keys) if key not in self._pairs]
        if len(self._pairs) + len(new) > _KEPT:
            self._pairs, new = {}, list(dict.fromkeys(keys))
        known = self._pairs
        known.update(zip(new, self._pair_frequencies(new).tolist(), strict=True))
        return np.array([known[key] for key in keys], np.int64)

    def _pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        sums = np.zeros(len(pairs), np.int64)
        for number, segment in enumerate(self._with_pairs if pairs else ()):
            if segment:
                sums += segment.pair_frequencies(pairs)
            else:
                counts = (sum(starmap(partial(self._counted, number), product(*of_pair))) for of_pair in pairs)
                sums += np.fromiter(counts, np.int64, len(pairs))
        return sums

    def _counted(self, number: int, first: str, second: str) -> int:
        return self._once(("pair", number, first, second), lambda: _count(self.segments[number], first, second))

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`."""
        return self._terms(lambda segment: segment.prefixed(field, prefix))

    def prefix_postings(self, field: str, prefix: str) -> tuple[Documents, NDArray[np.float64]]:
        """The documents with a term that begins with `prefix`, ascending, and how often they have one."""
        found: list[tuple[Documents, NDArray[Any]]] = []
        able = self._with_prefixes
        for segment, reads, base in zip(self.segments, able, self.bases.tolist(), strict=False):
            if reads:
                of_segment = [reads.prefix_postings(field, prefix)]
            else:
                of_segment = [segment.postings(field, term) for term in segment.prefixed(field, prefix)]
            found += [(docs + np.int32(base) if base else docs, freqs) for docs, freqs in of_segment]
        if all(able):
            # Each has its documents once and in order.
            docs, freqs = (np.concatenate(column) for column in zip(*found, strict=True)) if found else ([], [])
            return np.asarray(docs, np.int32), np.asarray(freqs, np.float64)
        return unite_sums(found, self.documents)

    def pair_postings(self, first: str, second: str) -> tuple[Documents, NDArray[Any]] | None:
        """The documents in which the second term of `text` follows the first, and how often; None where a segment would have to ask positions."""
        found = []
        for segment, base in zip(self._with_phrases, self.bases.tolist(), strict=False):
            kept = segment.pair_postings(first, second) if segment else None
            if kept is None:
                return None
            found.append((kept[0] + np.int32(base), kept[1]))
        if not found:
            return None
        return np.concatenate([docs for docs, _ in found]), np.concatenate([freqs for _, freqs in found])

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""
        return self._terms(lambda segment: segment.spellings(folded))

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
        return Column(np.concatenate(codes), list(numbers))

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
        return self._once(("facet", name), lambda: self._facet(name))

    def _facet(self, name: str) -> Column:
        column = self.column(name)
        keys = [fold_value(value) for value in column.values]
        if name != "source":
            group_of_pair, pairs = column.codes, [(key, code) for code, key in enumerate(keys)]
        else:
            host = self.column("host")
            width = len(host.values)
            both, group_of_pair = np.unique(
                column.codes.astype(np.int64) * max(width, 1) + host.codes, return_inverse=True
            )
            pairs = [
                (fold_value(host.values[pair % width]) or keys[pair // width], pair // width) for pair in both.tolist()
            ]
        alive = self.alive
        seen = np.bincount(group_of_pair if alive is None else group_of_pair[alive], minlength=len(pairs)).tolist()
        names: dict[str, Counter[str]] = {}
        for (key, code), count in zip(pairs, seen, strict=True):
            if column.values[code]:
                names.setdefault(key, Counter())[column.values[code]] += count
        if name == "source":
            for host_key, of_group in names.items():
                if proper := {known: count for known, count in of_group.items() if fold_value(known) != host_key}:
                    names[host_key] = Counter(proper)
        # Two hosts whose most frequent names are the same are one value to whoever reads the facet.
        together: dict[str, Counter[str]] = {}
        for of_group in names.values():
            together.setdefault(fold_value(_most_frequent(of_group)), Counter()).update(of_group)
        number_of = {label: number for number, label in enumerate(together, 1)}
        renumber = np.zeros(max(len(pairs), 1), np.int32)
        for i, (key, code) in enumerate(pairs):
            if column.values[code]:
                renumber[i] = number_of[fold_value(_most_frequent(names[key]))]
        return Column(renumber[group_of_pair], ["", *map(_most_frequent, together.values())])

    def _segment(self, document: int) -> tuple[SegmentSource, int]:
        at = int(np.searchsorted(self.bases, document, side="right")) - 1
        return self.segments[at], document - int(self.bases[at])

    def id(self, document: int) -> str:
        """The article id of one document."""
        segment, local = self._segment(document)
        return segment.id(local)

    def article(self, document: int) -> Article:
        """The stored article of one document."""
        segment, local = self._segment(document)
        return segment.article(local)
