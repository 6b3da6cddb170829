"""Lots of documents: cut from a run, then read and analysed in whatever process there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ..config import BATCH_ARTICLES
from ..fields import Analysed, analyse
from ..models import Article, Rejection
from ..readers import Document, Lines, Part, read_lines
from .normal import normalise, reason_to_reject

_BATCH_SIZE = 4_000_000
"""characters, or bytes of lines, after which a lot is full whatever its number of articles: 5 MB bodies come alone"""

Lot = list[Part]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a lot."""

    analysed: Analysed
    lines: Sequence[int]
    """for each article its line where it came as one, else 0"""
    aside: Sequence[tuple[int, Document | Rejection, bool]]
    """what is no article to index, and pages with teasers: the articles before it, itself, whether it came as a line"""


def size_of(part: Part) -> tuple[int, int]:
    """Return how many documents the part has, and their characters, or bytes of lines."""
    if isinstance(part, Lines):
        return len(part.lines), sum(map(len, part.lines))
    if isinstance(part, Rejection):
        return 1, 0
    return 1, len(part.article.title) + len(part.article.lead) + len(part.article.body)


def lots_of(parts: Iterable[Part]) -> Iterator[Lot]:
    """Yield what was read in lots that are worth array code."""
    lot: Lot = []
    count = size = 0
    for part in parts:
        for piece, documents, characters in _pieces(part, BATCH_ARTICLES - count, _BATCH_SIZE - size):
            lot.append(piece)
            count, size = count + documents, size + characters
            if count >= BATCH_ARTICLES or size >= _BATCH_SIZE:
                yield lot
                lot, count, size = [], 0, 0
    if lot:
        yield lot


def _pieces(part: Part, room: int, space: int) -> Iterator[tuple[Part, int, int]]:
    """Yield the part with its documents and its size; of lines first what fits into a lot that has room left, then what fits into whole ones."""
    if not isinstance(part, Lines):
        yield part, *size_of(part)
        return
    begin = 0
    while begin < len(part.lines):
        end, size = begin, 0
        for line in islice(part.lines, begin, begin + room):
            end, size = end + 1, size + len(line)
            if size >= space:
                break
        yield Lines(part.lines[begin:end], part.origin, part.first + begin), end - begin, size
        begin, room, space = end, BATCH_ARTICLES, _BATCH_SIZE


def make_ready(*, words: bool) -> None:
    """Load all that analysis needs, so that copies of this process have it."""
    line = b'{"id": "tin", "body": "%b"}' % (b"Tin. " * 200)
    analyse_lot([Lines([line], "", 1)], words=words, folded=False)


def analyse_lot(lot: Lot, *, words: bool, folded: bool = True) -> Answer:
    """Read what was not read yet, and analyse the articles that are to be indexed, with the fields that are wanted."""
    articles: list[Article] = []
    origins: list[str] = []
    lines: list[int] = []
    aside: list[tuple[int, Document | Rejection, bool]] = []
    for part in lot:
        is_line = isinstance(part, Lines)
        for document in read_lines(part) if isinstance(part, Lines) else (part,):
            if isinstance(document, Rejection):
                aside.append((len(articles), document, is_line))
                continue
            article = normalise(document.article, prose=not is_line)
            is_indexed = article.kind != "teaser" and not reason_to_reject(article)
            if document.teasers or not is_indexed:
                aside.append((len(articles), document, is_line))
            if is_indexed:
                articles.append(article)
                origins.append(document.origin)
                lines.append(document.line or 0 if is_line else 0)
    return Answer(analyse(articles, origins, words=words, folded=folded), lines, aside)
