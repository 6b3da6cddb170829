"""Terms that stand side by side: in how many documents, kept for pairs of two or more.

The table is kept as the postings of a field are: what stands for documents are the second terms, what stands for frequencies the documents of the pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of, counts_by, positions_from, runs_at
from .invert import Postings, Run, stable_order
from .layout import Spool, narrow
from .postings import FieldWriter
from .runs import merged

_BLOCK = 1 << 21
"""rows whose pairs are counted at once"""
_ROW = np.dtype([("document", "<i4"), ("position", "<i4"), ("term", "<i4")])


def count_pairs(term: Ints, document: Ints, position: Ints, terms: int) -> Postings:
    """Return, for rows sorted by (document, position) with term[rows] below `terms`, the second terms of each first term and their documents' number.

    df[t] second terms of term t, docs[p] their numbers, freqs[p] in how many documents the pair stands: at positions p and p + 1.
    """
    # Narrow arrays are moved about: this is bound by memory.
    term = narrow(term)
    document = narrow(document - (int(document[0]) if len(document) else 0))
    close = (document[1:] == document[:-1]) & (position[1:] == position[:-1] + 1)
    first, second, of_pair = term[:-1][close], term[1:][close], document[:-1][close]
    row, other = _pairs_of_alternatives(document, position)
    if len(row):
        at = np.searchsorted(np.flatnonzero(close), row) + np.arange(len(row))
        first = _inserted(first, at, term[row])
        second = _inserted(second, at, term[other])
        of_pair = _inserted(of_pair, at, document[row])
    order = stable_order(second, terms)
    order = order[stable_order(first[order], terms)]
    width = 8 * term.itemsize
    pair: Ints = first[order].astype(np.uint32 if width <= 16 else np.uint64)
    pair <<= width
    pair |= second[order]
    new_pair = _changes(pair)
    new_document = _changes(of_pair[order])
    new_document |= new_pair
    begins = np.flatnonzero(new_pair)
    seen = bounds_of(new_document)
    freqs = np.diff(seen[begins], append=seen[-1])
    distinct = pair[begins].astype(np.int64)
    df = np.bincount(distinct >> width, minlength=terms)
    return Postings(df, df, (distinct & (1 << width) - 1).astype(np.int32), narrow(freqs), None)


def _changes(values: Ints) -> NDArray[np.bool_]:
    """[values] whether each differs from the one before; the first does."""
    new = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _inserted(values: Ints, at: NDArray[np.int64], more: Ints) -> Ints:
    """The values with more[i] among them at at[i]."""
    whole = np.empty(len(values) + len(more), values.dtype)
    old = np.ones(len(whole), np.bool_)
    old[at] = False
    whole[old] = values
    whole[at] = more
    return whole


def _pairs_of_alternatives(document: Ints, position: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of the pairs that do not stand one after the other, for several rows share a position; by the first row."""
    none = np.zeros(0, np.int64)
    same = (document[1:] == document[:-1]) & (position[1:] == position[:-1])
    if not same.any():
        return none, none
    begins = np.flatnonzero(~np.concatenate(([False], same)))
    sizes = np.diff(begins, append=len(document))
    shared = np.flatnonzero(sizes > 1)
    # Group g of rows at one position and group g + 1.
    groups = np.union1d(shared, np.maximum(shared, 1) - 1)
    groups = groups[groups < len(begins) - 1]
    here, there = begins[groups], begins[groups + 1]
    groups = groups[(document[here] == document[there]) & (position[here] + 1 == position[there])]
    many, following = sizes[groups], sizes[groups + 1]
    counts = np.repeat(following, many)
    row = np.repeat(runs_at(begins[groups], many), counts)
    other = runs_at(np.repeat(begins[groups + 1], many), counts)
    apart = other != row + 1
    return row[apart], other[apart]


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


class Recount:
    """Counts pairs anew from postings, for a merge or when documents were left out; rows wait on disk, apart by ranges of documents."""

    def __init__(self, rows: int, documents: int, folder: Path) -> None:
        """Prepare for about `rows` rows of `documents` documents."""
        self._blocks = [Spool(folder) for _ in range(max(1, min(-(-rows // _BLOCK), documents)))]
        self._documents = documents
        self._spool = Spool(folder)

    def add(self, low: int, postings: Postings) -> None:
        """Take the postings of terms from `low` on."""
        assert postings.gaps is not None
        rows = np.empty(len(postings.gaps), _ROW)
        rows["document"] = np.repeat(postings.docs, postings.freqs)
        rows["position"] = positions_from(postings.gaps, postings.freqs)
        rows["term"] = np.repeat(np.arange(low, low + len(postings.cf)), postings.cf)
        block = rows["document"].astype(np.int64) * len(self._blocks) // self._documents
        order = stable_order(block, len(self._blocks))
        cuts = bounds_of(np.bincount(block, minlength=len(self._blocks))).tolist()
        rows = rows[order]
        for number, spool in enumerate(self._blocks):
            spool.write(rows[cuts[number] : cuts[number + 1]].view(np.uint8))

    def runs(self, numbers: NDArray[np.int64], terms: int) -> Iterator[Run]:
        """Yield the counted pairs; numbers[term] are the final numbers of terms, `terms` of them."""
        for block in self._blocks:
            rows: NDArray[Any] = np.frombuffer(block.read(0, block.size), _ROW)
            block.close()
            order = stable_order(rows["position"], int(rows["position"].max(initial=0)))
            order = order[stable_order(rows["document"][order], self._documents)]
            rows = rows[order]
            run = Run(np.arange(terms), count_pairs(numbers[rows["term"]], rows["document"], rows["position"], terms))
            run.spill(self._spool)
            yield run

    def close(self) -> None:
        """Let go of what is on disk."""
        for spool in (*self._blocks, self._spool):
            spool.close()
