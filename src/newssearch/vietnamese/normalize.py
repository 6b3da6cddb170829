"""Text as it is stored, and syllables as they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0309\u0303\u0323"


def _toned(vowel: str) -> list[str]:
    return [unicodedata.normalize("NFC", vowel + tone) for tone in _TONES]


_NEW_STYLE = {
    first + toned: first_toned + second
    for first, second in (("o", "a"), ("o", "e"), ("u", "y"))
    for toned, first_toned in zip(_toned(second), _toned(first), strict=True)
}
_OPEN = re.compile(f"((?:[bcdđghklmnprstvx]*|ngh|q(?!u)))({'|'.join(_NEW_STYLE)})")

_I_Y = dict(zip(["i", *_toned("i")], ["y", *_toned("y")], strict=True))
_I_Y |= {y: i for i, y in _I_Y.items()}
_EITHER = re.compile(f"(h|k|l|m|s|t|qu)([{''.join(_I_Y)}])")

_SPACES = re.compile(r"[^\S\n\t ]")
_REMOVED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_LINE_ENDS = re.compile("\r\n?|\x85|\u2028|\u2029")
_SURROGATES = re.compile("[\ud800-\udfff]")


def nfc(text: str) -> str:
    """Return the text composed (NFC); the same object where it already is."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=65536)
def canonical_tone(syllable: str) -> str:
    """Return the syllable with its tone mark where the 1984 rule puts it: "hoà" -> "hòa", "thuỵ" -> "thụy".

    Unknown shapes come back unchanged, so the function is safe on foreign words. Expects lower-case NFC.
    Source: Quyết định 240/QĐ (1984); the "new style" differs only for open oa, oe, uy.
    """
    match = _OPEN.fullmatch(syllable)
    return match[1] + _NEW_STYLE[match[2]] if match else syllable


def other_spelling(syllable: str) -> str | None:
    """Return the other accepted spelling of an open syllable in i or y, or None: "kỹ" -> "kĩ", "lí" -> "lý", "quý" -> "quí".

    Expects lower-case NFC. Source: Quyết định 240/QĐ (1984), which writes i, beside the usage that keeps y.
    """
    match = _EITHER.fullmatch(syllable)
    return match[1] + _I_Y[match[2]] if match else None


def clean(text: str) -> str:
    """Return the text as it is stored: NFC, without control, zero-width and direction characters, lines ended by U+000A, plain spaces.

    Lone surrogates become U+FFFD, for they have no UTF-8 form.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", _REMOVED.sub("", text))
    return nfc(_SURROGATES.sub("\ufffd", text))
