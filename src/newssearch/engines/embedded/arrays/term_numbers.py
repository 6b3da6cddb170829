"""The terms of one field of a segment in work: numbered as they come, and in their order as far as it is known."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ....vietnamese.numbered import Numbered, TermList


class TermNumbers:
    """Names and numbers of terms. `order` may be asked by another thread than the one that adds."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}
        # A list from which batches take their terms -> the number of each of its terms here, −1 where that was not asked for.
        self._of_list: WeakKeyDictionary[TermList, NDArray[np.int32]] = WeakKeyDictionary()
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)

    def numbers_of(self, terms: Sequence[str], chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
        """[chosen ones] the numbers of some terms; new ones get the next."""
        if not isinstance(terms, Numbered):
            return np.array([self._number(terms[t]) for t in chosen.nonzero()[0].tolist()], np.int32)
        source = terms.source
        known = self._of_list.get(source)
        if known is None or len(known) < len(source.terms):
            larger = np.full(2 * len(source.terms), -1, np.int32)
            if known is not None:
                larger[: len(known)] = known
            self._of_list[source] = known = larger
        there = terms.numbers.compress(chosen)
        numbers = known.take(there)
        unknown = (numbers < 0).nonzero()[0]
        if len(unknown):
            new = there.take(unknown)
            known[new] = numbers[unknown] = [self._number(source.terms[t]) for t in new.tolist()]
        return numbers

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def order(self, count: int) -> NDArray[np.int64]:
        """[count] the numbers of the first `count` terms in the order of their names; `count` never falls."""
        if count > len(self._order):
            name_of = self.names.__getitem__
            new = sorted(range(len(self._order), count), key=name_of)
            # Of two sorted runs the sort makes one in a single pass.
            self._order = np.array(sorted([*self._order.tolist(), *new], key=name_of), np.int64)
        return self._order
