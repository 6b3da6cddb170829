"""Field names, weights, and how an article becomes token arrays: the one place that engines, snippets and evaluation read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .identity import normalize_url
from .models import Article
from .vietnamese.fold import fold
from .vietnamese.scan import scan_many
from .vietnamese.tokens import Tokens

SCHEMA_VERSION = 1

GAP = 128
"""positions between two parts of `text`; bounds on proximity stay below it, so nothing crosses a part"""

PARTS: tuple[str, ...] = ("title", "lead", "body", "caption")
INDEXED_FIELDS: tuple[str, ...] = ("text", "folded", "word", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingParameters:
    """Every weight of the ranking, each with the figure that chose it (MRR@10 on newsbench: topic/related/question)."""

    k1: float = 1.2
    """.9, 1.5 and 1.6 brought nothing"""
    b: float = 0.75
    """.4, .5 and .75 brought nothing else"""
    text: float = 0.75
    """¾ S + W: .925/.749/.679 with pairs, the best of the sums tried"""
    word: float = 1.0
    """S + W .906/.731/.602 against S alone .894/.686/.550"""
    folded: float = 1.0
    """a bare question scores over `folded`: F + ½ FP .893/.723/.650"""
    exact_spelling: float = 0.25
    """a bare question lifts what is written exactly so: "nga" before "ngã" """
    title: float = 0.35
    """+ .35 T .925/.744/.672; known items need it more"""
    other_spelling: float = 0.8
    """`kĩ` for a typed `kỹ`"""


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of one field over a batch, one row a token, sorted by (document, position)."""

    terms: list[str]
    """distinct terms"""
    term: NDArray[np.int32]
    """[rows] index into `terms`"""
    document: NDArray[np.int32]
    """[rows] index into the batch's articles"""
    position: NDArray[np.int32]
    """[rows] position in the field; `folded` and `word` count in the positions of `text`"""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A batch of articles with all that an engine writes of them."""

    articles: Sequence[Article]
    origins: Sequence[str]
    """where each article came from: an absolute path, a feed's address, "-" or "api" """
    fields: dict[str, FieldTokens]
    """each of INDEXED_FIELDS"""
    parts: NDArray[np.int32]
    """[articles, 3] the positions in `text` at which lead, body and captions begin"""
    keys: Sequence[tuple[str, ...]]
    """what each article answers to, see `lookup_keys`"""


def title_key(title: str) -> str | None:
    """The lookup key of a title of five or more tokens, or None: equal for titles with the same tokens."""
    tokens = scan_many([title])
    terms = [tokens.terms[t] for t, main in zip(tokens.term, tokens.main, strict=True) if main]
    if len(terms) < 5:
        return None
    return "title:" + hashlib.sha256(" ".join(terms).encode()).hexdigest()[:16]


def url_key(url: str) -> str | None:
    """The lookup key of an address, or None for what is none: "https://www.Bao.vn/tin.html?utm_source=x" -> "url:bao.vn/tin.html"."""
    normal = normalize_url(url)
    return f"url:{normal}" if normal else None


def lookup_keys(article: Article) -> tuple[str, ...]:
    """Everything that an article answers to: `id:…` for its id and aliases, `url:…` for addresses, `title:…` for a title of five or more tokens."""
    keys = [f"id:{article.id}"]
    for alias in article.aliases:
        keys.append(f"id:{alias}")
    for address in (article.url, *article.aliases):
        if key := url_key(address):
            keys.append(key)
    if key := title_key(article.title):
        keys.append(key)
    return tuple(dict.fromkeys(keys))


def part_texts(article: Article) -> tuple[str, ...]:
    """The texts that make up the field `text`, in order: title, lead, body, then each caption."""
    return (article.title, article.lead, article.body, *article.captions)


def analyse(articles: Sequence[Article], origins: Sequence[str], *, words: bool = True) -> Analysed:
    """Turn articles into token arrays.

    `text` holds title, lead, body and captions one after another, GAP positions between two parts (and between captions); `folded` the same without
    accents; `word` the segmenter's compounds of two or more whole syllables, at the position of their first; `title` the title alone.
    Without `words` the field `word` is empty and the segmenter is not loaded.
    """
    raise NotImplementedError
