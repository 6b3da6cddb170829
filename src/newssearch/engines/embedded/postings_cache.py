"""Decoded postings that are held in memory, up to a bound."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, KeysView
from threading import Lock
from typing import Any, TypeVar

from numpy.typing import NDArray

_Made = TypeVar("_Made", bound=tuple[NDArray[Any], ...])

OVERHEAD = 200
"""bytes that arrays take beside what is in them"""


class PostingsCache:
    """Decoded postings, the least recently used ones let go; one for all segments of an index."""

    def __init__(self, limit: int = 128 << 20) -> None:
        self.limit = limit
        """bytes"""
        self._held: OrderedDict[Hashable, tuple[int, Any]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._held

    def keys(self) -> KeysView[Hashable]:
        """What is held, as it changes."""
        return self._held.keys()

    @property
    def size(self) -> int:
        """Bytes that are held."""
        return self._size

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what was made under the key; two threads may both make it."""
        with self._lock:
            if held := self._held.get(key):
                self._held.move_to_end(key)
                arrays: _Made = held[1]
                return arrays
        made = make()
        self.hold([(key, made)])
        return made

    def hold(self, made: Iterable[tuple[Hashable, tuple[NDArray[Any], ...]]], shared: int = 0) -> None:
        """Keep what was made elsewhere, each under its key; not what is larger than all that may be held.

        The first `shared` arrays of each are held under another key too, and take no memory here.
        """
        with self._lock:
            for key, arrays in made:
                # Two views of the same bytes take them once.
                size = OVERHEAD + sum(
                    {
                        id(array) if array.base is None else id(array.base): array.nbytes for array in arrays[shared:]
                    }.values()
                )
                if key not in self._held and size <= self.limit:
                    self._held[key] = (size, arrays)
                    self._size += size
            while self._size > self.limit:
                _, (gone, _) = self._held.popitem(last=False)
                self._size -= gone
