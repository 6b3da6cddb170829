"""Some terms found without reading everything: exactly what the scanner finds of them."""

from __future__ import annotations

import gzip
import json
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newssearch.vietnamese.fold import fold
from newssearch.vietnamese.scan import scan_many
from newssearch.vietnamese.scan_classes import KNOWN
from newssearch.vietnamese.scan_spellings import key_of, spellings_of
from newssearch.vietnamese.scan_terms import Joined, find_terms, join

from .test_scan import any_texts, vietnamese_texts

Row = tuple[int, int, int, int, int]
"""term, text, start, end, position"""


def wanted_rows(texts: list[str], plain: list[str], folded: list[str]) -> list[Row]:
    """What a scan of everything finds of the terms."""
    tokens = scan_many(texts)
    numbers = [
        [*(n for n, form in enumerate(plain) if form == term), *(n for n, form in enumerate(folded, len(plain)) if form == fold(term))]
        for term in tokens.terms
    ]
    text = np.arange(len(texts)).repeat(np.diff(tokens.bounds)).tolist()
    columns = (tokens.start.tolist(), tokens.end.tolist(), tokens.position.tolist())
    return sorted((n, *row) for term, *row in zip(tokens.term.tolist(), text, *columns, strict=True) for n in numbers[term])


def in_its_text(joined: Joined, row: Sequence[int]) -> Row:
    term, position, start, end = row
    text = bisect_right(joined.begins, start) - 1
    return term, text, start - joined.begins[text], end - joined.begins[text], position


def check(texts: list[str], plain: list[str], folded: list[str]) -> list[Row]:
    expected = wanted_rows(texts, plain, folded)
    joined = join(texts)
    found = find_terms(joined, plain, folded)
    rows = sorted(in_its_text(joined, row) for row in zip(*(column.tolist() for column in found), strict=True))
    assert [row[:4] for row in rows] == [row[:4] for row in expected]
    # Positions need not be those of the scan, but tell as well which rows are adjacent.
    places = sorted((mine[1], mine[4], its[4]) for mine, its in zip(rows, expected, strict=True))
    for (text, mine, its), (next_text, next_mine, next_its) in pairwise(places):
        if text == next_text:
            assert min(next_mine - mine, 2) == min(next_its - its, 2) >= 0
    return expected


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[str], list[str], list[str]]:
    """Texts, and terms that are mostly theirs."""
    texts = draw(st.lists(any_texts, max_size=4))
    terms = [*scan_many([*texts, "Hoà 22h30 5.000đ putin"]).terms, "xyz", ""]
    some = st.lists(st.sampled_from(terms), max_size=4, unique=True)
    return texts, draw(some), list(dict.fromkeys(map(fold, draw(some))))


@settings(max_examples=300, deadline=None)
@given(searches())
@example((["1.000 1,5 35.000.000", "2.5km F-35A"], ["1000", "35000000", "2.5km", "35", "f35a"], []))
@example((["\u0301"], [], ["hoa"]))
@example((["TU\u0300 (từ)), tu\u0300", "từ_Từ.từ"], ["từ"], ["tu"]))
def test_finds_what_the_scanner_finds(search: tuple[list[str], list[str], list[str]]) -> None:
    check(*search)


@settings(max_examples=50, deadline=None)
@given(st.lists(vietnamese_texts, min_size=1, max_size=3))
def test_finds_every_term_of_a_text(texts: list[str]) -> None:
    terms = scan_many(texts).terms
    for form in ("NFC", "NFD"):
        check([unicodedata.normalize(form, text) for text in texts], terms, list(dict.fromkeys(map(fold, terms))))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("hòa", "HOÀ"),
        ("khỏe", "khoẻ"),
        ("putin", "Pu-tin"),
        ("hòa", "ho-à"),
        ("hoàbình", "Hoà-bình"),
        ("n'jang", "N’Jang"),
        ("njang", "N’Jang"),
        ("07:05", "7h05"),
        ("07:05", "7:05:10"),
        ("1/8", "01-08-2014"),
        ("2014-08-01", "1.8.2014"),
        ("2014", "1/8/2014"),
        ("1234567.8", "1.234.567,8"),
        ("5000", "5.000đ"),
        ("huế", "http://a.vn/Hu%E1%BA%BF"),
        ("tòa", "Toà.Soạn@Bao.com.vn"),
        ("washingtonpost", "Washingtonpost."),
        ("москва", "МОСКВА"),
        ("k", "\u212a"),
    ],
)
def test_every_way_to_write_a_term_is_found(term: str, text: str) -> None:
    for folded in ([], [fold(term)]):
        found = check([f"trước {text} sau", text, f"({text})."], [term], folded)
        assert len(found) >= 3 * (1 + len(folded))


def test_letters_that_are_alike_are_told_apart() -> None:
    assert len(check(["bò bo bơ BỜ phở"], ["bò"], [])) == 1
    assert len(check(["bò bo bơ BỜ phở"], [], ["bo"])) == 4


def test_letters_with_a_code_have_accent_free_forms_with_one() -> None:
    assert all(len(fold(letter)) == 1 and fold(letter) in KNOWN for letter in KNOWN if letter.isalpha())


def test_runs_that_a_term_may_be_written_with() -> None:
    bình, hòa, f35 = (spellings_of(term, folded=False) for term in ("bình", "hòa", "f35"))
    assert (len(bình.whole), len(hòa.whole), len(f35.whole)) == (1, 2, 1)
    assert {key_of("f"), key_of("f3"), key_of("f35")} <= f35.parts.keys()
    assert spellings_of("07:05", folded=False).whole == spellings_of("07:05", folded=True).whole


def test_finds_what_the_scanner_finds_in_real_news(shared: Path) -> None:
    texts: list[str] = []
    with gzip.open(shared / "corpus" / "news-1.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 60):
            article = json.loads(line)
            texts += [article.get(part) or "" for part in ("title", "summary", "body")]
    terms = scan_many(texts).terms
    for begin in range(0, len(terms), 200):
        plain = terms[begin : begin + 200]
        check(texts, plain, [])
        check(texts[:60], plain[::40], list(dict.fromkeys(map(fold, plain[::7]))))
