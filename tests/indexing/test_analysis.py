"""Analysis in several processes gives what one process gives, in order, and leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from newssearch.errors import NewsSearchError
from newssearch.fields import analyse
from newssearch.indexing.analysis import analyse_all
from newssearch.models import Article


def lots(count: int, size: int = 40) -> Iterator[tuple[list[Article], list[str]]]:
    for lot in range(count):
        articles = [Article(id=f"{lot}-{i}", title=f"Tin số {i}", body=f"Công an tỉnh Đắk Lắk bảo vệ an ninh tổ quốc {lot}. " * 20) for i in range(size)]
        yield articles, [f"file-{lot}"] * size


def test_workers_give_what_one_process_gives() -> None:
    found = list(analyse_all(lots(12), words=True, jobs=2))
    for (articles, origins), analysed in zip(lots(12), found, strict=True):
        expected = analyse(articles, origins)
        assert list(analysed.articles) == articles
        assert list(analysed.origins) == origins
        assert analysed.keys == expected.keys
        np.testing.assert_array_equal(analysed.parts, expected.parts)
        for name, field in expected.fields.items():
            assert analysed.fields[name].terms == field.terms
            np.testing.assert_array_equal(analysed.fields[name].term, field.term)
            np.testing.assert_array_equal(analysed.fields[name].position, field.position)


def test_large_lots_pass_both_ways_at_once() -> None:
    assert len(list(analyse_all(lots(9, size=400), words=False, jobs=2))) == 9


def _children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_a_worker_that_dies_is_an_error_with_a_hint() -> None:
    found = analyse_all(lots(40), words=False, jobs=1 + 1)
    for _ in range(5):
        next(found)
    for child in _children(os.getpid()):
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(child, signal.SIGKILL)
    with pytest.raises(NewsSearchError) as error:
        list(found)
    assert "--jobs 1" in error.value.hint


ENDLESS = """
import itertools
from newssearch.indexing.analysis import analyse_all
from newssearch.models import Article
if __name__ == "__main__":
    lots = (([Article(id=str(i), title="tin", body="an ninh " * 500)], [""]) for i in itertools.count())
    for n, _ in enumerate(analyse_all(lots, words=False, jobs=2)):
        if n == 20:
            print("working", flush=True)
"""


def test_workers_end_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, "utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        children = _children(process.pid)
        assert children
        process.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
