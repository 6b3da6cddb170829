"""A sorted run: postings of some documents, as narrow as they come, in memory or on disk, read back in the order of the terms."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of
from .invert import Postings
from .layout import Spool, narrow

_Slice = tuple[int, int | None]
_Totals = tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]


class Run:
    """Postings of some documents by terms that ascend, at the latest after `renumber`. Once spilled it holds next to nothing."""

    def __init__(self, terms: NDArray[Any], postings: Postings) -> None:
        self.rows = int(postings.cf.sum())
        self._base = int(postings.docs.min()) if len(postings.docs) else 0
        self._arrays: list[NDArray[Any] | None] = [
            narrow(terms),
            narrow(postings.df),
            None if postings.cf is postings.df else narrow(postings.cf),
            narrow(postings.docs - self._base),
            postings.freqs,
            postings.gaps,
        ]
        self._rank: NDArray[np.int32] | None = None
        self._document_numbers: NDArray[np.int32] | None = None
        self._spooled: tuple[Spool, list[tuple[int, int, np.dtype[Any]] | None]] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""
        return sum(array.nbytes for array in self._arrays if array is not None)

    def spill(self, spool: Spool) -> None:
        """Move everything to disk."""
        places = [None if array is None else (spool.write(array), len(array), array.dtype) for array in self._arrays]
        self._arrays = [None] * len(places)
        self._spooled = spool, places

    def renumber(self, rank: NDArray[np.int32], documents: NDArray[np.int32] | None = None) -> None:
        """Give the terms the numbers rank[term], under which they ascend, and documents the numbers documents[document]."""
        self._rank = rank
        self._document_numbers = documents

    def terms(self) -> NDArray[Any]:
        """The numbers of the terms."""
        return self._terms(0, None)

    def totals(self) -> _Totals:
        """The terms with df[t] documents and cf[t] rows each."""
        return self._totals(0, None)

    def pieces(self, bounds: NDArray[np.int64]) -> Iterator[tuple[NDArray[Any], Postings]]:
        """Yield for each i the terms with numbers in [bounds[i], bounds[i + 1]), with their postings."""
        terms, df, cf = self.totals()
        at = np.searchsorted(terms, bounds)
        places = at, bounds_of(df)[at], bounds_of(cf)[at]
        # One run of hundreds waits while others are read: it keeps where it goes on and nothing else.
        del terms, df, cf
        for ends in zip(*(pairwise(place.data) for place in places), strict=True):
            yield self._piece(*ends)

    def whole(self) -> tuple[NDArray[Any], Postings]:
        """The terms, with their postings."""
        return self._piece((0, None), (0, None), (0, None))

    def _piece(self, terms: _Slice, postings: _Slice, rows: _Slice) -> tuple[NDArray[Any], Postings]:
        numbers, df, cf = self._totals(*terms)
        docs, freqs = self._read(3, *postings), self._read(4, *postings)
        assert docs is not None
        assert freqs is not None
        docs = docs.astype(np.int32)
        docs += self._base
        if self._document_numbers is not None:
            docs = self._document_numbers[docs]
        return numbers, Postings(df, cf, docs, freqs, self._read(5, *rows))

    def _terms(self, begin: int, end: int | None) -> NDArray[Any]:
        terms = self._read(0, begin, end)
        assert terms is not None
        return terms if self._rank is None else self._rank[terms]

    def _totals(self, begin: int, end: int | None) -> _Totals:
        df, cf = self._read(1, begin, end), self._read(2, begin, end)
        assert df is not None
        df = df.astype(np.int64)
        return self._terms(begin, end), df, df if cf is None else cf.astype(np.int64)

    def _read(self, which: int, begin: int, end: int | None) -> NDArray[Any] | None:
        if self._spooled is None:
            array = self._arrays[which]
            return None if array is None else array[begin:end]
        spool, places = self._spooled
        place = places[which]
        if place is None:
            return None
        at, length, dtype = place
        size = (length if end is None else end) - begin
        return np.frombuffer(spool.read(at + begin * dtype.itemsize, size * dtype.itemsize), dtype)
