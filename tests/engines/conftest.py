"""An index to write to, and processes that write to it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newssearch.engines.embedded.engine import EmbeddedEngine

from .build import batches

SCRIPT = Path(__file__).with_name("rebuild_process.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def engine(folder: Path) -> Iterator[EmbeddedEngine]:
    """An engine over a folder that is not there yet."""
    engine = EmbeddedEngine(folder)
    yield engine
    engine.close()


@pytest.fixture
def filled(engine: EmbeddedEngine) -> EmbeddedEngine:
    """The same with the articles a0 to a11."""
    engine.rebuild(batches(f"a{number}" for number in range(12)), paths=["seeds"], segmenter="none")
    return engine


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start rebuild_process.py; every process is ended afterwards."""
    started = []

    def start(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
