"""Inversion: rows in the order of the text become postings in the order of the terms, by radix sorts and prefix sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of
from .layout import narrow, narrowest

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


def lengths_of(begins: NDArray[np.int64], end: int) -> NDArray[np.int32]:
    """The lengths of runs that begin there, each up to the next and the last to `end`; narrow, for memory is what it costs."""
    lengths = np.empty(len(begins), np.int32)
    np.subtract(begins[1:], begins[:-1], out=lengths[:-1], casting="unsafe")
    lengths[-1:] = end - begins[-1:]
    return lengths


def invert(rows: TakenRows, order: NDArray[np.int64], terms: int) -> Postings:
    """Return the postings of rows with terms below `terms`; `order` is the `stable_order` of their terms."""
    cf = np.bincount(rows.term, minlength=terms)
    document = rows.document.take(order)
    begin_of_term = bounds_of(cf)
    new = np.empty(len(document), np.bool_)
    new[:1] = True
    np.not_equal(document[1:], document[:-1], out=new[1:])
    new[begin_of_term[:-1][cf > 0]] = True
    begins = np.flatnonzero(new)
    df = np.diff(np.searchsorted(begins, begin_of_term))
    freqs = lengths_of(begins, len(document))
    gaps = None
    if rows.position is not None:
        gaps = rows.position.take(order)
        gaps[1:] -= gaps[:-1] * ~new[1:]
    return Postings(df, cf, document.take(begins).astype(np.int32) + rows.base, narrow(freqs), gaps)


@dataclass(frozen=True, slots=True)
class TakenRows:
    """Rows of one field, sorted by (document, position), as narrow as their values allow."""

    term: NDArray[Any]
    document: NDArray[Any]
    """counted from `base`"""
    position: NDArray[Any] | None
    base: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """Rows of a batch as it brought them."""

    numbers: NDArray[np.int32]
    """[the batch's terms] their numbers in the segment"""
    term: NDArray[Any]
    document: NDArray[Any]
    position: NDArray[Any]
    first: int
    """the number of the batch's first document"""


class WaitingRows:
    """Rows of one field that wait to be inverted, batch by batch."""

    def __init__(self) -> None:
        self.count = 0
        self._pieces: list[_Piece] = []

    def add(
        self,
        numbers: NDArray[np.int32],
        term: NDArray[Any],
        document: NDArray[Any],
        position: NDArray[Any],
        first: int,
    ) -> None:
        """Take the rows of a batch: numbers[term[n]] is the term in the segment of each row, first + document[n] its document."""
        self._pieces.append(_Piece(numbers, term, document, position, first))
        self.count += len(term)

    def take(self) -> WaitingRows:
        """Return all rows and forget them."""
        taken = WaitingRows()
        taken.count, taken._pieces = self.count, self._pieces
        self.count, self._pieces = 0, []
        return taken

    def used(self, terms: int) -> NDArray[np.bool_]:
        """[terms] which of the segment's terms stand in the rows."""
        used = np.zeros(terms, np.bool_)
        for piece in self._pieces:
            used[piece.numbers] = True
        return used

    def joined(self, local: NDArray[np.int32], *, positions: bool) -> TakenRows:
        """Return all rows with the terms local[number in the segment]."""
        pieces = [piece for piece in self._pieces if len(piece.term)]
        base = pieces[0].first + int(pieces[0].document[0]) if pieces else 0
        end = pieces[-1].first + int(pieces[-1].document[-1]) if pieces else 0
        term = np.empty(self.count, narrowest(int(local.max(initial=0))))
        document = np.empty(self.count, narrowest(end - base))
        position = None
        if positions:
            top = max((int(piece.position.max()) for piece in pieces), default=0)
            position = np.empty(self.count, narrowest(top))
        at = 0
        for piece in pieces:
            here = slice(at, at + len(piece.term))
            term[here] = local[piece.numbers].astype(term.dtype)[piece.term]
            document[here] = piece.document
            # Modulo the width, for the first batch may begin before the base.
            document[here] += np.int64(piece.first - base).astype(document.dtype)
            if position is not None:
                position[here] = piece.position
            at = here.stop
        return TakenRows(term, document, position, base)
