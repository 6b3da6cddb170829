"""The fields of a segment out of sorted runs: what a build and a merge share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....fields import INDEXED_FIELDS
from ....vietnamese.fold import fold
from .encode import bounds_of, frequent_from, runs_at
from .forward import Forward
from .heap import give_back
from .invert import Postings, stable_order
from .layout import ContainerWriter, Spool
from .pairs import encoded_pairs, sort_pairs
from .phrases import CountedPairs, frequent_terms, run_of_frequent, runs_of_frequent, write_frequent
from .postings import POSITIONAL, FieldWriter
from .runs import Source, ahead, merged, summed
from .sorted_run import Run

STORED_FIELDS: tuple[str, ...] = tuple(name for name in INDEXED_FIELDS if name != "folded")
"""`folded` follows from `text`"""
_CHUNKS_BETWEEN = 32
"""chunks of `text` after which memory is given back"""


def write_fields(
    container: ContainerWriter,
    sources: Mapping[str, tuple[Sequence[str], Sequence[Source]]],
    documents: int,
    numbers: NDArray[np.int32] | None,
    counted: CountedPairs | None,
    folder: Path,
    worker: Executor,
) -> dict[str, int]:
    """Write the sections of `text`, `folded`, `phrases`, `word`, `title` and `pairs`; returns how many terms, or pairs, each has.

    sources[field] are the field's terms, ascending, and its runs; numbers[document] as `merged` wants them. `counted` are the pairs of the runs of `text`;
    None to count pairs from the positions. `worker` does two things at a time: it encodes what does not wait for `text`, and gets the next postings ready while some are encoded.
    """
    others = {
        field: worker.submit(_encoded, field, *sources[field], documents, numbers, folder)
        for field in STORED_FIELDS[1:]
    }
    terms, runs = sources["text"]
    known = frequent_terms(runs, counted, documents) if counted else None
    if counted and known is not None:
        others["pairs"] = worker.submit(encoded_pairs, counted.counts, len(terms), folder)
    forward = None if "pairs" in others else Forward(sum(run.rows for run in runs), documents, folder)
    spool = Spool(folder)
    try:
        kept, df, counts = _write_text(container, terms, runs, documents, numbers, forward, folder, worker)
        if counted and known is not None:
            frequent, of_frequent = known, runs_of_frequent(counted, known, spool)
        else:
            assert forward
            frequent = np.flatnonzero(df >= frequent_from(documents))
            of_pairs, of_frequent = _counted_anew(forward, kept, len(terms), frequent, spool)
            others["pairs"] = worker.submit(encoded_pairs, of_pairs, len(kept), folder)
        counts["phrases"] = write_frequent(container, frequent, of_frequent, documents, folder)
        for field in STORED_FIELDS[1:]:
            counts[field] = len(others[field].result().finish(container, field, sources[field][0]))
        pairs = others["pairs"].result()
        pairs.finish(container, "pairs", None, keep=np.ones(len(kept), np.bool_))
        return counts | {"pairs": pairs.postings}
    finally:
        wait(others.values())
        for encoded in others.values():
            if not encoded.exception():
                encoded.result().close()
        spool.close()
        if forward:
            forward.close()


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
    forward: Forward | None,
    folder: Path,
    worker: Executor,
) -> tuple[NDArray[np.int64], NDArray[np.int64], dict[str, int]]:
    """Write `text` and `folded`; returns the terms that were kept with their document frequencies, and how many terms there are."""
    writer = FieldWriter(folder, documents, positions=True)
    folding = _Folding(terms, folder)
    df = np.zeros(len(terms), np.int64)
    folded: Future[FieldWriter] | None = None
    try:
        for number, (low, high, postings) in enumerate(ahead(folding.taken(merged(runs, len(terms), numbers)), worker)):
            df[low:high] = postings.df
            writer.add(postings)
            if forward:
                forward.add(np.arange(low, high), postings)
            if number % _CHUNKS_BETWEEN == _CHUNKS_BETWEEN - 1:
                give_back()
        folded = worker.submit(folding.encoded, documents)
        kept = writer.finish(container, "text", terms)
        return kept, df[kept], {"text": len(kept), "folded": folding.finish(container, folded.result(), kept)}
    finally:
        writer.close()
        if folded and not folded.exception():
            folded.result().close()
        folding.close()


def _counted_anew(
    forward: Forward, kept: NDArray[np.int64], terms: int, frequent: NDArray[np.int64], spool: Spool
) -> tuple[list[Run], list[Run]]:
    """The pairs of the text's rows, counted; and the documents of those of frequent terms. `frequent` are numbers among the kept terms."""
    numbers = np.zeros(terms, np.int64)
    numbers[kept] = np.arange(len(kept))
    counts, of_frequent = [], []
    for rows in forward.blocks(numbers):
        pairs = sort_pairs(rows, stable_order(rows.term, max(len(kept) - 1, 0)), len(kept))
        counts.append(Run(np.arange(len(kept)), pairs.counts(len(kept))))
        of_frequent.append(run_of_frequent(pairs, len(kept), frequent))
        counts[-1].spill(spool)
        of_frequent[-1].spill(spool)
    return counts, of_frequent


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

    def taken(self, text: Iterator[tuple[int, int, Postings]]) -> Iterator[tuple[int, int, Postings]]:
        """Yield what `merged` yields of `text`, and take it."""
        for low, high, postings in text:
            self._take(low, high, postings)
            yield low, high, postings

    def _take(self, low: int, high: int, postings: Postings) -> None:
        """Take the postings of some terms; those of forms with one spelling stay where they are."""
        chosen = np.flatnonzero(self._united[low:high] & (postings.df > 0))
        forms = self._form[low:high][chosen]
        order = stable_order(forms, len(self._forms))
        chosen, forms = chosen[order], forms[order]
        df = postings.df[chosen]
        moved = runs_at(bounds_of(postings.df)[:-1][chosen], df)
        run = Run(forms, Postings(df, df, postings.docs[moved], postings.freqs[moved], None))
        run.spill(self._spool)
        self._runs.append(run)

    def encoded(self, documents: int) -> FieldWriter:
        """The postings of the field, to be finished."""
        writer = FieldWriter(self._folder, documents, positions=False)
        try:
            for postings in summed(self._runs, len(self._forms)):
                writer.add(postings)
        except BaseException:
            writer.close()
            raise
        return writer

    def finish(self, container: ContainerWriter, encoded: FieldWriter, kept: NDArray[np.int64]) -> int:
        """Write the field and which terms of `text` each form stands for; returns the number of forms."""
        form = self._form[kept]
        here = np.bincount(form, minlength=len(self._forms)) > 0
        forms = encoded.finish(container, "folded", self._forms, keep=here)
        renumber = np.cumsum(here) - 1
        form = renumber[form]
        container.add_narrow("text.folded", form)
        container.add_narrow("folded.spellings", stable_order(form, len(forms)))
        container.add_narrow("folded.spelled", bounds_of(np.bincount(form, minlength=len(forms))))
        return len(forms)

    def close(self) -> None:
        """Let go of what is on disk."""
        self._spool.close()
