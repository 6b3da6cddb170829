"""Settings and limits: defaults, then `newssearch.toml`, then `NEWSSEARCH_*`, then what a caller says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta, timezone
from pathlib import Path

from .errors import BadRequest
from .records import dataclass

NEWS_ZONE = timezone(timedelta(hours=7))
"""the zone of Vietnamese newspapers: of their days, and of a time that names none"""
HTTP_LIMIT = 100
"""hits a page over HTTP; a page of more is a download, not a page"""
QUERY_LENGTH = 5000
"""characters of a question that are read; the longest title in the corpora has 210"""
BATCH_ARTICLES = 500
"""articles analysed at once: large enough for array code, small enough for 60 MB"""

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the index lives and how it is served and built."""

    index: Path = Path("index")
    engine: str = "embedded"
    host: str = "127.0.0.1"
    port: int = 8000
    memory: int = 512 << 20
    """bytes that inversion may hold before a run is written"""
    jobs: int = 0
    """processes that analyse; 0 is one a core"""
    lang: str = "vi"


def parse_size(text: str) -> int:
    """Return bytes: "512M" -> 536870912. Raises BadRequest."""
    match = re.fullmatch(r"\s*(\d+)\s*([KMG]?)(?:i?B)?\s*", text, re.IGNORECASE)
    if not match:
        raise BadRequest(f"“{text}” is not a size.", "Write it as 512M or 2G.")
    return int(match[1]) * _UNITS[match[2].upper()]


def load_settings(folder: Path | None = None, environment: Mapping[str, str] | None = None, **options: object) -> Settings:
    """Return the settings that hold in `folder` (default: the current one); options that are None are left out.

    Raises BadRequest naming the file or variable that cannot be read.
    """
    environment = os.environ if environment is None else environment
    folder = folder or Path()
    settings = Settings()
    file = folder / "newssearch.toml"
    if file.is_file():
        import tomllib

        try:
            table = tomllib.loads(file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise BadRequest(f"{file} cannot be read: {error}.", "It is TOML, for example: index = \"index\"") from None
        for name, value in table.items():
            if not isinstance(value, str | int):
                raise BadRequest(f"{name} in {file} is neither text nor a number.", "For example: index = \"index\"")
        settings = _with(settings, {name: str(value) for name, value in table.items()}, str(file))
    prefix = "NEWSSEARCH_"
    values = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix) and value}
    known = {field.name for field in fields(Settings)}
    settings = _with(settings, {name: value for name, value in values.items() if name in known}, "the environment")
    given = {name: str(value) for name, value in options.items() if value is not None}
    return _with(settings, given, "the command line")


def _with(settings: Settings, values: Mapping[str, str], where: str) -> Settings:
    known = {field.name for field in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            raise BadRequest(f"Unknown setting “{name}” in {where}.", f"Known are: {', '.join(sorted(known))}.")
        if not value.strip():
            raise BadRequest(f"{name} in {where} is empty.", f"For example: {name} = {getattr(Settings(), name)}")
        if name == "index":
            settings = replace(settings, index=Path(value))
        elif name == "memory":
            settings = replace(settings, memory=parse_size(value))
        elif name in ("port", "jobs"):
            if not value.isdecimal() or (name == "port" and int(value) > 65535):
                raise BadRequest(f"{name} in {where} is “{value}”, not a number that fits.", f"For example: {name} = 8000")
            settings = replace(settings, **{name: int(value)})  # type: ignore[arg-type]
        else:
            settings = replace(settings, **{name: value})  # type: ignore[arg-type]
    return settings
