"""What was decoded a moment ago, bounded in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

from numpy.typing import NDArray

Arrays = tuple[NDArray[Any], ...]
_OVERHEAD = 200


class DecodedCache:
    """Tuples of arrays by key, the least recently used ones let go. One may serve all segments of an index, and all threads."""

    def __init__(self, limit: int = 64 << 20) -> None:
        self._limit = limit
        self._held: OrderedDict[Hashable, tuple[int, Arrays]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Arrays]) -> Arrays:
        """Return what was made under the key; two threads may both make it. The arrays become read-only."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held[1]
        made = make()
        for array in made:
            array.setflags(write=False)
        size = sum(array.nbytes for array in made) + _OVERHEAD
        with self._lock:
            if key not in self._held:
                self._held[key] = size, made
                self._size += size
            while self._size > self._limit and self._held:
                _, (gone, _) = self._held.popitem(last=False)
                self._size -= gone
        return made
