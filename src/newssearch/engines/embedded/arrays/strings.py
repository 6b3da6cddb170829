"""Strings in a container: a sorted dictionary that is searched without being read, and lists whose items are read one by one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from .encode import bounds_of
from .layout import Container, ContainerWriter

SEPARATOR = b"\xff"
"""no UTF-8 has this byte, and it sorts behind all that has"""
BLOCK = 16
"""strings of a dictionary between two places that a search may jump to"""


def encoded(text: str) -> bytes:
    """Return UTF-8; lone surrogates, which JSON may bring, survive."""
    return text.encode("utf-8", "surrogatepass")


def decoded(data: bytes) -> str:
    """Return what `encoded` was given."""
    return data.decode("utf-8", "surrogatepass")


def write_dictionary(container: ContainerWriter, name: str, sorted_strings: Sequence[str]) -> None:
    """Write strings, ascending, each followed by the separator: NAME.terms, and where each block of them begins: NAME.blocks."""
    pieces = [encoded(text) + SEPARATOR for text in sorted_strings]
    bounds = bounds_of(np.fromiter(map(len, pieces), np.int64, len(pieces)))
    container.add(f"{name}.terms", np.frombuffer(b"".join(pieces), np.uint8))
    container.add_narrow(f"{name}.blocks", np.append(bounds[:-1:BLOCK], bounds[-1]))


_KEPT = 1 << 15
"""look-ups that a dictionary remembers: some 3 MB"""
_READ_THROUGH = 4
"""blocks, some 500 bytes, in which a string is looked for from end to end"""


class Dictionary:
    """Sorted strings numbered from 0. A look-up reads about log2(n / 64) + 1 places of the file, most of them only once for many."""

    def __init__(self, container: Container, name: str, count: int) -> None:
        self._map, self._begin, self._end = container.span(f"{name}.terms")
        self._blocks = container.array(f"{name}.blocks")
        self._count = count
        self._found: dict[str, int] = {}
        self._firsts: _Firsts | list[bytes] = _Firsts(self._first_of, len(self._blocks) - 1)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> str:
        return decoded(self._block(number // BLOCK)[number % BLOCK])

    def _block(self, block: int) -> list[bytes]:
        begin, end = self._blocks.item(block), self._blocks.item(block + 1)
        return self._map[self._begin + begin : self._begin + end].split(SEPARATOR)[:-1]

    def _first_of(self, block: int) -> bytes:
        at = self._begin + self._blocks.item(block)
        return self._map[at : self._map.find(SEPARATOR, at, self._end)]

    def lower_bound(self, key: bytes) -> int:
        """The number of strings whose bytes are less than `key`."""
        low = bisect_left(range(len(self._blocks) - 1), key, key=self._first_of)
        if not low:
            return 0
        inside = sum(text < key for text in self._block(low - 1))
        return (low - 1) * BLOCK + inside

    def find(self, text: str) -> int:
        """The number of a string, −1 where it is not there."""
        number = self._found.get(text)
        if number is None:
            number = self._find(text)
            self.remember(text, number)
        return number

    def remember(self, text: str, number: int) -> None:
        """Let `find` know a string's number."""
        # A question asks for each of its words several times; what is kept is bounded by starting over.
        if len(self._found) >= _KEPT:
            self._found.clear()
        self._found[text] = number

    def _find(self, text: str) -> int:
        key = encoded(text)
        group = bisect_right(self._firsts, key) - 1
        if group < 0:
            return -1
        low = group * _READ_THROUGH
        begin, end = self._blocks.item(low), self._blocks.item(min(low + _READ_THROUGH, len(self._blocks) - 1))
        strings = SEPARATOR + self._map[self._begin + begin : self._begin + end]
        at = strings.find(SEPARATOR + key + SEPARATOR)
        return low * BLOCK + strings.count(SEPARATOR, 0, at) if at >= 0 else -1

    def warm(self) -> None:
        """Read what every search begins with."""
        self._firsts = list(self._firsts)

    def prefixed(self, prefix: str) -> range:
        """The numbers of the strings that begin with `prefix`."""
        key = encoded(prefix)
        return range(self.lower_bound(key), self.lower_bound(key + SEPARATOR))

    def between(self, low: int, high: int) -> Iterator[bytes]:
        """Yield the bytes of strings low to high − 1."""
        for block in range(low // BLOCK, -(-high // BLOCK)):
            begin = block * BLOCK
            yield from self._block(block)[max(low - begin, 0) : high - begin]


class _Firsts(Sequence[bytes]):
    """The first strings of every few blocks, each read when a search comes by."""

    def __init__(self, read: Callable[[int], bytes], blocks: int) -> None:
        self._read = read
        self._count = -(-blocks // _READ_THROUGH)
        self._known: dict[int, bytes] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: int) -> bytes:  # type: ignore[override]
        first = self._known.get(number)
        if first is None:
            if number >= self._count:
                raise IndexError(number)
            first = self._known[number] = self._read(number * _READ_THROUGH)
        return first


def write_strings(container: ContainerWriter, name: str, strings: Iterable[str]) -> None:
    """Write strings in any order: NAME, one after another, and NAME.bounds."""
    pieces = [encoded(text) for text in strings]
    container.add(name, np.frombuffer(b"".join(pieces), np.uint8))
    container.add_narrow(f"{name}.bounds", bounds_of(np.fromiter(map(len, pieces), np.int64, len(pieces))))


class Strings(Sequence[str]):
    """Strings that are decoded one by one."""

    def __init__(self, container: Container, name: str) -> None:
        self._map, self._begin, _ = container.span(name)
        self._bounds = container.array(f"{name}.bounds")

    def __len__(self) -> int:
        return len(self._bounds) - 1

    def __getitem__(self, number: int) -> str:  # type: ignore[override]
        return decoded(self.bytes_of(number))

    def bytes_of(self, number: int) -> bytes:
        """The UTF-8 of one string."""
        number = range(len(self))[number]
        return self._map[self._begin + int(self._bounds[number]) : self._begin + int(self._bounds[number + 1])]

    def bytes_of_each(self, numbers: Sequence[int]) -> list[bytes]:
        """The UTF-8 of some strings."""
        chosen = np.array(numbers, np.intp)
        begins, ends = self._bounds[chosen].tolist(), self._bounds[chosen + 1].tolist()
        data, at = self._map, self._begin
        return [data[at + begin : at + end] for begin, end in zip(begins, ends, strict=True)]

    def __iter__(self) -> Iterator[str]:
        bounds = self._bounds.tolist()
        data = self._map[self._begin : self._begin + bounds[-1]]
        return (decoded(data[begin:end]) for begin, end in pairwise(bounds))
