"""Terms that stand side by side: in how many documents, kept for pairs of two or more.

The table is kept as the postings of a field are: what stands for documents are the second terms, what stands for frequencies the documents of the pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of, counts_by, runs_at
from .invert import Postings, Run, stable_order
from .layout import narrow
from .postings import FieldWriter
from .runs import merged


@dataclass(frozen=True, slots=True)
class SortedPairs:
    """The pairs of some rows, by first term, second term and document.

    first[p] and second[p] of each different pair; its occurrences are bounds[p] to bounds[p + 1] − 1; document[n] of each, and new[n] whether it
    is the first one of the pair in the document.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    bounds: NDArray[np.int64]
    document: Ints
    """counted from `base`"""
    base: int
    new: NDArray[np.bool_]

    def counts(self, terms: int) -> Postings:
        """df[t] second terms of term t, docs[p] their numbers, freqs[p] in how many documents the pair stands."""
        df = np.bincount(self.first, minlength=terms)
        return Postings(df, df, self.second.astype(np.int32), narrow(counts_by(self.new, self.bounds)), None)

    def postings(self, chosen: NDArray[np.int64]) -> Postings:
        """The documents of some pairs, with how often the pair stands in each."""
        sizes = np.diff(self.bounds)[chosen]
        rows = runs_at(self.bounds[:-1][chosen], sizes)
        bounds = np.append(np.flatnonzero(self.new[rows]), len(rows))
        df = counts_by(self.new[rows], bounds_of(sizes))
        return Postings(
            df, df, self.document[rows[bounds[:-1]]].astype(np.int32) + self.base, narrow(np.diff(bounds)), None
        )


def sort_pairs(term: Ints, document: Ints, position: Ints, terms: int) -> SortedPairs:
    """Return the pairs of rows that are sorted by (document, position), term[rows] below `terms`: terms at positions p and p + 1."""
    row, other = neighbours(document, position)
    # Narrow arrays are moved about: this is bound by memory.
    term = narrow(term)
    base = int(document[0]) if len(document) else 0
    first, second, of_pair = term[row], term[other], narrow(document - base)[row]
    order = stable_order(second, terms)
    order = order[stable_order(first[order], terms)]
    width = 8 * term.itemsize
    pair: Ints = first[order].astype(np.uint32 if width <= 16 else np.uint64)
    pair <<= width
    pair |= second[order]
    of_pair = of_pair[order]
    new_pair = _changes(pair)
    begins = np.flatnonzero(new_pair)
    distinct = pair[begins].astype(np.int64)
    new_pair |= _changes(of_pair)
    return SortedPairs(
        distinct >> width, distinct & (1 << width) - 1, np.append(begins, len(pair)), of_pair, base, new_pair
    )


def _changes(values: Ints) -> NDArray[np.bool_]:
    """[values] whether each differs from the one before; the first does."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def neighbours(document: Ints, position: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of each pair, by the first row: each at one position with each at the next of the same document."""
    step = position[1:] - position[:-1]
    together = document[1:] == document[:-1]
    close = np.flatnonzero((step == 1) & together)
    row, other = _pairs_of_alternatives(np.flatnonzero((step == 0) & together) + 1, document, position)
    if not len(row):
        return close, close + 1
    at = np.searchsorted(close, row) + np.arange(len(row))
    return _inserted(close, at, row), _inserted(close + 1, at, other)


def _inserted(values: Ints, at: NDArray[np.int64], more: Ints) -> Ints:
    """The values with more[i] among them at at[i]."""
    whole = np.empty(len(values) + len(more), values.dtype)
    old = np.ones(len(whole), np.bool_)
    old[at] = False
    whole[old] = values
    whole[at] = more
    return whole


def _pairs_of_alternatives(
    shared: NDArray[np.int64], document: Ints, position: Ints
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the pairs that do not stand one after the other, by the first row; shared[n] are the rows at the position of the row before."""
    none = np.zeros(0, np.int64)
    if not len(shared):
        return none, none
    opens = np.flatnonzero(np.diff(shared, prepend=-1) != 1)
    # Group g: the rows begin[g] to end[g] - 1, two or more at one position.
    begin = shared[opens] - 1
    end = begin + np.diff(opens, append=len(shared)) + 1
    size = end - begin
    beside = np.zeros(len(begin), np.bool_)
    beside[:-1] = end[:-1] == begin[1:]
    # A group and what follows it: another group, or a single row.
    following = np.where(beside, np.append(size[1:], 0), 1)
    last = np.minimum(end, len(document) - 1)
    close = (end < len(document)) & (document[last] == document[begin]) & (position[last] == position[begin] + 1)
    counts = np.repeat(following[close], size[close])
    row = np.repeat(runs_at(begin[close], size[close]), counts)
    other = runs_at(np.repeat(end[close], size[close]), counts)
    # A single row and the group that follows it.
    before = np.maximum(begin - 1, 0)
    single = (begin > 0) & ~np.append(False, beside[:-1])
    single &= (document[before] == document[begin]) & (position[before] + 1 == position[begin])
    row = np.concatenate((row, np.repeat(before[single], size[single])))
    other = np.concatenate((other, runs_at(begin[single], size[single])))
    apart = other != row + 1
    order = np.argsort(row[apart], kind="stable")
    return row[apart][order], other[apart][order]


def encoded_pairs(runs: Iterable[Run], terms: int, folder: Path) -> FieldWriter:
    """Return the pairs of two or more documents, to be finished as a field without a dictionary; runs are by the terms' final numbers."""
    writer = FieldWriter(folder, terms, positions=False)
    try:
        for _, _, postings in merged(list(runs), terms, disjoint=False):
            kept = postings.freqs > 1
            df = counts_by(kept, bounds_of(postings.df))
            writer.add(Postings(df, df, postings.docs[kept], postings.freqs[kept], None))
    except BaseException:
        writer.close()
        raise
    return writer
