"""Terms of one batch out of a list that all batches share, so that whoever gets many batches meets each term once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class TermList(Protocol):
    """Whoever has terms by number."""

    terms: list[str]
    """only ever longer"""


class Numbered(Sequence[str]):
    """Some terms of a list, by their numbers there."""

    __slots__ = ("numbers", "source")

    def __init__(self, source: TermList, numbers: NDArray[np.integer]) -> None:
        self.source = source
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> str:  # type: ignore[override]
        return self.source.terms[int(self.numbers[place])]

    def __iter__(self) -> Iterator[str]:
        return map(self.source.terms.__getitem__, self.numbers.tolist())
