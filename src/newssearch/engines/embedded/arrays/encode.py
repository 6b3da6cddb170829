"""How documents, frequencies and positions become bytes and back. Streams hold many terms one after another, in the order of the terms."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[Any]
"""integers of whatever width"""

COMMON_SHARE = 8
COMMON_LEAST = 64
"""a term in an eighth of the documents, and at least 64, has a bitmap instead of gaps"""
FREQUENT_SHARE = 2
"""all pairs of two terms that half of the documents, and at least 64, have are kept with their documents"""
SMALL_ESCAPE, WIDE_ESCAPE = 255, 65535
FREQUENCY_ESCAPE = 15
WIDTHS: tuple[int, ...] = (0, 2, 4, 8)
"""bits that a position may have beside its low byte; the value of all ones stands for one in the list of large ones"""
_EXCEPTION_BYTES = 8
_WIDEST = np.array([max(width for width in WIDTHS if width <= bits) for bits in range(max(WIDTHS) + 1)])
"""[bits] the widest of no more"""

# [byte] its nibbles, or its four pairs of bits, lowest first, as bytes of one little-endian integer: unpacking is one look-up.
_NIBBLES = np.stack([np.arange(256) >> shift & 15 for shift in (0, 4)], axis=1).astype(np.uint8).view("<u2").reshape(-1)
_PAIRS = (
    np.stack([np.arange(256) >> shift & 3 for shift in (0, 2, 4, 6)], axis=1).astype(np.uint8).view("<u4").reshape(-1)
)


def bounds_of(counts: Ints) -> NDArray[np.int64]:
    """[counts + 1] where each of consecutive runs of these lengths begins, and the end of the last."""
    bounds = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=bounds[1:])
    return bounds


def runs_at(starts: Ints, counts: Ints) -> NDArray[np.int64]:
    """The indexes starts[i], starts[i] + 1, … for each of counts[i] elements, one run after another."""
    bounds = bounds_of(counts)
    return np.repeat(starts - bounds[:-1], counts) + np.arange(bounds[-1])


def sums_by(values: Ints, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """[runs] the sum of values[bounds[i]:bounds[i + 1]]; 0 for empty runs."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    return running[bounds[1:]] - running[bounds[:-1]]


@cache
def _most(dtype: np.dtype[Any]) -> int:
    """The largest number of a type, which numpy makes an object to tell."""
    return int(np.iinfo(dtype).max)


def place_of(sorted_values: Ints, value: int) -> int:
    """How many of the values are less than `value`. numpy would copy the whole array to the type of a Python integer first."""
    if value > _most(sorted_values.dtype):
        return len(sorted_values)
    return int(sorted_values.searchsorted(sorted_values.dtype.type(value)))


def places_of(sorted_values: Ints, values: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the sorted values are less than each of `values`, of which there is one at least."""
    if values.max() <= _most(sorted_values.dtype):
        values = values.astype(sorted_values.dtype)
    return sorted_values.searchsorted(values)


def counts_by(mask: NDArray[np.bool_], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """[runs] how many of mask[bounds[i]:bounds[i + 1]] are true."""
    counts: NDArray[np.int64] = np.diff(np.searchsorted(np.flatnonzero(mask), bounds))
    return counts


def common_from(documents: int) -> int:
    """The document frequency from which a term has a bitmap."""
    return max(COMMON_LEAST, -(-documents // COMMON_SHARE))


def frequent_from(documents: int) -> int:
    """The document frequency from which a term is very frequent."""
    return max(COMMON_LEAST, -(-documents // FREQUENT_SHARE))


def pair_keys(first: Ints, second: Ints) -> Ints:
    """Pairs of term numbers as one number each, ascending by first and second."""
    keys: Ints = first << 32 | second
    return keys


def bitmap_bytes(documents: int) -> int:
    """Bytes of one bitmap: a bit a document, padded to whole words of 64 bits."""
    return -(-documents // 64) * 8


# Documents


def encode_gaps(docs: Ints, df: Ints) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the stream of document gaps of terms with df[t] documents each, and bounds[t + 1] into it, in bytes.

    A gap is the distance from the document before, from −1 for the first. In units of one byte a gap g is g // 255 times 255 and then g % 255;
    in units of two the same with 65,535. A term takes single bytes if these are fewer than twice its documents.
    """
    first = bounds_of(df)
    begins = first[:-1][np.asarray(df) > 0]
    gaps = docs.astype(np.uint32)
    # Where a term begins this wraps round, and is put right.
    gaps[1:] -= gaps[:-1].copy()
    gaps[begins] = docs[begins] + 1
    escapes = gaps // np.uint32(255)
    is_small = np.repeat(sums_by(escapes, first) < df, df)
    # g % 255 is g + g // 255 modulo 256.
    last = gaps.astype(np.uint8)
    last += escapes.astype(np.uint8)
    sizes = escapes
    sizes += np.uint32(1)
    wide = np.flatnonzero(~is_small)
    if len(wide):
        units, rest = np.divmod(gaps[wide], np.uint32(65535))
        sizes[wide] = 2 * (units + 1)
        last[wide] = rest >> 8
    ends = np.cumsum(sizes, dtype=np.int64)
    out = np.full(int(ends[-1]) if len(ends) else 0, 255, np.uint8)
    out[ends - 1] = last
    if len(wide):
        out[ends[wide] - 2] = rest & 255
    return out, np.concatenate(([0], ends))[first]


def decode_gaps(stream: NDArray[np.uint8], df: int) -> NDArray[np.int32]:
    """Return the documents of one term."""
    if len(stream) < 2 * df:
        docs = np.cumsum(stream, dtype=np.int32)
        docs = docs[stream != SMALL_ESCAPE] if len(stream) > df else docs
    else:
        units = stream.view("<u2")
        docs = np.cumsum(units, dtype=np.int32)
        docs = docs[units != WIDE_ESCAPE] if len(units) > df else docs
    docs -= 1
    if len(docs) != df:
        raise ValueError("the documents of a term are not as many as they should be")
    return docs


def decode_gaps_of_many(stream: NDArray[np.uint8], bounds: Ints, df: Ints) -> NDArray[np.int32]:
    """Return the documents of consecutive terms, those of term t in stream[bounds[t]:bounds[t + 1]], one after another."""
    sizes = np.diff(bounds)
    small = sizes < 2 * df
    docs = np.zeros(int(df.sum()), np.int32)
    first = bounds_of(df)
    for chosen, width, escape in ((small, 1, SMALL_ESCAPE), (~small, 2, WIDE_ESCAPE)):
        if not chosen.any():
            continue
        data = stream[np.repeat(chosen, sizes)] if not chosen.all() else stream
        units = np.ascontiguousarray(data).view(f"<u{width}")
        ends = np.flatnonzero(units != escape)
        reached = np.cumsum(units, dtype=np.int64)[ends]
        counts = np.asarray(df)[chosen]
        if len(reached) != counts.sum():
            raise ValueError("the documents of some terms are not as many as they should be")
        of_term = bounds_of(counts)
        base = np.concatenate(([0], reached))[of_term[:-1]]
        docs[np.repeat(chosen, df)] = reached - np.repeat(base, counts) - 1
    if (first[-1] and docs.min() < 0) or len(docs) != first[-1]:
        raise ValueError("the documents of some terms are out of range")
    return docs


def encode_bitmaps(docs: Ints, df: Ints, documents: int) -> NDArray[np.uint8]:
    """[terms, bytes] one bitmap a term, lowest bit first."""
    dense = np.zeros((len(df), bitmap_bytes(documents) * 8), np.bool_)
    dense[np.repeat(np.arange(len(df)), df), docs] = True
    return np.packbits(dense, axis=1, bitorder="little")


def decode_bitmap(bitmap: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the documents of one term."""
    return np.flatnonzero(np.unpackbits(bitmap, bitorder="little").view(np.bool_)).astype(np.int32)


# Frequencies


def pack_nibbles(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two values below 16 a byte, the first in the low half."""
    if len(values) & 1:
        values = np.append(values, np.uint8(0))
    packed: Ints = values[::2] | values[1::2] << 4
    return packed


def unpack_nibbles(packed: NDArray[np.uint8], first: int, end: int) -> NDArray[np.uint8]:
    """Return values first to end − 1 of a stream."""
    at = first >> 1
    return nibbles_of(packed[at : (end + 1) >> 1])[first - 2 * at : end - 2 * at]


def nibbles_of(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """All values of some bytes."""
    pairs: NDArray[Any] = packed.astype("<u2")
    pairs |= pairs << 4
    pairs &= 0x0F0F
    return pairs.view(np.uint8)


def pick_nibbles(packed: NDArray[np.uint8], places: NDArray[np.int64]) -> NDArray[np.uint8]:
    """[places] some values of a stream."""
    picked: NDArray[np.uint8] = packed[places >> 1] >> ((places & 1) << 2).astype(np.uint8) & np.uint8(15)
    return picked


# Positions


def position_gaps(positions: Ints, begins: Ints) -> Ints:
    """[rows] the distance to the position before in the same posting; of its first the position itself. begins[p] is a posting's first row.

    Positions are unsigned, and so are the distances, in the same width.
    """
    gaps = positions.copy()
    # Where a posting begins this wraps round, and is put right.
    gaps[1:] -= positions[:-1]
    gaps[begins] = positions[begins]
    return gaps


def positions_from(gaps: Ints, freqs: Ints) -> NDArray[np.int32]:
    """[rows] the positions of postings with freqs[p] rows each, one at least."""
    begins = np.cumsum(freqs, dtype=np.int64) - freqs
    # The running sum may wrap round; differences within a posting come out right.
    reached = np.cumsum(gaps, dtype=np.uint32)
    base = reached[begins] - gaps[begins].astype(np.uint32)
    reached -= np.repeat(base, freqs)
    return reached.view(np.int32)


def joined(low: NDArray[np.uint8], high: NDArray[np.uint8] | None) -> NDArray[np.uint32]:
    """[rows] values out of their low bytes and high parts, which may all be 0."""
    values = low.astype(np.uint32)
    if high is not None:
        upper = high.astype(np.uint32)
        upper <<= 8
        values |= upper
    return values


def widths_of(gaps: Ints, bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """[terms] how many bits beside the low byte make each term's positions smallest; the wider where two are alike."""
    cf = np.diff(bounds)
    costs: list[Ints] = []
    for width in WIDTHS:
        large = gaps >= (1 << (8 + width)) - 1
        costs.append(_packed_bytes(cf, width) + _EXCEPTION_BYTES * counts_by(large, bounds))
    # Of equal costs argmin takes the first, so the widest stands first.
    widest_first: NDArray[np.int64] = np.asarray(WIDTHS[::-1])[np.argmin(costs[::-1], axis=0)]
    return widest_first


def _packed_bytes(cf: Ints, width: Ints | int) -> NDArray[np.int64]:
    packed: NDArray[np.int64] = -(-np.asarray(cf, np.int64) * width // 8)
    return packed


def encode_high(high: NDArray[np.uint8], cf: Ints, widths: Ints) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pack the high parts of positions, those of each term in its own width from a byte of its own; return them with bounds[t + 1] in bytes."""
    sizes = _packed_bytes(cf, widths)
    bounds = bounds_of(sizes)
    out = np.zeros(int(bounds[-1]), np.uint8)
    for width in WIDTHS[1:]:
        chosen = widths == width
        if not chosen.any():
            continue
        per_byte = 8 // width
        slots = _padded(high[np.repeat(chosen, cf)], cf[chosen], sizes[chosen] * per_byte)
        packed = slots[::per_byte].copy()
        for i in range(1, per_byte):
            packed |= slots[i::per_byte] << (i * width)
        out[np.repeat(chosen, sizes)] = packed
    return out, bounds


def _padded(values: NDArray[np.uint8], counts: Ints, room: Ints) -> NDArray[np.uint8]:
    """Consecutive runs of values, counts[i] of them, with zeros behind each up to room[i]."""
    ends, missing = np.cumsum(room), room - counts
    most = int(missing.max())
    if not most:
        return values
    taken = np.ones(int(ends[-1]), np.bool_)
    for i in range(1, most + 1):
        taken[ends[missing >= i] - i] = False
    padded = np.zeros(len(taken), np.uint8)
    padded[taken] = values
    return padded


def width_of(size: int, cf: int) -> int:
    """The width of a term's high parts, by their bytes: the widest that fits."""
    return next(width for width in WIDTHS[::-1] if -(-cf * width // 8) == size or not width)


def decode_high(packed: NDArray[np.uint8], cf: int) -> NDArray[np.uint8] | None:
    """[cf] the high parts of one term, None where all are 0."""
    width = width_of(len(packed), cf)
    if width == 2:
        return _PAIRS[packed].view(np.uint8)[:cf]
    if width == 4:
        return _NIBBLES[packed].view(np.uint8)[:cf]
    return packed if width == 8 else None


def pick_high(packed: NDArray[np.uint8], cf: int, chosen: NDArray[np.int64]) -> NDArray[np.uint8] | None:
    """[chosen] the high parts of some positions of a term, None where all are 0; few are read one by one, of many all are unpacked."""
    width = width_of(len(packed), cf)
    if width in (2, 4) and len(chosen) * 4 < cf:
        bits = chosen * width
        picked: NDArray[np.uint8] = packed[bits >> 3] >> (bits & 7).astype(np.uint8) & np.uint8((1 << width) - 1)
        return picked
    high = decode_high(packed, cf)
    return None if high is None else high[chosen]


def decode_high_of_many(
    packed: NDArray[np.uint8], bounds: Ints, cf: Ints
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The high parts of consecutive terms, one after another, and widths[t]."""
    sizes = np.diff(bounds)
    widths = widths_by_size(sizes, cf)
    high = np.zeros(int(cf.sum()), np.uint8)
    for width in WIDTHS[1:]:
        chosen = widths == width
        if not chosen.any():
            continue
        data = packed[np.repeat(chosen, sizes)]
        slots = data if width == 8 else (_NIBBLES if width == 4 else _PAIRS)[data].view(np.uint8)
        high[np.repeat(chosen, cf)] = slots[runs_at(bounds_of(sizes[chosen])[:-1] * (8 // width), cf[chosen])]
    return high, widths


def widths_by_size(sizes: Ints, cf: Ints) -> NDArray[np.int64]:
    """[terms] the width of each term's high parts, by their bytes: the widest that fits."""
    return _WIDEST.take(sizes * 8 // np.maximum(cf, 1), mode="clip")
