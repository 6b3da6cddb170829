"""Generated documents and questions of every node type, over few words so that they meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from newssearch.engines.base import Filters, Question
from newssearch.query.nodes import (
    Address,
    Alternatives,
    And,
    AtLeast,
    DateRange,
    Filter,
    Group,
    InField,
    Or,
    Phrase,
    Prefix,
    Proximity,
    Word,
)

from .memory_source import Document

TERMS = ("bò", "bơ", "bo", "nga", "ngã", "cháy", "rừng", "của", "các", "đá", "da", "2014", "pu/putin", "tin")
TYPED = (*(term for token in TERMS for term in token.split("/")), "vắng", "vang")
DAYS = (0, 1, 30, 61, 62, 400, 3700, 9000)

tokens = st.lists(st.sampled_from(TERMS), max_size=7)
dates = st.none() | st.sampled_from(DAYS).flatmap(
    lambda day: st.sampled_from((16, 17, 18)).map(
        lambda hour: datetime(2014, 8, 1, tzinfo=UTC) + timedelta(days=day, hours=hour)
    )
)
documents = st.builds(
    Document,
    id=st.just(""),
    title=tokens,
    lead=tokens,
    body=tokens
    | st.tuples(tokens, st.sampled_from((40, 70, 130)), tokens).map(lambda of: [*of[0], *["x"] * of[1], *of[2]]),
    captions=st.lists(tokens, max_size=2),
    compounds=st.lists(st.sampled_from(("cháy_rừng", "an_ninh")), max_size=3),
    source=st.sampled_from(("", "Báo Đắk Nông", "báo đắk nông", "VnExpress")),
    host=st.sampled_from(("", "baodaknong.vn", "vnexpress.net")),
    section=st.sampled_from(("", "Thể thao", "Kinh tế", "kinh tế")),
    author=st.sampled_from(("", "Lan", "Minh")),
    kind=st.sampled_from(("article", "teaser")),
    url=st.sampled_from(("", "https://bao.vn/a", "https://bao.vn/b")),
    published=dates,
    deleted=st.sampled_from((False, False, False, True)),
)
words = st.builds(Word, st.sampled_from(TYPED), surface=st.sampled_from(("", "X")), folded=st.booleans())
inner_alternatives = st.lists(st.tuples(words, st.sampled_from((1.0, 0.8, 0.3))), min_size=1, max_size=3).map(
    lambda members: Alternatives(tuple(members))
)
phrases = st.lists(words | inner_alternatives, min_size=1, max_size=3).map(lambda parts: Phrase(tuple(parts)))
alternatives = st.lists(st.tuples(words | phrases, st.sampled_from((1.0, 0.8, 0.3))), min_size=1, max_size=3).map(
    lambda members: Alternatives(tuple(members))
)
plain = words | alternatives
operands = words | alternatives | phrases
proximities = st.builds(
    Proximity, st.lists(operands, min_size=2, max_size=3).map(tuple), st.integers(1, 8), st.just("within")
) | st.builds(Proximity, st.tuples(operands, operands), st.integers(1, 8), st.sampled_from(("near", "before")))
prefixes = st.builds(Prefix, st.sampled_from(("b", "bo", "n", "đ", "c", "vắ", "")), folded=st.booleans())
date_values = st.none() | st.sampled_from(DAYS).map(lambda day: date(2014, 8, 1) + timedelta(day))
columns = st.sampled_from(
    (
        ("source", "baodaknong.vn"),
        ("source", "BÁO ĐẮK NÔNG"),
        ("section", "Kinh Tế"),
        ("author", "lan"),
        ("kind", "teaser"),
        ("kind", ""),
    )
)
leaves = (
    words
    | alternatives
    | phrases
    | proximities
    | st.builds(AtLeast, plain, st.integers(1, 3))
    | prefixes
    | columns.map(lambda one: Filter(*one))
    | st.builds(DateRange, date_values, date_values)
    | st.sampled_from(("https://www.bao.vn/a/", "https://bao.vn/b", "nowhere")).map(Address)
)


def groups(nodes: st.SearchStrategy[object], largest: int) -> st.SearchStrategy[Group]:
    """Groups of plain words and of clauses out of `nodes`."""
    return st.builds(
        Group,
        words=st.lists(plain, max_size=largest).map(tuple),
        required=st.lists(nodes, max_size=2).map(tuple),
        excluded=st.lists(nodes, max_size=1).map(tuple),
    )


def grown(nodes: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """One more storey of a tree."""
    group = groups(nodes, 4)
    sides = st.lists(group, min_size=1, max_size=2).map(tuple)
    fields = st.sampled_from(("title", "lead", "body", "caption"))
    return group | st.builds(Or, sides) | st.builds(And, sides) | st.builds(InField, fields, nodes)


questions = st.builds(
    Question,
    root=groups(st.recursive(leaves, grown, max_leaves=5), 6),
    compounds=st.lists(st.sampled_from(("cháy_rừng", "an_ninh", "vắng_mặt")), max_size=2).map(tuple),
    match=st.sampled_from(("auto", "auto", "auto", "all", "most", "any")),
    sort=st.sampled_from(("relevance", "relevance", "relevance", "newest", "oldest")),
    reach=st.sampled_from((True, True, False)),
    filters=st.builds(
        Filters,
        source=st.sampled_from(((), (), ("VNEXPRESS", "baodaknong.vn"))),
        section=st.sampled_from(((), (), ("kinh tế",))),
        kind=st.sampled_from(((), (), ("article",))),
        date_from=st.none() | date_values,
        date_to=st.none() | date_values,
    ),
    offset=st.sampled_from((0, 0, 0, 2, 50)),
    limit=st.sampled_from((10, 10, 3, 0)),
)
corpora = st.lists(st.lists(documents, max_size=8), max_size=3).map(
    lambda segments: [
        [Document(**{**vars(d), "id": f"{s}-{i}"}) for i, d in enumerate(of_segment)]
        for s, of_segment in enumerate(segments)
    ]
)
