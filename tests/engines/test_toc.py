"""The table of contents: durable, checked, and never a way to run a stranger's code."""

from __future__ import annotations

import gc
import os
import pickle
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newssearch.engines.embedded import toc as toc_module
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.engines.embedded.schema import whoosh_schema
from newssearch.engines.embedded.toc import Toc, encode_toc, read_toc, toc_numbers, write_toc
from newssearch.errors import IndexDamaged

from .build import analysed, article


def toc_file(engine: EmbeddedEngine) -> Path:
    return max((engine.index_dir / engine.stats().generation).glob("_MAIN_*.toc"))


def test_what_is_written_is_read(filled: EmbeddedEngine) -> None:
    folder = toc_file(filled).parent
    toc = read_toc(folder, 1)
    segment = toc.segments[0]
    segment.delete_document(3)
    write_toc(folder, whoosh_schema(), Toc(2, toc.segments))
    again = read_toc(folder, 2)
    assert toc_numbers(folder) == [1, 2]
    assert [s.segment_id() for s in again.segments] == [segment.segment_id()]
    assert list(again.segments[0].deleted_docs()) == [3]


def test_whoosh_reads_the_same(filled: EmbeddedEngine) -> None:
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    path = toc_file(filled)
    theirs = TOC.read(FileStorage(str(path.parent)), "MAIN")
    assert theirs.schema == whoosh_schema()
    assert [s.segment_id() for s in theirs.segments] == [s.segment_id() for s in read_toc(path.parent, 1).segments]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_damage_is_an_error_that_teaches(filled: EmbeddedEngine, data: st.DataObject) -> None:
    path = next(filled.index_dir.glob("gen-*/_MAIN_*.toc"))
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(st.sampled_from([whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], b""]))
    path.write_bytes(damaged)
    try:
        engine = EmbeddedEngine(filled.index_dir)
        with pytest.raises(IndexDamaged, match="table of contents") as caught:
            engine.stats()
        assert "newssearch rollback" in caught.value.hint
        assert engine.check()
        # A leaked file would warn here, and warnings are errors.
        gc.collect()
    finally:
        path.write_bytes(whole)
    assert filled.check() == []


class Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return os.mkdir, (str(self.path),)


def test_a_strangers_index_runs_no_code(filled: EmbeddedEngine, tmp_path: Path) -> None:
    path = toc_file(filled)
    segments = pickle.dumps(read_toc(path.parent, 1).segments, 4)
    whole = path.read_bytes()
    assert segments in whole
    evil = whole[:-8].replace(segments, pickle.dumps([Evil(tmp_path / "was here")], 4))
    path.write_bytes(evil + b"NSTC" + struct.pack("<I", zlib.crc32(evil)))
    with pytest.raises(IndexDamaged, match="no place in an index"):
        EmbeddedEngine(filled.index_dir).stats()
    assert not (tmp_path / "was here").exists()


def test_every_allowed_name_can_be_imported() -> None:
    import importlib

    for module, name in toc_module.ALLOWED:
        assert callable(getattr(importlib.import_module(module), name))


def test_a_commit_that_fails_leaves_the_one_before(filled: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = toc_file(filled).parent
    before = sorted(path.name for path in folder.iterdir())

    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with filled.batch() as batch:
        batch.add(analysed([article("n")]))
        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="Input/output"):
            batch.commit()
    monkeypatch.undo()
    assert sorted(path.name for path in folder.iterdir()) == before
    assert filled.stats().articles == 12


def test_encoding_is_whooshs_own(tmp_path: Path) -> None:
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC

    ours = encode_toc(whoosh_schema(), Toc(300, []))
    (tmp_path / "_MAIN_300.toc").write_bytes(ours)
    theirs = TOC.read(FileStorage(str(tmp_path)), "MAIN")
    assert (theirs.generation, theirs.segments, theirs.version) == (300, [], -111)
