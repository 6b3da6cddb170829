"""The matching rule over many documents, against the same rule with the masses of each added up one by one."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from newssearch.engines.base import Question
from newssearch.engines.embedded import executor_matching
from newssearch.engines.embedded.executor import search
from newssearch.fields import RankingParameters
from newssearch.query.nodes import Group, Word

from .memory_source import Document, from_documents


def found_by_hand(has: NDArray[np.bool_]) -> tuple[int, int]:
    """How many rows of [documents, words] have two thirds of the mass of all known words, and how many a third alone."""
    df = has.sum(axis=0)
    masses = np.array([log(1 + (len(has) - n + 0.5) / (n + 0.5)) if n else 0.0 for n in df.tolist()])
    shares = has @ masses / masses.sum()
    return int((shares >= 2 / 3 - 1e-9).sum()), int(((shares < 2 / 3 - 1e-9) & (shares >= 1 / 3 - 1e-9)).sum())


def found(has: NDArray[np.bool_]) -> tuple[int, int]:
    documents = [
        Document(id=str(n), body=["tin", *(f"w{word}" for word in row.nonzero()[0].tolist())])
        for n, row in enumerate(has)
    ]
    words = tuple(Word(f"w{word}") for word in range(has.shape[1]))
    question = Question(root=Group(words), articles=False, facets=False)
    page = search([from_documents(documents)], question, RankingParameters())
    return page.total, page.near


@given(
    st.integers(0, 2**32 - 1),
    st.integers(30, 200),
    st.lists(st.sampled_from((0.02, 0.05, 0.1, 0.2, 0.5, 0.9)), min_size=4, max_size=12),
    st.sampled_from((7, 1 << 16)),
)
@settings(max_examples=60, deadline=None)
def test_what_has_enough_of_the_words_is_found(seed: int, size: int, shares: list[float], chunk: int) -> None:
    has = np.random.default_rng(seed).random((size, len(shares))) < shares
    has[0] = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor_matching, "_CHUNK", chunk)
        assert found(has) == found_by_hand(has)


@pytest.mark.parametrize("words", [6, 9, 12])
def test_words_of_one_mass_are_counted(words: int) -> None:
    # Each word is in as many documents: a document with two thirds, or a third, of the words is on the bound itself.
    has = np.array(
        [[(word - n) % words < kept for word in range(words)] for kept in range(words + 1) for n in range(words)]
    )
    assert found(has) == found_by_hand(has)
    assert found(has)[0] == words * (words // 3 + 1)
