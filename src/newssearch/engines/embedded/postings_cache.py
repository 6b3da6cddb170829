"""Decoded postings that are held in memory, up to a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

from numpy.typing import NDArray


class PostingsCache:
    """Decoded postings, the least recently used ones let go; one for all segments of an index."""

    def __init__(self, limit: int = 128 << 20) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[str, ...], tuple[int, Any]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def __contains__(self, key: tuple[str, ...]) -> bool:
        return key in self._held

    def get(self, key: tuple[str, ...], make: Callable[[], tuple[NDArray[Any], ...]]) -> tuple[NDArray[Any], ...]:
        """Return what was made under the key; two threads may both make it."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                arrays: tuple[NDArray[Any], ...] = self._held[key][1]
                return arrays
        made = make()
        self.hold(key, made)
        return made

    def hold(self, key: tuple[str, ...], made: tuple[NDArray[Any], ...]) -> None:
        """Keep what was made elsewhere."""
        size = sum(array.nbytes for array in made) + 200
        with self._lock:
            if key not in self._held:
                self._held[key] = (size, made)
                self._size += size
            while self._size > self._limit and self._held:
                _, (gone, _) = self._held.popitem(last=False)
                self._size -= gone
