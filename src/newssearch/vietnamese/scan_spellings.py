"""How a term may be written in text, as numbers each of which holds the characters of one run."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .fold import fold
from .normalize import canonical_tone
from .scan_classes import FIRST_DIGIT, KNOWN, OTHER_LETTER, code_of
from .scan_pieces import canonical, rows_of_piece

PACKED = 8
"""characters that one 64-bit key holds: their codes, the first lowest; of a longer run the first ones"""
MASKS = tuple((1 << 8 * length) - 1 for length in range(PACKED + 1))
"""what of a key is a run of each length"""

_MOVED = 7
"""letters up to which `canonical_tone` may move a tone mark"""
_VOWELS = "aăâeêioôơuưy"
_TONED = {
    unicodedata.normalize("NFC", vowel + tone): (vowel, tone)
    for vowel in _VOWELS
    for tone in "\u0300\u0301\u0303\u0309\u0323"
}
_WITH_TONE = {parts: toned for toned, parts in _TONED.items()}
_TIME = re.compile(r"([0-9]{2}):([0-9]{2})")
_DIGITS = re.compile(r"[0-9]+")


class Spellings(NamedTuple):
    """The runs of plain letters and digits that a term may be written with, as keys; case is none of a key."""

    whole: tuple[int, ...]
    """runs that are the term where they stand alone"""
    parts: dict[int, int]
    """runs that may be the term, or the first of it, among others or with what the key does not hold; each with -1"""


@lru_cache(maxsize=1 << 13)
def spellings_of(term: str, *, folded: bool) -> Spellings:
    """Return how a term may be written: "hòa" also as "hoà", "07:05" as "7h05", "putin" as "Pu-tin", of which "pu" is a beginning.

    If `folded`, the term is an accent-free form, and the keys are those of the letters' accent-free forms.
    """
    whole: list[int] = []
    parts: dict[int, int] = {}
    for form in (term, *_others(term, folded=folded)):
        codes = _codes_of(form)
        plain = _plain_characters(codes)
        key = int.from_bytes(codes[: min(plain, PACKED)], "little")
        parts[key] = -1
        if plain == len(form) and plain <= PACKED and _is_token(form, term, folded=folded):
            whole.append(key)
        # Any beginning may be followed by other runs that make it the term. Digits alone begin a number, and never a joined form.
        if not form[:plain].isdigit():
            for mask in MASKS[1:plain]:
                parts[key & mask] = -1
    if term[:1].isdigit() and (digits := _DIGITS.match(term)):
        parts.update(dict.fromkeys(map(key_of, _first_numbers(digits[0])), -1))
    return Spellings(tuple(whole), parts)


def key_of(run: str) -> int:
    """Return the key of a run."""
    return int.from_bytes(_codes_of(run[:PACKED]), "little")


def _codes_of(run: str) -> bytes:
    return bytes([KNOWN.get(character) or code_of(character) for character in run])


def _plain_characters(codes: bytes) -> int:
    """How many codes there are before the first that is no letter or digit, or stands for more than one."""
    if codes and min(codes) >= FIRST_DIGIT and OTHER_LETTER not in codes:
        return len(codes)
    return next((at for at, code in enumerate(codes) if code < FIRST_DIGIT or code == OTHER_LETTER), 0)


def _first_numbers(digits: str) -> tuple[str, ...]:
    """The runs that a number, date or time may have been written with of which these are the first digits."""
    # A day, month or hour may have a zero before it, or have lost it; a number of four or more digits may have been written in groups of three.
    return digits, f"0{digits}", digits.lstrip("0") or "0", digits[: (len(digits) - 1) % 3 + 1]


def _is_token(run: str, term: str, *, folded: bool) -> bool:
    if run.isalpha():
        return term == (fold(run) if folded else canonical(run))
    rows = rows_of_piece(run)
    return len(rows) == 1 and term == (fold(rows[0][0]) if folded else rows[0][0])


def _others(term: str, *, folded: bool) -> Iterable[str]:
    """The other forms of a term that are one run."""
    if ":" in term:
        return _times(term)
    return () if folded or term.isascii() or len(term) > _MOVED else _tones_moved(term)


def _tones_moved(term: str) -> Sequence[str]:
    """The other forms that have this canonical one."""
    toned = [at for at, letter in enumerate(term) if letter in _TONED]
    if len(toned) != 1:
        return ()
    at = toned[0]
    vowel, tone = _TONED[term[at]]
    bare = term[:at] + vowel + term[at + 1 :]
    places = [place for place, letter in enumerate(bare) if letter in _VOWELS and place != at]
    forms = [bare[:place] + _WITH_TONE[bare[place], tone] + bare[place + 1 :] for place in places]
    # Where the rule knows the rhyme, it leads from all places to one, else from none.
    return forms if forms and canonical_tone(forms[0]) == term else ()


def _times(term: str) -> Iterator[str]:
    """The forms of a time without a colon; with one it is two runs."""
    if time := _TIME.fullmatch(term):
        for hour in {time[1], time[1].removeprefix("0")}:
            yield from (f"{hour}{mark}{time[2]}" for mark in "hg")
