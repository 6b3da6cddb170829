"""Files that survive a power cut: written aside, synced, renamed, and their folder synced."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import WriteFailed

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission was denied",
    errno.EPERM: "permission was denied",
    errno.EROFS: "the disk is read-only",
    errno.EEXIST: "a file of that name is in the way",
    errno.ENOTDIR: "a file of that name is in the way",
    errno.EFBIG: "a file would become larger than the system allows",
}


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durably(path: Path, content: bytes) -> None:
    """Put `content` at `path`: after a crash there is the old file or the new one, whole."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(aside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def write_errors(folder: Path) -> Iterator[None]:
    """Turn what the system says while writing into WriteFailed with a hint; what served before still serves."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REASONS:
            raise
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise WriteFailed(
            f"The index at {folder} could not be written: {_REASONS[error.errno]}. What was there before still serves.",
            f"{'Free some space' if full else 'Check the folder and its rights'}, or choose another folder with --index.",
        ) from error
