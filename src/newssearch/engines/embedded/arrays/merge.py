"""Several segments become one, on arrays: without their deleted documents, the others in the order in which they stood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .articles import ArticleWriter
from .columns import DocumentColumns
from .encode import bounds_of
from .invert import Postings
from .layout import ContainerWriter, Manifest
from .segment import ArraySegment
from .strings import decoded
from .write import STORED_FIELDS, write_fields

_ARTICLES = 256
"""articles that are compressed at once"""


def merge_segments(
    folder: Path, name: str, sources: Sequence[ArraySegment], deleted: Sequence[NDArray[np.bool_] | None]
) -> Manifest:
    """Write the segment `name` and return its manifest; nothing is synced. deleted[s][document] of source s are left out.

    What the sources' own `deleted` say does not count. Raises ValueError when no document is left, IndexDamaged.
    """
    kept = np.concatenate(
        [
            ~gone if gone is not None else np.ones(s.documents, np.bool_)
            for s, gone in zip(sources, deleted, strict=True)
        ]
    )
    documents = int(kept.sum())
    if not documents:
        raise ValueError("a segment needs a document")
    bases = bounds_of(np.array([source.documents for source in sources])).tolist()
    numbers = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
    columns, articles = DocumentColumns(), ArticleWriter(folder)
    container = ContainerWriter(folder, name)
    try:
        fields = {field: _united(sources, field, bases) for field in STORED_FIELDS}
        with ThreadPoolExecutor(2, "newssearch-segment") as worker:
            counts = write_fields(container, fields, documents, None if kept.all() else numbers, None, folder, worker)
        for source, base in zip(sources, bases, strict=False):
            columns.add_segment(source)
            here = np.flatnonzero(kept[base : base + source.documents]).tolist()
            for at in range(0, len(here), _ARTICLES):
                articles.add(source.stored(here[at : at + _ARTICLES]))
        columns.write(container, kept)
        articles.finish(container, None)
        return container.finish(documents, counts)
    except BaseException:
        container.discard()
        raise
    finally:
        articles.close()


def _united(sources: Sequence[ArraySegment], field: str, bases: Sequence[int]) -> tuple[list[str], list[_SegmentRun]]:
    """The terms of a field over all sources, ascending, and each source's postings under the terms' numbers."""
    of_source = [list(source.terms(field)) for source in sources]
    terms = sorted(set().union(*of_source))
    number = {term: n for n, term in enumerate(terms)}
    runs = [
        _SegmentRun(source, field, np.fromiter((number[term] for term in here), np.int64, len(here)), base)
        for source, here, base in zip(sources, of_source, bases, strict=False)
    ]
    return [decoded(term) for term in terms], runs


class _SegmentRun:
    """The postings of one field of a segment, its terms under the numbers of a merge, its documents from `base` on."""

    def __init__(self, segment: ArraySegment, field: str, terms: NDArray[np.int64], base: int) -> None:
        self._segment = segment
        self._field = field
        self._base = np.int32(base)
        self._terms = terms
        self._df, self._cf = segment.field(field).totals()
        self.rows = int(self._cf.sum())

    def cuts(self) -> None:
        """A segment may be read from any term on."""

    def totals(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The terms with df[t] documents and cf[t] rows each."""
        return self._terms, self._df, self._cf

    def pieces(self, bounds: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], Postings]]:
        """Yield for each i the terms with numbers in [bounds[i], bounds[i + 1]), with their postings."""
        for i, j in pairwise(np.searchsorted(self._terms, bounds).tolist()):
            found = self._segment.between(self._field, i, j)
            yield self._terms[i:j], Postings(found.df, found.cf, found.docs + self._base, found.freqs, found.gaps)
