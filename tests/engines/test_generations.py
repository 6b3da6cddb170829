"""The index survives what happens to it: kills, full disks, damage; and one step back is always there."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newssearch.engines.embedded import toc as toc_module
from newssearch.engines.embedded.arrays.layout import ContainerWriter
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.errors import IndexDamaged, IndexMissing, IndexOutdated, WriteFailed
from newssearch.fields import SCHEMA_VERSION, Analysed

from .build import analysed, article, batches

Start = Callable[..., "subprocess.Popen[str]"]


def ids(engine: EmbeddedEngine) -> set[str]:
    found = [article.id for article, _ in engine.iterate()]
    assert len(found) == len(set(found))
    return set(found)


def generations(engine: EmbeddedEngine) -> list[str]:
    return sorted((path.name for path in engine.index_dir.glob("gen-*")), key=lambda name: int(name.split("-")[-1]))


def rebuild(engine: EmbeddedEngine, *names: str) -> str:
    return engine.rebuild(batches(names), paths=list(names), segmenter="none").generation


def add(engine: EmbeddedEngine, *names: str) -> None:
    with engine.batch() as batch:
        for one in batches(names):
            batch.add(one)
        batch.commit()


def served(engine: EmbeddedEngine) -> Path:
    return engine.index_dir / (engine.index_dir / "CURRENT").read_text().strip()


# What is kept


def test_one_older_generation_is_kept(engine: EmbeddedEngine) -> None:
    names = [rebuild(engine, f"r{number}") for number in range(4)]
    assert generations(engine) == names[-2:]
    assert served(engine).name == names[-1]
    assert not list(engine.index_dir.glob("*.tmp"))
    assert {path.name for path in engine.index_dir.iterdir()} == {"CURRENT", "writer.lock", *names[-2:]}


def test_rollback_goes_back_and_forth(engine: EmbeddedEngine) -> None:
    first, second = rebuild(engine, "a"), rebuild(engine, "b")
    assert engine.rollback() == first
    assert ids(engine) == {"a"}
    assert engine.meta()["paths"] == ["a"]
    assert engine.rollback() == second
    assert ids(engine) == {"b"}


def test_after_a_rollback_a_rebuild_keeps_what_served(engine: EmbeddedEngine) -> None:
    rebuild(engine, "a")
    rebuild(engine, "b")
    engine.rollback()
    rebuild(engine, "c")
    assert ids(engine) == {"c"}
    engine.rollback()
    assert ids(engine) == {"a"}


def test_without_an_older_generation_rollback_says_so(filled: EmbeddedEngine) -> None:
    with pytest.raises(IndexMissing, match="no earlier generation") as caught:
        filled.rollback()
    assert caught.value.hint == "newssearch rebuild-index"
    assert len(ids(filled)) == 12


def test_on_publish_comes_right_before_readers_see_it(filled: EmbeddedEngine) -> None:
    seen = []
    filled.rebuild(batches(["n"]), paths=[], segmenter="none", on_publish=lambda: seen.append(len(ids(filled))))
    assert seen == [12]
    assert ids(filled) == {"n"}


# Interrupts, kills and full disks


def test_an_interrupt_leaves_the_old_index(filled: EmbeddedEngine) -> None:
    def interrupted() -> Iterator[Analysed]:
        yield from batches(["n1", "n2"])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        filled.rebuild(interrupted(), paths=[], segmenter="none")
    assert len(ids(filled)) == 12
    assert generations(filled) == [served(filled).name]
    rebuild(filled, "n")
    assert ids(filled) == {"n"}


def test_kill_rebuild_at_random_moments(filled: EmbeddedEngine, start: Start) -> None:
    moments = random.Random(8)
    process = start(filled.index_dir, "rebuild", "w", 60)
    assert process.stdout is not None
    process.stdout.readline()
    begun = time.perf_counter()
    process.wait()
    whole = time.perf_counter() - begun
    killed = 0
    for round in range(20):
        rebuild(filled, f"old{round}", "other")
        process = start(filled.index_dir, "rebuild", f"k{round}-", 60)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0, whole))
        process.kill()
        said, _ = process.communicate()
        if "done" not in said:
            killed += 1
            new = {f"k{round}-{number}" for number in range(60)}
            # The kill may fall between the publication and its announcement: then it is the whole new index.
            assert ids(filled) in ({f"old{round}", "other"}, new)
            assert filled.check() == []
            assert len(ids(EmbeddedEngine(filled.index_dir))) in (2, 60)
        rebuild(filled, "next")
        assert ids(filled) == {"next"}
        assert len(generations(filled)) == 2
        assert filled.check() == []
    assert killed >= 10


@pytest.mark.parametrize("at", [1, 5, 11, 12, 13, 14, 15])
def test_a_death_in_a_commit_leaves_all_of_it_or_nothing(filled: EmbeddedEngine, start: Start, at: int) -> None:
    process = start(filled.index_dir, "add", "n", 3, at)
    said, _ = process.communicate()
    assert said.startswith("ready")
    found = ids(filled)
    old = {f"a{number}" for number in range(12)}
    assert found in (old, old | {"n0", "n1", "n2"})
    with filled.batch() as batch:
        batch.add(analysed([article("m")]))
        batch.commit()
    assert ids(filled) == found | {"m"}
    assert filled.check() == []
    known = {
        segment.segment_id()
        for segment in toc_module.read_toc(served(filled), toc_module.toc_numbers(served(filled))[-1]).segments
    }
    for path in served(filled).iterdir():
        assert path.name in ("meta.json",) or path.suffix == ".toc" or path.name.split(".")[0] in known


@pytest.mark.parametrize("at", [1, 3, 5, 15, 25])
def test_a_death_in_a_first_rebuild_is_no_index_yet(engine: EmbeddedEngine, start: Start, at: int) -> None:
    said, _ = start(engine.index_dir, "rebuild", "n", 5, at).communicate()
    assert said.startswith("ready")
    try:
        assert len(ids(engine)) == 5
    except IndexMissing:
        assert not (engine.index_dir / "CURRENT").exists()
    rebuild(engine, "m")
    assert ids(engine) == {"m"}
    assert len(generations(engine)) <= 2


def test_a_full_disk_leaves_the_old_index(filled: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    for owner, name in ((ContainerWriter, "finish"), (os, "fsync"), (os, "replace")):
        monkeypatch.setattr(owner, name, full)
        with pytest.raises(WriteFailed, match="the disk is full") as caught:
            rebuild(filled, "n")
        with filled.batch() as batch:
            batch.add(analysed([article("n")]))
            with pytest.raises(WriteFailed, match="the disk is full"):
                batch.commit()
        monkeypatch.undo()
        assert "Free some space" in caught.value.hint
        assert len(ids(filled)) == 12
        assert generations(filled) == [served(filled).name]
        assert filled.check() == []


def test_a_really_full_disk_leaves_the_old_index(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True).returncode
    ):
        pytest.skip("a small disk cannot be mounted here: run as root where mounting is allowed")
    try:
        engine = EmbeddedEngine(disk / "index", memory=20_000)
        rebuild(engine, "a", "b")
        many = [f"n{number} {'x' * 50}".replace(" ", "-") for number in range(3000)]
        with pytest.raises(WriteFailed, match="the disk is full"):
            rebuild(engine, *many)
        assert ids(engine) == {"a", "b"}
        assert generations(engine) == [served(engine).name]
        with pytest.raises(WriteFailed, match="the disk is full"):
            add(engine, *many)
        rebuild(engine, "c")
        assert ids(engine) == {"c"}
        assert engine.check() == []
        engine.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_file_where_the_index_should_be_says_so(tmp_path: Path) -> None:
    path = tmp_path / "index"
    path.write_text("hello")
    engine = EmbeddedEngine(path)
    with pytest.raises(WriteFailed, match="in the way"):
        rebuild(engine, "a")
    with pytest.raises(IndexMissing):
        engine.stats()


# Damage


def test_every_flipped_byte_is_found_by_check(filled: EmbeddedEngine) -> None:
    chance = random.Random(1)
    for path in sorted(served(filled).iterdir()):
        whole = path.read_bytes()
        at = chance.randrange(len(whole))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        problems = filled.check()
        path.write_bytes(whole)
        assert problems, path.name
        assert served(filled).name in problems[0].where
    assert filled.check() == []


def test_missing_and_cut_files_are_found_by_check_and_by_opening(filled: EmbeddedEngine) -> None:
    for path in sorted(served(filled).iterdir()):
        whole = path.read_bytes()
        for damage in (path.unlink, lambda p=path, w=whole: p.write_bytes(w[: len(w) // 2])):
            damage()
            assert filled.check(), path.name
            with pytest.raises(IndexDamaged) as caught:
                EmbeddedEngine(filled.index_dir).stats()
            assert "newssearch" in caught.value.hint
            path.write_bytes(whole)
    assert filled.check() == []


def test_damage_in_the_older_generation_is_found_too(filled: EmbeddedEngine) -> None:
    old = served(filled)
    rebuild(filled, "n")
    next(old.glob("*.arrays")).unlink()
    assert [problem.where.split("/")[0] for problem in filled.check()] == [old.name]
    assert ids(filled) == {"n"}
    with pytest.raises(IndexDamaged, match="damaged too") as caught:
        filled.rollback()
    assert caught.value.hint == "newssearch rebuild-index"
    assert ids(filled) == {"n"}


def test_rollback_mends_a_damaged_index(filled: EmbeddedEngine) -> None:
    rebuild(filled, "n")
    for damage in (
        lambda: next(served(filled).glob("*.toc")).write_bytes(b"nonsense"),
        lambda: (filled.index_dir / "CURRENT").write_text("nonsense"),
        lambda: (filled.index_dir / "CURRENT").unlink(),
        lambda: shutil.rmtree(served(filled)),
    ):
        shutil.rmtree(filled.index_dir)
        filled.rebuild(batches(["a", "b"]), paths=[], segmenter="none")
        rebuild(filled, "n")
        damage()
        with pytest.raises(IndexDamaged, match=r"half-deleted|damaged|no generation") as caught:
            filled.stats()
        assert "newssearch rollback" in caught.value.hint
        assert filled.check()
        filled.rollback()
        assert ids(filled) in ({"a", "b"}, {"n"})


def test_a_rebuild_mends_a_damaged_index(filled: EmbeddedEngine) -> None:
    next(served(filled).glob("*.toc")).write_bytes(b"nonsense")
    report = filled.rebuild(batches(["n"]), paths=[], segmenter="none")
    assert report.gone == 0
    assert ids(filled) == {"n"}


# Other versions


def test_another_schema_is_refused_and_its_articles_can_be_read(filled: EmbeddedEngine) -> None:
    path = served(filled) / "meta.json"
    meta = json.loads(path.read_text())
    path.write_text(json.dumps({**meta, "schema_version": 0}))
    for call in (filled.stats, lambda: filled.get("a1"), lambda: filled.batch().__enter__()):
        with pytest.raises(IndexOutdated, match="schema 0") as caught:
            call()
        assert caught.value.hint == "newssearch rebuild-index --stored"
    stored = list(filled.iterate_any_version())
    assert {article.id for article, _ in stored} == {f"a{number}" for number in range(12)}
    assert filled.meta()["paths"] == ["seeds"]
    report = filled.rebuild([analysed([article for article, _ in stored])], paths=["seeds"], segmenter="none")
    assert (report.articles, report.gone) == (12, 0)
    assert filled.stats().schema_version == SCHEMA_VERSION
