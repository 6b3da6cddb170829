"""What `rebuild` and `batch` share: articles become segments, the last one with an id wins, blocked ones stay out."""

from __future__ import annotations

from pathlib import Path

from whoosh.codec.base import Segment

from ...fields import Analysed
from .blocked import Blocklist
from .segment_files import SegmentWriter
from .stories import clean_stories
from .toc import INDEX_NAME, toc_numbers, toc_path

SEGMENT_ROWS = 1 << 28
"""tokens after which a segment is closed: some 100,000 articles; what its builder may hold in memory is another bound"""


class SegmentsInWork:
    """Writes analysed batches as segments into a folder; none of them is visible until somebody puts them into a table of contents."""

    def __init__(self, folder: Path, blocklist: Blocklist, memory: int) -> None:
        self._folder = folder
        self._blocklist = blocklist
        self._memory = memory
        self._builder: SegmentWriter | None = None
        self._place: dict[str, tuple[int, int]] = {}
        """id -> (index of its segment, document); the builder's segment is the next index"""
        self.segments: list[Segment] = []
        self.replaced = 0
        self.blocked = 0

    @property
    def articles(self) -> int:
        """How many articles there are so far."""
        return len(self._place)

    def __contains__(self, id: str) -> bool:
        return id in self._place

    def add(self, analysed: Analysed) -> list[str]:
        """Take a batch and return the ids that were taken: all but the blocked."""
        builder = self._builder = self._builder or SegmentWriter(self._folder, self._memory)
        first = builder.add(analysed)
        taken = []
        for number, (article, keys) in enumerate(zip(analysed.articles, analysed.keys, strict=True), first):
            if self._blocklist.bars((f"id:{article.id}", *keys)):
                builder.drop(number)
                self.blocked += 1
                continue
            self.replaced += self.discard(article.id)
            self._place[article.id] = (len(self.segments), number)
            taken.append(article.id)
        if builder.rows >= SEGMENT_ROWS:
            self.flush()
        return taken

    def discard(self, id: str) -> bool:
        """Take an article back; returns whether it was there."""
        place = self._place.pop(id, None)
        if place is None:
            return False
        segment, number = place
        if segment < len(self.segments):
            self.segments[segment].delete_document(number)
        elif self._builder:
            self._builder.drop(number)
        return True

    def abandon(self) -> None:
        """Forget what is held in memory."""
        if self._builder:
            self._builder.discard()
            self._builder = None

    def flush(self) -> None:
        """Write what is held in memory."""
        builder, self._builder = self._builder, None
        ids = builder.ids() if builder else []
        if not builder:
            return
        if not ids:
            builder.discard()
            return
        segment = builder.write()
        for number, id in enumerate(ids):
            self._place[id] = (len(self.segments), number)
        self.segments.append(segment)


def clean_generation(folder: Path, segments: list[Segment]) -> None:
    """Remove from a generation all tables of contents but the newest, and what belongs to none of these segments."""
    for number in toc_numbers(folder)[:-1]:
        toc_path(folder, number).unlink(missing_ok=True)
    # After the tables of contents: a reader that finds no stories must not find their table either.
    clean_stories(folder)
    known = {segment.segment_id() for segment in segments}
    for path in folder.iterdir():
        if path.suffix in (".tmp", ".ctmp") or (
            path.name.startswith(f"{INDEX_NAME}_") and path.name.split(".")[0] not in known
        ):
            path.unlink(missing_ok=True)
