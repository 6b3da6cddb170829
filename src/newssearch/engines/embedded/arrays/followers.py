"""Which terms follow a term of `text` in two documents or more, and in how many: what the pairs of a question are looked up in."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..postings_cache import OVERHEAD, PostingsCache
from .encode import common_from, runs_at
from .field_reader import FieldReader
from .together import documents_of

Numbers = Sequence[int]

_AT_ONCE = 4_096
"""first terms whose pairs are read ahead in one pass"""


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
        terms = self._seconds(spans)
        view = terms.data
        counts = [0] * len(pairs)
        of, runs, sought = [], [], []
        for pair, (firsts, seconds) in enumerate(pairs):
            if len(seconds) == 1:
                # Most words have one spelling: numpy's calls would cost more than what they find.
                for first in firsts:
                    begin, end = spans[first]
                    at = bisect_left(view, seconds[0], begin, end)
                    if at < end and view[at] == seconds[0]:
                        counts[pair] += self._reader.frequency_at(at)
            elif seconds:
                found = np.array(seconds, np.int32)
                of_pair = [span for first in firsts if (span := spans[first])[0] < span[1]]
                of += [pair] * len(of_pair)
                runs += of_pair
                sought += [found] * len(of_pair)
        if not runs:
            return np.array(counts, np.int64)
        return np.array(counts, np.int64) + self._sums(terms, runs, sought, of, len(pairs))

    def _sums(
        self,
        terms: NDArray[np.int32],
        runs: Sequence[tuple[int, int]],
        sought: Sequence[NDArray[np.int32]],
        of: Sequence[int],
        pairs: int,
    ) -> NDArray[np.int64]:
        """[pairs] the sums over runs[n], from and to, of the frequencies of what is sought in each; run n is of pair of[n]."""
        places = [terms[begin:end].searchsorted(wanted) for (begin, end), wanted in zip(runs, sought, strict=True)]
        counts = np.array([*map(len, sought)])
        begins, ends = (column.repeat(counts) for column in np.array(runs).T)
        at = np.concatenate(places) + begins
        there = (at < ends).nonzero()[0]
        there = there[terms[at[there]] == np.concatenate(sought)[there]]
        frequencies = self._reader.frequencies_at(at[there])
        sums: NDArray[np.int64] = np.bincount(np.array(of).repeat(counts)[there], frequencies, pairs).astype(np.int64)
        return sums

    def _seconds(self, firsts: Iterable[int]) -> NDArray[np.int32]:
        """The second terms of all pairs, of which those of `firsts` may be looked at."""
        terms, read = self._cache.get(self._key, self._none_read)
        missing = [first for first in firsts if not read.item(first)]
        if not missing:
            return terms
        rare: dict[int, tuple[int, int]] = {}
        for first in missing:
            begin, end = self._reader.span(first)
            if self._reader.is_common(first):
                terms[begin:end] = self._reader.documents(first)
            elif begin < end:
                rare[first] = begin, end
        if rare:
            gaps = [self._reader.gaps(first) for first in rare]
            counts = [end - begin for begin, end in rare.values()]
            decoded = documents_of(gaps, counts, self._reader.documents_in_all)
            for of_first, (begin, end) in zip(decoded, rare.values(), strict=True):
                terms[begin:end] = of_first
        # Another thread may look as soon as this says so.
        read[missing] = True
        return terms

    def read_ahead(self, most: int) -> int:
        """Read all pairs if they take up to `most` bytes; return how many they take, 0 where they were left."""
        size = 4 * self._reader.count_of_postings + self._reader.count + OVERHEAD
        if size > most:
            return 0
        terms, read = self._cache.get(self._key, self._none_read)
        for begin in range(0, self._reader.count, _AT_ONCE):
            numbers = (~read[begin : begin + _AT_ONCE]).nonzero()[0] + begin
            df = self._reader.document_frequencies(numbers)
            # The few that many terms follow wait until they are asked for.
            numbers = numbers[df < common_from(self._reader.documents_in_all)]
            of_firsts, df = self._reader.documents_of(numbers)
            if of_firsts.max(initial=0) >= self._reader.documents_in_all:
                raise ValueError("a term is followed by terms that are not there")
            terms[runs_at(self._reader.first_postings(numbers), df)] = of_firsts
            read[numbers] = True
        return size

    def _none_read(self) -> _Seconds:
        return _Seconds(np.empty(self._reader.count_of_postings, np.int32), np.zeros(self._reader.count, np.bool_))
