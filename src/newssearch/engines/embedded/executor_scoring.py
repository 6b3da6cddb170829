"""The first pass of the ranking: a weighted sum of BM25 over several fields, for the documents that match or are reached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Question
from ...fields import RankingParameters
from ...query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from .executor_arrays import Documents, bound_of_best
from .executor_matching import SLACK, idf
from .executor_reader import Reader, Token, key_of

_MANY = 1 << 14
"""documents from which it pays to find out which of them need not be scored"""
_NEXT = 0.75
"""the share of what is left to add at which that is asked again"""
_SPARSE = 8
"""a lookup costs about as much as eight postings"""


def scored_tokens(root: Group) -> list[Token]:
    """The tokens that score, each once, in order: the plain words, and those of every clause that is not excluded. A phrase scores by its
    words, so that `"cháy rừng"` alone ranks its articles as `cháy rừng` would.
    """
    return list({key_of(token): token for token in reversed(list(_tokens(root)))}.values())[::-1]


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
        self._common: list[tuple[float, str, NDArray[Any]]] = []

    def scores(self, question: Question, best: int | None = None) -> NDArray[np.float64]:
        """[docs] BM25 over `text` and `title` (or over `folded` with a lift for the exact spelling) and `word`, each with its weight. The
        title of what folds waits for the second pass: it would be a look-up for every spelling.

        Where only the `best` so many are wanted, documents that cannot be among them may have −1.
        """
        weights, reader = self._parameters, self._reader
        for token in scored_tokens(question.root):
            field = "folded" if folds(token) else "text"
            self._add_token(field, weights.folded if field == "folded" else weights.text, token)
            typed = token.members[0][0] if isinstance(token, Alternatives) and token.members else token
            if isinstance(typed, Word) and typed.folded:
                self._add_token("text", weights.exact_spelling, Word(typed.term))
            if field == "text" and not isinstance(token, Prefix):
                self._add("title", weights.title, *reader.postings(token, "title"))
        for compound in dict.fromkeys(question.compounds):
            self._add("word", weights.word, *reader.term("word", compound))
        return self._with_common(self._sums_of_rare(), best)

    def _add_token(self, field: str, weight: float, token: Token) -> None:
        column = self._reader.column(token)
        if column is None:
            self._add(field, weight, *self._reader.postings(token))
        elif weight:
            self._common.append((self._factor(weight, self._reader.frequency(token)), field, column))

    def _with_common(self, sums: NDArray[np.float64], best: int | None) -> NDArray[np.float64]:
        """Add what the common tokens bring, those that may bring most first, and leave documents behind that cannot come among the best any more
        (MaxScore; Turtle and Flood, Query Evaluation: Strategies and Optimizations, 1995). A token brings less than its factor.
        """
        docs, places = self._docs, None
        norms: dict[str, NDArray[np.float64]] = {}
        left = asked_at = sum(factor for factor, _, _ in self._common)
        for factor, field, column in sorted(self._common, key=lambda one: -one[0]):
            if best and len(docs) > max(_MANY, best * 8) and left <= asked_at:
                asked_at = left * _NEXT
                kept = (sums + left >= bound_of_best(best, sums) - SLACK).nonzero()[0]
                if len(kept) * 4 < len(docs) * 3:
                    docs, sums, norms = docs[kept], sums[kept], {}
                    places = kept if places is None else places[kept]
            if field not in norms:
                norms[field] = self._all_norms(field)[docs]
            found = column[docs].astype(np.float64)
            amounts = found + norms[field]
            np.divide(found, amounts, out=amounts)
            amounts *= factor
            sums += amounts
            left -= factor
        if places is None:
            return sums
        scores = np.full(len(self._docs), -1.0)
        scores[places] = sums
        return scores

    def _add(self, field: str, weight: float, docs: Documents, freqs: NDArray[Any]) -> None:
        """Add weight · idf · tf (k1 + 1) / (tf + norm), df being the number of postings."""
        if not len(docs) or not weight or not len(self._docs):
            return
        factor = self._factor(weight, len(docs))
        if len(self._docs) * _SPARSE < len(docs):
            places = np.searchsorted(docs, self._docs)
            places[places == len(docs)] = 0
            places = places[docs[places] == self._docs]
            docs, freqs = docs[places], freqs[places]
        self._rare.setdefault(field, []).append((docs, freqs, factor))

    def _sums_of_rare(self) -> NDArray[np.float64]:
        """[docs] the sums over the postings of all tokens that are not common, at once."""
        if not self._rare:
            return np.zeros(len(self._docs))
        docs, amounts = [], []
        for field, rare in self._rare.items():
            at = np.concatenate([of_token for of_token, _, _ in rare], dtype=np.intp)
            found = np.concatenate([freqs for _, freqs, _ in rare], dtype=np.float64)
            found /= found + self._all_norms(field)[at]
            found *= np.repeat([factor for _, _, factor in rare], [len(of_token) for of_token, _, _ in rare])
            docs.append(at)
            amounts.append(found)
        dense: NDArray[Any] = np.bincount(np.concatenate(docs), np.concatenate(amounts), self._collection.documents)
        return dense[self._docs].astype(np.float64, copy=False)

    def _factor(self, weight: float, frequency: int) -> float:
        return weight * idf(self._collection.documents, frequency) * (self._parameters.k1 + 1)

    def _all_norms(self, field: str) -> NDArray[np.float64]:
        return self._collection.norms(field, self._parameters.k1, self._parameters.b)
