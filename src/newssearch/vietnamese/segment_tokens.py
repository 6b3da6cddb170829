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
from newssearch.vietnamese.hash_table import HashTable
from newssearch.vietnamese.segment_exact import IS_DIGIT, IS_TITLE, IS_UPPER, JOINS_NOTHING, MARKS_SHIFT, ExactTagger
from newssearch.vietnamese.segment_model import Model

_FIRST_BITS = 16
_MOST_KEYS = 1 << 19
_MOST_STRANGE = 100_000
_EDGE_ROW = 0
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


class TokenTable:
    """Rows of weights for tokens, learned as texts bring them; safe across threads, since readers see only whole entries."""

    def __init__(self, model: Model, tagger: ExactTagger) -> None:
        self._word_weights = model.word_weights
        self._flag_weights = model.flag_weights
        self._tagger = tagger
        self._lock = threading.Lock()
        self._rows_of_kinds = {-1: _EDGE_ROW}
        self._rows_of_strange: dict[str, int] = {}
        self._rows = TokenRows.of(1024)
        self._rows.number[_EDGE_ROW] = tagger.unknown
        self._rows.marks[_EDGE_ROW] = JOINS_NOTHING
        self._table, self._count = _first_table(), 1

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
        different, first, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        # The frequent ones first: they get the places of their own, and their rows lie close together.
        order = (-counts).argsort(kind="stable")
        different, first, inverse = different[order], first[order], order.argsort()[inverse]
        tokens = [text[start:end] for start, end in zip(starts[first].tolist(), ends[first].tolist(), strict=True)]
        with self._lock:
            rows = np.array(self._rows_of_tokens(tokens), np.int32)
            if self._count + len(different) > _MOST_KEYS:
                self._table, self._count = _first_table(), 1
            _, absent = self._table.look_up(different)  # another thread may have learned some meanwhile
            self._count += len(absent)
            if self._count * 4 > len(self._table.keys):
                self._table = self._table.enlarged(self._count.bit_length() + 3)
            self._table.add(different[absent], rows[absent])
        return rows[inverse]

    def _rows_of_strange_tokens(self, tokens: list[str]) -> list[int]:
        known = self._rows_of_strange
        try:
            return [known[token] for token in tokens]
        except KeyError:
            with self._lock:
                if len(known) > _MOST_STRANGE:
                    known = self._rows_of_strange = {}
                new = [token for token in dict.fromkeys(tokens) if token not in known]
                known.update(zip(new, self._rows_of_tokens(new), strict=True))
                return [known[token] for token in tokens]

    def _rows_of_tokens(self, tokens: list[str]) -> list[int]:
        """Return the rows that say what the model does, adding those that are new (under the lock)."""
        rows = self._rows_of_kinds
        kinds = [self._tagger.kind(token) for token in tokens]
        new = [kind for kind in dict.fromkeys(kinds) if kind not in rows]
        if new:
            begin, end = len(rows), len(rows) + len(new)
            while end > len(self._rows.own):
                self._rows = self._rows.doubled()
            self._fill(slice(begin, end), np.array(new))
            rows.update(zip(new, range(begin, end), strict=True))
        return [rows[kind] for kind in kinds]

    def _fill(self, at: slice, kinds: NDArray[np.int64]) -> None:
        """Write the rows of these kinds: the sums of `ExactTagger.facts`, added in its order."""
        word, number, flags = self._tagger.parts_of_kinds(kinds)
        upper, title, digit = ((flags & flag != 0)[:, None] for flag in (IS_UPPER, IS_TITLE, IS_DIGIT))
        weights = self._word_weights[word]
        own = weights[:, 0] + self._flag_weights[0, 0]
        for slot, holds in enumerate((upper, title, digit), 1):
            own += holds * self._flag_weights[0, slot]
        before, after = (
            _difference(weights[:, place])
            + title[:, 0] * _difference(self._flag_weights[place, 0])
            + upper[:, 0] * _difference(self._flag_weights[place, 1])
            for place in (1, 2)
        )
        rows = self._rows
        rows.own[at], rows.before[at], rows.after[at] = _difference(own), before, after
        rows.number[at] = number
        rows.marks[at] = flags >> MARKS_SHIFT


def _first_table() -> HashTable:
    """Return a table that knows edges alone."""
    table = HashTable.of(_FIRST_BITS)
    table.add(np.array([segment_scan.EDGE], np.uint64), np.array([_EDGE_ROW], np.int32))
    return table


def _difference(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weight of label I less that of B."""
    difference: NDArray[np.float64] = weights[..., 1] - weights[..., 0]
    return difference


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
