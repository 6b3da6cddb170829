"""Documents that are alike in all that is counted, so that many of them are counted once and not once a column."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...records import dataclass

_MOST_CELLS = 1 << 24
_LEAST_ALIKE = 16


@dataclass(frozen=True, slots=True)
class Profiles:
    """Which documents are alike: document d has the profile codes[d], and all documents of profile p have the code columns[name][p]."""

    codes: NDArray[np.intp]
    columns: Mapping[str, NDArray[np.intp]]
    counts: NDArray[np.int64]
    """of each profile"""


def profiles_of(columns: Mapping[str, NDArray[np.int32]]) -> Profiles | None:
    """Return the profiles by some columns of codes, all one a document; None where documents are too seldom alike for that to save work."""
    of: dict[str, NDArray[np.intp]] = {}
    codes, count = np.zeros(len(next(iter(columns.values()))), np.intp), 1
    for name, column in columns.items():
        width = int(column.max(initial=0)) + 1
        if count * width > _MOST_CELLS:
            return None
        cells = codes * width + column
        there = np.zeros(count * width, np.bool_)
        there[cells] = True
        distinct = there.nonzero()[0]
        count = len(distinct)
        if count * _LEAST_ALIKE > len(codes):
            return None
        number = np.empty(len(there), np.intp)
        number[distinct] = np.arange(count)
        codes = number[cells]
        before = distinct // width
        of = {**{known: column[before] for known, column in of.items()}, name: distinct % width}
    return Profiles(codes, of, np.bincount(codes, minlength=count))
