"""The second pass of the ranking: the best of the first looked into by position, for pairs, lead, captions and the best passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...fields import GAP, RankingParameters
from ...query.nodes import Group
from ...records import dataclass
from .executor_arrays import Documents
from .executor_evidence import Evidence, evidence_of
from .executor_reader import Reader
from .executor_tokens import Token

PASSAGE = 120
STEP = 60
"""a passage is 120 positions long and a new one begins every 60: shorter than the gap between parts, so none crosses"""
_ROUNDING = 1e-9
LEAD = 60
"""positions after the title that count as its lead, whether the article has one apart or its body begins with it"""

_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]
_ALL = slice(None)


@dataclass(frozen=True, slots=True)
class Rescored:
    """What the second pass adds to each document, and [from, to) of its best passage in `text` (0, 0 where none has a word)."""

    added: _Floats
    passages: _Ints


def rescore(
    reader: Reader, root: Group, tokens: Sequence[Token], parameters: RankingParameters, docs: Documents
) -> Rescored | None:
    """Look into the documents (ascending); None where the question (its tree and its scored tokens) has no words to look for.

    Added are: BM25 over the title for what folds (df as in `folded`), ½ BM25 over adjacent pairs of the question's words (lengths as in `text`), BM25 over the lead and over the captions, and
    the BM25 of the best passage over words and ½ over pairs; these three with all lengths taken as equal.
    """
    evidence = evidence_of(reader, root, tokens, docs)
    if evidence is None:
        return None
    collection, weights, size = reader.collection, parameters, len(docs)
    lead, body, caption = collection.parts().take(docs, axis=0).T.astype(np.int64, order="C")
    position = evidence.position - lead.take(evidence.slot)
    bins = _Bins.of(evidence.last - lead)
    place = bins.places(evidence.slot, position)
    # The weight of pairs is in their factors, for it counts inside a passage too.
    parts = [_Part(1.0, collection.norms("text", weights.k1, weights.b)[docs], slice(evidence.singles, None))]
    single = position[: evidence.singles]
    # Below 0 is the title: very large without a sign.
    early = (single.view(np.uint64) < LEAD + GAP).nonzero()[0]
    # A lead that is shorter than that goes on in the body, behind a gap.
    limit = np.where(body - lead < LEAD + GAP, LEAD + GAP, LEAD)
    early = early[single[early] < limit[evidence.slot[early]]]
    parts.append(_Part(weights.lead, weights.k1, early))
    if (evidence.last >= caption).any():
        late = single >= (caption - lead).take(evidence.slot[: evidence.singles])
        parts.append(_Part(weights.caption, weights.k1, late.nonzero()[0]))
    if any(evidence.folds):
        title = (single < 0).nonzero()[0]
        title = title[np.array(evidence.folds)[evidence.row[title]]]
        parts.append(_Part(weights.title, collection.norms("title", weights.k1, weights.b)[docs], title))
    sums = _sums(evidence, size, bins.width, place, parts, weights)
    added = np.array([part.weight for part in parts]) @ sums[bins.width :].reshape(len(parts), size)
    best, first = bins.best(sums)
    added += (weights.passage if evidence.tokens <= weights.passage_words else weights.passage_long) * best
    start = lead + first * STEP
    passages = np.empty((size, 2), np.int64)
    passages[:, 0] = start
    passages[:, 1] = start + PASSAGE
    passages[best <= 0] = 0
    return Rescored(added, passages)


class _Part(NamedTuple):
    """What of each document is scored as one."""

    weight: float
    norms: _Floats | float
    """[documents]"""
    occurrences: _Ints | slice
    """those in it"""


def _sums(
    evidence: Evidence, size: int, width: int, place: _Ints, parts: Sequence[_Part], weights: RankingParameters
) -> _Floats:
    """[width + parts · size] BM25 over each passage of two bins (place[n] is the bin of occurrence n), then over each part of each document."""
    # One table of frequencies: a row for each word and pair, a column for each bin, and behind these one for each document's part.
    columns = width + len(parts) * size
    begin = evidence.row * columns
    bins = begin + place
    # What stands in a bin counts in the one before too.
    cells, counted = [bins, bins - 1], [_ALL, _ALL, *(part.occurrences for part in parts)]
    norms = np.full(columns, weights.k1)
    of_parts = norms[width:].reshape(len(parts), size)
    for number, part in enumerate(parts):
        of_parts[number] = part.norms
        of_part = begin[part.occurrences] + evidence.slot[part.occurrences]
        of_part += width + number * size
        cells.append(of_part)
    cell = np.concatenate(cells)
    if evidence.weight is None:
        amounts = np.ones(len(cell))
    else:
        amounts = np.concatenate([evidence.weight[chosen] for chosen in counted])
    table = np.bincount(cell, amounts, len(evidence.idfs) * columns).reshape(-1, columns)
    saturated = table + norms
    np.divide(table, saturated, out=saturated)
    factors = evidence.idfs * (weights.k1 + 1)
    factors[evidence.tokens :] *= weights.pairs
    sums: _Floats = factors @ saturated
    return sums


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
