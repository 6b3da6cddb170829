"""How `query` reads its words and options, and the forms in which it answers."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from newssearch.cli.app import run
from newssearch.formats import CSV_COLUMNS

from .conftest import Cli, command, write

ARTICLES = [
    {
        "id": "ninh",
        "title": "An ninh buôn làng",
        "body": "Dân quân giữ an ninh mùa lễ hội.",
        "source": "Báo Đắk Nông",
        "url": "https://baodaknong.vn/an-ninh-1.html",
        "section": "Thời sự",
        "author": "Văn Anh",
        "published": "2026-10-01T00:00:00+07:00",
    },
    {"id": "fulro", "title": "An ninh thời trước", "body": "Chuyện về Fulro ngày ấy.", "section": "Hồ sơ", "published": "2026-10-31T23:59:59+07:00"},
    {"id": "mot", "title": "An ninh mạng", "body": "Ngã ba, nga; giá -5 độ. Dấu \"phẩy\", xuống\ndòng.", "section": "Công nghệ", "published": "2026-11-01T00:00:00+07:00"},
    {"id": "khong-ngay", "title": "An ninh lương thực", "body": "Kho thóc đầy.", "author": "Lê Bình"},
    {"id": "teaser", "kind": "teaser", "title": "An ninh trật tự đêm hội", "lead": "Lời dẫn."},
]


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the articles above."""
    folder = tmp_path_factory.mktemp("forms")
    assert run(["rebuild-index", str(write(folder / "n.jsonl", ARTICLES)), "--index", str(folder / "index")]) == 0
    return folder / "index"


@pytest.fixture
def ask(cli: Cli, news: Path) -> Cli:
    """`query` over that index."""
    return lambda *arguments, **more: cli("query", "--index", news, *arguments, **more)


# Words and options


def test_a_word_with_a_dash_is_not(ask: Cli) -> None:
    assert "fulro" in ask("--json", "an", "ninh").ids
    for arguments in (["an", "ninh", "-Fulro"], ["-Fulro", "an", "ninh"], ["an ninh -Fulro"], ["an", "-Fulro", "ninh", "--limit", "5"]):
        found = ask("--json", *arguments).ids
        assert "ninh" in found
        assert "fulro" not in found


def test_what_looks_like_a_short_option_is_a_word(ask: Cli) -> None:
    said = ask("--json", "an", "ninh", "-l", "-5", "-h", "-index")
    assert said.code in (0, 1)
    assert said.json["query"] == "an ninh -l -5 -h -index"


def test_an_unknown_long_option_is_an_error(ask: Cli) -> None:
    for option in ("--Fulro", "--limits", "--lim", "--fuzzy=1"):
        said = ask("an", option)
        assert said.code == 2
        assert option.split("=")[0] in said.err
        assert said.out == ""


def test_after_two_dashes_all_is_question(ask: Cli) -> None:
    said = ask("--json", "--", "an", "--limit", "-x", "--")
    assert said.json["query"] == "an --limit -x --"
    assert ask("--json", "an", "ninh", "--", "-Fulro").json["query"] == "an ninh -Fulro"
    assert "fulro" not in ask("--json", "an", "ninh", "--", "-Fulro").ids


def test_a_value_with_a_dash_belongs_to_its_option(ask: Cli) -> None:
    assert ask("--json", "an ninh", "--section", "-x").json["total"] == 0
    assert ask("--json", "an ninh", "--section=Hồ sơ").ids == ["fulro"]
    assert ask("an ninh", "--limit", "-1").code == 2


def test_words_are_one_question_however_quoted(ask: Cli) -> None:
    assert ask("--json", "an", "ninh", "mạng").json["query"] == "an ninh mạng"
    assert ask("--json", '"an ninh mạng"').ids == ["mot"]


@pytest.mark.parametrize("place", ["before", "after", "group"])
def test_options_may_stand_anywhere(cli: Cli, news: Path, place: str) -> None:
    words, options = ["an", "ninh"], ["--json", "--limit", "1"]
    if place == "group":
        said = cli("--index", news, "query", *words, *options)
    else:
        said = cli("query", *(options + words if place == "before" else words + options), "--index", news)
    assert len(said.json["hits"]) == 1


def test_found_is_0_and_not_found_is_1(ask: Cli) -> None:
    assert ask("an ninh").code == 0
    assert ask("an ninh", "--page", "9999").code == 0
    for form in ("text", "json", "jsonl", "csv", "trec"):
        assert ask("zzzqqq", "--format", form).code == 1
    assert ask("an ninh", "--section", "Không có").code == 1


def test_page_9999_is_empty_and_names_the_last_page(ask: Cli) -> None:
    said = ask("an ninh", "--page", "9999", "--limit", "2")
    assert said.code == 0
    assert "--page 3" in said.out
    assert ask("--json", "an ninh", "--page", "9999").json["hits"] == []


def test_pages_and_limits_cut_one_list(ask: Cli) -> None:
    whole = ask("--json", "an ninh").ids
    assert len(whole) == 5
    assert [id for page in "123" for id in ask("--json", "an ninh", "--limit", "2", "--page", page).ids] == whole


def test_ranks_go_on_over_pages(ask: Cli) -> None:
    shown = ask("an ninh", "--limit", "2", "--page", "2").out
    assert "  3. " in shown
    assert "  1. " not in shown
    last = ask("an ninh", "--limit", "2", "--page", "3").out
    assert "  5. " in last


def test_sort_by_date_puts_the_undated_last(ask: Cli) -> None:
    newest = ask("--json", "an ninh", "--sort", "newest")
    assert newest.ids[:3] == ["mot", "fulro", "ninh"]
    assert ask("--json", "an ninh", "--sort", "oldest").ids[:3] == ["ninh", "fulro", "mot"]
    assert all(hit["score"] is None for hit in newest.json["hits"])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--from", "2026-10-01", "--to", "2026-10-31"], {"ninh", "fulro"}),
        (["--from", "1/10/2026", "--to", "31/10/2026"], {"ninh", "fulro"}),
        (["--from", "2026-10", "--to", "2026-10"], {"ninh", "fulro"}),
        (["--from", "10/2026", "--to", "2026-11-01"], {"ninh", "fulro", "mot"}),
        (["--from", "2026-10-02"], {"fulro", "mot"}),
        (["--to", "2026-10-01"], {"ninh"}),
        (["--from", "2026"], {"ninh", "fulro", "mot"}),
        (["--to", "2025"], set()),
    ],
)
def test_days_are_inclusive_in_the_zone_of_the_news(ask: Cli, options: list[str], expected: set[str]) -> None:
    said = ask("--json", "an ninh", *options)
    assert set(said.ids) == expected
    assert said.code == (0 if expected else 1)


def test_days_the_wrong_way_round_are_noticed(ask: Cli) -> None:
    said = ask("--json", "an ninh", "--from", "2026-11-01", "--to", "2026-10-01")
    assert said.code == 1
    assert "empty-date-range" in [notice["code"] for notice in said.json["notices"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--source", "Báo Đắk Nông"], {"ninh"}),
        (["--source", "baodaknong.vn"], {"ninh"}),
        (["--section", "Hồ sơ", "--section", "Công nghệ"], {"fulro", "mot"}),
        (["--author", "Lê Bình"], {"khong-ngay"}),
        (["--kind", "teaser"], {"teaser"}),
        (["--section", "Hồ sơ", "--kind", "teaser"], set()),
    ],
)
def test_filters_of_one_field_are_alternatives(ask: Cli, options: list[str], expected: set[str]) -> None:
    assert set(ask("--json", "an ninh", *options).ids) == expected


def test_match_and_exact_reach_the_engine(ask: Cli) -> None:
    assert ask("--json", "an ninh thóc zzzqqq", "--match", "all").json["total"] == 0
    assert ask("--json", "thóc zzzqqq", "--match", "any").ids == ["khong-ngay"]
    assert ask("--json", "nga").json["notices"]
    assert ask("--json", "nga", "--exact").json["notices"] == []


# Forms


def test_json_is_the_contract(ask: Cli) -> None:
    page = ask("--json", "an ninh").json
    assert list(page) == ["query", "total", "articles", "near", "took_ms", "page", "pages", "hits", "facets", "histogram", "undated", "notices", "suggestion"]
    assert list(page["hits"][0]) == [
        *("id", "title", "title_segments", "snippet_segments", "url", "source", "section", "author", "published"),
        *("score", "near", "missing", "duplicate_count", "duplicates"),
    ]
    assert list(page["facets"]) == ["source", "section", "author", "kind"]
    assert (page["total"], page["articles"], page["near"], page["page"], page["pages"], page["undated"]) == (5, 5, 0, 1, 1, 2)
    assert {"value": "article", "count": 4} in page["facets"]["kind"]
    assert sum(bar["count"] for bar in page["histogram"]) == 3
    assert all(list(bar) == ["from", "to", "count"] for bar in page["histogram"])
    hit = next(hit for hit in page["hits"] if hit["id"] == "ninh")
    assert hit["published"] == "2026-10-01T00:00:00+07:00"
    assert "".join(segment["text"] for segment in hit["title_segments"]) == "An ninh buôn làng"
    assert hit["near"] is False


def test_every_way_to_ask_for_json_is_the_same(ask: Cli) -> None:
    pages = [{**ask(*options, "an ninh").json, "took_ms": 0} for options in (["--json"], ["--format", "json"], ["--format", "csv", "--json"])]
    assert pages[0] == pages[1] == pages[2]


def test_jsonl_is_one_hit_a_line(ask: Cli) -> None:
    hits = ask("--jsonl", "an ninh")
    assert hits.code == 0
    assert hits.lines == ask("--json", "an ninh").json["hits"]
    assert ask("--jsonl", "zzzqqq").out == ""


def test_csv_has_a_header_and_quotes(ask: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(ask("--csv", "an ninh").out)))
    assert list(rows[0]) == list(CSV_COLUMNS)
    assert [row["id"] for row in rows] == ask("--json", "an ninh").ids
    phrase = next(csv.DictReader(io.StringIO(ask("--csv", 'dấu "phẩy"').out)))
    assert '"phẩy", xuống dòng' in phrase["snippet"]
    assert ask("--csv", "zzzqqq").out.strip() == ",".join(CSV_COLUMNS)


def test_trec_is_a_run(ask: Cli) -> None:
    said = ask("an ninh", "--format", "trec")
    rows = [line.split() for line in said.out.splitlines()]
    assert [row[2] for row in rows] == ask("--json", "an ninh").ids
    assert [row[3] for row in rows] == ["1", "2", "3", "4", "5"]
    assert all(row[0] == "1" and row[1] == "Q0" and row[5] == "newssearch" and len(row) == 6 for row in rows)
    scores = [float(row[4]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    later = ask("an ninh", "--format", "trec", "--limit", "2", "--page", "2").out
    assert [line.split()[3] for line in later.splitlines()] == ["3", "4"]


def test_machine_forms_keep_standard_output_clean(ask: Cli) -> None:
    for form in ("json", "jsonl", "csv", "trec"):
        said = ask("nga", "--format", form, "--color", "always")
        assert said.code == 0
        assert "\x1b" not in said.out


def test_notices_go_to_standard_error(ask: Cli) -> None:
    said = ask("nga")
    assert said.err.strip()
    assert said.err.strip() not in said.out


# Batches


def batch(ask: Cli, content: str | bytes, *options: str) -> tuple[int, list[list[str]], str]:
    file = Path("topics.tsv")
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    said = ask("--batch", file, "--format", "trec", *options)
    return said.code, [line.split() for line in said.out.splitlines()], said.err


def test_a_batch_writes_a_run_and_is_0_whatever_was_found(ask: Cli) -> None:
    code, rows, _ = batch(ask, "q1\tan ninh\nq2\tzzzqqq\n\nq-3\tkho thóc\r\n", "--limit", "3")
    assert code == 0
    assert list(dict.fromkeys(row[0] for row in rows)) == ["q1", "q-3"]
    assert rows[0][:2] + rows[0][3:4] == ["q1", "Q0", "1"]
    assert len([row for row in rows if row[0] == "q1"]) == 3
    assert batch(ask, "q\tzzzqqq\nr\t\ns\t?!\n")[:2] == (0, [])
    assert batch(ask, "")[:2] == (0, [])


def test_lines_of_a_batch_are_plain_words(ask: Cli) -> None:
    code, rows, _ = batch(ask, 'q\tan ninh -Fulro section:x OR "ninh an" (mạng\n', "--limit", "10")
    assert code == 0
    assert "fulro" in [row[2] for row in rows]


def test_a_batch_reads_marks_tabs_and_bad_bytes(ask: Cli) -> None:
    code, rows, _ = batch(ask, b"\xef\xbb\xbfq1\tan ninh\tmang\nq2\tan \xff ninh\n")
    assert code == 0
    assert {row[0] for row in rows} == {"q1", "q2"}


@pytest.mark.parametrize("content", ["q1 an ninh\n", "\tan ninh\n", "q 1\tan ninh\n", "q1\tan\nkhong tab\n"])
def test_a_line_without_tab_is_named(ask: Cli, content: str) -> None:
    code, _, err = batch(ask, content)
    assert code == 2
    assert f"line {content.count(chr(10))}" in err


def test_a_batch_is_asked_with_options_alone(ask: Cli) -> None:
    Path("topics.tsv").write_text("q\tan ninh\n")
    assert ask("--batch", "topics.tsv").code == 2
    assert ask("thêm", "từ", "--batch", "topics.tsv", "--format", "trec").code == 2


def test_a_batch_may_come_from_standard_input(ask: Cli) -> None:
    said = ask("--batch", "-", "--format", "trec", stdin=b"q\tan ninh\n")
    assert said.code == 0
    assert said.out.startswith("q Q0 ")


# Colours


def test_a_pipe_gets_no_colour_unless_asked(ask: Cli) -> None:
    assert "\x1b" not in ask("an ninh").out
    assert "\x1b" not in ask("an ninh", "--color", "never").out
    coloured = ask("an ninh", "--color", "always").out
    assert "\x1b[1;33mAn\x1b[0m" in coloured or "\x1b[1;33mAn ninh\x1b[0m" in coloured


def test_no_color_gives_way_to_always(ask: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" in ask("an ninh", "--color", "always").out


def terminal(*arguments: str | Path, **env: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "TERM": "xterm", **env}):
        os.close(theirs)
        written = b""
        # Linux says EIO when the last writer is gone.
        with suppress(OSError):
            while chunk := os.read(ours, 65536):
                written += chunk
    os.close(ours)
    return written.decode()


@pytest.mark.parametrize(
    ("options", "env", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_a_terminal_gets_colour_unless_told_not_to(news: Path, options: list[str], env: dict[str, str], coloured: bool) -> None:
    written = terminal("query", "an ninh", *options, "--index", news, **env)
    assert "An ninh" in re.sub(r"\x1b\[[0-9;]*m", "", written)
    assert ("\x1b[1;33m" in written) == coloured


def test_progress_is_shown_on_a_terminal_alone(cli: Cli, tmp_path: Path) -> None:
    file = write(tmp_path / "n.jsonl", ARTICLES)
    assert "Indexing" in terminal("rebuild-index", file, "--index", tmp_path / "index")
    said = cli("rebuild-index", file, "--index", tmp_path / "index")
    assert said.err == ""
    assert "Indexing" not in said.out


def test_json_of_show_is_the_article(cli: Cli, news: Path) -> None:
    assert cli("show", "mot", "--json", "--index", news).json["title"] == "An ninh mạng"
    shown = cli("show", "ninh", "--index", news).out
    for fact in ("An ninh buôn làng", "Báo Đắk Nông", "Thời sự", "Văn Anh", "01/10/2026", "https://baodaknong.vn/an-ninh-1.html", "Dân quân giữ"):
        assert fact in shown
    assert json.loads(cli("export", "--index", news).out.splitlines()[0])["id"] == "ninh"
