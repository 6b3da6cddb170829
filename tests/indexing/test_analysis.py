"""Analysis in several processes gives what one process gives, in order, and leaves no process behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from newssearch.errors import NewsSearchError
from newssearch.fields import stored_article
from newssearch.indexing.analysis import analyse_all
from newssearch.indexing.lots import Lot, analyse_lot
from newssearch.indexing.transport import Receiver, Sender
from newssearch.models import Article, Rejection
from newssearch.readers import Document, Lines
from newssearch.vietnamese.scan_vocabulary import Vocabulary


def lots(count: int, size: int = 40) -> Iterator[Lot]:
    for lot in range(count):
        articles = [Article(id=f"{lot}-{i}", title=f"Tin số {i}", body=f"Công an tỉnh Đắk Lắk bảo vệ an ninh tổ quốc {lot}. " * 20) for i in range(size)]
        yield [Document(article, f"file-{lot}", None) for article in articles]


def mixed(count: int) -> Iterator[Lot]:
    """Lots with lines, documents and rejections, long and short articles."""
    for lot in range(count):
        records = [
            {"id": f"{lot}-a", "title": "Tít có năm chữ trở lên", "body": "Bảo vệ an ninh tổ quốc. " * 3_500, "source": "Báo", "published": "2026-08-08T08:30:00+07:00"},
            {"id": f"{lot}-b", "title": "Tít", "url": f"https://bao.vn/{lot}", "captions": ["Ảnh"], "aliases": ["cu"], "extras": {"x": 1}},
            {"id": f"{lot}-t", "kind": "teaser", "title": "Lời dẫn"},
            {"id": f"{lot}-c", "title": ""},
        ]
        lines = [json.dumps(record).encode() for record in records]
        page = Document(Article(id=f"{lot}-d", title="Trang", body="x\x00"), "page", None, (Article(id="s", kind="teaser", title="Tin khác"),))
        yield [Rejection(file="y", line=2, reason="xấu"), Lines([*lines, b""], f"file-{lot}", 7), page, Document(Article(id=""), "z", 3)]


@pytest.mark.parametrize("words", [True, False])
def test_workers_give_what_one_process_gives(words: bool) -> None:
    made = [*lots(8), *mixed(3)]
    found = list(analyse_all(made, words=words, jobs=2))
    for lot, answer in zip(made, found, strict=True):
        expected = analyse_lot(lot, words=words)
        analysed, whole = answer.analysed, expected.analysed
        assert analysed.stored == [stored_article(article) for article in whole.articles]
        for name in ("id", "kind", "title", "source", "section", "author", "url", "aliases", "published"):
            assert [getattr(article, name) for article in analysed.articles] == [getattr(article, name) for article in whole.articles]
        assert (analysed.origins, analysed.keys) == (whole.origins, whole.keys)
        assert (answer.lines, answer.aside) == (expected.lines, expected.aside)
        np.testing.assert_array_equal(analysed.parts, whole.parts)
        assert whole.fields.keys() - analysed.fields.keys() == {"folded"}
        for name, carried in analysed.fields.items():
            field = whole.fields[name]
            np.testing.assert_array_equal(np.array(carried.terms)[carried.term], np.array(field.terms)[field.term])
            np.testing.assert_array_equal(carried.document, field.document)
            np.testing.assert_array_equal(carried.position, field.position)


def test_lines_are_read_and_what_is_no_article_stands_aside() -> None:
    (lot,) = mixed(1)
    answer = analyse_lot(lot, words=False)
    long, short, page = answer.analysed.articles
    assert (long.id, short.id, page.id, page.body) == ("0-a", "0-b", "0-d", "x")
    assert long.published == datetime.fromisoformat("2026-08-08T08:30+07:00")
    assert short.source == "bao.vn"
    assert answer.lines == [7, 8, 0]
    places = [(place, type(document).__name__, is_line) for place, document, is_line in answer.aside]
    assert places == [(0, "Rejection", False), (2, "Document", True), (2, "Rejection", True), (2, "Document", False), (3, "Document", False)]


def test_new_terms_come_along_when_the_worker_begins_a_new_list(monkeypatch: pytest.MonkeyPatch) -> None:
    sender, receiver = Sender(), Receiver()
    for number, lot in enumerate(lots(6)):
        if number % 2:
            monkeypatch.setattr("newssearch.vietnamese.scan._vocabulary", Vocabulary())
        whole = analyse_lot([*lot, Document(Article(id="x", body=f"chữ mới{number} " * 300), "", None)], words=True)
        found = receiver.answer(sender.message(whole)).analysed
        for name in ("text", "word", "title"):
            assert list(found.fields[name].terms) == list(whole.analysed.fields[name].terms)


def test_large_lots_pass_both_ways_at_once() -> None:
    assert len(list(analyse_all(lots(9, size=400), words=False, jobs=2))) == 9


def test_what_a_worker_cannot_do_is_raised_here() -> None:
    bad: Lot = [Document(Article(id="a", title=7), "x", None)]  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        list(analyse_all([bad], words=False, jobs=2))


def _children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def test_a_worker_that_dies_is_an_error_with_a_hint() -> None:
    found = analyse_all(lots(40), words=False, jobs=1 + 1)
    for _ in range(5):
        next(found)
    for worker in multiprocessing.active_children():
        worker.kill()
    with pytest.raises(NewsSearchError) as error:
        list(found)
    assert "--jobs 1" in error.value.hint


ENDLESS = """
import itertools
from newssearch.indexing.analysis import analyse_all
from newssearch.models import Article
from newssearch.readers import Document
if __name__ == "__main__":
    lots = ([Document(Article(id=str(i), title="tin", body="an ninh " * 500), "", None)] for i in itertools.count())
    for n, _ in enumerate(analyse_all(lots, words=False, jobs=2)):
        if n == 20:
            print("working", flush=True)
"""


FORKED = """
import os
from newssearch.indexing.analysis import analyse_all
from newssearch.models import Article
from newssearch.readers import Document
if __name__ == "__main__":
    held = os.open(os.devnull, os.O_RDONLY)
    lots = ([Document(Article(id=str(i), title="tin"), "", None)] for i in range(9))
    found = analyse_all(lots, words=False, jobs=2)
    ids = [article.id for article in next(found).analysed.articles]
    for child in open(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read().split():
        command = open(f"/proc/{child}/cmdline", "rb").read()
        numbers = sorted(map(int, os.listdir(f"/proc/{child}/fd")))
        print(b"spawn" in command, len(numbers), held in numbers)
    ids += [article.id for answer in found for article in answer.analysed.articles]
    print(ids == [str(i) for i in range(9)])
"""


def test_a_process_of_one_thread_copies_itself_and_the_copies_hold_nothing_of_it(tmp_path: Path) -> None:
    script = tmp_path / "forked.py"
    script.write_text(FORKED, "utf-8")
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split("\n") == ["False 4 False"] * 2 + ["True", ""]


@pytest.mark.parametrize("threads", ["1", "2"])
def test_workers_end_with_a_killed_parent(tmp_path: Path, threads: str) -> None:
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS, "utf-8")
    # numpy's threads decide whether workers are copies of the first process or start anew.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": threads}
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline() == "working\n"
        children = _children(process.pid)
        assert children
        process.kill()
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{child}").exists() for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
