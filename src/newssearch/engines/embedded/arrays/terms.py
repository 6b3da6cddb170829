"""The terms of a segment: found in the dictionaries, their postings decoded and held in memory, many at the cost of a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ..postings_cache import PostingsCache
from .encode import bounds_of, common_from, frequent_from, place_of
from .field_reader import FieldReader
from .followers import Followers
from .frequencies import FrequencyColumn, column_of
from .layout import Container, damage_is_reported
from .occurrences import Occurrences, occurrences_in
from .postings import POSITIONAL
from .strings import decoded
from .together import Arrays, postings_of
from .words import Name, Words

if TYPE_CHECKING:
    from .invert import Postings

_NONE = np.zeros(0, np.int32)
_NONE.setflags(write=False)
_KEPT = 1 << 16
"""terms whose places are kept before that starts over"""
_AT_ONCE = 256
"""terms that are read ahead in one pass"""


class _Place(NamedTuple):
    """Where the postings of a term are: in which field, under which number (−1: nowhere), of how many documents."""

    key: tuple[str, str, int]
    """under which they are held in memory"""
    reader: FieldReader
    number: int
    frequency: int
    common: bool
    """whether they are held as a column, a byte a document, not as postings"""


class TermReader:
    """Reads the terms of one segment of documents 0 to `documents` − 1."""

    def __init__(self, container: Container, name: str, cache: PostingsCache) -> None:
        self.name = name
        self.documents = container.documents
        self._container = container
        self._cache = cache
        self._made: dict[Any, Any] = {}
        self._fields: dict[str, FieldReader] = {}
        self._places: dict[tuple[str, str], _Place] = {}
        self._common_from = common_from(self.documents)

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        """Two threads may both make it; either is as good."""
        if key not in self._made:
            with damage_is_reported(self._container.path):
                self._made[key] = make()
        return self._made[key]

    def field(self, name: str) -> FieldReader:
        """The postings of a field. Raises ValueError for what is none."""
        reader = self._fields.get(name)
        if reader is None:
            if name not in INDEXED_FIELDS:
                raise ValueError(f"there is no field {name}")
            with damage_is_reported(self._container.path):
                reader = self._fields[name] = FieldReader(self._container, name, positions=name in POSITIONAL)
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
            place = self._place_of(reader, number)
            if field == "folded" and number >= 0 and not place.frequency:
                return self._place_of(self.field("text"), self._spellings(number).item(0))
            return place

    def _place_of(self, reader: FieldReader, number: int) -> _Place:
        frequency = reader.document_frequency(number) if number >= 0 else 0
        return _Place((self.name, reader.name, number), reader, number, frequency, frequency >= self._common_from)

    def _spellings(self, form: int) -> NDArray[Any]:
        at = self._container.array("folded.spelled")
        return self._container.array("folded.spellings")[at.item(form) : at.item(form + 1)]

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term; 0 for the unknown."""
        return self._find(field, term).frequency

    def postings(self, field: str, term: str) -> Arrays:
        """docs[p] ascending, freqs[p]; two empty arrays for the unknown. Never to be written to."""
        place = self._find(field, term)
        if not place.frequency:
            return _NONE, _NONE
        if place.common:
            frequencies = self._column(place).frequencies
            # Numpy looks for what is true four times as fast as for what is not 0.
            there = (frequencies != 0).nonzero()[0]
            return there.astype(np.int32), frequencies.take(there)
        docs, freqs = self._cache.get(place.key, partial(self._postings, place))
        return docs, freqs

    def _postings(self, place: _Place) -> Arrays:
        with damage_is_reported(self._container.path):
            return postings_of([(place.reader, place.number)])[0]

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Decode the postings of many (field, term) at once, as far as they are not held in memory already."""
        missing: dict[tuple[str, str, int], tuple[FieldReader, int]] = {}
        places, held = self._places, self._cache.keys()
        for of_term in wanted:
            place = places.get(of_term) or self._find(*of_term)
            if place.frequency and not place.common and place.key not in held:
                missing[place.key] = place.reader, place.number
        if missing:
            with damage_is_reported(self._container.path):
                self._cache.hold(zip(missing, postings_of(list(missing.values())), strict=True))

    def find_ahead(self, field: str, numbers: Sequence[int]) -> None:
        """Keep where the postings of terms by number are."""
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            for number in numbers:
                self._places[field, reader.terms[number]] = self._place_of(reader, number)

    def read_ahead(self, field: str, numbers: Sequence[int]) -> None:
        """Hold what is asked of terms by number in memory, those given last as the latest."""
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            places = [place for n in numbers if (place := self._place_of(reader, n)).key not in self._cache]
            rare = [place for place in places if not place.common]
            for begin in range(0, len(rare), _AT_ONCE):
                several = rare[begin : begin + _AT_ONCE]
                decoded = postings_of([(reader, place.number) for place in several])
                self._cache.hold(zip([place.key for place in several], decoded, strict=True))
            for place in places:
                if place.common:
                    self._column(place)
            if field == "text":
                self._words().read_ahead([reader.terms[number] for number in numbers])

    def prefix_postings(self, field: str, prefix: str) -> Arrays:
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
        return self._column(place) if place.common else None

    def _column(self, place: _Place) -> FrequencyColumn:
        return self._cache.get(place.key, partial(self._made_column, place))

    def _made_column(self, place: _Place) -> FrequencyColumn:
        with damage_is_reported(self._container.path):
            return column_of(place.reader, place.number)

    def occurrences(self, words: Sequence[Name], docs: NDArray[np.int32]) -> Occurrences:
        """Where words stand in some documents, ascending: terms of `text`, or of `folded` that stand for all their spellings."""
        with damage_is_reported(self._container.path):
            held = self._words()
            return occurrences_in(self.field("text"), held.of(words), held.column, docs)

    def _words(self) -> Words:
        words: Words = self._once("words", lambda: Words(self.field("text"), self._numbers, self._cache, self.name))
        return words

    def _numbers(self, word: Name) -> list[int]:
        """The numbers of the terms of `text` that a word stands for."""
        field, term = word
        number = self.field(field).terms.find(term)
        if number < 0:
            return []
        spellings: list[int] = [number] if field == "text" else self._spellings(number).tolist()
        return spellings

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`, in code point order of UTF-8."""
        with damage_is_reported(self._container.path):
            terms = self.field(field).terms
            numbers = terms.prefixed(prefix)
            return [decoded(term) for term in terms.between(numbers.start, numbers.stop)]

    def frequent(self, field: str, limit: int) -> list[str]:
        """Up to `limit` terms that are in the most documents, most frequent first."""
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            df, _ = reader.totals()
            return [reader.terms[number] for number in (-df).argsort(kind="stable")[:limit].tolist()]

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
            numbers = self._spellings(number).tolist()
            spelled = [terms[spelling] for spelling in numbers]
            # They are what is asked for next.
            for term, spelling in zip(spelled, numbers, strict=True):
                terms.remember(term, spelling)
            return spelled

    def between(self, field: str, low: int, high: int) -> Postings:
        """The postings of terms low to high − 1 of a field, all at once; of `folded` only those with several spellings."""
        with damage_is_reported(self._container.path):
            return self.field(field).between(low, high)

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] in how many documents a term of the second list follows one of the first at the next position, summed over all pairs of terms
        of `text`; 0 for pairs of a single document.
        """
        with damage_is_reported(self._container.path):
            # A word stands in two pairs as a rule, with the very same list.
            numbers: dict[int, list[int]] = {}
            for terms in chain.from_iterable(pairs):
                if id(terms) not in numbers:
                    numbers[id(terms)] = self._numbers_in_text(terms)
            return self._followers().frequencies([(numbers[id(a)], numbers[id(b)]) for a, b in pairs])

    def _numbers_in_text(self, terms: Sequence[str]) -> list[int]:
        """The numbers of those terms that `text` has."""
        find, places = self.field("text").terms.find, self._places
        known = [places.get(("text", term)) for term in terms]
        found = [place.number if place else find(term) for place, term in zip(known, terms, strict=True)]
        return found if min(found, default=0) >= 0 else [number for number in found if number >= 0]

    def read_pairs_ahead(self, most: int) -> int:
        """Hold all pairs of terms in memory if they take up to `most` bytes; return how many they take, 0 where they were left."""
        with damage_is_reported(self._container.path):
            return self._followers().read_ahead(most)

    def _followers(self) -> Followers:
        def make() -> Followers:
            terms = self.field("text").count
            reader = FieldReader(self._container, "pairs", positions=False, documents=terms)
            return Followers(reader, self._cache, (self.name, "pairs"))

        followers: Followers = self._once("pairs", make)
        return followers

    def pair_postings(self, first: str, second: str) -> Arrays | None:
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

    def _phrase(self, first: int, second: int) -> Arrays:
        pairs, key = self._container.array("phrases.pairs"), first << 32 | second
        at = place_of(pairs, key)
        if at == len(pairs) or pairs[at] != key:
            return _NONE, _NONE
        reader: FieldReader = self._once("phrases", lambda: FieldReader(self._container, "phrases", positions=False))
        return reader.documents(at), reader.frequencies(at)
