"""Counts over the matches: facets, each without its own filter, and the histogram without the date filter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Filters
from ...models import FACET_FIELDS, Bin, Facet
from ...records import dataclass
from .executor_arrays import Documents
from .executor_collection import Collection
from .executor_columns import Column, Days
from .executor_filters import has_value, is_published

MOST_FREQUENT = 50
DAYS_UP_TO = 62
"""two months: the most days that are shown one by one"""
MONTHS_UP_TO = 120
_EACH = 2
"""documents of a profile from which it pays to count profiles"""
_LAST_DAY = np.datetime64(date.max)


@dataclass(frozen=True, slots=True)
class Filtered:
    """Which documents pass each filter that was given: masks by name ("date" for days), over the same documents."""

    docs: NDArray[np.intp]
    masks: dict[str, NDArray[np.bool_]]

    def passing(self, but: str | None = None) -> NDArray[np.bool_]:
        """[docs] whether a document passes every filter, one aside."""
        passing = np.ones(len(self.docs), np.bool_)
        for name, mask in self.masks.items():
            if name != but:
                passing &= mask
        return passing

    def counts(self, codes: NDArray[Any], of_all: NDArray[np.int64], name: str) -> NDArray[np.int64]:
        """[codes] how many documents have each code, with those left out by every filter but one; `of_all` is that of all documents."""
        docs = self.docs[self.passing(but=name)] if self.masks else self.docs
        if len(docs) * 2 <= len(codes):
            return np.bincount(codes[docs], minlength=len(of_all))
        # The others are fewer.
        others = np.ones(len(codes), np.bool_)
        others[docs] = False
        return of_all - np.bincount(codes[others], minlength=len(of_all))


def apply(collection: Collection, filters: Filters, docs: Documents) -> Filtered:
    """Try every filter that was given on every document."""
    masks: dict[str, NDArray[np.bool_]] = {}
    if filters:
        for name in FACET_FIELDS:
            if values := getattr(filters, name):
                masks[name] = has_value(collection, name, values, docs)
        if filters.date_from is not None or filters.date_to is not None:
            masks["date"] = is_published(collection, filters.date_from, filters.date_to, docs)
    return Filtered(docs.astype(np.intp), masks)


def count(collection: Collection, filtered: Filtered) -> dict[str, NDArray[np.int64]]:
    """How many documents have each value of each facet, and each day ("date"), by their codes."""
    days = collection.days()
    columns: dict[str, Column | Days] = {**{name: collection.facet(name) for name in FACET_FIELDS}, "date": days}
    profiles = None if filtered.masks else collection.profiles
    if profiles is None or len(filtered.docs) < _EACH * len(profiles.counts):
        return {name: filtered.counts(column.codes, column.counts, name) for name, column in columns.items()}
    alike = filtered.counts(profiles.codes, profiles.counts, "")
    return {
        name: np.bincount(profiles.columns[name], alike, len(column.counts)).astype(np.int64)
        for name, column in columns.items()
    }


def facets(collection: Collection, counts_of: Mapping[str, NDArray[np.int64]]) -> dict[str, tuple[Facet, ...]]:
    """The 50 most frequent values of each facet, most frequent first, then by name."""
    counted = {}
    for name in FACET_FIELDS:
        counts = counts_of[name]
        counts[0] = 0
        codes = counts.nonzero()[0]
        counts = counts[codes]
        if len(codes) > MOST_FREQUENT:
            frequent = counts >= np.partition(counts, len(codes) - MOST_FREQUENT)[len(codes) - MOST_FREQUENT]
            codes, counts = codes[frequent], counts[frequent]
        values = collection.facet(name).values
        found = sorted((-count, values[code]) for code, count in zip(codes.tolist(), counts.tolist(), strict=True))
        counted[name] = tuple(Facet(value, -count) for count, value in found[:MOST_FREQUENT])
    return counted


def histogram(collection: Collection, counts: NDArray[np.int64]) -> tuple[tuple[Bin, ...], int]:
    """Bins side by side from the first to the last day of publication (empty ones too), and the number of undated documents."""
    published = collection.days()
    undated, counts = int(counts[0]), counts[1:]
    there = counts.nonzero()[0]
    if not len(there):
        return (), undated
    days, counts = published.days[there], counts[there]
    if _units(days) <= DAYS_UP_TO:
        return _bins(days, counts), undated
    months = days.astype("M8[M]")
    if _units(months) <= MONTHS_UP_TO:
        return _bins(months, counts), undated
    return _bins(months.astype("M8[Y]"), counts), undated


def _units(ascending: NDArray[np.datetime64]) -> int:
    """How many days (months, …) there are from the first to the last."""
    return int((ascending[-1] - ascending[0]).astype(np.int64)) + 1


def _bins(starts: NDArray[np.datetime64], counts: NDArray[np.int64]) -> tuple[Bin, ...]:
    """One bin a unit of `starts`, ascending."""
    units = starts.astype(np.int64)
    first, last = int(units[0]), int(units[-1])
    sums = np.zeros(last - first + 1, np.int64)
    np.add.at(sums, units - first, counts)
    edges = np.arange(first, last + 2).astype(starts.dtype).astype("M8[D]")
    days = np.minimum(edges, _LAST_DAY).tolist()
    return tuple(Bin(days[i], days[i + 1], count) for i, count in enumerate(sums.tolist()))
