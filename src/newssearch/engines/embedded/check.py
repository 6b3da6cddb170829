"""Reads every generation that is kept to its last byte and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import IndexDamaged, IndexMissing, IndexOutdated
from ..base import Problem
from .blocked import read_blocklist
from .generations import CURRENT, Generations
from .manifest import problems_of_segment, read_manifest
from .postings_cache import PostingsCache
from .segment_files import open_segment
from .snapshot import BLOCKED
from .stories import decode_stories, read_stories, stories_path
from .toc import read_toc, toc_numbers

_ATTEMPTS = 3


def check(generations: Generations) -> list[Problem]:
    """Return what is wrong with the index; an empty list is health. Raises IndexMissing."""
    problems = []
    try:
        served = generations.current()
        if not (generations.folder / served).is_dir():
            problems.append(Problem(where=CURRENT, what=f"It names {served}, which is not there."))
    except IndexDamaged as error:
        problems.append(Problem(where=CURRENT, what=error.message))
    try:
        read_blocklist(generations.folder / BLOCKED)
    except IndexDamaged as error:
        problems.append(Problem(where=BLOCKED, what=error.message))
    for name in generations.kept():
        problems.extend(_check_generation(generations, name))
    return problems


def _check_generation(generations: Generations, name: str) -> list[Problem]:
    for _ in range(_ATTEMPTS):
        before = toc_numbers(generations.folder / name)
        problems = [Problem(where=where, what=what) for where, what in _problems(generations, name, before)]
        # A commit or a rebuild in the meantime removes files that were to be read.
        if before == toc_numbers(generations.folder / name) or not problems:
            return problems
    return [] if name not in generations.kept() else problems


def _problems(generations: Generations, name: str, numbers: list[int]) -> Iterator[tuple[str, str]]:
    folder = generations.folder / name
    try:
        if generations.is_altered(name):
            yield name, "meta.json was altered: its checksum does not fit."
    except IndexDamaged as error:
        yield name, error.message
    if not numbers:
        if folder.is_dir():
            yield name, "It has no table of contents."
        return
    try:
        stories = read_stories(folder, numbers[-1])
        toc = read_toc(folder, numbers[-1])
        if stories is not None:
            names = [segment.segment_id() for segment in toc.segments]
            documents = sum(segment.doc_count_all() for segment in toc.segments)
            decode_stories(stories, stories_path(folder, numbers[-1]), names, documents)
    except (IndexDamaged, OSError) as error:
        yield name, str(error)
        return
    cache = PostingsCache(limit=1 << 20)
    for segment in toc.segments:
        where = f"{name}/{segment.segment_id()}"
        try:
            found = list(problems_of_segment(folder, read_manifest(folder, segment.segment_id())))
            yield from ((where, what) for what in found)
            if not found:
                open_segment(folder, segment, cache).close()
                if any(not 0 <= document < segment.doc_count_all() for document in segment.deleted_docs()):
                    yield where, "It deletes articles that it does not have."
        except FileNotFoundError as error:
            yield where, f"{error.filename} is missing."
        except IndexOutdated:
            continue
        except (IndexDamaged, IndexMissing, OSError) as error:
            yield where, str(error)
