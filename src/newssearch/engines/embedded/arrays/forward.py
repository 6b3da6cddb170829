"""Postings brought back into the order of the text, a range of documents at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, positions_from
from .invert import Postings, TakenRows, stable_order
from .layout import Spool, narrow

BLOCK = 1 << 21
"""rows that are brought into order at once"""


class Forward:
    """Rows wait on disk, apart by ranges of documents, until all terms have been seen."""

    def __init__(self, rows: int, documents: int, folder: Path) -> None:
        """Prepare for about `rows` rows of `documents` documents."""
        count = max(1, min(-(-rows // BLOCK), documents))
        self._size = -(-documents // count)
        """documents of a range"""
        self._blocks = [(Spool(folder), Spool(folder), Spool(folder)) for _ in range(-(-documents // self._size))]

    def add(self, terms: NDArray[np.int64], postings: Postings) -> None:
        """Take the postings of these terms."""
        assert postings.gaps is not None
        columns: tuple[NDArray[Any], ...] = (
            np.repeat(terms.astype(np.int32), postings.cf),
            np.repeat(postings.docs, postings.freqs),
            positions_from(postings.gaps, postings.freqs),
        )
        count = len(self._blocks)
        if count == 1:
            cuts = [0, len(columns[0])]
        else:
            block = (columns[1] // self._size).astype(np.uint8 if count < 256 else np.int32)
            cuts = bounds_of(np.bincount(block, minlength=count)).tolist()
            order = stable_order(block, count)
            columns = tuple(column[order] for column in columns)
        for number, spools in enumerate(self._blocks):
            for spool, column in zip(spools, columns, strict=True):
                spool.write(column[cuts[number] : cuts[number + 1]])

    def blocks(self, numbers: NDArray[np.int64]) -> Iterator[TakenRows]:
        """Yield all rows, block after block of documents, their terms under the numbers numbers[term]."""
        for number, spools in enumerate(self._blocks):
            term, document, position = (np.frombuffer(spool.read(0, spool.size), np.int32) for spool in spools)
            for spool in spools:
                spool.close()
            base = number * self._size
            here, places = narrow(document - base), narrow(position)
            order = stable_order(places, int(places.max(initial=0)))
            order = order[stable_order(here[order], self._size)]
            yield TakenRows(narrow(numbers[term[order]]), here[order], places[order], base)

    def close(self) -> None:
        """Let go of what is on disk."""
        for spools in self._blocks:
            for spool in spools:
                spool.close()
