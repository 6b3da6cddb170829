"""Titles, passages and whole texts cut into segments with marks: a pure function of stored text and interpreted question."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence

from ..fields import part_texts
from ..models import Article, Segment
from ..query.nodes import Group
from ..records import dataclass
from ..vietnamese.scan import scan_many
from .marks import Finder, Mark

LENGTH = 240
"""characters of a snippet, about"""
GAP = Segment(" … ", gap=True)

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|\n+")
_FAR = 90
"""characters before the first mark that a sentence may begin and still be shown from its beginning"""


@dataclass(frozen=True, slots=True)
class Marked:
    """An article's texts as segments; `prose` has one entry a part in the order of `fields.part_texts`, the title first."""

    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...]
    prose: tuple[tuple[Segment, ...], ...]


def mark_articles(
    articles: Sequence[Article], root: Group, weights: Mapping[int, float] | None = None, *, whole: bool = False
) -> list[Marked]:
    """Return title, snippet and (if `whole`) all texts of each article, marked where the question's words stand.

    `weights[unit]` is how much a unit of the question (`marks.units_of`) says, 1 where not given; the rarest words choose the passage.
    The segments of a title joined are the title; those of each passage joined are a substring of the stored text.
    """
    texts = [part_texts(article) for article in articles]
    names = [name for of_article in texts for name in ("title", "lead", "body", *["caption"] * (len(of_article) - 3))]
    flat = [text for of_article in texts for text in of_article]
    marks = Finder(scan_many(flat), names).marks(root)
    marked, begin = [], 0
    for of_article in texts:
        own = marks[begin : begin + len(of_article)]
        begin += len(of_article)
        prose = tuple(cut(text, joined(m)) for text, m in zip(of_article, own, strict=True)) if whole else ()
        title = prose[0] if whole else cut(of_article[0], joined(own[0]))
        marked.append(Marked(title, _snippet(of_article, own, weights or {}), prose))
    return marked


def joined(marks: Sequence[Mark]) -> list[tuple[int, int]]:
    """The character spans of sorted marks, overlapping ones made one."""
    spans: list[tuple[int, int]] = []
    for mark in marks:
        if spans and mark.start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], mark.end))
        else:
            spans.append((mark.start, mark.end))
    return spans


def cut(text: str, spans: Sequence[tuple[int, int]], start: int = 0, end: int | None = None) -> tuple[Segment, ...]:
    """Segments of text[start:end], those within `spans` marked; joined they give that slice back."""
    end = len(text) if end is None else end
    segments, at = [], start
    for first, last in spans:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if first > at:
            segments.append(Segment(text[at:first]))
        segments.append(Segment(text[first:last], True))
        at = last
    if at < end:
        segments.append(Segment(text[at:end]))
    return tuple(segments)


def _snippet(texts: Sequence[str], marks: Sequence[Sequence[Mark]], weights: Mapping[int, float]) -> tuple[Segment, ...]:
    best = _best(texts, marks, weights, LENGTH, frozenset())
    if best is None:
        opening = next((text for text in texts[1:] if text), "")
        return cut(opening, (), 0, _end_of(opening, 0, LENGTH))
    units = _units_in(marks[best[0]], best[1], best[2])
    everywhere = {mark.unit for of_text in marks[1:] for mark in of_text}
    if everywhere - units and (first := _best(texts, marks, weights, LENGTH // 2, frozenset())):
        found = _units_in(marks[first[0]], first[1], first[2])
        second = _best(texts, marks, weights, LENGTH // 2, frozenset(found), apart_from=first)
        both = found | _units_in(marks[second[0]], second[1], second[2]) if second else found
        if second and sum(weights.get(u, 1.0) for u in both) > sum(weights.get(u, 1.0) for u in units):
            passages = sorted((first, second))
            parts = [cut(texts[t], joined(marks[t]), start, end) for t, start, end in passages]
            return (*parts[0], GAP, *parts[1])
    text, start, end = best
    return cut(texts[text], joined(marks[text]), start, end)


def _units_in(marks: Sequence[Mark], start: int, end: int) -> set[int]:
    return {mark.unit for mark in marks if mark.start >= start and mark.end <= end}


def _best(
    texts: Sequence[str],
    marks: Sequence[Sequence[Mark]],
    weights: Mapping[int, float],
    length: int,
    known: frozenset[int],
    apart_from: tuple[int, int, int] | None = None,
) -> tuple[int, int, int] | None:
    """The passage (text, start, end) with the most weight in different units that are not `known`; the title is no passage."""
    best, chosen = 0.0, None
    for text in range(1, len(texts)):
        own = marks[text]
        # A window slides over the marks: each enters once and leaves once.
        inside: Counter[int] = Counter()
        score, following = 0.0, 0
        for i, mark in enumerate(own):
            while following < len(own) and (following == i or own[following].end <= mark.start + length - 20):
                unit = own[following].unit
                if not inside[unit] and unit not in known:
                    score += weights.get(unit, 1.0)
                inside[unit] += 1
                following += 1
            near_first = apart_from is not None and apart_from[0] == text and apart_from[1] - length < mark.start < apart_from[2]
            worth = score + 0.02 * min(following - i, 10)
            if score > 1e-9 and worth > best + 1e-9 and not near_first:
                best, chosen = worth, (text, mark.start, mark.end)
            inside[mark.unit] -= 1
            if not inside[mark.unit] and mark.unit not in known:
                score -= weights.get(mark.unit, 1.0)
    if chosen is None:
        return None
    text, first, last = chosen
    start = _start_of(texts[text], first, min(_FAR, length // 2))
    return text, start, max(last, _end_of(texts[text], start, max(length, last - start)))


def _start_of(text: str, mark: int, far: int) -> int:
    """Where a passage with its first mark at `mark` begins: at its sentence, else at a word some way before."""
    low = max(0, mark - far)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, mark)]
    if ends:
        return ends[-1]
    if low == 0:
        return len(text) - len(text.lstrip()) if not text[:mark].strip() else 0
    space = re.compile(r"\s+").search(text, max(low, mark - 45), mark)
    return space.end() if space else mark


def _end_of(text: str, start: int, length: int) -> int:
    """Where a passage ends: after the last whole sentence if it fills half of it, else after a whole word."""
    limit = start + length
    if len(text) <= limit:
        return len(text.rstrip()) if len(text.rstrip()) > start else len(text)
    ends = [match.start() + len(match[0].rstrip()) for match in _SENTENCE_END.finditer(text, start, limit + 1)]
    good = ends[bisect_left(ends, start + length // 2) :]
    if good:
        return good[-1]
    space = max(text.rfind(" ", start, limit + 1), text.rfind("\n", start, limit + 1))
    return space if space > start else limit
