"""Many strings as two arrays: one blob of UTF-8 and the bounds of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


def encode(text: str) -> bytes:
    """Return UTF-8; lone surrogates, which JSON may bring, survive."""
    return text.encode("utf-8", "surrogatepass")


class Strings(Sequence[str]):
    """A read-only list of strings over a blob; `find` and `range_of_prefix` expect them sorted by their bytes."""

    def __init__(self, blob: bytes, bounds: NDArray[np.int64]) -> None:
        self._blob = blob
        self._bounds = bounds
        self._keys = _Keys(blob, bounds)

    @classmethod
    def of(cls, encoded: Sequence[bytes]) -> Strings:
        """Return the strings of these byte strings."""
        bounds = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), out=bounds[1:])
        return cls(b"".join(encoded), bounds)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """Return what `from_arrays` reads: the arrays NAME_blob and NAME_bounds."""
        return {f"{name}_blob": np.frombuffer(self._blob, np.uint8), f"{name}_bounds": self._bounds}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[np.generic]], name: str) -> Strings:
        """Return the strings kept under a name. Raises KeyError, ValueError."""
        blob, bounds = arrays[f"{name}_blob"].tobytes(), arrays[f"{name}_bounds"].astype(np.int64)
        if bounds.ndim != 1 or not len(bounds) or bounds[0] or bounds[-1] != len(blob) or (np.diff(bounds) < 0).any():
            raise ValueError(f"the bounds of {name} do not fit")
        return cls(blob, bounds)

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, at: int) -> str:  # type: ignore[override]
        return self._keys[at].decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return (self[at] for at in range(len(self)))

    def find(self, text: str) -> int:
        """Return the number of a string, -1 where it is not there."""
        key = encode(text)
        at = bisect_left(self._keys, key)
        return at if at < len(self) and self._keys[at] == key else -1

    def range_of_prefix(self, prefix: str) -> range:
        """Return the numbers of the strings that begin with `prefix`."""
        key = encode(prefix)
        # No UTF-8 has the byte FF, so this is just behind the last one with the prefix.
        return range(bisect_left(self._keys, key), bisect_left(self._keys, key + b"\xff"))


class _Keys(Sequence[bytes]):
    def __init__(self, blob: bytes, bounds: NDArray[np.int64]) -> None:
        self._blob = blob
        self._bounds = bounds

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, at: int) -> bytes:  # type: ignore[override]
        return self._blob[self._bounds[at] : self._bounds[at + 1]]
