"""A dictionary finds every string that it holds, and no other, however many blocks it has."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays.layout import Container, ContainerWriter
from newssearch.engines.embedded.arrays.strings import Dictionary, encoded, write_dictionary

MANY = 5_000
"""strings: more blocks than a search reads through"""


def dictionary_of(strings: Sequence[str]) -> Dictionary:
    with tempfile.TemporaryDirectory() as folder:
        writer = ContainerWriter(Path(folder), "MAIN_test")
        write_dictionary(writer, "text", strings)
        writer.finish(0, {})
        return Dictionary(Container(Path(folder), "MAIN_test"), "text", len(strings))


def in_order(strings: set[str]) -> list[str]:
    return sorted(strings, key=encoded)


def test_every_string_of_many_blocks_is_found_twice_and_no_other_is() -> None:
    strings = in_order({f"{number * 7919 % MANY:o}ế" for number in range(MANY)})
    dictionary = dictionary_of(strings)
    for _ in range(2):
        assert [dictionary.find(text) for text in strings] == list(range(len(strings)))
    others = (
        {text[:-1] for text in strings}
        | {text[1:] for text in strings}
        | {f"{text}a" for text in strings}
        | {"", "\U0010ffff"}
    )
    assert {dictionary.find(text) for text in others - set(strings)} == {-1}


@given(st.sets(st.text(max_size=3), max_size=40), st.lists(st.text(max_size=3), max_size=10))
def test_any_strings_are_found_at_their_places(strings: set[str], asked: list[str]) -> None:
    ordered = in_order(strings)
    dictionary = dictionary_of(ordered)
    for text in [*ordered, *asked]:
        assert dictionary.find(text) == (ordered.index(text) if text in strings else -1)
        assert dictionary.lower_bound(encoded(text)) == sum(encoded(other) < encoded(text) for other in ordered)
