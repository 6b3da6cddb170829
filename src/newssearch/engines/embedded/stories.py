"""The stories of a commit on disk, and how they come from those of the commit before: documents move, and so do their stories.

Who says which articles are copies of which is not this module's concern: a commit is given stars, and keeps what it is not told anew.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import IndexDamaged
from ..base import Star
from .durable import replace_durably
from .executor_stories import Stories, grouped
from .source import SegmentSource
from .toc import toc_numbers, toc_path

if TYPE_CHECKING:
    from whoosh.codec.base import Segment

SUFFIX = ".stories"
_MAGIC = b"NSSTORYS"
_VERSION = 1
_HEAD = struct.Struct("<8sII")
_COUNTS = struct.Struct("<IIII")
"""documents, stories, members, and the checksum of the segments' names"""


class Places:
    """Where the articles of a commit lie: documents are numbered through its segments, deleted ones too."""

    def __init__(self, segments: Sequence[Segment], sources: Sequence[SegmentSource]) -> None:
        """Segments as the table of contents lists them, with what is deleted from them, and what reads each."""
        self._segments = list(segments)
        self._sources = list(sources)
        self.bases = np.concatenate([[0], np.cumsum([source.documents for source in sources], dtype=np.int64)])
        """[segments + 1] the number of the first document of each segment"""

    @property
    def documents(self) -> int:
        """The number of documents, deleted ones too."""
        return int(self.bases[-1])

    @property
    def names(self) -> list[str]:
        """The names of the segments, in order."""
        return [segment.segment_id() for segment in self._segments]

    def find(self, id: str) -> int | None:
        """The document that holds the article with this id, or None."""
        for segment, source, base in zip(self._segments, self._sources, self.bases.tolist(), strict=False):
            for document in source.documents_of_key(f"id:{id}").tolist():
                if not segment.is_deleted(document) and source.id(document) == id:
                    return int(base + document)
        return None

    def id(self, document: int) -> str:
        """The id of the article in a document, deleted or not."""
        at = int(np.searchsorted(self.bases, document, side="right")) - 1
        return self._sources[at].id(document - int(self.bases[at]))

    def alive(self, segment: int) -> NDArray[np.bool_]:
        """[documents of the segment] False where deleted."""
        alive = np.ones(self._sources[segment].documents, np.bool_)
        alive[list(self._segments[segment].deleted_docs())] = False
        return alive

    def moved(self, documents: NDArray[np.int32], before: Places) -> NDArray[np.int32]:
        """Where the articles in `documents` of the commit before lie now; -1 for those that are gone.

        Those of a segment that is still there stay at their place in it; those that were merged or replaced are found by their ids.
        """
        now = np.full(len(documents), -1, np.int32)
        place = {name: number for number, name in enumerate(self.names)}
        of_segment = np.searchsorted(before.bases, documents, side="right") - 1
        for number, name in enumerate(before.names):
            at = np.flatnonzero(of_segment == number)
            if name in place:
                local = documents[at] - before.bases[number]
                stays = self.alive(place[name])[local]
                now[at[stays]] = self.bases[place[name]] + local[stays]
                at = at[~stays]
            for index in at.tolist():
                found = self.find(before.id(int(documents[index])))
                now[index] = -1 if found is None else found
        return now


def stories_now(before: tuple[Places, Stories] | None, now: Places, stars: Iterable[Star] = ()) -> Stories | None:
    """The stories of a commit: those of the commit before, for the articles that are still there, and on top of them `stars`.

    An article that a star names leaves the story that it was in, also for a star without copies; the last of the stars that name it has it. Ids
    that nobody has are passed over. Where the head is gone the next member is the head; what is left alone is no story. None where there is none.
    """
    star_of: dict[int, int] = {}
    starred: list[list[int]] = []
    for number, (head, copies) in enumerate(stars):
        found = dict.fromkeys(document for id in (head, *copies) if (document := now.find(id)) is not None)
        starred.append(list(found))
        star_of.update(dict.fromkeys(found, number))
    told = [[document for document in star if star_of[document] == number] for number, star in enumerate(starred)]
    members = np.array([document for star in told for document in star], np.int32)
    sizes = np.array([len(star) for star in told], np.int64)
    if before:
        places, stories = before
        kept = now.moved(stories.members, places)
        stays = (kept >= 0) & ~np.isin(kept, members)
        of_story = np.repeat(np.arange(len(stories.bounds) - 1), np.diff(stories.bounds))
        members = np.concatenate([kept[stays], members])
        sizes = np.concatenate([np.bincount(of_story[stays], minlength=len(stories.bounds) - 1), sizes])
    return grouped(members, sizes, now.documents)


def stories_path(folder: Path, number: int) -> Path:
    """Return the file of one commit's stories."""
    return toc_path(folder, number).with_suffix(SUFFIX)


def write_stories(folder: Path, number: int, stories: Stories | None, segments: Sequence[str]) -> None:
    """Put the stories of commit `number` beside where its table of contents will be, durably; for None there is no file.

    To be called before the table of contents is published. `segments` are the names of the commit's segments in their order.
    """
    path = stories_path(folder, number)
    if stories is None:
        path.unlink(missing_ok=True)
        return
    counts = _COUNTS.pack(len(stories.number), len(stories.bounds) - 1, len(stories.members), _named(segments))
    body = counts + stories.bounds.astype("<u4").tobytes() + stories.members.astype("<u4").tobytes()
    replace_durably(path, _HEAD.pack(_MAGIC, _VERSION, zlib.crc32(body)) + body)


def read_stories(folder: Path, number: int) -> bytes | None:
    """Return the file of a commit's stories, or None where it has none. To be read before the table of contents: a writer removes that first."""
    try:
        return stories_path(folder, number).read_bytes()
    except FileNotFoundError:
        return None


def decode_stories(data: bytes, path: Path, segments: Sequence[str], documents: int) -> Stories:
    """Return what `write_stories` wrote for these segments, with so many documents in all. Raises IndexDamaged for anything else."""
    try:
        return _decode(data, segments, documents)
    except (ValueError, struct.error) as error:
        raise IndexDamaged(
            f"The list of stories {path.name} of {path.parent} is damaged: {error}.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        ) from error


def _decode(data: bytes, segments: Sequence[str], documents: int) -> Stories:
    magic, version, crc = _HEAD.unpack_from(data)
    body = memoryview(data)[_HEAD.size :]
    if magic != _MAGIC or version != _VERSION or zlib.crc32(body) != crc:
        raise ValueError("its checksum does not fit")
    written, count, members, named = _COUNTS.unpack_from(body)
    if (written, named) != (documents, _named(segments)) or len(body) != _COUNTS.size + 4 * (count + 1 + members):
        raise ValueError("it belongs to another commit")
    numbers: NDArray[Any] = np.frombuffer(body, "<u4", offset=_COUNTS.size)
    bounds = numbers[: count + 1].astype(np.int64)
    stories = grouped(numbers[count + 1 :].astype(np.int64), np.diff(bounds), documents)
    if stories is None or bounds[0] or len(stories.bounds) != count + 1:
        raise ValueError("it has stories of a single article")
    return stories


def _named(segments: Sequence[str]) -> int:
    return zlib.crc32("".join(f"{name}\n" for name in segments).encode())


def clean_stories(folder: Path) -> None:
    """Remove the stories of all commits but the newest, and of one that was never made."""
    newest = stories_path(folder, max(toc_numbers(folder), default=0))
    for path in folder.glob(f"*{SUFFIX}"):
        if path != newest:
            path.unlink(missing_ok=True)
