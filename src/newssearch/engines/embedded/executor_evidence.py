"""What the second pass of the ranking goes by: where a question's words, and its pairs of words, stand in the best documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question
from ...query.nodes import Alternatives, And, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from ...records import dataclass
from .executor_arrays import Documents
from .executor_matching import idf
from .executor_reader import Reader, Token, key_of
from .executor_scoring import folds, scored_tokens
from .executor_spans import SHIFT

_POSITION = (1 << SHIFT) - 1

Pair = tuple[Token, Token]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Occurrences of the tokens (rows 0 to T − 1 of `row`) and behind them those of pairs (the rows after), one column an occurrence."""

    row: Ints
    slot: Ints
    """index into the documents"""
    position: Ints
    weight: NDArray[np.float64]
    idfs: NDArray[np.float64]
    """[rows]"""
    tokens: int
    singles: int
    """occurrences of tokens; those of pairs come after them"""
    folds: NDArray[np.bool_]
    """[rows] tokens whose title has not been scored yet"""
    words: int
    """different words of the question, those that were not found too"""


@dataclass(frozen=True, slots=True)
class _Occurrences:
    """Occurrences of tokens."""

    row: Ints
    begin: Ints
    """slot << SHIFT | first position"""
    end: Ints
    """the same of the last position; the very same array where all are of one position"""
    weight: NDArray[np.float64]
    follows: NDArray[np.bool_]
    """whether it may be the second of a pair: of a phrase's occurrences with one first position (of alternatives inside it) only one may"""

    def in_order(self) -> _Occurrences:
        """The same, ascending by document and position."""
        order = self.begin.argsort(kind="stable")
        begin = self.begin[order]
        end = begin if self.end is self.begin else self.end[order]
        return _Occurrences(self.row[order], begin, end, self.weight[order], self.follows[order])


def evidence_of(reader: Reader, question: Question, docs: Documents) -> Evidence | None:
    """Return what there is in the documents (ascending), or None where no word of the question stands in any."""
    tokens = [token for token in scored_tokens(question.root) if not isinstance(token, Prefix)]
    found = _occurrences(reader, tokens, docs)
    if not len(found.row):
        return None
    number_of = {key_of(token): number for number, token in enumerate(tokens)}
    pairs: dict[tuple[int, int], Pair] = {}
    for a, b in _pairs(question.root):
        if (left := number_of.get(key_of(a))) is not None and (right := number_of.get(key_of(b))) is not None:
            pairs[left, right] = a, b
    pair_row, first, pair_weight, known = _side_by_side(found, len(tokens), list(pairs))
    n = reader.collection.documents
    chosen = list(pairs.values())
    frequencies = reader.pair_frequencies([chosen[pair] for pair in known])
    idfs = [idf(n, reader.frequency(token)) for token in tokens] + [idf(n, frequency) for frequency in frequencies]
    begin = np.concatenate([found.begin, found.begin[first]])
    return Evidence(
        row=np.concatenate([found.row, pair_row]),
        slot=begin >> SHIFT,
        position=begin & _POSITION,
        weight=np.concatenate([found.weight, pair_weight]),
        idfs=np.array(idfs),
        tokens=len(tokens),
        singles=len(found.row),
        folds=np.array([*map(folds, tokens), *[False] * len(known)]),
        words=len(tokens),
    )


def _occurrences(reader: Reader, tokens: Sequence[Token], docs: Documents) -> _Occurrences:
    """Where the tokens stand: single terms are read all at once, phrases as spans."""
    rows_of: dict[str, list[tuple[int, float]]] = {}
    found = []
    for row, token in enumerate(tokens):
        members = token.members if isinstance(token, Alternatives) else ((token, 1.0),)
        for member, weight in members:
            if isinstance(member, Word):
                for term in reader.terms(member):
                    rows_of.setdefault(term, []).append((row, weight))
            else:
                spans = reader.spans(member, None, docs)
                slot = np.searchsorted(docs, spans.first >> SHIFT) << SHIFT
                begin, end = slot | spans.first & _POSITION, slot | spans.last & _POSITION
                new = np.diff(begin, prepend=-1) != 0
                found.append(_Occurrences(np.full(len(slot), row), begin, end, np.full(len(slot), weight), new))
    of, slot, position = reader.collection.occurrences(list(rows_of), docs)
    key = slot << SHIFT
    key |= position
    all_follow = np.ones(len(key), np.bool_)
    # A term may be one of several tokens: of `ma` without accents and of `mà` as typed.
    for nth in range(max(map(len, rows_of.values()), default=0)):
        of_term = [rows[nth] if nth < len(rows) else (-1, 0.0) for rows in rows_of.values()]
        row_of, weight_of = (np.array(column)[of] for column in zip(*of_term, strict=True))
        if nth:
            there = row_of >= 0
            found.append(_Occurrences(row_of[there], key[there], key[there], weight_of[there], all_follow[there]))
        else:
            found.append(_Occurrences(row_of, key, key, weight_of, all_follow))
    if not found:
        nothing = np.zeros(0, np.int64)
        return _Occurrences(nothing, nothing, nothing, np.zeros(0), np.zeros(0, np.bool_))
    if len(found) > 1:
        columns = ((one.row, one.begin, one.end, one.weight, one.follows) for one in found)
        found = [_Occurrences(*map(np.concatenate, zip(*columns, strict=True)))]
    return found[0].in_order()


def _side_by_side(
    found: _Occurrences, tokens: int, pairs: Sequence[tuple[int, int]]
) -> tuple[Ints, Ints, NDArray[np.float64], list[int]]:
    """The occurrences of pairs: their rows (behind those of the tokens), the indexes of their first words, their weights; and which pairs there are."""
    number_of = np.full((tokens, tokens), -1)
    for number, (a, b) in enumerate(pairs):
        number_of[a, b] = number
    left, right = _followed(found)
    pair = number_of[found.row[left], found.row[right]]
    kept = (pair >= 0).nonzero()[0]
    pair, left, right = pair[kept], left[kept], right[kept]
    there = np.bincount(pair, minlength=len(pairs)) > 0
    row = (tokens - 1 + np.cumsum(there))[pair] if len(pair) else pair
    return row, left, found.weight[left] * found.weight[right], np.flatnonzero(there).tolist()


def _followed(found: _Occurrences) -> tuple[Ints, Ints]:
    """All i, j such that occurrence j begins right behind the end of occurrence i."""
    begin, end = found.begin, found.end
    distance = begin[1:] - begin[:-1]
    if end is begin and distance.all():
        # One word at each position: what follows a word is the next one.
        left = (distance == 1).nonzero()[0]
        return left, left + 1
    low, high = begin.searchsorted(end + 1), begin.searchsorted(end + 1, side="right")
    counts = high - low
    left = np.repeat(np.arange(len(begin)), counts)
    right = np.arange(len(left)) + np.repeat(low - np.cumsum(counts) + counts, counts)
    kept = found.follows[right]
    return left[kept], right[kept]


def _pairs(node: Node) -> Iterator[Pair]:
    """Words that stand side by side in the question: plain ones in a group, those of a phrase."""
    match node:
        case Phrase():
            yield from pairwise(node.words)
        case Proximity():
            for operand in node.operands:
                yield from _pairs(operand)
        case InField():
            yield from _pairs(node.node)
        case Or() | And():
            for side in node.sides:
                yield from _pairs(side)
        case Group():
            yield from pairwise(node.words)
            for clause in node.required:
                yield from _pairs(clause)
        case _:
            return
