"""Where many words stand in a few documents, read in one go: what a page's second pass of the ranking looks at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of
from .field_reader import FieldReader
from .frequencies import FrequencyColumn, look_up
from .words import Word

_Ints = NDArray[np.int64]


class Occurrences(NamedTuple):
    """Where words stand, in no order: occurrence n is of word number `word[n]` of those asked for, in document `slot[n]` of those asked for."""

    word: _Ints
    slot: _Ints
    position: _Ints
    """ascending within a term and a document"""


_NOTHING = np.zeros(0, np.int64)
NO_OCCURRENCES = Occurrences(_NOTHING, _NOTHING, _NOTHING)


class _Found(NamedTuple):
    """Postings in the documents asked for, those of a term one after another."""

    slot: _Ints
    counts: _Ints
    """how many occurrences; there may be none"""
    row: _Ints
    """the first"""
    word: _Ints
    """[terms]"""
    postings: _Ints
    """[terms] how many of each"""
    coding: _Ints
    """[2, terms]"""


def occurrences_in(
    reader: FieldReader,
    words: Sequence[Word],
    column_of: Callable[[int], FrequencyColumn],
    docs: NDArray[np.int32],
) -> Occurrences:
    """Return where the words stand in the documents `docs`, ascending. `column_of` reads a term with a bitmap by its number."""
    rare = [number for number, word in enumerate(words) if len(word.docs)]
    common = [number for number, word in enumerate(words) if len(word.common)]
    found = []
    if rare:
        found.append(_pass_through(rare, [words[number] for number in rare], docs, reader.documents_in_all))
    if common:
        found.append(_look_up(common, [words[number] for number in common], column_of, docs))
    if not found:
        return NO_OCCURRENCES
    slot, count, row, word, postings, coding = (
        found[0] if len(found) == 1 else (np.concatenate(pieces, axis=-1) for pieces in zip(*found, strict=True))
    )
    bounds = bounds_of(count)
    begins = bounds[:-1]
    of = np.arange(len(count)).repeat(count)
    row -= begins
    rows = row.take(of)
    rows += np.arange(len(rows))
    of_terms = bounds.take(bounds_of(postings))
    of_terms = of_terms[1:] - of_terms[:-1]
    running = bounds_of(reader.gaps_at(rows, coding, of_terms))
    position = running[1:] - running.take(begins).take(of)
    return Occurrences(word.repeat(of_terms), slot.take(of), position)


def _pass_through(numbers: Sequence[int], words: Sequence[Word], docs: NDArray[np.int32], documents: int) -> _Found:
    """The postings of terms without a bitmap: all are looked at, for to search in many short lists is slower."""
    # numpy indexes by its own integers twice as fast as by others.
    there = np.concatenate([word.docs for word in words], dtype=np.intp)
    wanted = np.zeros(documents, np.bool_)
    wanted[docs] = True
    places = wanted.take(there).nonzero()[0]
    df = np.concatenate([word.df for word in words])
    of_terms = places.searchsorted(bounds_of(df))
    return _Found(
        docs.searchsorted(there[places].astype(np.int32)),
        np.concatenate([word.freqs for word in words])[places].astype(np.int64),
        np.concatenate([word.rows for word in words])[places].astype(np.int64),
        np.repeat(numbers, [len(word.df) for word in words]),
        of_terms[1:] - of_terms[:-1],
        np.concatenate([word.coding for word in words], axis=1),
    )


def _look_up(
    numbers: Sequence[int],
    words: Sequence[Word],
    column_of: Callable[[int], FrequencyColumn],
    docs: NDArray[np.int32],
) -> _Found:
    columns = [column_of(number) for word in words for number in word.common.tolist()]
    count, row = look_up(columns, docs)
    row += np.concatenate([word.common_rows for word in words])[:, None]
    return _Found(
        np.concatenate([np.arange(len(docs))] * len(columns)),
        count.reshape(-1),
        row.reshape(-1),
        np.repeat(numbers, [len(word.common) for word in words]),
        np.full(len(columns), len(docs)),
        np.concatenate([word.common_coding for word in words], axis=1),
    )
