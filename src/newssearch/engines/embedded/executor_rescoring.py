"""The second pass of the ranking: the best of the first looked into by position, for pairs, lead, captions and the best passage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question
from ...fields import GAP, RankingParameters
from ...query.nodes import Alternatives, And, Group, InField, Node, Or, Phrase, Prefix, Proximity
from .executor_arrays import Documents, contains
from .executor_matching import idf
from .executor_reader import Reader, Token, key_of
from .executor_scoring import folds, scored_tokens
from .executor_spans import SHIFT, Spans

PASSAGE = 120
STEP = 60
"""a passage is 120 positions long and a new one begins every 60: shorter than the gap between parts, so none crosses"""
LEAD = 60
"""positions after the title that count as its lead, whether the article has one apart or its body begins with it"""
_POSITION = (1 << SHIFT) - 1

Pair = tuple[Token, Token]


@dataclass(frozen=True, slots=True)
class Rescored:
    """What the second pass adds to each document, and [from, to) of its best passage in `text` (0, 0 where none has a word)."""

    added: NDArray[np.float64]
    passages: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Occurrences of the tokens (rows 0 to T − 1 of `row`) and pairs (the rows after), one column an occurrence."""

    row: NDArray[np.int64]
    slot: NDArray[np.int64]
    """index into the documents"""
    position: NDArray[np.int64]
    weight: NDArray[np.float64]
    idfs: NDArray[np.float64]
    """[rows]"""
    tokens: int
    folds: NDArray[np.bool_]
    """[rows] tokens whose title has not been scored yet"""
    words: int
    """different words of the question, those that were not found too"""


def rescore(reader: Reader, question: Question, parameters: RankingParameters, docs: Documents) -> Rescored | None:
    """Look into the documents (ascending); None where the question has no words to look for.

    Added are: BM25 over the title for what folds (df as in `folded`), ½ BM25 over adjacent pairs of the question's words (lengths as in `text`), BM25 over the lead and over the captions, and
    the BM25 of the best passage over words and ½ over pairs; these three with all lengths taken as equal.
    """
    evidence = _evidence(reader, question, docs)
    if evidence is None or not len(evidence.row):
        return None
    weights = parameters
    size, tokens = len(docs), evidence.tokens
    low = reader.collection.parts()[docs].astype(np.int64)
    in_lead = _in_lead(evidence, low)
    in_caption = evidence.position >= low[evidence.slot, 2]
    norms = reader.collection.norms("text", weights.k1, weights.b)[docs]
    added = weights.pairs * _sums(evidence, size, slice(tokens, None), norms, weights)
    of_tokens = slice(0, tokens)
    in_title = (evidence.position < low[evidence.slot, 0]) & evidence.folds[evidence.row]
    if in_title.any():
        title = reader.collection.norms("title", weights.k1, weights.b)[docs]
        added += weights.title * _sums(evidence, size, of_tokens, title, weights, in_title)
    added += weights.lead * _sums(evidence, size, of_tokens, weights.k1, weights, in_lead)
    added += weights.caption * _sums(evidence, size, of_tokens, weights.k1, weights, in_caption)
    best, passages = _passages(evidence, size, low, weights)
    added += (weights.passage if evidence.words <= weights.passage_words else weights.passage_long) * best
    return Rescored(added, passages)


def _in_lead(evidence: _Evidence, low: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[occurrences] whether it is among the first LEAD positions after the title: of the lead, then of the body where the lead is shorter."""
    lead, body = low[evidence.slot, 0], low[evidence.slot, 1]
    length = body - lead - GAP
    of_lead = (evidence.position >= lead) & (evidence.position < lead + np.minimum(length, LEAD))
    of_body = (evidence.position >= body) & (
        evidence.position < np.minimum(body + LEAD - length, low[evidence.slot, 2])
    )
    inside: NDArray[np.bool_] = of_lead | of_body
    return inside


def _sums(
    evidence: _Evidence,
    size: int,
    rows: slice,
    norms: NDArray[np.float64] | float,
    weights: RankingParameters,
    chosen: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """[size] BM25 over some rows and some occurrences."""
    place = evidence.row * size + evidence.slot
    amount = evidence.weight if chosen is None else evidence.weight * chosen
    table = np.bincount(place, amount, len(evidence.idfs) * size).reshape(-1, size)[rows]
    sums: NDArray[np.float64] = evidence.idfs[rows] @ (table * (weights.k1 + 1) / (table + norms))
    return sums


def _passages(
    evidence: _Evidence, size: int, low: NDArray[np.int64], weights: RankingParameters
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """[size] the score of the best passage behind the title, and [size, 2] where it is; the first of equals."""
    behind = evidence.position >= low[evidence.slot, 0]
    row, slot, position = evidence.row[behind], evidence.slot[behind], evidence.position[behind]
    step = (position - low[slot, 0]) // STEP
    # table[row, bin]: bins of STEP positions, those of one document side by side and an empty one after them; a passage is two.
    steps = np.zeros(size, np.int64)
    np.maximum.at(steps, slot, step + 1)
    begins = np.concatenate(([0], np.cumsum(steps + 1)))
    width = int(begins[-1])
    table = np.bincount(row * width + begins[slot] + step, evidence.weight[behind], len(evidence.idfs) * width)
    table = table.reshape(-1, width)
    table[:, :-1] += table[:, 1:]
    factors = evidence.idfs.copy()
    factors[evidence.tokens :] *= weights.pairs
    scores = factors @ (table * (weights.k1 + 1) / (table + weights.k1))
    scores[begins[1:] - 1] = 0
    best = np.maximum.reduceat(scores, begins[:-1])
    of_bin = np.repeat(np.arange(size), np.diff(begins))
    first = np.full(size, width, np.int64)
    top = np.flatnonzero(scores == best[of_bin])
    np.minimum.at(first, of_bin[top], top)
    start = low[:, 0] + (first - begins[:-1]) * STEP
    passages = np.stack([start, start + PASSAGE], axis=1)
    passages[best <= 0] = 0
    return best, passages


def _evidence(reader: Reader, question: Question, docs: Documents) -> _Evidence | None:
    tokens = [token for token in scored_tokens(question.root) if not isinstance(token, Prefix)]
    keys = [key_of(token) for token in tokens]
    n = reader.collection.documents
    found: dict[Any, list[tuple[Spans, float]]] = {}
    columns: list[tuple[int, Spans, float]] = []
    idfs: list[float] = []
    folding: list[bool] = []
    for token, key in zip(tokens, keys, strict=True):
        found[key] = [(spans, weight) for spans, weight in _weighted(reader, token, docs) if len(spans.first)]
        if found[key]:
            columns += [(len(idfs), spans, weight) for spans, weight in found[key]]
            idfs.append(idf(n, len(reader.documents(token))))
            folding.append(folds(token))
    count = len(idfs)
    pairs = {(key_of(a), key_of(b)): (a, b) for a, b in _pairs(question.root)}
    followed = []
    for (a, b), pair in pairs.items():
        occurrences = [
            (Spans(first, first), left_weight * right_weight)
            for left, left_weight in found.get(a, ())
            for right, right_weight in found.get(b, ())
            if len(first := left.first[contains(right.first, left.last + 1)])
        ]
        if occurrences:
            followed.append((pair, occurrences))
    for frequency, (_, occurrences) in zip(
        reader.pair_frequencies([pair for pair, _ in followed]), followed, strict=True
    ):
        columns += [(len(idfs), spans, weight) for spans, weight in occurrences]
        idfs.append(idf(n, frequency))
    if not columns:
        return None
    sizes = [len(spans.first) for _, spans, _ in columns]
    flat = np.concatenate([spans.first for _, spans, _ in columns])
    return _Evidence(
        row=np.repeat([row for row, _, _ in columns], sizes),
        slot=np.searchsorted(docs, flat >> SHIFT),
        position=flat & _POSITION,
        weight=np.repeat([weight for _, _, weight in columns], sizes),
        idfs=np.array(idfs),
        tokens=count,
        folds=np.array([*folding, *[False] * (len(idfs) - count)]),
        words=len(tokens),
    )


def _weighted(reader: Reader, token: Token, docs: Documents) -> list[tuple[Spans, float]]:
    """The occurrences of a token with what each is worth: those of `Alternatives` what the member is."""
    if isinstance(token, Alternatives):
        return [(reader.spans(member, None, docs), weight) for member, weight in token.members]
    return [(reader.spans(token, None, docs), 1.0)]


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
