"""The terms of one field of a segment in work: numbered as they come, and in their order as far as it is known."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from itertools import count, islice
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ....vietnamese.numbered import Numbered, TermList
from .strings import encoded

_BEGIN = "S32"
"""the first bytes of a name, which nearly always tell where it stands"""
_FEW = 16
"""a batch with less than a sixteenth of a list's terms is not worth an array as long as the list"""


class TermNumbers:
    """Names and numbers of terms. `order` may be asked by another thread than the one that adds."""

    def __init__(self) -> None:
        # A name that is new gets the next number when it is asked for.
        self._numbers: dict[str, int] = defaultdict(count().__next__)
        self.names: list[str] = []
        # A list from which batches take their terms -> the number of each of its terms here, −1 where that was not asked for.
        self._of_list: WeakKeyDictionary[TermList, NDArray[np.int32]] = WeakKeyDictionary()
        self._order: NDArray[np.int64] = np.zeros(0, np.int64)
        self._begins: NDArray[np.bytes_] = np.zeros(0, _BEGIN)

    def numbers_of(self, terms: Sequence[str], chosen: NDArray[np.bool_]) -> NDArray[np.int32]:
        """[chosen ones] the numbers of some terms; new ones get the next."""
        if not isinstance(terms, Numbered) or len(terms) * _FEW < len(terms.source.terms):
            return self._asked([terms[t] for t in chosen.nonzero()[0].tolist()])
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
            known[new] = numbers[unknown] = self._asked(list(map(source.terms.__getitem__, new.tolist())))
        return numbers

    def _asked(self, names: list[str]) -> NDArray[np.int32]:
        numbers = np.fromiter(map(self._numbers.__getitem__, names), np.int32, len(names))
        self.names += [*islice(reversed(self._numbers), len(self._numbers) - len(self.names))][::-1]
        return numbers

    def order(self, terms: int) -> NDArray[np.int64]:
        """[terms] the numbers of the first so many terms in the order of their names; it is never asked of fewer than before."""
        if terms > len(self._order):
            name_of = self.names.__getitem__
            new = sorted(range(len(self._order), terms), key=name_of)
            begins = np.array([encoded(name_of(number)) for number in new], _BEGIN)
            at, end = (self._begins.searchsorted(begins, side) for side in ("left", "right"))
            for i in (at < end).nonzero()[0].tolist():
                at[i] = bisect_left(self._order, name_of(new[i]), int(at[i]), int(end[i]), key=name_of)
            self._order = np.insert(self._order, at, new)
            self._begins = np.insert(self._begins, at, begins)
        return self._order
