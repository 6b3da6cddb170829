"""An article's token arrays beside the plain way to each of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch import fields
from newssearch.fields import GAP, analyse, compounds_of, lookup_keys, part_texts
from newssearch.models import Article
from newssearch.vietnamese.fold import fold
from newssearch.vietnamese.scan import scan

WORDS = [
    *("học", "sinh", "Việt", "Nam", "đại", "học", "Hà", "Nội", "trung", "học", "phổ", "thông", "thủ", "tướng", "chính", "phủ"),
    *("bảo", "vệ", "tổ", "quốc", "tự", "do", "của", "là", "và", ".", ",", "TP.HCM", "1.000", "2/9/1945", "Hoà", "thuý", "a_b@c.vn"),
    *("http://a.vn/x_y", "", "\n", "“", "COVID-19", "e\u0302\u0301"),
]
texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
articles = st.lists(
    st.builds(
        Article,
        id=st.sampled_from(["a1", "b2"]),
        title=texts,
        lead=texts,
        body=texts | st.lists(texts, min_size=10, max_size=30).map(" ".join),
        captions=st.lists(texts, max_size=2).map(tuple),
        url=st.sampled_from(["", "https://www.bao.vn/tin.html?utm_source=x"]),
    ),
    max_size=4,
)


def rows(tokens: fields.FieldTokens, document: int) -> list[tuple[str, int]]:
    chosen = tokens.document == document
    return [(tokens.terms[t], p) for t, p in zip(tokens.term[chosen].tolist(), tokens.position[chosen].tolist(), strict=True)]


@settings(max_examples=60, deadline=None)
@given(articles)
def test_fields_hold_what_the_parts_hold(batch: list[Article]) -> None:
    analysed = analyse(batch, [""] * len(batch))
    for document, article in enumerate(batch):
        expected: list[tuple[str, int]] = []
        words: list[str] = []
        begins = []
        begin = 0
        for part in part_texts(article):
            tokens = scan(part)
            begins.append(begin)
            places = tokens.position.tolist()
            expected += [(tokens.terms[t], begin + p) for t, p in zip(tokens.term.tolist(), places, strict=True)]
            words += compounds_of(part)
            begin += (places[-1] + 1 if places else 0) + GAP
        assert rows(analysed.fields["text"], document) == expected
        assert rows(analysed.fields["folded"], document) == [(fold(term), position) for term, position in expected]
        in_title = len(scan(article.title).term)
        assert rows(analysed.fields["title"], document) == expected[:in_title]
        found = rows(analysed.fields["word"], document)
        assert [term for term, _ in found] == words
        first_syllables = {(position, term) for term, position in expected}
        assert all((position, term.split("_")[0]) in first_syllables for term, position in found if "@" not in term and "/" not in term)
        assert analysed.parts[document].tolist() == [*begins, begin][1:4]
        assert analysed.keys[document] == lookup_keys(article)
    for tokens in analysed.fields.values():
        assert len(set(tokens.terms)) == len(tokens.terms)
