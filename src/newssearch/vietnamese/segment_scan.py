"""pyvi's tokens (syllables, numbers, marks) in a text, found by arrays with a regular expression only for the few odd spots.

pyvi tokenises with one regular expression. Every one of its tokens but the line feed lies within a run of characters that are
not white space, so runs are independent of each other; and a run in which none of the special forms can begin is simply cut
at every mark. The arrays find the runs that need the expression (about one in fifty).
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

# The parts of pyvi's expression, in its order: the first that matches wins.
_BEFORE_EMAIL = r"[A-ZĐ]+\.|Tp\.|Mr\.|Mrs\.|Ms\.|Dr\.|ThS\.|==>|->|\.\.\.|>>|\n|\w+://[^\s]+"
_AFTER_EMAIL = r"\d+(?:[\.,_]\d+)+|[^\w\s]|\w+"
_SPECIAL = re.compile(_BEFORE_EMAIL)
_PLAIN = re.compile(f"{_BEFORE_EMAIL}|{_AFTER_EMAIL}")
# pyvi's e-mail address is a local part of this class, then this tail; tried once for each `@`, so that no text costs quadratic time.
_LOCAL_PART = frozenset(string.ascii_letters + string.digits + "_.+-")
_EMAIL_TAIL = re.compile(r"@(?:[a-zA-Z0-9-]+\.)+[a-zA-Z0-9-]+")

_MARKS = "!\"#$%&'()*+-/;<=?[\\]^`{|}~“”‘’–—…°·•«»"
_LOWER = "abcdefghijklmnopqrstuvwxyzđăâêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"

# Codes of characters, ordered so that every class is a range. A code stands for one character, but for the four named OTHER and SPACE.
SPACE, NEWLINE, EDGE, OTHER_MARK = 0, 1, 2, 3
_FIRST_MARK = 4
_GREATER = _FIRST_MARK + len(_MARKS)
_COLON, _AT, _COMMA, _DOT, _UNDERSCORE = range(_GREATER + 1, _GREATER + 6)
OTHER_LETTER = _UNDERSCORE + 1
_OTHER_DIGIT = OTHER_LETTER + 1
_FIRST_DIGIT = _OTHER_DIGIT + 1
_FIRST_CAPITAL = _FIRST_DIGIT + 10
_END_OF_CAPITALS = _FIRST_CAPITAL + 27
_ORDER = _MARKS + ">:@,._"
_ORDER_LETTERS = string.digits + string.ascii_uppercase + "Đ" + _LOWER + "".join(c.upper() for c in _LOWER[27:])
_DASH = _FIRST_MARK + _MARKS.index("-")
_EQUALS = _FIRST_MARK + _MARKS.index("=")
_SLASH = _FIRST_MARK + _MARKS.index("/")


def _code_of(character: str) -> int:
    if character in _ORDER:
        return _FIRST_MARK + _ORDER.index(character)
    return _FIRST_DIGIT + _ORDER_LETTERS.index(character)


def character_codes() -> NDArray[np.uint8]:
    """Return the code of every code point, by the classes of this Python's own regular expressions (0.1 s: the model's cache keeps it)."""
    every = "".join(map(chr, range(0x110000)))
    codes = np.full(len(every), OTHER_MARK, np.uint8)
    for pattern, code in ((r"\w+", OTHER_LETTER), (r"\d+", _OTHER_DIGIT), (r"\s+", SPACE)):
        for match in re.finditer(pattern, every):
            codes[match.start() : match.end()] = code
    codes[ord("\n")] = NEWLINE
    for character in _ORDER + _ORDER_LETTERS:
        codes[ord(character)] = _code_of(character)
    return codes


def tokens_of(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each pyvi token of an NFC text, one by one, in linear time."""
    return _scan(text, 0, len(text))


def _scan(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if text.find("@", start, end) < 0:
        for match in _PLAIN.finditer(text, start, end):
            yield match.span()
        return
    yield from _scan_with_email(text, start, end)


def _scan_with_email(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    position, at, local, tail = start, -1, start, -1
    while position < end:
        if at < position:
            at, local, tail = _next_email(text, position, end)
        in_address = tail >= 0 and local <= position < at
        match = (_SPECIAL if in_address else _PLAIN).match(text, position, end)
        if match is None and in_address:
            yield position, tail
            position = tail
            continue
        if match is None:
            position += 1
        else:
            yield match.span()
            position = match.end()


def _next_email(text: str, start: int, end: int) -> tuple[int, int, int]:
    """Return the next `@`, where its local part may begin, and where its address ends (-1 when it is none)."""
    at = text.find("@", start, end)
    if at < 0:
        return end, end, -1
    local = at
    while local > start and text[local - 1] in _LOCAL_PART:
        local -= 1
    tail = _EMAIL_TAIL.match(text, at, end)
    return at, local, tail.end() if tail else -1


def token_starts(text: str, codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return for each character whether a pyvi token begins there, for a text whose edges (EDGE) are tokens too.

    `codes[c]` are the codes of the characters of `text`, with an EDGE first and last, so that neighbours always exist.
    """
    word = codes >= _UNDERSCORE
    starts: NDArray[np.bool_] = codes != SPACE
    starts[1:] &= ~(word[1:] & word[:-1])
    chunks = _special_chunks(codes)
    if len(chunks):
        found: list[int] = []
        for start, end in chunks.tolist():
            starts[start:end] = False
            found.extend(token[0] for token in _scan(text, start, end))
        starts[found] = True
    return starts


def _special_chunks(codes: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return [chunks, 2]: start and end of the runs without white space where a special form may begin."""
    at = np.flatnonzero((codes >= _GREATER) & (codes <= _UNDERSCORE))
    here, before, after = codes[at], codes[at - 1], codes[at + 1]
    dot = here == _DOT
    wanted = dot & (before >= _FIRST_CAPITAL) & (before < _END_OF_CAPITALS)
    wanted |= dot & (before == _DOT)
    wanted |= (here >= _COMMA) & _is_digit(before) & _is_digit(after)
    wanted |= here == _AT
    wanted |= (here == _COLON) & (after == _SLASH)
    wanted |= (here == _GREATER) & ((before == _GREATER) | (before == _DASH) | (before == _EQUALS))
    title = np.flatnonzero(dot & _TITLE_LAST[before])
    wanted[title] |= _TITLE_MIDDLE[codes[at[title] - 2]]
    at = at[wanted]
    if not len(at):
        return np.empty((0, 2), np.intp)
    gaps = np.flatnonzero(codes <= EDGE)
    right = np.searchsorted(gaps, at)
    right = right[np.append(True, right[1:] != right[:-1])]
    return np.stack([gaps[right - 1] + 1, gaps[right]], axis=1)


def _is_digit(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    within: NDArray[np.bool_] = (codes >= _OTHER_DIGIT) & (codes < _FIRST_CAPITAL)
    return within


def _members(characters: str) -> NDArray[np.bool_]:
    members = np.zeros(256, np.bool_)
    members[[_code_of(character) for character in characters]] = True
    return members


# Tp. Mr. Mrs. Ms. Dr.: the letter before the dot, and the one before that.
_TITLE_LAST = _members("prs")
_TITLE_MIDDLE = _members("TMDr")
