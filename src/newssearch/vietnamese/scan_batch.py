"""Many texts scanned at once: one array of characters, one of runs, one of pieces, one of tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import scan_classes as classes
from .scan_classes import APOSTROPHES, FIRST_WORD, HARD, HYPHENS, OTHER_LETTER, OTHER_NUMBER
from .scan_numbers import JOINERS
from .scan_vocabulary import NO_PIECE, Vocabulary, in_use
from .tokens import Tokens

Places = NDArray[np.intp]

_PACKED = 8
"""characters of a piece that one 64-bit key holds, a byte each"""
_KEY_MASKS = np.array([(1 << 8 * length) - 1 for length in range(_PACKED + 1)], np.uint64)


def _codes_for(characters: str) -> NDArray[np.bool_]:
    chosen = np.zeros(256, np.bool_)
    chosen[[classes.code_of(character) for character in characters]] = True
    return chosen


_AT = classes.code_of("@")
_IS_LINK = _codes_for(APOSTROPHES + HYPHENS)
_IS_DIGIT = _codes_for("0123456789")
_IS_NUMBER_JOINER = _codes_for("".join(JOINERS))
_IS_COLON = _codes_for(":")
_IS_DOT = _codes_for(".")
_IS_W = _codes_for("w")


def scan_batch(texts: Sequence[str], vocabulary: Vocabulary) -> Tokens:
    """Return the tokens of some texts, see `scan.scan_many`."""
    # Blanks before, between and after the texts: no piece crosses two, and eight characters can be read from any.
    text = f" {' '.join(texts)}{' ' * _PACKED}"
    codes = classes.codes_of(points_of(text))
    starts, ends = runs_of(codes)
    starts, ends = _pieces(codes, starts, ends)
    pieces = _numbers_of(text, codes, starts, ends, vocabulary)
    begins = np.cumsum([1, *(len(each) + 1 for each in texts)])
    return _tokens(pieces, starts, ends, begins, vocabulary)


def points_of(text: str) -> NDArray[np.unsignedinteger]:
    """Return the code point of each character."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    if len(units) == len(text):
        return units
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def runs_of(codes: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return start and end of each run of letters, digits and marks; marks that follow none of these become HARD in `codes`."""
    word = codes >= FIRST_WORD
    edges = (word[1:] != word[:-1]).nonzero()[0]
    edges += 1
    starts, ends = edges[::2].copy(), edges[1::2].copy()  # in one block each, as `take` needs them
    stray = codes.take(starts) < OTHER_NUMBER
    if stray.any():
        bases = ((codes >= OTHER_NUMBER) | ~word).nonzero()[0]
        after = np.minimum(bases.take(bases.searchsorted(starts[stray])), ends[stray])
        codes[_ranges(starts[stray], after)] = HARD
        starts[stray] = after
        kept = starts < ends
        starts, ends = starts[kept], ends[kept]
    return starts, ends


def _pieces(codes: NDArray[np.uint8], starts: Places, ends: Places) -> tuple[Places, Places]:
    """Return start and end of each piece: a run, or all runs without a hard character between them where some may belong together."""
    gaps = _soft_gaps(codes, starts, ends)
    joins = _joins(codes, starts, ends, gaps)
    if not joins.any():
        return starts, ends
    # Gaps that follow each other are one chain; it becomes one piece if any gap of it joins.
    chain = np.zeros(len(gaps), np.intp)
    np.cumsum(gaps[1:] != gaps[:-1] + 1, out=chain[1:])
    is_piece = np.zeros(len(gaps), np.bool_)
    is_piece[chain[joins]] = True
    inside = gaps[is_piece.take(chain)]
    begins = np.ones(len(starts), np.bool_)
    begins[inside + 1] = False
    finishes = np.ones(len(ends), np.bool_)
    finishes[inside] = False
    return starts.take(begins.nonzero()[0]), ends.take(finishes.nonzero()[0])


def _soft_gaps(codes: NDArray[np.uint8], starts: Places, ends: Places) -> Places:
    """Return the runs after which no hard character comes before the next run."""
    gaps: Places = (codes.take(ends[:-1]) != HARD).nonzero()[0]
    second = ends.take(gaps) + 1
    length = starts.take(gaps + 1) - second
    gaps = gaps.compress((length == 0) | (codes.take(second) != HARD))
    long = (starts.take(gaps + 1) - ends.take(gaps) > 2).nonzero()[0]
    if not len(long):
        return gaps
    begin, end = ends.take(gaps[long]), starts.take(gaps[long] + 1)
    lengths = end - begin
    least = np.minimum.reduceat(codes.take(_ranges(begin, end)), lengths.cumsum() - lengths)
    kept = np.ones(len(gaps), np.bool_)
    kept[long] = least != HARD
    return gaps.compress(kept)


def _joins(codes: NDArray[np.uint8], starts: Places, ends: Places, gaps: Places) -> NDArray[np.bool_]:
    """Return which gaps may hold together what stands on both sides: in names, numbers, e-mail addresses and URLs."""
    end, start = ends.take(gaps), starts.take(gaps + 1)
    gap = start - end
    mark, before, after = codes.take(end), codes.take(end - 1), codes.take(start)
    joins = _IS_LINK.take(mark)
    joins |= _IS_NUMBER_JOINER.take(mark) & _IS_DIGIT.take(before) & _IS_DIGIT.take(after)
    joins |= _IS_DOT.take(mark) & _IS_W.take(before)
    joins &= gap == 1
    joins |= _IS_COLON.take(mark) & (gap == 3)
    at = (codes == _AT).nonzero()[0]
    return joins | np.isin(gaps, starts.searchsorted(at) - 1) if len(at) else joins


def _numbers_of(
    text: str, codes: NDArray[np.uint8], starts: Places, ends: Places, vocabulary: Vocabulary
) -> NDArray[np.int32]:
    """Return the number of each piece in the vocabulary."""
    lengths = ends - starts
    packed = lengths <= _PACKED
    odd = _is_odd(codes).nonzero()[0]
    if len(odd):
        holders = starts.searchsorted(odd, side="right") - 1
        inside = (holders >= 0) & (odd < ends[holders])
        packed[holders[inside]] = False
    # eight[i]: the codes of characters i to i + 7 as one number.
    eight = np.ndarray(len(codes) - _PACKED + 1, "<u8", codes, strides=(1,))
    keys = eight[starts]
    keys &= _KEY_MASKS.take(lengths, mode="clip")
    spelled = (~packed).nonzero()[0]
    keys[spelled] = NO_PIECE
    numbers = vocabulary.numbers_of_keys(keys, text, starts, ends)
    bounds = zip(starts[spelled].tolist(), ends[spelled].tolist(), strict=True)
    numbers[spelled] = vocabulary.numbers_of([text[start:end] for start, end in bounds])
    return numbers


def _is_odd(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Whether a code stands for many characters, so that it does not tell pieces apart."""
    odd: NDArray[np.bool_] = codes == OTHER_LETTER
    odd |= codes == OTHER_NUMBER
    odd |= codes == classes.OTHER_MARK
    return odd


def _tokens(
    pieces: NDArray[np.int32], starts: Places, ends: Places, begins: Places, vocabulary: Vocabulary
) -> Tokens:
    """Return the pieces' rows; `begins[i]` is where text i begins, one more for the end."""
    term = vocabulary.lone_terms(pieces)
    piece_bounds = starts.searchsorted(begins)
    # From here on places are counted from where each text begins, so they fit in 32 bits.
    origin = begins[:-1].repeat(np.diff(piece_bounds))
    start, end = (starts - origin).astype(np.int32), (ends - origin).astype(np.int32)
    several = (term < 0).nonzero()[0]
    counts, rows = vocabulary.rows_of(pieces[several])
    # added[k]: the rows beyond one that the first k of these have; they push on what follows.
    added = np.zeros(len(several) + 1, np.intp)
    np.cumsum(counts - 1, out=added[1:])
    bounds = piece_bounds + added.take(several.searchsorted(piece_bounds))
    main = np.ones(len(pieces) + int(added[-1]), np.bool_)
    if len(several):
        first = several + added[:-1]
        places = _ranges(first, first + counts)
        piece = np.ones(len(main), np.int32)
        piece[places] = 0
        piece[first] = 1
        piece.cumsum(out=piece)
        piece -= 1
        term, start, end = (column.take(piece) for column in (term, start, end))
        base = start.take(places)
        term[places], row_start, row_end, main[places] = vocabulary.row_columns(rows)
        start[places], end[places] = base + row_start, base + row_end
    position = main.cumsum(dtype=np.int32)
    if len(position):
        before = np.concatenate((np.zeros(1, np.int32), position)).take(bounds[:-1]) + 1
        position -= before.repeat(np.diff(bounds))
    used, term = in_use(term)
    names = vocabulary.terms
    return Tokens(
        terms=[names[number] for number in used.tolist()],
        term=term,
        position=position,
        start=start,
        end=end,
        main=main,
        bounds=bounds,
        numbers=used,
        vocabulary=vocabulary,
    )


def _ranges(starts: NDArray[np.signedinteger], ends: NDArray[np.signedinteger]) -> Places:
    """Return all numbers from each start up to its end, one range after another."""
    counts = ends - starts
    total = counts.cumsum()
    if not len(total):
        return total
    numbers = np.arange(total[-1])
    numbers += np.repeat(starts - (total - counts), counts)
    return numbers
