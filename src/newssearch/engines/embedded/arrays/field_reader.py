"""The postings of one field in a container, read term by term or many at once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import encode
from .encode import FREQUENCY_ESCAPE, bounds_of, common_from, place_of, runs_at, sums_by
from .layout import Container
from .strings import Dictionary

if TYPE_CHECKING:
    from .invert import Postings


class FieldReader:
    """Reads the postings of a field. Every call makes arrays of its own."""

    def __init__(self, container: Container, name: str, *, positions: bool, documents: int | None = None) -> None:
        """Read the field `name`, whose postings are of `documents` documents (by default those of the segment)."""
        self._container = container
        self.name = name
        self.documents_in_all = container.documents if documents is None else documents
        self.positional = positions
        self._first = self._array("first")
        self.count = len(self._first) - 1

    def _array(self, section: str) -> NDArray[Any]:
        return self._container.array(f"{self.name}.{section}")

    @cached_property
    def terms(self) -> Dictionary:
        """The terms by number; kept, for it remembers what it found."""
        return Dictionary(self._container, self.name, self.count)

    def totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """[terms] documents and rows of each term; postings stand for rows in a field without positions."""
        first = self._first.astype(np.int64)
        df = first[1:] - first[:-1]
        if not self.positional:
            return df, df
        rows = self._array("rows").astype(np.int64)
        return df, rows[1:] - rows[:-1]

    def document_frequency(self, number: int) -> int:
        """The number of documents of a term."""
        first = self._first
        df: int = first.item(number + 1) - first.item(number)
        return df

    @property
    def count_of_postings(self) -> int:
        """The postings of all terms."""
        count: int = self._first.item(self.count)
        return count

    def span(self, number: int) -> tuple[int, int]:
        """The first posting of a term among those of the field, and the first of the next."""
        return self._first.item(number), self._first.item(number + 1)

    def gaps(self, number: int) -> NDArray[np.uint8]:
        """The stream of document gaps of a term without a bitmap, mapped."""
        at = self._at
        return self._docs[at.item(number) : at.item(number + 1)]

    def packed(self, begin: int, end: int) -> NDArray[np.uint8]:
        """The bytes with the small frequencies of postings begin to end − 1, two each, mapped."""
        return self._freqs[begin >> 1 : (end + 1) >> 1]

    def nibbles(self, begin: int, end: int) -> NDArray[np.uint8]:
        """The frequencies of postings begin to end − 1, less 1, but for the large ones."""
        return encode.unpack_nibbles(self._freqs, begin, end)

    @cached_property
    def _at(self) -> NDArray[Any]:
        return self._array("at")

    @cached_property
    def _docs(self) -> NDArray[np.uint8]:
        return self._array("docs")

    @cached_property
    def _freqs(self) -> NDArray[np.uint8]:
        return self._array("freqs")

    @cached_property
    def large_frequencies(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """The postings whose frequencies half a byte cannot hold, ascending, and these."""
        return self._array("large_freqs_at"), self._array("large_freqs")

    def large_between(self, begin: int, end: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
        """Those among postings begin to end − 1, the postings counted from `begin`."""
        at, large = self.large_frequencies
        i, j = place_of(at, begin), place_of(at, end)
        return at[i:j].astype(np.int64) - begin, large[i:j]

    def document_frequencies(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """[numbers] the number of documents of each term."""
        frequencies: NDArray[np.int64] = self._first[numbers + 1].astype(np.int64) - self._first[numbers]
        return frequencies

    def documents(self, number: int) -> NDArray[np.int32]:
        """docs[p] of a term."""
        df = self.document_frequency(number)
        if df >= common_from(self.documents_in_all):
            return encode.decode_bitmap(self.bitmap(number))
        return encode.decode_gaps(self.gaps(number), df)

    def bitmap(self, number: int) -> NDArray[np.uint8]:
        """The bitmap of a term that has one, lowest bit first, mapped; its length is a multiple of 8."""
        row = place_of(self._array("common"), number)
        size = encode.bitmap_bytes(self.documents_in_all)
        return self._array("bitmaps")[row * size : (row + 1) * size]

    def frequencies(self, number: int) -> NDArray[np.int32]:
        """freqs[p] of a term."""
        return self._frequencies(*self.span(number))

    def _frequencies(self, first: int, end: int) -> NDArray[np.int32]:
        freqs = self.nibbles(first, end).astype(np.int32)
        freqs += 1
        places, large = self.large_between(first, end)
        freqs[places] = large
        return freqs

    def positions(
        self, number: int, freqs: NDArray[np.int32], wanted: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """bounds, positions of the postings `wanted` (indexes, ascending; None for all) of a term with these frequencies."""
        rows = self._array("rows")
        begin, end = int(rows[number]), int(rows[number + 1])
        at = self._array("high_at")
        low = self._array("low")[begin:end]
        packed = self._array("high")[int(at[number]) : int(at[number + 1])]
        bounds = bounds_of(freqs)
        if int(bounds[-1]) != end - begin:
            raise ValueError("positions and frequencies of a term do not fit")
        if wanted is None:
            gaps = encode.joined(low, encode.decode_high(packed, end - begin))
            _patch(gaps, self._array("large_at"), self._array("large"), begin, end)
            return bounds, encode.positions_from(gaps, freqs)
        counts = freqs[wanted]
        chosen = runs_at(bounds[:-1][wanted], counts)
        gaps = encode.joined(low[chosen], encode.pick_high(packed, end - begin, chosen))
        _patch_some(gaps, self._array("large_at"), self._array("large"), chosen + begin)
        return bounds_of(counts), encode.positions_from(gaps, counts)

    def of_terms(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
        """docs, freqs of several terms in any order, one after another, none of them with a bitmap; and df[t]. Many cost little more than one."""
        docs, df = self.documents_of(numbers)
        return docs, self.frequencies_at(encode.runs_at(self.first_postings(numbers), df)), df

    def first_postings(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first posting of each term among those of the field."""
        return self._first[numbers].astype(np.int64)

    def documents_of(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """docs of several terms in any order, one after another, none of them with a bitmap; and df[t]."""
        df = self.document_frequencies(numbers)
        at = self._at
        begins = at[numbers].astype(np.int64)
        sizes = at[numbers + 1].astype(np.int64) - begins
        stream = self._docs[encode.runs_at(begins, sizes)]
        return encode.decode_gaps_of_many(stream, bounds_of(sizes), df), df

    def frequency_at(self, place: int) -> int:
        """The frequency of one posting of the field."""
        less: int = self._freqs.item(place >> 1) >> ((place & 1) << 2) & 15
        if less < FREQUENCY_ESCAPE:
            return less + 1
        at, large = self.large_frequencies
        return int(large[place_of(at, place)])

    def frequencies_at(self, places: NDArray[np.int64]) -> NDArray[np.int32]:
        """The frequencies of some postings of the field."""
        freqs = encode.pick_nibbles(self._freqs, places).astype(np.int32)
        freqs += 1
        large = (freqs == FREQUENCY_ESCAPE + 1).nonzero()[0]
        there, values = self.large_frequencies
        freqs[large] = values[there.searchsorted(places[large].astype(there.dtype))]
        return freqs

    def is_common(self, number: int) -> bool:
        """Whether a term has a bitmap."""
        return self.document_frequency(number) >= common_from(self.documents_in_all)

    def first_rows(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """The first row of each term among the rows of the field."""
        return self._array("rows")[numbers].astype(np.int64)

    @property
    def row_type(self) -> np.dtype[Any]:
        """The integers that hold a row of the field."""
        return self._array("rows").dtype

    def coding(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """[2, numbers] how the high parts of each term's rows are kept: that of row r has coding[0] bits, the first is bit coding[1] + r · coding[0]."""
        first, at = self.first_rows(numbers), self._array("high_at")
        begins, sizes = at[numbers].astype(np.int64), at[numbers + 1].astype(np.int64)
        sizes -= begins
        coding = np.empty((2, len(numbers)), np.int64)
        widths = coding[0] = encode.widths_by_size(sizes, self.first_rows(numbers + 1) - first)
        # Where a term has no high parts, any byte will do: nothing is kept of it.
        coding[1] = np.where(widths, begins * 8 - first * widths, 0)
        return coding

    def gaps_at(
        self, rows: NDArray[np.int64], coding: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The gaps of some rows of the field: counts[t] for each term, with its coding."""
        gaps: NDArray[Any] = self._array("low").take(rows)
        packed = self._array("high")
        if len(packed):
            widths, bits = coding.repeat(counts, axis=1)
            widths *= rows
            bits += widths
            high = packed.take(bits >> 3)
            high >>= bits.astype(np.uint8) & 7
            low, gaps = gaps, high.astype(np.uint16)
            gaps <<= 8
            gaps |= low
        # A value of all ones stands for a large one.
        tops = ((256 << coding[0]) - 1).astype(gaps.dtype).repeat(counts)
        gaps &= tops
        large = (gaps == tops).nonzero()[0]
        gaps = gaps.astype(np.int64)
        at = self._array("large_at")
        gaps[large] = self._array("large")[at.searchsorted(rows[large].astype(at.dtype))]
        return gaps

    def between(self, low: int, high: int) -> Postings:
        """The postings of terms low to high − 1."""
        # Only a merge reads so many at once.
        from .invert import Postings

        first = self._first[low : high + 1].astype(np.int64)
        df = np.diff(first)
        common = df >= common_from(self.documents_in_all)
        at = self._at[low : high + 1].astype(np.int64)
        stream = self._docs[at[0] : at[-1]]
        rare = encode.decode_gaps_of_many(stream, at - at[0], np.where(common, 0, df))
        docs = rare
        if common.any():
            docs = np.empty(int(df.sum()), np.int32)
            with_bitmap = np.repeat(common, df)
            docs[~with_bitmap] = rare
            # A few hundred terms at most have one.
            docs[with_bitmap] = np.concatenate(
                [encode.decode_bitmap(self.bitmap(low + t)) for t in np.flatnonzero(common).tolist()]
            )
        freqs = self._frequencies(int(first[0]), int(first[-1]))
        gaps = None
        cf = sums_by(freqs, bounds_of(df))
        if self.positional:
            gaps = self._gaps_between(low, high, cf)
        return Postings(df, cf, docs, freqs, gaps)

    def _gaps_between(self, low: int, high: int, cf: NDArray[np.int64]) -> NDArray[np.uint32]:
        rows = self._array("rows")
        begin, end = int(rows[low]), int(rows[high])
        if int(cf.sum()) != end - begin:
            raise ValueError("positions and frequencies of some terms do not fit")
        at = self._array("high_at")[low : high + 1].astype(np.int64)
        parts, _ = encode.decode_high_of_many(self._array("high")[at[0] : at[-1]], at - at[0], cf)
        gaps = encode.joined(self._array("low")[begin:end], parts)
        _patch(gaps, self._array("large_at"), self._array("large"), begin, end)
        return gaps


def _patch(values: NDArray[Any], at: NDArray[Any], large: NDArray[Any], begin: int, end: int) -> None:
    """Put the large ones among elements begin to end − 1 of a stream into their places."""
    i, j = place_of(at, begin), place_of(at, end)
    if i < j:
        values[at[i:j].astype(np.int64) - begin] = large[i:j]


def _patch_some(values: NDArray[Any], at: NDArray[Any], large: NDArray[Any], chosen: NDArray[np.int64]) -> None:
    """The same for elements chosen[n] of a stream, ascending."""
    if not len(chosen):
        return
    i, j = place_of(at, int(chosen[0])), place_of(at, int(chosen[-1]) + 1)
    if i < j:
        places = np.searchsorted(chosen, at[i:j])
        there = chosen[np.minimum(places, len(chosen) - 1)] == at[i:j]
        values[places[there]] = large[i:j][there]
