"""Text broken on its way: UTF-8 read as another encoding."""

from __future__ import annotations

import re

_SUSPECT = re.compile("[ÃÂÄÆá][\u0080-\u00bf\u2018-\u203a\u0152-\u0178\u02c6\u02dc\u20ac\u2122]|áº|á»|Ä‘|Æ°|Æ¡")


def repair(text: str) -> str:
    """Return mojibake mended ("Ä‘á»\x93ng" -> "đồng"); text in which nothing looks broken comes back unchanged, unread by ftfy.

    Source: ftfy's `fix_encoding`, which changes text only where the change makes it plainly more likely.
    """
    if not _SUSPECT.search(text):
        return text
    import ftfy

    return ftfy.fix_encoding(text)
