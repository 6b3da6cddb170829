"""What is held in memory of a word to find where it stands: the postings of all its spellings, and how their rows are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..postings_cache import PostingsCache
from .encode import bounds_of, common_from
from .field_reader import FieldReader
from .frequencies import FrequencyColumn, column_of
from .together import Arrays, postings_of

Name = tuple[str, str]
"""`text` and a term, or `folded` and an accent-free form that stands for all its spellings"""
_Ints = NDArray[np.int64]
_NONE = np.zeros(0, np.int32)


class Word(NamedTuple):
    """A word's postings. Never to be written to."""

    docs: NDArray[np.int32]
    """the documents of those spellings that have no bitmap, one spelling after another"""
    freqs: NDArray[np.int32]
    rows: NDArray[Any]
    """the first row of each posting"""
    df: _Ints
    """[spellings without a bitmap] the number of postings"""
    coding: _Ints
    """[2, spellings without a bitmap] as from `FieldReader.coding`"""
    common: _Ints
    """the numbers of the spellings with a bitmap"""
    common_rows: _Ints
    """their first rows"""
    common_coding: _Ints


class Words:
    """Reads words of the field `text` by the numbers of their spellings, many at the cost of a few, and holds them in the cache."""

    def __init__(
        self, text: FieldReader, spellings: Callable[[Name], Sequence[int]], cache: PostingsCache, segment: str
    ) -> None:
        self._text = text
        self._spellings = spellings
        self._cache = cache
        self._segment = segment

    def column(self, number: int) -> FrequencyColumn:
        """The column of a term with a bitmap."""
        return self._cache.get(self._key(number), partial(column_of, self._text, number))

    def _key(self, number: int) -> tuple[str, str, int]:
        return self._segment, self._text.name, number

    def of(self, names: Sequence[Name]) -> list[Word]:
        """What there is of each word."""
        keys = [(self._segment, "word", *name) for name in names]
        missing = {key: name for key, name in zip(keys, names, strict=True) if key not in self._cache}
        made: dict[tuple[str, ...], Word] = {}
        if missing:
            made.update(zip(missing, self._made(list(missing.values())), strict=True))
            self._cache.hold(made.items())
        # Of a small cache the first may be gone when the last have come.
        return [
            made[key] if key in made else self._cache.get(key, partial(self._alone, name))
            for key, name in zip(keys, names, strict=True)
        ]

    def _alone(self, name: Name) -> Word:
        return self._made([name])[0]

    def _made(self, names: Sequence[Name]) -> list[Word]:
        text = self._text
        least = common_from(text.documents_in_all)
        rare: list[list[int]] = []
        common: list[list[int]] = []
        for name in names:
            spellings = self._spellings(name)
            rare.append([n for n in spellings if text.document_frequency(n) < least])
            common.append([n for n in spellings if text.document_frequency(n) >= least])
        number = np.array([*chain(*rare), *chain(*common)], np.int64)
        first, coding = text.first_rows(number), text.coding(number)
        postings = self._postings([*chain(*rare)])
        docs = np.concatenate([_NONE, *(docs for docs, _ in postings)])
        freqs = np.concatenate([_NONE, *(freqs for _, freqs in postings)])
        df = np.array([len(docs) for docs, _ in postings], np.int64)
        bounds = bounds_of(df)
        rows = _rows(freqs, bounds, first[: len(df)]).astype(text.row_type)
        for array in (docs, freqs, df, rows, number, first, coding):
            array.setflags(write=False)
        made = []
        posting = bounds.tolist()
        end, end_common = 0, len(df)
        for of_word, of_common in zip(rare, common, strict=True):
            begin, begin_common = end, end_common
            end, end_common = end + len(of_word), end_common + len(of_common)
            here = slice(posting[begin], posting[end])
            # The postings of one spelling are held in memory already.
            of_docs, of_freqs = postings[begin] if len(of_word) == 1 else (docs[here], freqs[here])
            terms, others = slice(begin, end), slice(begin_common, end_common)
            held = rows[here], df[terms], coding[:, terms], number[others], first[others], coding[:, others]
            made.append(Word(of_docs, of_freqs, *held))
        return made

    def _postings(self, numbers: Sequence[int]) -> list[Arrays]:
        """The postings of terms without a bitmap; those that are not held in memory are decoded at once."""
        missing = [number for number in numbers if self._key(number) not in self._cache]
        decoded = dict(zip(missing, self._decoded(missing), strict=True)) if missing else {}
        return [
            decoded[number]
            if number in decoded
            else self._cache.get(self._key(number), partial(self._decoded_one, number))
            for number in numbers
        ]

    def _decoded(self, numbers: Sequence[int]) -> list[Arrays]:
        return postings_of([(self._text, number) for number in numbers])

    def _decoded_one(self, number: int) -> Arrays:
        return self._decoded([number])[0]


def _rows(freqs: NDArray[np.int32], bounds: _Ints, first: _Ints) -> _Ints:
    """[postings] the first row of each; bounds[t] is the first posting of term t, first[t] the row of that."""
    running = bounds_of(freqs)
    rows = running[:-1]
    rows += (first - running[bounds[:-1]]).repeat(bounds[1:] - bounds[:-1])
    return rows
