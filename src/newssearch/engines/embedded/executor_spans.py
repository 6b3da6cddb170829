"""Where things stand: occurrences as pairs of sorted keys, and what phrases and proximity make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .executor_arrays import NO_DOCUMENTS, NO_KEYS, Documents, Keys, intersect

SHIFT = 32


class Spans(NamedTuple):
    """Occurrences: `first[n]` and `last[n]` are the keys of the first and the last position of occurrence n, ascending by first."""

    first: Keys
    last: Keys

    def documents(self) -> Documents:
        """The documents with an occurrence."""
        docs = (self.first >> SHIFT).astype(np.int32)
        return docs[np.concatenate(([True], docs[1:] != docs[:-1]))] if len(docs) else NO_DOCUMENTS

    def counts(self) -> tuple[Documents, NDArray[np.int32]]:
        """docs[p] ascending, and the number of different starting points in each."""
        if not len(self.first):
            return NO_DOCUMENTS, NO_DOCUMENTS
        docs = distinct(self.first) >> SHIFT
        starts = np.flatnonzero(np.concatenate(([True], docs[1:] != docs[:-1])))
        return docs[starts].astype(np.int32), np.diff(starts, append=len(docs)).astype(np.int32)

    def within(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Spans:
        """Those that lie in [low, high), bounds by document."""
        docs = self.first >> SHIFT
        position = (1 << SHIFT) - 1
        inside = ((self.first & position) >= low[docs]) & ((self.last & position) < high[docs])
        return Spans(self.first[inside], self.last[inside])


NO_SPANS = Spans(NO_KEYS, NO_KEYS)


def distinct(keys: Keys) -> Keys:
    """Each key once; alternatives may stand at one position."""
    if len(keys) < 2:
        return keys
    new = keys[1:] != keys[:-1]
    return keys if new.all() else keys[np.concatenate(([True], new))]


def keys_of(docs: Documents, bounds: NDArray[np.int64], positions: NDArray[np.int32]) -> Keys:
    """The keys of positions[bounds[i]:bounds[i + 1]] in docs[i]."""
    keys = (docs.astype(np.int64) << SHIFT).repeat(np.diff(bounds))
    keys += positions
    return keys


def merge(spans: Sequence[Spans]) -> Spans:
    """All the occurrences of several kinds."""
    spans = [one for one in spans if len(one.first)]
    if not spans:
        return NO_SPANS
    if len(spans) == 1:
        return spans[0]
    first = np.concatenate([one.first for one in spans])
    # Stable sorting merges runs that are sorted already.
    order = np.argsort(first, kind="stable")
    return Spans(first[order], np.concatenate([one.last for one in spans])[order])


def phrase(elements: Sequence[Keys]) -> Spans:
    """Occurrences of elements at consecutive positions; elements[i] are the keys of the i-th."""
    if not elements or not all(map(len, elements)):
        return NO_SPANS
    by_size = sorted(range(len(elements)), key=lambda i: len(elements[i]))
    starts = distinct(elements[by_size[0]]) - by_size[0]
    for i in by_size[1:]:
        starts = intersect(starts + i, distinct(elements[i])) - i
        if not len(starts):
            return NO_SPANS
    return Spans(starts, starts + (len(elements) - 1))


def windows(operands: Sequence[tuple[Spans, int]], distance: int) -> Documents:
    """Documents with a window whose last position is at most `distance` after its first and that holds each operand as often as it says.

    A smallest such window begins where some operand does. Of occurrences no longer than a window, those inside [s, s + distance] are those that
    end by s + distance less those that begin before s.
    """
    if len(operands) == 2 and all(count == 1 and spans.first is spans.last for spans, count in operands):
        return _close(operands[0][0].first, operands[1][0].first, distance)
    fitting = []
    for spans, count in operands:
        fits = spans.last - spans.first <= distance
        if int(fits.sum()) < count:
            return NO_DOCUMENTS
        fitting.append((spans.first[fits], np.sort(spans.last[fits]), count))
    begins = distinct(np.sort(np.concatenate([first for first, _, _ in fitting]), kind="stable"))
    for first, last, count in sorted(fitting, key=lambda one: len(one[0])):
        inside = np.searchsorted(last, begins + distance, side="right") - np.searchsorted(first, begins)
        begins = begins[inside >= count]
    return Spans(begins, begins).documents()


def _close(a: Keys, b: Keys, distance: int) -> Documents:
    """Documents where an `a` and a `b` are at most `distance` apart, in any order."""
    if len(b) < len(a):
        a, b = b, a
    if not len(a):
        return NO_DOCUMENTS
    nearest = np.searchsorted(b, a - distance)
    inside = nearest < len(b)
    kept = a[inside]
    kept = kept[b[nearest[inside]] - kept <= distance]
    return Spans(kept, kept).documents()


def before(a: Spans, b: Spans, distance: int) -> Documents:
    """Documents where some `b` begins after an `a` has ended, at most `distance` positions later."""
    if not len(a.first) or not len(b.first):
        return NO_DOCUMENTS
    following = np.searchsorted(b.first, a.last, side="right")
    inside = following < len(b.first)
    last = a.last[inside]
    good = np.sort(last[b.first[following[inside]] - last <= distance])
    return Spans(good, good).documents()
