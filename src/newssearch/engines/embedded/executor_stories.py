"""Stories, on arrays: of the copies of one text a page shows the best, and counts them once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass
from .executor_arrays import Documents


@dataclass(frozen=True, slots=True)
class Stories:
    """Which documents of a commit tell the same story. A document that tells one alone is in none."""

    number: NDArray[np.int32]
    """[documents] the story of each document, -1 for one that stands alone"""
    members: Documents
    """the documents of the stories, one story after another, the head of each first"""
    bounds: NDArray[np.int64]
    """[stories + 1] where each story begins in `members`, and the last ends"""


def grouped(members: NDArray[Any], sizes: Sequence[int] | NDArray[Any], documents: int) -> Stories | None:
    """The stories of `sizes` members each; those of one member are none. None where there is no story.

    Raises ValueError where a document is in two stories or not among the `documents`.
    """
    members, sizes = np.asarray(members, np.int32), np.asarray(sizes, np.int64)
    if (sizes < 0).any() or int(sizes.sum()) != len(members):
        raise ValueError("the sizes of the stories do not fit their members")
    told = np.repeat(sizes > 1, sizes)
    members, sizes = members[told], sizes[sizes > 1]
    if not len(sizes):
        return None
    if members.min() < 0 or members.max() >= documents:
        raise ValueError("a story has a document that is not there")
    number = np.full(documents, -1, np.int32)
    number[members] = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    if np.count_nonzero(number >= 0) != len(members):
        raise ValueError("a document is in two stories")
    return Stories(number, members, np.concatenate([[0], np.cumsum(sizes)]))


def count(stories: Stories, docs: Documents) -> int:
    """How many stories these documents tell."""
    told = stories.number[docs]
    told = told[told >= 0]
    return len(docs) - len(told) + int(np.count_nonzero(_seen(stories, told)))


def untold(stories: Stories, found: Documents, reached: Documents) -> Documents:
    """Those of `reached` whose story none of `found` tells."""
    told = stories.number[found]
    seen = _seen(stories, told[told >= 0])
    # Number -1, of those that stand alone, looks at the last place, which is never seen.
    return reached[~seen[stories.number[reached]]]


def _seen(stories: Stories, numbers: NDArray[np.int32]) -> NDArray[np.bool_]:
    """[stories + 1] whether each story is among the numbers; the last is never."""
    seen = np.zeros(len(stories.bounds), np.bool_)
    seen[numbers] = True
    return seen


def shown(stories: Stories, docs: Documents, *keys: NDArray[Any]) -> NDArray[np.intp]:
    """Indexes, ascending, of the documents that a page shows: of each story the one with the highest first key, then the highest of the
    further keys, then the first.
    """
    told = stories.number[docs]
    shared = np.flatnonzero(told >= 0)
    if not len(shared):
        return np.arange(len(docs))
    kept = np.ones(len(docs), np.bool_)
    kept[shared] = False
    told = told[shared].astype(np.intp)
    for key in keys:
        # Each key keeps those that are the best of their story by it; no sort, for most keys leave one.
        values = key[shared]
        best = np.full(len(stories.bounds), values.min(), values.dtype)
        np.maximum.at(best, told, values)
        equal = values == best[told]
        shared, told = shared[equal], told[equal]
    # From behind, so that the first of a story is written last.
    place = np.full(len(stories.bounds), -1, np.intp)
    place[told[::-1]] = shared[::-1]
    kept[place[place >= 0]] = True
    return np.flatnonzero(kept)


def copies(stories: Stories, document: int, alive: NDArray[np.bool_] | None) -> Documents:
    """The other members of a document's story that are not deleted, its head first."""
    story = int(stories.number[document])
    if story < 0:
        return stories.members[:0]
    members = stories.members[stories.bounds[story] : stories.bounds[story + 1]]
    others: Documents = members[members != document]
    return others if alive is None else others[alive[others]]
