"""Titles and snippets made the plain way, from every token and mark by mark: the oracle for the arrays."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newssearch.fields import part_texts
from newssearch.models import Article, Segment
from newssearch.query.nodes import Alternatives, Group, Node, Phrase, Prefix, Proximity, Word
from newssearch.search.marks import units_of
from newssearch.search.snippets import GAP, LENGTH, Marked
from newssearch.vietnamese.fold import fold
from newssearch.vietnamese.scan import scan_many
from newssearch.vietnamese.tokens import Tokens

Rows = NDArray[np.int64]

_STRIDE = 1 << 32
"""text i begins at position i · _STRIDE on one axis for all texts, so that no phrase crosses two"""


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters [start, end) of one text that a unit of the question matched. `unit` numbers the question's words and clauses."""

    start: int
    end: int
    unit: int


@dataclass(frozen=True, slots=True)
class _Spans:
    """Occurrences on the common axis: positions first[i] to last[i], characters start[i] to end[i] of text[i]."""

    text: Rows
    first: Rows
    last: Rows
    start: Rows
    end: Rows


class Finder:
    """Finds the units of a question in the token arrays of some texts."""

    def __init__(self, tokens: Tokens, parts: Sequence[str]) -> None:
        """`parts[i]` is the part of an article ("title", "lead", "body", "caption") that text i of `tokens` is."""
        self._tokens = tokens
        self._parts = np.array(parts)
        self._text = np.repeat(np.arange(len(parts), dtype=np.int64), np.diff(tokens.bounds))
        self._axis = self._text * _STRIDE + tokens.position
        self._number = {term: number for number, term in enumerate(tokens.terms)}
        self._folded: dict[str, list[int]] | None = None

    def marks(self, root: Group) -> list[list[Mark]]:
        """For each text its marks, sorted by start; marks may overlap."""
        marks: list[list[Mark]] = [[] for _ in self._parts]
        for unit, (node, field) in enumerate(units_of(root)):
            spans = self._find(node)
            keep = self._parts[spans.text] == field if field else np.ones(len(spans.text), bool)
            for text, start, end in zip(spans.text[keep].tolist(), spans.start[keep].tolist(), spans.end[keep].tolist(), strict=True):
                marks[text].append(Mark(start, end, unit))
        for of_text in marks:
            of_text.sort(key=lambda mark: (mark.start, -mark.end))
        return marks

    def _find(self, node: Node) -> _Spans:
        match node:
            case Word() | Prefix():
                return self._at(self._rows(node))
            case Alternatives():
                return _union([self._find(member) for member, _ in node.members])
            case Phrase():
                return self._phrase(node)
            case Proximity():
                return self._proximity(node)
            case _:
                return _union([])

    def _rows(self, node: Word | Prefix) -> Rows:
        if isinstance(node, Word):
            numbers = self._of_fold(node.term) if node.folded else [self._number[node.term]] if node.term in self._number else []
        elif node.folded:
            numbers = [n for form, of_form in self._folds().items() if form.startswith(fold(node.prefix)) for n in of_form]
        else:
            numbers = [n for term, n in self._number.items() if term.startswith(node.prefix)]
        wanted = np.zeros(max(len(self._number), 1), np.bool_)
        wanted[numbers] = True
        return np.flatnonzero(wanted[self._tokens.term])

    def _of_fold(self, term: str) -> list[int]:
        return self._folds().get(fold(term), [])

    def _folds(self) -> dict[str, list[int]]:
        if self._folded is None:
            self._folded = {}
            for term, number in self._number.items():
                self._folded.setdefault(fold(term), []).append(number)
        return self._folded

    def _at(self, rows: Rows) -> _Spans:
        tokens = self._tokens
        return _Spans(
            self._text[rows], self._axis[rows], self._axis[rows], tokens.start[rows].astype(np.int64), tokens.end[rows].astype(np.int64)
        )

    def _phrase(self, node: Phrase) -> _Spans:
        spans = [self._find(word) for word in node.words]
        if not spans:
            return _union([])
        begin = spans[0].first
        for distance, following in enumerate(spans[1:], 1):
            begin = begin[_has_between(following.first, begin + distance, begin + distance)]
        # With counts, for np.unique alone would import numpy.ma: 30 ms of a first query.
        begin, _ = np.unique(begin, return_counts=True)
        head, tail = spans[0], spans[-1]
        # Of several rows at one position the longest is taken: it is the whole token that stands in the text.
        first = _pick(head.first, head.start, begin)
        last = _pick(tail.first, -tail.end, begin + len(spans) - 1)
        return _Spans(begin // _STRIDE, begin, begin + len(spans) - 1, head.start[first], tail.end[last])

    def _proximity(self, node: Proximity) -> _Spans:
        operands = [self._find(operand) for operand in node.operands]
        if any(not len(of_operand.text) for of_operand in operands):
            return _union([])
        kept = []
        for number, spans in enumerate(operands):
            ok = np.ones(len(spans.text), bool)
            for other_number, other in enumerate(operands):
                if other_number == number:
                    continue
                after = _has_between(other.first, spans.last + 1, spans.last + node.distance)
                before = _has_between(other.last, spans.first - node.distance, spans.first - 1)
                if node.operator == "before":
                    ok &= after if number < other_number else before
                else:
                    ok &= after | before
            kept.append(_Spans(spans.text[ok], spans.first[ok], spans.last[ok], spans.start[ok], spans.end[ok]))
        return _union(kept)


def _pick(positions: Rows, order: Rows, wanted: Rows) -> Rows:
    """For each wanted position the row that stands there and has the least `order`."""
    rows = np.lexsort((order, positions))
    return rows[np.searchsorted(positions[rows], wanted)]


def _has_between(positions: Rows, low: Rows, high: Rows) -> NDArray[np.bool_]:
    positions = np.sort(positions)
    return np.searchsorted(positions, low) < np.searchsorted(positions, high, side="right")


def _union(spans: Sequence[_Spans]) -> _Spans:
    if not spans:
        none = np.zeros(0, np.int64)
        return _Spans(none, none, none, none, none)
    return _Spans(*(np.concatenate([getattr(s, name) for s in spans]) for name in ("text", "first", "last", "start", "end")))


_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+|\n+")
_FAR = 90
"""characters before the first mark that a sentence may begin and still be shown from its beginning"""


def marked(
    articles: Sequence[Article], root: Group, weights: Mapping[int, float] | None = None, *, whole: bool = False
) -> list[Marked]:
    """What `snippets.mark_articles` must return."""
    texts = [part_texts(article) for article in articles]
    names = [name for of_article in texts for name in ("title", "lead", "body", *["caption"] * (len(of_article) - 3))]
    flat = [text for of_article in texts for text in of_article]
    marks = Finder(scan_many(flat), names).marks(root)
    out, begin = [], 0
    for of_article in texts:
        own = marks[begin : begin + len(of_article)]
        begin += len(of_article)
        prose = tuple(cut(text, joined(m)) for text, m in zip(of_article, own, strict=True)) if whole else ()
        title = prose[0] if whole else cut(of_article[0], joined(own[0]))
        words = sum(len(text.split()) for text in of_article[1:3])
        out.append(Marked(title, _snippet(of_article, own, weights or {}), prose, words))
    return out


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
