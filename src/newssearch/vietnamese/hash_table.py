"""64-bit keys looked up by arrays: an open hash table with linear probing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class HashTable:
    """A row for each key; a key is never 0, and 0 marks a free place. Threads may look up while one adds."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.int32]
    shift: np.uint64

    @staticmethod
    def of(bits: int) -> HashTable:
        """Return an empty table of 2 ** bits places."""
        return HashTable(np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int32), np.uint64(64 - bits))

    def look_up(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the row of each key, and which keys (by index) are not in the table."""
        place = (keys * _MULTIPLIER >> self.shift).astype(np.intp)
        left = (self.keys.take(place) != keys).nonzero()[0]
        rows = self.rows.take(place)  # after the keys, since `add` sets it before the key
        missing = []
        while len(left):
            found = self.keys.take(place[left])
            missing.append(left[found == 0])
            left = left[found != 0]
            place[left] = (place[left] + 1) & (len(self.keys) - 1)
            hit = self.keys.take(place[left]) == keys[left]
            rows[left[hit]] = self.rows.take(place[left[hit]])
            left = left[~hit]
        return rows, np.concatenate(missing) if missing else left

    def add(self, keys: NDArray[np.uint64], rows: NDArray[np.int32]) -> None:
        """Add different keys that are not in the table; a reader sees the row before the key."""
        places = (keys * _MULTIPLIER >> self.shift).astype(np.intp)
        left = np.arange(len(keys))
        while len(left):
            vacant = left[self.keys.take(places[left]) == 0]
            # Of several keys for one place the first stays; the others go on.
            taken, first = np.unique(places[vacant], return_index=True)
            placed = vacant[first]
            self.rows[taken] = rows[placed]
            self.keys[taken] = keys[placed]
            left = left[self.keys.take(places[left]) != keys[left]]
            places[left] = (places[left] + 1) & (len(self.keys) - 1)

    def enlarged(self, bits: int) -> HashTable:
        """Return a larger table with every key of this one."""
        larger = HashTable.of(bits)
        used = self.keys.nonzero()[0]
        used = used[self.rows[used].argsort()]
        larger.add(self.keys[used], self.rows[used])
        return larger
