"""The design's acceptance table, row by row, through the command line and through HTTP."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from .conftest import ARTICLES, Ask, get, ids, marks


def hit_of(answer: dict[str, Any], id: str) -> dict[str, Any]:
    return next(hit for hit in answer["hits"] if hit["id"] == id)


def test_bare_query_finds_and_marks_the_accented_name(ask: Ask) -> None:
    answer = ask("buon ma thuot")
    assert answer["hits"][0]["id"] == "bmt"
    assert marks(answer["hits"][0])[:3] == ["Buôn", "Ma", "Thuột"]


def test_accented_query_is_respected(ask: Ask) -> None:
    assert ids(ask("bò")) == {"bo"}
    assert {"bo", "bo-trai", "bo-di"} <= ids(ask("bo"))


def test_bare_d_finds_the_stroked_one(ask: Ask) -> None:
    answer = ask("da nang")
    assert marks(hit_of(answer, "danang"))[:2] == ["Đà", "Nẵng"]


def test_both_tone_placements_and_both_normal_forms_are_one_question(ask: Ask) -> None:
    answers = [ask(unicodedata.normalize(form, words)) for words in ("hoà bình", "hòa bình") for form in ("NFC", "NFD")]
    lists = [[(hit["id"], marks(hit)) for hit in answer["hits"]] for answer in answers]
    assert ids(answers[0]) == {"hoa-cu", "hoa-moi"}
    assert all(found == lists[0] for found in lists)
    assert {tuple(m[:2]) for _, m in lists[0]} == {("hoà", "bình"), ("hòa", "bình")}


@pytest.mark.parametrize("query", ["Putin", "Pu-tin", "putin"])
def test_hyphenated_and_joined_name_find_each_other(ask: Ask, query: str) -> None:
    answer = ask(query)
    assert ids(answer) == {"putin", "pu-tin"}
    assert marks(hit_of(answer, "pu-tin")) == ["Pu-tin"]


def test_phrase_is_exact_in_any_case(ask: Ask) -> None:
    answer = ask('"châu Âu"')
    assert ids(answer) == {"chau-au"}
    assert marks(answer["hits"][0]) == ["Châu Âu"]


@pytest.mark.parametrize("query", ['"1/8/2014"', "1/8/2014", "01-08-2014"])
def test_a_date_is_one_date_however_written(ask: Ask, query: str) -> None:
    answer = ask(query)
    assert ids(answer) == {"ngay-1", "ngay-2"}
    assert marks(hit_of(answer, "ngay-1")) == ["01-08-2014"]


def test_a_year_finds_full_dates_too(ask: Ask) -> None:
    assert ids(ask("2014")) == {"ngay-1", "ngay-2", "so-1"}


def test_excluded_word(ask: Ask) -> None:
    assert ids(ask("an ninh")) >= {"an-ninh", "fulro"}
    assert "fulro" not in ids(ask("an ninh -Fulro"))
    assert "an-ninh" in ids(ask("an ninh -Fulro"))


def test_title_field(ask: Ask) -> None:
    assert ids(ask('title:"sầu riêng"')) == {"sau-rieng"}


@pytest.mark.parametrize("query", ["source:baodaknong.vn", 'source:"Báo Đắk Nông"', "site:baodaknong.vn"])
def test_source_field_by_host_and_by_name(ask: Ask, query: str) -> None:
    assert ids(ask(query)) == {"sau-rieng"}


@pytest.mark.parametrize("operator", ["OR", "HOẶC", "|"])
def test_or_binds_looser_than_side_by_side(ask: Ask, operator: str) -> None:
    assert ids(ask(f"lũ lụt {operator} hạn hán")) == {"lu", "han"}


def test_prefix(ask: Ask) -> None:
    answer = ask("phòng*")
    assert ids(answer) == {"phong-chay", "pu-tin"}


def test_proximity(ask: Ask) -> None:
    assert ids(ask('"cháy rừng"~5')) == {"chay-rung"}
    assert ids(ask('"cháy rừng"~40')) == {"chay-rung", "chay-xa"}


def test_an_address_finds_its_article(ask: Ask) -> None:
    assert ids(ask("https://www.baodaknong.vn/gia-sau-rieng-1.html?utm_source=zalo")) == {"sau-rieng"}


def test_a_long_question_by_date_keeps_to_its_subject(ask: Ask) -> None:
    answer = ask("hộ vay vốn ngân hàng trồng rừng gỗ lớn", sort="newest")
    assert ids(answer) == {"hop-cu"}
    assert answer["near"] == 0
    assert all(hit["score"] is None for hit in answer["hits"])


def test_a_month_ends_with_its_last_second(ask: Ask) -> None:
    answer = ask("kho lạnh", from_="2026-10-01", to="2026-10-31")
    assert ids(answer) == {"thang-10-dau", "thang-10-cuoi"}
    assert ids(ask("kho lạnh date:10/2026")) == {"thang-10-dau", "thang-10-cuoi"}
    assert ids(ask("kho lạnh after:2026-10-31")) == {"thang-10-cuoi", "thang-11"}


ODD = ["*", '"abc', "((((", "a AND", "x" * 5000, "a\x00b", "<script>alert(1)</script>", "-", "OR", '""', "title:", ")(", "~5", "🐃", "\ud800"]


@pytest.mark.parametrize("query", [q for q in ODD if "\x00" not in q and q.isprintable()], ids=lambda q: q[:12])
def test_odd_questions_are_answered(ask: Ask, query: str) -> None:
    answer = ask(query)
    assert answer["total"] >= 0


@pytest.mark.parametrize("query", ODD, ids=lambda q: ascii(q[:12]))
def test_odd_questions_never_break_the_page(address: str, query: str) -> None:
    for path in ("search", "api/v1/search"):
        status, text = get(f"{address}/{path}?q={quote(query.encode('utf-8', 'surrogatepass'))}")
        assert status == 200
        assert "Traceback" not in text
    assert "<script>alert" not in get(f"{address}/search?q={quote('tít bài có thẻ đậm')}")[1]


def test_page_9999_is_empty_with_a_way_back(ask: Ask, address: str) -> None:
    answer = ask("an ninh", page=9999)
    assert answer["hits"] == []
    assert answer["page"] == 9999
    assert answer["total"] > 0
    status, text = get(f"{address}/search?q=an+ninh&page=9999")
    assert status == 200
    assert 'href="/search?q=an+ninh"' in text.replace("&amp;", "&") or "page=1" in text


def test_verbatim_leaves_accented_forms_out(ask: Ask) -> None:
    assert ids(ask("nga")) == {"nga", "nga-ba"}
    assert ask("nga")["hits"][0]["id"] == "nga"
    assert [notice["query"] for notice in ask("nga")["notices"] if notice["code"] == "folded"] == ["=nga"]
    assert ids(ask("=nga")) == {"nga"}
    assert ids(ask("nga", exact=True)) == {"nga"}


def test_bare_words_fold_only_when_nothing_was_found(ask: Ask) -> None:
    answer = ask("dầu nga")
    assert ids(answer) == {"nga-ba"}
    assert "folded-fallback" in {notice["code"] for notice in answer["notices"]}


def test_segments_give_the_stored_text_back(ask: Ask) -> None:
    stored = {article["id"]: article for article in ARTICLES}
    for query in ("bò", "hoà bình", "an ninh", "kho lạnh", "sầu riêng", "thẻ đậm"):
        for hit in ask(query)["hits"]:
            article = stored[hit["id"]]
            assert "".join(s["text"] for s in hit["title_segments"]) == article["title"]
            passages = [[]]
            for segment in hit["snippet_segments"]:
                passages.append([]) if segment.get("gap") else passages[-1].append(segment["text"])
            assert all("".join(passage) in article["body"] for passage in passages)


def test_teaser_of_the_seed_page_is_a_stub_and_never_its_host(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from newssearch.cli.app import run

    index = str(tmp_path / "index")
    assert run(["rebuild-index", str(shared / "pages" / "seed.txt"), "--index", index]) == 0
    capsys.readouterr()
    assert run(["query", "--json", "sầu riêng", "--index", index]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [hit["title"][:26] for hit in answer["hits"]] == ["Một tỉnh ở Tây Nguyên thu "]
    assert {"value": "teaser", "count": 1} in answer["facets"]["kind"]
