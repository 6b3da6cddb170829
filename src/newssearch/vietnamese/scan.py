"""Text cut into tokens with offsets: the contract that every index follows (docs/tokens.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .scan_pieces import rows_of_text
from .tokens import Tokens


def scan(text: str) -> Tokens:
    """Return the tokens of one text; see `scan_many`."""
    return scan_many([text])


def scan_many(texts: Sequence[str]) -> Tokens:
    """Return the tokens of some texts as arrays.

    Terms are canonical (NFC, lower-case, tone mark in its place), offsets point into the texts as given, whatever their normal form. Never
    raises.
    """
    numbers: dict[str, int] = {}
    terms: list[int] = []
    columns: list[tuple[int, int, int, bool]] = []
    bounds = [0]
    for text in texts:
        for term, position, start, end, main in rows_of_text(text):
            terms.append(numbers.setdefault(term, len(numbers)))
            columns.append((position, start, end, main))
        bounds.append(len(terms))
    table = np.array(columns, np.int32).reshape(-1, 4)
    return Tokens(
        terms=list(numbers),
        term=np.array(terms, np.int32),
        position=table[:, 0].copy(),
        start=table[:, 1].copy(),
        end=table[:, 2].copy(),
        main=table[:, 3].astype(bool),
        bounds=np.array(bounds, np.int64),
    )
