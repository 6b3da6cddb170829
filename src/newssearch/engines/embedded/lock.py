"""One writer at a time, by `flock`: a kill frees it, and what the file says is for the message only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import sys
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import IndexLocked
from .durable import write_errors

_held: weakref.WeakSet[_Descriptor] = weakref.WeakSet()


class _Descriptor:
    def __init__(self, number: int) -> None:
        self.number = number


def _let_go_in_child() -> None:
    # A forked worker inherits the open file: without this it would hold the lock after its parent is gone.
    for descriptor in list(_held):
        with contextlib.suppress(OSError):
            os.close(descriptor.number)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


@contextmanager
def writer_lock(path: Path) -> Iterator[None]:
    """Hold the lock file while the block runs. Raises IndexLocked, naming the owner, when a live process holds it."""
    with write_errors(path.parent):
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    descriptor = _Descriptor(number)
    _held.add(descriptor)
    owner = os.getpid()
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _locked(path, number) from None
        said = {"pid": os.getpid(), "command": " ".join(sys.argv)[:200], "since": time.time()}
        # Nothing is lost when the disk has no room for a message.
        with contextlib.suppress(OSError):
            os.ftruncate(number, 0)
            os.pwrite(number, json.dumps(said).encode(), 0)
        yield
    finally:
        if os.getpid() == owner:
            _held.discard(descriptor)
            os.close(number)


def _locked(path: Path, number: int) -> IndexLocked:
    try:
        said = json.loads(os.pread(number, 4096, 0))
        age = max(0, round(time.time() - float(said["since"])))
        who = f"process {int(said['pid'])} (“{said['command']}”), {_duration(age)} ago"
    except (ValueError, KeyError, TypeError, OSError):
        who = "another process"
    return IndexLocked(
        f"The index at {path.parent} is being written by {who}.",
        "Wait until it has finished, or end that process; searching goes on meanwhile.",
    )


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"
