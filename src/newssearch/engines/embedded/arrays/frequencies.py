"""The frequencies of a common term as a column over all documents: a look-up instead of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .postings import FieldReader

_SHIFT = 3
_BLOCK = 1 << _SHIFT


class FrequencyColumn(NamedTuple):
    """How often a term comes in each document, and, to find where its positions lie, in all blocks of 8 documents before each."""

    frequencies: NDArray[Any]
    """[documents] a byte each where they fit"""
    blocks: NDArray[np.uint32]
    """[blocks] the sum of the frequencies before each block of 8 documents; none in a field without positions"""


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


_LOW_OF_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_ADD_ALL = np.uint64(0x0001000100010001)


def column_of(reader: FieldReader, number: int) -> FrequencyColumn:
    """Return the column of a term with a bitmap. Only fields with positions have blocks."""
    bits = np.unpackbits(reader.bitmap(number), bitorder="little")
    docs = bits.view(np.bool_).nonzero()[0]
    begin, end = reader.span(number)
    freqs = reader.nibbles(begin, end)
    if len(docs) != len(freqs) or docs[-1] >= reader.documents_in_all:
        raise ValueError("a term has documents that are not there")
    freqs += 1
    places, large = reader.large_between(begin, end)
    if len(large) and int(large.max()) > 255:
        freqs = freqs.astype(large.dtype)
    freqs[places] = large
    # A bitmap is padded to whole words, and so is the column for now.
    column = np.zeros(len(bits), freqs.dtype)
    column[docs] = freqs
    made = FrequencyColumn(column[: reader.documents_in_all], _sums_before(column) if reader.positional else _NO_BLOCKS)
    for array in made:
        array.setflags(write=False)
    return made


_NO_BLOCKS = np.zeros(0, np.uint32)


def _sums_before(column: NDArray[Any]) -> NDArray[np.uint32]:
    """[blocks] the sum of all before each block of 8."""
    if column.dtype == np.uint8:
        # Eight bytes at once: added up in pairs, then all four pairs by one product.
        words = column.view(np.uint64)
        sums = words >> 8
        sums &= _LOW_OF_PAIRS
        sums += words & _LOW_OF_PAIRS
        sums *= _ADD_ALL
        sums >>= 48
    else:
        sums = column.reshape(-1, _BLOCK).sum(axis=1, dtype=np.uint64)
    before = np.zeros(len(sums), np.uint32)
    sums[:-1].cumsum(dtype=np.uint32, out=before[1:])
    return before
