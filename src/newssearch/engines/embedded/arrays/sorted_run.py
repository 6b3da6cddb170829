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


_NO_COUNTS, _NO_DOCUMENTS = np.zeros(0, np.int64), np.zeros(0, np.int32)
_NOTHING = _NO_COUNTS, Postings(_NO_COUNTS, _NO_COUNTS, _NO_DOCUMENTS, _NO_DOCUMENTS, None)


class OnDisk:
    """An array that is read slice by slice."""

    nbytes = 0
    """what it holds in memory"""

    def __init__(self, spool: Spool, dtype: np.dtype[Any]) -> None:
        """An empty one at the end of a spool; nothing else may be written there while it grows."""
        self.dtype = dtype
        self._spool = spool
        self._at = spool.size
        self._length = 0

    def append(self, values: NDArray[Any]) -> OnDisk:
        """Write more values, which its type can hold, and return itself."""
        self._spool.write(values.astype(self.dtype, copy=False))
        self._length += len(values)
        return self

    def __getitem__(self, part: slice) -> NDArray[Any]:
        begin, end, _ = part.indices(self._length)
        width = self.dtype.itemsize
        return np.frombuffer(self._spool.read(self._at + begin * width, (end - begin) * width), self.dtype)


Column = NDArray[Any] | OnDisk


def on_disk(column: Column, spool: Spool) -> OnDisk:
    """The same column on disk."""
    return column if isinstance(column, OnDisk) else OnDisk(spool, column.dtype).append(column)


class Run:
    """Postings of some documents by terms that ascend, at the latest after `renumber`. On disk it holds next to nothing.

    Its columns: of each term its number before `renumber`, `df` and, with positions, `cf`; documents counted from a base, frequencies, gaps.
    """

    def __init__(self, terms: NDArray[Any], postings: Postings, *, of_terms: bool = False) -> None:
        """Take postings; `of_terms` says that what stands for documents are places among the terms."""
        self.rows = int(postings.cf.sum())
        """of a field without positions, its postings"""
        self.of_terms = of_terms
        self.base = int(postings.docs.min()) if len(postings.docs) and not of_terms else 0
        self.terms: Column = narrow(terms)
        self.df: Column = narrow(postings.df)
        self.cf: Column | None = None if postings.cf is postings.df else narrow(postings.cf)
        self.docs: Column = narrow(postings.docs - self.base)
        self.freqs: Column = postings.freqs
        self.gaps: Column | None = postings.gaps
        self._rank: NDArray[np.int32] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""
        columns = self.terms, self.df, self.cf, self.docs, self.freqs, self.gaps
        return sum(column.nbytes for column in columns if column is not None)

    def spill(self, spool: Spool) -> None:
        """Move everything to disk."""
        self.terms, self.df = on_disk(self.terms, spool), on_disk(self.df, spool)
        self.docs, self.freqs = on_disk(self.docs, spool), on_disk(self.freqs, spool)
        self.cf = None if self.cf is None else on_disk(self.cf, spool)
        self.gaps = None if self.gaps is None else on_disk(self.gaps, spool)

    def renumber(self, rank: NDArray[np.int32]) -> None:
        """Give the terms the numbers rank[term], under which they ascend."""
        self._rank = rank

    def cuts(self) -> None:
        """A run may be read from any term on."""

    def totals(self) -> _Totals:
        """The terms with df[t] documents and cf[t] rows each."""
        return self._totals(0, None)

    def pieces(self, bounds: NDArray[np.int64]) -> Iterator[tuple[NDArray[Any], Postings]]:
        """Yield for each i the terms with numbers in [bounds[i], bounds[i + 1]), with their postings."""
        terms, df, cf = self.totals()
        at = np.searchsorted(terms, bounds)
        places = at, bounds_of(df)[at], bounds_of(cf)[at]
        # One run of many waits while others are read: it keeps where it goes on and nothing else.
        del terms, df, cf
        for ends in zip(*(pairwise(place.data) for place in places), strict=True):
            begin, end = ends[0]
            yield self._piece(*ends) if begin < end else _NOTHING

    def whole(self) -> tuple[NDArray[Any], Postings]:
        """The terms, with their postings."""
        return self._piece((0, None), (0, None), (0, None))

    def documents(self, begin: int, end: int | None) -> NDArray[Any]:
        """The documents of some postings; of a run `of_terms` numbers of terms before `renumber`."""
        docs = self.docs[begin:end]
        return self.terms[:][docs] if self.of_terms else docs.astype(np.int32) + np.int32(self.base)

    def _piece(self, terms: _Slice, postings: _Slice, rows: _Slice) -> tuple[NDArray[Any], Postings]:
        numbers, df, cf = self._totals(*terms)
        docs = self.documents(*postings)
        if self.of_terms and self._rank is not None:
            docs = self._rank[docs]
        gaps = None if self.gaps is None else self.gaps[slice(*rows)]
        return numbers, Postings(df, cf, docs, self.freqs[slice(*postings)], gaps)

    def _totals(self, begin: int, end: int | None) -> _Totals:
        terms, df = self.terms[begin:end], self.df[begin:end].astype(np.int64)
        cf = df if self.cf is None else self.cf[begin:end].astype(np.int64)
        return terms if self._rank is None else self._rank[terms], df, cf
