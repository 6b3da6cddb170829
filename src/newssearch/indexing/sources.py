"""What a rebuild reads: paths, given or remembered, and the stored articles that came by other ways."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ..errors import BadInput
from ..models import Article
from ..readers import Document
from ..readers.files import STANDARD_INPUT


def absolute(path: str | Path) -> str:
    """Return the path as it is remembered: absolute, "-" as itself. Raises BadInput for an empty one."""
    if not str(path):
        # It would mean the current folder: an unset variable of a script must not.
        raise BadInput("A path is empty.", "Name a file, a folder, a glob or - for standard input; the current folder is a dot.")
    return str(path) if str(path) == STANDARD_INPUT else os.path.abspath(path)


def still_there(remembered: Sequence[str]) -> list[str]:
    """Return the remembered paths that can be read again: all but standard input. Raises BadInput when one is gone."""
    readable = [path for path in remembered if path != STANDARD_INPUT]
    for path in readable:
        if not any(character in path for character in "*?[") and not Path(path).exists():
            raise BadInput(
                f"{path}, which the index was built from, is gone; nothing was changed.",
                "Name what to read: newssearch rebuild-index PATH…, or keep what is stored: newssearch rebuild-index --stored",
            )
    return readable


def stored(articles: Iterable[tuple[Article, str]]) -> Iterator[Document]:
    """Yield stored articles with their origins as documents."""
    return (Document(article, origin, None) for article, origin in articles)


def came_otherwise(
    articles: Iterable[tuple[Article, str]], paths: Sequence[str], aliases: dict[str, set[str]]
) -> Iterator[Document]:
    """Yield the stored articles that come from none of the paths; what the others answer to besides goes to `aliases`, by id."""
    roots = [Path(path).parts for path in paths]
    for article, origin in articles:
        parts = Path(origin).parts
        if not any(_leads_to(root, parts) for root in roots):
            yield Document(article, origin, None)
        elif article.aliases:
            # Its file does not know which stubs gave way to it; every id ever given stays resolvable.
            aliases.setdefault(article.id, set()).update(article.aliases)


def _leads_to(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a path or a glob, part by part, names a file or a folder above it."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_leads_to(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and (pattern[0] == parts[0] or fnmatchcase(parts[0], pattern[0])) and _leads_to(pattern[1:], parts[1:])
