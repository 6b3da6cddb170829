"""Restrictions that look at columns alone: values of a field, days of publication."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .executor_arrays import Documents
from .executor_collection import Collection
from .executor_columns import DAY, ZONE, fold_value
from .source import UNDATED

_EPOCH = date(1970, 1, 1).toordinal()


def has_value(collection: Collection, field: str, values: Sequence[str], docs: Documents) -> NDArray[np.bool_]:
    """[docs] whether the field has one of the values, but for case and normal form.

    A source matches by its name, its host, or the name under which the facet counts it, so that a chosen facet finds what it counted.
    """
    found = np.zeros(len(docs), np.bool_)
    for name in ("source", "host") if field == "source" else (field,):
        column = collection.column(name)
        wanted = np.zeros(max(len(column.values), 1), np.bool_)
        for value in values:
            if value:
                wanted[collection.codes_of(name, value)] = True
        if wanted.any():
            found |= wanted[column.codes[docs]]
    if field == "source":
        shown = collection.facet("source")
        labels = {fold_value(value) for value in values} - {""}
        wanted = np.array([fold_value(label) in labels for label in shown.values], np.bool_)
        found |= wanted[shown.codes[docs]]
    return found


def is_published(collection: Collection, start: date | None, end: date | None, docs: Documents) -> NDArray[np.bool_]:
    """[docs] whether published from `start` to `end`, both inclusive days; the undated never are."""
    published = collection.published()[docs]
    found: NDArray[np.bool_] = published != UNDATED
    if start is not None:
        found &= published >= (start.toordinal() - _EPOCH) * DAY - ZONE
    if end is not None:
        found &= published < (end.toordinal() - _EPOCH + 1) * DAY - ZONE
    return found
