"""Commands run as processes: how long they take and how much memory all of their processes hold together."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

STARTED = "started"
"""a peer that is measured on few articles prints this line when its imports are done; what came before is not counted"""
COMMITTED = "committed"
"""a peer prints this line when its index is durable; what it does after that is not counted"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a command took: seconds to its end (or from STARTED, or until COMMITTED, where it prints those), and the highest sum of PSS seen, in bytes."""

    seconds: float
    peak: float
    output: str


def newssearch(*arguments: str) -> list[str]:
    """The command line of newssearch as an installed user types it."""
    script = Path(sys.executable).with_name("newssearch")
    return [str(script), *arguments] if script.exists() else [sys.executable, "-m", "newssearch", *arguments]


def run(command: Sequence[str], *, sample: float | None = 0.2, accept: Sequence[int] = (0,)) -> Run:
    """Run a command to its end; every `sample` seconds the memory of its processes is read (never for None).

    Raises RuntimeError with what it wrote to standard error when its exit code is not one of `accept`.
    """
    began = time.perf_counter()
    # A file, not a pipe: a process that nobody reads would stop when its pipe is full.
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True)
        sampler = _Sampler(process.pid, sample) if sample else None
        if sampler:
            sampler.start()
        lines, committed = [], None
        try:
            assert process.stdout
            for line in process.stdout:
                if line.strip() == STARTED:
                    began = time.perf_counter()
                elif line.strip() == COMMITTED:
                    committed = time.perf_counter()
                lines.append(line)
            code = process.wait()
            ended = time.perf_counter()
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if sampler:
                sampler.stop()
        if code not in accept:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(command)[:200]} ended with {code}: {errors.read().decode(errors='replace')[-2000:]}")
    return Run((committed or ended) - began, sampler.peak if sampler else math.nan, "".join(lines))


class _Sampler(threading.Thread):
    """Reads the PSS of all processes of a session, again and again, and keeps the highest sum."""

    def __init__(self, session: int, interval: float) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._session = session
        self._interval = interval
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.is_set():
            self.peak = max(self.peak, sum(pss(process) for process in family(self._session)))
            self._over.wait(self._interval)

    def stop(self) -> None:
        self._over.set()
        self.join()


def family(session: int) -> list[int]:
    """The processes of a session."""
    members = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            # What follows the command's name in brackets: state, parent, group, session.
            if int(Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[3]) == session:
                members.append(int(name))
        except (OSError, ValueError, IndexError):
            continue
    return members


def pss(process: int) -> int:
    """The proportional set size of a process in bytes, 0 where it is gone: shared pages count once among those that share them."""
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        return 0
    return 0


def size_of(path: Path) -> int:
    """Bytes of a file or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
