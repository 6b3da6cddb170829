"""The terms of a segment: found in the dictionaries, their postings decoded and held in memory, many at the cost of a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ..postings_cache import PostingsCache
from .encode import bounds_of, common_from, frequent_from, pair_keys, place_of
from .frequencies import FrequencyColumn, column_of
from .layout import Container, damage_is_reported
from .occurrences import Common, Occurrences, Rare, occurrences_in
from .postings import POSITIONAL, FieldReader
from .strings import decoded

if TYPE_CHECKING:
    from .invert import Postings

_NONE = np.zeros(0, np.int32)
_NONE.setflags(write=False)
_NO_NUMBERS = np.zeros(0, np.int64)

_SEVERAL = 3
"""terms from which decoding all at once is faster than one by one"""
_MANY_FOLLOW = 2_000
"""terms behind a term from which they are searched apart, not copied beside those of others"""
_KEPT = 1 << 16
"""terms whose places are kept before that starts over"""

_Arrays = tuple[NDArray[np.int32], NDArray[np.int32]]


class _Place(NamedTuple):
    """Where the postings of a term are: in which field, under which number (−1: nowhere), of how many documents."""

    reader: FieldReader
    number: int
    frequency: int
    common: bool


class TermReader:
    """Reads the terms of one segment of documents 0 to `documents` − 1."""

    def __init__(self, container: Container, name: str, cache: PostingsCache) -> None:
        self.name = name
        self.documents = container.documents
        self._container = container
        self._cache = cache
        self._made: dict[Any, Any] = {}
        self._places: dict[tuple[str, str], _Place] = {}

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Two threads may both make it; either is as good."""
        if key not in self._made:
            with damage_is_reported(self._container.path):
                self._made[key] = make()
        return self._made[key]

    def field(self, name: str) -> FieldReader:
        """The postings of a field. Raises ValueError for what is none."""
        if name not in INDEXED_FIELDS:
            raise ValueError(f"there is no field {name}")
        reader: FieldReader = self._once(
            ("field", name), lambda: FieldReader(self._container, name, positions=name in POSITIONAL)
        )
        return reader

    def _find(self, field: str, term: str) -> _Place:
        """Where the postings of a term are kept: those of an accent-free form with one spelling are that spelling's."""
        place = self._places.get((field, term))
        if place is None:
            if len(self._places) >= _KEPT:
                self._places.clear()
            place = self._places[field, term] = self._place(field, term)
        return place

    def _place(self, field: str, term: str) -> _Place:
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            number = reader.terms.find(term)
            if number < 0:
                return _Place(reader, number, 0, False)
            if field == "folded" and not reader.document_frequency(number):
                reader, number = self.field("text"), int(self._spellings(number)[0])
            return _Place(reader, number, reader.document_frequency(number), reader.is_common(number))

    def _spellings(self, form: int) -> NDArray[Any]:
        at = self._container.array("folded.spelled")
        return self._container.array("folded.spellings")[int(at[form]) : int(at[form + 1])]

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term; 0 for the unknown."""
        return self._find(field, term).frequency

    def postings(self, field: str, term: str) -> _Arrays:
        """docs[p] ascending, freqs[p]; two empty arrays for the unknown. Never to be written to."""
        place = self._find(field, term)
        if not place.frequency:
            return _NONE, _NONE
        if place.common and (column := self.frequency_column(field, term)):
            # Common terms are held as columns, a byte a document, not as postings too.
            there = (column.frequencies != 0).nonzero()[0]
            return there.astype(np.int32), column.frequencies[there].astype(np.int32)
        docs, freqs = self._cache.get((self.name, field, term), partial(self._postings, place.reader, place.number))
        return docs, freqs

    def _postings(self, reader: FieldReader, number: int) -> _Arrays:
        with damage_is_reported(self._container.path):
            docs = reader.documents(number)
            if len(docs) and docs[-1] >= self.documents:
                raise ValueError("a term has documents that are not there")
            freqs = reader.frequencies(number)
        docs.setflags(write=False)
        freqs.setflags(write=False)
        return docs, freqs

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Decode the postings of many (field, term) at once, as far as they are not held in memory already."""
        of_reader: dict[FieldReader, dict[int, tuple[str, ...]]] = {}
        for field, term in wanted:
            place = self._find(field, term)
            if place.frequency and not place.common and (key := (self.name, field, term)) not in self._cache:
                of_reader.setdefault(place.reader, {})[place.number] = key
        with damage_is_reported(self._container.path):
            for reader, keys in of_reader.items():
                self._hold(reader, keys)

    def _hold(self, reader: FieldReader, keys: Mapping[int, tuple[str, ...]]) -> None:
        """Decode the postings of terms by number, and hold each under its key."""
        if len(keys) < _SEVERAL:
            return
        docs, freqs, df = reader.of_terms(np.array(list(keys)))
        if int(docs.max(initial=-1)) >= self.documents:
            raise ValueError("a term has documents that are not there")
        docs.setflags(write=False)
        freqs.setflags(write=False)
        for key, (begin, end) in zip(keys.values(), pairwise(bounds_of(df).tolist()), strict=True):
            self._cache.hold(key, (docs[begin:end], freqs[begin:end]))

    def prefix_postings(self, field: str, prefix: str) -> _Arrays:
        """docs[p] ascending, freqs[p]: the documents with a term that begins with `prefix`, and how often they have one."""
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            numbers = np.array(reader.terms.prefixed(prefix), np.int64)
            sums = self._sums(field, numbers)
            if field == "folded":
                # An accent-free form without postings has those of its one spelling.
                alone = numbers[reader.document_frequencies(numbers) == 0]
                at, spellings = (self._container.array(f"folded.{name}") for name in ("spelled", "spellings"))
                sums += self._sums("text", spellings[at[alone].astype(np.intp)].astype(np.int64))
        docs = (sums != 0).nonzero()[0]
        return docs.astype(np.int32), sums[docs].astype(np.int32)

    def _sums(self, field: str, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
        """[documents] how often terms by number come in each."""
        reader = self.field(field)
        common = reader.document_frequencies(numbers) >= common_from(self.documents)
        docs, freqs, _ = reader.of_terms(numbers[~common])
        sums: NDArray[np.float64] = np.bincount(docs, freqs, self.documents).astype(np.float64, copy=False)
        for number in numbers[common].tolist():
            if column := self.frequency_column(field, reader.terms[number]):
                sums += column.frequencies
        return sums

    def positions(self, field: str, term: str, docs: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """bounds[len(docs) + 1], positions[n]: those of docs[i], ascending, are positions[bounds[i]:bounds[i + 1]]. Only for `text` and `title`."""
        if field not in POSITIONAL:
            raise ValueError(f"the field {field} has no positions")
        there, freqs = self.postings(field, term)
        if not len(there) or not len(docs):
            return np.zeros(len(docs) + 1, np.int64), _NONE
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            number = reader.terms.find(term)
            if len(docs) == len(there) and (docs is there or np.array_equal(docs, there)):
                return reader.positions(number, freqs, None)
            places = np.minimum(np.searchsorted(there, docs), len(there) - 1)
            found = there[places] == docs
            bounds, positions = reader.positions(number, freqs, places[found])
            if found.all():
                return bounds, positions
            counts = np.zeros(len(docs), np.int64)
            counts[found] = np.diff(bounds)
            return bounds_of(counts), positions

    def frequency_column(self, field: str, term: str) -> FrequencyColumn | None:
        """How often a term with a bitmap comes in each document; None for the others. Never to be written to."""
        place = self._find(field, term)
        if not place.common:
            return None
        make = partial(self._column, place.reader, place.number)
        return FrequencyColumn(*self._cache.get((self.name, "column", field, term), make))

    def _column(self, reader: FieldReader, number: int) -> FrequencyColumn:
        with damage_is_reported(self._container.path):
            return column_of(reader.documents(number), reader.frequencies(number), self.documents)

    def occurrences(self, terms: Sequence[str], docs: NDArray[np.int32]) -> Occurrences:
        """Where different terms of `text` stand in some documents, ascending."""
        self.prefetch(("text", term) for term in terms)
        known: list[int] = []
        found: list[Rare | Common] = []
        for t, term in enumerate(terms):
            place = self._find("text", term)
            if place.frequency:
                known.append(t)
                column = self.frequency_column("text", term) if place.common else None
                of_term = Common(place.number, column) if column else Rare(place.number, *self.postings("text", term))
                found.append(of_term)
        with damage_is_reported(self._container.path):
            term_of_row, slot, position = occurrences_in(self.field("text"), found, docs, self.documents)
            return Occurrences(np.array(known, np.int64)[term_of_row], slot, position)

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`, in code point order of UTF-8."""
        with damage_is_reported(self._container.path):
            terms = self.field(field).terms
            numbers = terms.prefixed(prefix)
            return [decoded(term) for term in terms.between(numbers.start, numbers.stop)]

    def terms(self, field: str, low: int = 0, high: int | None = None) -> Iterator[bytes]:
        """The terms low to high − 1 of a field as UTF-8, ascending; all of them by default."""
        terms = self.field(field).terms
        return terms.between(low, len(terms) if high is None else high)

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""
        with damage_is_reported(self._container.path):
            number = self.field("folded").terms.find(folded)
            if number < 0:
                return []
            terms = self.field("text").terms
            return [terms[spelling] for spelling in self._spellings(number).tolist()]

    def between(self, field: str, low: int, high: int) -> Postings:
        """The postings of terms low to high − 1 of a field, all at once; of `folded` only those with several spellings."""
        with damage_is_reported(self._container.path):
            return self.field(field).between(low, high)

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] in how many documents a term of the second list follows one of the first at the next position, summed over all pairs of terms
        of `text`; 0 for pairs of a single document.
        """
        with damage_is_reported(self._container.path):
            find = self.field("text").terms.find
            numbers = [([n for n in map(find, a) if n >= 0], [n for n in map(find, b) if n >= 0]) for a, b in pairs]
            reader: FieldReader = self._once(
                "pairs",
                lambda: FieldReader(self._container, "pairs", positions=False, documents=self.field("text").count),
            )
            followed = self._followed(reader, {n for firsts, _ in numbers for n in firsts})
            postings, of_posting = self._pairs_among(reader, followed, numbers)
            return np.bincount(of_posting, reader.frequencies_at(postings), len(pairs)).astype(np.int64)

    def _pairs_among(
        self,
        reader: FieldReader,
        followed: Mapping[int, NDArray[np.int32]],
        pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The postings of the pairs that there are, and which of `pairs` each is of.

        What follows a common term is searched where it is; the rest is put together and searched at once: a question without accents has thousands
        of pairs of spellings, most of them of rare ones.
        """
        numbers = np.array(list(followed), np.int64)
        first_posting = dict(zip(followed, reader.first_postings(numbers).tolist(), strict=True))
        rare = [n for n, of_n in followed.items() if len(of_n) < _MANY_FOLLOW]
        place = {n: number for number, n in enumerate(rare)}
        found, of_found = [_NO_NUMBERS], [_NO_NUMBERS]
        wanted, of_wanted = [_NO_NUMBERS], [_NO_NUMBERS]
        single, of_single = [], []
        for pair, (firsts, seconds) in enumerate(pairs):
            if len(firsts) == len(seconds) == 1 and firsts[0] in place:
                single.append(place[firsts[0]] << 32 | seconds[0])
                of_single.append(pair)
                continue
            second = np.array(sorted(seconds), np.int64)
            few = np.array([place[n] for n in firsts if n in place], np.int64)
            wanted.append(pair_keys(few[:, None], second).reshape(-1))
            of_wanted.append(np.full(len(wanted[-1]), pair))
            for n in firsts:
                if n not in place:
                    at, there = _found(followed[n], second.astype(np.int32))
                    found.append(at[there] + first_posting[n])
                    of_found.append(np.full(len(there), pair))
        wanted.append(np.array(single, np.int64))
        of_wanted.append(np.array(of_single, np.int64))
        bounds = bounds_of(np.array([len(followed[n]) for n in rare], np.int64))
        of_key = np.repeat(np.arange(len(rare)), np.diff(bounds))
        keys = pair_keys(of_key, np.concatenate([_NO_NUMBERS, *(followed[n] for n in rare)]))
        at, there = _found(keys, np.concatenate(wanted))
        at = at[there]
        begins = np.array([first_posting[n] for n in rare], np.int64) - bounds[:-1]
        found.append(at + begins[of_key[at]])
        of_found.append(np.concatenate(of_wanted)[there])
        return np.concatenate(found), np.concatenate(of_found)

    def _followed(self, reader: FieldReader, firsts: set[int]) -> dict[int, NDArray[np.int32]]:
        """For each term the numbers of the terms that follow it in two documents or more."""
        keys = {n: (self.name, "pairs", str(n)) for n in firsts}
        missing = [n for n, key in keys.items() if key not in self._cache and not reader.is_common(n)]
        if len(missing) >= _SEVERAL:
            seconds, df = reader.documents_of(np.array(missing))
            seconds.setflags(write=False)
            for n, (begin, end) in zip(missing, pairwise(bounds_of(df).tolist()), strict=True):
                self._cache.hold(keys[n], (seconds[begin:end],))
        return {n: self._cache.get(key, partial(_alone, reader.documents, n))[0] for n, key in keys.items()}

    def pair_postings(self, first: str, second: str) -> _Arrays | None:
        """docs[p], freqs[p] where the second term of `text` follows the first at the next position; None where positions must be asked.

        They are kept for pairs of terms that half of the documents have: where comparing positions would be slow.
        """
        with damage_is_reported(self._container.path):
            text = self.field("text")
            numbers = [text.terms.find(term) for term in (first, second)]
            if any(n < 0 or text.document_frequency(n) < frequent_from(self.documents) for n in numbers):
                return None
            docs, freqs = self._cache.get((self.name, "phrases", first, second), partial(self._phrase, *numbers))
            return docs, freqs

    def _phrase(self, first: int, second: int) -> _Arrays:
        pairs, key = self._container.array("phrases.pairs"), first << 32 | second
        at = place_of(pairs, key)
        if at == len(pairs) or pairs[at] != key:
            return _NONE, _NONE
        reader: FieldReader = self._once("phrases", lambda: FieldReader(self._container, "phrases", positions=False))
        return reader.documents(at), reader.frequencies(at)


def _alone(read: Callable[[int], NDArray[np.int32]], number: int) -> tuple[NDArray[np.int32]]:
    return (read(number),)


def _found(table: NDArray[Any], values: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The places of values in an ascending table, and which of them are there."""
    at = table.searchsorted(values)
    if not len(table):
        return at, at[:0]
    at[at == len(table)] = 0
    return at, (table[at] == values).nonzero()[0]
