"""What a command does not need it does not import: a search waits for no reader, no server and no machine learning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import contextlib, io, sys
from newssearch.cli.app import run
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    code = run(sys.argv[1:])
print(code, *sys.modules)
"""
LEARNING = {"sklearn", "scipy", "pyvi", "joblib"}
READING = {"trafilatura", "feedparser", "lxml", "ftfy", "htmldate", "newssearch.readers", "newssearch.indexing", "multiprocessing"}
SERVING = {"flask", "waitress", "werkzeug", "jinja2", "newssearch.server"}
SHOWING = {"rich"}
SEARCHING = {"numpy", "whoosh", "zstandard", "newssearch.engines.embedded.engine", "newssearch.service"}


def imported_by(*arguments: str | Path) -> tuple[int, set[str]]:
    """The exit code of a command in a fresh process, and the modules that were imported, with the packages above them."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=True)
    code, *modules = done.stdout.split()
    return int(code), {".".join(module.split(".")[: depth + 1]) for module in modules for depth in range(4)}


@pytest.mark.parametrize("arguments", [["--help"], ["query", "--help"], ["rebuild-index", "--help"], ["serve", "--help"], ["--version"]], ids=" ".join)
def test_help_imports_neither_engine_nor_numpy(arguments: list[str]) -> None:
    code, modules = imported_by(*arguments)
    assert code == 0
    assert not modules & (LEARNING | READING | SERVING | SHOWING | SEARCHING)


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "ngân hàng nhà nước"],
        ["query", "buon ma thuot", "--json"],
        ["query", "không có từ zzzqqq", "--csv"],
        ["show", "khong-co"],
        ["stats"],
        ["export"],
        ["check"],
    ],
    ids=" ".join,
)
def test_looking_imports_neither_readers_nor_learning_nor_server(seeds_index: Path, arguments: list[str]) -> None:
    code, modules = imported_by(*arguments, "--index", seeds_index)
    assert code in (0, 1)
    assert "newssearch.engines.embedded.engine" in modules
    assert not modules & (LEARNING | READING | SERVING | SHOWING)


@pytest.mark.parametrize("words", ["ngân hàng nhà nước", "buon ma thuot", '"nhà nước" -tin'])
def test_a_search_does_not_wait_for_whoosh(seeds_index: Path, words: str) -> None:
    code, modules = imported_by("query", words, "--index", seeds_index)
    assert code in (0, 1)
    assert not modules & {"whoosh", "email", "http", "ssl", "csv"}


def test_a_batch_run_imports_no_more_than_a_query(seeds_index: Path, tmp_path: Path) -> None:
    (tmp_path / "topics.tsv").write_text("1\tcà phê\n", "utf-8")
    code, modules = imported_by("query", "--batch", tmp_path / "topics.tsv", "--format", "trec", "--index", seeds_index)
    assert code == 0
    assert not modules & (LEARNING | READING | SERVING | SHOWING)


def test_indexing_imports_neither_learning_nor_server(repository: Path, tmp_path: Path) -> None:
    code, modules = imported_by("rebuild-index", repository / "seeds" / "jsonl", "--index", tmp_path / "index")
    assert code == 0
    assert "newssearch.readers" in modules
    assert not modules & (LEARNING | SERVING)


def test_opening_an_index_in_python_imports_no_face() -> None:
    script = "import sys, newssearch; newssearch.open_index('nowhere'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    modules = set(done.stdout.split())
    assert "newssearch.service" in modules
    assert not modules & (LEARNING | READING | SERVING | SHOWING | {"click", "newssearch.cli"})
