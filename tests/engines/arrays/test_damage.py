"""Damage to a segment's file is found, and never leads to more than IndexDamaged."""

from __future__ import annotations

import errno
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays import layout
from newssearch.engines.embedded.arrays.build import SegmentBuilder
from newssearch.engines.embedded.arrays.layout import Manifest, verify
from newssearch.engines.embedded.arrays.segment import ArraySegment
from newssearch.errors import IndexDamaged, IndexOutdated

from .batches import analysed
from .test_segment import many

NAME = "MAIN_test"


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Manifest, bytes]:
    folder = tmp_path_factory.mktemp("segment")
    builder = SegmentBuilder(folder, NAME)
    builder.add(analysed(many(150)))
    manifest = builder.finish()
    return folder, manifest, (folder / f"{NAME}.arrays").read_bytes()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_altered_byte_is_found(healthy: tuple[Path, Manifest, bytes], data: st.DataObject) -> None:
    folder, manifest, good = healthy
    at = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[at] ^= data.draw(st.integers(1, 255))
    (folder / f"{NAME}.arrays").write_bytes(bad)
    try:
        assert verify(folder, manifest) != []
        with pytest.raises((IndexDamaged, IndexOutdated)):
            ArraySegment.open(folder, NAME, verify=True)
        read_everything(folder)
    finally:
        (folder / f"{NAME}.arrays").write_bytes(good)


def read_everything(folder: Path) -> None:
    """Reading without verifying may give wrong answers; it raises nothing but our own errors."""
    try:
        segment = ArraySegment.open(folder, NAME)
    except (IndexDamaged, IndexOutdated):
        return

    def word(name: str, term: str) -> None:
        segment.postings(name, term)
        if name == "text":
            segment.positions(name, term, np.arange(0, 150, 7, dtype=np.int32))

    reads: list[Any] = [
        *[lambda n=n, t=t: word(n, t) for n in ("text", "folded") for t in ("của", "cua", "bơ", "riêng50")],
        *[lambda n=n: segment.article(n) for n in (0, 75, 149)],
        *[lambda n=n: segment.column(n) for n in ("source", "host", "origin")],
        lambda: segment.prefixed("text", "r"),
        lambda: segment.spellings("cua"),
        lambda: segment.pair_frequencies([(["của"], ["cửa"])]),
        lambda: segment.occurrences(
            [("folded", "cua"), ("text", "bơ"), ("text", "riêng50")], np.arange(0, 150, 7, dtype=np.int32)
        ),
        lambda: segment.prefix_postings("folded", "r"),
        lambda: segment.prefetch([("text", "của"), ("text", "bơ"), ("text", "riêng50"), ("folded", "cua")]),
        lambda: segment.frequency_column("text", "của"),
        lambda: segment.documents_of_key("id:a7"),
        lambda: (segment.lengths("text"), segment.parts(), segment.published(), segment.ids()),
        lambda: segment.between("text", 0, len(segment.field("text").terms)),
    ]
    for read in reads:
        try:
            read()
        except (IndexDamaged, IndexOutdated):
            continue


@pytest.mark.parametrize("size", [0, 1, 15, 16, 39, 40, 100, -1, -24])
def test_file_cut_short_is_found(healthy: tuple[Path, Manifest, bytes], tmp_path: Path, size: int) -> None:
    _, manifest, good = healthy
    (tmp_path / f"{NAME}.arrays").write_bytes(good[:size])
    assert "bytes instead of" in verify(tmp_path, manifest)[0]
    with pytest.raises(IndexDamaged, match="damaged"):
        ArraySegment.open(tmp_path, NAME)


def test_missing_file_is_found(healthy: tuple[Path, Manifest, bytes], tmp_path: Path) -> None:
    assert verify(tmp_path, healthy[1]) == [f"{NAME}.arrays is missing."]
    with pytest.raises(FileNotFoundError):
        ArraySegment.open(tmp_path, NAME)


def test_other_whole_segment_in_its_place_is_found(healthy: tuple[Path, Manifest, bytes], tmp_path: Path) -> None:
    manifest = healthy[1]
    builder = SegmentBuilder(tmp_path, NAME)
    builder.add(analysed(many(150, seed=2)))
    builder.finish()
    assert verify(tmp_path, manifest) != []


def test_altered_byte_is_named_with_its_section(healthy: tuple[Path, Manifest, bytes], tmp_path: Path) -> None:
    folder, manifest, good = healthy
    where = ArraySegment.open(folder, NAME)._container.sections["text.docs"]
    bad = bytearray(good)
    bad[where["at"]] ^= 1
    (tmp_path / f"{NAME}.arrays").write_bytes(bad)
    assert "text.docs" in verify(tmp_path, manifest)[0]


def test_later_format_is_refused_with_the_command_that_brings_articles_over(
    healthy: tuple[Path, Manifest, bytes], tmp_path: Path
) -> None:
    bad = bytearray(healthy[2])
    bad[8:12] = struct.pack("<I", layout.VERSION + 1)
    (tmp_path / f"{NAME}.arrays").write_bytes(bad)
    with pytest.raises(IndexOutdated) as refused:
        ArraySegment.open(tmp_path, NAME)
    assert "rebuild-index --stored" in refused.value.hint


@pytest.mark.parametrize("after", [0, 1, 5, 30])
def test_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    sections = iter(range(after))
    section = layout.ContainerWriter._section

    def full(writer: layout.ContainerWriter, *arguments: Any) -> None:
        if next(sections, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        section(writer, *arguments)

    monkeypatch.setattr(layout.ContainerWriter, "_section", full)
    builder = SegmentBuilder(tmp_path, NAME)
    builder.add(analysed(many(20)))
    with pytest.raises(OSError, match="No space"):
        builder.finish()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("after", [0, 3, 20, 60, 70, 80, 90])
def test_full_disk_behind_the_scenes_is_told_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    writes = iter(range(after))
    write = layout.Spool.write

    def full(spool: layout.Spool, data: Any) -> int:
        if next(writes, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(spool, data)

    monkeypatch.setattr(layout.Spool, "write", full)
    builder = SegmentBuilder(tmp_path, NAME, memory=20_000)

    def work() -> None:
        documents = many(100)
        for at in range(0, 100, 10):
            builder.add(analysed(documents[at : at + 10]))
        builder.finish()

    with pytest.raises(OSError, match="No space"):
        work()
    builder.discard()
    assert list(tmp_path.iterdir()) == []
