"""Sets of documents and occurrences as sorted arrays: membership, union, the best of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Documents = NDArray[np.int32]
"""document numbers of the whole collection, ascending, each once"""
Keys = NDArray[np.int64]
"""document << 32 | position, ascending"""

NO_DOCUMENTS: Documents = np.zeros(0, np.int32)
NO_KEYS: Keys = np.zeros(0, np.int64)

_LEAST_BLOCK = 2
_MERGE_RATIO = 8
_SMALL = 1024
_FEW = 128
"""values up to which a look-up of each is faster than any pass over all"""
_MASK_SHIFT = 7
"""a mask over all documents costs less than look-ups of a 128th of them"""


def contains(table: NDArray[Any], values: NDArray[Any], documents: int = 0) -> NDArray[np.bool_]:
    """[values] whether each value is in `table`; both ascending. Many documents out of so many in all are looked up in a mask."""
    if not len(table) or not len(values):
        return np.zeros(len(values), np.bool_)
    if len(values) > _FEW and len(table) + len(values) > documents >> _MASK_SHIFT > 0:
        mask = np.zeros(documents, np.bool_)
        # numpy indexes by its own integers twice as fast as by others, even with the copy.
        mask[table.astype(np.intp)] = True
        within: NDArray[np.bool_] = mask[values.astype(np.intp, copy=False)]
        return within
    if len(values) > len(table) * _MERGE_RATIO:
        # Few in the table: look those up among the values instead.
        found = np.zeros(len(values), np.bool_)
        places = np.searchsorted(values, table)
        inside = places < len(values)
        places = places[inside]
        found[places[values[places] == table[inside]]] = True
        return found
    result: NDArray[np.bool_] = table.take(table.searchsorted(values), mode="clip") == values
    return result


def intersect(a: NDArray[Any], b: NDArray[Any], documents: int = 0) -> NDArray[Any]:
    """What is in both; both ascending, each value once in both. `documents` as for `contains`."""
    if len(b) < len(a):
        a, b = b, a
    if not documents and len(a) > _SMALL and len(a) * _MERGE_RATIO > len(b):
        # A stable sort merges two runs in one pass, where every look-up would be a search.
        both = np.concatenate([a, b])
        both.sort(kind="stable")
        found: NDArray[Any] = both[1:][both[1:] == both[:-1]]
        return found
    kept: NDArray[Any] = a[contains(b, a, documents)]
    return kept


def subtract(a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
    """What is in `a` and not in `b`; both ascending."""
    kept: NDArray[Any] = a[~contains(b, a)] if len(b) else a
    return kept


def unite(sets: Sequence[Documents], documents: int) -> Documents:
    """The union of sets of documents out of `documents`."""
    sets = [one for one in sets if len(one)]
    if not sets:
        return NO_DOCUMENTS
    if len(sets) == 1:
        return sets[0]
    if sum(map(len, sets)) * _MERGE_RATIO < documents:
        # With counts, for np.unique alone would import numpy.ma: 30 ms of a first query.
        return np.unique(np.concatenate(sets), return_counts=True)[0]
    mask = np.zeros(documents, np.bool_)
    for one in sets:
        mask[one] = True
    return np.flatnonzero(mask).astype(np.int32)


def unite_sums(
    postings: Sequence[tuple[Documents, NDArray[Any]]], documents: int
) -> tuple[Documents, NDArray[np.float64]]:
    """The union of postings with the sum of the (positive) amounts of each document; the postings may be in any order."""
    postings = [one for one in postings if len(one[0])]
    if not postings:
        return NO_DOCUMENTS, np.zeros(0)
    flat = np.concatenate([docs for docs, _ in postings])
    amounts = np.concatenate([amounts for _, amounts in postings])
    if len(flat) * _MERGE_RATIO < documents:
        distinct, inverse = np.unique(flat, return_inverse=True)
        return distinct, np.bincount(inverse, amounts, len(distinct)).astype(np.float64, copy=False)
    sums: NDArray[Any] = np.bincount(flat, amounts, documents)
    docs = np.flatnonzero(sums).astype(np.int32)
    return docs, sums[docs]


def bound_of_best(count: int, scores: NDArray[Any]) -> float:
    """A number that at least `count` of the scores, which are as many, reach: of many the `count`-th largest maximum of a block of them, for a
    partition of mostly equal values is slow.
    """
    blocks = count * 4
    if len(scores) < blocks * _LEAST_BLOCK:
        return float(np.partition(scores, len(scores) - count)[len(scores) - count])
    # A block is every so manieth score: the maxima of all blocks are then worked out side by side.
    maxima = scores[: len(scores) // blocks * blocks].reshape(-1, blocks).max(axis=0)
    maxima.sort()
    return float(maxima[-count])


def leaders(count: int, scores: NDArray[Any]) -> NDArray[np.int64]:
    """Indexes, ascending, of the `count` highest scores and of those that equal the lowest of them; of few scores all."""
    size = len(scores)
    if size <= 2 * count:
        return np.arange(size)
    chosen: NDArray[np.int64] = (scores >= bound_of_best(count, scores)).nonzero()[0]
    if len(chosen) > 4 * count:
        thinned = scores[chosen]
        chosen = chosen[thinned >= np.partition(thinned, len(thinned) - count)[len(thinned) - count]]
    return chosen


def best(count: int, scores: NDArray[Any], *ties: NDArray[Any]) -> NDArray[np.int64]:
    """Indexes of the `count` highest scores in falling order; ties by the further arrays, falling too, then by index."""
    count = min(count, len(scores))
    if count <= 0:
        return np.zeros(0, np.int64)
    chosen = leaders(count, scores)
    order = np.lexsort((chosen, *(-tie[chosen] for tie in reversed(ties)), -scores[chosen]))
    return chosen[order[:count]]
