"""Text as it is stored, and syllables as they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0309\u0303\u0323"
_TONED = {unicodedata.normalize("NFC", vowel + tone): (vowel, tone) for vowel in "aăâeêioôơuưy" for tone in _TONES}
_WITH_TONE = {parts: toned for toned, parts in _TONED.items()}
_WITHOUT_TONE = str.maketrans({toned: vowel for toned, (vowel, _) in _TONED.items()})

_OPEN = frozenset(
    re.findall(
        r"\w+",
        "a ai ao au ay âu ây e eo ê êu i ia iu iêu o oa oai oao oay oe oeo oi ô ôi ơ ơi"
        " u ua uây uê ui uy uya uyu uôi uơ ư ưa ưi ưu ươi ươu y yêu",
    )
)
"""the vowels of a rhyme that ends in them"""
_CLOSED = frozenset(re.findall(r"\w+", "a ă â e ê i iê o oa oă oe oo ô ơ u uâ uê uô uy uyê ư ươ y yê"))
"""the vowels of a rhyme that ends in a consonant"""
_HATS = frozenset("ăâêôơư")
_PARTS = re.compile(
    "(?:ngh?|nh|gh|gi(?=[aăâeêoôơuư])|qu|[kcpt]h|tr|[bcdđghklmnprstvx])?([aăâeêioôơuưy]+)(ch|n[gh]?|[cmpt])?"
)

_I_Y = {"i": "y", **{_WITH_TONE["i", tone]: _WITH_TONE["y", tone] for tone in _TONES}}
_I_Y |= {y: i for i, y in _I_Y.items()}
_EITHER = re.compile(f"(h|k|l|m|s|t|qu)([{''.join(_I_Y)}])")

_BREAKS = "\x0b\x0c\x85\u2028\u2029"
_BLANKS = "\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"
_REMOVED = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_SURROGATES = "\ud800-\udfff"
_UNCLEAN = re.compile(f"[\r{_BREAKS}{_BLANKS}{_REMOVED}{_SURROGATES}]")
_LINE_END = re.compile(f"\r\n?|[{_BREAKS}]")
_BLANK = re.compile(f"[{_BLANKS}]")
_REMOVE = re.compile(f"[{_REMOVED}]+")
_SURROGATE = re.compile(f"[{_SURROGATES}]")


def nfc(text: str) -> str:
    """Return the text composed (NFC); the same object where it already is."""
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


@lru_cache(maxsize=65536)
def canonical_tone(syllable: str) -> str:
    """Return the syllable with its tone mark where the 1984 rule puts it: "hoà" -> "hòa", "thuỵ" -> "thụy", "tóan" -> "toán".

    Unknown shapes come back unchanged, so the function is safe on foreign words. Expects lower-case NFC.
    Source: Quyết định 240/QĐ (1984); the "new style" differs only for open oa, oe, uy.
    """
    if syllable.isascii() or len(syllable) > 7:
        return syllable
    marked = [at for at, letter in enumerate(syllable) if letter in _TONED]
    if len(marked) != 1:
        return syllable
    bare = syllable.translate(_WITHOUT_TONE)
    parts = _PARTS.fullmatch(bare)
    if parts is None or parts[1] not in (_CLOSED if parts[2] else _OPEN):
        return syllable
    tone = _TONED[syllable[marked[0]]][1]
    at = parts.start(1) + _place_of_tone(parts[1], closed=bool(parts[2]))
    return bare[:at] + _WITH_TONE[bare[at], tone] + bare[at + 1 :]


def _place_of_tone(vowels: str, *, closed: bool) -> int:
    """The vowel with a hat or a horn (the last of two), else the last before a consonant, else the first of two and the middle of three."""
    hats = [at for at, vowel in enumerate(vowels) if vowel in _HATS]
    if hats:
        return hats[-1]
    return len(vowels) - 1 if closed else (len(vowels) - 1) // 2


def other_spelling(syllable: str) -> str | None:
    """Return the other accepted spelling of an open syllable in i or y, or None: "kỹ" -> "kĩ", "lí" -> "lý", "quý" -> "quí".

    Expects lower-case NFC. Source: Quyết định 240/QĐ (1984), which writes i, beside the usage that keeps y.
    """
    match = _EITHER.fullmatch(syllable)
    return match[1] + _I_Y[match[2]] if match else None


def clean(text: str) -> str:
    """Return the text as it is stored: NFC, without control, zero-width and direction characters, lines ended by U+000A, plain spaces.

    A form feed, vertical tab, U+0085, U+2028 or U+2029 ends a line, so that no two words grow together. Lone surrogates become U+FFFD, for they
    have no UTF-8 form.
    """
    # All that is unclean is unprintable, which Python tells ten times as fast as a pattern.
    if not text.replace("\n", "").isprintable() and _UNCLEAN.search(text):
        text = _REMOVE.sub("", _BLANK.sub(" ", _LINE_END.sub("\n", text)))
        if _SURROGATE.search(text):
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return nfc(text)
