"""Text without accents, and whether it has any."""

from __future__ import annotations

import re
import unicodedata

from .normalize import nfc

_TONES = "\u0300\u0301\u0309\u0303\u0323"
_ACCENTED = "".join(
    composed
    for vowel in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    for tone in ("", *_TONES)
    if not (composed := unicodedata.normalize("NFC", vowel + tone)).isascii()
)
_ACCENT = re.compile(f"[đĐ{_ACCENTED}]")


class _Table(dict[int, str]):
    """Code point -> its accent-free lower-case form, made when first asked for."""

    def __missing__(self, code: int) -> str:
        lower = chr(code).lower()
        parts = unicodedata.normalize("NFD", lower)
        # Only marks that stand on Latin, Greek and Cyrillic letters are accents; in other scripts they spell vowels.
        kept = "".join(part for part in parts if not _is_accent(part))
        self[code] = form = unicodedata.normalize("NFC", kept).replace("đ", "d")
        return form


def _is_accent(character: str) -> bool:
    return unicodedata.category(character) == "Mn" and unicodedata.name(character, "").startswith("COMBINING")


_table = _Table()


def fold(text: str) -> str:
    """Return the text lower-cased without accents, `đ` as `d`: "Đắk Lắk" -> "dak lak". Other scripts keep their letters.

    Equal for texts that are equal in NFC; one letter in (NFC) is one letter out.
    """
    return text.lower() if text.isascii() else nfc(text).translate(_table)


def has_accent(text: str) -> bool:
    """Whether the text holds a letter with a Vietnamese accent, or `đ`: True for "Đà" (NFD too), False for "Nga"."""
    return bool(_ACCENT.search(nfc(text)))
