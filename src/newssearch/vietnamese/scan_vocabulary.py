"""Every different piece of text that was met, with its tokens as arrays, so that Python reads each piece once and arrays do the rest."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from .fold import fold
from .scan_pieces import canonical, rows_of_piece

if TYPE_CHECKING:
    from .compound_terms import CompoundTerms

Scalar = TypeVar("Scalar", bound=np.generic)
Keys = NDArray[np.uint64]
Numbers = NDArray[np.int32]

_FEW_ROWS = 2000
"""rows up to which a dictionary finds the different numbers faster than arrays do"""
_LIMIT = 1 << 17
"""pieces, or rows, of one vocabulary; it takes some 40 MB then and a new one is begun"""
NO_PIECE = np.uint64(1)
"""a key that every vocabulary knows and no piece has, for pieces that are looked up otherwise"""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class _Column(Generic[Scalar]):
    """An array that grows at its end. What was read of it stays right: filled places never change."""

    def __init__(self, dtype: type[Scalar]) -> None:
        self._room: NDArray[Scalar] = np.zeros(1024, dtype)
        self._size = 0

    @property
    def filled(self) -> NDArray[Scalar]:
        return self._room[: self._size]

    def extend(self, values: list[Any]) -> None:
        needed = self._size + len(values)
        if needed > len(self._room):
            self._room = np.concatenate([self._room, np.zeros(needed, self._room.dtype)])
        self._room[self._size : needed] = values
        self._size = needed


class Vocabulary:
    """Pieces by number. Threads may look up while one adds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._slots: tuple[Keys, Numbers] = np.zeros(1 << 12, np.uint64), np.zeros(1 << 12, np.int32)
        self._keys = 0
        self._insert(np.array([NO_PIECE]), np.zeros(1, np.int32))
        self._term_numbers: dict[str, int] = {}
        self.terms: list[str] = []
        self._fold_numbers: dict[str, int] = {}
        self._folds: list[str] = []
        self._fold_of_term = _Column(np.int32)
        self._lone_term = _Column(np.int32)
        self._first_row = _Column(np.int32)
        self._row_term = _Column(np.int32)
        self._row_start = _Column(np.int32)
        self._row_end = _Column(np.int32)
        self._row_main = _Column(np.bool_)

    @property
    def is_full(self) -> bool:
        """Whether it is time to begin a new one."""
        return max(len(self._lone_term.filled), len(self._row_term.filled)) > _LIMIT

    @cached_property
    def compounds(self) -> CompoundTerms:
        """Runs of its terms; a question asks for none."""
        from .compound_terms import CompoundTerms

        return CompoundTerms(self.terms)

    def lone_terms(self, pieces: Numbers) -> Numbers:
        """Return for each piece its term, or -1 for one with more than one token or row."""
        return self._lone_term.filled.take(pieces)

    def rows_of(self, pieces: Numbers) -> tuple[Numbers, NDArray[np.intp]]:
        """Return for each piece how many rows it has, and all their row numbers, in order."""
        first = self._first_row.filled
        begin = first.take(pieces)
        counts = first.take(pieces + 1) - begin
        ends = counts.cumsum()
        rows = np.arange(ends[-1] if len(ends) else 0)
        rows += np.repeat(begin - (ends - counts), counts)
        return counts, rows

    def row_columns(self, rows: NDArray[np.intp]) -> tuple[Numbers, Numbers, Numbers, NDArray[np.bool_]]:
        """Return term, start and end (from the piece's start) and main of rows."""
        columns = (self._row_term, self._row_start, self._row_end)
        term, start, end = (column.filled.take(rows) for column in columns)
        return term, start, end, self._row_main.filled.take(rows)

    def folded(self, terms: Numbers) -> tuple[list[str], Numbers]:
        """Return what `in_use` returns, for the forms of terms without accents."""
        if len(self._fold_of_term.filled) < len(self.terms):
            with self._lock:
                self._fold()
        forms, number = in_use(self._fold_of_term.filled.take(terms))
        return [self._folds[form] for form in forms.tolist()], number

    def numbers_of(self, pieces: list[str]) -> list[int]:
        """Return the number of each piece; new ones are read first."""
        numbers = self._numbers
        try:
            return [numbers[piece] for piece in pieces]
        except KeyError:
            with self._lock:
                new = [piece for piece in dict.fromkeys(pieces) if piece not in numbers]
                numbers.update(zip(new, self._add(new), strict=True))
            return [numbers[piece] for piece in pieces]

    def numbers_of_keys(self, keys: Keys, text: str, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Numbers:
        """Return the number of each piece by its key; `starts[i]:ends[i]` in the text is piece i, for those that are new."""
        numbers, unknown = self._look_up(keys)
        if len(unknown):
            with self._lock:
                # Another thread may have added some meanwhile; two numbers for one piece do no harm.
                new, first, counts = np.unique(keys[unknown], return_index=True, return_counts=True)
                # The frequent ones first: they get the slots of their own and lie close together.
                order = (-counts).argsort(kind="stable")
                new, first = new[order], first[order]
                bounds = zip(starts[unknown[first]].tolist(), ends[unknown[first]].tolist(), strict=True)
                added = self._add([text[start:end] for start, end in bounds])
                self._insert(new, np.array(added, np.int32))
            found, _ = self._look_up(keys[unknown])
            numbers[unknown] = found
        return numbers

    def _look_up(self, keys: Keys) -> tuple[Numbers, NDArray[np.intp]]:
        """Return a number for each key, and which keys are unknown (their numbers mean nothing)."""
        slot_keys, slot_numbers = self._slots
        slots = _first_slots(keys, len(slot_keys))
        found = slot_keys.take(slots)
        numbers = slot_numbers.take(slots)
        left = (found != keys).nonzero()[0]
        unknown = []
        while len(left):
            vacant = slot_keys.take(slots[left]) == 0
            unknown.append(left[vacant])
            left = left[~vacant]
            slots[left] = (slots[left] + 1) & (len(slot_keys) - 1)
            numbers[left] = slot_numbers.take(slots[left])
            left = left[slot_keys.take(slots[left]) != keys[left]]
        return numbers, np.concatenate(unknown) if unknown else left

    def _insert(self, keys: Keys, numbers: Numbers) -> None:
        """Put new, different keys into the table, under the lock."""
        self._keys += len(keys)
        old_keys, old_numbers = self._slots
        if self._keys * 4 > len(old_keys):
            size = 1 << (self._keys * 4 - 1).bit_length()
            used = old_keys.nonzero()[0]
            used = used[old_numbers[used].argsort()]
            keys, numbers = np.concatenate([old_keys[used], keys]), np.concatenate([old_numbers[used], numbers])
            self._slots = _filled(np.zeros(size, np.uint64), np.zeros(size, np.int32), keys, numbers)
        else:
            _filled(old_keys, old_numbers, keys, numbers)

    def _add(self, pieces: Iterable[str]) -> list[int]:
        """Read new pieces and return their numbers, under the lock."""
        begin = len(self._lone_term.filled)
        row = len(self._row_term.filled)
        lone: list[int] = []
        first: list[int] = []
        terms: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        mains: list[bool] = []
        numbers = self._term_numbers
        for piece in pieces:
            if piece.isalpha():
                number = numbers.setdefault(canonical(piece), len(numbers))
                lone.append(number)
                terms.append(number)
                starts.append(0)
                ends.append(len(piece))
                mains.append(True)
                first.append(row + len(terms))
                continue
            rows = rows_of_piece(piece)
            for term, _, start, end, main in rows:
                terms.append(numbers.setdefault(term, len(numbers)))
                starts.append(start)
                ends.append(end)
                mains.append(main)
            lone.append(terms[-1] if len(rows) == 1 else -1)
            first.append(row + len(terms))
        self.terms += _last(numbers, len(numbers) - len(self.terms))
        if not self._first_row.filled.size:
            self._first_row.extend([0])
        for column, values in (
            (self._row_term, terms),
            (self._row_start, starts),
            (self._row_end, ends),
        ):
            column.extend(values)
        self._row_main.extend(mains)
        self._first_row.extend(first)
        self._lone_term.extend(lone)
        return list(range(begin, begin + len(lone)))

    def _fold(self) -> None:
        """Fold the terms that came since this was last asked for, under the lock."""
        folds = self._fold_numbers
        new = self.terms[len(self._fold_of_term.filled) :]
        numbers = [folds.setdefault(fold(term), len(folds)) for term in new]
        self._folds += _last(folds, len(folds) - len(self._folds))
        self._fold_of_term.extend(numbers)


def in_use(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Return the different numbers in the order in which they first come, and the index of each row's among them."""
    if len(numbers) < _FEW_ROWS:
        used = np.array(list(dict.fromkeys(numbers.tolist())), np.int32)
    else:
        first = np.full(int(numbers.max()) + 1, len(numbers), np.int32)
        # Written from the end, so that the first row of a number is what stays.
        first[numbers[::-1]] = np.arange(len(numbers) - 1, -1, -1, dtype=np.int32)
        present = (first < len(numbers)).nonzero()[0].astype(np.int32)
        used = present[first[present].argsort()]
    new = np.empty(int(numbers.max(initial=0)) + 1, np.int32)
    new[used] = np.arange(len(used), dtype=np.int32)
    return used, new.take(numbers)


def _last(keys: dict[str, int], count: int) -> list[str]:
    """Return the keys that were added last, in order."""
    return list(itertools.islice(reversed(keys), count))[::-1]


def _first_slots(keys: Keys, size: int) -> NDArray[np.intp]:
    return ((keys * _MULTIPLIER) >> np.uint64(65 - size.bit_length())).astype(np.intp)


def _filled(slot_keys: Keys, slot_numbers: Numbers, keys: Keys, numbers: Numbers) -> tuple[Keys, Numbers]:
    """Place each key in the first vacant slot from its own on, its number before it, so that whoever finds the key finds the number."""
    slots = _first_slots(keys, len(slot_keys))
    left = np.arange(len(keys))
    waiting = np.ones(len(keys), np.bool_)
    while len(left):
        vacant = left[slot_keys.take(slots[left]) == 0]
        # Of several keys for one slot the first stays; the others go on.
        _, first = np.unique(slots[vacant], return_index=True)
        placed = vacant[first]
        slot_numbers[slots[placed]] = numbers[placed]
        slot_keys[slots[placed]] = keys[placed]
        waiting[placed] = False
        left = left[waiting[left]]
        slots[left] = (slots[left] + 1) & (len(slot_keys) - 1)
    return slot_keys, slot_numbers
