"""Text cut into tokens with offsets: the contract that every index follows (docs/tokens.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .scan_batch import scan_batch
from .scan_pieces import Row, rows_of_text
from .scan_vocabulary import Vocabulary
from .tokens import Tokens

_FEW = 800
"""characters up to which the plain way is faster than arrays"""
_LONG = 64
"""characters from which a chunk is not kept, for it will not come again"""

_CHUNK = re.compile(r"\S+")

_vocabulary = Vocabulary()


def scan(text: str) -> Tokens:
    """Return the tokens of one text; see `scan_many`."""
    return scan_many([text])


def scan_many(texts: Sequence[str]) -> Tokens:
    """Return the tokens of some texts as arrays.

    Terms are canonical (NFC, lower-case, tone mark in its place) and numbered in the order in which they first come; offsets point into the
    texts as given, whatever their normal form. Never raises; time is linear in the length of the texts.
    """
    global _vocabulary
    if sum(map(len, texts)) + 16 * len(texts) < _FEW:
        return _scan_few(texts)
    if _vocabulary.is_full:
        _vocabulary = Vocabulary()
    return scan_batch(texts, _vocabulary)


def _scan_few(texts: Sequence[str]) -> Tokens:
    numbers: dict[str, int] = {}
    terms: list[int] = []
    positions: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    mains: list[bool] = []
    bounds = [0]
    for text in texts:
        next_position = 0
        for base, rows in rows_of_chunks(text):
            first_position = next_position
            for term, position, start, end, main in rows:
                terms.append(numbers.setdefault(term, len(numbers)))
                positions.append(first_position + position)
                starts.append(base + start)
                ends.append(base + end)
                mains.append(main)
                next_position = first_position + position + 1
        bounds.append(len(terms))
    return Tokens(
        terms=list(numbers),
        term=np.array(terms, np.int32),
        position=np.array(positions, np.int32),
        start=np.array(starts, np.int32),
        end=np.array(ends, np.int32),
        main=np.array(mains, np.bool_),
        bounds=np.array(bounds, np.int64),
    )


def rows_of_chunks(text: str) -> list[tuple[int, Sequence[Row]]]:
    """Return where each run without white space begins, and its tokens as rows that count from there."""
    return [(chunk.start(), rows_of_chunk(chunk[0])) for chunk in _CHUNK.finditer(text)]


def rows_of_chunk(chunk: str) -> Sequence[Row]:
    """The tokens of one text without white space, as rows instead of arrays."""
    return _kept_rows(chunk) if len(chunk) < _LONG else rows_of_text(chunk)


@lru_cache(maxsize=1 << 14)
def _kept_rows(chunk: str) -> tuple[Row, ...]:
    return tuple(rows_of_text(chunk))
