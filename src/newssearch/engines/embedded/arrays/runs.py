"""Sorted runs of postings become one, chunk by chunk of terms, without the documents that are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, counts_by, runs_at, sums_by
from .invert import Postings, stable_order
from .layout import narrow

CHUNK = 1 << 21
"""rows that are worked on at once"""


class Source(Protocol):
    """Postings of some documents by ascending term number."""

    terms: NDArray[np.int64]
    df: NDArray[np.int64]
    cf: NDArray[np.int64]

    def between(self, low: int, high: int) -> tuple[NDArray[np.int64], Postings]:
        """The terms with numbers in [low, high), with their postings."""


def merged(
    runs: Sequence[Source], terms: int, numbers: NDArray[np.int32] | None = None, *, disjoint: bool = True
) -> Iterator[tuple[int, int, Postings]]:
    """Yield (low, high, postings of the terms low to high − 1) until all `terms` are done.

    The documents of a run come before those of the next (`disjoint`), or may be the same as others': then their frequencies are summed, and there
    are no positions. numbers[document] are the new numbers, −1 for those to leave out; None keeps all as they are.
    """
    for low, high in _plan(runs, terms):
        pieces = [run.between(low, high) for run in runs]
        pieces = [piece for piece in pieces if len(piece[0])]
        postings = _side_by_side(pieces, low, high)
        if numbers is not None:
            postings = _renumbered(postings, numbers)
        yield low, high, postings if disjoint else _summed(postings)


def _plan(runs: Sequence[Source], terms: int) -> Iterator[tuple[int, int]]:
    rows = np.zeros(terms, np.int64)
    for run in runs:
        np.add.at(rows, run.terms, run.cf)
    before = bounds_of(rows)
    low = 0
    while low < terms:
        high = int(np.searchsorted(before, before[low] + CHUNK, side="right")) - 1
        high = min(max(high, low + 1), terms)
        yield low, high
        low = high


def _side_by_side(pieces: Sequence[tuple[NDArray[np.int64], Postings]], low: int, high: int) -> Postings:
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


def _summed(postings: Postings) -> Postings:
    """Bring the documents of each term into order, and the frequencies of one document together."""
    terms, docs = len(postings.df), narrow(postings.docs)
    term = np.repeat(narrow(np.arange(terms)), postings.df)
    order = stable_order(docs, int(docs.max()) if len(docs) else 0)
    order = order[stable_order(term[order], terms)]
    term, docs = term[order], docs[order]
    new = np.ones(len(docs), np.bool_)
    new[1:] = (term[1:] != term[:-1]) | (docs[1:] != docs[:-1])
    begins = np.flatnonzero(new)
    freqs: NDArray[Any] = postings.freqs[order]
    if len(begins) < len(docs):
        freqs = np.add.reduceat(freqs, begins, dtype=np.int64)
    df = np.bincount(term[begins], minlength=terms)
    return Postings(df, postings.cf, docs[begins].astype(np.int32), freqs, None)
