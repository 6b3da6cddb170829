"""Merged segments are what one build of the documents that are left would have made."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays import forward, runs
from newssearch.engines.embedded.arrays.build import SegmentBuilder
from newssearch.engines.embedded.arrays.layout import verify
from newssearch.engines.embedded.arrays.merge import merge_segments
from newssearch.engines.embedded.arrays.segment import ArraySegment

from .batches import Document, Oracle, analysed, documents
from .test_segment import assert_same, last_of_each_id, many


def written(folder: Path, name: str, found: Sequence[Document]) -> ArraySegment:
    builder = SegmentBuilder(folder, name)
    builder.add(analysed(found))
    builder.finish()
    return ArraySegment.open(folder, name)


def merged(folder: Path, parts: Sequence[Sequence[Document]], gone: Sequence[Sequence[int]]) -> ArraySegment:
    sources = [written(folder, f"MAIN_{n}", part) for n, part in enumerate(parts)]
    masks = []
    for source, of_source in zip(sources, gone, strict=True):
        mask = np.zeros(source.documents, np.bool_)
        mask[list(of_source)] = True
        masks.append(mask if of_source else None)
    manifest = merge_segments(folder, "MAIN_merged", sources, masks)
    assert verify(folder, manifest) == []
    return ArraySegment.open(folder, "MAIN_merged", verify=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(documents(), min_size=1, max_size=5), min_size=1, max_size=4), st.data())
def test_merge_keeps_what_is_not_deleted(parts: list[list[Document]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = [last_of_each_id(part) for part in parts]
        gone = [data.draw(st.sets(st.integers(0, len(part) - 1), max_size=2)) for part in parts]
        kept = [d for part, g in zip(parts, gone, strict=True) for n, d in enumerate(part) if n not in g]
        if not kept:
            return
        assert_same(merged(Path(folder), parts, [sorted(g) for g in gone]), Oracle(kept))


def test_merge_of_larger_segments_in_many_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "CHUNK", 300)
    monkeypatch.setattr(forward, "BLOCK", 500)
    everything = many(900)
    parts = [everything[:700], everything[700:710], everything[710:]]
    gone = [list(range(0, 700, 3)), [], [1]]
    kept = [d for part, g in zip(parts, gone, strict=True) for n, d in enumerate(part) if n not in g]
    assert_same(merged(tmp_path, parts, gone), Oracle(kept))


def test_merge_of_merged_segments_is_a_merge_of_all(tmp_path: Path) -> None:
    everything = many(300)
    once = merged(tmp_path, [everything[:100], everything[100:200]], [[], []])
    last = written(tmp_path, "MAIN_last", everything[200:])
    merge_segments(tmp_path, "MAIN_twice", [once, last], [None, None])
    assert_same(ArraySegment.open(tmp_path, "MAIN_twice"), Oracle(everything))
    assert (tmp_path / "MAIN_twice.arrays").read_bytes() == whole(tmp_path, everything)


def whole(folder: Path, everything: Sequence[Document]) -> bytes:
    written(folder, "MAIN_whole", everything)
    return (folder / "MAIN_whole.arrays").read_bytes()


def test_build_is_the_same_on_any_budget(tmp_path: Path) -> None:
    everything = many(300)
    for number, memory in enumerate((1, 20_000, 1 << 30)):
        builder = SegmentBuilder(tmp_path, f"MAIN_{number}", memory=memory)
        for at in range(0, 300, 40):
            builder.add(analysed(everything[at : at + 40]))
        builder.finish()
    files = [(tmp_path / f"MAIN_{number}.arrays").read_bytes() for number in range(3)]
    assert files[0] == files[1] == files[2] == whole(tmp_path, everything)


def test_merge_without_documents_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    source = written(tmp_path, "MAIN_0", many(2))
    with pytest.raises(ValueError, match="needs a document"):
        merge_segments(tmp_path, "MAIN_merged", [source], [np.ones(2, np.bool_)])
    assert [path.name for path in tmp_path.iterdir()] == ["MAIN_0.arrays"]
