"""The pairs of rows, held against every two rows looked at."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays.invert import TakenRows, stable_order
from newssearch.engines.embedded.arrays.layout import narrow
from newssearch.engines.embedded.arrays.pairs import SortedPairs, sort_pairs

TERMS = 4
BASE = 7
ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(0, TERMS - 1)), max_size=40)
"""(is it the first of a document, steps from the row before, term); steps of 0 are alternatives"""


def made(rows: list[tuple[int, int, int]]) -> tuple[SortedPairs, list[tuple[int, int, int]]]:
    """The pairs of rows, and the rows as (document, position, term)."""
    placed: list[tuple[int, int, int]] = []
    document, position = 0, 0
    for opens, step, term in rows:
        document, position = (document + 1, step) if opens else (document, position + step)
        placed.append((document, position, term))
    columns = np.array(placed, np.int64).reshape(-1, 3).T
    taken = TakenRows(narrow(columns[2]), narrow(columns[0]), narrow(columns[1]), BASE)
    return sort_pairs(taken, stable_order(taken.term, TERMS - 1), TERMS), placed


@given(ROWS)
def test_pairs_are_all_rows_with_all_rows_at_the_next_position(rows: list[tuple[int, int, int]]) -> None:
    pairs, placed = made(rows)
    expected = Counter((a[2], b[2], a[0] + BASE) for a in placed for b in placed if a[0] == b[0] and a[1] + 1 == b[1])
    found: Counter[tuple[int, int, int]] = Counter()
    postings = pairs.postings(np.arange(len(pairs.first)))
    keys = [
        key
        for key, df in zip(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True), postings.df, strict=True)
        for _ in range(df)
    ]
    for (first, second), document, freq in zip(keys, postings.docs.tolist(), postings.freqs.tolist(), strict=True):
        found[first, second, document] += freq
    assert found == expected
    assert keys == sorted(keys)


@given(ROWS)
def test_counts_are_of_documents(rows: list[tuple[int, int, int]]) -> None:
    pairs, placed = made(rows)
    together = {(a[2], b[2], a[0]) for a in placed for b in placed if a[0] == b[0] and a[1] + 1 == b[1]}
    expected = Counter((first, second) for first, second, _ in together)
    counts = pairs.counts(TERMS)
    firsts = np.repeat(np.arange(TERMS), counts.df).tolist()
    assert dict(zip(zip(firsts, counts.docs.tolist(), strict=True), counts.freqs.tolist(), strict=True)) == expected
