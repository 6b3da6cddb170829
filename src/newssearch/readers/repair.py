"""Text broken on its way: UTF-8 read as another encoding."""

from __future__ import annotations

import re

_SUSPECT = re.compile("[ÃÂÄÆá][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
_PLAIN = re.compile("á[º»]|Ä[‘\u0090\u0091]|Æ[°¡¯\u00a0]")
"""what stands for ạ…ỹ, đ and Đ, ơ and ư: no Vietnamese word has it"""
_BEGINNINGS = ("Ã", "Â", "Ä", "Æ", "á\u00b8", "á\u00b9", "áº", "á»")
"""how the lead bytes of Vietnamese letters look in Latin-1 and windows-1252, those of ạ…ỹ with the byte behind"""
SUSPECTS = "ÃÂÄÆ\u00b8\u00b9º»"
"""one of these is in every text that is mended"""
_INTACT = re.compile("[ăĂđĐơƠưƯ\u1ea0-\u1ef9]")


def repair(text: str) -> str:
    """Return mojibake mended ("Ä‘á»“ng" -> "đồng"), line by line; a line that does not look broken comes back unchanged, unread by ftfy.

    Source: ftfy's `fix_encoding`. It takes “HÃY ĐỢI ĐÃ”” for broken, so that a line is only given to it when it has more broken letters than intact ones.
    """
    # Most texts have none of the letters that begin a broken one, which a plain search tells fast.
    if not any(beginning in text for beginning in _BEGINNINGS) or not _SUSPECT.search(text):
        return text
    return "\n".join(map(_mended, text.split("\n")))


def _mended(line: str) -> str:
    suspects = len(_SUSPECT.findall(line))
    if not suspects or (suspects == 1 and not _PLAIN.search(line)) or len(_INTACT.findall(line)) >= suspects:
        return line
    import ftfy

    return ftfy.fix_encoding(line)
