"""Names keep their numbers, whichever list they come from, and stand in their order at any time."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays.term_numbers import TermNumbers
from newssearch.vietnamese.numbered import Numbered


class Terms:
    def __init__(self) -> None:
        self.terms: list[str] = []


names = st.text("aăz_\x00\ud800\U0001f600", max_size=4) | st.sampled_from(["", "nghiêng"]).map(lambda end: "nghiêng_" * 5 + end)
batches = st.lists(st.tuples(st.integers(0, 2), st.lists(names, max_size=12, unique=True), st.booleans()), max_size=8)


def test_a_few_terms_of_a_long_list() -> None:
    numbers, source = TermNumbers(), Terms()
    source.terms = [f"t{number}" for number in range(100)]
    for there in ([7, 3], list(range(50)), [99, 3]):
        found = numbers.numbers_of(Numbered(source, np.array(there)), np.ones(len(there), np.bool_))
        assert [numbers.names[number] for number in found.tolist()] == [source.terms[number] for number in there]


@given(batches)
def test_numbers_and_order(made: list[tuple[int, list[str], bool]]) -> None:
    numbers = TermNumbers()
    lists = [Terms(), Terms()]
    for which, batch, is_ordered in made:
        chosen = np.array([len(name) % 3 > 0 for name in batch], np.bool_)
        if which == 2:
            found = numbers.numbers_of(batch, chosen)
        else:
            known = lists[which].terms
            known += [name for name in batch if name not in known]
            found = numbers.numbers_of(Numbered(lists[which], np.array([known.index(name) for name in batch], np.uint16)), chosen)
        assert [numbers.names[number] for number in found.tolist()] == [name for name, is_chosen in zip(batch, chosen.tolist(), strict=True) if is_chosen]
        if is_ordered:
            assert [numbers.names[number] for number in numbers.order(len(numbers.names)).tolist()] == sorted(numbers.names)
    assert len(set(numbers.names)) == len(numbers.names)
