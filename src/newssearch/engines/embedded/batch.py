"""An incremental change: new articles become one more segment, deletions stand in the next table of contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from whoosh.codec.base import Segment

from ...errors import WriteFailed
from ...fields import Analysed
from ..base import Star
from .durable import write_errors
from .generations import Generations
from .postings_cache import PostingsCache
from .schema import whoosh_schema
from .segment_files import merge, open_segment
from .snapshot import OpenSnapshot
from .stories import Places, stories_now, write_stories
from .toc import Toc, toc_path, write_toc
from .writing import SegmentsInWork, clean_generation

SMALL_SEGMENT = 2000
"""articles up to which a segment is merged with its like"""
SMALL_SEGMENTS = 10
"""that many small segments may lie side by side"""


class EmbeddedBatch:
    """A write in progress over the newest commit, under the lock."""

    def __init__(self, generations: Generations, snapshot: OpenSnapshot, cache: PostingsCache, memory: int) -> None:
        self._folder = generations.folder / snapshot.generation
        self._snapshot = snapshot
        self._cache = cache
        self._memory = memory
        self._number = snapshot.toc.number
        self._segments = snapshot.toc.segments
        self._open = dict(snapshot.bases)
        self._stories = snapshot.stories
        self._work = SegmentsInWork(self._folder, snapshot.blocklist, memory)
        self._alive = True
        self._deletions: set[tuple[str, int]] = set()
        """(segment id, document) in what is committed"""
        self.replaced = 0
        """added articles that took the place of one with the same id, in the index or in this batch"""
        self.blocked = 0
        """added articles that were left out because they are blocked"""
        clean_generation(self._folder, self._segments)

    def add(self, analysed: Analysed) -> None:
        """Add or replace articles by id; the last one with an id wins. Blocked ones are left out."""
        self._require_alive()
        with write_errors(self._folder.parent):
            replaced, blocked = self._work.replaced, self._work.blocked
            for id in self._work.add(analysed):
                self.replaced += self._delete_committed(id)
            self.replaced += self._work.replaced - replaced
            self.blocked += self._work.blocked - blocked

    def delete(self, ids: Sequence[str]) -> list[str]:
        """Delete articles by id and return the ids that were there (in the index or earlier in this batch)."""
        self._require_alive()
        # Both are asked: an article of the batch may stand for one of the index that is gone already.
        return [id for id in ids if any((self._work.discard(id), self._delete_committed(id)))]

    def _delete_committed(self, id: str) -> bool:
        found = False
        for segment in self._segments:
            source = self._open[segment.segment_id()]
            for document in source.documents_of_key(f"id:{id}").tolist():
                place = (segment.segment_id(), document)
                if place not in self._deletions and not segment.is_deleted(document) and source.id(document) == id:
                    self._deletions.add(place)
                    found = True
        return found

    def commit(self, stars: Iterable[Star] = ()) -> None:
        """Make the batch durable and visible. Leaving the context without it discards the batch.

        An article that one of `stars` names leaves the story that it was in; all others stay in theirs.
        """
        self._require_alive()
        with write_errors(self._folder.parent):
            try:
                self._work.flush()
                new = list(self._work.segments)
                stars = list(stars)
                if not new and not self._deletions and not stars:
                    return
                self._commit(new, stars)
            except BaseException:
                self.discard()
                raise

    def _commit(self, new: list[Segment], stars: Sequence[Star]) -> None:
        before = None if self._stories is None else (self._places(self._segments), self._stories)
        by_id = {segment.segment_id(): segment for segment in self._segments}
        for id, document in self._deletions:
            by_id[id].delete_document(document)
        self._deletions.clear()
        for segment in new:
            self._open[segment.segment_id()] = open_segment(self._folder, segment, self._cache)
        segments = [segment for segment in (*self._segments, *new) if segment.doc_count()]
        segments = self._merged(segments)
        if self._stories is not None or stars:
            now = self._places(segments)
            self._stories = stories_now(before, now, stars)
            write_stories(self._folder, self._number + 1, self._stories, now.names)
        write_toc(self._folder, whoosh_schema(), Toc(self._number + 1, segments))
        self._number += 1
        self._segments = segments
        self._work = SegmentsInWork(self._folder, self._snapshot.blocklist, self._memory)
        clean_generation(self._folder, segments)
        self._open = {segment.segment_id(): self._open[segment.segment_id()] for segment in segments}

    def _places(self, segments: Sequence[Segment]) -> Places:
        return Places(segments, [self._open[segment.segment_id()] for segment in segments])

    def _merged(self, segments: list[Segment]) -> list[Segment]:
        """The segments, the smallest of them rewritten as one where too many small ones lie side by side."""
        small = sorted((s for s in segments if s.doc_count() <= SMALL_SEGMENT), key=lambda s: int(s.doc_count()))
        if len(small) <= SMALL_SEGMENTS:
            return segments
        # All but the largest small one: each article is rewritten about as often as the index grows tenfold.
        chosen = {segment.segment_id() for segment in small[:SMALL_SEGMENTS]}
        parts = [segment for segment in segments if segment.segment_id() in chosen]
        merged = merge(self._folder, parts, [self._open[segment.segment_id()] for segment in parts])
        self._open[merged.segment_id()] = open_segment(self._folder, merged, self._cache)
        at = min(number for number, segment in enumerate(segments) if segment.segment_id() in chosen)
        rest = [segment for segment in segments if segment.segment_id() not in chosen]
        return [*rest[:at], merged, *rest[at:]]

    def discard(self) -> None:
        """End the batch and remove what was written and not committed."""
        self._alive = False
        self._work.abandon()
        # An interrupt may come when the commit is there already: then nothing may go, and the next batch cleans up.
        if not toc_path(self._folder, self._number + 1).exists():
            clean_generation(self._folder, self._segments)

    def _require_alive(self) -> None:
        if not self._alive:
            raise WriteFailed("This batch has ended; nothing more can be written through it.", "Start another one.")
