"""Snippets and marks: exact letters, whole tokens, passages that are the stored text."""

from __future__ import annotations

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.models import Article, Segment
from newssearch.query.nodes import Alternatives, Group, InField, Phrase, Prefix, Proximity, Word
from newssearch.query.parse import parse
from newssearch.search.snippets import LENGTH, mark_articles
from newssearch.vietnamese.fold import fold


def article(**values: object) -> Article:
    return Article(id="a", **values)  # type: ignore[arg-type]


def marked(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in segments if segment.match]


def passages(segments: tuple[Segment, ...]) -> list[str]:
    found = [""]
    for segment in segments:
        if segment.gap:
            found.append("")
        else:
            found[-1] += segment.text
    return found


def test_marks_stand_on_the_letters_that_matched() -> None:
    texts = mark_articles([article(title="Bò và bơ", body="Con BÒ ăn cỏ.")], Group((Word("bò"),)))[0]
    assert marked(texts.title) == ["Bò"]
    assert marked(texts.snippet) == ["BÒ"]


def test_folded_word_marks_every_spelling() -> None:
    texts = mark_articles([article(body="Đà Nẵng, da nang, đá nặng.")], Group((Word("da", folded=True), Word("nang", folded=True))))[0]
    assert marked(texts.snippet) == ["Đà", "Nẵng", "da", "nang", "đá", "nặng"]


def test_decomposed_text_is_marked_whole() -> None:
    body = unicodedata.normalize("NFD", "Ngày hoà bình.")
    texts = mark_articles([article(body=body)], Group((Word("hòa"),)))[0]
    assert marked(texts.snippet) == [unicodedata.normalize("NFD", "hoà")]


def test_phrase_is_one_mark_and_only_where_it_stands() -> None:
    phrase = Phrase((Word("châu"), Word("âu")))
    texts = mark_articles([article(body="Bà Âu họ Châu sang Châu Âu.")], Group(required=(phrase,)))[0]
    assert marked(texts.snippet) == ["Châu Âu"]


def test_joined_form_marks_the_whole_run() -> None:
    node = Alternatives(((Phrase((Word("pu"), Word("tin"))), 1.0), (Word("putin"), 1.0)))
    assert marked(mark_articles([article(body="Ông Pu-tin nói.")], Group((node,)))[0].snippet) == ["Pu-tin"]


def test_field_binds_marks_to_its_part() -> None:
    texts = mark_articles([article(title="Giá vàng", body="Giá vàng tăng.")], Group(required=(InField("title", Group((Word("vàng"),))),)))[0]
    assert marked(texts.title) == ["vàng"]
    assert marked(texts.snippet) == []


def test_excluded_words_are_not_marked() -> None:
    root = parse("an -ninh").root
    assert marked(mark_articles([article(body="an ninh")], root)[0].snippet) == ["an"]


def test_proximity_marks_only_what_stands_near() -> None:
    node = Proximity((Word("cháy"), Word("rừng")), 3)
    texts = mark_articles([article(body="Cháy lan vào rừng. Một tuần sau lại có cháy ở phố bên kia sông lớn.")], Group(required=(node,)))[0]
    assert marked(texts.snippet) == ["Cháy", "rừng"]


def test_prefix_marks_the_whole_token() -> None:
    assert marked(mark_articles([article(body="Phòng cháy, phong trào")], Group(required=(Prefix("phòng"),)))[0].snippet) == ["Phòng"]


def test_hit_by_title_alone_shows_the_lead_else_the_body() -> None:
    root = Group((Word("vàng"),))
    assert passages(mark_articles([article(title="Vàng", lead="Lời dẫn.", body="Thân bài.")], root)[0].snippet) == ["Lời dẫn."]
    assert passages(mark_articles([article(title="Vàng", body="Thân bài.")], root)[0].snippet) == ["Thân bài."]


def test_snippet_prefers_the_rare_word() -> None:
    body = "Người dân ra đồng. " * 40 + "Riêng ở Krông Nô thì người dân chờ mưa. " + "Người dân về nhà. " * 40
    root = parse("người krông").root
    assert "Krông" in marked(mark_articles([article(body=body)], root, {0: 0.1, 1: 5.0})[0].snippet)


def test_two_passages_where_one_cannot_hold_all_words() -> None:
    body = "Sầu riêng được giá. " + "Chuyện khác dài dòng kể mãi. " * 40 + "Kho lạnh mở cửa đón hàng."
    texts = mark_articles([article(body=body)], parse("sầu riêng kho lạnh").root)[0]
    assert len(passages(texts.snippet)) == 2
    assert [m.lower() for m in marked(texts.snippet)] == ["sầu", "riêng", "kho", "lạnh"]


WORDS = st.sampled_from(["bò", "bơ", "Hoà", "hòa", "bình", "Pu-tin", "1/8/2014", "N’Jang", "TP.HCM", "a", ".", "…", "\n\n", "“", "22h30", "https://a.vn/b-c", "x" * 300])
TEXTS = st.one_of(st.lists(WORDS, max_size=120).map(" ".join), st.text(max_size=300))


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.lists(TEXTS, max_size=2), st.lists(WORDS, min_size=1, max_size=5))
def test_segments_give_the_text_back(title: str, lead: str, body: str, captions: list[str], words: list[str]) -> None:
    one = article(title=title, lead=lead, body=body, captions=tuple(captions))
    root = parse(" ".join(words)).root
    texts = mark_articles([one], root, whole=True)[0]
    assert "".join(s.text for s in texts.title) == title
    stored = (title, lead, body, *captions)
    assert ["".join(s.text for s in part) for part in texts.prose] == list(stored)
    for passage in passages(texts.snippet):
        assert any(passage in text for text in stored[1:]) or not passage
    assert sum(map(len, passages(texts.snippet))) <= 2 * LENGTH + max((len(m) for m in marked(texts.snippet)), default=0)
    assert all(segment.text for part in texts.prose for segment in part)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["bò", "bơ", "bỏ", "bo", "Bò", "BỜ", "phở"]), max_size=60))
def test_folded_marks_are_all_and_only_the_folded_matches(words: list[str]) -> None:
    texts = mark_articles([article(body=" ".join(words))], Group((Word("bo", folded=True),)), whole=True)[0]
    assert marked(texts.prose[2]) == [word for word in words if fold(word) == "bo"]
