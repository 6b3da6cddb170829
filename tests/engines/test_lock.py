"""One writer at a time; the dead hold nothing."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.engines.embedded.lock import writer_lock
from newssearch.errors import IndexLocked

from .build import batches

Start = Callable[..., "subprocess.Popen[str]"]


def wait_for(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdout is not None
    for said in process.stdout:
        if said.strip() == line:
            return
    raise AssertionError(f"the process ended without saying {line}")


def test_a_live_writer_locks_others_out_and_is_named(filled: EmbeddedEngine, start: Start) -> None:
    process = start(filled.index_dir, "hold", "n", 1)
    wait_for(process, "locked")
    for write in (
        lambda: filled.rebuild(batches(["x"]), paths=[], segmenter="none"),
        lambda: filled.batch().__enter__(),
        filled.rollback,
        lambda: filled.block(["a1"], "why"),
    ):
        with pytest.raises(IndexLocked, match=rf"process {process.pid} .*rebuild_process\.py.* \d+ s ago") as caught:
            write()
        assert caught.value.hint
        assert caught.value.exit_code == 4
    # Readers do not wait.
    assert filled.stats().articles == 12
    process.communicate("go on")
    assert filled.stats().articles == 13
    filled.rebuild(batches(["x"]), paths=[], segmenter="none")


def test_a_killed_writer_frees_the_lock(filled: EmbeddedEngine, start: Start) -> None:
    process = start(filled.index_dir, "hold", "n", 1)
    wait_for(process, "locked")
    process.kill()
    process.wait()
    with filled.batch() as batch:
        assert batch.delete(["a1"]) == ["a1"]
        batch.commit()
    assert filled.stats().articles == 11
    assert filled.check() == []


def test_two_writers_in_one_process_exclude_each_other(filled: EmbeddedEngine) -> None:
    with filled.batch(), pytest.raises(IndexLocked), EmbeddedEngine(filled.index_dir).batch():
        pass
    with filled.batch():
        pass


def test_what_the_lock_file_says_is_only_for_the_message(folder: Path) -> None:
    folder.mkdir()
    path = folder / "writer.lock"
    for nonsense in (
        b"",
        b"\xff\xfe{",
        json.dumps({"pid": 1, "command": "init", "since": time.time()}).encode(),
        b"[]",
    ):
        path.write_bytes(nonsense)
        with writer_lock(path):
            path.write_bytes(nonsense)
            with pytest.raises(IndexLocked), writer_lock(path):
                pass


def _sleep_long(ready: object) -> None:
    ready.set()  # type: ignore[attr-defined]
    time.sleep(60)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_worker_does_not_keep_the_lock(folder: Path) -> None:
    folder.mkdir()
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    worker = context.Process(target=_sleep_long, args=(ready,))
    with writer_lock(folder / "writer.lock"):
        worker.start()
        ready.wait(20)
    try:
        with writer_lock(folder / "writer.lock"):
            assert worker.is_alive()
    finally:
        worker.kill()
        worker.join()
