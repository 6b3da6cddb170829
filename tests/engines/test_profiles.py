"""Counting documents that are alike once gives what counting each gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from newssearch.engines.base import Question
from newssearch.engines.embedded.executor import Executor
from newssearch.engines.embedded.executor_profiles import profiles_of
from newssearch.fields import RankingParameters
from newssearch.query.nodes import Group, Word

from .memory_source import Document, from_documents


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 4), st.integers(0, 4000))
def test_profiles_have_the_codes_of_their_documents(seed: int, columns: int, values: int, documents: int) -> None:
    drawn = np.random.default_rng(seed)
    codes = {str(n): drawn.integers(0, values, documents).astype(np.int32) for n in range(columns)}
    profiles = profiles_of(codes)
    if profiles is None:
        assert len(set(zip(*codes.values(), strict=True))) * 16 > documents or not documents
        return
    some = drawn.random(documents) < 0.3
    alike = np.bincount(profiles.codes[some], minlength=len(profiles.counts))
    for name, column in codes.items():
        assert_array_equal(profiles.columns[name][profiles.codes], column)
        assert_array_equal(np.bincount(profiles.columns[name], alike, values), np.bincount(column[some], minlength=values))
    assert profiles.counts.sum() == documents


def test_columns_that_tell_all_documents_apart_have_no_profiles() -> None:
    assert profiles_of({"author": np.arange(1000, dtype=np.int32)}) is None
    assert profiles_of({"author": np.arange(20_000, dtype=np.int32), "source": np.arange(20_000, dtype=np.int32)}) is None


def test_a_warm_executor_counts_broad_matches_as_a_cold_one() -> None:
    documents = [
        Document(id=str(n), body=["giá", "vàng"][n % 3 == 0 :], source=f"Báo {n % 2}", section=["Kinh tế", ""][n % 5 == 0], author="Lan")
        for n in range(400)
    ]
    question, parameters = Question(root=Group((Word("giá"),)), limit=0, articles=False), RankingParameters()
    cold, warm = (Executor([from_documents(documents)]) for _ in range(2))
    warm.warm(parameters)
    assert warm._collection.profiles is not None
    counted = warm.search(question, parameters)
    assert counted.total == 266
    assert counted == cold.search(question, parameters)
