"""Which files are read: those that paths, folders and globs name."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import BadInput
from .formats import BY_SUFFIX, suffix_of

STANDARD_INPUT = "-"
_INDEX_MARK = "writer.lock"
"""a folder with this file is an index, whose own lists and figures are no news"""
_READ_ARE = f"Read are {' '.join(sorted(BY_SUFFIX))}, each also .gz."


def list_files(paths: Sequence[str | Path]) -> list[str]:
    """Return the files that paths, folders (with all below them) and globs name, in order and each once, "-" as itself.

    In folders and globs hidden files, README files, indexes and suffixes that no reader knows are passed over; a file that is named is always there. Raises
    BadInput for a path that is missing and for a folder or glob with nothing to read.
    """
    files = [file for path in paths for file in _named_by(str(path))]
    # Of a file named twice the later place counts, as the later of two articles with one id does.
    return list({os.path.abspath(file) if file != STANDARD_INPUT else file: file for file in reversed(files)}.values())[::-1]


def _named_by(path: str) -> list[str]:
    if path == STANDARD_INPUT:
        return [path]
    try:
        if os.path.isdir(path):
            files = [*_below(path)]
            if not files:
                raise BadInput(f"The folder {path} holds nothing to read.", _READ_ARE)
            return files
        if os.path.lexists(path):
            return [path]
        matching = sorted(glob.glob(path, recursive=True)) if glob.has_magic(path) else []
    except (OSError, ValueError) as error:
        raise BadInput(f"{path[:200]!r} cannot be looked at: {error}.", "Name a file, a folder, a glob or - for standard input.") from None
    if not matching:
        shown = path if len(path) <= 200 else path[:200] + "…"
        what = "No file matches" if glob.has_magic(path) else "There is no"
        raise BadInput(f"{what} {shown}.", "Name a file, a folder, a glob such as 'news/**/*.jsonl', or - for standard input.")
    files = [name for name in matching if os.path.isfile(name) and _is_read(os.path.basename(name)) and not _is_of_an_index(name)]
    if "**" not in path:
        files = sorted({*files, *(file for name in matching if os.path.isdir(name) for file in _below(name))})
    if not files:
        raise BadInput(f"Nothing that matches {path} is a file to read.", _READ_ARE)
    return files


def _below(folder: str) -> Iterator[str]:
    """Every file to read below a folder, sorted; a folder that may not be looked into stands for itself, so that reading it says why."""
    closed: list[str] = []
    found: list[str] = []
    for place, folders, names in os.walk(folder, onerror=lambda error: closed.append(str(error.filename))):
        if _INDEX_MARK in names:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(place, name) for name in names if _is_read(name) and not _is_special(os.path.join(place, name))]
    return iter(sorted([*found, *closed], key=lambda file: Path(file).parts))


def _is_read(name: str) -> bool:
    return not name.startswith(".") and suffix_of(name) in BY_SUFFIX and not name.upper().startswith("README.")


def _is_of_an_index(file: str) -> bool:
    folder = os.path.dirname(os.path.abspath(file))
    return any(os.path.exists(os.path.join(place, _INDEX_MARK)) for place in (folder, os.path.dirname(folder)))


def _is_special(file: str) -> bool:
    """Whether opening the file might wait for ever: a pipe, a device. A dangling link is none, and reading it says what it is."""
    return os.path.exists(file) and not os.path.isfile(file)
