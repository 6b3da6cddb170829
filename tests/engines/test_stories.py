"""Stories outlive what a commit does to their articles, and their file is whole or known to be damaged."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.engines.embedded import batch as batch_module
from newssearch.engines.embedded import durable, stories
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.engines.embedded.executor_stories import Stories, grouped
from newssearch.engines.embedded.stories import (
    Places,
    Star,
    clean_stories,
    decode_stories,
    read_stories,
    stories_now,
    stories_path,
    write_stories,
)
from newssearch.errors import IndexDamaged

from .build import analysed, article

NAMES = ("MAIN_a", "MAIN_b")


def places_of(engine: EmbeddedEngine) -> Places:
    """Where the articles of the newest commit lie."""
    snapshot = engine._fresh()
    return Places(snapshot.toc.segments, [snapshot.bases[segment.segment_id()] for segment in snapshot.toc.segments])


def by_id(places: Places, found: Stories | None) -> list[list[str]]:
    """Each story as the ids of its articles, its head first."""
    if found is None:
        return []
    return [[places.id(d) for d in found.members[a:b].tolist()] for a, b in zip(found.bounds[:-1], found.bounds[1:], strict=True)]


class Model:
    """The same by hand."""

    def __init__(self) -> None:
        self.stories: list[list[str]] = []

    def commit(self, alive: set[str], stars: Sequence[Star]) -> None:
        for head, copies in stars:
            star = [id for id in dict.fromkeys((head, *copies)) if id in alive]
            self.stories = [[id for id in story if id not in star] for story in self.stories] + [star]
        self.stories = [story for story in ([id for id in story if id in alive] for story in self.stories) if len(story) > 1]


@pytest.mark.parametrize("seed", range(3))
def test_stories_follow_their_articles_through_adds_deletes_and_merges(
    filled: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(batch_module, "SMALL_SEGMENTS", 3)
    draw = random.Random(seed)
    ids = [f"a{number}" for number in range(18)]
    alive = set(ids[:12])
    model, places, found = Model(), places_of(filled), None
    segments: list[list[str]] = []
    for _ in range(10):
        with filled.batch() as batch:
            gone = set(draw.sample(ids, draw.randint(0, 2)))
            batch.delete(sorted(gone))
            came = set(draw.sample(ids, draw.randint(1, 3)))
            batch.add(analysed([article(id, title=f"tin {draw.random()}") for id in sorted(came)]))
            batch.commit()
        alive = alive - gone | came
        stars = [(head, copies) for head, *copies in (draw.sample([*ids, "unknown"], draw.randint(1, 5)) for _ in range(draw.randint(0, 2)))]
        now = places_of(filled)
        found = stories_now((places, found) if found else None, now, stars)
        model.commit(alive, stars)
        assert by_id(now, found) == model.stories
        places = now
        segments.append(now.names)
    # Some of the commits merged segments away.
    assert any(set(earlier) - set(later) for earlier, later in pairwise(segments))


def test_a_deleted_head_gives_way_to_its_next_member(filled: EmbeddedEngine) -> None:
    before = places_of(filled)
    found = stories_now(None, before, [("a3", ["a7", "a1"]), ("a5", ["a6"])])
    assert found
    with filled.batch() as batch:
        batch.delete(["a3", "a6"])
        batch.commit()
    now = places_of(filled)
    assert by_id(now, stories_now((before, found), now)) == [["a7", "a1"]]


def test_a_star_without_copies_takes_an_article_out_of_its_story(filled: EmbeddedEngine) -> None:
    places = places_of(filled)
    found = stories_now(None, places, [("a3", ["a7", "a1"]), ("a5", ["a6"]), ("a2", ["nobody"])])
    assert by_id(places, found) == [["a3", "a7", "a1"], ["a5", "a6"]]
    assert found
    again = stories_now((places, found), places, [("a3", []), ("a9", ["a6"])])
    assert by_id(places, again) == [["a7", "a1"], ["a9", "a6"]]
    assert stories_now(None, places) is None


@st.composite
def some_stories(draw: st.DrawFn) -> Stories:
    members = draw(st.permutations(range(40)))
    sizes = draw(st.lists(st.integers(2, 5), min_size=1, max_size=8))
    found = grouped(np.array(members[: sum(sizes)], np.int32), sizes, 40)
    assert found
    return found


def same(left: Stories, right: Stories) -> bool:
    return all(np.array_equal(getattr(left, name), getattr(right, name)) for name in ("number", "members", "bounds"))


@given(some_stories())
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, written: Stories) -> None:
    folder = tmp_path_factory.mktemp("stories")
    write_stories(folder, 3, written, NAMES)
    data = read_stories(folder, 3)
    assert data
    assert same(decode_stories(data, stories_path(folder, 3), NAMES, 40), written)
    write_stories(folder, 3, None, NAMES)
    assert read_stories(folder, 3) is None
    assert list(folder.iterdir()) == []


def test_the_file_is_read_with_numpy_alone(tmp_path: Path) -> None:
    written = grouped(np.array([7, 2, 9, 4, 0]), [3, 2], 12)
    write_stories(tmp_path, 5, written, NAMES)
    data = (tmp_path / "_MAIN_5.stories").read_bytes()
    assert data[:8] == b"NSSTORYS"
    version, crc, documents, count, members, named = np.frombuffer(data, "<u4", 6, 8).tolist()
    assert (version, documents, count, members) == (1, 12, 2, 5)
    assert crc == zlib.crc32(data[16:])
    assert named == zlib.crc32(b"MAIN_a\nMAIN_b\n")
    assert np.frombuffer(data, "<u4", count + 1, 32).tolist() == [0, 3, 5]
    assert np.frombuffer(data, "<u4", members, 32 + 4 * (count + 1)).tolist() == [7, 2, 9, 4, 0]
    assert len(data) == 32 + 4 * (count + 1 + members)


@given(some_stories(), st.data())
def test_any_damage_is_told(tmp_path_factory: pytest.TempPathFactory, written: Stories, data: st.DataObject) -> None:
    folder = tmp_path_factory.getbasetemp()
    write_stories(folder, 1, written, NAMES)
    whole = stories_path(folder, 1).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole + b"\0"):
        with pytest.raises(IndexDamaged, match=r"stories _MAIN_1\.stories .* damaged") as caught:
            decode_stories(damaged, stories_path(folder, 1), NAMES, 40)
        assert "rollback" in caught.value.hint


def test_stories_of_another_commit_are_told(tmp_path: Path) -> None:
    write_stories(tmp_path, 1, grouped(np.array([7, 2]), [2], 12), NAMES)
    data = read_stories(tmp_path, 1)
    assert data
    for names, documents in ((NAMES, 13), (NAMES[:1], 12), (NAMES[::-1], 12)):
        with pytest.raises(IndexDamaged, match="another commit"):
            decode_stories(data, stories_path(tmp_path, 1), names, documents)


def test_they_are_on_disk_before_they_have_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(durable.os, name)
        monkeypatch.setattr(durable.os, name, lambda *a, name=name, real=real: (steps.append(name), real(*a)))
    write_stories(tmp_path, 1, grouped(np.array([7, 2]), [2], 12), NAMES)
    assert steps == ["fsync", "replace", "fsync"]


def test_those_of_no_commit_are_removed(filled: EmbeddedEngine) -> None:
    folder = filled.index_dir / filled.stats().generation
    for number in (0, 1, 2):
        write_stories(folder, number, grouped(np.array([7, 2]), [2], 12), NAMES)
    clean_stories(folder)
    assert [path.name for path in folder.glob(f"*{stories.SUFFIX}")] == ["_MAIN_1.stories"]
