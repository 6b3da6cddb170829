"""Text without accents, and whether it has any."""

from __future__ import annotations

import re
import unicodedata

_VIETNAMESE_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")


class _Table(dict[int, str]):
    """Code point -> its accent-free lower-case form, made when first asked for."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFD", chr(code).lower())
        kept = "".join(c for c in decomposed if unicodedata.category(c) != "Mn")
        self[code] = form = unicodedata.normalize("NFC", kept).replace("đ", "d")
        return form


_TABLE = _Table()


def _accented() -> str:
    bases = [*"aeiouyAEIOUY"]
    composed = {unicodedata.normalize("NFC", b + m) for b in bases for m in _VIETNAMESE_MARKS}
    composed |= {unicodedata.normalize("NFC", c + m) for c in composed for m in _VIETNAMESE_MARKS}
    return "".join(sorted(c for c in composed if len(c) == 1))


_ACCENT = re.compile(f"[đĐ{_accented()}{''.join(sorted(_VIETNAMESE_MARKS))}]")


def fold(text: str) -> str:
    """Return the text lower-cased without accents, `đ` as `d`: "Đắk Lắk" -> "dak lak". Other scripts keep their letters."""
    return text.translate(_TABLE)


def has_accent(text: str) -> bool:
    """Whether the text holds a Vietnamese accent or `đ`: True for "Đà", False for "Nga"."""
    return bool(_ACCENT.search(text))
