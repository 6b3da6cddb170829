"""Where some terms stand in texts: what `scan` would find of them, without reading what cannot hold them.

The characters of a run, a byte each, are one number, so one look into a small table finds all runs that spell a wanted term. Only where several
runs may belong together (`Pu-tin`, `1/8/2014`, addresses), or characters are no plain letters, the piece is read as `scan` reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from ..records import dataclass
from .fold import fold
from .scan_batch import Places, points_of, runs_of
from .scan_classes import FIRST_WORD, HARD, KNOWN, OTHER_LETTER, OTHER_MARK, OTHER_NUMBER, code_of, codes_of
from .scan_pieces import Row, rows_of_piece
from .scan_spellings import PACKED, Spellings, key_of, spellings_of

Codes = NDArray[np.uint8]
Keys = NDArray[np.uint64]
Answers = NDArray[np.bool_]

_MASKS = np.array([(1 << 8 * length) - 1 for length in range(PACKED + 1)], np.uint64)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SLOTS = 1 << 12
_SHIFT = np.uint64(52)
_LONG = 64
"""characters from which a piece is not kept, for it will not come again"""
_READ = -1
"""in place of a term's number: the run alone does not tell, its piece must be read"""
_AT = code_of("@")
_ADDRESSES = tuple(map(key_of, ("http", "https", "www")))


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Tokens that are wanted terms, one row a token and term, in no order."""

    term: Places
    """[rows] number of the term"""
    text: Places
    """[rows] number of the text"""
    position: Places
    """[rows] grows from token to token; two differ by one exactly where they stand at adjacent positions of one text"""
    start: Places
    """[rows] first character, in its text"""
    end: Places
    """[rows] one after the last character"""


def find_terms(texts: Sequence[str], plain: Sequence[str], folded: Sequence[str]) -> Occurrences:
    """Return every row of `scan.scan_many(texts)` whose term is one of `plain`, or has one of `folded` as its `fold`.

    Terms are numbered in the order given, `plain` before `folded`; each list holds no term twice.
    """
    runs = _Runs(texts)
    certain: list[tuple[Places, Places]] = []
    suspects = [runs.odd, runs.after_at()]
    for terms, first, is_folded in ((plain, 0, False), (folded, len(plain), True)):
        if terms:
            table = _Table([spellings_of(term, folded=is_folded) for term in terms], first)
            keys = runs.keys(folded=is_folded)
            run, term = table.find(keys)
            alone = runs.stand_alone(run)
            chosen = (alone & (term != _READ)).nonzero()[0]
            certain.append((run.take(chosen), term.take(chosen)))
            suspects += [run[~alone], runs.tied[table.may_join(keys.take(runs.tied))]]
    read = _Reader(runs, plain, folded)
    read.pieces_of(np.concatenate(suspects))
    run = np.concatenate([runs.odd[:0], *(of for of, _ in certain)])
    term = np.concatenate([*(of for _, of in certain), np.array(read.terms, np.intp)])
    position = np.concatenate((read.positions_of(run), np.array(read.positions, np.intp)))
    start = np.concatenate((runs.starts.take(run), np.array(read.starts, np.intp)))
    end = np.concatenate((runs.ends.take(run), np.array(read.ends, np.intp)))
    begins = np.array(list(accumulate((len(text) + 1 for text in texts), initial=1)))
    text = begins.searchsorted(start, side="right") - 1
    base = begins.take(text)
    # One more from text to text, so that the last token of one and the first of the next are not adjacent.
    return Occurrences(term, text, position + text, start - base, end - base)


class _Runs:
    """The runs of letters, digits and marks of some texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        # Blanks before, between and after the texts: no piece crosses two, and eight characters can be read from any.
        self.text = f" {' '.join(texts)}{' ' * PACKED}"
        self.codes = codes_of(points_of(self.text))
        self.starts, self.ends = runs_of(self.codes)
        self._lengths = self.ends - self.starts
        self._masks = _MASKS.take(self._lengths, mode="clip")
        # odd: runs with characters whose codes stand for many, or with marks.
        odd = (self.codes - np.uint8(OTHER_MARK)) <= OTHER_NUMBER - OTHER_MARK
        odd |= self.codes == OTHER_LETTER
        self.odd: Places = self.starts.searchsorted(odd.nonzero()[0], side="right") - 1
        # tied: runs with nothing but one soft character before the next run, or after the one before.
        word = self.codes >= FIRST_WORD
        tie = word[:-2] & word[2:]
        tie &= (self.codes[1:-1] != HARD) & ~word[1:-1]
        following = self.starts.searchsorted(tie.nonzero()[0] + 2)
        self.tied: Places = np.concatenate((following - 1, following))

    def keys(self, *, folded: bool) -> Keys:
        """Return each run's key, of its letters or of their accent-free forms."""
        codes = _accent_free().take(self.codes) if folded else self.codes
        eight = np.ndarray(len(codes) - PACKED + 1, "<u8", codes, strides=(1,))
        keys: Keys = eight[self.starts]
        keys &= self._masks
        return keys

    def stand_alone(self, runs: Places) -> Answers:
        """Whether the key tells all of a run, and at most one soft character stands on each side of it."""
        starts, ends = self.starts.take(runs), self.ends.take(runs)
        hard = self.codes == HARD
        alone: Answers = hard.take(starts - 1) | hard.take(starts - 2)
        alone &= hard.take(ends) | hard.take(ends + 1)
        alone &= self._lengths.take(runs) <= PACKED
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

    def pieces_of(self, runs: Places) -> list[tuple[int, int, int, int]]:
        """Return for each piece that holds one of the runs, in order: its first and last run, its first character and one after its last."""
        hard = (self.codes == HARD).nonzero()[0]
        after = np.array(sorted(set(hard.searchsorted(self.starts.take(runs)).tolist())))
        first = self.starts.searchsorted(hard.take(after - 1))
        last = self.starts.searchsorted(hard.take(after)) - 1
        columns = (first, last, self.starts.take(first), self.ends.take(last))
        return list(zip(*(column.tolist() for column in columns), strict=True))


class _Table:
    """The keys of runs that are, or may be part of, wanted terms."""

    def __init__(self, spellings: Sequence[Spellings], first: int) -> None:
        """The terms are numbered from `first`."""
        numbers = dict.fromkeys(_ADDRESSES, _READ)
        for of_term in spellings:
            numbers.update(dict.fromkeys(of_term.parts, _READ))
        for number, of_term in enumerate(spellings, first):
            numbers.update(dict.fromkeys(of_term.whole, number))
        keys = sorted(numbers)
        self._keys = np.array(keys, np.uint64)
        self._numbers = np.array([numbers[key] for key in keys], np.intp)
        self._taken = np.zeros(_SLOTS, np.bool_)
        self._taken[_slots(self._keys)] = True
        begins = np.array([key for of_term in spellings for key in of_term.begins], np.uint64)
        first_numbers = [key for of_term in spellings for key in of_term.numbers]
        self._leads = np.sort(
            np.concatenate(((begins[:, None] & _MASKS[1:]).ravel(), np.array(first_numbers, np.uint64)))
        )

    def find(self, keys: Keys) -> tuple[Places, Places]:
        """Return which keys are in the table, and for each of these its term's number, or _READ."""
        may_be = self._taken.take(_slots(keys)).nonzero()[0]
        keys = keys.take(may_be)
        places = self._keys.searchsorted(keys)
        found = (self._keys.take(places, mode="clip") == keys).nonzero()[0]
        return may_be.take(found), self._numbers.take(places.take(found))

    def may_join(self, keys: Keys) -> Answers:
        """Whether each run may begin or end several that are a wanted term together."""
        joins: Answers = self._leads.take(self._leads.searchsorted(keys), mode="clip") == keys
        return joins


def _slots(keys: Keys) -> Places:
    return ((keys * _MULTIPLIER) >> _SHIFT).view(np.intp)


class _Reader:
    """Reads whole pieces, and keeps of their rows those that are wanted."""

    def __init__(self, runs: _Runs, plain: Sequence[str], folded: Sequence[str]) -> None:
        self._runs = runs
        self._plain = {term: number for number, term in enumerate(plain)}
        self._folded = {form: number for number, form in enumerate(folded, len(plain))}
        self.terms: list[int] = []
        self.positions: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        # From run _until[i] on positions are ahead of runs by _ahead[i + 1].
        self._until: list[int] = []
        self._ahead = [0]

    def pieces_of(self, runs: Places) -> None:
        """Read the pieces that hold these runs."""
        for first, last, begin, end in self._runs.pieces_of(runs) if len(runs) else ():
            piece = self._runs.text[begin:end]
            rows = _kept_rows(piece) if len(piece) < _LONG else rows_of_piece(piece)
            position = first + self._ahead[-1]
            for row in rows:
                for number in (self._plain.get(row[0]), self._folded.get(fold(row[0])) if self._folded else None):
                    if number is not None:
                        self.terms.append(number)
                        self.positions.append(position + row[1])
                        self.starts.append(begin + row[2])
                        self.ends.append(begin + row[3])
            if ahead := rows[-1][1] - (last - first):
                self._until.append(last + 1)
                self._ahead.append(self._ahead[-1] + ahead)

    def positions_of(self, runs: Places) -> Places:
        """Return the positions of runs that stand alone."""
        if not self._until:
            return runs
        ahead: Places = np.array(self._ahead).take(np.array(self._until).searchsorted(runs, side="right"))
        return runs + ahead


@lru_cache(maxsize=1 << 13)
def _kept_rows(piece: str) -> tuple[Row, ...]:
    return tuple(rows_of_piece(piece))


@lru_cache(maxsize=1)
def _accent_free() -> Codes:
    """[codes] the code of each letter's accent-free form."""
    codes = np.arange(256, dtype=np.uint8)
    for character, code in KNOWN.items():
        if character.isalpha():
            codes[code] = code_of(fold(character))
    return codes
