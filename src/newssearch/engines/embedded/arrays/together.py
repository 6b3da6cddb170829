"""The postings of rare terms of several fields, decoded in one pass: what a question asks for costs little more than one of its terms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import FREQUENCY_ESCAPE, SMALL_ESCAPE, WIDE_ESCAPE, nibbles_of, places_of
from .field_reader import FieldReader

Arrays = tuple[NDArray[np.int32], NDArray[Any]]
"""documents and frequencies, of which most need one byte"""
_Bytes = NDArray[np.uint8]


def postings_of(wanted: Sequence[tuple[FieldReader, int]]) -> list[Arrays]:
    """docs[p], freqs[p] of each term, by its field and number. All have a document, none a bitmap. Never to be written to."""
    spans = [reader.span(number) for reader, number in wanted]
    counts = [end - begin for begin, end in spans]
    gaps = [reader.gaps(number) for reader, number in wanted]
    docs = documents_of(gaps, counts, wanted[0][0].documents_in_all)
    freqs = _frequencies_of([reader for reader, _ in wanted], spans)
    return list(zip(docs, freqs, strict=True))


def documents_of(gaps: Sequence[_Bytes], counts: Sequence[int], documents: int) -> list[NDArray[np.int32]]:
    """The documents, below `documents`, of each term out of its stream of gaps; counts[t] of them, one at least. Never to be written to."""
    sizes = [len(of_term) for of_term in gaps]
    wide = [size >= 2 * count for size, count in zip(sizes, counts, strict=True)]
    order = sorted(range(len(gaps)), key=wide.__getitem__)
    # A number of its own for numpy costs as much as some hundred postings: both widths go together.
    units = np.concatenate([gaps[t].view("<u2") if wide[t] else gaps[t] for t in order], dtype=np.uint16)
    small = sum(size for size, is_wide in zip(sizes, wide, strict=True) if not is_wide)
    ends = units != WIDE_ESCAPE
    np.not_equal(units[:small], SMALL_ESCAPE, out=ends[:small])
    # The running sum may wrap round; differences within a term come out right.
    docs = units.cumsum(dtype=np.int32)[ends]
    bounds = [0, *accumulate([counts[t] for t in order])]
    if len(docs) != bounds[-1]:
        raise ValueError("the documents of some terms are not as many as they should be")
    before = [docs.item(bound - 1) for bound in bounds[1:-1]]
    docs -= 1
    for base, (begin, end) in zip(before, pairwise(bounds[1:]), strict=True):
        docs[begin:end] -= base
    # Those below 0 are large ones too.
    if docs.view(np.uint32).max() >= documents:
        raise ValueError("a term has documents that are not there")
    docs.setflags(write=False)
    found = {t: docs[begin:end] for t, (begin, end) in zip(order, pairwise(bounds), strict=True)}
    return [found[t] for t in range(len(gaps))]


def _frequencies_of(readers: Sequence[FieldReader], spans: Sequence[tuple[int, int]]) -> list[NDArray[Any]]:
    packed = [reader.packed(begin, end) for reader, (begin, end) in zip(readers, spans, strict=True)]
    freqs: NDArray[Any] = nibbles_of(np.concatenate(packed))
    freqs += 1
    # Each term has its bytes to itself; its first frequency may be the second of a byte.
    starts = [
        2 * at + (begin & 1) for at, (begin, _) in zip(accumulate(map(len, packed), initial=0), spans, strict=False)
    ]
    large = (freqs == FREQUENCY_ESCAPE + 1).nonzero()[0].tolist()
    if large:
        freqs = _with_large(freqs, large, readers, spans, starts)
    freqs.setflags(write=False)
    return [freqs[start : start + end - begin] for start, (begin, end) in zip(starts, spans, strict=True)]


def _with_large(
    freqs: NDArray[Any],
    places: Sequence[int],
    readers: Sequence[FieldReader],
    spans: Sequence[tuple[int, int]],
    starts: Sequence[int],
) -> NDArray[Any]:
    """The same with those that half a byte cannot hold in their places; in more than a byte each where one asks for it."""
    of_reader: dict[FieldReader, tuple[list[int], list[int]]] = {}
    for place in places:
        t = bisect_right(starts, place) - 1
        begin, end = spans[t]
        posting = begin + place - starts[t]
        # Half a byte at either end of a term may be that of another.
        if t >= 0 and posting < end:
            there, postings = of_reader.setdefault(readers[t], ([], []))
            there.append(place)
            postings.append(posting)
    for reader, (there, postings) in of_reader.items():
        at, large = reader.large_frequencies
        values = large[places_of(at, np.array(postings))]
        if values.max() > 255:
            freqs = freqs.astype(np.int32, copy=False)
        freqs[there] = values
    return freqs
