"""Where many terms stand in a few documents, read in one go: what a page's second pass of the ranking looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, positions_from, runs_at
from .frequencies import FrequencyColumn, Lookup
from .postings import FieldReader


class Occurrences(NamedTuple):
    """Where terms stand: occurrence n is of term number `term[n]` of those asked for, in document `slot[n]` of those asked for."""

    term: NDArray[np.int64]
    slot: NDArray[np.int64]
    position: NDArray[np.int32]
    """ascending within a term and a document"""


NO_OCCURRENCES = Occurrences(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int32))


class Rare(NamedTuple):
    """A term's number in its field and its postings."""

    number: int
    docs: NDArray[np.int32]
    freqs: NDArray[np.int32]


class Common(NamedTuple):
    """The number of a term that is in many documents, and its column."""

    number: int
    column: FrequencyColumn


def occurrences_in(
    reader: FieldReader, terms: Sequence[Rare | Common], docs: NDArray[np.int32], documents: int
) -> Occurrences:
    """Return where the terms, all different and each with a document, stand in the documents `docs`, ascending, out of so many."""
    if not len(docs) or not terms:
        return NO_OCCURRENCES
    # Rows ascend where the terms do, as the lists of large values ask.
    order = sorted(range(len(terms)), key=lambda t: terms[t].number)
    lookup = Lookup(docs, documents)
    found = [_look_up(t, one.column, lookup) for t in order if isinstance(one := terms[t], Common)]
    if rare := {t: one for t in order if isinstance(one := terms[t], Rare)}:
        found.append(_pass_through(rare, docs, documents))
    term, slot, count, row = (np.concatenate(column) for column in zip(*found, strict=True))
    numbers = np.array([one.number for one in terms])
    row += reader.first_rows(numbers)[term]
    if len(found) > 1:
        ascending = row.argsort(kind="stable")
        term, slot, count, row = term[ascending], slot[ascending], count[ascending], row[ascending]
    of_row = term.repeat(count)
    gaps = reader.gaps_at(runs_at(row, count), numbers, of_row)
    return Occurrences(of_row, slot.repeat(count), positions_from(gaps, count))


_Found = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""of each posting that was found: its term, its document's place, its frequency, and its first row among those of the term"""


def _look_up(t: int, column: FrequencyColumn, lookup: Lookup) -> _Found:
    freqs = lookup.frequencies(column)
    slots = freqs.nonzero()[0]
    return np.full(len(slots), t), slots, freqs[slots].astype(np.int64), lookup.before(column)[slots]


def _pass_through(rare: Mapping[int, Rare], docs: NDArray[np.int32], documents: int) -> _Found:
    # numpy indexes by its own integers twice as fast as by others.
    there = np.concatenate([one.docs for one in rare.values()], dtype=np.intp)
    freqs = np.concatenate([one.freqs for one in rare.values()])
    bounds = bounds_of(np.array([len(one.docs) for one in rare.values()]))
    slot_of = np.full(documents, -1)
    slot_of[docs] = np.arange(len(docs))
    slots = slot_of[there]
    places = (slots >= 0).nonzero()[0]
    of_term = bounds.searchsorted(places, side="right") - 1
    begins = freqs.cumsum(dtype=np.int64)
    begins -= freqs
    rows = begins[places] - begins[bounds[:-1]][of_term]
    return np.array(list(rare))[of_term], slots[places], freqs[places].astype(np.int64), rows
