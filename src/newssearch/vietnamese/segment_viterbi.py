"""Viterbi over two labels for many texts at once, without walking token by token.

Let d be the score of the best path that ends in label I less that of the best that ends in B. CRFsuite's recurrence becomes
`d[t] = s[t] + f(d[t-1])`, where s is the difference of the state scores and

    f(d) = max(w_BI, d + w_II) - max(w_BB, d + w_IB)

is constant below and above two thresholds, `w_BB - w_IB` and `w_BI - w_II`, where the two back pointers turn from B to I. So
wherever s alone puts d beyond both thresholds, whatever came before, the past is forgotten: nine tokens in ten. The others
form short runs, resolved a step of all runs at a time. Backwards, a token beyond both thresholds has its label; the few
between them take it from the token after them.

Differences round otherwise than CRFsuite's sums, which grow with the text. A bound on both errors is known; a text with any d that is
closer to a threshold than this is reported, to be labelled in CRFsuite's own arithmetic. So labels are identical.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass

_Floats = NDArray[np.float64]
_Positions = NDArray[np.intp]
_ROUNDING = 2.0**-53
_VECTOR_STEPS = 24


@dataclass(frozen=True, slots=True)
class TwoLabelChain:
    """The transition weights, as the thresholds and the two constants of f."""

    low: float
    high: float
    below: float
    """f under both thresholds"""
    above: float
    """f over both thresholds"""
    transition: tuple[tuple[float, float], tuple[float, float]]
    largest: float
    """no token adds more than this to the score of a path, nor takes more away"""

    @staticmethod
    def of(transition: _Floats, largest_state: float) -> TwoLabelChain:
        """Return the chain of a [2, 2] matrix of weights, where no state score exceeds a bound."""
        (bb, bi), (ib, ii) = transition.tolist()
        low, high = sorted((bb - ib, bi - ii))
        largest = largest_state + float(np.abs(transition).max())
        return TwoLabelChain(low, high, bi - bb, ii - ib, ((bb, bi), (ib, ii)), largest)

    def labels(self, scores: _Floats, edges: _Positions) -> tuple[NDArray[np.bool_], _Positions]:
        """Return whether each token is labelled I, and the texts (by number) whose labels are in doubt.

        `scores[t]` is the state score of I less that of B; text i is tokens `edges[i] + 1 : edges[i + 1]`. Tokens at edges
        belong to no text, and the first and last token are edges.
        """
        least, most = sorted((self.below, self.above))
        sure_inside = scores > self.high - least
        sure = sure_inside | (scores < self.low - most)
        passed = np.where(sure_inside, self.above, self.below)
        passed[edges] = 0.0
        sure[edges[:-1] + 1] = False
        sure[edges] = True
        open_at = (~sure).nonzero()[0]
        steps = self._resolve(scores, passed, sure, open_at)
        values = scores.copy()
        values[1:] += passed[:-1]

        # d, as far as it is beyond the thresholds (positive) or between them (negative)
        margin = np.abs(values - (self.high + self.low) / 2)
        margin -= (self.high - self.low) / 2
        last = edges[1:] - 1
        inside = values > self.high
        inside[last] = values[last] > 0.0
        between = margin <= 0.0
        between[last] = False
        between[edges] = False
        middle = between.nonzero()[0]
        if len(middle):
            self._walk_back(values, inside, middle)
        np.abs(margin, out=margin)
        margin[last] = np.minimum(margin[last], np.abs(values[last]))
        margin[edges] = np.inf
        return inside, self._doubt(margin, edges, steps)

    def _step(self, value: _Floats) -> _Floats:
        (bb, bi), (ib, ii) = self.transition
        result: _Floats = np.maximum(bi, value + ii) - np.maximum(bb, value + ib)
        return result

    def _resolve(self, scores: _Floats, passed: _Floats, sure: NDArray[np.bool_], open_at: _Positions) -> int:
        """Fill `passed` at the open tokens, each after the one before it; return the length of the longest run of them."""
        steps = 0
        while len(open_at):
            ready = sure[open_at - 1]
            if steps >= _VECTOR_STEPS:
                return steps + self._resolve_one_by_one(scores, passed, open_at)
            now = open_at[ready]
            passed[now] = self._step(scores[now] + passed[now - 1])
            sure[now] = True
            open_at = open_at[~ready]
            steps += 1
        return steps

    def _resolve_one_by_one(self, scores: _Floats, passed: _Floats, open_at: _Positions) -> int:
        (bb, bi), (ib, ii) = self.transition
        before = passed[open_at - 1].tolist()
        results: list[float] = []
        run, longest, previous, carried = 0, 0, -2, 0.0
        for at, score, given in zip(open_at.tolist(), scores[open_at].tolist(), before, strict=True):
            run = run + 1 if at == previous + 1 else 1
            longest = max(longest, run)
            value = score + (carried if run > 1 else given)
            carried = max(bi, value + ii) - max(bb, value + ib)
            results.append(carried)
            previous = at
        passed[open_at] = results
        return longest

    def _walk_back(self, values: _Floats, inside: NDArray[np.bool_], middle: _Positions) -> None:
        """Give the tokens between the thresholds the label that the back pointer of the token after them says."""
        (bb, bi), (ib, ii) = self.transition
        found = values[middle]
        if_begin, if_inside = found > bb - ib, found > bi - ii
        labels = np.where(inside[middle + 1], if_inside, if_begin)
        for i in (middle[1:] == middle[:-1] + 1).nonzero()[0][::-1].tolist():
            labels[i] = if_inside[i] if labels[i + 1] else if_begin[i]
        inside[middle] = labels

    def _doubt(self, margin: _Floats, edges: _Positions, steps: int) -> _Positions:
        """Return the texts in which some value is so close to what it is compared with that rounding might decide.

        A path's score is at most `largest` a token, and each of the two additions a token rounds off at most 2 ** -53 of it. The
        errors of the two scores behind a difference add up only along a run of open tokens, for beyond the thresholds both
        labels continue one path: four roundings a step, doubled here for those of the state scores and of our own sums.
        """
        longest = len(margin) if len(edges) == 2 else int((edges[1:] - edges[:-1]).max())
        error = 8 * _ROUNDING * self.largest * (longest + 8) * (steps + 2)
        if margin.min() > error:
            return np.empty(0, np.intp)
        return np.unique(edges.searchsorted((margin <= error).nonzero()[0]) - 1)
