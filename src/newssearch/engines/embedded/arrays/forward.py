"""Postings brought back into the order of the text, a range of documents at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, positions_from
from .invert import Postings, TakenRows, stable_order
from .layout import Spool

BLOCK = 1 << 21
"""rows that are brought into order at once"""
_ROW = np.dtype([("document", "<i4"), ("position", "<i4"), ("term", "<i4")])


class Forward:
    """Rows wait on disk, apart by ranges of documents, until all terms have been seen."""

    def __init__(self, rows: int, documents: int, folder: Path) -> None:
        """Prepare for about `rows` rows of `documents` documents."""
        self._blocks = [Spool(folder) for _ in range(max(1, min(-(-rows // BLOCK), documents)))]
        self._documents = documents

    def add(self, terms: NDArray[np.int64], postings: Postings) -> None:
        """Take the postings of these terms."""
        assert postings.gaps is not None
        rows = np.empty(len(postings.gaps), _ROW)
        rows["document"] = np.repeat(postings.docs, postings.freqs)
        rows["position"] = positions_from(postings.gaps, postings.freqs)
        rows["term"] = np.repeat(terms, postings.cf)
        count = len(self._blocks)
        block = rows["document"].astype(np.int64) * count // self._documents
        cuts = bounds_of(np.bincount(block, minlength=count)).tolist()
        rows = rows[stable_order(block, count)] if count > 1 else rows
        for number, spool in enumerate(self._blocks):
            spool.write(rows[cuts[number] : cuts[number + 1]].view(np.uint8))

    def blocks(self) -> Iterator[TakenRows]:
        """Yield term, document and position of rows sorted by (document, position), block after block of documents."""
        for block in self._blocks:
            rows: NDArray[Any] = np.frombuffer(block.read(0, block.size), _ROW)
            block.close()
            term, document, position = (np.ascontiguousarray(rows[name]) for name in ("term", "document", "position"))
            order = stable_order(position, int(position.max(initial=0)))
            order = order[stable_order(document[order], self._documents)]
            yield term[order], document[order], position[order]

    def close(self) -> None:
        """Let go of what is on disk."""
        for spool in self._blocks:
            spool.close()
