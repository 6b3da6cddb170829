"""Small analysed batches for the tests of the engine: words at white space, no compounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from newssearch.fields import GAP, Analysed, FieldTokens, url_key
from newssearch.models import Article
from newssearch.vietnamese.fold import fold


def article(id: str, title: str = "tin mới", body: str = "", **fields: object) -> Article:
    """An article with a word of its own, so that it can be told from others."""
    return Article(id=id, title=title, body=body or f"nội dung của {id}", **fields)  # type: ignore[arg-type]


def analysed(articles: Sequence[Article], origins: Sequence[str] | None = None) -> Analysed:
    """The articles as the engine takes them; `word` holds each two neighbours joined by "_" that stand in the title."""
    rows: dict[str, list[tuple[str, int, int]]] = {"text": [], "folded": [], "word": [], "title": []}
    parts = np.zeros((len(articles), 3), np.int32)
    keys = []
    for document, one in enumerate(articles):
        at = 0
        for number, text in enumerate((one.title, one.lead, one.body, *one.captions)):
            if 1 <= number <= 3:
                parts[document, number - 1] = at
            words = text.lower().split()
            for offset, word in enumerate(words):
                rows["text"].append((word, document, at + offset))
                rows["folded"].append((fold(word), document, at + offset))
                if number == 0:
                    rows["title"].append((word, document, offset))
                    if offset + 1 < len(words):
                        rows["word"].append((f"{word}_{words[offset + 1]}", document, at + offset))
            at += len(words) + GAP
        if not one.captions:
            parts[document, 2] = at
        urls = [key for address in (one.url, *one.aliases) if (key := url_key(address))]
        keys.append(tuple(dict.fromkeys([f"id:{one.id}", *(f"id:{alias}" for alias in one.aliases), *urls])))
    return Analysed(
        articles=articles,
        origins=list(origins) if origins else ["-"] * len(articles),
        fields={name: _tokens(of_field) for name, of_field in rows.items()},
        parts=parts,
        keys=keys,
    )


def _tokens(rows: Sequence[tuple[str, int, int]]) -> FieldTokens:
    terms: dict[str, int] = {}
    term = np.array([terms.setdefault(word, len(terms)) for word, _, _ in rows], np.int32)
    return FieldTokens(
        list(terms), term, np.array([d for _, d, _ in rows], np.int32), np.array([p for _, _, p in rows], np.int32)
    )


def batches(ids: Iterable[str], size: int = 5) -> Iterable[Analysed]:
    """Batches of plain articles with these ids."""
    articles = [article(id) for id in ids]
    for first in range(0, len(articles), size):
        yield analysed(articles[first : first + size])
