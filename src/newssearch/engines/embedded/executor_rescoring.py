"""The second pass of the ranking: the best of the first looked into by position, for pairs, lead, captions and the best passage."""

from __future__ import annotations

from typing import NamedTuple

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
    weights, size = parameters, len(docs)
    parts = reader.collection.parts()[docs].astype(np.int64)
    low = _Parts(*(parts[:, part][evidence.slot] for part in range(3)))
    singles = np.arange(len(evidence.row)) < evidence.singles
    norms = reader.collection.norms("text", weights.k1, weights.b)[docs]
    added = weights.pairs * _sums(evidence, ~singles, size, norms, weights)
    in_title = singles & (evidence.position < low.lead) & evidence.folds[evidence.row]
    if in_title.any():
        title = reader.collection.norms("title", weights.k1, weights.b)[docs]
        added += weights.title * _sums(evidence, in_title, size, title, weights)
    added += weights.lead * _sums(evidence, singles & _in_lead(evidence, low), size, weights.k1, weights)
    added += weights.caption * _sums(evidence, singles & (evidence.position >= low.caption), size, weights.k1, weights)
    best, passages = _passages(evidence, size, low, parts[:, 0], weights)
    added += (weights.passage if evidence.words <= weights.passage_words else weights.passage_long) * best
    return Rescored(added, passages)


class _Parts(NamedTuple):
    """[occurrences] where in its document the lead, the body and the captions begin."""

    lead: NDArray[np.int64]
    body: NDArray[np.int64]
    caption: NDArray[np.int64]


def _in_lead(evidence: Evidence, low: _Parts) -> NDArray[np.bool_]:
    """[occurrences] whether it is among the first LEAD positions after the title: of the lead, then of the body where the lead is shorter."""
    length = low.body - low.lead - GAP
    of_lead = (evidence.position >= low.lead) & (evidence.position < low.lead + np.minimum(length, LEAD))
    end = np.minimum(low.body + LEAD - length, low.caption)
    inside: NDArray[np.bool_] = of_lead | ((evidence.position >= low.body) & (evidence.position < end))
    return inside


def _sums(
    evidence: Evidence,
    chosen: NDArray[np.bool_],
    size: int,
    norms: NDArray[np.float64] | float,
    weights: RankingParameters,
) -> NDArray[np.float64]:
    """[size] BM25 over some occurrences."""
    few = chosen.nonzero()[0]
    if not len(few):
        return np.zeros(size)
    rows = len(evidence.idfs)
    table = np.bincount(evidence.row[few] * size + evidence.slot[few], evidence.weight[few], rows * size)
    table = table.reshape(rows, size)
    amounts = table + norms
    np.divide(table, amounts, out=amounts)
    sums: NDArray[np.float64] = (evidence.idfs * (weights.k1 + 1)) @ amounts
    return sums


def _passages(
    evidence: Evidence, size: int, low: _Parts, leads: NDArray[np.int64], weights: RankingParameters
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """[size] the score of the best passage behind the title, and [size, 2] where it is; the first of equals. leads[size] is where the title ends."""
    behind = (evidence.position >= low.lead).nonzero()[0]
    row, slot = evidence.row[behind], evidence.slot[behind]
    step = (evidence.position[behind] - low.lead[behind]) // STEP
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
    start = leads + (first - begins[:-1]) * STEP
    passages = np.stack([start, start + PASSAGE], axis=1)
    passages[best <= 0] = 0
    return best, passages
