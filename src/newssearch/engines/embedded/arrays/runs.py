"""Sorted runs of postings become one, chunk by chunk of terms, without the documents that are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from itertools import pairwise
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, counts_by, runs_at, sums_by
from .invert import Postings, stable_order

CHUNK = 1 << 18
"""rows that are worked on at once: more of them take fresh memory, which costs more than what is done there"""
_DOCUMENT = 31
"""bits of a document"""


_Item = TypeVar("_Item")
_Piece = tuple[NDArray[Any], Postings]
"""terms, ascending, with their postings"""


class Source(Protocol):
    """Postings of some documents by ascending term number."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    def cuts(self) -> NDArray[np.int32] | None:
        """The numbers, ascending, at which pieces may begin, beside 0; None for all."""

    def totals(self) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
        """Terms, some of them perhaps several times, with df[t] documents and cf[t] rows each."""

    def pieces(self, bounds: NDArray[np.int64]) -> Iterator[tuple[NDArray[Any], Postings]]:
        """Yield for each i terms with numbers in [bounds[i], bounds[i + 1]), with their postings; a term's earlier documents come first."""


def merged(
    runs: Sequence[Source], terms: int, numbers: NDArray[np.int32] | None = None
) -> Iterator[tuple[int, int, Postings]]:
    """Yield (low, high, postings of the terms low to high − 1) until all `terms` are done; the documents of a run come before those of the next.

    numbers[document] are the new numbers, −1 for those to leave out; None keeps all as they are.
    """
    for low, high, pieces in _in_step(runs, terms):
        postings = _side_by_side(pieces, low, high)
        yield low, high, postings if numbers is None else _renumbered(postings, numbers)


def summed(runs: Sequence[Source], terms: int) -> Iterator[Postings]:
    """Yield the postings of all `terms`, chunk by chunk, without positions; the frequencies that several runs have for one document are summed."""
    for low, high, pieces in _in_step(runs, terms):
        yield _summed(pieces, low, high)


def ahead(items: Iterator[_Item], worker: Executor) -> Iterator[_Item]:
    """Yield the items, the next of which is made meanwhile."""
    coming = worker.submit(next, items, None)
    while (item := coming.result()) is not None:
        coming = worker.submit(next, items, None)
        yield item


def _in_step(runs: Sequence[Source], terms: int) -> Iterator[tuple[int, int, list[_Piece]]]:
    """Yield (low, high, what each run has of the terms low to high − 1), chunk by chunk."""
    bounds = _plan(runs, terms)
    of_runs = [run.pieces(bounds) for run in runs]
    for low, high in pairwise(bounds.tolist()):
        pieces = map(next, of_runs)
        yield low, high, [piece for piece in pieces if len(piece[0])]


def _plan(runs: Sequence[Source], terms: int) -> NDArray[np.int64]:
    """The bounds of chunks of terms."""
    rows = np.zeros(terms, np.int64)
    for run in runs:
        of_run, _, cf = run.totals()
        np.add.at(rows, of_run, cf)
    allowed = np.arange(terms + 1)
    for run in runs:
        if (cuts := run.cuts()) is not None:
            allowed = np.intersect1d(allowed, np.concatenate(([0], cuts, [terms])))
    before = bounds_of(rows)[allowed]
    chosen = [0]
    while (low := chosen[-1]) < len(allowed) - 1:
        high = int(np.searchsorted(before, before[low] + CHUNK, side="right")) - 1
        chosen.append(max(high, low + 1))
    return allowed[chosen]


def _side_by_side(pieces: Sequence[_Piece], low: int, high: int) -> Postings:
    """Bring blocks that stand run by run into the order of the terms."""
    term = np.concatenate([np.zeros(0, np.int64), *(terms for terms, _ in pieces)]) - low
    df = np.concatenate([np.zeros(0, np.int64), *(of.df for _, of in pieces)])
    cf = np.concatenate([np.zeros(0, np.int64), *(of.cf for _, of in pieces)])
    docs = np.concatenate([np.zeros(0, np.int32), *(of.docs for _, of in pieces)])
    freqs = np.concatenate([np.zeros(0, np.uint8), *(of.freqs for _, of in pieces)])
    with_gaps = [of.gaps for _, of in pieces if of.gaps is not None]
    gaps = np.concatenate([np.zeros(0, np.uint8), *with_gaps]) if len(with_gaps) == len(pieces) else None
    if len(pieces) > 1 or (np.diff(term) < 0).any():
        order = stable_order(term, high - low)
        moved = runs_at(bounds_of(df)[:-1][order], df[order])
        docs, freqs = docs[moved], freqs[moved]
        if gaps is not None:
            gaps = gaps[runs_at(bounds_of(cf)[:-1][order], cf[order])]
    return Postings(_totals(term, df, high - low), _totals(term, cf, high - low), docs, freqs, gaps)


def _totals(term: NDArray[np.int64], counts: NDArray[np.int64], terms: int) -> NDArray[np.int64]:
    totals = np.zeros(terms, np.int64)
    np.add.at(totals, term, counts)
    return totals


def _renumbered(postings: Postings, numbers: NDArray[np.int32]) -> Postings:
    docs = numbers[postings.docs]
    kept = docs >= 0
    if kept.all():
        return Postings(postings.df, postings.cf, docs, postings.freqs, postings.gaps)
    bounds = bounds_of(postings.df)
    freqs = postings.freqs[kept]
    df = counts_by(kept, bounds)
    gaps = postings.gaps[np.repeat(kept, postings.freqs)] if postings.gaps is not None else None
    return Postings(df, sums_by(freqs, bounds_of(df)), docs[kept], freqs, gaps)


def _summed(pieces: Sequence[_Piece], low: int, high: int) -> Postings:
    keys, freqs = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    if pieces:
        keys = np.concatenate(
            [np.repeat(terms.astype(np.int64) - low << _DOCUMENT, of.df) | of.docs for terms, of in pieces]
        )
        freqs = np.concatenate([of.freqs for _, of in pieces])
    # Pieces are in order, but for spellings of one form: numpy's stable sort of wide numbers makes use of it.
    order = np.argsort(keys, kind="stable")
    keys, freqs = keys.take(order), freqs.take(order)
    new = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    begins = np.flatnonzero(new)
    if len(begins) < len(keys):
        freqs = np.add.reduceat(freqs, begins, dtype=np.int64)
        keys = keys[begins]
    df = np.bincount(keys >> _DOCUMENT, minlength=high - low)
    return Postings(df, df, (keys & (1 << _DOCUMENT) - 1).astype(np.int32), freqs, None)
