"""Files, folders, globs and standard input: what is read, in which format, and what happens to what cannot be."""

import errno
import gzip
import io
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from newssearch.errors import BadInput
from newssearch.models import Rejection
from newssearch.readers import Document, list_files, read_bytes, read_paths

from .reading import article, documents, reason, rejections

LINES = "".join(json.dumps({"id": f"a{number}", "title": f"Tin số {number}", "body": "Nội dung. " * 20}) + "\n" for number in range(500)).encode()


def titles(found: Iterator[Document | Rejection]) -> list[str]:
    return [part.article.title for part in found if isinstance(part, Document)]


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder with a file of several formats, and what is passed over."""
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "b" / "mot.txt").write_text("Tin một\n\nNội dung một.", "utf-8")
    (tmp_path / "b" / "hai.json").write_text('{"title": "Tin hai"}', "utf-8")
    (tmp_path / "a.md").write_text("# Tin ba\n\nNội dung ba.", "utf-8")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress("Tin bốn\n\nNội dung bốn.".encode()))
    for name in ("README.md", "README.txt", "b/anh.jpg", ".nháp.txt", ".git/x.txt", "ghi-chu"):
        (tmp_path / name).write_text("Không đọc\n\nKhông đọc.", "utf-8")
    return tmp_path


def test_folder_is_read_with_all_below_it_in_order(news: Path) -> None:
    assert titles(read_paths([news])) == ["Tin ba", "Tin hai", "Tin một", "Tin bốn"]


def test_file_that_is_named_is_always_read(news: Path) -> None:
    assert titles(read_paths([news / "README.md", str(news / "ghi-chu"), news / ".nháp.txt", news / "b" / "anh.jpg"])) == ["Không đọc"] * 4


def test_globs_are_expanded(news: Path) -> None:
    assert titles(read_paths([f"{news}/**/*.txt"])) == ["Tin một"]
    assert titles(read_paths([f"{news}/*.gz", f"{news}/b/h*"])) == ["Tin bốn", "Tin hai"]


def test_glob_may_name_folders(news: Path) -> None:
    assert titles(read_paths([f"{news}/[b]"])) == ["Tin hai", "Tin một"]


def test_file_whose_name_looks_like_a_glob(tmp_path: Path) -> None:
    (tmp_path / "tin[1].txt").write_text("Tin lạ\n\nNội dung.", "utf-8")
    assert titles(read_paths([tmp_path / "tin[1].txt"])) == ["Tin lạ"]


def test_file_named_twice_is_read_once_at_its_later_place(news: Path) -> None:
    one = str(news / "b" / "mot.txt")
    assert list_files([one, news, one])[-1] == one
    assert len(list_files([one, news, one])) == 4


def test_origin_is_absolute_and_line_is_told(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news)
    Path("hai.jsonl").write_text('{"title": "Một"}\n\n{"title": "Hai"}\n', "utf-8")
    found = [part for part in read_paths(["hai.jsonl"]) if isinstance(part, Document)]
    assert [(document.origin, document.line) for document in found] == [(str(news / "hai.jsonl"), 1), (str(news / "hai.jsonl"), 3)]


def test_standard_input() -> None:
    (document,) = read_paths(["-"], stdin=io.BytesIO("Tin từ ống\n\nNội dung.".encode()))
    assert isinstance(document, Document)
    assert (document.origin, document.article.title) == ("-", "Tin từ ống")
    assert titles(read_paths(["-"], stdin=io.BytesIO(gzip.compress(LINES)))) == [f"Tin số {number}" for number in range(500)]


def test_standard_input_from_a_pipe() -> None:
    ends = os.pipe()
    with os.fdopen(ends[0], "rb") as out:
        with os.fdopen(ends[1], "wb") as into:
            into.write(LINES[:20_000])
        assert len(titles(read_paths(["-"], stdin=out))) > 50


@pytest.mark.parametrize("path", ["khong-co.txt", "khong-co/*.json", "x" * 300, "a\0b", "a\0*"])
def test_missing_path_is_said_before_anything_is_read(path: str, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news)
    with pytest.raises(BadInput) as caught:
        read_paths(["a.md", path])
    assert caught.value.hint


def test_folder_and_glob_with_nothing_to_read_say_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "anh.jpg").write_bytes(b"x")
    for path in (str(tmp_path), f"{tmp_path}/*"):
        with pytest.raises(BadInput) as caught:
            read_paths([path])
        assert ".jsonl" in caught.value.hint
        assert ".gz" in caught.value.hint


def test_unreadable_file_and_folder_are_rejected(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: str, *_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)

    # Denied in the process, for root may read what modes forbid.
    opened, scanned = open, os.scandir
    closed = (str(news / "a.md"), str(news / "b"))
    monkeypatch.setattr("newssearch.readers.paths.open", lambda path, mode: (denied if path in closed else opened)(path, mode), raising=False)
    monkeypatch.setattr(os, "scandir", lambda path: (denied if path in closed else scanned)(path))
    found = list(read_paths([news]))
    assert [(rejection.file, rejection.reason) for rejection in rejections(iter(found))] == [(path, "It cannot be read: Permission denied.") for path in closed]
    assert titles(iter(found)) == ["Tin bốn"]


def test_file_that_cannot_be_opened_is_rejected_and_the_rest_is_read(news: Path) -> None:
    (news / "lac.txt").symlink_to(news / "khong-co")
    found = list(read_paths([news]))
    assert [(Path(rejection.file).name, rejection.reason) for rejection in rejections(iter(found))] == [("lac.txt", "It cannot be read: No such file or directory.")]
    assert len(titles(iter(found))) == 4


def test_pipe_in_a_folder_does_not_hang(news: Path) -> None:
    os.mkfifo(news / "ong.txt")
    assert len(titles(read_paths([news]))) == 4


def test_file_that_goes_while_the_others_are_read(news: Path) -> None:
    found = read_paths([news])
    next(found)
    (news / "b" / "mot.txt").unlink()
    (rejection,) = rejections(found)
    assert rejection.file.endswith("mot.txt")


PAGE = "<!DOCTYPE html><html><head><title>Tin trang</title></head><body><h1>Tin trang mạng</h1><p>" + "Nội dung trang. " * 30 + "</p></body></html>"
FEED = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Báo</title><item><title>Tin nguồn</title></item></channel></rss>'


@pytest.mark.parametrize("name", ["", "tin", "tin.txt", "tin.dat", "tin.html", "tin.xml", "tin.json"])
@pytest.mark.parametrize(
    ("data", "title"),
    [
        ('{"title": "Tin một"}', "Tin một"),
        ('\ufeff\n [{"title": "Tin một"}]', "Tin một"),
        ('{\n  "data": [\n {"title": "Tin một"}\n]}', "Tin một"),
        (PAGE, "Tin trang mạng"),
        (f"<!-- saved from url=(0014)about:internet -->\n{PAGE}", "Tin trang mạng"),
        (FEED, "Tin nguồn"),
    ],
)
def test_content_decides_where_the_name_says_wrong(name: str, data: str, title: str) -> None:
    assert article(data, name).title == title
    assert article(gzip.compress(data.encode()), name).title == title
    if not data.startswith(("<?xml", "\ufeff")):
        assert article(data.encode("utf-16"), name).title == title


def test_lines_are_known_by_content() -> None:
    data = '{"title": "Một"}\n{"title": "Hai"}'
    for name in ("", "a.txt", "a.json", "a.jsonl", "a.ndjson"):
        assert [document.article.title for document in documents(data, name)] == ["Một", "Hai"]
    long_first = json.dumps({"title": "Một", "body": "x" * 200_000}) + '\n{"title": "Hai"}'
    assert [document.article.title for document in documents(long_first, "")] == ["Một", "Hai"]


def test_lines_whose_first_is_broken_are_lines_all_the_same() -> None:
    found = list(read_bytes(b'{"title": "M\n{"title": "Hai"}\n[1]\n7\n{"title": "Ba"}', "a.jsonl", "a"))
    assert [part.line for part in found] == [1, 2, 3, 4, 5]
    assert [isinstance(part, Document) for part in found] == [False, True, False, False, True]
    assert titles(read_bytes(b'{"title": M}\n{"title": "Hai"}', "", "a")) == ["Hai"]


def test_json_laid_out_over_lines_and_named_lines() -> None:
    assert [document.article.title for document in documents('[\n  {"title": "Một"},\n  {"title": "Hai"}\n]', "a.jsonl")] == ["Một", "Hai"]


@pytest.mark.parametrize("key", ["articles", "items", "data", "results", "docs"])
def test_wrapped_lists(key: str) -> None:
    assert [(document.article.title, document.line) for document in documents(json.dumps({"total": 2, key: [{"title": "Một"}, {"title": "Hai"}]}), "a.json")] == [("Một", 1), ("Hai", 2)]


def test_article_with_a_list_of_its_own_is_one_article() -> None:
    read = article('{"title": "T", "body": "Nội dung.", "items": [{"title": "x"}]}', "a.json")
    assert (read.title, read.extras) == ("T", {"items": [{"title": "x"}]})


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.txt", "empty"),
        (b"\n \n", "a.jsonl", "empty"),
        (b"[]", "a.json", "empty"),
        (b'{"articles": []}', "a.json", "empty"),
        (b'{"foo": 1}', "a.json", "neither title, lead nor body"),
        (b"7", "a.json", "JSON number"),
        (b'"x"', "a.json", "JSON string"),
        (b"null", "a.json", "JSON null"),
        (b'{"title": ', "a.json", "not JSON"),
        (b"<rss><channel></channel></rss>", "a.xml", "feed"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", "a.xml", "feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), "a.txt", "not text"),
        (bytes(range(128, 256)) * 20, "a.txt", "not text"),
        (b"\x00" * 20, "a.html", "not text"),
        (b'{"id": "a b", "title": "T"}', "a.json", "a b"),
        (b"<html><head></head><body></body></html>", "a.html", "neither title"),
    ],
)
def test_reasons_of_rejection(data: bytes, name: str, words: str) -> None:
    said = reason(data, name)
    assert words in said
    assert said.endswith(".")


def test_invalid_utf8_is_read_and_noted() -> None:
    read = article("Tiêu đề\n\nNội ".encode() + b"\xff\xfe" + "dung còn đọc được.".encode(), "a.txt")
    assert read.body == "Nội \ufffd\ufffddung còn đọc được."
    assert read.extras == {"repaired": "invalid UTF-8 at byte 19"}
    (one, two) = documents(b'{"title": "A\xe1"}\n{"title": "B"}', "a.jsonl")
    assert (one.article.title, one.article.extras) == ("A\ufffd", {"repaired": "invalid UTF-8 at byte 12"})
    assert two.article.extras == {}


def test_marks_of_encodings() -> None:
    text = "Tiêu đề\r\n\r\nNội dung."
    for data in (text.encode("utf-8-sig"), text.encode("utf-16"), b"\xfe\xff" + text.encode("utf-16-be")):
        read = article(data, "a.txt")
        assert (read.title, read.body, read.extras) == ("Tiêu đề", "Nội dung.", {})
    lines = '{"title": "Một"}\n{"title": "Hai"}'.encode("utf-16")
    assert [document.article.title for document in documents(lines, "a.jsonl")] == ["Một", "Hai"]


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_truncated_gzip_gives_what_came_before(kept: float) -> None:
    data = gzip.compress(LINES)
    found = list(read_bytes(data[: int(len(data) * kept)], "a.jsonl.gz", "a.jsonl.gz"))
    (rejection,) = rejections(iter(found))
    assert "gzip" in rejection.reason
    assert isinstance(found[-1], Rejection)
    assert titles(iter(found)) == [f"Tin số {number}" for number in range(len(found) - 1)]
    assert kept < 0.9 or len(found) > 100


def test_damaged_gzip_and_gzip_by_name_only() -> None:
    data = bytearray(gzip.compress(LINES))
    data[-6] ^= 255
    found = list(read_bytes(bytes(data), "a.jsonl.gz", "a"))
    assert len(titles(iter(found))) == 500
    assert len(rejections(iter(found))) == 1
    assert article("Tin thường\n\nKhông nén.", "a.txt.gz").title == "Tin thường"
    assert "gzip" in reason(gzip.compress(b"x")[:9], "a.gz")


def test_several_gzip_members_are_one_file() -> None:
    assert len(documents(gzip.compress(LINES) + gzip.compress(LINES), "a.jsonl.gz")) == 1000


def test_lines_are_not_read_into_memory(tmp_path: Path) -> None:
    file = tmp_path / "lon.jsonl.gz"
    with gzip.open(file, "wb", compresslevel=1) as out:
        for number in range(500):
            out.write(json.dumps({"title": f"Tin {number}", "body": "Noi dung. " * 2000}).encode() + b"\n")
    tracemalloc.start()
    assert sum(1 for _ in read_paths([file])) == 500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_one_file_that_fails_does_not_end_the_run(news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str) -> None:
        raise ZeroDivisionError("hỏng")

    monkeypatch.setattr("newssearch.readers.paths.read_markdown", fail)
    found = list(read_paths([news]))
    (rejection,) = rejections(iter(found))
    assert rejection.reason == "It could not be understood (ZeroDivisionError: hỏng)."
    assert len(titles(iter(found))) == 3
