"""The frequencies of a common term as a column over all documents: a look-up instead of a search."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_SHIFT = 4
_BLOCK = 1 << _SHIFT


class FrequencyColumn(NamedTuple):
    """How often a term comes in each document, and, to find where its positions lie, in all blocks of 16 documents before each."""

    frequencies: NDArray[Any]
    """[documents] a byte each where they fit"""
    blocks: NDArray[np.uint32]
    """[blocks] the sum of the frequencies before each block of 16 documents"""

    def before(self, docs: NDArray[Any]) -> NDArray[np.int64]:
        """[docs] the sum of the frequencies of all documents before each."""
        block = docs >> _SHIFT
        inside = block[:, None] * _BLOCK + np.arange(_BLOCK)
        np.minimum(inside, len(self.frequencies) - 1, out=inside)
        earlier = self.frequencies[inside] * (inside < docs[:, None])
        sums: NDArray[np.int64] = self.blocks[block] + earlier.sum(axis=1, dtype=np.int64)
        return sums


def column_of(docs: NDArray[Any], freqs: NDArray[Any], documents: int) -> FrequencyColumn:
    """Return the column of a term out of its postings."""
    column = np.zeros(documents, np.uint8 if int(freqs.max(initial=0)) < 256 else freqs.dtype)
    column[docs.astype(np.intp, copy=False)] = freqs
    blocks = np.add.reduceat(column, np.arange(0, documents, _BLOCK), dtype=np.int64)
    before = np.cumsum(blocks)
    before -= blocks
    return FrequencyColumn(column, before.astype(np.uint32))
