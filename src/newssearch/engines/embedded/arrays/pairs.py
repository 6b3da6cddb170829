"""Terms that stand side by side: in how many documents, kept for pairs of two or more.

The table is kept as the postings of a field are: what stands for documents are the second terms, what stands for frequencies the documents of the pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import Ints, bounds_of, positions_from, runs_at
from .invert import Postings, Run, stable_order
from .layout import ContainerWriter, Spool
from .postings import FieldWriter
from .runs import merged

_BLOCK = 1 << 21
"""rows whose pairs are counted at once"""
_ROW = np.dtype([("document", "<i4"), ("position", "<i4"), ("term", "<i4")])


def count_pairs(term: Ints, document: Ints, position: Ints, terms: int) -> Postings:
    """Return, for rows sorted by (document, position) with term[rows] below `terms`, the second terms of each first term and their documents' number.

    df[t] second terms of term t, docs[p] their numbers, freqs[p] in how many documents the pair stands: at positions p and p + 1.
    """
    rows = len(term)
    new = np.ones(rows, np.bool_)
    new[1:] = (document[1:] != document[:-1]) | (position[1:] != position[:-1])
    begins = np.flatnonzero(new)
    sizes = np.diff(begins, append=rows)
    # Group g of rows at one position stands before group g + 1 if that is at the next position of the same document.
    close = np.zeros(len(begins), np.bool_)
    close[:-1] = (document[begins[1:]] == document[begins[:-1]]) & (position[begins[1:]] == position[begins[:-1]] + 1)
    following = np.where(close, np.roll(sizes, -1), 0)
    counts = np.repeat(following, sizes)
    second = term[runs_at(np.repeat(np.roll(begins, -1), sizes), counts)]
    first = np.repeat(term, counts)
    document = np.repeat(document, counts)
    order = stable_order(second, terms)
    order = order[stable_order(first[order], terms)]
    first, second, document = first[order], second[order], document[order]
    new_pair = np.ones(len(first), np.bool_)
    new_pair[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    new_document = new_pair.copy()
    new_document[1:] |= document[1:] != document[:-1]
    begins = np.flatnonzero(new_pair)
    seen = bounds_of(new_document)
    freqs = seen[np.append(begins[1:], len(first))] - seen[begins] if len(begins) else np.zeros(0, np.int64)
    df = np.bincount(first[begins], minlength=terms)
    return Postings(df, df, second[begins].astype(np.int32), freqs, None)


def write_pairs(container: ContainerWriter, runs: Iterable[Run], terms: int, folder: Path) -> int:
    """Write the sections `pairs.…` for pairs of two or more documents; runs are by terms' final numbers. Returns how many."""
    writer = FieldWriter(folder, terms, positions=False)
    try:
        count = 0
        for _, _, postings in merged(list(runs), terms, disjoint=False):
            kept = postings.freqs > 1
            first = np.repeat(np.arange(len(postings.df)), postings.df)[kept]
            df = np.bincount(first, minlength=len(postings.df))
            writer.add(Postings(df, df, postings.docs[kept], postings.freqs[kept], None))
            count += len(first)
        writer.finish(container, "pairs", None, keep=np.ones(terms, np.bool_))
        return count
    finally:
        writer.close()


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
