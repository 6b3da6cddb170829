"""Documents as plain Python, the same as `Analysed`, and the slow, obvious inversion that a segment is held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import strategies as st

from newssearch.engines.embedded.source import UNDATED
from newssearch.fields import INDEXED_FIELDS, Analysed, FieldTokens
from newssearch.identity import host_of
from newssearch.models import Article
from newssearch.vietnamese.fold import fold

WORDS = ("của", "cửa", "cua", "bò", "bơ", "bo", "đà", "da", "nẵng", "the", "z", "\U0001f600", "\ud800", "n'jang")
Rows = list[tuple[str, int]]


@dataclass(frozen=True)
class Document:
    """An article and the (term, position) rows of its fields, by position."""

    article: Article
    text: Rows
    title: Rows = field(default_factory=list)
    word: Rows = field(default_factory=list)
    parts: tuple[int, int, int] = (0, 0, 0)
    keys: tuple[str, ...] = ()
    origin: str = "-"

    def rows(self, name: str) -> Rows:
        """The rows of a field."""
        if name == "folded":
            return [(fold(term), position) for term, position in self.text]
        rows: Rows = getattr(self, name)
        return rows


def analysed(documents: Sequence[Document]) -> Analysed:
    """The documents as the engine takes them."""
    fields = {}
    for name in INDEXED_FIELDS:
        terms: dict[str, int] = {}
        table = [
            (terms.setdefault(term, len(terms)), number, position)
            for number, document in enumerate(documents)
            for term, position in document.rows(name)
        ]
        rows = np.array(table, np.int32).reshape(-1, 3)
        fields[name] = FieldTokens(list(terms), rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())
    return Analysed(
        articles=[document.article for document in documents],
        origins=[document.origin for document in documents],
        fields=fields,
        parts=np.array([document.parts for document in documents], np.int32).reshape(-1, 3),
        keys=[document.keys for document in documents],
    )


class Oracle:
    """A segment as dictionaries of lists."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.documents = documents
        self.postings: dict[tuple[str, str], dict[int, list[int]]] = {}
        for number, document in enumerate(documents):
            for name in INDEXED_FIELDS:
                for term, position in document.rows(name):
                    self.postings.setdefault((name, term), {}).setdefault(number, []).append(position)

    def terms(self, name: str) -> list[str]:
        """The terms of a field, ascending."""
        return sorted((term for of, term in self.postings if of == name), key=utf8)

    def lengths(self, name: str) -> list[int]:
        """The lengths of a field."""
        return [len(document.rows(name)) for document in self.documents]

    def spellings(self, folded: str) -> list[str]:
        """The terms of `text` with this accent-free form."""
        return [term for term in self.terms("text") if fold(term) == folded]

    def column(self, name: str) -> list[str]:
        """The values of a column."""
        if name == "host":
            return [host_of(document.article.url) for document in self.documents]
        if name == "origin":
            return [document.origin for document in self.documents]
        return [getattr(document.article, name) for document in self.documents]

    def published(self) -> list[int]:
        """The dates in seconds."""
        dates = (document.article.published for document in self.documents)
        return [UNDATED if date is None else int(date.timestamp() // 1) for date in dates]

    def documents_of_key(self, key: str) -> list[int]:
        """The documents with a key."""
        return [number for number, document in enumerate(self.documents) if key in document.keys]

    def pairs(self) -> dict[tuple[str, str], int]:
        """In how many documents the second term follows the first at the next position, where there are two or more."""
        return {pair: len(documents) for pair, documents in self.pair_postings().items() if len(documents) > 1}

    def pair_postings(self) -> dict[tuple[str, str], dict[int, int]]:
        """How often the second term follows the first at the next position, by document."""
        found: dict[tuple[str, str], dict[int, int]] = {}
        for number, document in enumerate(self.documents):
            at: dict[int, list[str]] = {}
            for term, position in document.text:
                at.setdefault(position, []).append(term)
            for position, terms in at.items():
                for first in terms:
                    for second in at.get(position + 1, ()):
                        of_pair = found.setdefault((first, second), {})
                        of_pair[number] = of_pair.get(number, 0) + 1
        return found


def utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _placed(tokens: Iterable[tuple[str, int]]) -> Rows:
    """Rows out of (term, step) pairs: a step of 0 shares the position of the one before."""
    rows: Rows = []
    at = -1
    for term, step in tokens:
        at = max(at + step, 0)
        if (term, at) not in rows[-4:]:
            rows.append((term, at))
    return rows


STEPS = st.sampled_from([1, 1, 1, 1, 1, 1, 0, 2, 130, 300, 1100, 5000])
ROWS = st.lists(st.tuples(st.sampled_from(WORDS), STEPS), max_size=25).map(_placed)
DATES = st.none() | st.integers(-(10**9), 2 * 10**9).map(
    lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s, microseconds=250_000)
)
NAMES = st.sampled_from(["", "báo A", "Báo B", "\ud800"])


@st.composite
def documents(draw: st.DrawFn, ids: st.SearchStrategy[str] | None = None) -> Document:
    """A document with little of everything."""
    id = draw(ids or st.text("abc", min_size=1, max_size=3))
    article = Article(
        id=id,
        title=draw(NAMES),
        body=draw(st.text(max_size=8)),
        captions=tuple(draw(st.lists(NAMES, max_size=2))),
        source=draw(NAMES),
        section=draw(NAMES),
        author=draw(NAMES),
        kind=draw(st.sampled_from(["article", "teaser"])),
        url=draw(st.sampled_from(["", "https://www.bao.vn/a", "http://tin.vn/b?x=1", "ftp://x"])),
        published=draw(DATES),
        extras=draw(st.dictionaries(st.text(max_size=3), st.integers(), max_size=2)),
    )
    return Document(
        article,
        draw(ROWS),
        draw(ROWS),
        draw(ROWS),
        tuple(sorted(draw(st.tuples(*[st.integers(0, 70_000)] * 3)))),  # type: ignore[arg-type]
        tuple(dict.fromkeys([f"id:{id}", *draw(st.lists(st.sampled_from(["url:x", "title:y"]), max_size=2))])),
        draw(st.sampled_from(["-", "/a", "api"])),
    )


def article(id: str) -> Article:
    """An article of no interest."""
    return Article(id=id, title=id, body=f"{id} " * 3)
