"""Marks and passages by arrays against the plain way, for every kind of node."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.models import Article
from newssearch.query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from newssearch.query.parse import parse
from newssearch.search.snippets import mark_articles
from newssearch.vietnamese.scan import scan

from .reference_marks import marked

PIECES = [
    *("Hoà", "hòa", "BÌNH", "bình", "bò", "Bơ", "bo", "đã", "Da", "thuỵ", "của", "cua", "N’Jang", "Pu-tin", "putin", "COVID-19", "TP.HCM", "(ảnh"),
    *("1/8/2014", "2014", "5.000đ", "22h30", "22:30", "1,5", "2018-2024,", "https://a.vn/hoà-bình", "toà@b.vn", "a" * 130, "и", "😀", "İ"),
    *(".", "…", ".”", "!\n", "\n\n", ",", "–", "Người dân ra đồng. ", "kể mãi chuyện khác dài dòng thêm nữa cho đủ. "),
]
TERMS = [*scan(" ".join(PIECES)).terms, "và"]
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=150).map(" ".join), st.text(max_size=60), st.just(""))
articles = st.builds(
    Article, id=st.just("a"), title=texts, lead=texts, body=texts, captions=st.lists(texts, max_size=2).map(tuple)
)
words = st.builds(Word, st.sampled_from(TERMS), folded=st.booleans())
phrases = st.builds(Phrase, st.lists(st.one_of(words, st.builds(Alternatives, st.tuples(st.tuples(words, st.just(0.8)), st.tuples(words, st.just(1.0))))), max_size=3).map(tuple))
alternatives = st.builds(Alternatives, st.lists(st.tuples(st.one_of(words, phrases), st.just(1.0)), max_size=3).map(tuple))
real_phrases = st.builds(lambda text, at, length: Phrase(tuple(Word(term) for term in scan(text).terms[at : at + length])), texts, st.integers(0, 5), st.integers(1, 3))
simple = st.one_of(words, words, alternatives, phrases, real_phrases)
rare = st.one_of(
    st.builds(Prefix, st.sampled_from(["b", "h", "ho", "20", "hò", "x"]), folded=st.booleans()),
    st.builds(Proximity, st.lists(st.one_of(words, phrases), min_size=2, max_size=2).map(tuple), st.integers(1, 5), st.sampled_from(["within", "near", "before"])),
)


def groups(clauses: st.SearchStrategy[Node]) -> st.SearchStrategy[Group]:
    some = st.lists(clauses, max_size=3).map(tuple)
    return st.builds(Group, st.lists(st.one_of(words, alternatives), max_size=6).map(tuple), some, some)


def clauses(leaf: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    inner = st.one_of(leaf, groups(leaf))
    sides = st.lists(groups(leaf), max_size=2).map(tuple)
    return st.one_of(
        leaf,
        st.builds(InField, st.sampled_from(["title", "lead", "caption"]), inner),
        st.builds(AtLeast, words, st.integers(1, 3)),
        st.builds(Or, sides),
        st.builds(And, sides),
    )


weights = st.dictionaries(st.integers(0, 8), st.sampled_from([0.0, 0.25, 1.0, 1.7, 3.1, 6.3]), max_size=8)


def check(of: Sequence[Article], root: Group, weighs: Mapping[int, float]) -> None:
    for whole in (False, True):
        assert mark_articles(of, root, weighs, whole=whole) == marked(of, root, weighs, whole=whole)


@settings(max_examples=150, deadline=None)
@given(st.lists(articles, max_size=4), groups(clauses(simple)), weights)
def test_marks_are_those_of_the_plain_way(of: list[Article], root: Group, weighs: dict[int, float]) -> None:
    check(of, root, weighs)


@settings(max_examples=75, deadline=None)
@given(st.lists(articles, max_size=3), groups(clauses(st.one_of(simple, rare))), weights)
def test_prefixes_and_distances_are_marked_as_the_plain_way_does(of: list[Article], root: Group, weighs: dict[int, float]) -> None:
    check(of, root, weighs)


@settings(max_examples=50, deadline=None)
@given(articles, groups(clauses(simple)))
def test_decomposed_articles_are_marked_alike(one: Article, root: Group) -> None:
    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    check([Article(id="a", title=nfd(one.title), lead=nfd(one.lead), body=nfd(one.body))], root, {})


@pytest.mark.parametrize("question", ['"người dân"', "người OR dân -ra", "title:(giá vàng) nước", '"hà nội"~8', "ph*", "tỉnh thành phố 2017 1/8 kỹ", "nguoi dan"])
def test_real_news_is_marked_as_the_plain_way_does(shared: Path, question: str) -> None:
    with gzip.open(shared / "corpus" / "news-1.jsonl.gz", "rt", encoding="utf-8") as lines:
        stored = [json.loads(line) for line in islice(lines, 20)]
    of = [Article(id="a", title=a["title"], lead=a.get("summary") or "", body=a.get("body") or "") for a in stored]
    check(of, parse(question).root, {0: 0.5, 1: 2.5})
    for article in of:
        check(of, parse(article.title).root, {unit: 1.0 + unit % 5 for unit in range(20)})
