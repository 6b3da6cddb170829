"""The seam to the codec: how a segment is written and read is known behind these two functions and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Segment

from ...errors import IndexDamaged, IndexOutdated
from ...fields import Analysed
from .manifest import Manifest, read_manifest, require_files
from .postings_cache import PostingsCache
from .source import SegmentSource
from .stock import CODEC, StockBuilder
from .stock_source import StockSource


class SegmentBuilder(Protocol):
    """Collects analysed batches and writes them as one segment."""

    documents: int
    rows: int

    def add(self, analysed: Analysed) -> int:
        """Take a batch and return the number of its first article, as `drop` wants it."""

    def drop(self, document: int) -> None:
        """Leave an article out: another one took its id, or it was deleted."""

    def ids(self) -> list[str]:
        """The ids of the articles that will be written, in order: article i becomes document i of the segment."""

    def write(self, folder: Path) -> tuple[Segment, Manifest]:
        """Write the segment's files, synced, and return Whoosh's segment with its manifest."""


class OpenSegment(SegmentSource, Protocol):
    """A SegmentSource that can be masked, and read back whole for a merge."""

    def masked(self, deleted: NDArray[np.bool_] | None) -> OpenSegment:
        """The same files under another set of deleted documents."""

    def analysed(self) -> Analysed:
        """Everything that was written, deleted documents too."""


def new_builder() -> SegmentBuilder:
    """Return an empty builder of the codec that new segments are written in."""
    return StockBuilder()


def open_segment(folder: Path, segment: Segment, cache: PostingsCache) -> OpenSegment:
    """Open a segment's files, all at once. Raises FileNotFoundError, IndexDamaged, IndexOutdated (a codec that is not known here)."""
    name: Any = segment.segment_id()
    manifest = read_manifest(folder, name)
    if manifest.codec != CODEC:
        raise IndexOutdated(
            f"The segment {name} of {folder} is kept as {manifest.codec}, which this version cannot read.",
            "newssearch rebuild-index",
        )
    require_files(folder, manifest)
    source = StockSource(folder, name, cache)
    if not source.documents == manifest.documents == segment.doc_count_all():
        raise IndexDamaged(
            f"The segment {name} of {folder} is damaged: it has {source.documents} articles, {manifest.documents} were written.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        )
    return source
