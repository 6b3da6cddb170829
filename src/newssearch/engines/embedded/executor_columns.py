"""What articles are filtered and counted by, as one number a document: values of a field, days of publication."""

from __future__ import annotations

import unicodedata
from collections import Counter
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ...config import NEWS_ZONE
from ...records import dataclass
from .source import UNDATED

DAY = 86_400
ZONE = int(NEWS_ZONE.utcoffset(None).total_seconds())
"""seconds: days are Vietnamese days"""
_EPOCH = date(1970, 1, 1).toordinal()
_MIN_DAY = date.min.toordinal() - _EPOCH
_MAX_DAY = date.max.toordinal() - _EPOCH
_MOST_DAYS = 1 << 15
"""days from the first to the last that are told apart without sorting them"""


@dataclass(frozen=True, slots=True)
class Column:
    """One value a document: the value of document d is values[codes[d]]; "" is no value."""

    codes: NDArray[np.int32]
    values: list[str]
    counts: NDArray[np.int64]
    """of each value, deleted documents included"""


@dataclass(frozen=True, slots=True)
class Days:
    """Which day each document was published on: that of code c is days[c − 1]; code 0 stands for the undated."""

    codes: NDArray[np.int32]
    days: NDArray[np.datetime64]
    """ascending, each once: those with a document"""
    counts: NDArray[np.int64]
    """of each code"""


def fold_value(value: str) -> str:
    """The form in which values of columns are compared: NFC, case folded."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value).casefold())


def counted(codes: NDArray[np.int32], values: list[str]) -> Column:
    """A column with how often each value comes."""
    return Column(codes, values, np.bincount(codes, minlength=len(values)))


def days_of(published: NDArray[np.int64]) -> Days:
    """The days of publication, in the zone of the news."""
    dated = published != UNDATED
    days = np.clip((published[dated] + ZONE) // DAY, _MIN_DAY, _MAX_DAY)
    first, last = int(days.min(initial=_MAX_DAY)), int(days.max(initial=_MIN_DAY))
    if last - first < _MOST_DAYS:
        there = np.zeros(max(last - first + 1, 0), np.bool_)
        there[days - first] = True
        distinct = there.nonzero()[0] + first
        numbers = (there.cumsum() - 1)[days - first]
    else:
        # With counts, for np.unique alone would import numpy.ma.
        distinct, numbers, _ = np.unique(days, return_inverse=True, return_counts=True)
    codes = np.zeros(len(published), np.int32)
    codes[dated] = numbers + 1
    return Days(codes, distinct.astype("M8[D]"), np.bincount(codes, minlength=1))


def facet_of(column: Column, host: Column | None, alive: NDArray[np.bool_] | None) -> Column:
    """A column as facets count it: values that differ in case alone go under the most frequent name; with `host`, the column of hosts, also those
    that share one. A host is no name where there is another.
    """
    keys = [fold_value(value) for value in column.values]
    if host is None:
        group_of_pair, pairs = column.codes, [(key, code) for code, key in enumerate(keys)]
    else:
        width = len(host.values)
        both, group_of_pair = np.unique(column.codes.astype(np.int64) * max(width, 1) + host.codes, return_inverse=True)
        pairs = [
            (fold_value(host.values[pair % width]) or keys[pair // width], pair // width) for pair in both.tolist()
        ]
    seen = np.bincount(group_of_pair if alive is None else group_of_pair[alive], minlength=len(pairs)).tolist()
    names: dict[str, Counter[str]] = {}
    for (key, code), count in zip(pairs, seen, strict=True):
        if column.values[code]:
            names.setdefault(key, Counter())[column.values[code]] += count
    if host is not None:
        for host_key, of_group in names.items():
            if proper := {known: count for known, count in of_group.items() if fold_value(known) != host_key}:
                names[host_key] = Counter(proper)
    # Two hosts whose most frequent names are the same are one value to whoever reads the facet.
    together: dict[str, Counter[str]] = {}
    for of_group in names.values():
        together.setdefault(fold_value(_most_frequent(of_group)), Counter()).update(of_group)
    number_of = {label: number for number, label in enumerate(together, 1)}
    renumber = np.zeros(max(len(pairs), 1), np.int32)
    for i, (key, code) in enumerate(pairs):
        if column.values[code]:
            renumber[i] = number_of[fold_value(_most_frequent(names[key]))]
    return counted(renumber[group_of_pair], ["", *map(_most_frequent, together.values())])


def _most_frequent(names: Counter[str]) -> str:
    """The first in order of the most frequent names."""
    return min(names, key=lambda name: (-names[name], name))
