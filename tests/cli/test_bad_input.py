"""Bad input gives a clear message and the right exit code; nothing is lost, nothing is a traceback."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from newssearch.engines.embedded.generations import Generations

from .conftest import Cli, plain, process, served, snapshot, write


def rejected(index: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (index / "rejected.jsonl").read_text("utf-8").splitlines()]


# Paths


@pytest.mark.parametrize("command", ["rebuild-index", "add"])
def test_a_missing_path_is_named_and_nothing_changes(cli: Cli, old: Path, command: str) -> None:
    before = snapshot(old)
    said = cli(command, "old.jsonl", "khong-co.jsonl", "--index", old)
    assert said.code == 2
    assert "khong-co.jsonl" in said.err
    assert "Try:" in said.err
    assert snapshot(old) == before


@pytest.mark.parametrize("command", ["rebuild-index", "add"])
def test_an_empty_folder_is_named_and_nothing_changes(cli: Cli, old: Path, tmp_path: Path, command: str) -> None:
    (tmp_path / "trong").mkdir()
    (tmp_path / "trong" / "anh.jpg").write_bytes(b"\xff\xd8\xff")
    before = snapshot(old)
    said = cli(command, "trong", "--index", old)
    assert said.code == 2
    assert "trong" in said.err
    assert ".jsonl" in said.err
    assert snapshot(old) == before


def test_a_glob_without_files_is_named(cli: Cli, old: Path) -> None:
    said = cli("rebuild-index", "bao-*.jsonl", "--index", old)
    assert said.code == 2
    assert "bao-*.jsonl" in said.err


def test_an_unreadable_file_is_rejected_and_the_rest_indexed(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.jsonl", plain("a1"))
    # Root may read everything; but not a link that leads to itself, nor memory that is not mapped.
    (tmp_path / "news" / "vong.txt").symlink_to("vong.txt")
    (tmp_path / "news" / "loi-dia.txt").symlink_to("/proc/self/mem")
    closed = write(tmp_path / "news" / "kin.jsonl", plain("a2"))
    closed.chmod(0)
    said = cli("rebuild-index", "news", "--index", index)
    closed.chmod(0o600)
    assert said.code == 3
    reasons = {Path(entry["file"]).name: entry["reason"] for entry in rejected(index)}
    assert "cannot be read" in reasons["vong.txt"]
    assert "cannot be read" in reasons["loi-dia.txt"]
    assert ("kin.jsonl" in reasons) == (os.geteuid() != 0)
    assert "a1" in cli("export", "--index", index).ids


# Documents


@pytest.mark.parametrize(
    ("name", "content", "reason", "line"),
    [
        pytest.param("a.txt", bytes(range(256)) * 40, "not text", None, id="binary named .txt"),
        pytest.param("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not text", None, id="picture named .txt"),
        pytest.param("a.txt", b"", "empty", None, id="empty file"),
        pytest.param("a.json", b'"chi la mot chuoi"', "JSON string", None, id="JSON string"),
        pytest.param("a.json", b"[1]", "JSON number", 1, id="JSON list of numbers"),
        pytest.param("a.json", b'{"so": 1, "ten_khac": [2]}', "neither title, lead nor body", None, id="JSON of another shape"),
        pytest.param("a.json", b'{"title": "x"', "not JSON", 1, id="JSON cut off"),
        pytest.param("a.json", b"[" * 100_000, "not JSON", None, id="JSON nested too deep"),
        pytest.param("a.jsonl", b'\n\n{"id": "x", "section": "s"}\n', "neither title, lead nor body", 3, id="article without text"),
        pytest.param("a.jsonl", b'{"id": "x", "title": " \\n ", "body": ""}\n', "neither title, lead nor body", 1, id="article of spaces"),
        pytest.param("a.jsonl", b'{"id": "co dau cach", "title": "x"}\n', "printable characters without spaces", 1, id="id with spaces"),
        pytest.param("a.jsonl", b'{"id": {"a": 1}, "title": "x"}\n', "id is a JSON object", 1, id="id is an object"),
        pytest.param("a.jsonl", b'{"id": "%s", "title": "x"}\n' % (b"x" * 201), "1 to 200", 1, id="id too long"),
        pytest.param("a.xml", b"<?xml version='1.0'?><rss><channel></channel></rss>", "feed", None, id="feed without items"),
    ],
)
def test_a_bad_document_is_rejected_with_file_line_and_reason(
    cli: Cli, index: Path, tmp_path: Path, name: str, content: bytes, reason: str, line: int | None
) -> None:
    good = write(tmp_path / "news" / "tot.jsonl", plain("tot"))
    bad = tmp_path / "news" / name
    bad.write_bytes(content)
    said = cli("rebuild-index", "news", "--index", index)
    assert said.code == 3
    (entry,) = rejected(index)
    assert set(entry) == {"file", "line", "reason"}
    assert entry["file"] == str(bad)
    assert reason in entry["reason"]
    if line is not None:
        assert entry["line"] == line
    assert str(bad) in said.err
    assert entry["reason"] in said.err
    assert cli("export", "--index", index).ids == ["tot"]
    assert cli("stats", "--json", "--index", index).json["rejected"] == 1
    assert good.exists()


def test_all_is_rejected_so_nothing_changes_and_the_reason_is_said(cli: Cli, old: Path, tmp_path: Path) -> None:
    (tmp_path / "xau.txt").write_bytes(bytes(range(256)) * 40)
    before = snapshot(old)
    said = cli("rebuild-index", "xau.txt", "--index", old)
    assert said.code == 2
    assert "xau.txt" in said.err
    assert "not text" in said.err
    assert snapshot(old) == before
    assert cli("query", "a1", "--index", old).code == 0


def test_many_rejections_are_counted_and_listed(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [*plain("tot"), *({"section": f"{number}"} for number in range(40))])
    said = cli("rebuild-index", "n.jsonl", "--index", index)
    assert said.code == 3
    assert "40 documents were rejected" in said.err
    assert "rejected.jsonl" in said.err
    assert len(said.err.splitlines()) < 10
    assert [entry["line"] for entry in rejected(index)] == list(range(2, 42))


def test_add_lists_its_rejections_beside_earlier_ones(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [*plain("a1"), {"section": "s"}])
    assert cli("rebuild-index", "n.jsonl", "--index", index).code == 3
    write(tmp_path / "m.jsonl", [{"id": "hai", "section": "s"}, *plain("a2")])
    said = cli("add", "m.jsonl", "--index", index)
    assert said.code == 3
    assert "m.jsonl:1" in said.err
    assert "n.jsonl" not in said.err
    assert [Path(entry["file"]).name for entry in rejected(index)] == ["n.jsonl", "m.jsonl"]
    assert cli("rebuild-index", write(tmp_path / "o.jsonl", plain("a3")), "--index", index).code == 0
    assert rejected(index) == []


def test_the_same_rejection_is_listed_once(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "m.jsonl", [*plain("b1"), {"id": "hai", "section": "s"}])
    for _ in range(3):
        said = cli("add", "m.jsonl", "--index", old)
        assert said.code == 3
        assert "m.jsonl:2" in said.err
    assert len(rejected(old)) == 1


def test_names_that_are_no_utf8_are_files_like_others(index: Path, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    for name, article in ((b"tot-\xff.jsonl", '{"id": "a1", "title": "Tin"}'), (b"xau-\xff.jsonl", "khong phai")):
        (Path(os.fsdecode(os.fsencode(tmp_path / "news") + b"/" + name))).write_text(article)
    said = process("rebuild-index", "news", "--index", index, cwd=tmp_path)
    assert said.code == 3
    assert "xau-" in said.err
    assert process("rebuild-index", "--index", index, cwd=tmp_path).code == 3
    assert process("rebuild-index", b"news/tot-\xff.jsonl", "--index", index, cwd=tmp_path).code == 0
    assert process("stats", "--json", "--index", index).json["articles"] == 1
    assert process("rebuild-index", "--index", index).code == 0
    assert process("export", "--index", index).ids == ["a1"]


def test_invalid_utf8_is_mended_and_said(cli: Cli, index: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes('{"id": "a1", "title": "Cà phê '.encode() + b"\xff\xfe" + ' được mùa", "body": "Nông dân vui."}\n'.encode())
    assert cli("rebuild-index", file, "--index", index).code == 0
    assert cli("query", "được mùa", "--index", index).code == 0
    article = cli("show", "a1", "--json", "--index", index).json
    assert "\ufffd" in article["title"]
    assert "UTF-8" in article["extras"]["repaired"]


def test_of_a_truncated_gz_what_came_before_is_indexed(cli: Cli, index: Path, tmp_path: Path) -> None:
    many = [{**article, "extra": os.urandom(40).hex()} for article in plain(*(f"a{number}" for number in range(200)))]
    packed = gzip.compress(write(tmp_path / "n.jsonl", many).read_bytes())
    (tmp_path / "cut.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    said = cli("rebuild-index", "cut.jsonl.gz", "--index", index)
    assert said.code == 3
    (entry,) = rejected(index)
    assert "cut off" in entry["reason"]
    found = cli("export", "--index", index).ids
    assert found == [f"a{number}" for number in range(len(found))]
    assert 20 < len(found) < 180
    assert entry["line"] == len(found) + 1


def test_a_body_of_five_megabytes_is_searchable_to_its_last_word(cli: Cli, index: Path, tmp_path: Path) -> None:
    body = "Mưa lớn kéo dài nhiều giờ trên toàn tỉnh. " * 120_000 + "Hết rồi qwertycuối."
    assert len(body.encode()) > 5_000_000
    write(tmp_path / "n.jsonl", [{"id": "dai", "title": "Rất dài", "body": body}, *plain("a1")])
    assert cli("rebuild-index", "n.jsonl", "--index", index).code == 0
    said = cli("query", "--json", "qwertycuối", "--index", index)
    assert said.ids == ["dai"]
    assert [segment["text"] for segment in said.json["hits"][0]["snippet_segments"] if segment.get("match")] == ["qwertycuối"]
    assert cli("query", '"hết rồi qwertycuối"', "--index", index).code == 0
    assert len(cli("show", "dai", "--json", "--index", index).json["body"]) == len(body)


@pytest.mark.parametrize("command", ["rebuild-index", "add"])
def test_of_duplicate_ids_the_last_wins_and_it_is_said(cli: Cli, old: Path, tmp_path: Path, command: str) -> None:
    write(tmp_path / "1.jsonl", [{"id": "x", "title": "Bản đầu", "body": "cũ"}, *plain("y"), {"id": "x", "title": "Bản giữa", "body": "cũ"}])
    write(tmp_path / "2.jsonl", [{"id": "x", "title": "Bản cuối", "body": "mới"}])
    said = cli(command, "1.jsonl", "2.jsonl", "--index", old)
    assert said.code == 0
    assert "2 documents had the id of an earlier one" in said.out
    assert cli("show", "x", "--json", "--index", old).json["title"] == "Bản cuối"
    assert sorted(cli("export", "--index", old).ids) == sorted(["x", "y"] + (["a1", "a2", "a3"] if command == "add" else []))
    assert cli("query", '"bản đầu"', "--index", old).code == 1


def test_an_impossible_date_is_no_date_and_is_kept(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", plain("a1", published="32/13/2026"))
    assert cli("rebuild-index", "n.jsonl", "--index", index).code == 0
    article = cli("show", "a1", "--json", "--index", index).json
    assert article["published"] is None
    assert article["extras"]["published"] == "32/13/2026"
    assert cli("query", "--json", "a1", "--index", index).json["undated"] == 1
    for option in ("--from", "--to"):
        said = cli("query", "a1", option, "32/13/2026", "--index", index)
        assert said.code == 2
        assert "32/13/2026" in said.err
        assert "2026-10-31" in said.err
    said = cli("query", "--json", "a1 after:32/13/2026", "--index", index)
    assert said.json["notices"]


def test_control_characters_never_reach_the_terminal(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [{"id": "a1", "title": "Đỏ \x1b[31m\x07 hết", "lead": "\x9b2J", "body": "xóa\x1b]0;x\x07 màn hình", "author": "A\x1b[2K"}])
    assert cli("rebuild-index", "n.jsonl", "--index", index).code == 0
    for arguments in (("query", "đỏ hết"), ("query", "đỏ", "--jsonl"), ("query", "đỏ", "--csv"), ("show", "a1"), ("export",)):
        said = cli(*arguments, "--index", index)
        assert said.code == 0
        assert not any(character in said.out for character in "\x1b\x07\x9b")


# The index


READING = (["query", "tin"], ["show", "a1"], ["stats"], ["check"], ["export"])
WRITING = (["add", "old.jsonl"], ["delete", "a1"], ["delete", "a1", "--block", "nhầm"], ["rollback"], ["rebuild-index", "--stored"])


@pytest.mark.parametrize("arguments", [*READING, *WRITING], ids=" ".join)
def test_a_missing_index_names_the_command_that_builds_it(cli: Cli, tmp_path: Path, arguments: list[str]) -> None:
    write(tmp_path / "old.jsonl", plain("a1"))
    said = cli(*arguments, "--index", "chua-co")
    assert said.code == 2
    assert "No index at chua-co" in said.err
    assert "newssearch rebuild-index" in said.err
    assert said.out == ""
    assert not Path("chua-co").exists()


@pytest.mark.parametrize("arguments", READING[:3], ids=" ".join)
def test_a_file_in_place_of_the_index_is_no_index(cli: Cli, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "tep").write_text("x")
    assert cli(*arguments, "--index", "tep").code == 2
    said = cli("rebuild-index", write(tmp_path / "n.jsonl", plain("a1")), "--index", "tep")
    assert said.code == 2
    assert (tmp_path / "tep").read_text() == "x"


def outdate(index: Path) -> None:
    generations = Generations(index)
    name = generations.current()
    meta = {key: value for key, value in generations.meta(name).items() if key != "crc32"}
    generations.write_meta(name, {**meta, "schema_version": 0})


@pytest.mark.parametrize("arguments", [["query", "tin"], ["show", "a1"], ["stats"], ["add", "old.jsonl"]], ids=" ".join)
def test_another_schema_version_names_the_command_that_carries_it_over(cli: Cli, old: Path, arguments: list[str]) -> None:
    outdate(old)
    said = cli(*arguments, "--index", old)
    assert said.code == 2
    assert "schema 0" in said.err
    assert "newssearch rebuild-index --stored" in said.err


@pytest.mark.parametrize("arguments", [["--stored"], []], ids=["stored", "remembered paths"])
def test_an_index_of_another_schema_is_carried_over(cli: Cli, old: Path, tmp_path: Path, arguments: list[str]) -> None:
    assert cli("add", write(tmp_path / "them.jsonl", plain("b1")), "--index", old).code == 0
    before = sorted(cli("export", "--index", old).out.splitlines())
    outdate(old)
    assert sorted(cli("export", "--index", old).out.splitlines()) == before
    said = cli("rebuild-index", *arguments, "--index", old)
    assert said.code == 0
    assert "gone" not in said.out
    assert sorted(cli("export", "--index", old).out.splitlines()) == before
    assert cli("query", "b1", "--index", old).code == 0


def lose_arrays(index: Path) -> None:
    for file in served(index).glob("*.arrays"):
        file.unlink()


DAMAGES = {
    "generation removed": lambda index: shutil.rmtree(served(index)),
    "arrays removed": lose_arrays,
    "meta removed": lambda index: (served(index) / "meta.json").unlink(),
    "TOC damaged": lambda index: next(served(index).glob("*.toc")).write_bytes(b"\x80\x04nonsense"),
    "TOC empty": lambda index: next(served(index).glob("*.toc")).write_bytes(b""),
    "TOC removed": lambda index: next(served(index).glob("*.toc")).unlink(),
    "CURRENT damaged": lambda index: (index / "CURRENT").write_bytes(b"\xff\x00"),
    "CURRENT removed": lambda index: (index / "CURRENT").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_says_so_and_names_the_way_out(cli: Cli, old: Path, damage: str) -> None:
    DAMAGES[damage](old)
    for arguments in (["query", "tin"], ["export"]):
        said = cli(*arguments, "--index", old)
        assert said.code == 2
        assert "damaged" in said.err or "half-deleted" in said.err or "CURRENT" in said.err
        assert "newssearch rollback" in said.err
        assert said.out == ""
    assert cli("check", "--index", old).code == 2
    # The hint must work: a bare rebuild cannot keep what can no longer be read and says what to do, with paths it builds anew.
    said = cli("rebuild-index", "--index", old)
    assert said.code == 2
    assert "newssearch rebuild-index PATH" in said.err
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0
    assert cli("query", "a1", "--index", old).code == 0
    if (said := cli("check", "--index", old)).code:
        # What serves is whole again, but there is no way back until the next rebuild.
        assert "What serves is sound" in said.err
        assert cli("rebuild-index", "--index", old).code == 0
        assert cli("check", "--index", old).code == 0


@pytest.mark.parametrize("damage", DAMAGES)
def test_rollback_serves_the_generation_before_a_damaged_one(cli: Cli, old: Path, damage: str) -> None:
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0
    DAMAGES[damage](old)
    assert cli("query", "a1", "--index", old).code == 2
    assert cli("rollback", "--index", old).code == 0
    assert sorted(cli("export", "--index", old).ids) == ["a1", "a2", "a3"]


def test_a_flipped_bit_is_found_by_check(cli: Cli, old: Path) -> None:
    file = next(served(old).glob("*.arrays"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    said = cli("check", "--index", old)
    assert said.code == 2
    assert served(old).name in said.err
    assert "newssearch rollback" in said.err
    assert "sound" not in said.out


def test_a_damaged_list_of_blocks_lets_nothing_through(cli: Cli, old: Path) -> None:
    assert cli("delete", "a1", "--block", "nhầm", "--index", old).code == 0
    (old / "blocked.jsonl").write_text("khong phai json\n")
    said = cli("query", "a1", "--index", old)
    assert said.code == 2
    assert "blocked.jsonl" in said.err


# Settings and arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["tim", "x"],
        ["query"],
        ["query", "   "],
        ["query", "x", "--khong-co"],
        ["query", "x", "--limit", "0"],
        ["query", "x", "--limit", "nhieu"],
        ["query", "x", "--page", "0"],
        ["query", "x", "--sort", "la"],
        ["query", "x", "--match", "la"],
        ["query", "x", "--format", "xml"],
        ["query", "x", "--color", "la"],
        ["query", "x", "--from", "mai sau"],
        ["query", "--batch", "old.jsonl"],
        ["query", "--batch", "khong-co.tsv", "--format", "trec"],
        ["show"],
        ["add"],
        ["delete"],
        ["rebuild-index", "old.jsonl", "--stored"],
        ["rebuild-index", "old.jsonl", "--memory", "nhieu"],
        ["rebuild-index", "old.jsonl", "--jobs", "-1"],
        ["serve", "--port", "70000"],
        ["stats", "--engine", "la"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_read_is_exit_2(cli: Cli, old: Path, arguments: list[str]) -> None:
    before = snapshot(old)
    said = cli(*arguments, "--index", old)
    assert said.code == 2
    assert said.err
    assert said.out == ""
    assert snapshot(old) == before


def test_a_broken_settings_file_is_named(cli: Cli, tmp_path: Path) -> None:
    for content in ('index = "a', 'ten_la = "x"', "port = 99999", 'index = ["a"]', "[index]\na = 1"):
        (tmp_path / "newssearch.toml").write_text(content)
        said = cli("stats")
        assert said.code == 2
        assert "newssearch.toml" in said.err


def test_an_empty_path_is_not_the_current_folder(cli: Cli, old: Path) -> None:
    before = snapshot(old)
    for arguments in (["rebuild-index", ""], ["add", ""], ["rebuild-index", "old.jsonl", ""]):
        said = cli(*arguments, "--index", old)
        assert said.code == 2
        assert "empty" in said.err
    assert cli("stats", "--index", "").code == 2
    assert snapshot(old) == before


def test_an_empty_variable_is_an_unset_one(cli: Cli, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSSEARCH_INDEX", "")
    monkeypatch.setenv("NEWSSEARCH_PORT", "")
    assert cli("stats").code == 0
    assert old.name == "index"


def test_a_broken_variable_is_named(cli: Cli, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSSEARCH_JOBS", "nhieu")
    said = cli("stats", "--index", old)
    assert said.code == 2
    assert "jobs" in said.err
    assert "environment" in said.err


def test_a_question_of_any_length_is_answered(cli: Cli, old: Path) -> None:
    for question in ("a1 " * 20_000, "x" * 60_000, "(" * 5_000, '"' * 999, "a OR " * 3_000):
        said = cli("query", "--json", "--index", old, "--", question)
        assert said.code in (0, 1)


def test_an_argument_that_is_no_utf8_is_searched_for_all_the_same(old: Path) -> None:
    for form in ("text", "json", "jsonl", "csv", "trec"):
        assert process("query", "--format", form, b"b\xff\xfen tin a1", "--index", old).code in (0, 1)
    assert process("show", b"\xff", "--index", old).code == 1
    assert process("rebuild-index", b"khong-\xff.txt", "--index", old).code == 2


def test_a_terminal_of_another_encoding_gets_utf8(old: Path) -> None:
    for encoding in ("ascii", "latin-1"):
        said = process("query", "bản tin", "--index", old, env={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert said.code == 0
        assert "Bản tin" in said.out
