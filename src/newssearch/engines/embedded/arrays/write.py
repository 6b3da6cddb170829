"""The fields of a segment out of sorted runs: what a build and a merge share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....vietnamese.fold import fold
from .encode import bounds_of, runs_at
from .invert import Postings, Run, stable_order
from .layout import ContainerWriter, Spool
from .merge import Source, merged
from .postings import FieldWriter

POSITIONAL: frozenset[str] = frozenset({"text", "title"})


def write_fields(
    container: ContainerWriter,
    sources: Mapping[str, tuple[Sequence[str], Sequence[Source]]],
    documents: int,
    numbers: NDArray[np.int32] | None,
    folder: Path,
) -> dict[str, int]:
    """Write the sections of `text`, `folded`, `title` and `word`; returns how many terms each has.

    sources[field] are the field's terms, ascending, and its runs; numbers[document] as `merged` wants them.
    """
    counts: dict[str, int] = {}
    for field, (terms, runs) in sources.items():
        writer = FieldWriter(folder, documents, positions=field in POSITIONAL)
        folding = _Folding(terms, folder) if field == "text" else None
        try:
            for low, high, postings in merged(runs, len(terms), numbers):
                writer.add(postings)
                if folding:
                    folding.add(low, high, postings)
            kept = writer.finish(container, field, terms)
            counts[field] = len(kept)
            if folding:
                counts["folded"] = folding.finish(container, kept, documents)
        finally:
            writer.close()
            if folding:
                folding.close()
    return counts


class _Folding:
    """Makes the field `folded` from the postings of `text`: spellings of one form are united."""

    def __init__(self, terms: Sequence[str], folder: Path) -> None:
        forms = [fold(term) for term in terms]
        self._forms = sorted(set(forms))
        number = {form: n for n, form in enumerate(self._forms)}
        self._form = np.fromiter((number[form] for form in forms), np.int64, len(forms))
        spellings = np.bincount(self._form, minlength=len(self._forms))
        self._united = spellings[self._form] > 1
        self._folder = folder
        self._spool = Spool(folder)
        self._runs: list[Run] = []

    def add(self, low: int, high: int, postings: Postings) -> None:
        """Take the postings of the next terms of `text`; those of forms with one spelling stay where they are."""
        chosen = np.flatnonzero(self._united[low:high] & (postings.df > 0))
        forms = self._form[low:high][chosen]
        order = stable_order(forms, len(self._forms))
        chosen, forms = chosen[order], forms[order]
        df = postings.df[chosen]
        moved = runs_at(bounds_of(postings.df)[:-1][chosen], df)
        run = Run(forms, Postings(df, df, postings.docs[moved], postings.freqs[moved], None))
        run.spill(self._spool)
        self._runs.append(run)

    def finish(self, container: ContainerWriter, kept: NDArray[np.int64], documents: int) -> int:
        """Write the field and which terms of `text` each form stands for; returns the number of forms."""
        writer = FieldWriter(self._folder, documents, positions=False)
        for _, _, postings in merged(self._runs, len(self._forms), disjoint=False):
            writer.add(postings)
        form = self._form[kept]
        here = np.bincount(form, minlength=len(self._forms)) > 0
        forms = writer.finish(container, "folded", self._forms, keep=here)
        renumber = np.cumsum(here) - 1
        form = renumber[form]
        container.add_narrow("text.folded", form)
        container.add_narrow("folded.spellings", stable_order(form, len(forms)))
        container.add_narrow("folded.spelled", bounds_of(np.bincount(form, minlength=len(forms))))
        return len(forms)

    def close(self) -> None:
        """Let go of what is on disk."""
        self._spool.close()
