"""Reads a segment: a SegmentSource over one mapped file, safe across threads, for nothing in it has a seek position."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import IndexDamaged
from ....fields import INDEXED_FIELDS
from ....models import Article
from ..postings_cache import PostingsCache
from .articles import article_from, decompressor
from .columns import documents_of_key, read_keys
from .encode import bounds_of, common_from, frequent_from, pair_keys, place_of
from .frequencies import FrequencyColumn, column_of
from .invert import Postings
from .layout import MEND, Container, damage_is_reported
from .occurrences import Common, Occurrences, Rare, occurrences_in
from .postings import POSITIONAL, FieldReader
from .strings import Strings, decoded

_NONE = np.zeros(0, np.int32)
_NONE.setflags(write=False)
_NO_NUMBERS = np.zeros(0, np.int64)


_SEVERAL = 3
"""terms from which decoding all at once is faster than one by one"""


def _read(reader: FieldReader, number: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return reader.documents(number), reader.frequencies(number)


class ArraySegment:
    """One segment of documents 0 to `documents` − 1. Opening reads the header and the directory, whatever the size of the rest."""

    def __init__(self, container: Container, name: str, cache: PostingsCache) -> None:
        """Use `open`."""
        self.name = name
        self.documents = container.documents
        self.deleted: NDArray[np.bool_] | None = None
        self._container = container
        self._cache = cache
        self._made: dict[Any, Any] = {}
        self._of_thread = threading.local()

    @classmethod
    def open(cls, folder: Path, name: str, *, verify: bool = False, cache: PostingsCache | None = None) -> ArraySegment:
        """Return the segment `name` of `folder`, read to its last byte if `verify`. Raises FileNotFoundError, IndexDamaged, IndexOutdated."""
        container = Container(folder, name)
        if verify:
            for problem in container.problems():
                raise IndexDamaged(f"The segment {name} of {folder} is damaged: {problem}", MEND)
        return cls(container, name, cache or PostingsCache())

    def masked(self, deleted: NDArray[np.bool_] | None) -> ArraySegment:
        """Return the same segment with these documents deleted; the file and what was decoded are shared."""
        view = copy.copy(self)
        view.deleted = deleted if deleted is not None and deleted.any() else None
        return view

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._container.size

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

    def _find(self, field: str, term: str) -> tuple[FieldReader, int]:
        """Where the postings of a term are kept: those of an accent-free form with one spelling are that spelling's. −1 for the unknown."""
        reader = self.field(field)
        number = reader.terms.find(term)
        if field == "folded" and number >= 0 and not reader.document_frequency(number):
            return self.field("text"), int(self._spellings(number)[0])
        return reader, number

    def _spellings(self, form: int) -> NDArray[Any]:
        at = self._container.array("folded.spelled")
        return self._container.array("folded.spellings")[int(at[form]) : int(at[form + 1])]

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term; 0 for the unknown."""
        with damage_is_reported(self._container.path):
            reader, number = self._find(field, term)
            return reader.document_frequency(number) if number >= 0 else 0

    def postings(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p] ascending, freqs[p]; two empty arrays for the unknown. Never to be written to."""
        column = self.frequency_column(field, term)
        if column:
            # Common terms are held as columns, a byte a document, not as postings too.
            there = column.frequencies.nonzero()[0]
            return there.astype(np.int32), column.frequencies[there].astype(np.int32)
        docs, freqs = self._cache.get((self.name, field, term), lambda: self._postings(field, term))
        return docs, freqs

    def _postings(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        with damage_is_reported(self._container.path):
            reader, number = self._find(field, term)
            if number < 0:
                return _NONE, _NONE
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
        with damage_is_reported(self._container.path):
            for field, term in wanted:
                key = (self.name, field, term)
                if key not in self._cache:
                    reader, number = self._find(field, term)
                    if number >= 0 and not reader.is_common(number):
                        of_reader.setdefault(reader, {})[number] = key
            for reader, keys in of_reader.items():
                self._hold(reader, keys, self.documents)

    def _hold(self, reader: FieldReader, keys: Mapping[int, tuple[str, ...]], documents: int) -> None:
        """Decode the postings of terms by number, and hold each under its key."""
        if len(keys) < _SEVERAL:
            return
        docs, freqs, df = reader.of_terms(np.array(list(keys)))
        if int(docs.max(initial=-1)) >= documents:
            raise ValueError("a term has documents that are not there")
        docs.setflags(write=False)
        freqs.setflags(write=False)
        for key, (begin, end) in zip(keys.values(), pairwise(bounds_of(df).tolist()), strict=True):
            self._cache.hold(key, (docs[begin:end], freqs[begin:end]))

    def prefix_postings(self, field: str, prefix: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p], freqs[p] of every term that begins with `prefix`, in any order: a document comes once for each of its terms."""
        with damage_is_reported(self._container.path):
            reader = self.field(field)
            numbers = np.array(reader.terms.prefixed(prefix), np.int64)
            parts = [self._postings_of(reader, numbers)]
            if field == "folded":
                # An accent-free form without postings has those of its one spelling.
                alone = numbers[reader.document_frequencies(numbers) == 0]
                at, spellings = (self._container.array(f"folded.{name}") for name in ("spelled", "spellings"))
                parts.append(
                    self._postings_of(self.field("text"), spellings[at[alone].astype(np.intp)].astype(np.int64))
                )
        return np.concatenate([docs for docs, _ in parts]), np.concatenate([freqs for _, freqs in parts])

    def _postings_of(
        self, reader: FieldReader, numbers: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The postings of terms by number, in any order."""
        common = reader.document_frequencies(numbers) >= common_from(self.documents)
        docs, freqs, _ = reader.of_terms(numbers[~common])
        with_bitmap = numbers[common].tolist()
        return (
            np.concatenate([docs, *map(reader.documents, with_bitmap)]),
            np.concatenate([freqs, *map(reader.frequencies, with_bitmap)]),
        )

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
        with damage_is_reported(self._container.path):
            reader, number = self._find(field, term)
            if number < 0 or not reader.is_common(number):
                return None
            return FrequencyColumn(
                *self._cache.get((self.name, "column", field, term), partial(self._column, reader, number))
            )

    def _column(self, reader: FieldReader, number: int) -> FrequencyColumn:
        return column_of(reader.documents(number), reader.frequencies(number), self.documents)

    def occurrences(self, terms: Sequence[str], docs: NDArray[np.int32]) -> Occurrences:
        """Where different terms of `text` stand in some documents, ascending."""
        known: list[int] = []
        found: list[Rare | Common] = []
        with damage_is_reported(self._container.path):
            reader = self.field("text")
            for t, term in enumerate(terms):
                if (number := reader.terms.find(term)) >= 0:
                    known.append(t)
                    column = self.frequency_column("text", term)
                    found.append(Common(number, column) if column else Rare(number, *self.postings("text", term)))
            term_of_row, slot, position = occurrences_in(reader, found, docs, self.documents)
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
            numbers = [[[n for n in map(find, terms) if n >= 0] for terms in pair] for pair in pairs]
            followed = self._followed({n for firsts, _ in numbers for n in firsts})
        place = {first: place for place, first in enumerate(followed)}
        seconds = np.concatenate([_NO_NUMBERS, *(of_first for of_first, _ in followed.values())])
        documents = np.concatenate([_NO_NUMBERS, *(counts for _, counts in followed.values())])
        firsts = np.repeat(np.arange(len(followed)), [len(of_first) for of_first, _ in followed.values()])
        wanted = [
            pair_keys(np.array([place[n] for n in a], np.int64)[:, None], np.array(b, np.int64)).reshape(-1)
            for a, b in numbers
        ]
        # One search for all: a question without accents has thousands of pairs of spellings.
        keys, flat = pair_keys(firsts, seconds), np.concatenate([_NO_NUMBERS, *wanted])
        at = np.minimum(keys.searchsorted(flat), max(len(keys) - 1, 0))
        there = (keys[at] == flat).nonzero()[0] if len(keys) else at[:0]
        of_pair = np.repeat(np.arange(len(pairs)), [len(of_pair) for of_pair in wanted])[there]
        return np.bincount(of_pair, documents[at[there]], len(pairs)).astype(np.int64)

    def _followed(self, firsts: set[int]) -> dict[int, tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """For each term the numbers of the terms that follow it in two documents or more, and in how many."""
        reader: FieldReader = self._once(
            "pairs",
            lambda: FieldReader(self._container, "pairs", positions=False, documents=self.field("text").count),
        )
        keys = {n: (self.name, "pairs", str(n)) for n in firsts}
        missing = {n: key for n, key in keys.items() if key not in self._cache and not reader.is_common(n)}
        self._hold(reader, missing, self.field("text").count)
        followed = {}
        for n, key in keys.items():
            seconds, documents = self._cache.get(key, partial(_read, reader, n))
            followed[n] = seconds, documents
        return followed

    def pair_postings(self, first: str, second: str) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
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

    def _phrase(self, first: int, second: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        pairs, key = self._container.array("phrases.pairs"), first << 32 | second
        at = place_of(pairs, key)
        if at == len(pairs) or pairs[at] != key:
            return _NONE, _NONE
        reader: FieldReader = self._once("phrases", lambda: FieldReader(self._container, "phrases", positions=False))
        return reader.documents(at), reader.frequencies(at)

    def lengths(self, field: str) -> NDArray[np.int32]:
        """[documents] exact number of tokens of the field."""
        return self._column_as(f"{'text' if field == 'folded' else field}.lengths", np.int32)

    def parts(self) -> NDArray[np.int32]:
        """[documents, 3] positions in `text` at which lead, body and captions begin."""
        return self._column_as("parts", np.int32).reshape(-1, 3)

    def published(self) -> NDArray[np.int64]:
        """[documents] seconds since 1970 UTC, UNDATED where the date is not known."""
        return self._column_as("published", np.int64)

    def _column_as(self, section: str, dtype: Any) -> NDArray[Any]:
        array: NDArray[Any] = self._once(section, lambda: self._container.array(section).astype(dtype, copy=False))
        return array

    def column(self, name: str) -> tuple[NDArray[np.int32], list[str]]:
        """codes[documents], values: the value of document d is values[codes[d]]. Names: source, host, section, author, kind, origin. "" is no value."""
        values: list[str] = self._once(("values", name), lambda: list(Strings(self._container, f"{name}.values")))
        return self._column_as(f"{name}.codes", np.int32), values

    def ids(self) -> list[str]:
        """[documents] article ids."""
        with damage_is_reported(self._container.path):
            return list(self._ids())

    def _ids(self) -> Strings:
        ids: Strings = self._once("ids", lambda: Strings(self._container, "ids"))
        return ids

    def id(self, document: int) -> str:
        """The article id of one document."""
        with damage_is_reported(self._container.path):
            return self._ids()[document]

    def documents_by_id(self) -> NDArray[Any]:
        """The documents in the order of their ids."""
        return self._container.array("ids.order")

    def article_json(self, document: int) -> bytes:
        """The stored article of one document as JSON, without reading others."""
        with damage_is_reported(self._container.path):
            frames: Strings = self._once("stored", lambda: Strings(self._container, "stored"))
            return self._decompress(frames.bytes_of(document))

    def _decompress(self, frame: bytes) -> bytes:
        import zstandard

        # A decompressor keeps a state, so each thread has its own; the dictionary is read once a thread.
        decompress = getattr(self._of_thread, "decompress", None)
        if decompress is None:
            decompress = self._of_thread.decompress = decompressor(self._container.array("stored.dictionary").tobytes())
        try:
            data: bytes = decompress(frame)
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error
        return data

    def article(self, document: int) -> Article:
        """The stored article of one document, without reading others."""
        data = self.article_json(document)
        with damage_is_reported(self._container.path):
            return article_from(data)

    def origin(self, document: int) -> str:
        """Where the article came from."""
        codes, values = self.column("origin")
        return values[int(codes[document])]

    def documents_of_key(self, key: str) -> NDArray[np.int32]:
        """Documents with this lookup key (`fields.lookup_keys`), ascending, deleted ones included."""
        with damage_is_reported(self._container.path):
            return documents_of_key(self._container, key)

    def keys(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """All lookup keys as `columns.key_hashes` makes them, with their documents."""
        with damage_is_reported(self._container.path):
            return read_keys(self._container)

    def problems(self) -> list[str]:
        """What is wrong with the file, read to its last byte."""
        return list(self._container.problems())

    def close(self) -> None:
        """Let go of the file, once nothing that was made from it is in use any more."""
        self._made.clear()
        self._container.close()
