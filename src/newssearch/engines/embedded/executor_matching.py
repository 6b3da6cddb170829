"""What matches: the rule over plain words, and the clauses of the tree, as sets of documents (see the design, "What a question means")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import ceil, log
from typing import Any, NamedTuple, assert_never

import numpy as np
from numpy.typing import NDArray

from ...fields import url_key
from ...models import Match
from ...query.nodes import (
    Address,
    Alternatives,
    And,
    AtLeast,
    DateRange,
    Filter,
    Group,
    InField,
    Node,
    Or,
    Phrase,
    Prefix,
    Proximity,
    Word,
)
from ...records import dataclass
from .executor_arrays import NO_DOCUMENTS, Documents, intersect, subtract, unite
from .executor_filters import has_value, is_published
from .executor_reader import Reader
from .executor_spans import before, windows
from .executor_tokens import key_of

_LARGEST = (1 << 16) - 1
_CHUNK = 1 << 16
"""documents over which words are added up at once, in what a core has of its own"""
SLACK = 1e-9
"""sums of the same masses in another order may differ in the last bits"""
MOST = 2 / 3
REACH = 1 / 3
MOST_FROM = 4
"""words in K from which `auto` asks for two thirds instead of all, and may reach"""


def idf(documents: int, frequency: int) -> float:
    """log(1 + (N − df + ½) / (df + ½)), never negative."""
    return log(1 + (documents - frequency + 0.5) / (frequency + 0.5))


class Known(NamedTuple):
    """A plain word that the index knows, with its mass in the matching rule."""

    word: Word | Alternatives
    mass: float


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents that hold enough, and which of them only reach a third of the mass."""

    docs: Documents
    near: NDArray[np.bool_]


class Matcher:
    """Sets of documents for the nodes of one question; deleted documents are left in, for the caller to take out."""

    def __init__(self, reader: Reader, match: Match) -> None:
        self.reader = reader
        self.collection = reader.collection
        self.match = match

    @cached_property
    def _everything(self) -> Documents:
        return np.arange(self.collection.documents, dtype=np.int32)

    def mass(self, word: Word | Alternatives | Phrase) -> float | None:
        """The idf of a word, of `Alternatives` that of the heaviest known member; None where the index knows none of it."""
        if isinstance(word, Alternatives):
            masses = [mass for member, _ in word.members if (mass := self.mass(member)) is not None]
            return max(masses, default=None)
        frequency = self.reader.frequency(word)
        return idf(self.collection.documents, frequency) if frequency else None

    def known(self, words: Sequence[Word | Alternatives]) -> tuple[list[Known], bool]:
        """K, the distinct words that the index knows, heaviest first; and whether it knows them all."""
        distinct = {key_of(word): word for word in reversed(words)}.values()
        masses = [(word, self.mass(word)) for word in distinct]
        known = [Known(word, mass) for word, mass in masses if mass is not None]
        return sorted(known, key=lambda one: -one.mass), len(known) == len(masses)

    def words(self, words: Sequence[Word | Alternatives], part: str | None, reach: bool = False) -> Matches:
        """The documents that hold enough of the words; with `reach` those with a third of the mass too, of four words or more."""
        known, all_known = self.known(words)
        if not known or (self.match == "all" and not all_known):
            return _all_match(NO_DOCUMENTS)
        if self.match == "any":
            return _all_match(
                unite([self.reader.documents(word, part) for word, _ in known], self.collection.documents)
            )
        if self.match == "all" or (self.match == "auto" and len(known) < MOST_FROM):
            return _all_match(self.reader.having([word for word, _ in known], None, part))
        docs, reached = self._heavier(known, part, MOST, REACH if reach else MOST)
        return Matches(docs, reached)

    def reached(self, words: Sequence[Word | Alternatives]) -> Documents:
        """The documents with a third of the mass, however few words there are."""
        known, _ = self.known(words)
        return self._heavier(known, None, REACH, REACH)[0] if known else NO_DOCUMENTS

    def _heavier(
        self, known: Sequence[Known], part: str | None, most: float, reach: float
    ) -> tuple[Documents, NDArray[np.bool_]]:
        """Documents whose words weigh at least the share `reach` of the known words, and whether they weigh less than the share `most`."""
        total = sum(mass for _, mass in known)
        # Sums of whole numbers tell nearly all documents; those about a bound are weighed again. What weighs nothing finds nothing.
        unit = (_LARGEST - len(known)) / max(total, SLACK)
        weights = [round(mass * unit) for _, mass in known]
        errors = [weight - mass * unit for weight, (_, mass) in zip(weights, known, strict=True)]
        above, below = (1 + sum(max(sign * error, 0) for error in errors) for sign in (1, -1))
        sums = self._sums(known, weights, part)
        docs = (sums >= max(ceil(total * reach * unit - below), 1)).nonzero()[0]
        found = sums[docs]
        near = found < total * most * unit
        for share in {most, reach}:
            bound = total * share * unit
            about = ((found >= bound - below) & (found <= bound + above)).nonzero()[0]
            if len(about):
                less = self._masses(known, part, docs[about].astype(np.int32)) < max(total * share - SLACK, SLACK)
                if share == most:
                    near[about] = less
                if share == reach and less.any():
                    kept = np.ones(len(docs), np.bool_)
                    kept[about[less]] = False
                    docs, found, near = docs[kept], found[kept], near[kept]
        if reach == most:
            near = np.zeros(len(docs), np.bool_)
        return docs.astype(np.int32), near

    def _sums(self, known: Sequence[Known], weights: Sequence[int], part: str | None) -> NDArray[np.uint16]:
        """[documents] the sum of the weights of the words that a document has."""
        sums = np.zeros(self.collection.documents, np.uint16)
        common: list[tuple[NDArray[Any], np.uint16]] = []
        for (word, _), weight in zip(known, weights, strict=True):
            column = self.reader.column(word, part)
            if column is None:
                sums[self.reader.documents(word, part).astype(np.intp)] += np.uint16(weight)
            else:
                common.append((column, np.uint16(weight)))
        size = min(len(sums), _CHUNK)
        there = np.empty(size, np.bool_)
        products = np.empty(size, np.uint16)
        for begin in range(0, len(sums) if common else 0, _CHUNK):
            chunk = sums[begin : begin + _CHUNK]
            mask, product = there[: len(chunk)], products[: len(chunk)]
            for column, of_word in common:
                np.not_equal(column[begin : begin + _CHUNK], 0, out=mask)
                np.multiply(mask.view(np.uint8), of_word, out=product)
                chunk += product
        return sums

    def _masses(self, known: Sequence[Known], part: str | None, docs: Documents) -> NDArray[np.float64]:
        """[docs] how much the words of a document weigh."""
        masses = np.array([mass for _, mass in known])
        return masses @ self.reader.held([word for word, _ in known], docs, part)

    def group(self, group: Group, part: str | None = None, among: Documents | None = None) -> Documents:
        """The documents of a group: enough of its words, every required clause, no excluded one."""
        docs = self.words(group.words, part).docs if group.words else None
        if docs is not None and among is not None:
            docs = intersect(docs, among, self.collection.documents)
        return self.clauses(group.required, group.excluded, part, among if docs is None else docs)

    def clauses(
        self, required: Sequence[Node], excluded: Sequence[Node], part: str | None, among: Documents | None
    ) -> Documents:
        """Those `among` (None: all) that satisfy every required node and no excluded one."""
        for node in sorted(required, key=self._cost):
            among = self.node(node, part, among)
        if among is None:
            among = self._everything
        for node in sorted(excluded, key=self._cost):
            if not len(among):
                break
            among = subtract(among, self.node(node, part, among))
        return among

    def _cost(self, node: Node) -> tuple[int, int]:
        """What narrows cheaply comes first, of words the rarest."""
        match node:
            case Word():
                return 0, self.reader.frequency(node)
            case Address():
                return 0, 0
            case Filter() | DateRange():
                return 1, 0
            case Alternatives() | Phrase():
                return 2, 0
            case _:
                return 3, 0

    def node(self, node: Node, part: str | None = None, among: Documents | None = None) -> Documents:
        """The documents `among` (None: all) that satisfy the node, inside a part of the article or anywhere."""
        if among is not None and not len(among):
            return NO_DOCUMENTS
        match node:
            case Phrase():
                kept = None if part else self.reader.kept_pair(node)
                if kept is None:
                    return self.reader.spans(node, part, among).documents()
                docs = kept[0]
            case Word() | Alternatives() | Prefix():
                if among is not None:
                    return among[self.reader.holding(node, among, part)]
                docs = self.reader.documents(node, part)
            case Proximity():
                return self._proximity(node, part, among)
            case AtLeast():
                docs = self._at_least(node, part, among)
            case InField():
                return self.node(node.node, node.field, among)
            case Filter():
                candidates = self._everything if among is None else among
                return candidates[has_value(self.collection, node.field, (node.value,), candidates)]
            case DateRange():
                candidates = self._everything if among is None else among
                return candidates[is_published(self.collection, node.start, node.end, candidates)]
            case Address():
                key = url_key(node.url)
                docs = self.collection.documents_of_key(key) if key else NO_DOCUMENTS
            case Or():
                return unite([self.group(side, part, among) for side in node.sides], self.collection.documents)
            case And():
                for side in node.sides:
                    among = self.group(side, part, among)
                return self._everything if among is None else among
            case Group():
                return self.group(node, part, among)
            case _:
                assert_never(node)
        return docs if among is None else intersect(docs, among, self.collection.documents)

    def _proximity(self, node: Proximity, part: str | None, among: Documents | None) -> Documents:
        for operand in node.operands:
            docs = self.reader.documents(operand, part)
            among = docs if among is None else intersect(docs, among, self.collection.documents)
        if among is None or not len(among):
            return NO_DOCUMENTS
        if node.operator == "within":
            counts = Counter(map(key_of, node.operands))
            operands = {key_of(operand): operand for operand in node.operands}
            spans = [(self.reader.spans(operands[key], part, among), count) for key, count in counts.items()]
            return windows(spans, node.distance)
        a, b = (self.reader.spans(operand, part, among) for operand in node.operands)
        docs = before(a, b, node.distance)
        return (
            docs if node.operator == "before" else unite([docs, before(b, a, node.distance)], self.collection.documents)
        )

    def _at_least(self, node: AtLeast, part: str | None, among: Documents | None) -> Documents:
        if isinstance(node.word, Word):
            docs, counts = self.reader.postings(node.word, part)
        else:
            docs, counts = self.reader.spans(node.word, part, among).counts()
        return docs[counts >= node.count]


def _all_match(docs: Documents) -> Matches:
    return Matches(docs, np.zeros(len(docs), np.bool_))
