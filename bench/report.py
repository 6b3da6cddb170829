"""One Markdown table, and the machine that it was measured on."""

from __future__ import annotations

import importlib.metadata
import math
import os
import platform
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("what", "ours", "peers beside", "ratio", "must", "aim", "verdict")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; every cell is text, `verdict` what `judge` says or nothing."""

    what: str
    ours: str
    peers: str = ""
    ratio: str = ""
    must: str = ""
    aim: str = ""
    verdict: str = ""


def judge(value: float, must: float, aim: float | None = None, *, least: bool = False) -> str:
    """Say whether a figure keeps its bars: at most them, or at least where `least`."""
    if not math.isfinite(value):
        return "not measured"
    sign = -1 if least else 1
    if aim is not None and sign * value <= sign * aim:
        return "aim"
    return "must" if sign * value <= sign * must else "**missed**"


def table(rows: Sequence[Row]) -> str:
    """The Markdown table of the rows."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += [f"| {r.what} | {r.ours} | {r.peers} | {r.ratio} | {r.must} | {r.aim} | {r.verdict} |" for r in rows]
    return "\n".join(lines)


def machine() -> str:
    """CPU, cores, memory, load, system and the versions of everything that is measured, one line."""
    model = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    total = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    versions = [f"{name} {version(name)}" for name in ("newssearch", "numpy", "whoosh-reloaded", "pyvi", "tantivy")]
    return ", ".join(
        [
            model[1].strip() if model else platform.processor(),
            f"{len(os.sched_getaffinity(0))} cores",
            f"{int(total[1]) / 2**20:.0f} GB" if total else "",
            f"load {os.getloadavg()[0]:.1f}",
            f"{platform.system()} {platform.release()}",
            f"Python {platform.python_version()}",
            *versions,
            f"SQLite {sqlite3.sqlite_version}",
        ]
    )


def version(distribution: str) -> str:
    """The installed version of a distribution, "—" where there is none."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "—"


def number(value: float) -> str:
    """A figure with three significant digits at most: 1234.5 -> "1,234", 0.0731 -> "0.073"."""
    if not math.isfinite(value):
        return "—"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3f}"
