"""Titles, passages and whole texts cut into segments with marks: a pure function of stored text and interpreted question."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from ..fields import part_texts
from ..models import Article, Segment
from ..query.nodes import Group
from ..records import dataclass
from .marks import Marks, find_marks
from .passages import LENGTH, choose_passages, end_of

GAP = Segment(" … ", gap=True)
_SHORT = 12
"""characters up to which a segment is kept: the marked words and the blanks between them come again and again"""


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
    cutter = _Cutter(texts, marks)
    marked = []
    for (first, following), of_article in zip(pairwise(firsts), passages, strict=True):
        title = cutter.text(first)
        prose = (title, *map(cutter.text, range(first + 1, following))) if whole else ()
        if of_article:
            pieces = [cutter.passage(*passage) for passage in of_article]
            snippet = pieces[0] if len(pieces) == 1 else (*pieces[0], GAP, *pieces[1])
        else:
            opening = next((text for text in texts[first + 1 : following] if text), "")
            snippet = cut(opening, [], 0, end_of(opening, 0, LENGTH))
        marked.append(Marked(title, snippet, prose))
    return marked


class _Cutter:
    """Cuts texts and passages into segments at their marks."""

    def __init__(self, texts: Sequence[str], marks: Marks) -> None:
        self._texts = texts
        self._bounds = marks.bounds.tolist()
        self._starts, self._ends, self._reach = marks.start.tolist(), marks.end.tolist(), marks.reach.tolist()

    def text(self, number: int) -> tuple[Segment, ...]:
        """Return a whole text."""
        return self.passage(number, 0, len(self._texts[number]))

    def passage(self, number: int, start: int, end: int) -> tuple[Segment, ...]:
        """Return the characters from `start` to `end` of a text."""
        first = bisect_right(self._reach, start, self._bounds[number], self._bounds[number + 1])
        last = bisect_left(self._starts, end, first, self._bounds[number + 1])
        return cut(self._texts[number], joined(self._starts[first:last], self._ends[first:last]), start, end)


def joined(starts: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
    """The character spans of sorted marks, overlapping ones made one."""
    spans: list[tuple[int, int]] = []
    reach = -1
    for span in zip(starts, ends, strict=True):
        if span[0] >= reach:
            spans.append(span)
            reach = span[1]
        elif span[1] > reach:
            reach = span[1]
            spans[-1] = (spans[-1][0], reach)
    return spans


def cut(text: str, spans: list[tuple[int, int]], start: int, end: int) -> tuple[Segment, ...]:
    """Segments of text[start:end], those within `spans` marked; joined they give that slice back. Every span has a part in it."""
    if spans:
        spans[0] = max(spans[0][0], start), spans[0][1]
        spans[-1] = spans[-1][0], min(spans[-1][1], end)
    segments, at = [], start
    for first, last in spans:
        if first > at:
            between = text[at:first]
            segments.append(_kept(between, False) if first - at <= _SHORT else Segment(between))
        segments.append(_kept(text[first:last], True) if last - first <= _SHORT else Segment(text[first:last], True))
        at = last
    if at < end:
        segments.append(Segment(text[at:end]))
    return tuple(segments)


@lru_cache(maxsize=1 << 12)
def _kept(text: str, match: bool) -> Segment:
    return Segment(text, match)
