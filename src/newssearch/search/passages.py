"""Which passages of articles say the most about a question: the marks of many articles at once, as arrays."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

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
    chosen: list[tuple[Passage, ...]] = [(passage,) if passage else () for passage in windows.best(LENGTH)]
    units = [windows.units_in(of_article[0]) if of_article else set() for of_article in chosen]
    lacking = [len(found) < marked for found, marked in zip(units, windows.units_of_articles(), strict=True)]
    if not any(lacking):
        return chosen
    half = LENGTH // 2
    first = windows.best(half)
    found = [windows.units_in(passage) if passage else set() for passage in first]
    second = windows.best(half, known=found, apart_from=first)
    for article, (one, other) in enumerate(zip(first, second, strict=True)):
        if lacking[article] and one and other:
            both = found[article] | windows.units_in(other)
            if _sum(weights, both) > _sum(weights, units[article]):
                chosen[article] = tuple(sorted((one, other)))
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
        self._held_by_length: dict[int, tuple[NDArray[np.bool_], NDArray[np.float64]]] = {}
        self._is_prose = marks.text != firsts.take(self._article)
        self._weights = np.array([weights.get(unit, 1.0) for unit in range(int(marks.unit.max()) + 1)])
        # before[u, i]: marks of unit u before mark i.
        self._before = np.zeros((len(self._weights), len(self._units) + 1), np.int32)
        self._before[marks.unit, np.arange(1, len(self._units) + 1)] = 1
        self._before.cumsum(axis=1, out=self._before)

    def units_of_articles(self) -> list[int]:
        """Return how many units are marked in each article's prose."""
        marked = self._before.take(self._bounds[1:], axis=1) > self._before.take(self._prose, axis=1)
        counts: list[int] = marked.sum(axis=0).tolist()
        return counts

    def units_in(self, passage: Passage) -> set[int]:
        """Return the units that are marked inside a passage."""
        text, start, end = passage
        low = bisect_left(self._starts, start, self._rows[text], self._rows[text + 1])
        high = bisect_left(self._starts, end, low, self._rows[text + 1])
        return {self._units[row] for row in range(low, high) if self._ends[row] <= end}

    def best(
        self, length: int, known: Sequence[set[int]] | None = None, apart_from: Sequence[Passage | None] | None = None
    ) -> list[Passage | None]:
        """Return for each article the passage with the most weight in different units that are not `known`; the title is no passage."""
        has, more = self._held(length)
        if known is None:
            score = self._weights @ has
        else:
            weights = self._weights.tolist()
            left = [
                [0.0 if unit in of_article else weight for unit, weight in enumerate(weights)] for of_article in known
            ]
            score = (np.array(left).T.take(self._article, axis=1) * has).sum(axis=0)
        eligible = self._is_prose & (score > _EQUAL)
        if apart_from is not None:
            text, start, end = np.array([passage or (-1, 0, 0) for passage in apart_from]).T.take(self._article, axis=1)
            marks = self._marks
            eligible &= (text != marks.text) | (marks.start <= start - length) | (marks.start >= end)
        worth = (score + more) * eligible
        top = np.maximum.reduceat(worth, self._bounds.take(self._filled))
        good = (worth >= (top - _EQUAL).repeat(self._marks_of_filled)).nonzero()[0]
        passages: list[Passage | None] = [None] * (len(self._bounds) - 1)
        rows = good.take(good.searchsorted(self._bounds.take(self._filled)))
        for article, row, of_top in zip(self._filled.tolist(), rows.tolist(), top.tolist(), strict=True):
            if of_top > 0:
                passages[article] = self._passage(row, length)
        return passages

    def _held(self, length: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Return which units each window holds ([units, windows]) and what its number of marks is worth."""
        if length not in self._held_by_length:
            following = self._following(length)
            has = self._before.take(following, axis=1) > self._before[:, :-1]
            more = _PER_MARK * np.minimum(following - np.arange(len(following)), _COUNTED)
            self._held_by_length[length] = has, more
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
