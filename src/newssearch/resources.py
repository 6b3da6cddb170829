"""Where `web/` and `seeds/` lie: at the top of a checkout (also an editable install), inside the package in a wheel."""

from __future__ import annotations

from pathlib import Path

from .errors import NewsSearchError

_PACKAGE = Path(__file__).resolve().parent


def _folder(name: str) -> Path:
    inside = _PACKAGE / "_data" / name
    if inside.is_dir():
        return inside
    checkout = _PACKAGE.parent.parent / name
    if checkout.is_dir():
        return checkout
    raise NewsSearchError(f"The folder “{name}” of newssearch is missing.", "Install the package again: pip install --force-reinstall newssearch")


def web_folder() -> Path:
    """Return the folder of templates and static files."""
    return _folder("web")


def seeds_folder() -> Path:
    """Return the folder of the sample news documents."""
    return _folder("seeds")
