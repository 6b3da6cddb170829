"""What the model says about each token of a batch: every different token is asked about once, the others find it in a table.

A token of up to eight characters out of the common alphabet (nearly every syllable) is one 64-bit number, exactly; an open hash
table leads from it to a row of weights. Longer and stranger tokens go through a dictionary.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from newssearch.vietnamese import segment_scan
from newssearch.vietnamese.segment_exact import JOINS_NOTHING, ExactTagger, TokenFacts

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FIRST_BITS = 16
_MOST_KEYS = 1 << 19
_MOST_STRANGE = 100_000
_KEY_MASKS = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)


@dataclass(frozen=True, slots=True)
class TokenRows:
    """Weights of different tokens, of label I less label B; rows are only ever added."""

    own: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    number: NDArray[np.int32]
    marks: NDArray[np.uint8]

    @staticmethod
    def of(room: int) -> TokenRows:
        weights = np.zeros((3, room))
        return TokenRows(weights[0], weights[1], weights[2], np.zeros(room, np.int32), np.zeros(room, np.uint8))

    def doubled(self) -> TokenRows:
        room = len(self.own)
        larger = TokenRows.of(2 * room)
        for name in ("own", "before", "after", "number", "marks"):
            getattr(larger, name)[:room] = getattr(self, name)
        return larger


@dataclass(frozen=True, slots=True)
class _HashTable:
    """Open addressing with linear probing; a key is never 0, and 0 marks a free place."""

    keys: NDArray[np.uint64]
    rows: NDArray[np.int32]
    shift: np.uint64

    @staticmethod
    def of(bits: int) -> _HashTable:
        return _HashTable(np.zeros(1 << bits, np.uint64), np.zeros(1 << bits, np.int32), np.uint64(64 - bits))

    def look_up(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the row of each key, and which keys (by index) are not in the table."""
        place = (keys * _MULTIPLIER >> self.shift).astype(np.intp)
        left = (self.keys.take(place) != keys).nonzero()[0]
        rows = self.rows.take(place)  # after the keys, since `add` sets it before the key
        missing = []
        while len(left):
            found = self.keys.take(place[left])
            missing.append(left[found == 0])
            left = left[found != 0]
            place[left] = (place[left] + 1) & (len(self.keys) - 1)
            hit = self.keys.take(place[left]) == keys[left]
            rows[left[hit]] = self.rows.take(place[left[hit]])
            left = left[~hit]
        return rows, np.concatenate(missing) if missing else left

    def add(self, key: int, row: int) -> None:
        """Add a key that is not in the table; a reader sees the row before the key."""
        place = (key * int(_MULTIPLIER) & 0xFFFFFFFFFFFFFFFF) >> int(self.shift)
        while self.keys[place]:
            place = (place + 1) & (len(self.keys) - 1)
        self.rows[place] = row
        self.keys[place] = key

    def add_all(self, other: _HashTable) -> None:
        """Add every key of another table."""
        used = np.flatnonzero(other.keys)
        for key, row in zip(other.keys[used].tolist(), other.rows[used].tolist(), strict=True):
            self.add(key, row)


class TokenTable:
    """Rows of weights for tokens, learned as texts bring them; safe across threads, since readers see only whole entries."""

    def __init__(self, tagger: ExactTagger) -> None:
        self._tagger = tagger
        self._lock = threading.Lock()
        self._rows_of_facts: dict[TokenFacts, int] = {}
        self._rows_of_strange: dict[str, int] = {}
        self._count = 0
        self._table = _HashTable.of(_FIRST_BITS)
        self._rows = TokenRows.of(1024)
        edge = TokenFacts(tagger.unknown, (0.0, 0.0), (), (), JOINS_NOTHING)
        self._edge_row = self._row_of_facts(edge)
        self._table.add(segment_scan.EDGE, self._edge_row)

    def rows_of(
        self, text: str, codes: NDArray[np.uint8], starts: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> tuple[NDArray[np.int32], TokenRows]:
        """Return the row of each token, and the rows.

        `codes[c]` are the codes of the characters of `text`; token t is `text[starts[t]:ends[t]]`. Tokens at edges get a row of
        zeros that ties to nothing.
        """
        lengths = ends - starts
        keys = _keys(codes, starts, lengths)
        strange = lengths > 8
        shared = codes - np.uint8(segment_scan.OTHER_LETTER) < 2  # a letter or digit that shares its code with others
        shared |= codes == segment_scan.OTHER_MARK
        at = shared.nonzero()[0]
        if len(at):
            strange[starts.searchsorted(at, side="right") - 1] = True
        odd = strange.nonzero()[0]
        keys[odd] = segment_scan.EDGE
        rows, missing = self._table.look_up(keys)
        if len(missing):
            rows[missing] = self._learn(text, keys[missing], starts[missing], ends[missing])
        if len(odd):
            bounds = zip(starts[odd].tolist(), ends[odd].tolist(), strict=True)
            rows[odd] = self._rows_of_strange_tokens([text[start:end] for start, end in bounds])
        return rows, self._rows

    def _learn(
        self, text: str, keys: NDArray[np.uint64], starts: NDArray[np.intp], ends: NDArray[np.intp]
    ) -> NDArray[np.int32]:
        """Return the rows of tokens that the table lacked, which it now has."""
        different, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        with self._lock:
            table = self._table
            self._count += len(different)
            if self._count > _MOST_KEYS:
                self._count = len(different) + 1
                table = _HashTable.of(_FIRST_BITS)
                table.add(segment_scan.EDGE, self._edge_row)
            if self._count * 4 > len(table.keys):
                larger = _HashTable.of(max(_FIRST_BITS, self._count.bit_length() + 3))
                larger.add_all(table)
                table = larger
            _, absent = table.look_up(different)
            lacking = set(absent.tolist())
            rows = []
            for i, (key, start, end) in enumerate(
                zip(different.tolist(), starts[first].tolist(), ends[first].tolist(), strict=True)
            ):
                row = self._row_of_facts(self._tagger.facts(text[start:end]))
                if i in lacking:
                    table.add(key, row)
                rows.append(row)
            self._table = table
        return np.array(rows, np.int32)[inverse]

    def _rows_of_strange_tokens(self, tokens: list[str]) -> list[int]:
        known = self._rows_of_strange
        rows = [known.get(token, -1) for token in tokens]
        if -1 in rows:
            with self._lock:
                if len(known) > _MOST_STRANGE:
                    known = self._rows_of_strange = {}
                for i, token in enumerate(tokens):
                    if rows[i] < 0:
                        rows[i] = known[token] = self._row_of_facts(self._tagger.facts(token))
        return rows

    def _row_of_facts(self, facts: TokenFacts) -> int:
        """Return the row that says this, adding it if it is new (under the lock)."""
        row = self._rows_of_facts.get(facts)
        if row is not None:
            return row
        row = len(self._rows_of_facts)
        if row == len(self._rows.own):
            self._rows = self._rows.doubled()
        rows = self._rows
        rows.own[row] = facts.own[1] - facts.own[0]
        rows.before[row] = sum(inside - begin for begin, inside in facts.before)
        rows.after[row] = sum(inside - begin for begin, inside in facts.after)
        rows.number[row] = facts.number
        rows.marks[row] = facts.marks
        self._rows_of_facts[facts] = row
        return row


def _keys(codes: NDArray[np.uint8], starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Return the codes of the first eight characters of each token as one number, the first lowest."""
    padded = np.zeros((len(codes) // 8 + 2) * 8, np.uint8)
    padded[: len(codes)] = codes
    words = padded.view("<u8")
    word = starts >> 3
    offset = ((starts & 7) << 3).astype(np.uint64)
    keys: NDArray[np.uint64] = words.take(word) >> offset
    # Two shifts, for one by 64 bits (offset 0) is not defined.
    keys |= words.take(word + 1) << np.uint64(1) << (np.uint64(63) - offset)
    keys &= _KEY_MASKS.take(lengths, mode="clip")
    return keys
