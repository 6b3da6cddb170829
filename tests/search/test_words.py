"""Words are counted as `str.split` would split them."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from newssearch.search.words import count_words
from newssearch.vietnamese.scan_terms import join


def words_of(*texts: str) -> int:
    joined = join(texts)
    return count_words(joined.points, [(joined.begins[0], joined.begins[-1])])[0]


def test_every_character_separates_words_or_does_not_as_in_str_split() -> None:
    every = [chr(code) for code in range(sys.maxunicode + 1)]
    assert words_of("a".join(every)) == len("a".join(every).split())
    for character in filter(str.isspace, every):
        assert words_of(f"a{character}b") == 2


@given(st.lists(st.text(st.sampled_from("aế \n\t\u3000\U0001f600\ud83d\ude00"), max_size=12), max_size=3))
def test_the_words_of_several_texts_are_summed(texts: list[str]) -> None:
    assert words_of(*texts) == sum(len(text.split()) for text in texts)
    joined = join(texts)
    spans = list(zip(joined.begins, joined.begins[1:], strict=False))
    assert count_words(joined.points, spans) == [len(text.split()) for text in texts]
