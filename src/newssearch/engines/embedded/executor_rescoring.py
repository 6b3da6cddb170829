"""The second pass of the ranking: the best of the first looked into by position, for pairs, lead, captions and the best passage."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question
from ...fields import GAP, RankingParameters
from ...records import dataclass
from .executor_arrays import Documents
from .executor_evidence import evidence_of
from .executor_reader import Reader

PASSAGE = 120
STEP = 60
"""a passage is 120 positions long and a new one begins every 60: shorter than the gap between parts, so none crosses"""
_ROUNDING = 1e-9
LEAD = 60
"""positions after the title that count as its lead, whether the article has one apart or its body begins with it"""

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_Chosen = _Ints | slice
_ALL = slice(None)
_LEAD, _CAPTION, _TITLE, _PAIRS = range(4)


@dataclass(frozen=True, slots=True)
class Rescored:
    """What the second pass adds to each document, and [from, to) of its best passage in `text` (0, 0 where none has a word)."""

    added: _Floats
    passages: _Ints


def rescore(reader: Reader, question: Question, parameters: RankingParameters, docs: Documents) -> Rescored | None:
    """Look into the documents (ascending); None where the question has no words to look for.

    Added are: BM25 over the title for what folds (df as in `folded`), ½ BM25 over adjacent pairs of the question's words (lengths as in `text`), BM25 over the lead and over the captions, and
    the BM25 of the best passage over words and ½ over pairs; these three with all lengths taken as equal.
    """
    evidence = evidence_of(reader, question, docs)
    if evidence is None:
        return None
    weights, size = parameters, len(docs)
    lead, body, caption = reader.collection.parts().take(docs, axis=0).T.astype(np.int64, order="C")
    bins = _Bins.of(evidence.last - lead)
    # One table of frequencies has a row for each word and pair, a column for each bin, and behind these one for each document's lead, its captions,
    # its title and its pairs.
    columns = bins.width + 4 * size
    norms = np.full(columns, weights.k1)
    of_parts = norms[bins.width :].reshape(4, size)
    of_parts[_PAIRS] = reader.collection.norms("text", weights.k1, weights.b)[docs]
    begin = evidence.row * columns
    slot = evidence.slot

    def of_part(number: int, chosen: _Chosen) -> _Ints:
        cells: _Ints = begin[chosen] + slot[chosen]
        cells += bins.width + number * size
        return cells

    position = evidence.position - lead.take(slot)
    cells = begin + bins.places(slot, position)
    # What stands in a bin counts in the one before too.
    counted: list[tuple[_Ints, _Chosen]] = [(cells, _ALL), (cells - 1, _ALL)]
    pairs = slice(evidence.singles, None)
    counted.append((of_part(_PAIRS, pairs), pairs))
    single = position[: evidence.singles]
    early = ((single >= 0) & (single < LEAD + GAP)).nonzero()[0]
    # A lead that is shorter than that goes on in the body, behind a gap.
    limit = np.where(body - lead < LEAD + GAP, LEAD + GAP, LEAD)
    early = early[single[early] < limit[slot[early]]]
    counted.append((of_part(_LEAD, early), early))
    if (evidence.last >= caption).any():
        late = (single >= (caption - lead).take(slot[: evidence.singles])).nonzero()[0]
        counted.append((of_part(_CAPTION, late), late))
    if any(evidence.folds):
        of_parts[_TITLE] = reader.collection.norms("title", weights.k1, weights.b)[docs]
        title = (single < 0).nonzero()[0]
        title = title[np.array(evidence.folds)[evidence.row[title]]]
        counted.append((of_part(_TITLE, title), title))
    cell = np.concatenate([of for of, _ in counted])
    if evidence.weight is None:
        amounts = np.ones(len(cell))
    else:
        amounts = np.concatenate([evidence.weight[chosen] for _, chosen in counted])
    table = np.bincount(cell, amounts, len(evidence.idfs) * columns).reshape(-1, columns)
    saturated = table + norms
    np.divide(table, saturated, out=saturated)
    factors = evidence.idfs * (weights.k1 + 1)
    factors[evidence.tokens :] *= weights.pairs
    sums = factors @ saturated
    added = np.array([weights.lead, weights.caption, weights.title, 1.0]) @ sums[bins.width :].reshape(4, size)
    best, first = bins.best(sums)
    added += (weights.passage if evidence.tokens <= weights.passage_words else weights.passage_long) * best
    start = lead + first * STEP
    passages = np.empty((size, 2), np.int64)
    passages[:, 0] = start
    passages[:, 1] = start + PASSAGE
    passages[best <= 0] = 0
    return Rescored(added, passages)


class _Bins(NamedTuple):
    """Bins of STEP positions behind the titles, those of each document side by side. Two come before the first, and an empty one behind the last of each, so that
    a passage is a bin and the next.
    """

    begins: _Ints
    ends: _Ints
    """the empty bin of each document"""
    width: int

    @classmethod
    def of(cls, last: _Ints) -> _Bins:
        """Make bins for positions up to `last` behind the titles of documents."""
        counts = np.maximum(last // STEP + 1, 0)
        ends = (counts + 1).cumsum()
        ends += 1
        return cls(ends - counts, ends, int(ends[-1]) + 1)

    def places(self, slot: _Ints, position: _Ints) -> _Ints:
        """The bins of positions counted from the end of the title; what stands in the title goes to the second of the two before all."""
        places = self.begins.take(slot)
        places += position // STEP
        places[position < 0] = 1
        return places

    def best(self, sums: _Floats) -> tuple[_Floats, _Ints]:
        """The highest of the sums over each document's passages, and which passage is the first that has it."""
        sums[self.ends] = 0
        best = np.maximum.reduceat(sums[: self.width], self.begins)
        lengths = self.ends - self.begins + 1
        # Equal sums may differ in the last bits.
        top = (sums[2 : self.width] >= (best - _ROUNDING).repeat(lengths)).nonzero()[0]
        first = top[top.searchsorted(self.begins - 2)] + 2
        return best, first - self.begins
