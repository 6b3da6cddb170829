"""Where a question's words stand in stored text: exact character spans, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from ..vietnamese.fold import fold
from ..vietnamese.tokens import Tokens

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


def units_of(root: Group) -> list[tuple[Node, str | None]]:
    """The parts of a question that can be marked, each with the field it is bound to: words first, then clauses, none that is excluded."""
    return list(_units(root, None))


def _units(node: Node, field: str | None) -> Iterator[tuple[Node, str | None]]:
    match node:
        case Group():
            for child in (*node.words, *node.required):
                yield from _units(child, field)
        case Or() | And():
            for side in node.sides:
                yield from _units(side, field)
        case InField():
            yield from _units(node.node, node.field)
        case AtLeast():
            yield from _units(node.word, field)
        case Word() | Alternatives() | Phrase() | Prefix() | Proximity():
            yield node, field
        case _:
            return


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
