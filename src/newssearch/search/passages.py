"""Which passages of articles say the most about a question: the marks of many articles at once, as arrays."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence, Set
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..vietnamese.scan_terms import Joined
from .marks import Marks, Rows

LENGTH = 240
"""characters of a snippet, about"""

Passage = tuple[int, int]
"""first character of the joined texts and one after the last"""

_HALF = LENGTH // 2
"""the same of each of two passages"""
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
_ROOMS = np.array([[LENGTH - _MARGIN], [_HALF - _MARGIN]])
_EQUAL = 1e-9
"""a difference of worth below which the earlier passage is taken"""


def choose_passages(
    texts: Sequence[str], joined: Joined, marks: Marks, firsts: Sequence[int], weights: Mapping[int, float]
) -> list[tuple[Passage, ...]]:
    """Return for each article one passage, two if these hold more of the question, or none if nothing is marked beside the title.

    `firsts[i]` is the text that is the title of article i, one more for the end; `weights[unit]` is 1 where not given.
    """
    chosen: list[tuple[Passage, ...]] = [()] * (len(firsts) - 1)
    if not len(marks.unit):
        return chosen
    windows = _Windows(texts, joined, marks, firsts, weights)
    halves: dict[int, Passage] = {}
    units, found = {}, {}
    for article, (row, row_of_half) in windows.best().items():
        passage = windows.passage(row, LENGTH)
        chosen[article] = (passage,)
        units[article] = windows.units_in(passage)
        if len(units[article]) < windows.units_of(article):
            halves[article] = windows.passage(row_of_half, _HALF)
            found[article] = windows.units_in(halves[article])
    for article, row in windows.best_beside(halves, found).items() if halves else ():
        other = windows.passage(row, _HALF)
        both = found[article] | windows.units_in(other)
        if _sum(weights, both) > _sum(weights, units[article]):
            chosen[article] = (min(halves[article], other), max(halves[article], other))
    return chosen


def _sum(weights: Mapping[int, float], units: set[int]) -> float:
    return sum(weights.get(unit, 1.0) for unit in units)


class _Windows:
    """A window slides over the marks of each text: window i begins at mark i and holds those after it that end within its length.

    Windows of a whole snippet's length stand on one axis with those of half of it behind them: twice as many as there are marks.
    """

    def __init__(
        self, texts: Sequence[str], joined: Joined, marks: Marks, firsts: Sequence[int], weights: Mapping[int, float]
    ) -> None:
        self._texts, self._begins, self._marks = texts, joined.begins, marks
        self._starts, self._ends, self._units = marks.starts, marks.ends, marks.unit.tolist()
        bounds = marks.bounds.tolist()
        # The marks of article i are bounds[i]:bounds[i + 1], those behind its title begin at prose[i].
        self._bounds = [bounds[first] for first in firsts]
        self._prose = [bounds[first + 1] for first in firsts[:-1]]
        self._filled = [article for article, (begin, end) in enumerate(pairwise(self._bounds)) if begin < end]
        self._begin = np.array([self._bounds[article] for article in self._filled])
        self._counts = np.array([self._bounds[article + 1] for article in self._filled]) - self._begin
        self._weights = np.array([weights.get(unit, 1.0) for unit in range(marks.units)])
        self._first, self._more = self._held()

    def units_of(self, article: int) -> int:
        """Return how many units are marked in an article's prose."""
        return len({*self._units[self._prose[article] : self._bounds[article + 1]]})

    def units_in(self, passage: Passage) -> set[int]:
        """Return the units that are marked inside a passage."""
        start, end = passage
        low = bisect_left(self._starts, start)
        if not self._marks.overlap:
            return {*self._units[low : bisect_right(self._ends, end, low)]}
        high = bisect_left(self._starts, end, low)
        return {self._units[row] for row in range(low, high) if self._ends[row] <= end}

    def best(self) -> dict[int, tuple[int, int]]:
        """Return the windows of both lengths with the most weight in different units, of each article that has some; the title has none."""
        count = len(self._units)
        weight = self._of_prose(self._weights.take(self._marks.unit))
        worth = _worth(self._first, self._more, np.concatenate((weight, weight)))
        begin = np.concatenate((self._begin, self._begin + count))
        rows = _first_of_the_best(worth, begin, np.concatenate((self._counts, self._counts)))
        both = zip(self._filled, rows, rows[len(self._filled) :], strict=False)
        return {article: (whole, half - count) for article, whole, half in both if whole >= 0 and half >= 0}

    def best_beside(self, passages: Mapping[int, Passage], known: Mapping[int, Set[int]]) -> dict[int, int]:
        """Return the best windows of half the length that stand apart from an article's passage, where its `known` units weigh nothing."""
        count, units = len(self._units), len(self._weights)
        weights = np.concatenate([self._weights] * len(self._prose))
        weights[[article * units + unit for article, of_article in known.items() for unit in of_article]] = 0.0
        unit = (np.array(self._filled) * units).repeat(self._counts)
        unit += self._marks.unit
        worth = _worth(self._first[count:] - count, self._more[count:], self._of_prose(weights.take(unit)))
        for start, end in passages.values():
            text = bisect_right(self._begins, start) - 1
            near = bisect_right(self._starts, max(start - _HALF, self._begins[text] - 1))
            worth[near : bisect_left(self._starts, end, near)] = 0.0
        rows = zip(self._filled, _first_of_the_best(worth, self._begin, self._counts), strict=True)
        return {article: row for article, row in rows if row >= 0 and article in passages}

    def passage(self, row: int, length: int) -> Passage:
        """Return the passage that shows the window from this mark on, cut where sentences or words begin and end."""
        number = bisect_right(self._begins, self._starts[row]) - 1
        text, base = self._texts[number], self._begins[number]
        first, last = self._starts[row] - base, self._ends[row] - base
        start = _start_of(text, first, min(_FAR, length // 2))
        return base + start, base + max(last, end_of(text, start, max(length, last - start)))

    def _of_prose(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weights of all marks with those of titles made nothing, in place."""
        for begin, prose in zip(self._bounds, self._prose, strict=False):
            weight[begin:prose] = 0.0
        return weight

    def _held(self) -> tuple[Rows, NDArray[np.float64]]:
        """The first window in which each mark is the first of its unit, and what each window's number of marks is worth."""
        unit, count = self._marks.unit, len(self._units)
        # after[i]: the mark after the one before mark i that has its unit, 0 where none does.
        after = np.zeros(count, np.intp)
        order = unit.argsort(kind="stable")
        of_order = unit.take(order)
        after[order[1:]] = (order[:-1] + 1) * (of_order[1:] == of_order[:-1])
        following = self._following()
        following[1] += count
        windows = following.ravel()
        # As many windows as end before a mark come before the first that holds it.
        first = np.bincount(windows, minlength=2 * count + 1)[:-1].cumsum()
        held = first.reshape(2, count)
        np.maximum(held[0], after, out=held[0])
        after += count
        np.maximum(held[1], after, out=held[1])
        return first, _PER_MARK * np.minimum(windows - np.arange(2 * count), _COUNTED)

    def _following(self) -> Rows:
        """[2, marks] one after the last mark of each window, of the whole length and of half of it."""
        marks = self._marks
        limits = marks.start + _ROOMS
        last = marks.bounds[1:].repeat(marks.bounds[1:] - marks.bounds[:-1])
        if (marks.end - marks.start).max() <= _ROOMS[1]:
            after: Rows = marks.reach.searchsorted(limits, side="right")
            return np.minimum(after, last, out=after)
        return np.array([self._following_of(of_length, last.tolist()) for of_length in limits.tolist()])

    def _following_of(self, limits: Sequence[int], lasts: Sequence[int]) -> list[int]:
        # A mark longer than the window is in it all the same, and in those that begin within it.
        following, at = [], 0
        for row, (limit, last) in enumerate(zip(limits, lasts, strict=True)):
            while at < last and (at == row or self._ends[at] <= limit):
                at += 1
            following.append(at)
        return following


def _worth(first: Rows, more: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each window is worth, nothing where no mark weighs: mark i weighs in the windows from first[i] to i."""
    change: NDArray[Any] = np.bincount(first, weight, len(first) + 1)
    change[1:] -= weight
    score = change[:-1].cumsum()
    worth: NDArray[np.float64] = (score + more) * (score > _EQUAL)
    return worth


def _first_of_the_best(worth: NDArray[np.float64], begin: Rows, counts: Rows) -> list[int]:
    """The first of the rows worth the most, of `counts[i]` from `begin[i]` on, or −1 where none is worth anything."""
    top = np.maximum.reduceat(worth, begin)
    good = (worth >= (top - _EQUAL).repeat(counts)).nonzero()[0]
    rows = good.take(good.searchsorted(begin)).tolist()
    return [row if most > 0 else -1 for row, most in zip(rows, top.tolist(), strict=True)]


def _start_of(text: str, mark: int, far: int) -> int:
    """Where a passage with its first mark at `mark` begins: at its sentence, else at a word some way before."""
    low = max(0, mark - far)
    begin = -1
    for match in _SENTENCE_END.finditer(text, low, mark):
        begin = match.end()
    if begin >= 0:
        return begin
    if low == 0:
        return len(text) - len(text.lstrip()) if not text[:mark].strip() else 0
    space = _BLANKS.search(text, max(low, mark - 45), mark)
    return space.end() if space else mark


def end_of(text: str, start: int, length: int) -> int:
    """Where a passage ends: after the last whole sentence if it fills half of it, else after a whole word."""
    limit = start + length
    if len(text) <= limit:
        return len(text.rstrip()) if len(text.rstrip()) > start else len(text)
    # What ends a sentence in the first half is of no use; behind a letter or digit none is cut in two.
    half = at = start + length // 2
    while at > start and not text[at - 1].isalnum():
        at -= 1
    good = -1
    for match in _SENTENCE_END.finditer(text, at, limit + 1):
        good = match.start() + len(match[0].rstrip())
    if good >= half:
        return good
    space = max(text.rfind(" ", start, limit + 1), text.rfind("\n", start, limit + 1))
    return space if space > start else limit
