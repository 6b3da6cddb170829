"""The seam to the codec: how a segment is written, merged and read is known behind these functions and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...errors import IndexDamaged, IndexOutdated
from ...fields import Analysed
from .arrays.segment import ArraySegment
from .manifest import Manifest, read_manifest, require_files, seal_segment
from .postings_cache import PostingsCache
from .source import SegmentSource
from .toc import INDEX_NAME

if TYPE_CHECKING:
    from whoosh.codec.base import Segment

    from .arrays.layout import Manifest as Written
    from .codec import ArrayCodecSegment

CODEC = "arrays-1"
STOCK_CODEC = "stock-1"
"""what indexes of schema 1 are kept as: their articles can be read"""


class OpenSegment(SegmentSource, Protocol):
    """A SegmentSource whose deleted documents can be told apart anew."""

    def masked(self, deleted: NDArray[np.bool_] | None) -> OpenSegment:
        """The same files under another set of deleted documents."""


class SegmentWriter:
    """Collects analysed batches and writes them as one segment."""

    def __init__(self, folder: Path, memory: int) -> None:
        """`memory` bytes of postings are held, what is more goes to the folder's disk."""
        # What writes is imported where it is used: a query must not wait for it.
        from .arrays.build import SegmentBuilder
        from .codec import ArrayCodecSegment

        self._folder = folder
        self._segment = ArrayCodecSegment(INDEX_NAME)
        self._builder = SegmentBuilder(folder, self._segment.segment_id(), memory=memory)

    @property
    def rows(self) -> int:
        """Tokens taken so far."""
        return self._builder.rows

    def add(self, analysed: Analysed) -> int:
        """Take a batch and return the number of its first article, as `drop` wants it."""
        return self._builder.add(analysed)

    def drop(self, document: int) -> None:
        """Leave an article out: another one took its id, or it was deleted."""
        self._builder.drop(document)

    def ids(self) -> list[str]:
        """The ids of the articles that will be written, in order: article i becomes document i of the segment."""
        return self._builder.ids()

    def write(self) -> Segment:
        """Write the segment's files, synced, and return Whoosh's segment. At least one article must be left."""
        return _sealed(self._folder, self._segment, self._builder.finish())

    def discard(self) -> None:
        """Forget everything; nothing of the segment stays on disk."""
        self._builder.discard()


def merge(folder: Path, segments: Sequence[Segment], sources: Sequence[OpenSegment]) -> Segment:
    """Write several segments as one, without their deleted documents, and return it."""
    from .arrays.merge import merge_segments
    from .codec import ArrayCodecSegment

    arrays = [source for source in sources if isinstance(source, ArraySegment)]
    masks = []
    for segment in segments:
        mask = np.zeros(segment.doc_count_all(), np.bool_)
        mask[list(segment.deleted_docs())] = True
        masks.append(mask)
    merged = ArrayCodecSegment(INDEX_NAME)
    return _sealed(folder, merged, merge_segments(folder, merged.segment_id(), arrays, masks))


def _sealed(folder: Path, segment: ArrayCodecSegment, written: Written) -> Segment:
    segment.set_doc_count(written.documents)
    seal_segment(folder, segment.segment_id(), CODEC, written.documents, written.files)
    return segment


def open_segment(folder: Path, segment: Segment, cache: PostingsCache) -> OpenSegment:
    """Open a segment's files, all at once. Raises FileNotFoundError, IndexDamaged, IndexOutdated (a codec that is not known here)."""
    name: Any = segment.segment_id()
    manifest = read_manifest(folder, name)
    require_files(folder, manifest)
    source = _source(folder, manifest, cache)
    if not source.documents == manifest.documents == segment.doc_count_all():
        raise IndexDamaged(
            f"The segment {name} of {folder} is damaged: it has {source.documents} articles, {manifest.documents} were written.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        )
    return source


def _source(folder: Path, manifest: Manifest, cache: PostingsCache) -> OpenSegment:
    if manifest.codec == CODEC:
        return ArraySegment.open(folder, manifest.segment, cache=cache)
    if manifest.codec == STOCK_CODEC:
        from .stock_source import StockSource

        return StockSource(folder, manifest.segment, cache)
    raise IndexOutdated(
        f"The segment {manifest.segment} of {folder} is kept as {manifest.codec}, which this version cannot read.",
        "newssearch rebuild-index",
    )
