"""Any string becomes a tree, and every tree can be typed again."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newssearch.query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Proximity
from newssearch.query.parse import MAX_CHARACTERS, MAX_NODES, parse, parse_plain
from newssearch.query.render import render

TODAY = date(2026, 11, 24)

WORDS = st.sampled_from(
    [
        "lũ",
        "lụt",
        "hoà",
        "hòa",
        "Nga",
        "NGA",
        "Pu-tin",
        "Mát-xcơ-va",
        "COVID-19",
        "N’Jang",
        "N'Trang",
        "TP.HCM",
        "1/8/2014",
        "01-08-2014",
        "5.000",
        "2,2",
        "22h30",
        "08/2014",
        "2018-2024",
        "baodaknong.vn",
        "https://vi.wikipedia.org/wiki/A_(B)",
        "a@b.vn",
        "và",
        "hoặc",
        "or",
        "near",
        "OR,",
        "AND/OR",
        "(VÀ)",
        "5%",
        "đ",
        "a'b'",
        "x_y",
        "--",
        "–",
        "—",
        "&",
        "…",
        "8/8",
        "22:30",
        "http://a|b)",
        "title:x*",
        "U.S.",
        "3D",
        "l’an",
        "k*",
        "*k",
        "a*b",
        "*",
        "**",
        "=",
        "==",
        "=x",
        "-x",
        "--x",
        "~5",
        "abc:def",
        "@",
        "#",
        "\u200b",
        "é",
        "ẽ́",
        "中文",
        "ไทย",
        "🙂",
    ]
)
LETTERS = st.text(alphabet="aàbđĐ -–=*\"“”«»()|:/.,~'’_&0123459\u0301\x00hOR", max_size=12)
PHRASES = st.builds(
    lambda words, slop: f'"{" ".join(words)}"{slop}',
    st.lists(WORDS, max_size=4),
    st.sampled_from(["", "", "~3", "~0", "~999", "~"]),
)
FIELDS = st.sampled_from(
    [
        "title:",
        "intitle:",
        "lead:",
        "caption:",
        "source:",
        "site:",
        "section:",
        "author:",
        "kind:",
        "after:",
        "before:",
        "date:",
        "atleast3:",
        "atleast0:",
        "Title:",
        "abc:",
        "-",
        "=",
        "-=",
        "-title:",
        "title:=",
        "NOT",
        "",
    ]
)
DATES = st.sampled_from(
    [
        "date:hôm nay",
        'date:"7 ngày"',
        "after:2026-10",
        "before:8/8/2026",
        "date:2026-10..2026-11",
        "date:2026..",
        "date:..2026",
        "date:32/13/2026",
        "after:tháng trước",
    ]
)
OPERATORS = st.sampled_from(
    [
        "OR",
        "|",
        "HOẶC",
        "AND",
        "VÀ",
        "&&",
        "NOT",
        "KHÔNG",
        "NEAR/5",
        "BEFORE/2",
        "TRƯỚC/0",
        "GẦN/999",
        "(",
        ")",
        "-(",
        '"',
        "«",
        "»",
        "“",
    ]
)


SIGNS = st.sampled_from(["", "-", "title:", "source:", "-lead:", "NOT "])
JOINTS = st.sampled_from(["NEAR/4", "BEFORE/7", "OR", "AND", "|"])
LEAVES = st.one_of(WORDS, WORDS, PHRASES, DATES, LETTERS)


@st.composite
def questions(draw: st.DrawFn, depth: int = 3) -> str:
    """Text that looks like a question, right and wrong."""
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 6)) if depth else 0
        if kind < 3:
            parts.append(draw(LEAVES))
        elif kind == 3:
            parts.append(draw(OPERATORS))
        elif kind == 4:
            parts.append(f"{draw(SIGNS)}({draw(questions(depth - 1))})")
        elif kind == 5:
            parts.append(draw(FIELDS) + draw(LEAVES))
        else:
            parts += [draw(LEAVES), draw(JOINTS), draw(LEAVES)]
    return " ".join(parts)


QUESTIONS = questions()


def again(text: str) -> None:
    root = parse(text, today=TODAY).root
    typed = render(root)
    assert parse(typed, today=TODAY).root == root, typed
    assert render(parse(typed, today=TODAY).root) == typed


@settings(max_examples=600, deadline=None)
@given(QUESTIONS)
def test_a_question_can_be_typed_again_from_its_tree(text: str) -> None:
    again(text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=60), LETTERS))
@example("\ud800")
@example('-"')
@example("source:«a»")
def test_any_text_becomes_a_tree_that_can_be_typed_again(text: str) -> None:
    again(text)


@settings(max_examples=100, deadline=None)
@given(QUESTIONS, st.sampled_from(["vi", "en"]))
def test_notices_are_sentences_with_searches_that_can_be_read(text: str, lang: str) -> None:
    for notice in parse(text, today=TODAY, lang=lang).notices:
        assert notice.message
        assert "{" not in notice.message
        if notice.query is not None:
            assert parse(notice.query, today=TODAY).root != Group()


@settings(max_examples=100, deadline=None)
@given(st.one_of(QUESTIONS, st.text(max_size=60)))
def test_a_plain_question_has_only_words(text: str) -> None:
    root = parse_plain(text).root
    assert not root.required
    assert not root.excluded


LONG = {
    "letters": "a" * 6000,
    "words": " ".join(f"từ{n}" for n in range(1500)),
    "bars": "|".join(f"a{n}" for n in range(1500)),
    "letters with bars": "|".join("abcdefghij" * 250),
    "opening": "(" * 5000,
    "closing": ")" * 5000,
    "nested": "(a " * 300 + "b" + ")" * 300,
    "nested negations": "-(a " * 300,
    "nested fields": "title:(a -(" * 300 + "x NEAR/3 y",
    "nested sides": "(a OR " * 80 + "b AND c" + ") AND d" * 80,
    "fields": "title:" * 900,
    "negations": "NOT " * 1200 + "a",
    "quotes": '"' * 4999,
    "stars": "*" * 5000,
    "dashes": "-" * 5000,
    "hyphens": "-".join("ab" for _ in range(1700)),
    "dots": "a." * 2500,
    "near": " NEAR/5 ".join(f"a{n}" for n in range(400)),
    "filters": " ".join(f"site:a{n}" for n in range(600)),
    "digits": "9" * 5000,
    "slop": '"a b"~' + "9" * 4900,
    "count": "atleast" + "9" * 4900 + ":a",
    "distance": "a NEAR/" + "9" * 4900 + " b",
    "combining": "e" + "\u0301" * 4900,
    "phrase": '"' + " ".join(f"a{n}" for n in range(1200)) + '"',
    "NUL": "\x00" * 5000,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_a_long_question_is_read_within_bounds_and_can_be_typed_again(text: str) -> None:
    again(text)
    root = parse(text, today=TODAY).root
    assert size(root) <= MAX_NODES
    assert len(render(root)) <= MAX_CHARACTERS


def size(node: Node) -> int:
    """The leaves of a tree."""
    match node:
        case Group():
            return sum(map(size, (*node.words, *node.required, *node.excluded)))
        case Or() | And():
            return sum(map(size, node.sides))
        case Phrase():
            return sum(map(size, node.words))
        case Alternatives():
            return sum(size(member) for member, _ in node.members)
        case Proximity():
            return sum(map(size, node.operands))
        case InField():
            return size(node.node)
        case AtLeast():
            return size(node.word)
        case _:
            return 1
