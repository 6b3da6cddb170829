"""Rebuilds that are interrupted, locked out or meet a full disk, in real processes: the old index serves throughout."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from .conftest import Cli, command, plain, snapshot, write

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command that reads what the test writes to it, as the leader of its own group; every one is ended afterwards."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str | Path) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command(*arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pipe_of(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_locked(index: Path) -> bool:
    with open(index / "writer.lock", "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def children(process: subprocess.Popen[bytes]) -> list[str]:
    return Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()


def assert_old_serves(cli: Cli, old: Path) -> None:
    assert cli("query", "--json", "a1", "--index", old).ids == ["a1"]
    assert cli("export", "--index", old).ids == ["a1", "a2", "a3"]
    assert cli("check", "--index", old).code == 0


@pytest.mark.parametrize("verb", ["rebuild-index", "add"])
def test_ctrl_c_is_exit_130_and_the_old_index_serves(cli: Cli, old: Path, start: Start, verb: str) -> None:
    before = snapshot(old)
    process = start(verb, "-", "--index", old)
    pipe_of(process).write("".join(json.dumps(article) + "\n" for article in plain(*map(str, range(700)))).encode())
    pipe_of(process).flush()
    wait_until(lambda: is_locked(old))
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().strip() == "Interrupted. The index is whole; what was not finished is not in it."
    assert out == b""
    assert_old_serves(cli, old)
    assert snapshot(old) == before


def test_ctrl_c_while_workers_analyse_ends_them_too(cli: Cli, old: Path, start: Start) -> None:
    process = start("rebuild-index", "-", "--jobs", "2", "--index", old)
    article = {"title": "Tin", "body": "Công an tỉnh Đắk Lắk bảo vệ an ninh tổ quốc. " * 20}
    # More than the pipe of a worker holds, so that both work when the interrupt comes to the whole group, as from a terminal.
    pipe_of(process).write("".join(json.dumps({"id": f"{number}", **article}) + "\n" for number in range(2600)).encode())
    pipe_of(process).flush()
    wait_until(lambda: len(children(process)) >= 2)
    workers = children(process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().strip() == "Interrupted. The index is whole; what was not finished is not in it."
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert_old_serves(cli, old)
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0


def test_a_live_writer_locks_others_out_and_readers_go_on(cli: Cli, old: Path, start: Start) -> None:
    process = start("rebuild-index", "-", "--index", old)
    wait_until(lambda: is_locked(old))
    for arguments in (["rebuild-index", "old.jsonl"], ["rebuild-index"], ["add", "old.jsonl"], ["delete", "a1"], ["delete", "a1", "--block", "x"], ["rollback"]):
        said = cli(*arguments, "--index", old)
        assert said.code == 4
        assert f"process {process.pid}" in said.err
        assert "rebuild-index -" in said.err
    assert_old_serves(cli, old)
    assert cli("stats", "--index", old).code == 0
    # The one that was first finishes all the same.
    pipe_of(process).write(json.dumps(plain("n1")[0]).encode())
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert cli("export", "--index", old).ids == ["n1"]


def test_a_dead_writer_locks_nobody_out(cli: Cli, old: Path, start: Start) -> None:
    process = start("rebuild-index", "-", "--index", old)
    pipe_of(process).write(b'{"id": "n1", "title": "x"}\n' * 600)
    wait_until(lambda: is_locked(old))
    process.kill()
    process.communicate()
    assert (old / "writer.lock").read_text()
    assert_old_serves(cli, old)
    assert cli("add", write(old.parent / "b.jsonl", plain("b1")), "--index", old).code == 0
    assert sorted(cli("export", "--index", old).ids) == ["a1", "a2", "a3", "b1"]
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0
    assert len(list(old.glob("gen-*"))) == 2


def test_a_full_disk_during_a_rebuild(cli: Cli, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(old)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    for arguments in (["rebuild-index", "old.jsonl"], ["add", "old.jsonl"], ["delete", "a1", "--block", "x"]):
        said = cli(*arguments, "--index", old)
        assert said.code == 2
        assert "the disk is full" in said.err
        assert "Free some space" in said.err
    monkeypatch.undo()
    os.chdir(old.parent)
    assert snapshot(old) == before
    assert_old_serves(cli, old)


def test_a_limit_on_files_during_a_rebuild(cli: Cli, old: Path, tmp_path: Path) -> None:
    before = snapshot(old)
    many = write(tmp_path / "many.jsonl", plain(*(f"n{number}" for number in range(800))))

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))

    for verb in ("rebuild-index", "add"):
        done = subprocess.run(
            command(verb, many, "--index", old), capture_output=True, text=True, preexec_fn=allow_little, timeout=60, check=False
        )
        assert done.returncode == 2
        assert "larger than the system allows" in done.stderr
        assert "Traceback" not in done.stderr
        assert snapshot(old) == before
    assert_old_serves(cli, old)


def test_a_really_full_disk_during_a_rebuild(cli: Cli, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here: run as root where mounting is allowed")
    try:
        index = disk / "index"
        assert cli("rebuild-index", write(tmp_path / "old.jsonl", plain("a1", "a2", "a3")), "--index", index).code == 0
        many = write(tmp_path / "many.jsonl", plain(*(f"n{number}-{os.urandom(40).hex()}" for number in range(3000))))
        for verb in ("rebuild-index", "add"):
            said = cli(verb, many, "--index", index)
            assert said.code == 2
            assert "the disk is full" in said.err
            assert_old_serves(cli, index)
        assert cli("rebuild-index", "old.jsonl", "--index", index).code == 0
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
