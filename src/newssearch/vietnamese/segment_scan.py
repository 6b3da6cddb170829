"""pyvi's tokens (syllables, numbers, marks) in a text, found by arrays with a regular expression only for the few odd spots.

pyvi tokenises with one regular expression. Every one of its tokens but the line feed lies within a run of characters that are
not white space, so runs are independent of each other; and a run in which none of the special forms can begin is simply cut
at every mark. The arrays find the runs that need the expression (fewer than one in a hundred).
"""

from __future__ import annotations

import functools
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

_LONG = 32
"""characters from which a run is not kept, for it will hardly come again"""

_MARKS = "!\"#$%&'()*+-/;<=?[\\]^`{|}~“”‘’–—…°·•«»"
_LOWER = "abcdefghijklmnopqrstuvwxyzđăâêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"

# Codes of characters, ordered so that every class is a range. A code stands for one character, but for the four named OTHER and SPACE.
SPACE, NEWLINE, EDGE, OTHER_MARK = 0, 1, 2, 3
_FIRST_MARK = 4
_GREATER = _FIRST_MARK + len(_MARKS)
_UNDERSCORE = _GREATER + 5
OTHER_LETTER = _UNDERSCORE + 1
_OTHER_DIGIT = OTHER_LETTER + 1
_FIRST_DIGIT = _OTHER_DIGIT + 1
_FIRST_CAPITAL = _FIRST_DIGIT + 10
_ORDER = _MARKS + ">:@,._"
_ORDER_LETTERS = string.digits + string.ascii_uppercase + "Đ" + _LOWER + "".join(c.upper() for c in _LOWER[27:])


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
    at, forms = _special_spots(codes)
    if len(at):
        chunks, chunk = _chunks(codes, at)
        plain = _are_numbers(codes, chunks)
        plain[chunk[forms != _NUMBER]] = False
        inside = at[plain[chunk]]
        starts[inside] = starts[inside + 1] = False
        found: list[int] = []
        for start, end in chunks[~plain].tolist():
            starts[start:end] = False
            run = text[start:end]
            found += [start + place for place in (_kept_starts(run) if end - start < _LONG else _starts(run))]
        starts[found] = True
    return starts


def _starts(chunk: str) -> list[int]:
    if "@" in chunk:
        return [start for start, _ in tokens_of(chunk)]
    return [token.start() for token in _PLAIN.finditer(chunk)]


_kept_starts = functools.lru_cache(maxsize=1 << 15)(_starts)


def _special_spots(codes: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
    """Return the characters at which a special form shows itself, and which forms."""
    # Subtraction wraps round, so one comparison finds the range of codes from _GREATER to _UNDERSCORE.
    at = (codes - np.uint8(_GREATER) <= _UNDERSCORE - _GREATER).nonzero()[0]
    forms = _FORMS.take(codes.take(at))
    forms &= _FORMS_BEFORE.take(codes.take(at - 1))
    forms &= _FORMS_AFTER.take(codes.take(at + 1))
    forms &= _FORMS_SECOND_BEFORE.take(codes.take(at - 2))  # of the first character the last, an EDGE like the one before it
    special = forms.nonzero()[0]
    return at.take(special), forms.take(special)


def _chunks(codes: NDArray[np.uint8], at: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return [chunks, 2]: start and end of the runs without white space around some characters, and the chunk of each of these."""
    gaps = (codes <= EDGE).nonzero()[0]
    right = gaps.searchsorted(at)
    different = np.ones(len(right), np.bool_)
    different[1:] = right[1:] != right[:-1]
    chunk = different.cumsum() - 1
    right = right[different]
    return np.stack([gaps[right - 1] + 1, gaps[right]], axis=1), chunk


def _are_numbers(codes: NDArray[np.uint8], chunks: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return whether a chunk has no letter, so that a form of numbers in it is no more than a mark between digits."""
    lengths = chunks[:, 1] - chunks[:, 0]
    chunk = np.arange(len(chunks)).repeat(lengths)
    character = np.arange(len(chunk)) + (chunks[:, 1] - lengths.cumsum()).repeat(lengths)
    numbers = np.ones(len(chunks), np.bool_)
    numbers[chunk[_IS_LETTER.take(codes.take(character))]] = False
    return numbers


def _forms_by_code(default: int, characters: dict[str, int], digits: int = 0) -> NDArray[np.uint8]:
    """Return which special forms a character allows, as bits, by its code."""
    forms = np.full(256, default, np.uint8)
    forms[[_code_of(character) for character in characters]] |= np.array(list(characters.values()), np.uint8)
    forms[_OTHER_DIGIT:_FIRST_CAPITAL] |= digits
    return forms


# A special form shows itself by one of `>:@,._` between others: TP. ..  .. -> 1,5 a@b http:// Tp. Mr. Mrs. Ms. Dr. A bit stands
# for each form; a form may begin where the four characters agree on its bit.
_ABBREVIATION, _ARROW, _NUMBER, _EMAIL, _WEB, _TITLE = 1, 2, 4, 8, 16, 32
_FORMS = _forms_by_code(
    0,
    {".": _ABBREVIATION | _NUMBER | _TITLE, ",": _NUMBER, "_": _NUMBER, ">": _ARROW, "@": _EMAIL, ":": _WEB},
)
_FORMS_BEFORE = _forms_by_code(
    _EMAIL | _WEB,
    dict.fromkeys(string.ascii_uppercase + "Đ.", _ABBREVIATION) | dict.fromkeys("-=>", _ARROW) | dict.fromkeys("prs", _TITLE),
    _NUMBER,
)
_FORMS_AFTER = _forms_by_code(_ABBREVIATION | _ARROW | _EMAIL | _TITLE, {"/": _WEB}, _NUMBER)
_FORMS_SECOND_BEFORE = _forms_by_code(255 - _TITLE, dict.fromkeys("TMDr", _TITLE))
_IS_LETTER = np.arange(256) >= _UNDERSCORE
_IS_LETTER[_OTHER_DIGIT:_FIRST_CAPITAL] = False
