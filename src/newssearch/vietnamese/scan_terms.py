"""Where some terms stand in texts: what `scan` would find of them, without reading what cannot hold them.

The characters of a run, a byte each, are one number, so one look into a small table finds all runs that spell a wanted term. Only where several
runs may belong together (`Pu-tin`, `1/8/2014`, addresses), or characters are no plain letters, the piece is read as `scan` reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .fold import fold
from .scan_batch import Places, points_of, runs_of
from .scan_classes import (
    APOSTROPHES,
    FIRST_DIGIT,
    FIRST_SOFT,
    FIRST_WORD,
    HARD,
    HYPHENS,
    KNOWN,
    OTHER_LETTER,
    OTHER_MARK,
    OTHER_NUMBER,
    code_of,
    codes_of,
)
from .scan_pieces import rows_of_piece
from .scan_spellings import MASKS, PACKED, Spellings, key_of, spellings_of

Codes = NDArray[np.uint8]
Keys = NDArray[np.uint64]
Answers = NDArray[np.bool_]

_MASKS = np.array(MASKS, np.uint64)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SLOTS = 1 << 12
_SHIFT = np.uint64(52)
_LONG = 64
"""characters from which a piece is not kept, for it will not come again"""
_READ = -1
"""in place of a term's number: the run alone does not tell, its piece must be read unless it stands alone"""
_AT = code_of("@")
_HARD = bytes([HARD])
_SOFT = bytes(range(FIRST_SOFT, FIRST_WORD))
_PLAIN = bytes([*range(FIRST_DIGIT, OTHER_LETTER), *range(OTHER_LETTER + 1, 256)])
_APART = bytes({*range(OTHER_LETTER + 1, 256), *_SOFT}.difference(map(code_of, HYPHENS + APOSTROPHES + "@:")))
"""letters, and marks that hold no words together"""
_ADDRESS = bytes(map(code_of, "w."))
_ADDRESSES = tuple(map(key_of, ("http", "https", "www")))


Piece = tuple[int, int, int, int]
"""first and last run, first character and one after the last"""


class Joined(NamedTuple):
    """Some texts on one axis of characters, with blanks before, between and behind them."""

    text: str
    points: NDArray[np.unsignedinteger]
    """[characters] their code points"""
    begins: list[int]
    """[texts + 1] where each text begins, and one would after the last"""


class Occurrences(NamedTuple):
    """Tokens that are wanted terms, one row a token and term, in no order."""

    term: Places
    """[rows] number of the term"""
    position: Places
    """[rows] grows from token to token; two of a text differ by one exactly where they stand at adjacent positions"""
    start: Places
    """[rows] first character, of the joined text"""
    end: Places
    """[rows] one after the last character"""


def join(texts: Sequence[str]) -> Joined:
    """Return some texts as one: no piece crosses two, and eight characters can be read from any."""
    begins = list(accumulate((len(text) + 1 for text in texts), initial=1))
    text = " ".join(("", *texts, " " * (PACKED - 1)))
    return Joined(text, points_of(text), begins)


def find_terms(joined: Joined, plain: Sequence[str], folded: Sequence[str]) -> Occurrences:
    """Return every row of `scan.scan_many` of the texts whose term is one of `plain`, or has one of `folded` as its `fold`.

    Terms are numbered in the order given, `plain` before `folded`; each list holds no term twice.
    """
    runs = _Runs(joined)
    certain: list[Iterable[Places]] = []
    suspects = [(run, _READ) for some in (runs.odd, runs.after_at()) for run in some.tolist()]
    for terms, first, is_folded in ((plain, 0, False), (folded, len(plain), True)):
        if terms:
            table = _table_of(tuple(terms), first, is_folded)
            run, term = table.find(runs.keys(folded=is_folded))
            alone = runs.stand_alone(run)
            chosen = (alone & (term != _READ)).nonzero()[0]
            certain.append((run.take(chosen), term.take(chosen)))
            others = (~alone).nonzero()[0]
            suspects += zip(run.take(others).tolist(), term.take(others).tolist(), strict=True)
    read = _Reader(runs, plain, folded)
    if suspects:
        apart, pieces = runs.told_apart(sorted(suspects))
        certain.append(np.array(apart, np.intp).reshape(-1, 2).T)
        read.pieces_of(pieces)
    columns = [(term, read.positions_of(run), runs.starts.take(run), runs.ends.take(run)) for run, term in certain]
    if read.rows or not columns:
        term, position, start, end = np.array(read.rows, np.intp).reshape(-1, 4).T
        columns.append((term, position, start, end))
    return Occurrences(*(columns[0] if len(columns) == 1 else map(np.concatenate, zip(*columns, strict=True))))


class _Runs:
    """The runs of letters, digits and marks of some text."""

    def __init__(self, joined: Joined) -> None:
        self.text = joined.text
        self.codes = codes = codes_of(joined.points)
        # odd: runs with characters whose codes stand for many, or with marks.
        self.odd: Places
        if _is_odd(codes).any():
            self.starts, self.ends = runs_of(codes)  # marks that are in no run are odd no more
            self.odd = self.starts.searchsorted(_is_odd(codes).nonzero()[0], side="right") - 1
        else:
            word = codes >= FIRST_WORD
            edges = (word[1:] != word[:-1]).nonzero()[0]
            self.starts, self.ends = edges[::2] + 1, edges[1::2] + 1
            self.odd = edges[:0]
        self._masks = _MASKS.take(self.ends - self.starts, mode="clip")

    def keys(self, *, folded: bool) -> Keys:
        """Return each run's key, of its letters or of their accent-free forms."""
        codes = np.frombuffer(self.codes.tobytes().translate(_accent_free()), np.uint8) if folded else self.codes
        eight = np.ndarray(len(codes) - PACKED + 1, "<u8", codes, strides=(1,))
        keys: Keys = eight.take(self.starts)
        keys &= self._masks
        return keys

    def stand_alone(self, runs: Places) -> Answers:
        """Whether the key tells all of a run, and at most one soft character stands on each side of it."""
        codes, starts, ends = self.codes, self.starts.take(runs), self.ends.take(runs)
        alone: Answers = ends - starts <= PACKED
        alone &= (codes.take(starts - 1) == HARD) | (codes.take(starts - 2) == HARD)
        alone &= (codes.take(ends) == HARD) | (codes.take(ends + 1) == HARD)
        if len(self.odd):
            is_odd = np.zeros(len(self.starts), np.bool_)
            is_odd[self.odd] = True
            alone &= ~is_odd.take(runs)
        return alone

    def after_at(self) -> Places:
        """Return the runs after an @ with more before it."""
        if "@" not in self.text:
            return self.starts[:0]
        at = (self.codes == _AT).nonzero()[0]
        at = at[self.codes.take(at - 1) != HARD]
        runs: Places = self.starts.searchsorted(at)
        runs = runs[runs < len(self.starts)]
        followed: Answers = self.codes.take(self.starts.take(runs) - 1) == _AT
        return runs[followed]

    def told_apart(self, suspects: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], list[Piece]]:
        """Return which runs, each with the number of a term, are that term because nothing holds them to others, and the pieces to be read."""
        codes = self.codes.tobytes()
        runs = [run for run, _ in suspects]
        apart, begins, ends, reach = [], [], [], 0
        for suspect, start, end in zip(
            suspects, self.starts.take(runs).tolist(), self.ends.take(runs).tolist(), strict=True
        ):
            if start >= reach:
                after, reach = codes.rfind(_HARD, 0, start) + 1, codes.find(_HARD, end)
                piece = codes[after:reach].strip(_SOFT)
                lone = len(piece) == end - start
                joins = piece.translate(None, _PLAIN) if lone else piece.translate(None, _APART) or _ADDRESS in piece
                if joins:
                    begins.append(codes.index(piece, after))
                    ends.append(begins[-1] + len(piece))
            if not joins:
                if end - start > PACKED:
                    if start not in begins[-1:]:
                        begins.append(start)
                        ends.append(end)
                elif suspect[1] != _READ:
                    apart.append(suspect)
        first, last = self.starts.searchsorted(begins).tolist(), self.starts.searchsorted(ends).tolist()
        return apart, [(run, after - 1, *bounds) for run, after, *bounds in zip(first, last, begins, ends, strict=True)]


def _is_odd(codes: Codes) -> Answers:
    odd: Answers = (codes - np.uint8(OTHER_MARK)) <= OTHER_NUMBER - OTHER_MARK
    odd |= codes == OTHER_LETTER
    return odd


class _Table:
    """The keys of runs that are, or may be part of, wanted terms."""

    def __init__(self, spellings: Sequence[Spellings], first: int) -> None:
        """The terms are numbered from `first`."""
        numbers = dict.fromkeys(_ADDRESSES, _READ)
        for of_term in spellings:
            numbers.update(of_term.parts)
        for number, of_term in enumerate(spellings, first):
            for key in of_term.whole:
                numbers[key] = number
        keys = np.array([*numbers], np.uint64)
        order = keys.argsort()
        self._keys = keys.take(order)
        self._numbers = np.array([*numbers.values()], np.intp).take(order)
        self._taken = np.zeros(_SLOTS, np.bool_)
        self._taken[_slots(keys)] = True

    def find(self, keys: Keys) -> tuple[Places, Places]:
        """Return which keys are in the table, and for each of these its term's number, or _READ."""
        may_be = self._taken.take(_slots(keys)).nonzero()[0]
        keys = keys.take(may_be)
        places = self._keys.searchsorted(keys)
        found = (self._keys.take(places, mode="clip") == keys).nonzero()[0]
        return may_be.take(found), self._numbers.take(places.take(found))


@lru_cache(maxsize=1 << 8)
def _table_of(terms: tuple[str, ...], first: int, is_folded: bool) -> _Table:
    """The table of a question's terms, kept for its next page."""
    return _Table([spellings_of(term, folded=is_folded) for term in terms], first)


def _slots(keys: Keys) -> Places:
    slots = keys * _MULTIPLIER
    slots >>= _SHIFT
    return slots.view(np.intp)


class _Reader:
    """Reads whole pieces, and keeps of their rows those that are wanted."""

    def __init__(self, runs: _Runs, plain: Sequence[str], folded: Sequence[str]) -> None:
        self._runs = runs
        numbers = (
            {term: number for number, term in enumerate(terms, first)}
            for terms, first in ((plain, 0), (folded, len(plain)))
        )
        self._wanted = [
            (is_folded, of_terms) for is_folded, of_terms in zip((False, True), numbers, strict=True) if of_terms
        ]
        self.rows: list[tuple[int, int, int, int]] = []
        """term, position, start and end of those that are wanted"""
        # From run _until[i] on positions are ahead of runs by _ahead[i + 1].
        self._until: list[int] = []
        self._ahead = [0]

    def pieces_of(self, pieces: Sequence[Piece]) -> None:
        """Read these pieces, which are in order."""
        for first, last, begin, end in pieces if self._wanted else ():
            piece = self._runs.text[begin:end]
            position = first + self._ahead[-1]
            for is_folded, numbers in self._wanted:
                rows = _kept_rows(piece, is_folded) if len(piece) < _LONG else _rows(piece, is_folded)
                for form, at, start, stop in rows:
                    if form in numbers:
                        self.rows.append((numbers[form], position + at, begin + start, begin + stop))
            if ahead := rows[-1][1] - (last - first):
                self._until.append(last + 1)
                self._ahead.append(self._ahead[-1] + ahead)

    def positions_of(self, runs: Places) -> Places:
        """Return the positions of runs that stand alone."""
        if not self._until:
            return runs
        ahead: Places = np.array(self._ahead).take(np.array(self._until).searchsorted(runs, side="right"))
        return runs + ahead


def _rows(piece: str, is_folded: bool) -> tuple[tuple[str, int, int, int], ...]:
    """Term, or its accent-free form, position, start and end of each row of a piece."""
    rows = rows_of_piece(piece)
    return tuple((fold(row[0]) if is_folded else row[0], row[1], row[2], row[3]) for row in rows)


_kept_rows = lru_cache(maxsize=1 << 13)(_rows)


@lru_cache(maxsize=1)
def _accent_free() -> bytes:
    """[codes] the code of each letter's accent-free form."""
    codes = bytearray(range(256))
    for character, code in KNOWN.items():
        if character.isalpha():
            codes[code] = code_of(fold(character))
    return bytes(codes)
