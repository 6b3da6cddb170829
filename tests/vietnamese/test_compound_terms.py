"""Runs of syllables become the terms that joining them gives, whatever came before."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newssearch.vietnamese.compound_terms import CompoundTerms

SYLLABLES = ["bảo", "vệ", "an", "ninh", "tổ", "quốc", "a_b", "a", "b", "x" * 40]
runs = st.lists(st.lists(st.integers(0, len(SYLLABLES) - 1), min_size=2, max_size=6), max_size=40)


@given(st.lists(runs, max_size=4))
def test_runs_are_spelled_as_they_are_joined(batches: list[list[list[int]]]) -> None:
    compounds = CompoundTerms(SYLLABLES)
    for batch in batches:
        syllable = np.array([number for run in batch for number in run], np.int32)
        lengths = np.array([len(run) for run in batch], np.int32)
        numbers = compounds.numbers_of(syllable, lengths.cumsum() - lengths, lengths)
        assert [compounds.terms[number] for number in numbers.tolist()] == ["_".join(SYLLABLES[t] for t in run) for run in batch]
    assert len(set(compounds.terms)) == len(compounds.terms)


def test_many_runs_find_their_terms_again() -> None:
    syllables = [f"s{number}" for number in range(400)]
    compounds = CompoundTerms(syllables)
    syllable = np.random.default_rng(7).integers(0, 400, 60_000).astype(np.int32)
    first = np.arange(0, 60_000, 3)
    lengths = np.full(len(first), 3)
    numbers = compounds.numbers_of(syllable, first, lengths)
    np.testing.assert_array_equal(compounds.numbers_of(syllable, first, lengths), numbers)
    expected = ["_".join(syllables[t] for t in syllable[begin : begin + 3].tolist()) for begin in first.tolist()]
    assert [compounds.terms[number] for number in numbers.tolist()] == expected
