"""Trees as text: those that a parser made, and those that were rewritten since."""

from __future__ import annotations

from datetime import date

import pytest

from newssearch.query.nodes import Alternatives, DateRange, Filter, Group, InField, Or, Phrase, Proximity, Word
from newssearch.query.parse import parse
from newssearch.query.render import render

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("TP.HCM  -Fulro lũ", "TP HCM lũ -Fulro"),
        ("“sầu riêng” cháy", 'cháy "sầu riêng"'),
        ("lũ HOẶC hạn", "lũ OR hạn"),
        ("(a b|c) d", "d (a b OR c)"),
        ("a (b d -c)", "a (b d -c)"),
        ("a OR (b -c)", "a OR (b -c)"),
        ("site:https://bao.vn/ section:'x'", "source:bao.vn section:\"'x'\""),
        ("date:hôm nay", 'date:"hôm nay"'),
        ('«a "b" c»', '«a "b" c»'),
        ("-(a NEAR/3 b)", "-(a NEAR/3 b)"),
        ('"OR" NEAR/3 b', '"OR" NEAR/3 b'),
    ],
)
def test_what_a_question_looks_like_when_typed_again(text: str, typed: str) -> None:
    assert render(parse(text, today=TODAY).root) == typed


def test_a_tree_without_surfaces_is_typed_by_what_it_stands_for() -> None:
    root = Group(
        (Word("lũ"), Alternatives(((Word("kỹ"), 1.0), (Word("kĩ"), 0.8)))),
        (
            Phrase((Word("hạn"), Word("hán"))),
            DateRange(date(2026, 10, 1), date(2026, 10, 31)),
            DateRange(None, TODAY),
            Filter("source", "Báo A"),
            InField("title", Proximity((Word("a"), Word("b")), 3)),
        ),
    )
    assert render(root) == 'lũ kỹ "hạn hán" date:2026-10-01..2026-10-31 before:2026-11-24 source:"Báo A" title:"a b"~3'
    assert parse(render(root), today=TODAY).root.required[1] == DateRange(
        date(2026, 10, 1), date(2026, 10, 31), "2026-10-01..2026-10-31"
    )


def test_words_made_verbatim_are_typed_so() -> None:
    nga = Word("nga", "Nga", verbatim=True)
    ngo = Word("ngố", "ngố", verbatim=True)
    root = Group(
        (nga,),
        (Phrase((nga, ngo), "Nga ngố"), Or((Group((ngo,)), Group((nga,)))), Proximity((nga, ngo), 2, "near")),
        (ngo,),
    )
    assert render(root) == '=Nga ="Nga ngố" (=ngố OR =Nga) =Nga NEAR/2 =ngố -=ngố'
    assert parse(render(root), today=TODAY).root == root
