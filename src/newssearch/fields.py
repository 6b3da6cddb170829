"""Field names, weights, and how an article becomes token arrays: the one place that engines, snippets and evaluation read."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .identity import normalize_url
from .models import Article
from .records import dataclass
from .vietnamese import letters
from .vietnamese.numbered import Numbered
from .vietnamese.scan import rows_of_chunks, scan_many
from .vietnamese.scan_vocabulary import in_use
from .vietnamese.tokens import Tokens

SCHEMA_VERSION = 2

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
    text: float = 1.0
    """with `word` .4 and `pairs` .6: .921/.752/.693; ¾ S + W + ½ P, best where W counts single syllables too, gives .920/.750/.671 here"""
    word: float = 0.4
    """our `word` holds compounds alone, so it weighs less than W; S alone .894/.686/.550"""
    folded: float = 1.0
    """a bare question scores over `folded`: F + ½ FP .893/.723/.650"""
    exact_spelling: float = 0.25
    """a bare question lifts what is written exactly so: "nga" before "ngã" """
    title: float = 0.35
    """+ .35 T .925/.744/.672; known items need it more"""
    other_spelling: float = 0.8
    """`kĩ` for a typed `kỹ`"""
    rescored: int = 100
    """the best of the first pass that the second looks into: .921/.750/.686, .921/.752/.692, .921/.752/.693 for 50, 100, 200"""
    pairs: float = 0.6
    """adjacent pairs of the question's words: S + ½ P .904/.724/.694, the largest single gain"""
    lead: float = 0.35
    """+ .35 T + .35 L .927/.745/.678; L is the first 60 positions after the title"""
    caption: float = 0.1
    """less than a lead: a caption names what the article may not be about (not measured: the corpora have no captions apart)"""
    passage: float = 0.4
    """the best passage: + .4 M .929/.737/.705 against .925/.749/.679 without"""
    passage_long: float = 0.1
    """the same for questions longer than `passage_words`, which it costs a little: related .741"""
    passage_words: int = 14
    """.4 up to fourteen words and .1 beyond: .929/.741/.699"""


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of one field over a batch, one row a token, sorted by (document, position)."""

    terms: Sequence[str]
    """distinct terms"""
    term: NDArray[Any]
    """[rows] index into `terms`; like all columns integers, of whatever width"""
    document: NDArray[Any]
    """[rows] index into the batch's articles"""
    position: NDArray[Any]
    """[rows] position in the field; `folded` and `word` count in the positions of `text`"""


@dataclass(frozen=True, slots=True)
class Analysed:
    """A batch of articles with all that an engine writes of them."""

    articles: Sequence[Article]
    origins: Sequence[str]
    """where each article came from: an absolute path, a feed's address, "-" or "api" """
    fields: dict[str, FieldTokens]
    """each of INDEXED_FIELDS, but perhaps for `folded`, which follows from `text`"""
    parts: NDArray[np.int32]
    """[articles, 3] the positions in `text` at which lead, body and captions begin"""
    keys: Sequence[tuple[str, ...]]
    """what each article answers to, see `lookup_keys`"""
    stored: Sequence[bytes] | None = None
    """each article as `stored_article` gives it; where these are there, `articles` lack lead, body, captions, image and extras"""


_encode = json.JSONEncoder(ensure_ascii=False, default=str, separators=(",", ":")).encode
_NAMES = tuple(f'"{name}":' for name in Article.__slots__)
_values_of = attrgetter(*Article.__slots__)
_APART = ('"lead":', '"body":')


def stored_article(article: Article) -> bytes:
    """Return what an index keeps of an article: its `article_text`, at a byte a letter as a rule (`vietnamese.letters`)."""
    return letters.encoded(article_text(article))


def article_text(article: Article) -> str:
    """Return every field that is not empty as one JSON object, `published` in ISO 8601, of lead and body the length; behind it lead and body.

    A long text inside the JSON would be looked through for quotation marks and line ends each time it is read.
    """
    fields = [
        name + (str(len(value)) if name in _APART else _json(value))
        for name, value in zip(_NAMES, _values_of(article), strict=True)
        if value
    ]
    return f"{{{','.join(fields)}}}{article.lead}{article.body}"


def _json(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, datetime):
        value = value.isoformat()
    elif isinstance(value, Mapping):
        value = dict(value)
    return _encode(value)


def title_key(title: str) -> str | None:
    """The lookup key of a title of five or more tokens, or None: equal for titles with the same tokens."""
    tokens = scan_many([title])
    return _title_key([tokens.terms[t] for t in tokens.term[tokens.main].tolist()])


def _title_key(terms: Sequence[str]) -> str | None:
    if len(terms) < 5:
        return None
    return "title:" + hashlib.sha256(" ".join(terms).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def url_key(url: str) -> str | None:
    """The lookup key of an address, or None for what is none: "https://www.Bao.vn/tin.html?utm_source=x" -> "url:bao.vn/tin.html"."""
    normal = normalize_url(url)
    return f"url:{normal}" if normal else None


def lookup_keys(article: Article) -> tuple[str, ...]:
    """Everything that an article answers to: `id:…` for its id and aliases, `url:…` for addresses, `title:…` for a title of five or more tokens."""
    return _lookup_keys(article, title_key(article.title))


def _lookup_keys(article: Article, title: str | None) -> tuple[str, ...]:
    ids = [f"id:{name}" for name in (article.id, *article.aliases)]
    addresses = [url_key(address) for address in (article.url, *article.aliases) if address]
    return tuple(dict.fromkeys(key for key in (*ids, *addresses, title) if key))


def part_texts(article: Article) -> tuple[str, ...]:
    """The texts that make up the field `text`, in order: title, lead, body, then each caption."""
    return (article.title, article.lead, article.body, *article.captions)


def analyse(articles: Sequence[Article], origins: Sequence[str], *, words: bool = True, folded: bool = True) -> Analysed:
    """Turn articles into token arrays.

    `text` holds title, lead, body and captions one after another, GAP positions between two parts (and between captions); `folded` the same without
    accents; `word` the segmenter's compounds of two or more whole syllables, at the position of their first; `title` the title alone.
    Without `words` the field `word` is empty and the segmenter is not loaded; without `folded` that field is not made.
    """
    parts = [part_texts(article) for article in articles]
    texts = [text for of_article in parts for text in of_article]
    tokens = scan_many(texts)
    sizes = np.fromiter((len(of_article) for of_article in parts), np.int64, len(parts))
    first_text = np.concatenate(([0], np.cumsum(sizes)))
    offsets = _part_offsets(tokens, first_text)
    rows_per_text = np.diff(tokens.bounds)
    document = np.arange(len(parts), dtype=np.int32).repeat(sizes).repeat(rows_per_text)
    position = tokens.position + offsets.astype(np.int32).repeat(rows_per_text)
    text = FieldTokens(_numbered(tokens), tokens.term, document, position)
    is_title = np.zeros(len(texts), np.bool_)
    is_title[first_text[:-1]] = True
    in_title = is_title.repeat(rows_per_text).nonzero()[0]
    title = FieldTokens(text.terms, tokens.term.take(in_title), document.take(in_title), tokens.position.take(in_title))
    word = _compounds(texts, tokens, text) if words else _no_tokens()
    starts = offsets[np.minimum(first_text[:-1, None] + np.arange(1, 4), max(len(texts) - 1, 0))] if texts else np.zeros((0, 3))
    ends = offsets[first_text[1:] - 1] + _positions_of_texts(tokens)[first_text[1:] - 1] + GAP if texts else np.zeros(0)
    without_captions = sizes == 3
    starts[without_captions, 2] = ends[without_captions]
    fields = {"text": text, "word": word, "title": title}
    if folded:
        folded_terms, folded_term = tokens.folded_terms()
        fields["folded"] = FieldTokens(folded_terms, folded_term.take(tokens.term), document, position)
    main_of_title = in_title.compress(tokens.main.take(in_title))
    return Analysed(
        articles=articles,
        origins=origins,
        fields=fields,
        parts=starts.astype(np.int32),
        keys=_keys(articles, tokens, document.take(main_of_title), main_of_title),
    )


def _numbered(tokens: Tokens) -> Sequence[str]:
    """The terms, as some of a list that lasts where there is one."""
    if tokens.vocabulary is None or tokens.numbers is None:
        return tokens.terms
    return Numbered(tokens.vocabulary, tokens.numbers)


def _positions_of_texts(tokens: Tokens) -> NDArray[np.int64]:
    """[texts] the number of positions of each text."""
    count = np.zeros(len(tokens.bounds) - 1, np.int64)
    filled = np.flatnonzero(np.diff(tokens.bounds))
    count[filled] = tokens.position[tokens.bounds[filled + 1] - 1] + 1
    return count


def _part_offsets(tokens: Tokens, first_text: NDArray[np.int64]) -> NDArray[np.int64]:
    """[texts] the position in the field `text` at which each part begins."""
    step = _positions_of_texts(tokens) + GAP
    begin = np.concatenate(([0], np.cumsum(step))).astype(np.int64)
    offsets: NDArray[np.int64] = begin[:-1] - np.repeat(begin[first_text[:-1]], np.diff(first_text))
    return offsets


def _no_tokens() -> FieldTokens:
    none = np.zeros(0, np.int32)
    return FieldTokens([], none, none, none)


def _compounds(texts: Sequence[str], tokens: Tokens, text: FieldTokens) -> FieldTokens:
    """The compounds of the segmenter whose span begins and ends with whole syllables, two or more of them."""
    # A question without accents has no compounds to ask for and need not wait for the segmenter.
    from .vietnamese.segment import compounds

    spans = compounds(texts)
    main = tokens.main.nonzero()[0]
    if not len(main) or not len(spans):
        return _no_tokens()
    # One axis for all texts, that of the spans; places[c] is the syllable that begins, or ends, at character c.
    begins = np.array([0, *itertools.accumulate(len(each) + 1 for each in texts)], np.intp)
    base = begins[:-1].repeat(np.diff(tokens.bounds))
    places = np.empty(begins[-1] + 1, np.int32)
    first, begin_whole = _syllables_at(spans[:, 0], (tokens.start + base).take(main), places)
    last, end_whole = _syllables_at(spans[:, 1], (tokens.end + base).take(main), places)
    whole = begin_whole & end_whole & (last > first)
    first, last = first[whole], last[whole]
    terms, term = _joined_terms(tokens, tokens.term.take(main), first, last - first + 1)
    rows = main.take(first)
    return FieldTokens(terms, term, text.document.take(rows), text.position.take(rows))


def _syllables_at(
    wanted: NDArray[np.intp], found: NDArray[np.intp], places: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """For each wanted character the syllable that has it as its bound, and whether one has; what `places` held does not matter."""
    places[found] = np.arange(len(found), dtype=np.int32)
    syllable = places.take(wanted)
    # Where no syllable has that bound any number may stand, and the bound of no syllable fits.
    return syllable, found.take(syllable, mode="clip") == wanted


def _joined_terms(
    tokens: Tokens, syllable: NDArray[np.int32], first: NDArray[np.int32], lengths: NDArray[np.int32]
) -> tuple[Sequence[str], NDArray[np.int32]]:
    """The distinct terms of runs of syllables, and which of them each run is."""
    if tokens.vocabulary is not None and tokens.numbers is not None:
        compounds = tokens.vocabulary.compounds
        used, term = in_use(compounds.numbers_of(tokens.numbers.take(syllable), first, lengths))
        return Numbered(compounds, used), term
    names = [tokens.terms[number] for number in syllable.tolist()]
    numbers: dict[str, int] = {}
    runs = zip(first.tolist(), (first + lengths).tolist(), strict=True)
    spelled = [numbers.setdefault("_".join(names[begin:end]), len(numbers)) for begin, end in runs]
    return list(numbers), np.array(spelled, np.int32)


def compounds_of(text: str) -> tuple[str, ...]:
    """The terms of the field `word` that a question's text holds: "bảo vệ an ninh tổ quốc" -> ("bảo_vệ", "an_ninh", "tổ_quốc")."""
    # The same as `_compounds`, whose arrays cost a single line more than they save.
    from .vietnamese.segment import spans

    names: list[str] = []
    first_at: dict[int, int] = {}
    last_at: dict[int, int] = {}
    for base, rows in rows_of_chunks(text):
        for term, _, start, end, main in rows:
            if main:
                first_at[base + start] = last_at[base + end] = len(names)
                names.append(term)
    found = []
    for start, end in spans(text):
        first, last = first_at.get(start), last_at.get(end)
        if first is not None and last is not None and last > first:
            found.append("_".join(names[first : last + 1]))
    return tuple(found)


def _keys(
    articles: Sequence[Article], tokens: Tokens, document: NDArray[np.int32], main: NDArray[np.intp]
) -> list[tuple[str, ...]]:
    """The lookup keys of each article; `main` are the main tokens of titles, `document` their articles."""
    bounds = document.searchsorted(np.arange(len(articles) + 1)).tolist()
    names = [tokens.terms[t] for t in tokens.term.take(main).tolist()]
    return [
        _lookup_keys(article, _title_key(names[begin:end]))
        for article, begin, end in zip(articles, bounds[:-1], bounds[1:], strict=True)
    ]
