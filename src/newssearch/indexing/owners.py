"""Which article of a run answers to which lookup key, in a few bytes a key: a run may hold a million articles and no stub that asks."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_WAITING = 1 << 16
"""keys that wait as Python numbers before they become arrays"""


class Owners:
    """Lookup keys with the ids of their articles. Keys are told apart by Python's own 64-bit hash, which is keyed anew in each process."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._hashes: list[int] = []
        self._articles: list[int] = []
        self._arrays: list[tuple[NDArray[np.int64], NDArray[np.int32]]] = []
        self._sorted: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None

    def add(self, id: str, keys: Iterable[str]) -> None:
        """Let an article answer to its keys, in the place of an earlier one."""
        number = len(self._ids)
        self._ids.append(id)
        before = len(self._hashes)
        self._hashes += map(hash, keys)
        self._articles += [number] * (len(self._hashes) - before)
        self._sorted = None
        if len(self._hashes) > _WAITING:
            self._settle()

    def get(self, key: str) -> str | None:
        """The id of the article that answers to a key, or None."""
        if self._sorted is None:
            self._settle()
            hashes, articles = (np.concatenate(column) for column in zip(*self._arrays, strict=True))
            order = hashes.argsort(kind="stable")
            self._sorted = hashes[order], articles[order]
        hashes, articles = self._sorted
        last = int(np.searchsorted(hashes, hash(key), side="right")) - 1
        return self._ids[articles[last]] if last >= 0 and hashes[last] == hash(key) else None

    def _settle(self) -> None:
        self._arrays.append((np.array(self._hashes, np.int64), np.array(self._articles, np.int32)))
        self._hashes, self._articles = [], []
