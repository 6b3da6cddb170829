"""Who answers to which key, against a dictionary."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.indexing import owners
from newssearch.indexing.owners import Owners

KEYS = st.sampled_from([f"id:{n}" for n in range(12)])
STEPS = st.lists(st.one_of(st.tuples(st.sampled_from("abcdef"), st.lists(KEYS, max_size=3)), KEYS), max_size=40)


@pytest.mark.parametrize("waiting", [0, 5, 1 << 16])
@given(steps=STEPS)
def test_the_last_article_with_a_key_answers_to_it(waiting: int, steps: list[tuple[str, list[str]] | str]) -> None:
    known: dict[str, str] = {}
    found = Owners()
    before, owners._WAITING = owners._WAITING, waiting
    try:
        for step in steps:
            if isinstance(step, str):
                assert found.get(step) == known.get(step)
            else:
                known.update(dict.fromkeys(step[1], step[0]))
                found.add(*step)
    finally:
        owners._WAITING = before
