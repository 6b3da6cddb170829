"""A segment in memory, made of plain token lists or of `Analysed`: what the executor's tests read from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product, starmap

import numpy as np
from numpy.typing import NDArray

from newssearch.engines.embedded.source import UNDATED
from newssearch.engines.embedded.term_by_term import TermByTerm
from newssearch.fields import GAP, Analysed, url_key
from newssearch.identity import host_of
from newssearch.models import Article
from newssearch.vietnamese.fold import fold

Postings = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int32]]
_NONE = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Document:
    """An article as tokens; a position may hold several, "pu/putin"."""

    id: str
    title: Sequence[str] = ()
    lead: Sequence[str] = ()
    body: Sequence[str] = ()
    captions: Sequence[Sequence[str]] = ()
    compounds: Sequence[str] = ()
    source: str = ""
    host: str = ""
    section: str = ""
    author: str = ""
    kind: str = "article"
    url: str = ""
    published: datetime | None = None
    deleted: bool = False

    def tokens(self) -> list[tuple[str, int]]:
        """(term, position) over the whole text."""
        found = []
        start = 0
        for part in (self.title, self.lead, self.body, *self.captions):
            found += [(term, start + i) for i, token in enumerate(part) for term in token.split("/")]
            start += len(part) + GAP
        return found

    def parts(self) -> tuple[int, int, int]:
        """Where lead, body and captions begin."""
        lead = len(self.title) + GAP
        body = lead + len(self.lead) + GAP
        return lead, body, body + len(self.body) + GAP

    def title_tokens(self) -> list[tuple[str, int]]:
        """(term, position) in the title."""
        return [(term, i) for i, token in enumerate(self.title) for term in token.split("/")]


Columns = dict[str, tuple[NDArray[np.int32], list[str]]]


@dataclass
class MemorySource(TermByTerm):
    """A `SegmentSource`: fields[name][term] are docs, freqs, bounds, positions."""

    documents: int
    deleted: NDArray[np.bool_] | None
    fields: Mapping[str, Mapping[str, Postings]]
    field_lengths: Mapping[str, NDArray[np.int32]]
    bounds: NDArray[np.int32]
    dates: NDArray[np.int64]
    columns: Columns
    names: list[str]
    keys: Mapping[str, list[int]]
    stored: Sequence[Article] = ()
    folds: dict[str, list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.folds = {}
        for term in self.fields["text"]:
            self.folds.setdefault(fold(term), []).append(term)

    def document_frequency(self, field: str, term: str) -> int:
        return len(self.postings(field, term)[0])

    def postings(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        docs, freqs, _, _ = self.fields[field].get(term, (_NONE, _NONE, _NONE, _NONE))
        return docs, freqs

    def positions(self, field: str, term: str, docs: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        assert field in ("text", "title")
        of_term, freqs, bounds, positions = self.fields[field][term]
        places = np.searchsorted(of_term, docs)
        assert (of_term[places] == docs).all()
        counts = freqs[places].astype(np.int64)
        wanted = np.concatenate(([0], np.cumsum(counts)))
        if len(docs) == len(of_term):
            return bounds, positions
        return wanted, positions[np.arange(wanted[-1]) + np.repeat(bounds[places] - wanted[:-1], counts)]

    def prefixed(self, field: str, prefix: str) -> list[str]:
        return sorted((t for t in self.fields[field] if t.startswith(prefix)), key=str.encode)

    def spellings(self, folded: str) -> list[str]:
        return self.folds.get(folded, [])

    def lengths(self, field: str) -> NDArray[np.int32]:
        return self.field_lengths[field]

    def parts(self) -> NDArray[np.int32]:
        return self.bounds

    def published(self) -> NDArray[np.int64]:
        return self.dates

    def column(self, name: str) -> tuple[NDArray[np.int32], list[str]]:
        return self.columns[name]

    def ids(self) -> list[str]:
        return self.names

    def id(self, document: int) -> str:
        return self.names[document]

    def article(self, document: int) -> Article:
        return self.stored[document] if self.stored else Article(id=self.names[document])

    def articles(self, documents: Sequence[int]) -> list[Article]:
        return list(map(self.article, documents))

    def origin(self, document: int) -> str:
        return "-"

    def documents_of_key(self, key: str) -> NDArray[np.int32]:
        return np.array(self.keys.get(key, []), np.int32)

    def close(self) -> None:
        pass


class PairedSource(MemorySource):
    """A segment that knows its pairs and reads all the terms of a prefix at once, as one on disk does."""

    def prefix_postings(self, field: str, prefix: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        sums: Counter[int] = Counter()
        for term in self.prefixed(field, prefix):
            docs, freqs = self.postings(field, term)
            sums.update(dict(zip(docs.tolist(), freqs.tolist(), strict=True)))
        docs = sorted(sums)
        return np.array(docs, np.int32), np.array([sums[d] for d in docs], np.int32)

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        return np.array([sum(starmap(self._pair, product(*pair))) for pair in pairs], np.int64)

    def _pair(self, first: str, second: str) -> int:
        following = set(self._places(second))
        documents = {d for d, at in self._places(first) if (d, at + 1) in following}
        return len(documents) if len(documents) > 1 else 0

    def _places(self, term: str) -> list[tuple[int, int]]:
        docs, freqs, _, positions = self.fields["text"].get(term, (_NONE, _NONE, _NONE, _NONE))
        return list(zip(np.repeat(docs, freqs).tolist(), positions.tolist(), strict=True))


def invert(
    terms: Sequence[str], term: NDArray[np.int32], document: NDArray[np.int32], position: NDArray[np.int32]
) -> dict[str, Postings]:
    """The postings of a field's rows, which are sorted by (document, position)."""
    order = np.argsort(term, kind="stable")
    cuts = np.searchsorted(term[order], np.arange(len(terms) + 1))
    postings: dict[str, Postings] = {}
    for number, name in enumerate(terms):
        rows = order[cuts[number] : cuts[number + 1]]
        docs, starts, freqs = np.unique(document[rows], return_index=True, return_counts=True)
        bounds = np.append(starts, len(rows)).astype(np.int64)
        if len(docs):
            postings[name] = docs.astype(np.int32), freqs.astype(np.int32), bounds, position[rows].astype(np.int32)
    return postings


def _rows(documents: Iterable[Iterable[tuple[str, int]]]) -> dict[str, Postings]:
    numbers: dict[str, int] = {}
    rows = [
        (numbers.setdefault(term, len(numbers)), document, position)
        for document, tokens in enumerate(documents)
        for term, position in tokens
    ]
    table = np.array(rows, np.int32).reshape(-1, 3)
    return invert(list(numbers), table[:, 0], table[:, 1], table[:, 2])


def _column(values: Sequence[str]) -> tuple[NDArray[np.int32], list[str]]:
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(value, len(numbers)) for value in values]
    return np.array(codes, np.int32), list(numbers)


def from_documents(documents: Sequence[Document], *, pairs: bool = True) -> MemorySource:
    """A segment of articles given as tokens, with or without its own count of pairs."""
    tokens = {
        "text": [document.tokens() for document in documents],
        "folded": [[(fold(term), at) for term, at in document.tokens()] for document in documents],
        "word": [[(term, at) for at, term in enumerate(document.compounds)] for document in documents],
        "title": [document.title_tokens() for document in documents],
    }
    keys: dict[str, list[int]] = {}
    for number, document in enumerate(documents):
        if document.url and (key := url_key(document.url)):
            keys.setdefault(key, []).append(number)
    deleted = np.array([document.deleted for document in documents], np.bool_)
    return (PairedSource if pairs else MemorySource)(
        documents=len(documents),
        deleted=deleted if deleted.any() else None,
        fields={name: _rows(of_documents) for name, of_documents in tokens.items()},
        field_lengths={
            name: np.array([len(t) for t in of_documents], np.int32) for name, of_documents in tokens.items()
        },
        bounds=np.array([document.parts() for document in documents], np.int32).reshape(-1, 3),
        dates=np.array([UNDATED if d.published is None else int(d.published.timestamp()) for d in documents], np.int64),
        columns={
            name: _column([getattr(document, name) for document in documents])
            for name in ("source", "host", "section", "author", "kind")
        },
        names=[document.id for document in documents],
        keys=keys,
    )


def from_analysed(analysed: Analysed) -> MemorySource:
    """A segment of a whole batch."""
    articles = analysed.articles
    keys: dict[str, list[int]] = {}
    for number, of_article in enumerate(analysed.keys):
        for key in of_article:
            keys.setdefault(key, []).append(number)
    columns = {name: _column([getattr(a, name) for a in articles]) for name in ("source", "section", "author", "kind")}
    columns["host"] = _column([host_of(article.url) for article in articles])
    return MemorySource(
        documents=len(articles),
        deleted=None,
        fields={n: invert(f.terms, f.term, f.document, f.position) for n, f in analysed.fields.items()},
        field_lengths={
            n: np.bincount(f.document, minlength=len(articles)).astype(np.int32) for n, f in analysed.fields.items()
        },
        bounds=analysed.parts,
        dates=np.array([UNDATED if a.published is None else int(a.published.timestamp()) for a in articles], np.int64),
        columns=columns,
        names=[article.id for article in articles],
        keys=keys,
        stored=articles,
    )
