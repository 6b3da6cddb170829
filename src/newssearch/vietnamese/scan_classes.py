"""What a character is to the scanner: one byte for each, ordered so that every class is a range."""

from __future__ import annotations

import string
import unicodedata

import numpy as np
from numpy.typing import NDArray

_URL_MARKS = "-._~:/?#[]@!$&'()*+,;=%"
HYPHENS = "-\u2010\u2011"
APOSTROPHES = "'\u2019"
_SOFT = "".join(dict.fromkeys(_URL_MARKS + HYPHENS + APOSTROPHES))
_TONES_AND_HATS = "\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"
_LOWER = string.ascii_lowercase + "đ" + "".join(
    sorted(
        {
            composed
            for vowel in "aăâeêioôơuưy"
            for tone in ("", *_TONES_AND_HATS)
            if len(composed := unicodedata.normalize("NFC", vowel + tone)) == 1 and composed not in string.ascii_lowercase
        }
    )
)

# HARD ends every construct; a soft mark may stand inside an address or between the parts of a number or a name; the rest is words.
# The codes of the three named OTHER stand for many characters, all others for one letter in both cases, so that bytes tell pieces apart.
UNKNOWN, HARD, FIRST_SOFT = 0, 1, 2
FIRST_WORD = FIRST_SOFT + len(_SOFT)
OTHER_MARK = FIRST_WORD
FIRST_KNOWN_MARK = OTHER_MARK + 1
OTHER_NUMBER = FIRST_KNOWN_MARK + len(_TONES_AND_HATS)
FIRST_DIGIT = OTHER_NUMBER + 1
OTHER_LETTER = FIRST_DIGIT + 10
_FIRST_LETTER = OTHER_LETTER + 1

KNOWN = {character: FIRST_SOFT + i for i, character in enumerate(_SOFT)}
"""the code of each character that shares it with none but its other case"""
KNOWN |= {character: FIRST_KNOWN_MARK + i for i, character in enumerate(_TONES_AND_HATS)}
KNOWN |= {character: FIRST_DIGIT + i for i, character in enumerate(string.digits)}
for _i, _letter in enumerate(_LOWER):
    KNOWN[_letter] = KNOWN[_letter.upper()] = _FIRST_LETTER + _i

_codes: NDArray[np.uint8] = np.zeros(0x110000, np.uint8)
"""[code points] filled for these, and later for those that were met; the rest is memory never touched"""
_codes[[*map(ord, KNOWN)]] = [*KNOWN.values()]
_codes[[*map(ord, " \n")]] = HARD


def code_of(character: str) -> int:
    """Return the code of one character."""
    return KNOWN.get(character) or _code_of_category(character)


def _code_of_category(character: str) -> int:
    category = unicodedata.category(character)
    if category[0] == "L":
        return OTHER_LETTER
    if category[0] == "N":
        return OTHER_NUMBER
    return OTHER_MARK if category in ("Mn", "Mc") and not _is_variation_selector(ord(character)) else HARD


def _is_variation_selector(point: int) -> bool:
    # They choose how the character before looks, mostly of an emoji, and are part of no word.
    return 0xFE00 <= point <= 0xFE0F or 0xE0100 <= point <= 0xE01EF or 0x180B <= point <= 0x180F


def codes_of(points: NDArray[np.unsignedinteger]) -> NDArray[np.uint8]:
    """Return the code of each code point, a new array."""
    codes = _codes.take(points)
    if not codes.all():
        at = (codes == UNKNOWN).nonzero()[0]
        unknown = points.take(at)
        for point in set(unknown.tolist()):
            _codes[point] = code_of(chr(point))
        codes[at] = _codes.take(unknown)
    return codes
