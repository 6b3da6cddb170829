"""Where a question's words stand in stored text: exact character spans, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..fields import PARTS
from ..query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from ..vietnamese.fold import fold
from ..vietnamese.scan import scan_many
from ..vietnamese.scan_spellings import spellings_of
from ..vietnamese.scan_terms import Joined, Occurrences, find_terms

Rows = NDArray[np.intp]

_STRIDE = 1 << 32
"""positions that lie between two texts, so that nothing crosses them"""


class Marks(NamedTuple):
    """What the units of a question matched in some texts, one row a mark, sorted by start, the longer first; marks may overlap."""

    start: Rows
    """[marks] first character, of the joined texts"""
    end: Rows
    """[marks] one after the last character"""
    starts: list[int]
    ends: list[int]
    """the same as numbers"""
    unit: NDArray[np.int16]
    """[marks] number among the question's words and clauses, see `units_of`"""
    units: int
    """number of these"""
    reach: Rows
    """[marks] the farthest end of this mark and those before it"""
    overlap: bool
    """whether a mark begins before one before it ends"""
    bounds: Rows
    """[texts + 1] marks of text i are bounds[i]:bounds[i + 1]"""


class _Spans(NamedTuple):
    """Occurrences: positions first[i] to last[i], characters start[i] to end[i] of the joined texts."""

    first: Rows
    last: Rows
    start: Rows
    end: Rows

    def take(self, rows: Rows) -> _Spans:
        return _Spans(*(column.take(rows) for column in self))


_NOTHING = _Spans(*[np.zeros(0, np.intp)] * 4)


class _Leaf(NamedTuple):
    """What one look for tokens finds: those with this term, this accent-free form, or one that begins so."""

    form: str
    folded: bool
    prefix: bool


def units_of(root: Group) -> list[tuple[Node, str | None]]:
    """The parts of a question that can be marked, each with the field it is bound to: words first, then clauses, none that is excluded."""
    return list(_units(root, None))


def _units(node: Node, field: str | None) -> Iterator[tuple[Node, str | None]]:
    match node:
        case Word() | Alternatives() | Phrase() | Prefix() | Proximity():
            yield node, field
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


def remember(word: str) -> None:
    """Learn how a word may be written, typed with its accents and without, so that marking it waits for nothing."""
    spellings_of(word, folded=False)
    spellings_of(fold(word), folded=True)


def find_marks(texts: Sequence[str], joined: Joined, firsts: Sequence[int], root: Group) -> Marks:
    """Return where the units of a question stand in the texts, which are `joined`.

    From `firsts[i]` on the texts are the parts of article i: title, lead, body, captions; one more for the end.
    """
    units = units_of(root)
    words = [[_leaf(node)] if isinstance(node, Word) else [*map(_leaf, _words(node))] for node, _ in units]
    unit_of = {leaf: unit for unit, of_unit in enumerate(words) for leaf in of_unit}
    plain, folded = ([leaf for leaf in unit_of if leaf.folded == is_folded] for is_folded in (False, True))
    leaves = plain + folded
    # Only a distance asks for every token between, and only a prefix for terms that the question does not name.
    if any(leaf.prefix for leaf in leaves) or any(isinstance(node, Proximity) for node, _ in units):
        found = _scanned(texts, joined, leaves)
    else:
        found = find_terms(joined, [leaf.form for leaf in plain], [leaf.form for leaf in folded])
    if sum(map(len, words)) == len(leaves) and all(field is None and _is_any_word(node) for node, field in units):
        # No unit needs more than a word, and no word is of two.
        unit = np.array([unit_of[leaf] for leaf in leaves], np.int16).take(found.term)
        start, end = found.start, found.end
    else:
        unit, start, end = _in_units(units, _Finder(leaves, found, joined), joined, firsts)
    order = np.lexsort((-end, start))
    start, end = start.take(order), end.take(order)
    reach = np.maximum.accumulate(end)
    return Marks(
        start=start,
        end=end,
        starts=start.tolist(),
        ends=end.tolist(),
        unit=unit.take(order),
        units=len(units),
        reach=reach,
        overlap=bool((start[1:] < reach[:-1]).any()),
        bounds=start.searchsorted(joined.begins),
    )


def _is_any_word(node: Node) -> bool:
    """Whether a unit stands wherever one of its words does."""
    if isinstance(node, Alternatives):
        return all(isinstance(member, (Word, Prefix)) for member, _ in node.members)
    return isinstance(node, (Word, Prefix))


def _in_units(
    units: Sequence[tuple[Node, str | None]], finder: _Finder, joined: Joined, firsts: Sequence[int]
) -> tuple[NDArray[np.int16], Rows, Rows]:
    """Unit, start and end of each mark, whatever the units are."""
    found = []
    for node, field in units:
        spans = finder.find(node)
        if field is not None:
            text = _texts_of(spans.start, joined)
            first = np.array(firsts)
            part = np.minimum(text - first.take(first.searchsorted(text, side="right") - 1), len(PARTS) - 1)
            spans = spans.take((part == PARTS.index(field)).nonzero()[0])
        found.append(spans)
    unit = np.arange(len(units), dtype=np.int16).repeat(np.array([len(spans.start) for spans in found], np.intp))
    _, _, start, end = _union(found)
    return unit, start, end


class _Finder:
    """Finds the nodes of a question, from where its words are."""

    def __init__(self, leaves: Sequence[_Leaf], found: Occurrences, joined: Joined) -> None:
        order = found.term.argsort(kind="stable")
        start = found.start.take(order)
        position = found.position.take(order) + _texts_of(start, joined) * _STRIDE
        self._spans = _Spans(position, position, start, found.end.take(order))
        bounds = found.term.take(order).searchsorted(np.arange(len(leaves) + 1)).tolist()
        self._rows = {leaf: slice(*of_leaf) for leaf, of_leaf in zip(leaves, pairwise(bounds), strict=True)}

    def find(self, node: Node) -> _Spans:
        match node:
            case Word() | Prefix():
                rows = self._rows[_leaf(node)]
                return _Spans(*(column[rows] for column in self._spans))
            case Alternatives():
                return _union([self.find(member) for member, _ in node.members])
            case Phrase():
                return self._phrase(node)
            case Proximity():
                return self._proximity(node)
            case _:
                return _NOTHING

    def _phrase(self, node: Phrase) -> _Spans:
        spans = [self.find(word) for word in node.words]
        begin = spans[0].first if spans else np.zeros(0, np.intp)
        for distance, following in enumerate(spans[1:], 1):
            begin = begin[_has_between(following.first, begin + distance, begin + distance)]
        if not len(begin):
            return _NOTHING
        # With counts, for np.unique alone would import numpy.ma: 30 ms of a first query.
        begin, _ = np.unique(begin, return_counts=True)
        head, tail = spans[0], spans[-1]
        # Of several rows at one position the longest is taken: it is the whole token that stands in the text.
        first = _pick(head.first, head.start, begin)
        last = _pick(tail.first, -tail.end, begin + len(spans) - 1)
        return _Spans(begin, begin + len(spans) - 1, head.start[first], tail.end[last])

    def _proximity(self, node: Proximity) -> _Spans:
        operands = [self.find(operand) for operand in node.operands]
        if any(not len(of_operand.start) for of_operand in operands):
            return _NOTHING
        kept = []
        for number, spans in enumerate(operands):
            ok = np.ones(len(spans.start), np.bool_)
            for other_number, other in enumerate(operands):
                if other_number == number:
                    continue
                after = _has_between(other.first, spans.last + 1, spans.last + node.distance)
                before = _has_between(other.last, spans.first - node.distance, spans.first - 1)
                if node.operator == "before":
                    ok &= after if number < other_number else before
                else:
                    ok &= after | before
            kept.append(spans.take(ok.nonzero()[0]))
        return _union(kept)


def _words(node: Node) -> Iterator[Word | Prefix]:
    """The words and prefixes of a unit."""
    match node:
        case Word() | Prefix():
            yield node
        case Alternatives():
            for member, _ in node.members:
                yield from _words(member)
        case Phrase():
            for word in node.words:
                yield from _words(word)
        case Proximity():
            for operand in node.operands:
                yield from _words(operand)


def _leaf(node: Word | Prefix) -> _Leaf:
    form = node.term if isinstance(node, Word) else node.prefix
    return _Leaf(fold(form) if node.folded else form, node.folded, isinstance(node, Prefix))


def _scanned(texts: Sequence[str], joined: Joined, leaves: Sequence[_Leaf]) -> Occurrences:
    """The rows of each leaf, by its number, of all tokens of the texts."""
    tokens = scan_many(texts)
    forms: dict[bool, dict[str, list[int]]] = {False: {}, True: {}}
    for folded, numbers in forms.items():
        if any(leaf.folded == folded for leaf in leaves):
            for number, term in enumerate(tokens.terms):
                numbers.setdefault(fold(term) if folded else term, []).append(number)
    rows = []
    for leaf in leaves:
        numbers = forms[leaf.folded]
        wanted = np.zeros(max(len(tokens.terms), 1), np.bool_)
        if leaf.prefix:
            wanted[
                [number for form, of_form in numbers.items() if form.startswith(leaf.form) for number in of_form]
            ] = True
        else:
            wanted[numbers.get(leaf.form, [])] = True
        rows.append(wanted.take(tokens.term).nonzero()[0])
    row = np.concatenate((_NOTHING.start, *rows))
    base = np.array(joined.begins[:-1], np.intp).repeat(np.diff(tokens.bounds)).take(row)
    return Occurrences(
        term=np.arange(len(leaves)).repeat(np.array([len(of_leaf) for of_leaf in rows], np.intp)),
        position=tokens.position.take(row).astype(np.intp),
        start=base + tokens.start.take(row),
        end=base + tokens.end.take(row),
    )


def _texts_of(places: Rows, joined: Joined) -> Rows:
    """The number of the text in which each character of the joined texts stands."""
    return np.array(joined.begins).searchsorted(places, side="right") - 1


def _pick(positions: Rows, order: Rows, wanted: Rows) -> Rows:
    """For each wanted position the row that stands there and has the least `order`."""
    rows = np.lexsort((order, positions))
    return rows[np.searchsorted(positions[rows], wanted)]


def _has_between(positions: Rows, low: Rows, high: Rows) -> NDArray[np.bool_]:
    positions = np.sort(positions)
    return np.searchsorted(positions, low) < np.searchsorted(positions, high, side="right")


def _union(spans: Sequence[_Spans]) -> _Spans:
    return _Spans(*map(np.concatenate, zip(_NOTHING, *spans, strict=True)))
