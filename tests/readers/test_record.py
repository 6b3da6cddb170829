"""Records to articles: names of fields, what is kept, what is rejected, and the way back from an export."""

import json
import math
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.formats import article_to_json
from newssearch.models import Article
from newssearch.readers.record import NAMES, NoArticle, article_of

from .reading import article, documents


@pytest.mark.parametrize(("field", "name"), [(field, name) for field in ("title", "lead", "body", "source", "section", "author", "url", "image") for name in NAMES[field]])
def test_every_name_of_a_text_field(field: str, name: str) -> None:
    value = "https://bao.example/tin" if field in ("url", "image") else "Chuyện bến nước"
    record = {"id": "a", "tieu_de": "Tin", name.upper(): value} if field != "title" else {"id": "a", name.upper(): value}
    read = article_of(record)
    assert getattr(read, field) == value
    assert read.extras == {}


def test_first_name_that_says_something_wins_and_the_rest_is_kept() -> None:
    read = article_of({"title": "", "headline": "Tít", "summary": "Sapo", "description": "Mô tả", "views": 12, "Nested": {"a": [1, None]}})
    assert (read.title, read.lead) == ("Tít", "Sapo")
    assert read.extras == {"description": "Mô tả", "views": 12, "Nested": {"a": [1, None]}}


def test_lists_and_objects() -> None:
    read = article_of(
        {
            "name": "Tin",
            "content": ["Đoạn một.", {"text": "Đoạn hai."}, {"type": "image"}],
            "captions": [{"caption": "Chú thích"}, "Hai"],
            "publisher": {"@type": "Organization", "name": "Báo Lá Xanh"},
            "authors": [{"name": "Lê An"}, "Trần Bình"],
            "category": ["Đời sống", "Nông nghiệp"],
            "thumbnail": {"@type": "ImageObject", "name": "anh", "url": "https://bao.example/a.jpg"},
            "aliases": ["cu-1", "cu-1", "cu-2"],
        }
    )
    assert read.body == "Đoạn một.\n\nĐoạn hai."
    assert read.captions == ("Chú thích", "Hai")
    assert (read.source, read.author, read.section) == ("Báo Lá Xanh", "Lê An, Trần Bình", "Đời sống")
    assert read.extras == {"sections": ["Đời sống", "Nông nghiệp"]}
    assert (read.image, read.aliases) == ("https://bao.example/a.jpg", ("cu-1", "cu-2"))


def test_own_id_is_kept_and_another_follows_from_address_or_text() -> None:
    assert article_of({"_id": "Bài-7/x", "title": "T"}).id == "Bài-7/x"
    assert article_of({"id": 42, "title": "T"}).id == "42"
    assert article_of({"id": 0, "title": "T"}).id == "0"
    assert article_of({"_id": {"$oid": "65f0aa"}, "title": "T"}).id == "65f0aa"
    first = article_of({"id": None, "url": "https://www.bao.example/tin/?utm_source=x", "title": "T"}).id
    assert first.startswith("u")
    assert article_of({"link": "http://bao.example/tin", "title": "Khác"}).id == first
    assert article_of({"title": "T", "text": "a  b"}).id == article_of({"headline": "T", "body": "a b"}).id


@pytest.mark.parametrize("id", ["có dấu cách", "x" * 201, "a\x07b", "a\u200bb", " ", True, 1.5, ["a"], {"a": 1}])
def test_impossible_ids_are_rejected(id: object) -> None:
    with pytest.raises(NoArticle, match="Its id"):
        article_of({"id": id, "title": "T"})


@pytest.mark.parametrize("record", [{}, {"title": " "}, {"url": "https://bao.example/tin", "captions": ["x"]}, {"body": [], "title": None}])
def test_neither_title_lead_nor_body(record: dict[str, object]) -> None:
    with pytest.raises(NoArticle, match="neither title, lead nor body"):
        article_of(record)


def test_impossible_date_is_kept_as_it_was() -> None:
    read = article_of({"title": "T", "published": "32/13/2026"})
    assert read.published is None
    assert read.extras == {"published": "32/13/2026"}


def test_date_that_can_be_read_is_taken_before_one_that_cannot() -> None:
    read = article_of({"title": "T", "published": "hôm qua", "pubDate": {"$date": "2026-08-08T01:30:00Z"}, "created_at": 5})
    assert read.published == datetime.fromisoformat("2026-08-08T08:30+07:00")
    assert read.extras == {"published": "hôm qua", "created_at": 5}


def test_html_in_a_field_is_reduced_to_text() -> None:
    read = article_of({"title": "Gi&aacute; c&agrave; ph&ecirc; &amp; ti&ecirc;u", "content": "<p>Một <b>hai</b>.</p><script>x()</script><p>Ba&nbsp;bốn.<br>Năm.</p>"})
    assert read.title == "Giá cà phê & tiêu"
    assert read.body == "Một hai.\n\nBa bốn.\n\nNăm."


def test_text_that_only_resembles_html_stays() -> None:
    text = "Sở TN&MT; a < b và c > d; <Chưa rõ>"
    assert article_of({"body": text}).body == text


def test_paragraphs_are_parted_by_a_blank_line() -> None:
    assert article_of({"body": "Một.\nHai. \r\n Ba."}).body == "Một.\n\nHai.\n\nBa."
    assert article_of({"body": "Một.\n \n\n\nHai,\nxuống dòng."}).body == "Một.\n\nHai,\nxuống dòng."


def test_text_is_clean_and_composed() -> None:
    read = article_of({"title": "Bu\u00f4n Ma Thuo\u0302\u0323t\u200b \ud800", "x": "a\x00\ud800"})
    assert read.title == "Buôn Ma Thuột \ufffd"
    assert read.extras == {"x": "a\ufffd"}


def test_extras_are_what_json_can_hold() -> None:
    read = article('{"title": "T", "a": NaN, "b": 1e999, "c": [Infinity, {"d": "\\ud800"}]}', "t.json")
    assert read.extras == {"a": "NaN", "b": "1e999", "c": ["Infinity", {"d": "\ufffd"}]}
    assert article_of({"title": "T", "a": math.nan}).extras == {"a": "nan"}
    json.dumps(dict(read.extras), allow_nan=False).encode()


def test_deeply_nested_fields_are_rejected_alone() -> None:
    deep: object = "x"
    for _ in range(200):
        deep = [deep]
    with pytest.raises(NoArticle, match="nested deeper"):
        article_of({"title": "T", "deep": deep})


TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs", "S"]), max_size=40) | st.sampled_from(["", "<p>thẻ</p> &amp; ~", "Đoạn một.\nĐoạn hai.", "Ä‘á»“ng", "  hai  cách  "])
ID = st.from_regex(r"[A-Za-zĐđ0-9:/._-]{1,60}", fullmatch=True)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT, lambda part: st.lists(part, max_size=3) | st.dictionaries(TEXT, part, max_size=3), max_leaves=6)
PUBLISHED = st.none() | st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))))
RECORDS = st.fixed_dictionaries(
    {"title": TEXT.filter(lambda text: text.strip()), "body": st.one_of(TEXT, st.lists(TEXT, max_size=3))},
    optional={
        "id": ID, "kind": TEXT, "lead": TEXT, "captions": st.lists(TEXT, max_size=3), "source": TEXT, "section": TEXT, "author": TEXT, "url": TEXT | st.just("https://www.bao.example/a?b=1"),
        "aliases": st.lists(ID, max_size=2), "published": PUBLISHED.map(str) | TEXT, "image": TEXT, "extras": JSON, "Thẻ": JSON, "description": TEXT,
    },
)  # fmt: skip


@given(RECORDS)
def test_what_is_exported_is_read_back_as_it_was(record: dict[str, object]) -> None:
    try:
        first = article_of(record)
    except NoArticle:
        return
    line = json.dumps(article_to_json(first), ensure_ascii=False)
    assert article(line.encode("utf-8"), "export.jsonl") == first


def test_exported_fields_stand_in_their_order() -> None:
    whole = Article(
        id="a1", kind="teaser", title="Thẻ <p> trong HTML", lead="Một.\nHai.", body="Ä‘á»“ng &amp; <b>đậm</b>\n\nx", captions=("c, d", "e"), source="Báo", section="A, B", author="Lê An",
        url="https://bao.example/x", aliases=("b", "c"), published=datetime.fromisoformat("2026-08-08T08:30:01.5+07:00"), image="https://bao.example/x.jpg", extras={"extras": 1, "title": "khác"},
    )  # fmt: skip
    exported = article_to_json(whole)
    assert list(exported) == ["id", "kind", "title", "lead", "body", "captions", "source", "section", "author", "url", "aliases", "published", "image", "extras"]
    assert exported["published"] == "2026-08-08T08:30:01.500000+07:00"
    assert [document.article for document in documents(json.dumps(exported) + "\n" + json.dumps(exported), "export")] == [whole, whole]


prose = st.lists(st.sampled_from(["Một đoạn tin. ", "x" * 90, "á»", "Ä‘á»“ng ", "Â", "»", "<b>", "<p>", "&amp;", "&", "\u00a0", "\u200b", "e\u0301", "\n", "\n\n", " \n\t", "\r\n", "\ud800", "😀", "\x0b", "한"]), max_size=12).map("".join)


@given(prose)
def test_long_text_is_read_as_short_text_is(text: str) -> None:
    """What is looked for in one pass over a long text is what is looked for step by step in a short one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newssearch.readers.record._LONG", 0)
        quick = article_of({"title": "T", "body": text, "lead": text})
        patch.setattr("newssearch.readers.record._LONG", 10**9)
        assert article_of({"title": "T", "body": text, "lead": text}) == quick
