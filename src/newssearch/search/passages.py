"""Which passages of articles say the most about a question: the marks of many articles at once, as arrays."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .marks import STRIDE, Marks, Rows

LENGTH = 240
"""characters of a snippet, about"""

Passage = tuple[int, int, int]
"""text, first character and one after the last"""

# The same as [.!?…][\"'”’»)\]]*\s+|\n+, but one class begins it, so that the search leaps from one such character to the next.
_SENTENCE_END = re.compile(r"[.!?…\n](?:(?<=\n)\n*|[\"'”’»)\]]*\s+)")
_BLANKS = re.compile(r"\s+")
_FAR = 90
"""characters before the first mark that a sentence may begin and still be shown from its beginning"""
_COUNTED = 10
"""marks of a passage beyond which one more says nothing"""
_PER_MARK = 0.02
_MARGIN = 20
"""characters of a window in which no mark may end, so that the passage seldom ends at a mark"""
_EQUAL = 1e-9
"""a difference of worth below which the earlier passage is taken"""


def choose_passages(
    texts: Sequence[str], marks: Marks, firsts: Sequence[int], weights: Mapping[int, float]
) -> list[tuple[Passage, ...]]:
    """Return for each article one passage, two if these hold more of the question, or none if nothing is marked beside the title.

    `firsts[i]` is the text that is the title of article i, one more for the end; `weights[unit]` is 1 where not given.
    """
    if not len(marks.unit):
        return [()] * (len(firsts) - 1)
    windows = _Windows(texts, marks, np.array(firsts), weights)
    articles = range(len(firsts) - 1)
    best = windows.best(LENGTH, articles)
    units = {article: windows.units_in(passage) for article, passage in best.items()}
    chosen: list[tuple[Passage, ...]] = [(best[article],) if article in best else () for article in articles]
    marked = windows.units_of_articles()
    lacking = [article for article, found in units.items() if len(found) < marked[article]]
    if not lacking:
        return chosen
    half = LENGTH // 2
    first = windows.best(half, lacking)
    found = {article: windows.units_in(passage) for article, passage in first.items()}
    for article, other in windows.best(half, lacking, first, found).items():
        both = found[article] | windows.units_in(other)
        if _sum(weights, both) > _sum(weights, units[article]):
            chosen[article] = tuple(sorted((first[article], other)))
    return chosen


def _sum(weights: Mapping[int, float], units: set[int]) -> float:
    return sum(weights.get(unit, 1.0) for unit in units)


class _Windows:
    """A window slides over the marks of each text: window i begins at mark i and holds those after it that end within its length."""

    def __init__(self, texts: Sequence[str], marks: Marks, firsts: Rows, weights: Mapping[int, float]) -> None:
        self._texts = texts
        self._marks = marks
        self._starts, self._ends, self._units = marks.start.tolist(), marks.end.tolist(), marks.unit.tolist()
        self._rows = marks.bounds.tolist()
        # One axis of characters for all texts, so that one binary search serves them all.
        base = marks.text * STRIDE
        self._start, self._end = marks.start + base, marks.end + base
        self._reach = marks.reach + base
        self._last = marks.bounds.take(marks.text + 1)
        self._prose = marks.bounds.take(firsts[:-1] + 1)
        self._bounds = marks.bounds.take(firsts)
        counts = self._bounds[1:] - self._bounds[:-1]
        self._article = np.arange(len(firsts) - 1).repeat(counts)
        self._filled = counts.nonzero()[0]
        self._marks_of_filled = counts.take(self._filled)
        self._is_prose = marks.text != firsts.take(self._article)
        self._weights = np.array([weights.get(unit, 1.0) for unit in range(int(marks.unit.max()) + 1)])
        # before[i]: the mark before mark i that has its unit, -1 where none does.
        self._before = np.full(len(marks.unit), -1)
        order = marks.unit.argsort(kind="stable")
        again = (marks.unit.take(order[1:]) == marks.unit.take(order[:-1])).nonzero()[0]
        self._before[order.take(again + 1)] = order.take(again)
        self._held_by_length: dict[int, tuple[Rows, NDArray[np.float64]]] = {}

    def units_of_articles(self) -> list[int]:
        """Return how many units are marked in each article's prose."""
        first = self._is_prose & (self._before < self._prose.take(self._article))
        counts: list[int] = np.bincount(self._article[first], minlength=len(self._prose)).tolist()
        return counts

    def units_in(self, passage: Passage) -> set[int]:
        """Return the units that are marked inside a passage."""
        text, start, end = passage
        low = bisect_left(self._starts, start, self._rows[text], self._rows[text + 1])
        high = bisect_left(self._starts, end, low, self._rows[text + 1])
        return {self._units[row] for row in range(low, high) if self._ends[row] <= end}

    def best(
        self,
        length: int,
        articles: Iterable[int],
        apart_from: Mapping[int, Passage] | None = None,
        known: Mapping[int, set[int]] | None = None,
    ) -> dict[int, Passage]:
        """Return the passage with the most weight in different units for each of the articles that has one; the title is no passage.

        What an article is `apart_from` is not chosen again, and its `known` units weigh nothing.
        """
        first, more = self._held(length)
        weight = self._weights.take(self._marks.unit)
        if known:
            is_known = np.zeros((len(self._prose), len(self._weights)), np.bool_)
            for article, units in known.items():
                is_known[article, list(units)] = True
            weight[is_known[self._article, self._marks.unit]] = 0.0
        # Mark i weighs in the windows from first[i] to i.
        change = np.bincount(first, weight, len(first) + 1)
        change[1:] -= weight
        score = change[:-1].cumsum()
        eligible = self._is_prose & (score > _EQUAL)
        if apart_from:
            near = [apart_from.get(article, (-1, 0, 0)) for article in range(len(self._prose))]
            text, start, end = np.array(near).T.take(self._article, axis=1)
            marks = self._marks
            eligible &= (text != marks.text) | (marks.start <= start - length) | (marks.start >= end)
        worth = (score + more) * eligible
        filled = self._filled
        top = np.maximum.reduceat(worth, self._bounds.take(filled))
        good = (worth >= (top - _EQUAL).repeat(self._marks_of_filled)).nonzero()[0]
        rows = good.take(good.searchsorted(self._bounds.take(filled)))
        row_of = {
            article: row
            for article, row, most in zip(filled.tolist(), rows.tolist(), top.tolist(), strict=True)
            if most > 0
        }
        return {article: self._passage(row_of[article], length) for article in articles if article in row_of}

    def _held(self, length: int) -> tuple[Rows, NDArray[np.float64]]:
        """Return the first window in which each mark is the first of its unit, and what each window's number of marks is worth."""
        if length not in self._held_by_length:
            following = self._following(length)
            window = np.arange(len(following))
            first = np.maximum(self._before + 1, following.searchsorted(window, side="right"))
            self._held_by_length[length] = first, _PER_MARK * np.minimum(following - window, _COUNTED)
        return self._held_by_length[length]

    def _following(self, length: int) -> Rows:
        """Return for each window one after its last mark."""
        room = length - _MARGIN
        if (self._end - self._start <= room).all():
            after: Rows = self._reach.searchsorted(self._start + room, side="right")
            return np.minimum(after, self._last)
        # A mark longer than the window is in it all the same, and in those that begin within it.
        following, at = [], 0
        for row, (limit, last) in enumerate(zip((self._start + room).tolist(), self._last.tolist(), strict=True)):
            while at < last and (at == row or self._end[at] <= limit):
                at += 1
            following.append(at)
        return np.array(following)

    def _passage(self, row: int, length: int) -> Passage:
        """The passage that shows the window from this mark on, cut where sentences or words begin and end."""
        number, first, last = int(self._marks.text[row]), self._starts[row], self._ends[row]
        text = self._texts[number]
        start = _start_of(text, first, min(_FAR, length // 2))
        return number, start, max(last, end_of(text, start, max(length, last - start)))


def _start_of(text: str, mark: int, far: int) -> int:
    """Where a passage with its first mark at `mark` begins: at its sentence, else at a word some way before."""
    low = max(0, mark - far)
    ends = [match.end() for match in _SENTENCE_END.finditer(text, low, mark)]
    if ends:
        return ends[-1]
    if low == 0:
        return len(text) - len(text.lstrip()) if not text[:mark].strip() else 0
    space = _BLANKS.search(text, max(low, mark - 45), mark)
    return space.end() if space else mark


def end_of(text: str, start: int, length: int) -> int:
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
