"""Whoosh's table of contents, read and written by ourselves: synced, checksummed, and no stranger's code is run.

The bytes are those of `whoosh.index.TOC` with a seal behind them, which Whoosh does not read: b"NSTC" and the CRC-32 of all that stands before.
"""

from __future__ import annotations

import io
import os
import pickle
import re
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import IndexDamaged
from ...records import dataclass
from .durable import sync
from .segment_entry import SegmentEntry, restored_entry

if TYPE_CHECKING:
    from whoosh.codec.base import Segment

    from .schema import NewsSchema

# Whoosh is imported where a segment of its own codec is met: a query must not wait for it.

INDEX_NAME = "MAIN"
_NAME = re.compile(r"_MAIN_([0-9]+)\.toc")
_SEAL = b"NSTC"
_VERSION = -111
_PROTOCOL = 4
"""of pickle: the first that writes a set without naming its class"""
_SIZES = bytes((4, 8, 4))
"""of int, long and float, as Whoosh checks them"""

_SCHEMA = "newssearch.engines.embedded.schema"
ALLOWED: frozenset[tuple[str, str]] = frozenset(
    {
        (_SCHEMA, "NewsSchema"),
        (_SCHEMA, "NewsField"),
        (_SCHEMA, "PackedPositions"),
        (_SCHEMA, "SyllableAnalyzer"),
        ("whoosh.formats", "Existence"),
        ("whoosh.formats", "Frequency"),
        ("newssearch.engines.embedded.codec", "restored_segment"),
        ("whoosh.codec.whoosh3", "W3Codec"),
        ("whoosh.codec.whoosh3", "W3Segment"),
    }
)
"""what a table of contents may name; anything else in it is damage or an attack"""


@dataclass(frozen=True, slots=True)
class Toc:
    """One commit: its number, and Whoosh's segments, each with the documents deleted from it."""

    number: int
    segments: list[Segment]


class _Unread:
    """Stands for what only Whoosh has a use for: the schema and what it consists of."""


class _UnreadSchema(_Unread):
    pass


_OURS: dict[tuple[str, str], Any] = {
    (_SCHEMA, "NewsSchema"): _UnreadSchema,
    (_SCHEMA, "NewsField"): _Unread,
    (_SCHEMA, "PackedPositions"): _Unread,
    (_SCHEMA, "SyllableAnalyzer"): _Unread,
    ("whoosh.formats", "Existence"): _Unread,
    ("whoosh.formats", "Frequency"): _Unread,
    ("newssearch.engines.embedded.codec", "restored_segment"): restored_entry,
}
"""what the names in a table of contents are to ourselves"""


class _AllowList(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in an index")
        return _OURS.get((module, name)) or super().find_class(module, name)


def toc_path(folder: Path, number: int) -> Path:
    """Return the file of one commit."""
    return folder / f"_{INDEX_NAME}_{number}.toc"


def toc_numbers(folder: Path) -> list[int]:
    """Return the numbers of the commits that lie in a generation, ascending."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    return sorted(int(match[1]) for name in names if (match := _NAME.fullmatch(name)))


def encode_toc(schema: NewsSchema, toc: Toc) -> bytes:
    """Return the file's bytes."""
    from whoosh import __version__ as whoosh_version

    release = tuple(int(part) for part in whoosh_version[:3])
    pickled = pickle.dumps(schema, _PROTOCOL)
    head = _SIZES + struct.pack("!ii", -12345, _VERSION) + b"".join(map(_varint, release))
    body = _varint(len(pickled)) + pickled + struct.pack("!ii", toc.number, 0) + pickle.dumps(toc.segments, _PROTOCOL)
    return head + body + _SEAL + struct.pack("<I", zlib.crc32(head + body))


def write_toc(folder: Path, schema: NewsSchema, toc: Toc) -> None:
    """Commit: the file is whole and durable under its name, or not there. Segment files must have been synced before."""
    path = toc_path(folder, toc.number)
    # Not named `.toc`: Whoosh takes the highest number among those.
    aside = path.with_suffix(".tmp")
    try:
        with open(aside, "wb") as file:
            file.write(encode_toc(schema, toc))
            file.flush()
            os.fsync(file.fileno())
        sync(folder)
        os.replace(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(folder)


def read_toc(folder: Path, number: int) -> Toc:
    """Return one commit. Raises FileNotFoundError, and IndexDamaged for anything but what `write_toc` wrote."""
    path = toc_path(folder, number)
    data = path.read_bytes()
    try:
        return _decode(data, number)
    except Exception as error:
        raise IndexDamaged(
            f"The table of contents {path.name} of {folder} is damaged: {error or type(error).__name__}.",
            "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
        ) from error


def _decode(data: bytes, number: int) -> Toc:
    body, seal = data[:-8], data[-8:]
    if seal[:4] != _SEAL or struct.unpack("<I", seal[4:])[0] != zlib.crc32(body):
        raise ValueError("its checksum does not fit")
    if body[:3] != _SIZES or struct.unpack("!ii", body[3:11]) != (-12345, _VERSION):
        raise ValueError("it is not a table of contents")
    at = 11
    for _ in range(3):
        _, at = _read_varint(body, at)
    length, at = _read_varint(body, at)
    schema = _AllowList(io.BytesIO(body[at : at + length])).load()
    if not isinstance(schema, _UnreadSchema):
        raise ValueError("it has no schema of newssearch")
    at += length
    if struct.unpack("!ii", body[at : at + 8])[0] != number:
        raise ValueError("its number is another")
    segments = _AllowList(io.BytesIO(body[at + 8 :])).load()
    if not isinstance(segments, list) or not all(map(_is_segment, segments)):
        raise ValueError("it has no list of segments")
    return Toc(number, segments)


def _is_segment(value: object) -> bool:
    if isinstance(value, SegmentEntry):
        return True
    from whoosh.codec.base import Segment

    return isinstance(value, Segment)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if not byte & 0x80:
            return value, at
