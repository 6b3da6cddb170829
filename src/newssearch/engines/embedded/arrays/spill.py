"""What a build holds in memory goes to disk: runs together, so that their pieces of some terms are read at once, however many runs there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of
from .invert import Postings
from .layout import Spool
from .sorted_run import Column, OnDisk, Run

_RANGES = 1 << 9
"""ranges of terms: of the largest segment one has half a million rows"""
_Read = Callable[[int, int], NDArray[Any]]
"""what a column of a run has from one place to another"""


def cuts_of(runs: Sequence[Run], order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The terms, numbered as the runs know them, at which to cut their terms into ranges of about as many rows; `order` is that of their names."""
    rows = np.zeros(len(order), np.int64)
    for run in runs:
        terms, _, cf = run.totals()
        rows[terms] += cf
    before = bounds_of(rows[order])
    at = np.unique(np.searchsorted(before, before[-1] * np.arange(1, _RANGES) // _RANGES))
    cuts: NDArray[np.int64] = order[at[(at > 0) & (at < len(order))]]
    return cuts


class SpilledRuns:
    """Runs of one field on disk, range of terms by range of terms, in each run by run."""

    def __init__(self, runs: Sequence[Run], cuts: NDArray[np.int64], rank: NDArray[np.int32], spool: Spool) -> None:
        """Write the runs, whose terms ascend by rank[term], to the spool. They were not renumbered yet."""
        self.rows = sum(run.rows for run in runs)
        self._of_terms = runs[0].of_terms
        self._cuts = cuts
        self._rank = rank
        at, first, row = [], [], []
        for run in runs:
            terms, df, cf = run.totals()
            at.append(np.concatenate(([0], np.searchsorted(rank[terms], rank[cuts]), [len(terms)])))
            first.append(bounds_of(df)[at[-1]])
            row.append(bounds_of(cf)[at[-1]])
        self._places = np.sum(at, axis=0), np.sum(first, axis=0), np.sum(row, axis=0)

        def written(of_runs: Sequence[_Read], places: Sequence[NDArray[np.int64]]) -> OnDisk:
            column = OnDisk(spool, np.result_type(*(read(0, 0) for read in of_runs)))
            of_range = [list(pairwise(of_run.tolist())) for of_run in places]
            for ends in zip(*of_range, strict=True):
                column.append(np.concatenate([read(*of_run) for read, of_run in zip(of_runs, ends, strict=True)]))
            return column

        self._terms = written([_read(run.terms) for run in runs], at)
        self._df = written([_read(run.df) for run in runs], at)
        self._cf = None if runs[0].cf is None else written([_read(run.cf) for run in runs], at)
        self._docs = written([run.documents for run in runs], first)
        self._freqs = written([_read(run.freqs) for run in runs], first)
        self._gaps = None if runs[0].gaps is None else written([_read(run.gaps) for run in runs], row)

    def renumber(self, rank: NDArray[np.int32]) -> None:
        """Give the terms the numbers rank[term]."""
        self._rank = rank

    def cuts(self) -> NDArray[np.int32]:
        """The numbers of terms, ascending, from which on it may be read, beside the first."""
        return self._rank[self._cuts]

    def totals(self) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        """Terms, several times where several runs have them, with df[t] documents and cf[t] rows each."""
        return self._totals(0, None)

    def _totals(self, begin: int, end: int | None) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        df = self._df[begin:end].astype(np.int64)
        cf = df if self._cf is None else self._cf[begin:end].astype(np.int64)
        return self._rank[self._terms[begin:end]], df, cf

    def pieces(self, bounds: NDArray[np.int64]) -> Iterator[tuple[NDArray[Any], Postings]]:
        """Yield for each i what the runs have of terms with numbers in [bounds[i], bounds[i + 1]), run by run.

        The bounds are 0, some of the cuts, and the number of terms.
        """
        cuts = np.searchsorted(np.append(self.cuts(), bounds[-1]), bounds, side="right")
        for (i, j), (p, q), (n, m) in zip(*(pairwise(place[cuts].tolist()) for place in self._places), strict=True):
            terms, df, cf = self._totals(i, j)
            docs, gaps = self._docs[p:q], None if self._gaps is None else self._gaps[n:m]
            yield terms, Postings(df, cf, self._rank[docs] if self._of_terms else docs, self._freqs[p:q], gaps)


def _read(column: Column | None) -> _Read:
    assert column is not None
    return lambda begin, end: column[begin:end]
