"""Terms that stand side by side: in how many documents, kept for pairs of two or more.

The table is kept as the postings of a field are: what stands for documents are the second terms, what stands for frequencies the documents of the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of, counts_by, runs_at
from .invert import Postings, TakenRows, lengths_of, stable_order
from .layout import narrow, narrowest
from .postings import FieldWriter
from .runs import Source, summed


@dataclass(frozen=True, slots=True)
class SortedPairs:
    """The pairs of some rows, by first term, second term and document.

    first[p] and second[p] of each different pair; its occurrences are bounds[p] to bounds[p + 1] − 1; document[n] of each, and new[n] whether it
    is the first one of the pair in the document; df[p] documents of each.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    bounds: NDArray[np.int64]
    document: Ints
    """counted from `base`"""
    base: int
    new: NDArray[np.bool_]
    df: NDArray[np.int32]

    def counts(self, terms: int) -> Postings:
        """df[t] second terms of term t, docs[p] their numbers, freqs[p] in how many documents the pair stands."""
        seconds = np.bincount(self.first, minlength=terms)
        return Postings(seconds, seconds, self.second.astype(np.int32), narrow(self.df), None)

    def postings(self, chosen: NDArray[np.int64]) -> Postings:
        """The documents of some pairs, with how often the pair stands in each."""
        rows = runs_at(self.bounds[:-1][chosen], np.diff(self.bounds)[chosen])
        bounds = np.append(np.flatnonzero(self.new[rows]), len(rows))
        df = self.df[chosen].astype(np.int64)
        return Postings(
            df, df, self.document[rows[bounds[:-1]]].astype(np.int32) + self.base, narrow(np.diff(bounds)), None
        )


def sort_pairs(rows: TakenRows, order: NDArray[np.int64], terms: int) -> SortedPairs:
    """Return the pairs of rows with terms below `terms`: those at positions p and p + 1 of a document; `order` is the `stable_order` of their terms."""
    # By second term they are already: the order of the rows is used twice.
    first, other = neighbours(rows, order)
    by_first = stable_order(first, max(terms - 1, 0))
    width = 8 * first.itemsize
    pair: Ints = first.take(by_first).astype(np.uint32 if width <= 16 else np.uint64)
    pair <<= width
    pair |= rows.term.take(other).take(by_first)
    document = rows.document.take(other).take(by_first)
    new_pair = _changes(pair)
    new = new_pair | _changes(document)
    begins = np.flatnonzero(new_pair)
    distinct = pair.take(begins).astype(np.int64)
    of_document = new_pair[new]
    return SortedPairs(
        distinct >> width,
        distinct & (1 << width) - 1,
        np.append(begins, len(pair)),
        document,
        rows.base,
        new,
        lengths_of(np.flatnonzero(of_document), len(of_document)),
    )


def _changes(values: Ints) -> NDArray[np.bool_]:
    """[values] whether each differs from the one before; the first does."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def neighbours(rows: TakenRows, order: NDArray[np.int64]) -> tuple[Ints, NDArray[np.int64]]:
    """The first term and the second row of each pair, in the order `order` of the second: each row with each at the position before in its document."""
    assert rows.position is not None
    together = rows.document[1:] == rows.document[:-1]
    # Unsigned, and within a document ascending: a step is never negative.
    step = rows.position[1:] - rows.position[:-1]
    follows = np.zeros(len(rows.term), np.bool_)
    np.logical_and(step == 1, together, out=follows[1:])
    shared = np.flatnonzero((step == 0) & together) + 1
    before = np.empty_like(rows.term)
    before[1:] = rows.term[:-1]
    if not len(shared):
        other = order.compress(follows.take(order))
        return before.take(other), other
    back, count = _rows_before(follows, shared)
    odd = np.flatnonzero((back != 1) & (count > 0))
    before[odd] = rows.term[odd - back[odd]]
    other = np.repeat(order, count.take(order))
    first = before.take(other)
    # A row after several stands as often, and each time for the next of them.
    again = np.flatnonzero(other[1:] == other[:-1]) + 1
    opens = np.flatnonzero(np.diff(again, prepend=-1) != 1)
    next_of_them = 1 + runs_at(np.zeros(len(opens), np.int64), np.diff(opens, append=len(again)))
    first[again] = rows.term[other[again] - back[other[again]] + next_of_them]
    return first, other


def _rows_before(follows: NDArray[np.bool_], shared: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """[rows] how far back the first row at the position before each is, and how many there are.

    follows[n] rows stand one position after the row before; shared[n] are those at the position of the row before.
    """
    opens = np.flatnonzero(np.diff(shared, prepend=-1) != 1)
    # Group g: the rows first[g] to first[g] + size[g] − 1, two or more at one position.
    first = shared[opens] - 1
    size = np.diff(opens, append=len(shared)) + 1
    dtype = narrowest(2 * int(size.max()))
    back, count = np.ones(len(follows), dtype), follows.astype(dtype)
    after = np.minimum(first + size, len(follows) - 1)
    chosen = follows[after]
    back[after[chosen]] = count[after[chosen]] = size[chosen]
    # A group may follow a group, so this comes last.
    inside = shared - np.repeat(first, size - 1)
    back[shared] = np.repeat(back[first], size - 1) + inside
    count[shared] = np.repeat(count[first], size - 1)
    return back, count


def encoded_pairs(runs: Sequence[Source], terms: int, folder: Path) -> FieldWriter:
    """Return the pairs of two or more documents, to be finished as a field without a dictionary; runs are by the terms' final numbers."""
    writer = FieldWriter(folder, terms, positions=False)
    try:
        for postings in summed(runs, terms):
            kept = postings.freqs > 1
            df = counts_by(kept, bounds_of(postings.df))
            writer.add(Postings(df, df, postings.docs[kept], postings.freqs[kept], None))
    except BaseException:
        writer.close()
        raise
    return writer
