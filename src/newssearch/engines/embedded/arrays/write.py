"""The fields of a segment out of sorted runs: what a build and a merge share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, wait
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ....vietnamese.fold import fold
from .encode import bounds_of, runs_at
from .forward import Forward
from .invert import Postings, Run, stable_order
from .layout import ContainerWriter, Spool
from .pairs import encoded_pairs, sort_pairs
from .phrases import CountedRun, FrequentRows, frequent_terms, runs_of_frequent, write_frequent
from .postings import POSITIONAL, FieldWriter
from .runs import Source, merged

STORED_FIELDS: tuple[str, ...] = tuple(name for name in INDEXED_FIELDS if name != "folded")
"""`folded` follows from `text`"""


def write_fields(
    container: ContainerWriter,
    sources: Mapping[str, tuple[Sequence[str], Sequence[Source]]],
    documents: int,
    numbers: NDArray[np.int32] | None,
    counted: tuple[Sequence[CountedRun], NDArray[np.int64]] | None,
    folder: Path,
    worker: Executor,
) -> dict[str, int]:
    """Write the sections of `text`, `folded`, `phrases`, `word`, `title` and `pairs`; returns how many terms, or pairs, each has.

    sources[field] are the field's terms, ascending, and its runs; numbers[document] as `merged` wants them. `counted` are the pairs of each run of `text`
    and the number of each term that they know; None to count pairs from the positions. `worker` encodes what does not wait for `text`.
    """
    others = {
        field: worker.submit(_encoded, field, *sources[field], documents, numbers, folder)
        for field in STORED_FIELDS[1:]
    }
    if counted:
        runs = [of_run.counts for of_run in counted[0]]
        others["pairs"] = worker.submit(encoded_pairs, runs, len(sources["text"][0]), folder)
    anew: FieldWriter | None = None
    try:
        counts, anew = _write_text(container, *sources["text"], documents, numbers, counted, folder)
        for field in STORED_FIELDS[1:]:
            counts[field] = len(others[field].result().finish(container, field, sources[field][0]))
        of_pairs = anew or others["pairs"].result()
        of_pairs.finish(container, "pairs", None, keep=np.ones(counts["text"], np.bool_))
        counts["pairs"] = of_pairs.postings
        return counts
    finally:
        wait(others.values())
        for encoded in others.values():
            if not encoded.exception():
                encoded.result().close()
        if anew:
            anew.close()


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
    counted: tuple[Sequence[CountedRun], NDArray[np.int64]] | None,
    folder: Path,
) -> tuple[dict[str, int], FieldWriter | None]:
    """Write `text`, `folded` and `phrases`; returns how many terms they have, and the pairs if they are to be counted anew."""
    writer = FieldWriter(folder, documents, positions=True)
    folding = _Folding(terms, folder)
    rows = sum(int(run.cf.sum()) for run in runs)
    frequent = frequent_terms(runs, counted[0], len(terms), documents) if counted else None
    frequent_rows = FrequentRows(rows, documents, folder) if frequent is None else None
    forward = Forward(rows, documents, folder) if counted is None else None
    spool = Spool(folder)
    try:
        for low, high, postings in merged(runs, len(terms), numbers):
            writer.add(postings)
            folding.add(low, high, postings)
            if frequent_rows:
                frequent_rows.add(low, postings)
            if forward:
                forward.add(np.arange(low, high), postings)
        kept = writer.finish(container, "text", terms)
        counts = {"text": len(kept), "folded": folding.finish(container, kept, documents)}
        final = np.zeros(len(terms), np.int64)
        final[kept] = np.arange(len(kept))
        if frequent_rows:
            found, of_frequent = frequent_rows.runs()
        elif counted and frequent is not None:
            found, of_frequent = frequent, runs_of_frequent(*counted, frequent)
        counts["phrases"] = write_frequent(container, final[found], of_frequent, documents, folder)
        recounted = _counted(forward, final, len(kept), spool) if forward else None
        return counts, encoded_pairs(recounted, len(kept), folder) if recounted else None
    finally:
        writer.close()
        folding.close()
        spool.close()
        if frequent_rows:
            frequent_rows.close()
        if forward:
            forward.close()


def _counted(forward: Forward, numbers: NDArray[np.int64], terms: int, spool: Spool) -> Iterator[Run]:
    """Pairs counted anew from the rows of the text; numbers[term] are the final numbers of `terms` terms."""
    for term, document, position in forward.blocks():
        run = Run(np.arange(terms), sort_pairs(numbers[term], document, position, terms).counts(terms))
        run.spill(spool)
        yield run


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
