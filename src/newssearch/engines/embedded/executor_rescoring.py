"""The second pass of the ranking: the best of the first looked into by position, for pairs, lead, captions and the best passage."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question
from ...fields import GAP, RankingParameters
from ...records import dataclass
from .executor_arrays import Documents
from .executor_evidence import Evidence, evidence_of
from .executor_reader import Reader

PASSAGE = 120
STEP = 60
"""a passage is 120 positions long and a new one begins every 60: shorter than the gap between parts, so none crosses"""
_ROUNDING = 1e-9
LEAD = 60
"""positions after the title that count as its lead, whether the article has one apart or its body begins with it"""


@dataclass(frozen=True, slots=True)
class Rescored:
    """What the second pass adds to each document, and [from, to) of its best passage in `text` (0, 0 where none has a word)."""

    added: NDArray[np.float64]
    passages: NDArray[np.int64]


def rescore(reader: Reader, question: Question, parameters: RankingParameters, docs: Documents) -> Rescored | None:
    """Look into the documents (ascending); None where the question has no words to look for.

    Added are: BM25 over the title for what folds (df as in `folded`), ½ BM25 over adjacent pairs of the question's words (lengths as in `text`), BM25 over the lead and over the captions, and
    the BM25 of the best passage over words and ½ over pairs; these three with all lengths taken as equal.
    """
    evidence = evidence_of(reader, question, docs)
    if evidence is None:
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


def _in_lead(evidence: Evidence, low: NDArray[np.int64]) -> NDArray[np.bool_]:
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
    evidence: Evidence,
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
    evidence: Evidence, size: int, low: NDArray[np.int64], weights: RankingParameters
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """[size] the score of the best passage behind the title, and [size, 2] where it is; the first of equals."""
    behind = evidence.position >= low[evidence.slot, 0]
    row, slot, position = evidence.row[behind], evidence.slot[behind], evidence.position[behind]
    step = (position - low[slot, 0]) // STEP
    # table[row, bin]: of each document its bins of STEP positions side by side, an empty one before the first and one after each; a passage is
    # a bin and the next, so that what stands in a bin counts in the one before too.
    steps = np.zeros(size, np.int64)
    np.maximum.at(steps, slot, step + 1)
    begins = np.concatenate(([1], 1 + np.cumsum(steps + 1)))
    width = int(begins[-1])
    place = row * width + begins[slot] + step
    weight = evidence.weight[behind]
    table = np.bincount(
        np.concatenate([place, place - 1]), np.concatenate([weight, weight]), len(evidence.idfs) * width
    )
    amounts = table + weights.k1
    np.divide(table, amounts, out=amounts)
    factors = evidence.idfs * (weights.k1 + 1)
    factors[evidence.tokens :] *= weights.pairs
    scores = factors @ amounts.reshape(-1, width)
    scores[begins[1:] - 1] = 0
    best = np.maximum.reduceat(scores, begins[:-1])
    of_bin = np.repeat(np.arange(size), np.diff(begins))
    first = np.full(size, width, np.int64)
    # Equal sums may differ in the last bits.
    top = 1 + np.flatnonzero(scores[1:] >= best[of_bin] - _ROUNDING)
    np.minimum.at(first, of_bin[top - 1], top)
    start = low[:, 0] + (first - begins[:-1]) * STEP
    passages = np.stack([start, start + PASSAGE], axis=1)
    passages[best <= 0] = 0
    return best, passages
