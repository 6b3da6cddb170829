"""What a segment that reads one term at a time answers where others read many: stock segments, those of the tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product, starmap
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .executor_arrays import NO_KEYS, contains, unite_sums
from .executor_spans import keys_of, phrase
from .source import Occurrences

_Arrays = tuple[NDArray[np.int32], NDArray[np.int32]]


class _Reads(Protocol):
    documents: int

    def postings(self, field: str, term: str) -> _Arrays: ...

    def positions(
        self, field: str, term: str, docs: NDArray[np.int32]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]: ...

    def prefixed(self, field: str, prefix: str) -> list[str]: ...

    def spellings(self, folded: str) -> list[str]: ...


class TermByTerm:
    """The methods of a `SegmentSource` that are there for speed, made of the others."""

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Nothing is read before it is asked for."""

    def frequency_column(self, field: str, term: str) -> None:
        """Nothing is held as a column."""
        return

    def pair_postings(self, first: str, second: str) -> _Arrays | None:
        """No pair has postings of its own."""
        return None

    def occurrences(self: _Reads, words: Sequence[tuple[str, str]], docs: NDArray[np.int32]) -> Occurrences:
        """Where words stand in some documents, ascending: terms of `text`, or of `folded` that stand for all their spellings."""
        found: list[Occurrences] = [(NO_KEYS, NO_KEYS, NO_KEYS)]
        for number, (field, word) in enumerate(words):
            for term in [word] if field == "text" else self.spellings(word):
                there = contains(self.postings("text", term)[0], docs).nonzero()[0]
                if len(there):
                    bounds, positions = self.positions("text", term, docs[there])
                    slots = np.repeat(there, np.diff(bounds))
                    found.append((np.full(len(slots), number), slots, positions.astype(np.int64)))
        word_of, slot, position = (np.concatenate(column) for column in zip(*found, strict=True))
        return word_of, slot, position

    def pair_frequencies(self: _Reads, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] in how many documents one of the first terms is followed by one of the second, summed; 0 for pairs of a single document."""
        counts = (sum(starmap(lambda a, b: _count(self, a, b), product(*pair))) for pair in pairs)
        return np.fromiter(counts, np.int64, len(pairs))

    def prefix_postings(self: _Reads, field: str, prefix: str) -> _Arrays:
        """docs[p] ascending, freqs[p]: the documents with a term that begins with `prefix`, and how often they have one."""
        found = [self.postings(field, term) for term in self.prefixed(field, prefix)]
        docs, freqs = unite_sums(found, self.documents)
        return docs, freqs.astype(np.int32)


def _count(segment: _Reads, first: str, second: str) -> int:
    docs, _ = segment.postings("text", first)
    docs = docs[contains(segment.postings("text", second)[0], docs)]
    if len(docs) < 2:
        return 0
    keys = [keys_of(docs, *segment.positions("text", term, docs)) for term in (first, second)]
    count = len(phrase(keys).documents())
    return count if count > 1 else 0
