"""Titles, passages and whole texts cut into segments with marks: a pure function of stored text and interpreted question."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from ..fields import part_texts
from ..models import Article, Segment
from ..query.nodes import Group
from ..records import dataclass
from ..vietnamese.scan_terms import Joined, join
from .marks import Marks, find_marks
from .passages import LENGTH, choose_passages, end_of
from .words import count_words

GAP = Segment(" … ", gap=True)
_SHORT = 12
"""characters up to which a segment is kept: the marked words and the blanks between them come again and again"""
_MOST = 1 << 12
"""short segments that are kept"""


@dataclass(frozen=True, slots=True)
class Marked:
    """An article's texts as segments; `prose` has one entry a part in the order of `fields.part_texts`, the title first."""

    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...]
    prose: tuple[tuple[Segment, ...], ...]
    words: int = 0
    """of lead and body"""


def mark_articles(
    articles: Sequence[Article], root: Group, weights: Mapping[int, float] | None = None, *, whole: bool = False
) -> list[Marked]:
    """Return title, snippet and (if `whole`) all texts of each article, marked where the question's words stand.

    `weights[unit]` is how much a unit of the question (`marks.units_of`) says, 1 where not given; the rarest words choose the passage.
    The segments of a title joined are the title; those of each passage joined are a substring of the stored text.
    """
    parts = [part_texts(article) for article in articles]
    texts = [text for of_article in parts for text in of_article]
    joined = join(texts)
    # firsts[i]: the title of article i.
    firsts = list(accumulate(map(len, parts), initial=0))
    marks = find_marks(texts, joined, firsts, root)
    passages = choose_passages(texts, joined, marks, firsts, weights or {})
    cutter = _Cutter(joined, marks)
    marked = []
    begins = joined.begins
    words_of = count_words(joined.points, [(begins[first + 1], begins[first + 3]) for first in firsts[:-1]])
    for (first, following), of_article, words in zip(pairwise(firsts), passages, words_of, strict=True):
        title = cutter.text(first)
        prose = (title, *map(cutter.text, range(first + 1, following))) if whole else ()
        if of_article:
            snippet = cutter.passage(*of_article[0])
            for passage in of_article[1:]:
                snippet += GAP, *cutter.passage(*passage)
        else:
            opening = next((text for text in texts[first + 1 : following] if text), "")
            snippet = (Segment(opening[: end_of(opening, 0, LENGTH)]),) if opening else ()
        marked.append(Marked(title, snippet, prose, words))
    return marked


class _Cutter:
    """Cuts texts and passages into segments at their marks."""

    def __init__(self, joined: Joined, marks: Marks) -> None:
        self._text, self._begins = joined.text, joined.begins
        self._starts, self._ends = marks.starts, marks.ends
        if marks.overlap:
            # Overlapping marks are one span.
            last = (marks.start[1:] >= marks.reach[:-1]).nonzero()[0]
            self._starts = [*self._starts[:1], *marks.start.take(last + 1).tolist()]
            self._ends = [*marks.reach.take(last).tolist(), *marks.reach[-1:].tolist()]

    def text(self, number: int) -> tuple[Segment, ...]:
        """Return a whole text."""
        return self.passage(self._begins[number], self._begins[number + 1] - 1)

    def passage(self, start: int, end: int) -> tuple[Segment, ...]:
        """Return the characters from `start` to `end` of the joined texts; the segments joined are these."""
        text = self._text
        begin = bisect_right(self._ends, start)
        following = bisect_left(self._starts, end, begin)
        segments, at = [], start
        for first, last in zip(self._starts[begin:following], self._ends[begin:following], strict=False):
            if first > at:
                segments.append(_between[text[at:first]] if first - at <= _SHORT else Segment(text[at:first]))
                at = first
            if last > end:
                last = end
            segments.append(_marked[text[at:last]] if last - at <= _SHORT else Segment(text[at:last], True))
            at = last
        if at < end:
            segments.append(Segment(text[at:end]))
        return tuple(segments)


class _Kept(dict[str, Segment]):
    """Short segments, which come again and again."""

    def __init__(self, *, match: bool) -> None:
        self._match = match

    def __missing__(self, text: str) -> Segment:
        if len(self) >= _MOST:
            self.clear()
        self[text] = segment = Segment(text, self._match)
        return segment


_marked, _between = _Kept(match=True), _Kept(match=False)
