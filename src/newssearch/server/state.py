"""What one application holds: its service, its settings, its clock and the names of its static files."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import current_app, url_for

from ..config import Settings
from ..engines.base import Stats
from ..errors import NewsSearchError
from ..service import Service

_KEY = "newssearch"
FIGURES_FOR = 15.0
"""seconds that the figures at a page's foot may be old: counting a large index's terms takes longer than a search"""


@dataclass
class State:
    """One application's state; `now` gives the present moment in +07:00."""

    service: Service
    settings: Settings
    now: Callable[[], datetime]
    versions: dict[str, str]
    _figures: tuple[float, Stats] | None = field(default=None)

    def figures(self) -> Stats | None:
        """Return the index's figures, at most FIGURES_FOR seconds old, or None where there is no index that can be read."""
        if self._figures and time.monotonic() - self._figures[0] < FIGURES_FOR:
            return self._figures[1]
        try:
            self._figures = time.monotonic(), self.service.stats()
        except NewsSearchError:
            return None
        return self._figures[1]

    def static_url(self, name: str) -> str:
        """Return a static file's address, which changes with its content and may be kept for ever."""
        return url_for("static", filename=name, v=self.versions.get(name))


def versions_of(folder: Path) -> dict[str, str]:
    """Return a short digest of each file in the folder of static files."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:10]
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def attach(state: State) -> None:
    """Give the present application its state."""
    current_app.extensions[_KEY] = state


def state() -> State:
    """Return the present application's state."""
    return cast(State, current_app.extensions[_KEY])
