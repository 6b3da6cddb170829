"""Text cut into tokens with offsets: the contract that every index follows (docs/tokens.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from .normalize import canonical_tone, nfc
from .numbers import NUMBER, read_number
from .tokens import Tokens

_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_IN = rf"(?:[^\W_]|[{_MARKS}])"
_LETTER = rf"(?:[^\W\d_][{_MARKS}]*)"
_TOKEN = re.compile(
    rf"""
    (?P<url>(?:https?://|www\.)[^\s<>"“”«»]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    |(?P<number>(?<![^\W_])(?:{NUMBER})(?!{_IN}))
    |(?P<run>{_IN}+(?:(?<=[^\d_])['’](?={_LETTER}){_IN}+)*)
    """,
    re.VERBOSE,
)
_HYPHENS = "-\u2010\u2011"
_APOSTROPHES = re.compile("['’]")
_URL_TAIL = ".,;:!?…)]}'’»"
_URL_WORD = re.compile(r"[^\W_]+")

_Row = tuple[str, int, int, int, bool]


def scan(text: str) -> Tokens:
    """Return the tokens of one text; see `scan_many`."""
    return scan_many([text])


def scan_many(texts: Sequence[str]) -> Tokens:
    """Return the tokens of some texts as arrays.

    Terms are canonical (NFC, lower-case, tone mark in its place), offsets point into the texts as given, whatever their normal form. Never
    raises.
    """
    numbers: dict[str, int] = {}
    terms: list[int] = []
    columns: list[tuple[int, int, int, bool]] = []
    bounds = [0]
    for text in texts:
        for term, position, start, end, main in _rows(text):
            terms.append(numbers.setdefault(term, len(numbers)))
            columns.append((position, start, end, main))
        bounds.append(len(terms))
    table = np.array(columns, np.int32).reshape(-1, 4)
    return Tokens(
        terms=list(numbers),
        term=np.array(terms, np.int32),
        position=table[:, 0].copy(),
        start=table[:, 1].copy(),
        end=table[:, 2].copy(),
        main=table[:, 3].astype(bool),
        bounds=np.array(bounds, np.int64),
    )


def canonical(run: str) -> str:
    """Return the term of a run of letters: "Hoà" -> "hòa"."""
    return canonical_tone(nfc(nfc(run).lower()))


def _rows(text: str) -> list[_Row]:
    rows: list[_Row] = []
    position = 0
    run_starts: list[int] = []
    last_end = -1
    for match in _TOKEN.finditer(text):
        start, end, kind = match.start(), match.end(), match.lastgroup
        if kind == "number" and (number := read_number(match[0])):
            rows.append((number[0], position, start, end, True))
            rows += [(part, position, start, end, False) for part in number[1]]
            position += 1
            run_starts = []
            last_end = -1
            continue
        if kind == "url":
            end = start + len(match[0].rstrip(_URL_TAIL))
            rows += _address(text[start:end], position, start, end)
            position += 1
            run_starts = []
            last_end = -1
            continue
        for piece in re.finditer(rf"{_IN}+", match[0]) if kind == "number" else (match,):
            first, last = (start + piece.start(), start + piece.end()) if kind == "number" else (start, end)
            chained = first == last_end + 1 and text[last_end] in _HYPHENS
            if chained and run_starts:
                run_starts.append(len(rows))
            else:
                _join(rows, run_starts, text)
                run_starts = [len(rows)]
            rows += _run(text[first:last], position, first, last)
            position += 1
            last_end = last
    _join(rows, run_starts, text)
    rows.sort(key=lambda row: (row[1], not row[4]))
    return rows


def _run(run: str, position: int, start: int, end: int) -> list[_Row]:
    term = canonical(_APOSTROPHES.sub("'", run))
    rows = [(term, position, start, end, True)]
    if "'" in term:
        rows.append((canonical(term.replace("'", "")), position, start, end, False))
    return rows


def _join(rows: list[_Row], starts: list[int], text: str) -> None:
    """Add the joined form of a hyphenated run that begins with a letter at its first position."""
    if len(starts) < 2 or not rows[starts[0]][0][0].isalpha():
        return
    _, position, start, _, _ = rows[starts[0]]
    end = rows[starts[-1]][3]
    joined = canonical("".join(rows[i][0] for i in starts).replace("'", ""))
    rows.append((joined, position, start, end, False))


def _address(address: str, position: int, start: int, end: int) -> list[_Row]:
    term = canonical(address)
    words = dict.fromkeys(canonical(word[0]) for word in _URL_WORD.finditer(re.sub(r"^https?://(?:www\.)?", "", address)))
    words.pop(term, None)
    return [(term, position, start, end, True), *((word, position, start, end, False) for word in words)]
