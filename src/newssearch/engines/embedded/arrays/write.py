"""The fields of a segment out of sorted runs: what a build and a merge share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, wait
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ....vietnamese.fold import fold
from .encode import bounds_of, runs_at
from .invert import Postings, Run, stable_order
from .layout import ContainerWriter, Spool
from .pairs import Recount, encoded_pairs
from .postings import POSITIONAL, FieldWriter
from .runs import Source, merged

STORED_FIELDS: tuple[str, ...] = tuple(name for name in INDEXED_FIELDS if name != "folded")
"""`folded` follows from `text`"""


def write_fields(
    container: ContainerWriter,
    sources: Mapping[str, tuple[Sequence[str], Sequence[Source]]],
    documents: int,
    numbers: NDArray[np.int32] | None,
    pairs: Sequence[Run] | None,
    folder: Path,
    worker: Executor,
) -> dict[str, int]:
    """Write the sections of `text`, `folded`, `pairs`, `title` and `word`; returns how many terms, or pairs, each has.

    sources[field] are the field's terms, ascending, and its runs; numbers[document] as `merged` wants them; `pairs` are counted runs of pairs by the
    numbers of `terms`, None to count them from the positions. `worker` encodes what does not wait for `text`.
    """
    others = {
        field: worker.submit(_encoded, field, *sources[field], documents, numbers, folder)
        for field in STORED_FIELDS[1:]
    }
    if pairs is not None:
        others["pairs"] = worker.submit(encoded_pairs, pairs, len(sources["text"][0]), folder)
    counted: FieldWriter | None = None
    try:
        counts, counted = _write_text(container, *sources["text"], documents, numbers, folder, recount=pairs is None)
        for field in STORED_FIELDS[1:]:
            counts[field] = len(others[field].result().finish(container, field, sources[field][0]))
        of_pairs = counted or others["pairs"].result()
        of_pairs.finish(container, "pairs", None, keep=np.ones(counts["text"], np.bool_))
        counts["pairs"] = of_pairs.postings
        return counts
    finally:
        wait(others.values())
        for encoded in others.values():
            if not encoded.exception():
                encoded.result().close()
        if counted:
            counted.close()


def _encoded(
    field: str,
    terms: Sequence[str],
    runs: Sequence[Source],
    documents: int,
    numbers: NDArray[np.int32] | None,
    folder: Path,
) -> FieldWriter:
    """The postings of a field, to be finished."""
    writer = FieldWriter(folder, documents, positions=field in POSITIONAL)
    try:
        for _, _, postings in merged(runs, len(terms), numbers):
            writer.add(postings)
    except BaseException:
        writer.close()
        raise
    return writer


def _write_text(
    container: ContainerWriter,
    terms: Sequence[str],
    runs: Sequence[Source],
    documents: int,
    numbers: NDArray[np.int32] | None,
    folder: Path,
    *,
    recount: bool,
) -> tuple[dict[str, int], FieldWriter | None]:
    """Write `text` and `folded`; returns how many terms they have, and the pairs if they are to be counted anew."""
    writer = FieldWriter(folder, documents, positions=True)
    folding = _Folding(terms, folder)
    recounted = Recount(sum(int(run.cf.sum()) for run in runs), documents, folder) if recount else None
    try:
        for low, high, postings in merged(runs, len(terms), numbers):
            writer.add(postings)
            folding.add(low, high, postings)
            if recounted:
                recounted.add(low, postings)
        kept = writer.finish(container, "text", terms)
        counts = {"text": len(kept), "folded": folding.finish(container, kept, documents)}
        if recounted:
            final = np.zeros(len(terms), np.int64)
            final[kept] = np.arange(len(kept))
            return counts, encoded_pairs(recounted.runs(final, len(kept)), len(kept), folder)
        return counts, None
    finally:
        writer.close()
        folding.close()
        if recounted:
            recounted.close()


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
