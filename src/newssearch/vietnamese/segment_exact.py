"""The labels of one text, token by token, in exactly the arithmetic of CRFsuite: for short texts, and where arrays are in doubt.

Sums run in the order in which pyvi's feature dictionary names its attributes, and Viterbi in that of CRFsuite's
`crf1dc_viterbi`, all in double precision, so that every comparison comes out as it does there, ties included.
"""

from __future__ import annotations

import string

import numpy as np
from numpy.typing import NDArray

from newssearch.records import dataclass
from newssearch.vietnamese.segment_model import Model, PairTable

_Pair = tuple[float, float]
_MOST_KNOWN = 50_000
JOINS_NOTHING, BEGINS_AS_TITLE = 1, 2
# A kind of token: its word in the weights, its word in the compounds, and these flags with the marks above them.
IS_UPPER, IS_TITLE, IS_DIGIT, MARKS_SHIFT, _FLAG_BITS = 1, 2, 4, 3, 5


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the model asks about one token."""

    number: int
    """its lower-case form in the model's words"""
    own: _Pair
    """weights from the bias to `word.isdigit()`, summed in that order"""
    before: tuple[_Pair, ...]
    """weights that it gives to the token after it, in order"""
    after: tuple[_Pair, ...]
    """weights that it gives to the token before it, in order"""
    marks: int
    """JOINS_NOTHING: pyvi never ties it to a neighbour; BEGINS_AS_TITLE: its first letter is a capital"""


def _numbers(table: PairTable) -> tuple[memoryview, memoryview, memoryview]:
    return table.shift.data, table.owner.data, table.value.data


class ExactTagger:
    """Labels tokens one at a time; remembers what it learned of each token."""

    def __init__(self, model: Model) -> None:
        self._numbers = {word: number for number, word in enumerate(model.words)}
        self.unknown = len(model.words)
        """the number of tokens that the model does not know"""
        self._word_weights = model.word_weights
        flags = [[(float(b), float(i)) for b, i in place] for place in model.flag_weights]
        self._own, self._before, self._after = flags
        (self._bb, self._bi), (self._ib, self._ii) = model.transition.tolist()
        # One by one numbers are read from a memoryview in a third of the time that an array takes.
        self._pairs, self._triples = map(_numbers, (model.pairs, model.triples))
        self._known: dict[str, TokenFacts] = {}

    def kind(self, token: str) -> int:
        """Return all that the model asks about a token as one number: equal for tokens that it cannot tell apart."""
        lower = token.lower()
        number = word = self._numbers.get(lower, self.unknown)
        # CRFsuite takes an attribute's name as a C string, so it ends at a NUL.
        if "\0" in lower:
            word = self._numbers.get(lower.partition("\0")[0], self.unknown)
        flags = token.isupper() * IS_UPPER | token.istitle() * IS_TITLE | token.isdigit() * IS_DIGIT
        if token in string.punctuation or token[0].isdigit():
            flags |= JOINS_NOTHING << MARKS_SHIFT
        if token[0].istitle():
            flags |= BEGINS_AS_TITLE << MARKS_SHIFT
        return (word * (self.unknown + 1) + number) << _FLAG_BITS | flags

    def parts_of_kinds(
        self, kinds: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return the number of each kind's weights, of its word in the lists of compounds, and its flags."""
        word, number = np.divmod(kinds >> _FLAG_BITS, self.unknown + 1)
        return word, number, kinds & ((1 << _FLAG_BITS) - 1)

    def facts(self, token: str) -> TokenFacts:
        """Return what the model says about a token."""
        kind = self.kind(token)
        word, number = divmod(kind >> _FLAG_BITS, self.unknown + 1)
        weights = self._word_weights[word].tolist()
        upper, title, digit = kind & IS_UPPER, kind & IS_TITLE, kind & IS_DIGIT
        own = [self._own[0], weights[0]]
        own += [weight for weight, holds in zip(self._own[1:], (upper, title, digit), strict=True) if holds]
        sums = [0.0, 0.0]
        for weight in own:
            sums[0] += weight[0]
            sums[1] += weight[1]
        around = []
        for weight, (title_weight, upper_weight, *_) in ((weights[1], self._before), (weights[2], self._after)):
            given = [(weight[0], weight[1])] if any(weight) else []
            given += [title_weight] if title else []
            given += [upper_weight] if upper else []
            around.append(tuple(given))
        marks = (kind & ((1 << _FLAG_BITS) - 1)) >> MARKS_SHIFT
        return TokenFacts(number, (sums[0], sums[1]), around[0], around[1], marks)

    def joins(self, tokens: list[str]) -> list[bool]:
        """Return for each token whether pyvi ties it to the one before it (`_`)."""
        if not tokens:
            return []
        facts = [self._known.get(token) or self._remember(token) for token in tokens]
        joins = self._labels(facts)
        for i, here in enumerate(facts):
            if joins[i]:
                before = facts[i - 1]
                joins[i] = (
                    i > 0
                    and not (here.marks | before.marks) & JOINS_NOTHING
                    and not (here.marks & BEGINS_AS_TITLE and not before.marks & BEGINS_AS_TITLE)
                )
        return joins

    def _remember(self, token: str) -> TokenFacts:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        facts = self._known[token] = self.facts(token)
        return facts

    def _labels(self, facts: list[TokenFacts]) -> list[bool]:
        """Return the best path: False begins a word, True goes on with it."""
        pair, triple = self._compounds(facts)
        begin = inside = 0.0
        back: list[tuple[bool, bool]] = []
        last = len(facts) - 1
        for i, here in enumerate(facts):
            b, w = here.own
            if i > 0:
                for weight in facts[i - 1].before:
                    b += weight[0]
                    w += weight[1]
                if pair[i]:
                    b += self._before[2][0]
                    w += self._before[2][1]
                if triple[i]:
                    b += self._before[3][0]
                    w += self._before[3][1]
            if i < last:
                for weight in facts[i + 1].after:
                    b += weight[0]
                    w += weight[1]
                if pair[i + 1]:
                    b += self._after[2][0]
                    w += self._after[2][1]
                if i + 2 <= last and triple[i + 2]:
                    b += self._after[3][0]
                    w += self._after[3][1]
            if i == 0:
                begin, inside = b, w
                continue
            stay, leave = begin + self._bb, inside + self._ib
            enter, go_on = begin + self._bi, inside + self._ii
            ended, went_on = stay < leave, enter < go_on
            back.append((ended, went_on))
            begin, inside = (leave if ended else stay) + b, (go_on if went_on else enter) + w
        label = begin < inside
        labels = [label]
        for choice in reversed(back):
            label = choice[label]
            labels.append(label)
        labels.reverse()
        return labels

    def _compounds(self, facts: list[TokenFacts]) -> tuple[list[bool], list[bool]]:
        """Return for each token whether it ends a compound of two, and of three, in pyvi's list."""
        pair_shift, pair_owner, pair_value = self._pairs
        triple_shift, triple_owner, _ = self._triples
        pair = [False] * len(facts)
        triple = [False] * len(facts)
        first = facts[0].number
        beginning = 0
        for i in range(1, len(facts)):
            second = facts[i].number
            if beginning:
                triple[i] = triple_owner[triple_shift[beginning] + second] == beginning
            place = pair_shift[first] + second
            value = pair_value[place] if pair_owner[place] == first else 0
            pair[i] = bool(value & 1)
            beginning = value >> 1
            first = second
        return pair, triple
