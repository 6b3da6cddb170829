"""The container: one file of named, checksummed arrays behind a header, with a directory at its end."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ....errors import IndexDamaged, IndexOutdated
from ....records import dataclass

SUFFIX = ".arrays"
MAGIC = b"NSARRAYS"
END_MAGIC = b"NSARREND"
VERSION = 2
READABLE = (1, 2)
"""versions that are read: in version 1 articles are stored in UTF-8 alone"""
ALIGNMENT = 64
HEADER = struct.Struct("<8sII")
"""magic, version, reserved (0)"""
FOOTER = struct.Struct("<QII8s")
"""where the directory begins, its length, its CRC-32, magic"""

_COPY = 1 << 20
_SPOOL = 4 << 20
"""bytes of a section that are held in memory while it is written"""
MEND = "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`."


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written: the segment's files by name with size in bytes and CRC-32, and how much is in them."""

    segment: str
    documents: int
    files: dict[str, tuple[int, int]]
    counts: dict[str, int] = field(default_factory=dict)
    """terms by field, and more for people"""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())


def container_path(folder: Path, name: str) -> Path:
    """Return the one file of a segment."""
    return folder / f"{name}{SUFFIX}"


def narrowest(top: int) -> np.dtype[Any]:
    """Return unsigned integers of the fewest of 1, 2, 4 and 8 bytes that hold 0 to `top`."""
    return np.dtype(next(f"<u{width}" for width in (1, 2, 4, 8) if top < 1 << 8 * width))


def narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Return unsigned integers in the narrowest of 1, 2, 4 and 8 bytes that holds them all."""
    return values.astype(narrowest(int(values.max()) if len(values) else 0), copy=False)


def fsync_files(paths: Iterable[Path]) -> None:
    """Make the bytes of files durable; their folder's entries are the caller's."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Spool:
    """Bytes that come in pieces and are read back once: in memory while few, else in a nameless file of the folder."""

    def __init__(self, folder: Path) -> None:
        # Imported late: only writers need it.
        import tempfile

        # Held and closed by whoever owns the spool.
        self._file: Any = tempfile.SpooledTemporaryFile(max_size=_SPOOL, dir=str(folder))  # noqa: SIM115
        self._reading = threading.Lock()
        self.size = 0

    def write(self, data: bytes | memoryview | NDArray[Any]) -> int:
        """Append; returns where it begins."""
        at = self.size
        if len(data):
            raw = data.data if isinstance(data, np.ndarray) else memoryview(data)
            self._file.write(raw.cast("B"))
            self.size += raw.nbytes
        return at

    def read(self, at: int, size: int) -> bytes:
        """Return a piece of what was written; threads may read beside each other."""
        with self._reading:
            # What is longer lies in a file.
            if self.size <= _SPOOL:
                self._file.seek(at)
                data: bytes = self._file.read(size)
                return data
            self._file.flush()
        return os.pread(self._file.fileno(), size, at)

    def pieces(self) -> Iterator[bytes]:
        """Yield everything from the beginning."""
        self._file.seek(0)
        while piece := self._file.read(_COPY):
            yield piece

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class ContainerWriter:
    """Writes a container from its first byte to its last."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = container_path(folder, name)
        self._name = name
        self._file: IO[bytes] = open(self.path, "wb")  # noqa: SIM115
        self._at = 0
        self._crc = 0
        self._sections: dict[str, dict[str, Any]] = {}
        self._put(HEADER.pack(MAGIC, VERSION, 0))

    def _put(self, data: bytes | memoryview) -> None:
        self._file.write(data)
        self._crc = zlib.crc32(data, self._crc)
        self._at += len(data)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Write an array as the section `name`, little-endian, row after row."""
        array = np.ascontiguousarray(array)
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        self._section(name, array.dtype.str, iter((array.data.cast("B"),) if array.size else ()))

    def add_narrow(self, name: str, array: NDArray[Any]) -> None:
        """Write unsigned integers in as few bytes as they need."""
        self.add(name, narrow(array))

    def add_spool(self, name: str, spool: Spool, dtype: str = "|u1") -> None:
        """Write what a spool holds as the section `name` and close the spool."""
        self._section(name, dtype, spool.pieces())
        spool.close()

    def _section(self, name: str, dtype: str, pieces: Iterator[bytes | memoryview]) -> None:
        self._put(bytes(-self._at % ALIGNMENT))
        begin, crc = self._at, 0
        for piece in pieces:
            crc = zlib.crc32(piece, crc)
            self._put(piece)
        self._sections[name] = {"at": begin, "size": self._at - begin, "type": dtype, "crc32": crc}

    def finish(self, documents: int, counts: dict[str, int]) -> Manifest:
        """Write directory and footer, close the file, return the manifest. Nothing is synced."""
        said = {"documents": documents, "counts": counts, "sections": self._sections}
        directory = json.dumps(said, separators=(",", ":")).encode()
        self._put(bytes(-self._at % ALIGNMENT))
        begin = self._at
        self._put(directory)
        self._put(FOOTER.pack(begin, len(directory), zlib.crc32(directory), END_MAGIC))
        self._file.close()
        return Manifest(self._name, documents, {self.path.name: (self._at, self._crc)}, counts)

    def discard(self) -> None:
        """Close and remove the unfinished file."""
        # What could not be flushed has been reported by then.
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


class Container:
    """A container mapped into memory; sections become arrays when they are first asked for. No seek, so threads may share it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = container_path(folder, name)
        with damage_is_reported(self.path):
            with open(self.path, "rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            said = _directory(self._map)
            self.documents = int(said["documents"])
            self.counts: dict[str, int] = said["counts"]
            self.sections: dict[str, dict[str, Any]] = said["sections"]
        self.size = len(self._map)
        self._arrays: dict[str, NDArray[Any]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.sections

    def array(self, name: str) -> NDArray[Any]:
        """Return a section, mapped and read-only. Raises IndexDamaged where it is not there."""
        found = self._arrays.get(name)
        if found is None:
            with damage_is_reported(self.path):
                where = self.sections[name]
                dtype = np.dtype(where["type"])
                found = np.frombuffer(self._map, dtype, where["size"] // dtype.itemsize, where["at"])
            self._arrays[name] = found
        return found

    def span(self, name: str) -> tuple[mmap.mmap, int, int]:
        """Return the map with first and last offset of a section: for searching in bytes without a copy."""
        with damage_is_reported(self.path):
            where = self.sections[name]
            return self._map, where["at"], where["at"] + where["size"]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the file, read to its last byte."""
        view, at = memoryview(self._map), HEADER.size
        for name, where in sorted(self.sections.items(), key=lambda item: (item[1]["at"], item[1]["size"])):
            begin, end = where["at"], where["at"] + where["size"]
            if begin < at or any(view[at:begin]):
                yield f"{self.path.name}: there are stray bytes before the section {name}."
            if zlib.crc32(view[begin:end]) != where["crc32"]:
                yield f"{self.path.name}: the section {name} was altered, its checksum does not fit."
            at = end
        (begin,) = struct.unpack_from("<Q", self._map, self.size - FOOTER.size)
        if any(view[at:begin]):
            yield f"{self.path.name}: there are stray bytes before the directory."

    def close(self) -> None:
        """Let go of the arrays; the map goes when the last array made of it does."""
        self._arrays.clear()


def _directory(data: mmap.mmap) -> dict[str, Any]:
    if len(data) < HEADER.size + FOOTER.size:
        raise ValueError("it is cut short")
    magic, version, reserved = HEADER.unpack_from(data)
    if magic != MAGIC or reserved:
        raise ValueError("it does not begin as a segment does")
    if version not in READABLE:
        raise IndexOutdated(
            f"A segment is kept in format {version}; this version reads format {VERSION}.",
            "newssearch rebuild-index --stored",
        )
    begin, size, crc, end = FOOTER.unpack_from(data, len(data) - FOOTER.size)
    if end != END_MAGIC or begin + size + FOOTER.size != len(data):
        raise ValueError("it does not end as a segment does")
    directory = data[begin : begin + size]
    if zlib.crc32(directory) != crc:
        raise ValueError("the checksum of its directory does not fit")
    said: dict[str, Any] = json.loads(directory)
    return said


_DAMAGE = (ValueError, KeyError, IndexError, TypeError, OverflowError, struct.error)


class damage_is_reported:
    """Turn what bytes that nobody wrote lead to into IndexDamaged: a context manager, a class because every look-up enters one."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, _DAMAGE):
            path = self._path
            raise IndexDamaged(
                f"The segment {path.name} of {path.parent} is damaged: {error or type(error).__name__}.", MEND
            ) from error


def verify(folder: Path, manifest: Manifest) -> list[str]:
    """Return what is wrong with the files of a segment, read to their last byte; an empty list is health."""
    found: list[str] = []
    for name, (size, crc) in manifest.files.items():
        path = folder / name
        try:
            there = path.stat().st_size
        except FileNotFoundError:
            found.append(f"{name} is missing.")
            continue
        if there != size:
            found.append(f"{name} has {there} bytes instead of {size}.")
            continue
        try:
            container = Container(folder, manifest.segment)
        except (IndexDamaged, IndexOutdated) as error:
            found.append(error.message)
            continue
        problems = list(container.problems())
        # The sections say where; the whole says whether.
        if not problems and _crc(path) != crc:
            problems = [f"{name} was altered: its checksum does not fit."]
        found += problems
    return found


def _crc(path: Path) -> int:
    crc = 0
    with open(path, "rb") as file:
        while piece := file.read(_COPY):
            crc = zlib.crc32(piece, crc)
    return crc
