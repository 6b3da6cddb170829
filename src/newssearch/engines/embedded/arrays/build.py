"""Builds a segment out of analysed batches within a budget of memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ....fields import Analysed, stored_article
from .articles import ArticleWriter
from .columns import DocumentColumns
from .heap import give_back
from .invert import WaitingRows, invert, stable_order
from .layout import ContainerWriter, Manifest, Spool
from .pairs import sort_pairs
from .phrases import CountedPairs, FrequentPairs, frequent_pairs
from .postings import POSITIONAL
from .runs import Source
from .sorted_run import Run
from .spill import SpilledRuns, cuts_of
from .term_numbers import TermNumbers
from .write import STORED_FIELDS, write_fields

_BYTES_PER_ROW = 96
"""of memory that inverting a row takes for a moment"""
_MOST_ROWS = 1 << 20
"""a longer run sorts slower, for the processor's cache"""

_RUNS_BETWEEN = 8
"""runs after which memory is given back: more often costs time"""


_Waiting = dict[str, tuple[int, WaitingRows]]
"""by field: how many terms it has, and rows"""


_PAIRS = "pairs"
"""beside the fields: pairs of terms of `text`"""
_FIELD_OF = {_PAIRS: "text"}


class SegmentBuilder:
    """Collects analysed batches and writes them as one segment. Of several documents with one id the last one stays."""

    def __init__(self, folder: Path, name: str, *, memory: int = 512 << 20) -> None:
        """Prepare a segment `name` (MAIN_<id>) in `folder`; about `memory` bytes are held before postings go to disk."""
        self.name = name
        self.documents = 0
        """documents added, dropped ones included"""
        self.rows = 0
        """tokens added"""
        self._folder = folder
        self._memory = memory
        self._run_rows = max(1, min(_MOST_ROWS, memory // 3 // _BYTES_PER_ROW))
        self._place: dict[str, int] = {}
        self._dropped: set[int] = set()
        self._terms = {field: TermNumbers() for field in STORED_FIELDS}
        self._waiting = {field: WaitingRows() for field in STORED_FIELDS}
        self._runs: dict[str, list[Run]] = {name: [] for name in (*STORED_FIELDS, _PAIRS)}
        """those in memory"""
        self._spilled: dict[str, list[SpilledRuns]] = {name: [] for name in self._runs}
        self._cuts: dict[str, NDArray[np.int64]] = {}
        self._frequent: list[FrequentPairs] = []
        self._held = 0
        self._spool: Spool | None = None
        self._articles = ArticleWriter(folder)
        self._worker = ThreadPoolExecutor(2, "newssearch-segment")
        self._job: Future[None] | None = None
        self._columns = DocumentColumns()

    def add(self, analysed: Analysed) -> int:
        """Take a batch and return the number of its first document, as `drop` wants it."""
        first, count = self.documents, len(analysed.articles)
        self.documents += count
        for field in STORED_FIELDS:
            self._add_rows(field, analysed, first)
        for number, article in enumerate(analysed.articles, first):
            before = self._place.get(article.id)
            if before is not None:
                self._dropped.add(before)
            self._place[article.id] = number
        self._columns.add(analysed)
        articles = analysed.stored if analysed.stored is not None else list(map(stored_article, analysed.articles))
        rows = None
        if sum(rows.count for rows in self._waiting.values()) >= self._run_rows:
            rows = self._take_rows()
        self._in_background(partial(self._work, articles, rows))
        return first

    def _take_rows(self) -> _Waiting:
        """The rows of each field that wait, with the number of the field's terms."""
        return {
            field: (len(self._terms[field].names), rows.take()) for field, rows in self._waiting.items() if rows.count
        }

    def _in_background(self, job: Callable[[], None]) -> None:
        """Do something while the next batch is analysed; one thing at a time. Raises what the one before raised."""
        self._wait()
        self._job = self._worker.submit(job)

    def _wait(self) -> None:
        job, self._job = self._job, None
        if job:
            job.result()

    def _work(self, articles: Sequence[bytes], rows: _Waiting | None) -> None:
        self._articles.add(articles)
        if rows:
            self._invert(rows)

    def _add_rows(self, field: str, analysed: Analysed, first: int) -> None:
        tokens = analysed.fields[field]
        term = tokens.term
        used = np.bincount(term, minlength=len(tokens.terms)) > 0
        numbers = self._terms[field].numbers_of(tokens.terms, used)
        # `title` shares the list of `text`, of which it uses little.
        if len(numbers) < len(used):
            term = (np.cumsum(used) - 1)[term]
        self._waiting[field].add(numbers, term, tokens.document, tokens.position, first)
        self.rows += len(term)

    def drop(self, document: int) -> None:
        """Leave a document out."""
        self._dropped.add(document)

    def ids(self) -> list[str]:
        """The ids of the documents that will be written, in order: id i becomes document i of the segment."""
        return [id for number, id in enumerate(self._columns.ids) if number not in self._dropped]

    def _invert(self, waiting: _Waiting) -> None:
        for field, (terms, waiting_rows) in waiting.items():
            order_of_names = self._terms[field].order(terms)
            used = order_of_names.compress(waiting_rows.used(terms).take(order_of_names))
            local = np.zeros(terms, np.int32)
            local[used] = np.arange(len(used))
            rows = waiting_rows.joined(local, positions=field in POSITIONAL)
            order = stable_order(rows.term, max(len(used) - 1, 0))
            postings = invert(rows, order, len(used))
            run = Run(used, postings)
            self._runs[field].append(run)
            self._held += run.nbytes
            if field == "text":
                documents = int(rows.document[-1]) + 1
                pairs = sort_pairs(rows, order, len(used))
                counts = Run(used, pairs.counts(len(used)), of_terms=True)
                self._runs[_PAIRS].append(counts)
                self._frequent.append(frequent_pairs(pairs, used, postings.df, documents))
                self._held += counts.nbytes + self._frequent[-1].nbytes
        if self._held > self._memory // 4:
            self._spill()
        elif self._frequent and len(self._frequent) % _RUNS_BETWEEN == 0:
            give_back()

    def _spill(self) -> None:
        spool = self._spool = self._spool or Spool(self._folder)
        for name, runs in self._runs.items():
            if runs:
                order = self._terms[_FIELD_OF.get(name, name)].order(0)
                if name not in self._cuts:
                    self._cuts[name] = cuts_of(runs, order)
                self._spilled[name].append(SpilledRuns(runs, self._cuts[name], ranks(order), spool))
                self._runs[name] = []
        self._frequent = [of_frequent.spilled(spool) for of_frequent in self._frequent]
        self._held = 0
        give_back()

    def finish(self) -> Manifest:
        """Write the segment's one file, not synced, and return its manifest. Raises ValueError when no document is left."""
        try:
            return self._finish()
        finally:
            self._close()

    def _finish(self) -> Manifest:
        kept = np.ones(self.documents, np.bool_)
        kept[list(self._dropped)] = False
        documents = int(kept.sum())
        if not documents:
            raise ValueError("a segment needs a document")
        self._wait()
        self._invert(self._take_rows())
        if self._spool:
            # What is large enough for the disk leaves the memory to what is done now.
            self._spill()
        numbers = np.where(kept, np.cumsum(kept) - 1, -1).astype(np.int32)
        container = ContainerWriter(self._folder, self.name)
        try:
            whole = not self._dropped
            sources, pairs = self._sorted_runs()
            counts = write_fields(
                container,
                sources,
                documents,
                None if whole else numbers,
                pairs if whole else None,
                self._folder,
                self._worker,
            )
            self._columns.write(container, kept)
            self._articles.finish(container, None if whole else kept)
            return container.finish(documents, counts)
        except BaseException:
            container.discard()
            raise

    def _sorted_runs(self) -> tuple[dict[str, tuple[list[str], list[Source]]], CountedPairs]:
        """The terms of each field, ascending, and its runs with the terms' numbers in that order; and the pairs."""
        found = {}
        for field in STORED_FIELDS:
            names = self._terms[field].names
            order = self._terms[field].order(len(names))
            found[field] = [names[t] for t in order.tolist()], self._renumbered(field, ranks(order))
        rank = ranks(self._terms["text"].order(0))
        return found, CountedPairs(self._renumbered(_PAIRS, rank), self._frequent, rank)

    def _renumbered(self, name: str, rank: NDArray[np.int32]) -> list[Source]:
        runs: list[SpilledRuns | Run] = [*self._spilled[name], *self._runs[name]]
        for run in runs:
            run.renumber(rank)
        return list(runs)

    def discard(self) -> None:
        """Forget everything; nothing of the segment stays on disk."""
        self._close()

    def _close(self) -> None:
        self._worker.shutdown()
        self._job = None
        self._articles.close()
        self._runs, self._spilled, self._frequent = {}, {}, []
        self._terms, self._waiting = {}, {}
        self._place, self._columns = {}, DocumentColumns()
        if self._spool:
            self._spool.close()
            give_back()


def ranks(order: NDArray[np.int64]) -> NDArray[np.int32]:
    """[terms] the place of each in an order."""
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order))
    return rank
