"""Inversion: rows in the order of the text become postings in the order of the terms, by radix sorts and prefix sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of, position_gaps
from .layout import Spool, narrow

_DIGIT = 16


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings of consecutive terms, term after term, each by document.

    df[t] documents and cf[t] rows of term t; docs[p], freqs[p]; gaps[n] as `position_gaps` makes them, None in a field without positions.
    """

    df: NDArray[np.int64]
    cf: NDArray[np.int64]
    docs: NDArray[np.int32]
    freqs: NDArray[Any]
    gaps: NDArray[Any] | None


def stable_order(keys: Ints, top: int) -> NDArray[np.int64]:
    """The order that sorts non-negative integers up to `top`, equal ones as they stand. numpy sorts 16 bits by radix, wider ones ten times slower."""
    if keys.dtype.itemsize <= 2:
        return np.argsort(keys, kind="stable")
    order = np.argsort((keys & 0xFFFF).astype(np.uint16), kind="stable")
    shift = _DIGIT
    while top >> shift:
        digit = (keys >> shift & 0xFFFF).astype(np.uint16)[order]
        order = order[np.argsort(digit, kind="stable")]
        shift += _DIGIT
    return order


def invert(term: Ints, document: Ints, position: Ints | None, terms: int) -> Postings:
    """Return the postings of rows that are sorted by (document, position); term[rows] below `terms`."""
    cf = np.bincount(term, minlength=terms)
    order = stable_order(narrow(term), max(terms - 1, 0))
    # Counted from the first, documents of a run are narrow too, and move faster.
    base = int(document[0]) if len(document) else 0
    document = narrow(document - base)[order]
    begin_of_term = bounds_of(cf)
    new = np.empty(len(document), np.bool_)
    new[:1] = True
    np.not_equal(document[1:], document[:-1], out=new[1:])
    new[begin_of_term[:-1][cf > 0]] = True
    begins = np.flatnonzero(new)
    df = np.diff(np.searchsorted(begins, begin_of_term))
    freqs = np.diff(begins, append=len(document))
    gaps = position_gaps(narrow(position)[order], begins) if position is not None else None
    return Postings(df, cf, document[begins].astype(np.int32) + base, narrow(freqs), gaps)


class Run:
    """Sorted postings of some documents: `terms` are their numbers, ascending after `renumber`. Held in memory until `spill`."""

    def __init__(self, terms: NDArray[np.int64], postings: Postings) -> None:
        self.terms = terms
        self.df = postings.df
        self.cf = postings.cf
        self._first = bounds_of(postings.df)
        self._row = bounds_of(postings.cf)
        self._arrays: list[NDArray[Any] | None] = [postings.docs, postings.freqs, postings.gaps]
        self._document_numbers: NDArray[np.int64] | None = None
        self._spooled: tuple[Spool, list[tuple[int, np.dtype[Any]] | None]] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held in memory by the postings."""
        return sum(array.nbytes for array in self._arrays if array is not None)

    def spill(self, spool: Spool) -> None:
        """Move the postings to disk."""
        places = [None if array is None else (spool.write(array), array.dtype) for array in self._arrays]
        self._arrays = [None, None, None]
        self._spooled = spool, places

    def renumber(self, rank: NDArray[np.int64], documents: NDArray[np.int64] | None = None) -> None:
        """Give the terms the numbers rank[term], under which they ascend, and documents the numbers documents[document]."""
        self.terms = rank[self.terms]
        self._document_numbers = documents

    def between(self, low: int, high: int) -> tuple[NDArray[np.int64], Postings]:
        """Return the terms with numbers in [low, high), with their postings."""
        i, j = np.searchsorted(self.terms, (low, high)).tolist()
        p, q = int(self._first[i]), int(self._first[j])
        n, m = int(self._row[i]), int(self._row[j])
        docs, freqs, gaps = self._read(0, p, q), self._read(1, p, q), self._read(2, n, m)
        assert docs is not None
        assert freqs is not None
        if self._document_numbers is not None:
            docs = self._document_numbers[docs].astype(np.int32)
        return self.terms[i:j], Postings(self.df[i:j], self.cf[i:j], docs, freqs, gaps)

    def _read(self, which: int, begin: int, end: int) -> NDArray[Any] | None:
        if self._spooled is None:
            array = self._arrays[which]
            return None if array is None else array[begin:end]
        spool, places = self._spooled
        place = places[which]
        if place is None:
            return None
        at, dtype = place
        return np.frombuffer(spool.read(at + begin * dtype.itemsize, (end - begin) * dtype.itemsize), dtype)


TakenRows = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""term[rows], document[rows], position[rows]"""


@dataclass(slots=True)
class Rows:
    """Rows of one field that wait to be inverted: term numbers, documents and positions, in pieces."""

    term: list[NDArray[Any]]
    document: list[NDArray[Any]]
    position: list[NDArray[Any]]
    count: int = 0

    def add(self, term: NDArray[Any], document: NDArray[Any], position: NDArray[Any]) -> None:
        """Take a piece."""
        self.term.append(term)
        self.document.append(document)
        self.position.append(position)
        self.count += len(term)

    def take(self) -> TakenRows:
        """Return all rows and forget them."""
        taken = _joined(self.term), _joined(self.document), _joined(self.position)
        self.term, self.document, self.position, self.count = [], [], [], 0
        return taken


def _joined(pieces: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return pieces[0] if len(pieces) == 1 else np.concatenate([np.zeros(0, np.int32), *pieces])
