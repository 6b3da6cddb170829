"""Runs on disk give the postings that they had in memory, in any number and beside runs that stayed there."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from newssearch.engines.embedded.arrays import runs as merging
from newssearch.engines.embedded.arrays.build import ranks
from newssearch.engines.embedded.arrays.invert import Postings, TakenRows, invert, stable_order
from newssearch.engines.embedded.arrays.layout import Spool
from newssearch.engines.embedded.arrays.runs import Source, merged, summed
from newssearch.engines.embedded.arrays.sorted_run import Run
from newssearch.engines.embedded.arrays.spill import SpilledRuns, cuts_of

Row = tuple[int, int, int]
"""document, position, term"""


@st.composite
def lots(draw: st.DrawFn) -> tuple[list[list[Row]], NDArray[np.int64]]:
    """Rows run by run, each with documents of its own, ascending; and an order of the terms."""
    terms = draw(st.integers(1, 40))
    found: list[list[Row]] = []
    for number in range(draw(st.integers(1, 6))):
        document = st.integers(300 * number, 300 * number + 299)
        row = st.tuples(document, st.integers(0, 70_000), st.integers(0, terms - 1))
        found.append(sorted(draw(st.lists(row, min_size=1, max_size=30, unique=True))))
    return found, np.array(draw(st.permutations(range(terms))), np.int64)


def run_of(rows: list[Row], order: NDArray[np.int64], *, positions: bool) -> Run:
    document, position, number = (np.array(column) for column in zip(*rows, strict=True))
    rank = ranks(order)
    used = order[np.isin(order, number)]
    term = np.searchsorted(rank[used], rank[number])
    base = int(document[0])
    taken = TakenRows(term, document - base, position.astype(np.uint32) if positions else None, base)
    return Run(used, invert(taken, stable_order(term, len(used)), len(used)))


def joined(chunks: list[Postings]) -> list[list[int]]:
    columns = [[chunk.df, chunk.cf, chunk.docs, chunk.freqs, chunk.gaps] for chunk in chunks]
    return [np.concatenate(column).tolist() for column in zip(*columns, strict=True) if column[0] is not None]


@settings(max_examples=60, deadline=None)
@given(lots(), st.lists(st.booleans(), min_size=6, max_size=6), st.booleans())
def test_what_lies_on_disk_is_merged_as_what_lies_in_memory(
    drawn: tuple[list[list[Row]], NDArray[np.int64]], spill_after: list[bool], positions: bool
) -> None:
    """Terms that are new when some runs are on disk move the numbers of the others; what lies there is cut at the same terms."""
    rows, order = drawn
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(merging, "CHUNK", 5)
        spool = Spool(Path(folder))
        sources: list[SpilledRuns | Run] = []
        held: list[Run] = []
        cuts: NDArray[np.int64] | None = None
        known = 0
        for lot, spill in zip(rows, spill_after, strict=False):
            known = max(known, *(term + 1 for _, _, term in lot))
            here = order[order < known]
            held.append(run_of(lot, here, positions=positions))
            if spill:
                if cuts is None:
                    cuts = cuts_of(held, here)
                sources.append(SpilledRuns(held, cuts, ranks(here), spool))
                held = []
        sources += held
        plain: list[Source] = [run_of(lot, order, positions=positions) for lot in rows]
        for source in (*sources, *plain):
            assert isinstance(source, Run | SpilledRuns)
            source.renumber(ranks(order))
        expected = joined([postings for _, _, postings in merged(plain, len(order))])
        assert joined([postings for _, _, postings in merged(list(sources), len(order))]) == expected
        if not positions:
            expected = joined(list(summed(plain, len(order))))
            assert joined(list(summed(list(sources), len(order)))) == expected
        spool.close()


def test_a_run_on_disk_holds_nothing_and_is_read_as_before(tmp_path: Path) -> None:
    rows = [(number, 3 * number % 500, number % 7) for number in range(2_000)]
    order = np.arange(7)
    run, spool = run_of(rows, order, positions=True), Spool(tmp_path)
    before = joined([run.whole()[1]])
    run.spill(spool)
    assert run.nbytes == 0
    assert joined([run.whole()[1]]) == before
    spool.close()
