"""Which terms follow a term of `text` in two documents or more, and in how many: what the pairs of a question are looked up in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..postings_cache import PostingsCache
from .postings import FieldReader
from .together import documents_of

Numbers = Sequence[int]


class _Seconds(NamedTuple):
    """The second terms of all pairs, by first term; those of a first term are there once they were asked for."""

    terms: NDArray[np.int32]
    read: NDArray[np.bool_]
    """[first terms]"""


class Followers:
    """Counts documents of pairs of terms by number. What it reads is held in the cache, as one array that fills up."""

    def __init__(self, reader: FieldReader, cache: PostingsCache, key: tuple[str, ...]) -> None:
        """`reader` is of the section `pairs`: what stands for documents in it are second terms, what stands for frequencies documents."""
        self._reader = reader
        self._cache = cache
        self._key = key

    def frequencies(self, pairs: Sequence[tuple[Numbers, Numbers]]) -> NDArray[np.int64]:
        """[pairs] in how many documents a term of the second list follows one of the first, summed over all pairs of terms; 0 for pairs of a
        single document.
        """
        spans = {first: self._reader.span(first) for firsts, _ in pairs for first in firsts}
        seconds = self._seconds(first for first, (begin, end) in spans.items() if begin < end)
        found, wanted, of, begins, ends = [], [], [], [], []
        for pair, (firsts, second) in enumerate(pairs):
            if not second:
                continue
            sought = np.array(second, np.int32)
            for first in firsts:
                begin, end = spans[first]
                if begin < end:
                    found.append(seconds[begin:end].searchsorted(sought))
                    wanted.append(sought)
                    of.append(pair)
                    begins.append(begin)
                    ends.append(end)
        if not found:
            return np.zeros(len(pairs), np.int64)
        counts = [len(of_first) for of_first in found]
        places = np.concatenate(found)
        places += np.repeat(begins, counts)
        last = np.repeat(ends, counts) - 1
        there = seconds[np.minimum(places, last)] == np.concatenate(wanted)
        there &= places <= last
        documents = self._reader.frequencies_at(places[there])
        return np.bincount(np.repeat(of, counts)[there], documents, len(pairs)).astype(np.int64)

    def _seconds(self, firsts: Iterable[int]) -> NDArray[np.int32]:
        """The second terms of all pairs, of which those of `firsts` may be looked at."""
        terms, read = self._cache.get(self._key, self._none_read)
        missing = [first for first in firsts if not read.item(first)]
        rare = [first for first in missing if not self._reader.is_common(first)]
        decoded = {first: self._reader.documents(first) for first in missing if self._reader.is_common(first)}
        if rare:
            gaps = [self._reader.gaps(first) for first in rare]
            counts = [self._reader.document_frequency(first) for first in rare]
            decoded.update(zip(rare, documents_of(gaps, counts, self._reader.documents_in_all), strict=True))
        for first, of_first in decoded.items():
            begin, end = self._reader.span(first)
            terms[begin:end] = of_first
            # Another thread may look as soon as this says so.
            read[first] = True
        return terms

    def _none_read(self) -> _Seconds:
        count = self._reader.count
        return _Seconds(np.empty(self._reader.span(count - 1)[1] if count else 0, np.int32), np.zeros(count, np.bool_))
