"""The immutable manifest of a segment: which files it has, how long they are, and their checksums."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...errors import IndexDamaged
from ...records import dataclass
from .durable import replace_durably, sync

_MEND = "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`."
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a segment consists of."""

    segment: str
    """Whoosh's segment id with the index name: MAIN_abc"""
    codec: str
    """who can read it"""
    documents: int
    files: dict[str, tuple[int, int]]
    """name -> size in bytes, CRC-32"""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for size, _ in self.files.values())


def manifest_path(folder: Path, segment: str) -> Path:
    """Return where the manifest of a segment lies."""
    return folder / f"{segment}.manifest.json"


def seal_segment(
    folder: Path, segment: str, codec: str, documents: int, written: Mapping[str, tuple[int, int]] | None = None
) -> Manifest:
    """Sync every file of a segment that was just written and put its manifest beside them.

    `written` are size and CRC-32 of files by name, where who wrote them has kept count; others are read.
    """
    files = {}
    for path in sorted(folder.glob(f"{segment}.*")):
        sync(path)
        known = written.get(path.name) if written else None
        files[path.name] = known or (path.stat().st_size, _crc(path))
    manifest = Manifest(segment, codec, documents, files)
    said = {
        "segment": segment,
        "codec": codec,
        "documents": documents,
        "files": {n: {"size": s, "crc32": c} for n, (s, c) in files.items()},
    }
    body = json.dumps(said, sort_keys=True).encode()
    replace_durably(
        manifest_path(folder, segment),
        json.dumps({"crc32": zlib.crc32(body), "manifest": said}, sort_keys=True).encode(),
    )
    return manifest


def read_manifest(folder: Path, segment: str) -> Manifest:
    """Return the manifest of a segment. Raises FileNotFoundError, IndexDamaged."""
    path = manifest_path(folder, segment)
    try:
        sealed = json.loads(path.read_bytes())
        said = sealed["manifest"]
        if zlib.crc32(json.dumps(said, sort_keys=True).encode()) != sealed["crc32"] or said["segment"] != segment:
            raise ValueError("its checksum does not fit")
        files = {str(name): (int(of_file["size"]), int(of_file["crc32"])) for name, of_file in said["files"].items()}
        if any(not name.startswith(f"{segment}.") or "/" in name for name in files):
            raise ValueError("it names files of others")
        return Manifest(segment, str(said["codec"]), int(said["documents"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"The manifest {path.name} of {path.parent} is damaged: {error}.", _MEND) from error


def require_files(folder: Path, manifest: Manifest) -> None:
    """Raise IndexDamaged when a file of the segment is missing or cut short; costs one `stat` a file."""
    for what in _differences(folder, manifest, contents=False):
        raise IndexDamaged(f"The index at {folder} is damaged: {what}", _MEND)


def problems_of_segment(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Yield what is wrong with the segment's files, read to their last byte."""
    return _differences(folder, manifest, contents=True)


def _differences(folder: Path, manifest: Manifest, *, contents: bool) -> Iterator[str]:
    for name, (size, crc) in manifest.files.items():
        path = folder / name
        try:
            there = path.stat().st_size
            if there != size:
                yield f"{name} has {there} bytes instead of {size}."
            elif contents and _crc(path) != crc:
                yield f"{name} was altered: its checksum does not fit."
        except FileNotFoundError:
            yield f"{name} is missing."
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror}."


def _crc(path: Path) -> int:
    crc = 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            crc = zlib.crc32(block, crc)
    return crc
