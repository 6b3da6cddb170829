"""The first pass of the ranking: a weighted sum of BM25 over several fields, for the documents that match or are reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...fields import RankingParameters
from ...query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from .executor_arrays import Documents, bound_of_best
from .executor_matching import SLACK, idf
from .executor_reader import Reader
from .executor_tokens import Token, key_of

_MANY = 1 << 13
"""documents from which it pays to estimate first which of them need be scored"""
_AT_ONCE = 1 << 18
"""frequencies that are worked on at once; of larger products BLAS makes two threads, which wait for each other where others work too"""
_LEAST_STEP = 1 << 10
_DENSE = 4
_HALF_PRECISION = 2.0**-23
_LOOKED_UP = 1 << 12
_SPARSE = 16
"""a look-up of a document costs about as much as so many postings, and all look-ups of a term as so many more"""


def scored_tokens(root: Group) -> list[Token]:
    """The tokens that score, each once, in order: the plain words, and those of every clause that is not excluded. A phrase scores by its
    words, so that `"cháy rừng"` alone ranks its articles as `cháy rừng` would.
    """
    tokens: dict[Any, Token] = {}
    for token in _tokens(root):
        tokens.setdefault(key_of(token), token)
    return list(tokens.values())


def _tokens(node: Node) -> Iterator[Token]:
    match node:
        case Word() | Alternatives() | Prefix():
            yield node
        case Phrase():
            yield from node.words
        case Proximity():
            for operand in node.operands:
                yield from _tokens(operand)
        case AtLeast():
            yield node.word
        case InField():
            yield from _tokens(node.node)
        case Or() | And():
            for side in node.sides:
                yield from _tokens(side)
        case Group():
            yield from node.words
            for clause in node.required:
                yield from _tokens(clause)
        case _:
            return


def folds(token: Token) -> bool:
    """Whether a token is scored over `folded`: `Alternatives` are where a member is."""
    match token:
        case Word() | Prefix():
            return token.folded
        case Alternatives():
            return any(folds(member) for member, _ in token.members)
        case Phrase():
            return any(map(folds, token.words))


class FirstPass:
    """Adds up BM25 sums for some documents: of common tokens by their columns, of the others by all their postings together."""

    def __init__(self, reader: Reader, parameters: RankingParameters, docs: Documents) -> None:
        self._reader = reader
        self._collection = reader.collection
        self._parameters = parameters
        self._docs = docs.astype(np.intp)
        self._rare: dict[str, list[tuple[Documents, NDArray[Any], float]]] = {}
        """by field"""
        self._common: dict[str, list[tuple[float, NDArray[Any]]]] = {}
        """by field"""

    def scores(
        self, tokens: Sequence[Token], compounds: Sequence[str], best: int | None = None
    ) -> tuple[NDArray[np.intp] | None, NDArray[np.float64]]:
        """[docs] BM25 over `text` and `title` (or over `folded` with a lift for the exact spelling) and `word`, each with its weight. The
        title of what folds waits for the second pass: it would be a look-up for every spelling.

        Where only the `best` so many are wanted, these may be of some documents alone, whose indexes, ascending, stand before them.
        """
        weights, reader = self._parameters, self._reader
        for token in tokens:
            field = "folded" if folds(token) else "text"
            self._add_token(field, weights.folded if field == "folded" else weights.text, token)
            typed = token.members[0][0] if isinstance(token, Alternatives) and token.members else token
            if isinstance(typed, Word) and typed.folded:
                self._add_token("text", weights.exact_spelling, Word(typed.term))
            if field == "folded" or isinstance(token, Prefix):
                continue
            if isinstance(token, Word):
                self._add("title", weights.title, *reader.term("title", token.term))
            else:
                self._add("title", weights.title, *reader.postings(token, "title"))
        for compound in dict.fromkeys(compounds):
            self._add("word", weights.word, *reader.term("word", compound))
        return self._with_common(self._sums_of_rare(), best)

    def _add_token(self, field: str, weight: float, token: Token) -> None:
        column = self._reader.column(token)
        if column is None:
            self._add(field, weight, *self._reader.postings(token))
        elif weight:
            factor = self._factor(weight, self._reader.frequency(token))
            self._common.setdefault(field, []).append((factor, column))

    def _with_common(
        self, sums: NDArray[np.float64], best: int | None
    ) -> tuple[NDArray[np.intp] | None, NDArray[np.float64]]:
        """Add what the common tokens bring. Of many documents those are left behind that cannot be among the best: whose sum so far with all that
        could come to it, which is the sum of the factors, stays below what enough others have (MaxScore; Turtle and Flood, Query Evaluation:
        Strategies and Optimizations, 1995). Of what are still many the scores are estimated first, in numbers of half the size.
        """
        if not best or not self._common or len(sums) <= max(_MANY, best * 8):
            self._add_common(sums, self._docs, np.float64)
            return None, sums
        tokens = sum(map(len, self._common.values()))
        left = sum(factor for of_field in self._common.values() for factor, _ in of_field)
        # Any will do to learn what enough of them have; those that lead so far have most. Of equal ones there may be very many.
        some = (sums >= bound_of_best(best * 2, sums)).nonzero()[0][: best * 4]
        reached = float(np.partition(self._exact(sums, some), len(some) - best)[len(some) - best])
        kept = (sums >= reached - left - SLACK).nonzero()[0]
        if len(kept) > max(_MANY, best * 8):
            estimates = self._estimates(sums, kept)
            error = (float(sums.max()) + left) * (tokens + 8) * _HALF_PRECISION
            kept = kept[estimates >= max(bound_of_best(best, estimates), reached) - error]
        return kept, self._exact(sums, kept)

    def _exact(self, sums: NDArray[np.float64], some: NDArray[np.intp]) -> NDArray[np.float64]:
        """[some] the whole sums of some documents."""
        scores = sums[some]
        self._add_common(scores, self._docs[some], np.float64)
        return scores

    def _estimates(self, sums: NDArray[np.float64], some: NDArray[np.intp]) -> NDArray[np.float32]:
        """[some] the whole sums, with an error in the last bits of numbers of half the size."""
        scores = sums[some].astype(np.float32)
        if len(some) * _DENSE > self._collection.documents:
            # To go through whole columns costs less than to pick so much of them.
            everywhere = np.zeros(self._collection.documents, np.float32)
            self._add_common(everywhere, None, np.float32)
            scores += everywhere[self._docs[some]]
        else:
            self._add_common(scores, self._docs[some], np.float32)
        return scores

    def _add_common(self, sums: NDArray[Any], docs: NDArray[np.intp] | None, dtype: type[np.floating[Any]]) -> None:
        """Add to `sums` what the common tokens bring to these documents (None: to all), some documents at a time."""
        for field, of_field in self._common.items():
            factors = np.array([factor for factor, _ in of_field], dtype)
            norms = self._all_norms(field)
            step = max(_AT_ONCE // len(of_field), _LEAST_STEP)
            space = np.empty((len(of_field), min(step, len(sums))), dtype)
            for begin in range(0, len(sums), step):
                some = slice(begin, begin + step) if docs is None else docs[begin : begin + step]
                of_some = sums[begin : begin + step]
                amounts = space[:, : len(of_some)]
                for row, (_, column) in zip(amounts, of_field, strict=True):
                    row[:] = column[some]
                # tf / (tf + norm) is what norm / (tf + norm) lacks to 1: no second table.
                missing = norms[some].astype(dtype, copy=False)
                amounts += missing
                np.divide(missing, amounts, out=amounts)
                of_some += factors.sum()
                of_some -= factors @ amounts

    def _add(self, field: str, weight: float, docs: Documents, freqs: NDArray[Any]) -> None:
        """Add weight · idf · tf (k1 + 1) / (tf + norm), df being the number of postings."""
        if not len(docs) or not weight:
            return
        factor = self._factor(weight, len(docs))
        if len(docs) > _LOOKED_UP + len(self._docs) * _SPARSE:
            places = docs.searchsorted(self._docs)
            places[places == len(docs)] = 0
            places = places[docs[places] == self._docs]
            docs, freqs = docs[places], freqs[places]
        self._rare.setdefault(field, []).append((docs, freqs, factor))

    def _sums_of_rare(self) -> NDArray[np.float64]:
        """[docs] the sums over the postings of all tokens that are not common, at once."""
        size = len(self._docs)
        rare = [one for of_field in self._rare.values() for one in of_field]
        if not rare:
            return np.zeros(size)
        wanted = np.zeros(self._collection.documents, np.bool_)
        wanted[self._docs] = True
        at = np.concatenate([docs for docs, _, _ in rare], dtype=np.intp)
        # Most postings are of other documents.
        there = wanted[at].nonzero()[0]
        at = at[there]
        found = np.concatenate([freqs for _, freqs, _ in rare])[there].astype(np.float64)
        ends = there.searchsorted(np.array([len(docs) for docs, _, _ in rare]).cumsum()).tolist()
        amounts = np.empty(len(found))
        begin, tokens = 0, 0
        for field, of_field in self._rare.items():
            tokens += len(of_field)
            end = ends[tokens - 1]
            np.add(found[begin:end], self._all_norms(field)[at[begin:end]], out=amounts[begin:end])
            begin = end
        np.divide(found, amounts, out=amounts)
        begin = 0
        for end, (_, _, factor) in zip(ends, rare, strict=True):
            amounts[begin:end] *= factor
            begin = end
        slots = np.empty(self._collection.documents, np.intp)
        slots[self._docs] = np.arange(size)
        sums: NDArray[Any] = np.bincount(slots[at], amounts, size)
        return sums.astype(np.float64, copy=False)

    def _factor(self, weight: float, frequency: int) -> float:
        return weight * idf(self._collection.documents, frequency) * (self._parameters.k1 + 1)

    def _all_norms(self, field: str) -> NDArray[np.float64]:
        return self._collection.norms(field, self._parameters.k1, self._parameters.b)
