"""The command line, called in this process or as users call it, over small news folders."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newssearch.cli.app import run


@dataclass(frozen=True, slots=True)
class Said:
    """What a command did: its exit code and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def ids(self) -> list[str]:
        """The ids of a page's hits, or of what `export` wrote."""
        return [hit["id"] for hit in (self.json["hits"] if self.out.startswith("{\n") else self.lines)]


Cli = Callable[..., Said]


@pytest.fixture(autouse=True)
def clean_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test stands in a folder of its own, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("NEWSSEARCH_") and name != "NEWSSEARCH_SHARED"]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run a command in this process; `stdin` is what it reads. A traceback anywhere is a failure."""

    def call(*arguments: str | Path, stdin: bytes | None = None) -> Said:
        capsys.readouterr()
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "newssearch itself failed" not in err
        return Said(code, out, err)

    return call


def command(*arguments: str | Path) -> list[str]:
    """The command line for a process of its own."""
    return [sys.executable, "-m", "newssearch", *map(str, arguments)]


def process(*arguments: str | Path | bytes, stdin: bytes = b"", env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Said:
    """Run a command in a process of its own."""
    line: list[str | bytes] = [sys.executable, "-m", "newssearch", *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    done = subprocess.run(line, input=stdin, capture_output=True, env={**os.environ, **(env or {})}, cwd=cwd, timeout=120, check=False)
    err = done.stderr.decode()
    assert "Traceback" not in err
    assert "newssearch itself failed" not in err
    return Said(done.returncode, done.stdout.decode(), err)


def write(file: Path, articles: Iterable[Mapping[str, Any]]) -> Path:
    """Write articles as JSON lines and return the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles), "utf-8")
    return file


def plain(*ids: str, **fields: Any) -> list[dict[str, Any]]:
    """Articles with these ids, each with a word of its own: its id."""
    return [{"id": id, "title": f"Bản tin {id}", "body": f"Nội dung riêng của {id} hôm nay.", **fields} for id in ids]


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file of an index but the lock and the list of rejected documents."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.suffix != ".lock" and file.name != "rejected.jsonl"
    }


def served(index: Path) -> Path:
    """The folder of the generation that serves."""
    return index / (index / "CURRENT").read_text().strip()


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where a test's index goes; it is not there yet."""
    return tmp_path / "index"


@pytest.fixture
def old(cli: Cli, tmp_path: Path, index: Path) -> Path:
    """An index of the articles a1, a2 and a3, from the file old.jsonl."""
    assert cli("rebuild-index", write(tmp_path / "old.jsonl", plain("a1", "a2", "a3")), "--index", index).code == 0
    return index
