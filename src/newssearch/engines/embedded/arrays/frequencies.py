"""The frequencies of a common term as a column over all documents: a look-up instead of a search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .encode import bitmap_bytes

if TYPE_CHECKING:
    from .field_reader import FieldReader

_SHIFT = 3
_BLOCK = 1 << _SHIFT


class FrequencyColumn(NamedTuple):
    """How often a term comes in each document, and, to find where its positions lie, in all blocks of 8 documents before each."""

    frequencies: NDArray[Any]
    """[documents] a byte each where they fit"""
    blocks: NDArray[np.uint32]
    """[blocks] the sum of the frequencies before each block of 8 documents; none in a field without positions"""
    words: NDArray[np.uint64]
    """[blocks] the frequencies of eight documents as one number, the first in the lowest byte; none where they do not fit"""


def look_up(columns: Sequence[FrequencyColumn], docs: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """[columns, docs] how often each term comes in each document, and in all documents before it. Only for fields with positions."""
    block = docs.astype(np.intp) >> _SHIFT
    eight = np.empty((len(columns), len(docs)), np.uint64)
    before = np.empty((len(columns), len(docs)), np.uint32)
    for number, column in enumerate(columns):
        # What is clipped is not copied once more; nothing is out of bounds.
        column.blocks.take(block, out=before[number], mode="clip")
        if len(column.words):
            column.words.take(block, out=eight[number], mode="clip")
    shift = (docs & (_BLOCK - 1)).astype(np.uint64) << _SHIFT
    counts = (eight >> shift & 255).view(np.int64)
    eight &= (1 << shift) - 1
    befores = before.astype(np.int64)
    befores += _sums_of_bytes(eight).view(np.int64)
    for number, column in enumerate(columns):
        if not len(column.words):
            counts[number] = column.frequencies[docs]
            befores[number] = (column.frequencies.cumsum(dtype=np.int64) - column.frequencies)[docs]
    return counts, befores


_LOW_OF_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_ADD_ALL = np.uint64(0x0001000100010001)


def size_of_column(reader: FieldReader) -> int:
    """The bytes that a column takes in memory."""
    documents = reader.documents_in_all
    return documents + 4 * bitmap_bytes(documents) if reader.positional else documents


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
    of_documents = column[: reader.documents_in_all]
    if reader.positional:
        words = column.view("<u8") if column.dtype == np.uint8 else _NO_WORDS
        made = FrequencyColumn(of_documents, _sums_before(column), words)
    else:
        made = FrequencyColumn(of_documents, _NO_BLOCKS, _NO_WORDS)
    for array in made:
        array.setflags(write=False)
    return made


_NO_BLOCKS = np.zeros(0, np.uint32)
_NO_WORDS = np.zeros(0, np.uint64)


def _sums_before(column: NDArray[Any]) -> NDArray[np.uint32]:
    """[blocks] the sum of all before each block of 8."""
    if column.dtype == np.uint8:
        sums = _sums_of_bytes(column.view(np.uint64))
    else:
        sums = column.reshape(-1, _BLOCK).sum(axis=1, dtype=np.uint64)
    before = np.zeros(len(sums), np.uint32)
    sums[:-1].cumsum(dtype=np.uint32, out=before[1:])
    return before


def _sums_of_bytes(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The sum of the eight bytes of each number: added up in pairs, then all four pairs by one product."""
    sums: NDArray[np.uint64] = words >> np.uint64(8)
    sums &= _LOW_OF_PAIRS
    sums += words & _LOW_OF_PAIRS
    sums *= _ADD_ALL
    sums >>= np.uint64(48)
    return sums
