"""Reads ahead what questions to come will most likely ask for: the most frequent terms, the pairs of terms, and where searches begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ..postings_cache import OVERHEAD, PostingsCache
from .encode import common_from
from .frequencies import size_of_column
from .segment import ArraySegment
from .words import BESIDE

_SHARE = 3 / 4
"""of what the cache may hold: what readers ask for beside it must find a place too"""
_OF_PAIRS = 4
"""pairs of terms may take a fourth of that"""
_PLACES = 1 << 14
"""terms that need not be searched: some 6 MB"""
_LEAST = 32
"""documents of a term that is worth it"""
_IN_TEXTS = 8
"""times as often a word is in texts as in titles, about: both are asked for together"""
_LEAST_SHARE = 1 / 5_000
"""of a segment's documents; so that the terms looked through are some thousands, whatever the size"""


def read_ahead(segments: Sequence[ArraySegment], cache: PostingsCache) -> None:
    """Hold the postings of the most frequent terms of all fields in the cache, as many as fit in three quarters of it.

    Frequent is what is in a large share of its segment: a question asks all segments. What is held already counts, and is not read again.
    """
    if not segments:
        return
    left = int(cache.limit * _SHARE)
    for segment in segments:
        left -= segment.read_pairs_ahead(left // _OF_PAIRS)
        for field in INDEXED_FIELDS:
            segment.field(field).terms.warm()
    found = [_frequent(segment, field) for segment in segments for field in INDEXED_FIELDS]
    shares = np.concatenate([shares for _, shares, _ in found])
    order = (-shares).argsort(kind="stable")
    fitting = np.concatenate([sizes for _, _, sizes in found])[order].cumsum() <= left
    known, held = np.zeros((2, len(shares)), np.bool_)
    known[order[:_PLACES]] = held[order[fitting]] = True
    begin = 0
    for n, (numbers, of_field, _) in enumerate(found):
        segment, field = segments[n // len(INDEXED_FIELDS)], INDEXED_FIELDS[n % len(INDEXED_FIELDS)]
        end = begin + len(numbers)
        segment.find_ahead(field, numbers[known[begin:end]].tolist())
        # What was held last is let go last where readers need the place: that should be the most frequent.
        kept = held[begin:end].nonzero()[0]
        segment.read_ahead(field, numbers[kept[of_field[kept].argsort(kind="stable")]].tolist())
        begin = end


def _frequent(segment: ArraySegment, field: str) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64]]:
    """The numbers of a field's frequent terms, in what share of the documents each is, and what is held of each takes in memory."""
    reader = segment.field(field)
    df, _ = reader.totals()
    times = _IN_TEXTS if field == "title" else 1
    numbers = (df * times >= max(_LEAST, segment.documents * _LEAST_SHARE)).nonzero()[0]
    df = df[numbers]
    posting = 5 + (reader.row_type.itemsize if field == "text" else 0)
    sizes = np.where(df >= common_from(segment.documents), size_of_column(reader), df * posting)
    sizes += OVERHEAD
    if field == "text":
        sizes += OVERHEAD + BESIDE
    return numbers, df * times / max(segment.documents, 1), sizes
