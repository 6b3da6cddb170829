"""A new generation: written aside, verified, published in one step, the one before kept to go back to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import BadInput, IndexDamaged, NewsSearchError
from ...fields import SCHEMA_VERSION, Analysed, RankingParameters
from ..base import RebuildReport, Star
from .blocked import Blocklist
from .durable import write_errors
from .generations import Generations
from .manifest import problems_of_segment, read_manifest
from .postings_cache import PostingsCache
from .schema import whoosh_schema
from .segment_files import open_segment
from .snapshot import OpenSnapshot, open_snapshot
from .stories import Places, stories_now, write_stories
from .toc import Toc, write_toc
from .writing import SegmentsInWork, clean_generation

if TYPE_CHECKING:
    from whoosh.codec.base import Segment


def rebuild(
    generations: Generations,
    blocklist: Blocklist,
    batches: Iterable[Analysed],
    *,
    paths: Sequence[str],
    segmenter: str,
    memory: int,
    stars: Iterable[Star] = (),
    on_publish: Callable[[], None] | None = None,
) -> RebuildReport:
    """Build, verify and publish a generation; the writer's lock is held. On any error its folder is removed and nothing has changed."""
    with write_errors(generations.folder):
        generations.tidy()
        before = generations.current_or_none()
        name = generations.create()
    try:
        report = _build(
            generations, name, before, blocklist, batches, {"paths": list(paths), "segmenter": segmenter}, memory, stars
        )
        if on_publish:
            on_publish()
        with write_errors(generations.folder):
            generations.publish(name)
    except BaseException:
        if generations.current_or_none() != name:
            generations.discard(name)
        raise
    # It serves already: what cannot be removed now goes with the next rebuild.
    with contextlib.suppress(OSError):
        generations.tidy()
    return report


def _build(
    generations: Generations,
    name: str,
    before: str | None,
    blocklist: Blocklist,
    batches: Iterable[Analysed],
    meta: Mapping[str, Any],
    memory: int,
    stars: Iterable[Star],
) -> RebuildReport:
    folder = generations.folder / name
    work = SegmentsInWork(folder, blocklist, memory)
    # What reading the input raises is not an error of writing.
    try:
        for analysed in batches:
            with write_errors(generations.folder):
                work.add(analysed)
        with write_errors(generations.folder):
            work.flush()
    finally:
        work.abandon()
    stars = list(stars)
    if not work.articles:
        raise BadInput(
            "There are no articles to build an index from; nothing was changed.",
            "Name a file or a folder that holds news documents.",
        )
    said = {
        "schema_version": SCHEMA_VERSION,
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        **meta,
        "parameters": asdict(RankingParameters()),
        "articles": work.articles,
        "replaced": work.replaced,
        "previous": before,
    }
    with write_errors(generations.folder):
        segments = [segment for segment in work.segments if segment.doc_count()]
        if stars:
            _write_stories(folder, segments, stars)
        write_toc(folder, whoosh_schema(), Toc(1, segments))
        clean_generation(folder, segments)
        generations.write_meta(name, said)
    snapshot = _verified(generations, name, work)
    gone = _gone(generations, before, blocklist, snapshot, work)
    for segment in snapshot.bases.values():
        segment.close()
    return RebuildReport(
        articles=work.articles, replaced=work.replaced, gone=gone, blocked=work.blocked, generation=name
    )


def _write_stories(folder: Path, segments: Sequence[Segment], stars: Sequence[Star]) -> None:
    sources = [open_segment(folder, segment, PostingsCache(limit=1 << 20)) for segment in segments]
    places = Places(segments, sources)
    write_stories(folder, 1, stories_now(None, places, stars), places.names)
    for source in sources:
        source.close()


def _verified(generations: Generations, name: str, work: SegmentsInWork) -> OpenSnapshot:
    """Read the new generation back from disk. Raises IndexDamaged when it is not what was written."""
    folder = generations.folder / name
    snapshot = open_snapshot(generations, name, Blocklist(), PostingsCache(limit=1 << 20))
    problems = [what for id in snapshot.bases for what in problems_of_segment(folder, read_manifest(folder, id))]
    if snapshot.articles != work.articles:
        problems.append(f"{snapshot.articles} articles can be read, {work.articles} were written")
    for segment in snapshot.segments:
        last = segment.documents - 1
        if segment.article(last).id != segment.id(last) or last not in segment.documents_of_key(
            f"id:{segment.id(last)}"
        ):
            problems.append(f"the article {segment.id(last)} cannot be found")
        # A word is looked up as a question would look it up.
        for word in segment.prefixed("text", "")[:1]:
            if len(segment.postings("text", word)[0]) != segment.document_frequency("text", word):
                problems.append(f"the word {word} cannot be found")
    if problems:
        raise IndexDamaged(
            f"The new index is not what was written: {problems[0]}; nothing was changed.",
            "Check the disk, then run the command again.",
        )
    return snapshot


def _gone(
    generations: Generations, before: str | None, blocklist: Blocklist, snapshot: OpenSnapshot, work: SegmentsInWork
) -> int:
    """How many articles of the index before nothing in the new one answers to."""
    if before is None:
        return 0
    try:
        old = open_snapshot(generations, before, blocklist, PostingsCache(limit=1 << 20), any_version=True)
        ids = (segment.id(document) for segment, document in old.documents())
        gone = sum(id not in work and not any(snapshot.with_key(f"id:{id}")) for id in ids)
        for segment in old.bases.values():
            segment.close()
    except (NewsSearchError, OSError):
        # A damaged old index is a reason to rebuild, not one to refuse it.
        return 0
    return gone
