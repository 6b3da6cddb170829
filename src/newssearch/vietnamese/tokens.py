"""The token arrays that `scan` gives back: one flat table for many texts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a batch of texts, one row a token, sorted by (text, position, main before alternative).

    Several rows may share a position: the first is the main token, the others its alternatives (joined forms, parts of dates and URLs).
    """

    terms: list[str]
    """distinct canonical terms of the batch"""
    term: NDArray[np.int32]
    """[rows] index into `terms`"""
    position: NDArray[np.int32]
    """[rows] position within its text, from 0, without holes"""
    start: NDArray[np.int32]
    """[rows] first character, in its text"""
    end: NDArray[np.int32]
    """[rows] one after the last character; a joined form spans all the parts that it joins"""
    main: NDArray[np.bool_]
    """[rows] False for alternatives"""
    bounds: NDArray[np.int64]
    """[texts + 1] rows of text i are bounds[i]:bounds[i + 1]"""
