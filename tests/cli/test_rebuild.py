"""What a rebuild reads, keeps, leaves behind and gives back, and what `add`, `delete`, blocks and teasers do beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Cli, plain, write

# Which paths are read


def test_the_first_rebuild_without_a_path_reads_the_seeds(cli: Cli, index: Path, repository: Path) -> None:
    assert cli("rebuild-index", "--no-words", "--index", index).code == 0
    stats = cli("stats", "--json", "--index", index).json
    assert stats["paths"] == [str(repository / "seeds")]
    assert stats["articles"] > 48


def test_a_rebuild_without_path_reads_the_remembered_paths_again(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "old.jsonl", plain("a2", "a3", "a4"))
    said = cli("rebuild-index", "--index", old)
    assert said.code == 0
    assert cli("export", "--index", old).ids == ["a2", "a3", "a4"]
    assert "1 articles of the old index are gone" in said.out


def test_a_rebuild_without_path_keeps_what_came_by_other_ways(cli: Cli, old: Path, tmp_path: Path) -> None:
    assert cli("add", write(tmp_path / "them.jsonl", plain("b1")), "--index", old).code == 0
    assert cli("add", "-", "--index", old, stdin=json.dumps(plain("c1")[0]).encode()).code == 0
    (tmp_path / "them.jsonl").unlink()
    said = cli("rebuild-index", "--index", old)
    assert said.code == 0
    assert "Kept 2 stored articles" in said.out
    assert "gone" not in said.out
    assert sorted(cli("export", "--index", old).ids) == ["a1", "a2", "a3", "b1", "c1"]
    assert cli("query", "c1", "--index", old).code == 0


def test_an_article_that_add_brought_up_to_date_stays_so(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "moi.jsonl", [{"id": "a1", "title": "Bản đã sửa", "body": "Nội dung đã sửa."}])
    assert cli("add", "moi.jsonl", "--index", old).code == 0
    assert cli("rebuild-index", "--index", old).code == 0
    assert cli("show", "a1", "--json", "--index", old).json["title"] == "Bản đã sửa"


def test_a_rebuild_from_standard_input_is_kept_by_the_next(cli: Cli, index: Path) -> None:
    lines = "".join(json.dumps(article) + "\n" for article in plain("s1", "s2")).encode()
    assert cli("rebuild-index", "-", "--index", index, stdin=lines).code == 0
    assert cli("rebuild-index", "--index", index).code == 0
    assert cli("export", "--index", index).ids == ["s1", "s2"]


@pytest.mark.parametrize("path", ["news", "news/../news", "news/**/*.jsonl", "./news/*/*.jsonl", "news/su*", "lien-ket"])
def test_what_left_its_file_leaves_the_index_however_the_path_was_written(cli: Cli, index: Path, tmp_path: Path, path: str) -> None:
    file = write(tmp_path / "news" / "sub" / "n.jsonl", plain("a1", "a2"))
    (tmp_path / "lien-ket").symlink_to("news")
    assert cli("rebuild-index", path, "--index", index).code == 0
    write(file, plain("a2"))
    write(tmp_path / "news" / "sub" / "m.jsonl", plain("a3"))
    said = cli("rebuild-index", "--index", index)
    assert said.code == 0
    assert "Kept" not in said.out
    assert sorted(cli("export", "--index", index).ids) == ["a2", "a3"]


def test_remembered_paths_hold_wherever_one_stands(cli: Cli, old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "khac").mkdir()
    monkeypatch.chdir(tmp_path / "khac")
    assert cli("rebuild-index", "--index", old).code == 0


def test_a_remembered_path_that_is_gone_changes_nothing(cli: Cli, old: Path, tmp_path: Path) -> None:
    current = (old / "CURRENT").read_text()
    (tmp_path / "old.jsonl").unlink()
    said = cli("rebuild-index", "--index", old)
    assert said.code == 2
    assert "old.jsonl" in said.err
    assert "--stored" in said.err
    assert (old / "CURRENT").read_text() == current
    assert cli("export", "--index", old).ids == ["a1", "a2", "a3"]


def test_stored_rebuilds_without_any_file(cli: Cli, old: Path, tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").unlink()
    assert cli("delete", "a2", "--index", old).code == 0
    before = cli("export", "--index", old).out
    assert cli("rebuild-index", "--stored", "--index", old).code == 0
    assert cli("export", "--index", old).out == before
    assert cli("stats", "--json", "--index", old).json["deleted"] == 0
    write(tmp_path / "old.jsonl", plain("a9"))
    assert cli("rebuild-index", "--index", old).code == 0
    assert cli("export", "--index", old).ids == ["a9"]


def test_a_rebuild_of_a_folder_passes_over_the_index_in_it(cli: Cli, tmp_path: Path) -> None:
    write(tmp_path / "news.jsonl", plain("a1"))
    for arguments in (["rebuild-index", "."], ["rebuild-index", "."], ["rebuild-index"], ["add", "."], ["rebuild-index", "**/*.jsonl"]):
        assert cli(*arguments).code == 0
    assert cli("export").ids == ["a1"]


def test_a_rebuild_without_articles_changes_nothing(cli: Cli, old: Path) -> None:
    said = cli("rebuild-index", "-", "--index", old, stdin=b"\n\n")
    assert said.code == 2
    assert "nothing was changed" in said.err
    assert cli("export", "--index", old).ids == ["a1", "a2", "a3"]


def test_other_paths_leave_articles_behind_and_rollback_brings_them_back(cli: Cli, old: Path, tmp_path: Path) -> None:
    said = cli("rebuild-index", write(tmp_path / "new.jsonl", plain("a3", "b1")), "--index", old)
    assert said.code == 0
    assert "2 articles of the old index are gone" in said.out
    assert "newssearch rollback" in said.out
    assert cli("query", "a1", "--index", old).code == 1
    said = cli("rollback", "--index", old)
    assert said.code == 0
    assert "3 articles" in said.out
    assert cli("export", "--index", old).ids == ["a1", "a2", "a3"]
    assert cli("query", "a1", "--index", old).code == 0
    assert cli("rollback", "--index", old).code == 0
    assert cli("export", "--index", old).ids == ["a3", "b1"]


def test_without_an_earlier_generation_there_is_no_rollback(cli: Cli, old: Path) -> None:
    said = cli("rollback", "--index", old)
    assert said.code == 2
    assert "no earlier generation" in said.err


@pytest.mark.parametrize("options", [["--no-words"], ["--memory", "64K"], ["--memory", "0"], ["--jobs", "1"], ["--jobs", "2", "--memory", "1M"]])
def test_options_of_a_rebuild_change_no_answer(cli: Cli, index: Path, tmp_path: Path, options: list[str]) -> None:
    write(tmp_path / "n.jsonl", plain(*(f"a{number}" for number in range(60))))
    assert cli("rebuild-index", "n.jsonl", *options, "--index", index).code == 0
    assert cli("query", "--json", '"của a17 hôm nay"', "--index", index).ids == ["a17"]
    assert cli("check", "--index", index).code == 0


# Export


RICH: list[dict[str, Any]] = [
    {
        "id": "day-du",
        "title": "Được mùa <b>cà phê</b> & hồ tiêu",
        "lead": "Lời dẫn\nhai dòng.",
        "body": "Đoạn một.\n\n\nĐoạn hai,   nhiều dấu cách.",
        "captions": ["Ảnh chụp sáng 8/8", "Ảnh thứ nhì"],
        "source": "Báo Mẫu",
        "section": "Kinh tế",
        "author": "Văn Ánh",
        "url": "https://www.mau.example/ca-phe.html?b=2&a=1",
        "aliases": ["ten-cu", "https://mau.example/cu"],
        "published": "2026-08-08T09:30:00+07:00",
        "image": "https://mau.example/anh.jpg",
        "views": 12,
        "tags": ["cà phê", {"sâu": [1, None, 2.5]}],
    },
    {"id": "utc", "title": "Giờ quốc tế", "body": "Một bài.", "published": "2026-03-01T23:59:59.123456+00:00"},
    {"title": "Không tên, không địa chỉ", "body": "Chỉ có thân bài mà thôi."},
    {"url": "https://mau.example/tep?utm_source=x", "lead": "Chỉ có lời dẫn"},
    {"id": "nfd", "title": "Ho\u0300a bi\u0300nh \u2028 dòng", "body": "x\x00y\ufeffz"},
]
QUESTIONS = ("cà phê", "hoà bình", '"ảnh thứ nhì"', "caption:tiêu OR lời dẫn", "author:Ánh", "source:mau.example", "thân bài", "https://mau.example/cu", "an ninh")


def answers(cli: Cli, index: Path) -> list[Any]:
    """What the questions find, without the time that it took."""
    return [{**cli("query", "--json", question, "--index", index).json, "took_ms": 0} for question in QUESTIONS]


def test_export_and_rebuild_give_the_same_index(cli: Cli, index: Path, tmp_path: Path, repository: Path) -> None:
    write(tmp_path / "rich.jsonl", RICH)
    assert cli("rebuild-index", "rich.jsonl", repository / "seeds" / "pasted", repository / "seeds" / "feeds", "--index", index).code == 0
    exported = cli("export", "--index", index)
    assert exported.code == 0
    (tmp_path / "export.jsonl").write_text(exported.out, "utf-8")
    again = tmp_path / "again"
    assert cli("rebuild-index", "export.jsonl", "--index", again).code == 0
    assert cli("export", "--index", again).out == exported.out
    assert answers(cli, again) == answers(cli, index)
    assert cli("show", "ten-cu", "--json", "--index", again).json["id"] == "day-du"
    assert {article["kind"] for article in exported.lines} == {"article", "teaser"}


def test_export_carries_every_field(cli: Cli, index: Path, tmp_path: Path) -> None:
    from dataclasses import fields

    from newssearch.models import Article

    assert cli("rebuild-index", write(tmp_path / "rich.jsonl", RICH), "--index", index).code == 0
    exported = {article["id"]: article for article in cli("export", "--index", index).lines}
    names = [field.name for field in fields(Article)]
    assert all(list(article) == names for article in exported.values())
    whole = exported["day-du"]
    assert whole["published"] == "2026-08-08T09:30:00+07:00"
    assert whole["captions"] == ["Ảnh chụp sáng 8/8", "Ảnh thứ nhì"]
    assert whole["aliases"] == ["ten-cu", "https://mau.example/cu"]
    assert whole["extras"] == {"views": 12, "tags": ["cà phê", {"sâu": [1, None, 2.5]}]}
    assert whole["image"] == "https://mau.example/anh.jpg"
    assert exported["utc"]["published"].startswith("2026-03-01T23:59:59")
    assert any(id.startswith("u") and article["lead"] == "Chỉ có lời dẫn" for id, article in exported.items())
    assert any(id.startswith("c") and len(id) == 17 for id in exported)


def test_export_of_one_index_is_the_input_of_another_through_a_pipe(cli: Cli, old: Path, tmp_path: Path) -> None:
    exported = cli("export", "--index", old).out
    assert cli("rebuild-index", "-", "--index", "hai", stdin=exported.encode()).code == 0
    assert cli("export", "--index", "hai").out == exported


# Add and delete


def test_a_plain_delete_returns_with_its_file(cli: Cli, old: Path, tmp_path: Path) -> None:
    assert cli("add", write(tmp_path / "them.jsonl", plain("b1")), "--index", old).code == 0
    said = cli("delete", "a1", "b1", "--index", old)
    assert said.code == 0
    assert "Deleted a1" in said.out
    assert cli("query", "a1", "--index", old).code == 1
    assert cli("show", "a1", "--index", old).code == 1
    assert cli("rebuild-index", "--index", old).code == 0
    assert sorted(cli("export", "--index", old).ids) == ["a1", "a2", "a3"]


def test_deleting_what_is_not_there_is_exit_1(cli: Cli, old: Path) -> None:
    said = cli("delete", "a1", "khong-co", "--index", old)
    assert said.code == 1
    assert "khong-co" in said.err
    assert sorted(cli("export", "--index", old).ids) == ["a2", "a3"]


def test_an_address_names_its_article(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", plain("x1", url="https://bao.example/x1.html", aliases=["ten-cu", "https://bao.example/cu"]))
    assert cli("add", "n.jsonl", "--index", old).code == 0
    for name in ("x1", "ten-cu", "http://www.bao.example/x1.html/?utm_source=y", "https://bao.example/cu#z"):
        assert cli("show", name, "--json", "--index", old).json["id"] == "x1"
    assert cli("delete", "http://bao.example/x1.html", "--index", old).code == 0
    assert cli("show", "x1", "--index", old).code == 1


def test_add_replaces_by_id_and_counts(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [{"id": "a1", "title": "Bản mới", "body": "Đã thay."}])
    assert cli("add", "n.jsonl", "--index", old).code == 0
    assert cli("stats", "--json", "--index", old).json["articles"] == 3
    assert cli("query", "--json", '"đã thay"', "--index", old).ids == ["a1"]
    assert cli("check", "--index", old).code == 0


def test_an_index_may_become_empty_and_full_again(cli: Cli, old: Path) -> None:
    assert cli("delete", "a1", "a2", "a3", "--index", old).code == 0
    assert cli("query", "tin", "--index", old).code == 1
    assert cli("export", "--index", old).out == ""
    assert cli("stats", "--json", "--index", old).json["articles"] == 0
    assert cli("check", "--index", old).code == 0
    assert cli("rebuild-index", "--stored", "--index", old).code == 2
    assert cli("add", "old.jsonl", "--index", old).code == 0
    assert cli("query", "--json", "a1", "--index", old).ids == ["a1"]


# Blocks


def test_a_block_holds_through_rollback_rebuild_and_add(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "old.jsonl", plain("a1", "a2", url="https://bao.example/tin"))
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0
    said = cli("delete", "a1", "--block", "theo yêu cầu", "--index", old)
    assert said.code == 0
    assert "Blocked a1" in said.out

    def assert_down() -> None:
        assert "a1" not in cli("export", "--index", old).ids
        assert "a1" not in cli("query", "--json", "a1 bản tin", "--index", old).ids
        assert cli("show", "a1", "--index", old).code == 1

    assert_down()
    said = cli("add", "old.jsonl", "--index", old)
    assert said.code == 0
    assert "blocked" in said.out
    assert_down()
    # The same address under another id stays down too.
    write(tmp_path / "khac.jsonl", plain("b1", url="http://www.bao.example/tin/?utm_source=x"))
    cli("add", "khac.jsonl", "--index", old)
    assert cli("show", "b1", "--index", old).code == 1
    for arguments in (["rollback"], ["rollback"], ["rebuild-index", "old.jsonl", "khac.jsonl", "rest.jsonl"], ["rebuild-index"], ["rebuild-index", "--stored"]):
        write(tmp_path / "rest.jsonl", plain("r1"))
        assert cli(*arguments, "--index", old).code == 0
        assert_down()
    said = cli("unblock", "a1", "--index", old)
    assert said.code == 0
    assert cli("rebuild-index", "old.jsonl", "--index", old).code == 0
    assert "a1" in cli("export", "--index", old).ids


def test_a_blocked_article_is_told_from_an_unknown_one(cli: Cli, old: Path) -> None:
    assert cli("delete", "a1", "chua-toi", "--block", "nhầm", "--index", old).code == 0
    assert "taken down" in cli("show", "a1", "--index", old).err
    assert "taken down" in cli("show", "chua-toi", "--index", old).err
    assert "No article answers" in cli("show", "khong-co", "--index", old).err
    assert cli("stats", "--json", "--index", old).json["blocked"] == 2


def test_an_address_blocks_and_unblocks(cli: Cli, old: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", plain("x1", url="https://bao.example/x1.html", aliases=["ten-cu"]))
    assert cli("add", "n.jsonl", "--index", old).code == 0
    for block, unblock in (("http://www.bao.example/x1.html", "ten-cu"), ("ten-cu", "https://bao.example/x1.html"), ("x1", "x1")):
        assert cli("delete", block, "--block", "nhầm", "--index", old).code == 0
        assert cli("show", "https://bao.example/x1.html", "--index", old).code == 1
        said = cli("unblock", unblock, "--index", old)
        assert said.code == 0
        assert f"Unblocked {unblock}" in said.out
        assert cli("show", "ten-cu", "--index", old).code == 0


def test_an_address_may_be_blocked_before_its_article_comes(cli: Cli, old: Path, tmp_path: Path) -> None:
    said = cli("delete", "https://bao.example/x1.html", "--block", "nhầm", "--index", old)
    assert said.code == 0
    assert "not in the index now" in said.out
    cli("add", write(tmp_path / "n.jsonl", plain("x1", url="http://bao.example/x1.html?fbclid=1")), "--index", old)
    assert cli("show", "x1", "--index", old).code == 1


def test_unblock_shows_again_what_is_still_stored(cli: Cli, old: Path) -> None:
    assert cli("delete", "a1", "--block", "nhầm", "--index", old).code == 0
    assert cli("unblock", "a1", "--index", old).code == 0
    assert cli("query", "--json", "a1", "--index", old).ids == ["a1"]
    said = cli("unblock", "a1", "--index", old)
    assert said.code == 1
    assert "was not blocked" in said.err


# Teasers


STUB = {"id": "stub", "kind": "teaser", "title": "Nông dân Đắk Lắk được mùa cà phê", "lead": "Lời dẫn của bài sẽ tới."}
FULL = {"id": "full", "title": "Nông dân Đắk Lắk được mùa cà phê", "lead": "Lời dẫn của bài.", "body": "Thân bài đầy đủ ở đây."}
OTHER_TITLE = {**FULL, "title": "Một tít khác hẳn cho bài này", "url": "https://www.bao.example/ca-phe.html"}
STUB_WITH_URL = {**STUB, "url": "http://bao.example/ca-phe.html?utm_source=trang-chu"}
PAIRS = [pytest.param(STUB, FULL, id="by title"), pytest.param(STUB_WITH_URL, OTHER_TITLE, id="by address")]


def assert_gave_way(cli: Cli, index: Path) -> None:
    exported = {article["id"]: article for article in cli("export", "--index", index).lines}
    assert "stub" not in exported
    assert exported["full"]["aliases"] == ["stub"]
    assert exported["full"]["body"] == "Thân bài đầy đủ ở đây."
    assert cli("show", "stub", "--json", "--index", index).json["id"] == "full"


@pytest.mark.parametrize(("stub", "full"), PAIRS)
@pytest.mark.parametrize("stub_first", [True, False], ids=["stub first", "article first"])
@pytest.mark.parametrize("way", ["one rebuild", "one large rebuild", "add", "two adds"])
def test_a_stub_gives_way_to_its_article(
    cli: Cli,
    index: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stub: dict[str, str],
    full: dict[str, str],
    stub_first: bool,
    way: str,
) -> None:
    first, second = (stub, full) if stub_first else (full, stub)
    write(tmp_path / "1.jsonl", [first])
    write(tmp_path / "2.jsonl", [second])
    write(tmp_path / "0.jsonl", plain("a1"))
    if way == "one large rebuild":
        # Articles of a large run are written before all stubs are known.
        monkeypatch.setattr("newssearch.indexing.pipeline._HELD_ARTICLES", 0)
    if way.endswith("rebuild"):
        runs = [["rebuild-index", "0.jsonl", "1.jsonl", "2.jsonl"]]
    elif way == "add":
        runs = [["rebuild-index", "0.jsonl", "1.jsonl"], ["add", "2.jsonl"]]
    else:
        runs = [["rebuild-index", "0.jsonl"], ["add", "1.jsonl"], ["add", "2.jsonl"]]
    for arguments in runs:
        assert cli(*arguments, "--index", index).code == 0
    assert_gave_way(cli, index)
    # The alias lives on in whatever is made of the index.
    assert cli("rebuild-index", "--stored", "--index", index).code == 0
    assert_gave_way(cli, index)
    assert cli("check", "--index", index).code == 0


def test_the_id_of_a_stub_outlives_a_rebuild_of_its_article(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", [FULL])
    write(tmp_path / "2.jsonl", [STUB])
    for arguments in (["rebuild-index", "1.jsonl"], ["add", "2.jsonl"], ["rebuild-index"], ["rebuild-index"]):
        assert cli(*arguments, "--index", index).code == 0
    assert_gave_way(cli, index)


def test_a_short_title_is_no_proof(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [{"id": "stub", "kind": "teaser", "title": "Tin trong ngày"}, {"id": "full", "title": "Tin trong ngày", "body": "Thân bài."}])
    assert cli("rebuild-index", "n.jsonl", "--index", index).code == 0
    assert cli("export", "--index", index).ids == ["full", "stub"]


def test_a_stub_is_known_by_its_kind_and_counted(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "n.jsonl", [STUB, *plain("a1")])
    assert "1 of them known by their teaser only" in cli("rebuild-index", "n.jsonl", "--index", index).out
    assert cli("query", "--json", "kind:teaser", "--index", index).ids == ["stub"]
    assert cli("query", "--json", "cà phê", "--kind", "article", "--index", index).code == 1
    assert "chỉ có lời dẫn" in cli("query", "cà phê", "--index", index).out


def test_a_teaser_never_makes_its_page_match(cli: Cli, index: Path, tmp_path: Path) -> None:
    page = "\n\n".join(
        [
            "Bài chính về đường sá",
            "Con đường mới nối hai buôn đã xong sau một năm thi công, người dân đi lại dễ hơn trước.",
            "Theo trưởng buôn, mùa mưa năm nay xe máy không còn sa lầy.",
            "Nguồn: https://bao.example/duong-sa.html",
            "Tin nổi bật",
            "Thương lái gom hết sầu riêng đầu vụ\nLời dẫn của tin này nằm ở đây, dài hơn một chút.",
        ]
    )
    (tmp_path / "trang.txt").write_text(page, "utf-8")
    assert cli("rebuild-index", "trang.txt", "--index", index).code == 0
    said = cli("query", "--json", "sầu riêng", "--index", index)
    assert {hit["title"] for hit in said.json["hits"]} == {"Thương lái gom hết sầu riêng đầu vụ"}


def test_the_stub_of_a_blocked_article_is_no_error(cli: Cli, index: Path, tmp_path: Path) -> None:
    write(tmp_path / "1.jsonl", [FULL, *plain("a1")])
    write(tmp_path / "2.jsonl", [STUB])
    assert cli("rebuild-index", "1.jsonl", "--index", index).code == 0
    assert cli("delete", "full", "--block", "nhầm", "--index", index).code == 0
    assert cli("add", "2.jsonl", "--index", index).code == 0
    assert cli("add", "1.jsonl", "--index", index).code == 0
    assert cli("rebuild-index", "1.jsonl", "2.jsonl", "--index", index).code == 0
    assert cli("show", "full", "--index", index).code == 1
    assert "Thân bài" not in cli("export", "--index", index).out
