"""Runs of syllables as terms: "bảo", "vệ" -> "bảo_vệ". Every different run is spelled once, the others find it in a table."""

from __future__ import annotations

import threading
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .hash_table import HashTable

Numbers = NDArray[np.int32]

_FIRST_BITS = 12
_LONGER = np.uint64(1 << 63)
"""set in the key of a run of three or more: the run without its last syllable, and this"""


class CompoundTerms:
    """Terms of runs of syllables by number; safe across threads."""

    def __init__(self, syllables: list[str]) -> None:
        """`syllables` are the terms that runs are made of, by number; more may come."""
        self._syllables = syllables
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._table, self._keys = HashTable.of(_FIRST_BITS), 0
        self.terms: list[str] = []

    def numbers_of(self, syllable: Numbers, first: NDArray[Any], lengths: NDArray[Any]) -> Numbers:
        """Return for each run the number of its term; run i is the syllables first[i] to first[i] + lengths[i] − 1, two at least, of `syllable`."""
        numbers = self._extended(syllable.take(first), syllable.take(first + 1), np.uint64(0))
        left, length = (lengths > 2).nonzero()[0], 2
        while len(left):
            numbers[left] = self._extended(numbers.take(left), syllable.take(first.take(left) + length), _LONGER)
            length += 1
            left = left[lengths.take(left) > length]
        return numbers

    def _extended(self, begin: Numbers, end: Numbers, kind: np.uint64) -> Numbers:
        """The terms of runs with one more syllable each."""
        keys = begin.astype(np.uint64)
        keys += np.uint64(1)  # no key is 0
        keys <<= np.uint64(32)
        keys |= end.view(np.uint32)
        keys |= kind
        numbers, missing = self._table.look_up(keys)
        if len(missing):
            new, places = np.unique(keys[missing], return_index=True)
            self._learn(new, begin[missing[places]].tolist(), end[missing[places]].tolist(), kind)
            numbers[missing] = self._table.look_up(keys[missing])[0]
        return numbers

    def _learn(self, keys: NDArray[np.uint64], begin: list[int], end: list[int], kind: np.uint64) -> None:
        with self._lock:
            known = self.terms if kind else self._syllables
            numbers = self._numbers
            spelled = [f"{known[first]}_{self._syllables[last]}" for first, last in zip(begin, end, strict=True)]
            found = np.array([numbers.setdefault(term, len(numbers)) for term in spelled], np.int32)
            self.terms += [*islice(reversed(numbers), len(numbers) - len(self.terms))][::-1]
            _, absent = self._table.look_up(keys)  # another thread may have learned some meanwhile
            self._keys += len(absent)
            if self._keys * 4 > len(self._table.keys):
                self._table = self._table.enlarged(self._keys.bit_length() + 3)
            self._table.add(keys[absent], found[absent])
