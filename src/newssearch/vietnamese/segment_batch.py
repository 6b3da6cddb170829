"""Many texts segmented at once: one array of characters, one of tokens, with an edge before, between and after the texts."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newssearch.vietnamese import segment_scan
from newssearch.vietnamese.segment_exact import BEGINS_AS_TITLE, JOINS_NOTHING, ExactTagger
from newssearch.vietnamese.segment_model import Model
from newssearch.vietnamese.segment_tokens import TokenTable
from newssearch.vietnamese.segment_viterbi import TwoLabelChain

_TIE, _BLANK = np.uint32(ord("_")), np.uint32(ord(" "))


@dataclass(frozen=True, slots=True)
class SegmentedBatch:
    """The tokens of a batch; text i is tokens `edges[i] + 1 : edges[i + 1]`."""

    points: NDArray[np.uint32]
    """code points of all texts, with an edge before, between and after"""
    starts: NDArray[np.intp]
    ends: NDArray[np.intp]
    """characters `starts[t]:ends[t]` are token t"""
    joins: NDArray[np.bool_]
    """whether token t is tied to the one before it"""
    edges: NDArray[np.intp]

    def outputs(self) -> list[str]:
        """Return each text as pyvi prints it: tokens with a blank between them, or `_` within a word."""
        room = self.ends - self.starts
        room += 1
        begins = room.cumsum()
        total = int(begins[-1]) - 1
        begins -= room
        # Every character of the output comes from where its token stands; a separator, from the character after the token.
        source = (self.starts - begins).repeat(room)[:total]
        source += np.arange(total)
        output = self.points.take(source)
        output[begins[1:] - 1] = np.where(self.joins[1:], _TIE, _BLANK)
        whole = output.tobytes().decode("utf-32", "surrogatepass")
        first, last = begins[self.edges[:-1] + 1].tolist(), (begins[self.edges[1:]] - 1).tolist()
        return [whole[start:end] for start, end in zip(first, last, strict=True)]

    def compounds(self) -> NDArray[np.intp]:
        """Return [words, 2]: start and end of each word of two or more tokens, in characters from where the first text begins."""
        follows = np.append(self.joins[1:], False)
        first = (follows & ~self.joins).nonzero()[0]
        last = (self.joins & ~follows).nonzero()[0]
        return np.stack([self.starts.take(first), self.ends.take(last)], axis=1) - 1


class BatchSegmenter:
    """Segments batches of NFC texts by arrays."""

    def __init__(self, model: Model, tagger: ExactTagger) -> None:
        self._codes = model.codes
        self._pairs, self._triples = model.pairs, model.triples
        self._tagger = tagger
        self._tokens = TokenTable(model, tagger)
        weights = model.flag_weights[:, :, 1] - model.flag_weights[:, :, 0]
        self._pair_before, self._triple_before = weights[1, 2:].tolist()
        self._pair_after, self._triple_after = weights[2, 2:].tolist()
        largest = float(
            np.abs(model.word_weights).max(axis=(0, 2)).sum() + np.abs(model.flag_weights).max(axis=2).sum()
        )
        self._chain = TwoLabelChain.of(model.transition, largest)

    def segment(self, texts: Sequence[str]) -> SegmentedBatch:
        """Return the tokens of NFC texts and where pyvi ties them together."""
        text = f" {' '.join(texts)} "
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32, copy=False)
        edge_at = np.array([0, *itertools.accumulate(len(each) + 1 for each in texts)])
        codes = self._codes.take(points)
        codes[edge_at] = segment_scan.EDGE
        is_start = segment_scan.token_starts(text, codes)
        is_space = codes == segment_scan.SPACE
        starts = is_start.nonzero()[0]
        is_start |= is_space
        is_end = ~is_space
        is_end[:-1] &= is_start[1:]
        ends = is_end.nonzero()[0] + 1
        edges = starts.searchsorted(edge_at)

        row, rows = self._tokens.rows_of(text, codes, starts, ends)
        scores = rows.own.take(row)
        scores[1:] += rows.before.take(row)[:-1]
        scores[:-1] += rows.after.take(row)[1:]
        self._add_compounds(scores, rows.number.take(row))
        inside, doubtful = self._chain.labels(scores, edges)
        joins = _allowed(rows.marks.take(row))
        joins &= inside
        for i in doubtful.tolist():
            within = slice(edges[i] + 1, edges[i + 1])
            bounds = zip(starts[within].tolist(), ends[within].tolist(), strict=True)
            joins[within] = self._tagger.joins([text[start:end] for start, end in bounds])
        return SegmentedBatch(points, starts, ends, joins, edges)

    def _add_compounds(self, scores: NDArray[np.float64], number: NDArray[np.int32]) -> None:
        """Add to the scores what pyvi's lists of compounds of two and three tokens say; edges are in no compound."""
        found = self._pairs.look_up(number[:-1], number[1:])
        pair = (found & 1).astype(np.bool_).nonzero()[0]
        scores[pair + 1] += self._pair_before
        scores[pair] += self._pair_after
        begins = (found[:-1] > 1).nonzero()[0]
        third = begins[self._triples.look_up(found[begins] >> 1, number[begins + 2]) > 0]
        scores[third + 2] += self._triple_before
        scores[third] += self._triple_after


def _allowed(marks: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return for each token whether pyvi would tie it to the one before it, if the model says so."""
    allowed = np.zeros(len(marks), np.bool_)
    here, before = marks[1:], marks[:-1]
    allowed[1:] = ((here | before) & JOINS_NOTHING) == 0
    allowed[1:] &= (here & BEGINS_AS_TITLE) <= (before & BEGINS_AS_TITLE)
    return allowed
