"""Full-text search over Vietnamese news: `open_index("index").search("buôn ma thuột")`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .service import Service

__all__ = ["open_index"]


def open_index(path: str | Path | None = None, *, engine: str | None = None) -> Service:
    """Return the service over an index: `.search(text, limit=10, …)` gives a ResultPage, `.get(id)` an Article; a context manager.

    Without `path` the settings name it (`newssearch.toml`, `NEWSSEARCH_INDEX`, else `index`). The index is looked at when it is first asked.
    """
    from .config import load_settings
    from .service import open_service

    return open_service(load_settings(index=path, engine=engine))
