"""The token arrays that `scan` gives back: one flat table for many texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass
from .fold import fold

if TYPE_CHECKING:
    from .scan_vocabulary import Vocabulary


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
    numbers: NDArray[np.int32] | None = None
    """[terms] the number of each term in the vocabulary"""
    vocabulary: Vocabulary | None = None
    """what knows more of the terms by their numbers; None after the scan of few texts, which needs none"""

    def folded_terms(self) -> tuple[list[str], NDArray[np.int32]]:
        """Return the distinct forms of the terms without accents, in the order in which they first come, and each term's index among them."""
        if self.vocabulary is not None and self.numbers is not None:
            return self.vocabulary.folded(self.numbers)
        forms: dict[str, int] = {}
        indices = [forms.setdefault(fold(term), len(forms)) for term in self.terms]
        return list(forms), np.array(indices, np.int32)
