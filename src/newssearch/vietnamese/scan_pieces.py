"""The tokens of one piece of text, one by one: names, numbers, addresses. The arrays ask for every different piece once.

A piece holds no hard character (white space, quotes, dashes, …; see `scan_classes`), so nothing that belongs together reaches beyond it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .normalize import canonical_tone, nfc
from .scan_addresses import EmailFinder, Runs, begins_url, url_terms
from .scan_classes import APOSTROPHES, FIRST_SOFT, FIRST_WORD, HYPHENS, OTHER_NUMBER, code_of
from .scan_numbers import JOINERS, Number, read_amount, read_number

Row = tuple[str, int, int, int, bool]
"""term, position, start, end, whether it is the main token"""

_APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
_JOINT = re.compile(f"[{HYPHENS}{APOSTROPHES}]")
_HYPHEN = re.compile(f"[{HYPHENS}]")
_DIGITS = re.compile(r"[0-9]+")
_TIME = re.compile(r"[0-9]{1,2}[hgHG][0-9]{2}")
_NUMBER = re.compile(rf"[0-9]+(?:[{re.escape(''.join(sorted(JOINERS)))}][0-9]+)+|{_TIME.pattern}")


class _Kinds(dict[str, int]):
    """The code of each character that was met."""

    def __missing__(self, character: str) -> int:
        self[character] = code = code_of(character)
        return code


_kinds = _Kinds()


def canonical(run: str) -> str:
    """Return the term of a run of letters, digits and marks: "Hoà" -> "hòa"."""
    if run.isascii():
        return run.lower()
    return canonical_tone(nfc(nfc(run).lower()))


def rows_of_text(text: str) -> list[Row]:
    """Return the tokens of a text, whatever it holds, in order."""
    if text.isalpha():
        return [(canonical(text), 0, 0, len(text), True)]
    rows: list[Row] = []
    position = 0
    for base, runs in _pieces(text):
        piece = text[base : base + runs[-1][1]]
        for term, at, start, end, main in _Walk(piece, runs).rows():
            rows.append((term, position + at, base + start, base + end, main))
        position = rows[-1][1] + 1
    return rows


def rows_of_piece(piece: str) -> list[Row]:
    """Return the tokens of a piece that begins and ends with a letter, digit or mark of a run."""
    # Nearly all are a word, a number or a name with hyphens, which need no walk.
    if piece.isalpha():
        return [(canonical(piece), 0, 0, len(piece), True)]
    if _NUMBER.fullmatch(piece) and (number := read_number(piece.lower())):
        return _rows_of_place(0, 0, len(piece), number[0], number[1])
    if piece.isalnum():
        return [(canonical(piece), 0, 0, len(piece), True)]
    parts = _HYPHEN.split(piece)
    return _rows_of_parts(parts) if all(map(str.isalpha, parts)) else rows_of_text(piece)


def _rows_of_parts(parts: list[str]) -> list[Row]:
    """Return the rows of words with a hyphen between two of them."""
    rows: list[Row] = []
    start = 0
    for position, part in enumerate(parts):
        rows.append((canonical(part), position, start, start + len(part), True))
        start += len(part) + 1
    rows.insert(1, (canonical("".join(parts)), 0, 0, start - 1, False))
    return rows


def _rows_of_place(position: int, start: int, end: int, main: str, others: Sequence[str]) -> list[Row]:
    """Return the rows of one position: its main token and what else finds it."""
    rows = [(main, position, start, end, True)]
    rows += [(other, position, start, end, False) for other in dict.fromkeys(others) if other != main]
    return rows


def _pieces(text: str) -> Iterator[tuple[int, Runs]]:
    """Yield where each piece begins, and start and end of its runs of letters, digits and marks, counted from there."""
    base = 0
    begin = -1
    runs: Runs = []
    for at, character in enumerate(text):
        code = _kinds[character]
        # A combining mark with nothing before it to combine with is no part of a word; it cuts like a blank.
        if code >= FIRST_WORD and (begin >= 0 or code >= OTHER_NUMBER):
            if begin < 0:
                begin = at
                base = base if runs else at
            continue
        if begin >= 0:
            runs.append((begin - base, at - base))
            begin = -1
        if runs and not FIRST_SOFT <= code < FIRST_WORD:
            yield base, runs
            runs = []
    if begin >= 0:
        runs.append((begin - base, len(text) - base))
    if runs:
        yield base, runs


class _Walk:
    """One way through the runs of a piece, from left to right; the leftmost construct wins, then address, number, word."""

    def __init__(self, piece: str, runs: Runs) -> None:
        self._piece = piece
        self._runs = runs
        self._rows: list[Row] = []
        self._position = 0
        self._emails = EmailFinder(piece, runs) if "@" in piece else None
        self._numbers: dict[int, tuple[int, Number]] = {}
        self._numbers_read = 0
        # The hyphenated run that is being read: where its rows and its text begin, and where its last part ends.
        self._parts = 0
        self._first_row = 0
        self._last_end = -1

    def rows(self) -> list[Row]:
        """Return the tokens, alternatives after the main token of their position."""
        run = 0
        while run < len(self._runs):
            run = self._address(run) or self._number(run) or self._word(run)
        self._end_of_parts()
        self._rows.sort(key=lambda row: (row[1], not row[4]))
        return self._rows

    def _add(self, start: int, end: int, main: str, others: Sequence[str]) -> None:
        self._rows += _rows_of_place(self._position, start, end, main, others)
        self._position += 1

    def _address(self, run: int) -> int:
        start = self._runs[run][0]
        following = self._runs[run + 1][0] if run + 1 < len(self._runs) else -1
        if begins_url(self._piece, start, following):
            self._end_of_parts()
            end = self._runs[-1][1]
            term, place = url_terms(self._piece[start:end])
            self._add(start, end, nfc(term), _words(place))
            return len(self._runs)
        last = self._emails.last_run(run) if self._emails else -1
        if last < 0:
            return 0
        self._end_of_parts()
        end = self._runs[last][1]
        address = self._piece[start:end]
        self._add(start, end, nfc(nfc(address).lower()), _words(address))
        return last + 1

    def _number(self, run: int) -> int:
        if run >= self._numbers_read:
            self._read_numbers(run)
        start, end = self._runs[run]
        if run in self._numbers:
            last, number = self._numbers[run]
        elif _TIME.fullmatch(self._piece, start, end) and (time := read_number(self._piece[start:end].lower())):
            last, number = run, time
        else:
            return 0
        self._end_of_parts()
        self._add(start, self._runs[last][1], number[0], number[1])
        return last + 1

    def _read_numbers(self, first: int) -> None:
        """Read the longest chain of digits from this run on: as one number, else each part between hyphens as one."""
        last = first
        digits = _DIGITS.match(self._piece, self._runs[first][0])
        cuts = [first]
        while digits and digits.end() == self._runs[last][1] and last + 1 < len(self._runs):
            mark = self._piece[digits.end()]
            digits = _DIGITS.match(self._piece, digits.end() + 1) if mark in JOINERS else None
            if digits:
                last += 1
                if mark == "-":
                    cuts.append(last)
        self._numbers_read = last + 1
        if self._read_number(first, last) or len(cuts) == 1:
            return
        for start, following in zip(cuts, [*cuts[1:], last + 1], strict=True):
            self._read_number(start, following - 1)

    def _read_number(self, first: int, last: int) -> bool:
        start, end = self._runs[first][0], self._runs[last][1]
        text = self._piece[start:end]
        number = None
        if digits := _DIGITS.match(text, self._runs[last][0] - start):
            unit = text[digits.end() :]
            if not unit:
                number = read_number(text)
            elif unit[0].isalpha() and (amount := read_amount(text[: digits.end()])):
                number = amount[0] + canonical(unit), (amount[0],)
        if number:
            self._numbers[first] = last, number
        return number is not None

    def _word(self, run: int) -> int:
        last = run
        while last + 1 < len(self._runs) and self._is_apostrophe(self._runs[last][1], self._runs[last + 1][0]):
            last += 1
        start, end = self._runs[run][0], self._runs[last][1]
        if not (self._parts and start == self._last_end + 1 and self._piece[self._last_end] in HYPHENS):
            self._end_of_parts()
            self._first_row = len(self._rows)
        self._parts += 1
        self._last_end = end
        text = self._piece[start:end]
        if last == run:
            self._add(start, end, canonical(text), [])
        else:
            self._add(start, end, canonical(_APOSTROPHE.sub("'", text)), [canonical(_APOSTROPHE.sub("", text))])
        return last + 1

    def _is_apostrophe(self, end: int, start: int) -> bool:
        """Whether an apostrophe between two letters lies between the end of a run and the start of the next."""
        if start != end + 1 or self._piece[end] not in APOSTROPHES or not self._piece[start].isalpha():
            return False
        before = self._piece[end - 1]
        return before.isalpha() or _kinds[before] < OTHER_NUMBER

    def _end_of_parts(self) -> None:
        """Add the joined form of a hyphenated run that begins with a letter, at its first position."""
        if self._parts > 1:
            _, position, start, _, _ = self._rows[self._first_row]
            if self._piece[start].isalpha():
                joined = canonical(_JOINT.sub("", self._piece[start : self._last_end]))
                self._rows.append((joined, position, start, self._last_end, False))
        self._parts = 0


def _words(text: str) -> list[str]:
    return [canonical(text[base + start : base + end]) for base, runs in _pieces(text) for start, end in runs]
