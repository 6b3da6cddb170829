"""How long texts are, as a reader counts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""what `str.split` takes for white space; nothing beyond U+FFFF is"""
_IS_BLANK = np.zeros(1 << 16, np.bool_)
_IS_BLANK[[ord(blank) for blank in _BLANKS]] = True


def count_words(points: NDArray[np.unsignedinteger], spans: Iterable[tuple[int, int]]) -> list[int]:
    """Return how many runs of anything but white space begin in each span of some text, as `len(text.split())` counts them.

    `points` are the text's code points, the first of which is a blank; a span is its first character and one after the last.
    """
    blank = _IS_BLANK.take(points, mode="clip")
    # begins[i]: whether a run begins at character i + 1.
    begins = blank[:-1] > blank[1:]
    return [int(np.count_nonzero(begins[start - 1 : end - 1])) for start, end in spans]
