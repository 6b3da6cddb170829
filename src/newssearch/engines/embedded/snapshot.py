"""One commit, opened at once: what every request of a reader looks at, and when to look anew."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import IndexDamaged, IndexOutdated
from ...fields import SCHEMA_VERSION
from ...records import dataclass
from .blocked import Blocklist, read_blocklist
from .executor_stories import Stories
from .generations import CURRENT, Generations
from .postings_cache import PostingsCache
from .segment_files import OpenSegment, open_segment
from .stories import decode_stories, read_stories, stories_path
from .toc import Toc, read_toc, toc_numbers, toc_path

if TYPE_CHECKING:
    from whoosh.codec.base import Segment

BLOCKED = "blocked.jsonl"
_ATTEMPTS = 50
"""a reader that meets a writer removing what it was about to open tries again"""


@dataclass(frozen=True, slots=True)
class OpenSnapshot:
    """All the segments of one commit, blocked articles masked."""

    generation: str
    toc: Toc
    meta: Mapping[str, Any]
    blocklist: Blocklist
    bases: dict[str, OpenSegment] = field(repr=False)
    """by segment id, without masks: what the next snapshot takes over"""
    segments: list[OpenSegment] = field(repr=False)
    stories: Stories | None = field(default=None, repr=False)

    def find(self, id: str) -> tuple[OpenSegment, int] | None:
        """Return where the article with this very id lies, or None."""
        for segment in reversed(self.segments):
            for document in _alive(segment, segment.documents_of_key(f"id:{id}").tolist()):
                if segment.id(document) == id:
                    return segment, document
        return None

    def with_key(self, key: str) -> Iterator[tuple[OpenSegment, int]]:
        """Yield where the articles that answer to this lookup key lie."""
        for segment in self.segments:
            for document in _alive(segment, segment.documents_of_key(key).tolist()):
                yield segment, document

    def documents(self) -> Iterator[tuple[OpenSegment, int]]:
        """Yield where every article lies, in the order of the index."""
        for segment in self.segments:
            for document in _alive(segment, range(segment.documents)):
                yield segment, document

    @property
    def articles(self) -> int:
        """How many articles can be found."""
        return sum(s.documents - (0 if s.deleted is None else int(s.deleted.sum())) for s in self.segments)


def _alive(segment: OpenSegment, documents: Iterable[int]) -> Iterator[int]:
    deleted = segment.deleted
    return (document for document in documents if deleted is None or not deleted[document])


def open_snapshot(
    generations: Generations,
    name: str,
    blocklist: Blocklist,
    cache: PostingsCache,
    before: OpenSnapshot | None = None,
    *,
    any_version: bool = False,
) -> OpenSnapshot:
    """Open the newest commit of a generation. Raises FileNotFoundError (a writer was faster), IndexOutdated, IndexDamaged."""
    folder = generations.folder / name
    numbers = toc_numbers(folder)
    meta = generations.meta(name)
    version = meta.get("schema_version")
    if version != SCHEMA_VERSION and not any_version:
        raise IndexOutdated(
            f"The index at {generations.folder} was written with schema {version}; this version reads schema {SCHEMA_VERSION}.",
            "newssearch rebuild-index --stored",
        )
    if not numbers:
        raise IndexDamaged(
            f"The index at {generations.folder} is half-deleted: {name} has no table of contents.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        )
    told = read_stories(folder, numbers[-1])
    toc = read_toc(folder, numbers[-1])
    known = before.bases if before and before.generation == name else {}
    bases, segments = {}, []
    for segment in toc.segments:
        id = segment.segment_id()
        bases[id] = known[id] if id in known else open_segment(folder, segment, cache)
        segments.append(_mask(bases[id], segment, blocklist))
    stories = None
    if told is not None:
        documents = sum(segment.documents for segment in segments)
        stories = decode_stories(told, stories_path(folder, numbers[-1]), list(bases), documents)
    return OpenSnapshot(name, toc, meta, blocklist, bases, segments, stories)


def _mask(base: OpenSegment, segment: Segment, blocklist: Blocklist) -> OpenSegment:
    deleted = np.zeros(base.documents, np.bool_)
    deleted[list(segment.deleted_docs())] = True
    for key in blocklist.keys:
        deleted[base.documents_of_key(key)] = True
    return base.masked(deleted)


class _Pinned:
    """A file that is replaced but never changed, held open: so long no other file gets its number, and a look at its path tells whether it still is."""

    __slots__ = ("_descriptor", "signature")

    def __init__(self, path: str) -> None:
        self.signature: tuple[int, ...] | None = None
        self._descriptor: int | None = None
        with suppress(OSError):
            self._descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            self.signature = _signature_of(os.fstat(self._descriptor))

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot and what tells whether it is still the newest, as the system calls take it: every request asks."""

    snapshot: OpenSnapshot
    current: _Pinned
    toc: str
    next_toc: str
    blocked: tuple[int, ...] | None


class Reader:
    """Gives every request the newest commit; opens anew only what changed."""

    def __init__(self, generations: Generations, cache: PostingsCache) -> None:
        self._generations = generations
        self._cache = cache
        self._current = str(generations.folder / CURRENT)
        self._blocked = str(generations.folder / BLOCKED)
        self._lock = Lock()
        self._open: _Held | None = None

    def current(self) -> OpenSnapshot:
        """Return the newest commit. Raises IndexMissing, IndexOutdated, IndexDamaged."""
        held = self._open
        if held and self._is_newest(held):
            return held.snapshot
        with self._lock:
            held = self._open
            if held and self._is_newest(held):
                return held.snapshot
            # Readers in other threads may still use the snapshot before: it is dropped, not closed.
            self._open = self._newest(held.snapshot if held else None)
            return self._open.snapshot

    def _is_newest(self, held: _Held) -> bool:
        # A commit is seen by its own number gone or the next one there: writers remove the oldest first. What should be missing is
        # asked for by `access`, to which that is no exception.
        return (
            held.current.signature is not None
            and _signature(self._current) == held.current.signature
            and os.access(held.toc, os.F_OK)
            and not os.access(held.next_toc, os.F_OK)
            and (_signature(self._blocked) == held.blocked if held.blocked else not os.access(self._blocked, os.F_OK))
        )

    def of_any_version(self) -> OpenSnapshot:
        """Return the newest commit, whatever schema wrote it. Raises IndexMissing, IndexDamaged."""
        return self._newest(None, any_version=True).snapshot

    def _newest(self, before: OpenSnapshot | None, *, any_version: bool = False) -> _Held:
        for _ in range(_ATTEMPTS):
            signature = _signature(self._blocked)
            blocklist = read_blocklist(Path(self._blocked))
            # Before its name is read: a generation that is published meanwhile must be seen by the next request.
            current = _Pinned(self._current)
            name = self._generations.current()
            folder = self._generations.folder / name
            commits = toc_numbers(folder)
            try:
                opened = open_snapshot(self._generations, name, blocklist, self._cache, before, any_version=any_version)
                toc, following = (str(toc_path(folder, opened.toc.number + more)) for more in (0, 1))
                return _Held(opened, current, toc, following, signature)
            except (FileNotFoundError, IndexDamaged) as error:
                failed = error
            # Writers make the new commit or generation visible before they remove the old one.
            if self._generations.current() == name and toc_numbers(self._generations.folder / name) == commits:
                break
        if isinstance(failed, IndexDamaged):
            raise failed
        raise IndexDamaged(
            f"The index at {self._generations.folder} is half-deleted: {Path(failed.filename).name} is missing.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        ) from failed

    def close(self) -> None:
        """Let go of the files of the open snapshot."""
        with self._lock:
            held, self._open = self._open, None
        if held:
            for segment in held.snapshot.bases.values():
                segment.close()


def _signature(path: str) -> tuple[int, ...] | None:
    try:
        return _signature_of(os.stat(path))
    except OSError:
        return None


def _signature_of(found: os.stat_result) -> tuple[int, ...]:
    return found.st_ino, found.st_mtime_ns, found.st_size


_KEPT = 1 << 14
"""frequencies that a vocabulary remembers: questions share most of their words"""


class IndexVocabulary:
    """The words of one snapshot, over all its segments."""

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        self._frequencies: dict[tuple[str, str], int] = {}

    @property
    def documents(self) -> int:
        """N of the idf formulas: deleted articles count until a merge."""
        return sum(segment.documents for segment in self._segments)

    def document_frequencies(self, field: str, terms: Sequence[str]) -> list[int]:
        """The number of documents with each term; 0 for the unknown."""
        kept = self._frequencies
        found = [kept.get((field, term), -1) for term in terms]
        return found if -1 not in found else [self._document_frequency(field, term) for term in terms]

    def _document_frequency(self, field: str, term: str) -> int:
        known = self._frequencies.get((field, term))
        if known is None:
            if len(self._frequencies) >= _KEPT:
                self._frequencies.clear()
            known = sum(segment.document_frequency(field, term) for segment in self._segments)
            self._frequencies[field, term] = known
        return known

    def prefixed(self, field: str, prefix: str, limit: int) -> list[str]:
        """Up to `limit` terms that begin with `prefix`, most frequent first."""
        found: Counter[str] = Counter()
        for segment in self._segments:
            for term in segment.prefixed(field, prefix):
                found[term] += segment.document_frequency(field, term)
        return [term for term, _ in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:limit]]

    def frequent(self, limit: int) -> list[str]:
        """The words of `text` that are among the `limit` most frequent of a segment, those of the largest segment first."""
        from .arrays.segment import ArraySegment

        largest_first = sorted(self._segments, key=lambda segment: -segment.documents)
        of_each = (segment.frequent("text", limit) for segment in largest_first if isinstance(segment, ArraySegment))
        return list(dict.fromkeys(chain.from_iterable(of_each)))

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`, sorted."""
        return sorted({term for segment in self._segments for term in segment.spellings(folded)})
