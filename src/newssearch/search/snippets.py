"""Titles, passages and whole texts cut into segments with marks: a pure function of stored text and interpreted question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ..fields import part_texts
from ..models import Article, Segment
from ..query.nodes import Group
from .marks import Marks, find_marks
from .passages import LENGTH, Passage, choose_passages, end_of

GAP = Segment(" … ", gap=True)


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
    parts = [part_texts(article) for article in articles]
    names = [name for of_article in parts for name in ("title", "lead", "body", *["caption"] * (len(of_article) - 3))]
    texts = [text for of_article in parts for text in of_article]
    marks = find_marks(texts, names, root)
    # firsts[i]: the title of article i.
    firsts = list(accumulate(map(len, parts), initial=0))
    passages = choose_passages(texts, marks, firsts, weights or {})
    marked = []
    for (first, following), of_article in zip(pairwise(firsts), passages, strict=True):
        prose = tuple(
            _segments(texts, marks, (text, 0, len(texts[text])))
            for text in range(first, following if whole else first + 1)
        )
        marked.append(
            Marked(prose[0], _snippet(texts, marks, of_article, range(first + 1, following)), prose if whole else ())
        )
    return marked


def _snippet(texts: Sequence[str], marks: Marks, passages: Sequence[Passage], prose: range) -> tuple[Segment, ...]:
    if passages:
        parts = [_segments(texts, marks, passage) for passage in passages]
        return parts[0] if len(parts) == 1 else (*parts[0], GAP, *parts[1])
    opening = next((texts[text] for text in prose if texts[text]), "")
    return cut(opening, (), 0, end_of(opening, 0, LENGTH))


def _segments(texts: Sequence[str], marks: Marks, passage: Passage) -> tuple[Segment, ...]:
    text, start, end = passage
    rows = slice(*marks.bounds[text : text + 2].tolist())
    first, last = marks.start[rows], marks.end[rows]
    inside = ((last > start) & (first < end)).nonzero()[0]
    return cut(texts[text], joined(first[inside].tolist(), last[inside].tolist()), start, end)


def joined(starts: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """The character spans of sorted marks, overlapping ones made one."""
    spans: list[tuple[int, int]] = []
    for start, end in zip(starts, ends, strict=True):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((start, end))
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
