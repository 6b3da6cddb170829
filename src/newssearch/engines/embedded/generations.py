"""The folder of generations: which one serves, which one can come back, and what a kill left behind.

A generation is made in its own folder with the file UNPUBLISHED in it. It is published by replacing CURRENT; only then the mark is removed. So a
folder that has the mark and is not named by CURRENT was never seen by anyone, and the next writer removes it.
"""

from __future__ import annotations

import json
import os
import re
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...errors import IndexDamaged, IndexMissing
from .durable import replace_durably, sync

CURRENT = "CURRENT"
META = "meta.json"
_UNPUBLISHED = "UNPUBLISHED"
_NAME = re.compile(r"gen-[0-9TZ]+-([0-9]+)")


class Generations:
    """The generations in one index folder. Everything that changes something expects the writer's lock to be held."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> str:
        """Return the name of the generation that serves. Raises IndexMissing, IndexDamaged."""
        try:
            name = (self.folder / CURRENT).read_text("utf-8", "replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            if self.kept():
                raise IndexDamaged(
                    f"The index at {self.folder} is half-deleted: its file CURRENT is missing.",
                    "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
                ) from None
            raise IndexMissing(f"No index at {self.folder}.", "newssearch rebuild-index") from None
        if not _NAME.fullmatch(name):
            raise IndexDamaged(
                f"CURRENT in {self.folder} names no generation.",
                "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
            )
        return name

    def current_or_none(self) -> str | None:
        """Return the name in CURRENT, or None where it names nothing that is there."""
        try:
            name = self.current()
        except (IndexMissing, IndexDamaged):
            return None
        return name if (self.folder / name).is_dir() else None

    def all(self) -> list[str]:
        """Return the names of every generation's folder, oldest first."""
        try:
            names = os.listdir(self.folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        found = [(int(match[1]), name) for name in names if (match := _NAME.fullmatch(name))]
        return [name for _, name in sorted(found)]

    def kept(self) -> list[str]:
        """Return the names of those that were published, oldest first."""
        try:
            served = (self.folder / CURRENT).read_text("utf-8", "replace").strip()
        except (FileNotFoundError, NotADirectoryError):
            served = ""
        return [name for name in self.all() if name == served or self._is_published(self.folder / name)]

    def _is_published(self, folder: Path) -> bool:
        return (folder / META).is_file() and not (folder / _UNPUBLISHED).exists()

    def previous(self) -> str | None:
        """Return the generation that `rollback` would serve, or None."""
        served = self.current_or_none()
        others = [name for name in self.kept() if name != served]
        if served:
            before = self._meta_or_empty(served).get("previous")
            if before in others:
                return str(before)
        return others[-1] if others else None

    def create(self) -> str:
        """Make the folder of a new generation and return its name; the mark in it says that nobody has seen it."""
        number = max((int(match[1]) for name in self.all() if (match := _NAME.fullmatch(name))), default=0) + 1
        name = f"gen-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{number}"
        folder = self.folder / name
        try:
            folder.mkdir()
            (folder / _UNPUBLISHED).touch()
            sync(folder)
            sync(self.folder)
        except BaseException:
            self.discard(name)
            raise
        return name

    def write_meta(self, name: str, meta: Mapping[str, Any]) -> None:
        """Write what never changes inside a generation, and its checksum."""
        sealed = {**meta, "crc32": _seal(meta)}
        replace_durably(
            self.folder / name / META, json.dumps(sealed, ensure_ascii=False, indent=1).encode("utf-8", "surrogatepass")
        )

    def meta(self, name: str) -> Mapping[str, Any]:
        """Return a generation's meta.json. Raises IndexDamaged."""
        path = self.folder / name / META
        try:
            meta = json.loads(path.read_bytes())
            if not isinstance(meta, dict):
                raise ValueError("it is no object")
            return meta
        except (OSError, ValueError) as error:
            raise IndexDamaged(
                f"The index at {self.folder} is half-deleted: {META} of {name} cannot be read.",
                "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
            ) from error

    def is_altered(self, name: str) -> bool:
        """Whether a generation's meta.json is not what was written. Raises IndexDamaged where it cannot be read."""
        meta = dict(self.meta(name))
        said = meta.pop("crc32", None)
        return bool(said != _seal(meta))

    def _meta_or_empty(self, name: str) -> Mapping[str, Any]:
        try:
            return self.meta(name)
        except IndexDamaged:
            return {}

    def publish(self, name: str) -> None:
        """Let `name` serve from now on; its files must have been synced before."""
        replace_durably(self.folder / CURRENT, f"{name}\n".encode())

    def tidy(self) -> None:
        """Remove what a kill left behind, and every published generation but the one that serves and the one to go back to."""
        served = self.current_or_none()
        # Without a CURRENT to trust, nothing that was ever published is thrown away.
        keep = {served, self.previous()} if served else set(self.kept())
        for name in self.all():
            if name not in keep:
                self.discard(name)
        if served:
            (self.folder / served / _UNPUBLISHED).unlink(missing_ok=True)
        for left in self.folder.glob("*.tmp"):
            left.unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Remove a generation's folder; readers that have it open go on."""
        folder = self.folder / name
        # Marked first: a folder that is half removed is never taken for a published one.
        if folder.is_dir() and not (folder / _UNPUBLISHED).exists():
            try:
                (folder / _UNPUBLISHED).touch()
            except OSError:
                (folder / META).unlink(missing_ok=True)
        # Slow to import, and only what writes removes anything.
        import shutil

        shutil.rmtree(folder, ignore_errors=True)


def _seal(meta: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(meta, sort_keys=True).encode())
