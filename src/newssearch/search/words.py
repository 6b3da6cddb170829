"""How long a text is, as a reader counts."""

from __future__ import annotations

import numpy as np

_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""what `str.split` takes for white space; nothing beyond U+FFFF is"""
_IS_BLANK = np.zeros(1 << 16, np.bool_)
_IS_BLANK[[ord(blank) for blank in _BLANKS]] = True


def count_words(*texts: str) -> int:
    """Return how many runs of anything but white space the texts have: `len(text.split())` summed, in a third of the time."""
    units = np.frombuffer(" ".join(("", *texts)).encode("utf-16-le", "surrogatepass"), "<u2")
    blank = _IS_BLANK.take(units)
    return int(np.count_nonzero(blank[:-1] > blank[1:]))
