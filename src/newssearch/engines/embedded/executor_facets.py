"""Counts over the matches: facets, each without its own filter, and the histogram without the date filter."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from ...engines.base import Filters
from ...models import FACET_FIELDS, Bin, Facet
from ...records import dataclass
from .executor_arrays import Documents
from .executor_collection import Collection
from .executor_filters import DAY, ZONE, has_value, is_published
from .source import UNDATED

MOST_FREQUENT = 50
DAYS_UP_TO = 62
"""two months: the most days that are shown one by one"""
MONTHS_UP_TO = 120
_MIN_DAY = date.min.toordinal() - date(1970, 1, 1).toordinal()
_MAX_DAY = date.max.toordinal() - date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Filtered:
    """Which documents pass each filter that was given: masks by name ("date" for days), over the same documents."""

    docs: Documents
    masks: dict[str, NDArray[np.bool_]]

    def passing(self, but: str | None = None) -> NDArray[np.bool_]:
        """[docs] whether a document passes every filter, one aside."""
        passing = np.ones(len(self.docs), np.bool_)
        for name, mask in self.masks.items():
            if name != but:
                passing &= mask
        return passing


def apply(collection: Collection, filters: Filters, docs: Documents) -> Filtered:
    """Try every filter that was given on every document."""
    masks = {
        name: has_value(collection, name, values, docs) for name in FACET_FIELDS if (values := getattr(filters, name))
    }
    if filters.date_from is not None or filters.date_to is not None:
        masks["date"] = is_published(collection, filters.date_from, filters.date_to, docs)
    return Filtered(docs, masks)


def facets(collection: Collection, filtered: Filtered) -> dict[str, tuple[Facet, ...]]:
    """The 50 most frequent values of each facet, most frequent first, then by name."""
    counted = {}
    for name in FACET_FIELDS:
        column = collection.facet(name)
        docs = filtered.docs[filtered.passing(but=name)] if filtered.masks else filtered.docs
        counts = np.bincount(column.codes[docs], minlength=len(column.values))
        counts[0] = 0
        codes = np.flatnonzero(counts)
        if len(codes) > MOST_FREQUENT:
            least = np.partition(counts[codes], len(codes) - MOST_FREQUENT)[len(codes) - MOST_FREQUENT]
            codes = codes[counts[codes] >= least]
        found = [Facet(column.values[code], int(counts[code])) for code in codes.tolist()]
        counted[name] = tuple(sorted(found, key=lambda facet: (-facet.count, facet.value))[:MOST_FREQUENT])
    return counted


def histogram(collection: Collection, filtered: Filtered) -> tuple[tuple[Bin, ...], int]:
    """Bins side by side from the first to the last day of publication (empty ones too), and the number of undated documents."""
    docs = filtered.docs[filtered.passing(but="date")] if filtered.masks else filtered.docs
    published = collection.published()[docs]
    dated = published[published != UNDATED]
    undated = len(published) - len(dated)
    if not len(dated):
        return (), undated
    days = np.clip((dated + ZONE) // DAY, _MIN_DAY, _MAX_DAY)
    first, last = int(days.min()), int(days.max())
    if last - first < DAYS_UP_TO:
        return _bins(days.astype("M8[D]")), undated
    months = days.astype("M8[D]").astype("M8[M]")
    if int((months.max() - months.min()).astype(np.int64)) < MONTHS_UP_TO:
        return _bins(months), undated
    return _bins(months.astype("M8[Y]")), undated


def _bins(starts: NDArray[np.datetime64]) -> tuple[Bin, ...]:
    """One bin a unit of `starts`."""
    units = starts.astype(np.int64)
    first = int(units.min())
    counts = np.bincount(units - first).tolist()
    edges = (np.arange(first, first + len(counts) + 1)).astype(starts.dtype).astype("M8[D]").astype(np.int64)
    days = np.minimum(edges, _MAX_DAY).astype("M8[D]").tolist()
    return tuple(Bin(days[i], days[i + 1], count) for i, count in enumerate(counts))
