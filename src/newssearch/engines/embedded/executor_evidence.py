"""What the second pass of the ranking goes by: where a question's words, and its pairs of words, stand in the best documents."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...query.nodes import Alternatives, And, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from ...records import dataclass
from .executor_arrays import Documents
from .executor_matching import idf
from .executor_reader import Reader
from .executor_scoring import folds
from .executor_spans import SHIFT
from .executor_tokens import Token, field_of, key_of

_POSITION = (1 << SHIFT) - 1

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Occurrences of the tokens (rows 0 to T − 1 of `row`) and behind them those of pairs (the rows after), in no order."""

    row: Ints
    slot: Ints
    """index into the documents"""
    position: Ints
    weight: NDArray[np.float64] | None
    """None where all are 1"""
    idfs: NDArray[np.float64]
    """[rows]"""
    tokens: int
    """T"""
    singles: int
    """occurrences of tokens; those of pairs come after them"""
    last: Ints
    """[documents] the last position of all"""
    folds: Sequence[bool]
    """[tokens] whether the title has not been scored yet"""


class _Source(NamedTuple):
    """What is looked for: a single word or a phrase that is a token, or a member of one."""

    row: int
    """the token"""
    weight: float
    longer: int
    """by how many positions an occurrence is longer than one"""


class _Occurrences(NamedTuple):
    """Occurrences of sources."""

    source: Ints
    slot: Ints
    position: Ints
    """of the first word"""


def evidence_of(reader: Reader, root: Group, scored: Sequence[Token], docs: Documents) -> Evidence | None:
    """Return what there is of a question's scored tokens in the documents (ascending), or None where no word of it stands in any."""
    tokens = [token for token in scored if not isinstance(token, Prefix)]
    sources, found = _occurrences(reader, tokens, docs)
    if not len(found.source):
        return None
    last = np.zeros(len(docs), np.int64)
    np.maximum.at(last, found.slot, found.position)
    rows, weights, longer = zip(*sources, strict=True)
    row = np.array(rows)
    row_of = row.take(found.source)
    first, second = _side_by_side(found, longer, last)
    keys = [key_of(token) for token in tokens]
    pairs = _pairs(root, keys)
    number = np.full(len(tokens) ** 2, -1)
    number[[a * len(tokens) + b for a, b in pairs]] = range(len(tokens), len(tokens) + len(pairs))
    pair = number.take(row_of.take(first) * len(tokens) + row.take(second))
    kept = (pair >= 0).nonzero()[0]
    first = first.take(kept)
    weight = None
    if set(weights) != {1.0}:
        weight = np.array(weights)
        single = weight.take(found.source)
        weight = np.concatenate([single, single.take(first) * weight.take(second.take(kept))])
    n = reader.collection.documents
    frequencies = [*map(reader.frequency, tokens), *reader.pair_frequencies(tokens, keys, pairs)]
    return Evidence(
        row=np.concatenate([row_of, pair.take(kept)]),
        slot=np.concatenate([found.slot, found.slot.take(first)]),
        position=np.concatenate([found.position, found.position.take(first)]),
        weight=weight,
        idfs=np.array([idf(n, frequency) for frequency in frequencies]),
        tokens=len(tokens),
        singles=len(row_of),
        last=last,
        folds=[folds(token) for token in tokens],
    )


def _occurrences(reader: Reader, tokens: Sequence[Token], docs: Documents) -> tuple[list[_Source], _Occurrences]:
    """Where the tokens stand: single words are read all at once, phrases as spans."""
    sources: list[_Source] = []
    words: list[tuple[str, str]] = []
    phrases: list[tuple[_Source, Phrase]] = []
    for row, token in enumerate(tokens):
        for member, weight in token.members if isinstance(token, Alternatives) else ((token, 1.0),):
            if isinstance(member, Phrase):
                phrases.append((_Source(row, weight, len(member.words) - 1), member))
            elif isinstance(member, Word):
                words.append(field_of(member))
                sources.append(_Source(row, weight, 0))
    found = _Occurrences(*reader.occurrences(words, docs))
    if phrases:
        pieces = [found]
        for of_phrase, phrase in phrases:
            first = reader.spans(phrase, None, docs).first
            number = np.full(len(first), len(sources))
            pieces.append(_Occurrences(number, docs.searchsorted(first >> SHIFT), first & _POSITION))
            sources.append(of_phrase)
        found = _Occurrences(*(np.concatenate(column) for column in zip(*pieces, strict=True)))
    return sources, found


def _side_by_side(found: _Occurrences, longer: Sequence[int], last: Ints) -> tuple[Ints, Ints]:
    """All occurrences i, and sources s, such that an occurrence of s begins right behind the end of i; longer[s] as in `_Source`."""
    longest = max(longer)
    # All documents one after another, with room behind the last occurrence of each.
    ends = (last + (longest + 2)).cumsum()
    place = (ends - last).take(found.slot)
    place += found.position
    if not longest:
        mark = (found.source + 1).astype(np.min_scalar_type(len(longer)))
        marks = np.zeros(int(ends[-1]) + 2, mark.dtype)
        marks[place] = mark
        if (marks.take(place) == mark).all():
            # One word at each position.
            place += 1
            following = marks.take(place)
            left = (following != 0).nonzero()[0]
            return left, following.take(left).astype(np.int64) - 1
    order = place.argsort(kind="stable")
    begin = place[order]
    behind = begin + np.array(longer)[found.source[order]] + 1
    low, high = begin.searchsorted(behind), begin.searchsorted(behind, side="right")
    counts = high - low
    right = np.arange(counts.sum()) + (low - counts.cumsum() + counts).repeat(counts)
    return order.repeat(counts), found.source[order[right]]


def _pairs(root: Node, keys: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Words that stand side by side in the question, by the numbers of their tokens, each pair once."""
    number_of = {key: number for number, key in enumerate(keys)}
    rows = [[number_of.get(key_of(word), -1) for word in words] for words in _rows(root)]
    return list(dict.fromkeys(pair for of_words in rows for pair in pairwise(of_words) if min(pair) >= 0))


def _rows(node: Node) -> Iterator[Sequence[Token]]:
    """Words that stand side by side in the question: plain ones in a group, those of a phrase."""
    match node:
        case Phrase():
            yield node.words
        case Proximity():
            for operand in node.operands:
                yield from _rows(operand)
        case InField():
            yield from _rows(node.node)
        case Or() | And():
            for side in node.sides:
                yield from _rows(side)
        case Group():
            yield node.words
            for clause in node.required:
                yield from _rows(clause)
        case _:
            return
