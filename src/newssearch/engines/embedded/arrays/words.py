"""What is held in memory of a word to find where it stands: the postings of all its spellings, and how their rows are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, pairwise, starmap
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
BESIDE = 32
"""bytes that a term takes here beside its postings and their rows, at most"""
_AT_ONCE = 256
"""terms that are read ahead in one pass"""


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
            # The postings of a term are those that are held of it already.
            alone = {key: word for key, word in made.items() if len(word.df) == 1}
            self._cache.hold(alone.items(), shared=2)
            self._cache.hold((key, word) for key, word in made.items() if key not in alone)
        # Of a small cache the first may be gone when the last have come.
        return [
            made[key] if key in made else self._cache.get(key, partial(self._alone, name))
            for key, name in zip(keys, names, strict=True)
        ]

    def read_ahead(self, terms: Sequence[str]) -> None:
        """Hold terms whose postings are held, those given last as the latest."""
        for begin in range(0, len(terms), _AT_ONCE):
            self.of([("text", term) for term in terms[begin : begin + _AT_ONCE]])

    def _alone(self, name: Name) -> Word:
        return self._made([name])[0]

    def _made(self, names: Sequence[Name]) -> list[Word]:
        text = self._text
        spellings = [self._spellings(name) for name in names]
        numbers = np.array([*chain(*spellings)], np.int64)
        word = np.arange(len(names)).repeat([*map(len, spellings)])
        is_common = text.document_frequencies(numbers) >= common_from(text.documents_in_all)
        rare, common = numbers[~is_common], numbers[is_common]
        terms = bounds_of(np.bincount(word[~is_common], minlength=len(names))).tolist()
        others = bounds_of(np.bincount(word[is_common], minlength=len(names))).tolist()
        postings = self._postings(rare.tolist())
        docs = np.concatenate([_NONE, *(docs for docs, _ in postings)])
        freqs = np.concatenate([_NONE, *(freqs for _, freqs in postings)])
        df = np.array([len(docs) for docs, _ in postings], np.int64)
        bounds = bounds_of(df)
        rows = _rows(freqs, bounds, text.first_rows(rare)).astype(text.row_type)
        coding, common_rows, common_coding = text.coding(rare), text.first_rows(common), text.coding(common)
        for array in (docs, freqs, rows, df, coding, common, common_rows, common_coding):
            array.setflags(write=False)
        posting = bounds.tolist()
        made = []
        for of_rare, of_common in zip(starmap(slice, pairwise(terms)), starmap(slice, pairwise(others)), strict=True):
            here = slice(posting[of_rare.start], posting[of_rare.stop])
            of_word = postings[of_rare]
            # The postings of one spelling are held in memory already.
            of_docs, of_freqs = of_word[0] if len(of_word) == 1 else (docs[here], freqs[here])
            held = rows[here], df[of_rare], coding[:, of_rare]
            held_of_common = common[of_common], common_rows[of_common], common_coding[:, of_common]
            made.append(Word(of_docs, of_freqs, *held, *held_of_common))
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
