"""The frequencies of a common term as a column over all documents: a look-up instead of a search."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHIFT = 3
_BLOCK = 1 << _SHIFT


class FrequencyColumn(NamedTuple):
    """How often a term comes in each document, and, to find where its positions lie, in all blocks of 8 documents before each."""

    frequencies: NDArray[Any]
    """[documents] a byte each where they fit"""
    blocks: NDArray[np.uint32]
    """[blocks] the sum of the frequencies before each block of 8 documents"""


class Lookup:
    """Some documents to be looked up in the columns of many terms."""

    def __init__(self, docs: NDArray[Any], documents: int) -> None:
        self._docs = docs.astype(np.intp)
        self._are_many = len(docs) * _BLOCK > documents
        if self._are_many:
            return
        self._block = self._docs >> _SHIFT
        inside = (self._block << _SHIFT)[:, None] + np.arange(_BLOCK)
        self._earlier = (inside < self._docs[:, None]).astype(np.uint8)
        self._inside = np.minimum(inside, max(documents - 1, 0))

    def frequencies(self, column: FrequencyColumn) -> NDArray[Any]:
        """[docs] how often the term comes in each."""
        return column.frequencies[self._docs]

    def before(self, column: FrequencyColumn) -> NDArray[np.int64]:
        """[docs] how often the term comes in all documents before each."""
        if self._are_many:
            running = column.frequencies.cumsum(dtype=np.int64)
            running -= column.frequencies
            before: NDArray[np.int64] = running[self._docs]
            return before
        earlier = column.frequencies[self._inside] * self._earlier
        sums: NDArray[np.int64] = column.blocks[self._block] + earlier.sum(axis=1, dtype=np.int64)
        return sums


def column_of(docs: NDArray[Any], freqs: NDArray[Any], documents: int) -> FrequencyColumn:
    """Return the column of a term out of its postings."""
    column = np.zeros(documents, np.uint8 if int(freqs.max(initial=0)) < 256 else freqs.dtype)
    column[docs.astype(np.intp, copy=False)] = freqs
    blocks = np.add.reduceat(column, np.arange(0, documents, _BLOCK), dtype=np.int64)
    before = np.cumsum(blocks)
    before -= blocks
    made = FrequencyColumn(column, before.astype(np.uint32))
    for array in made:
        array.setflags(write=False)
    return made
