"""Text at one byte a letter comes back as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newssearch.vietnamese.letters import LETTERS, UTF_8, decoded, encoded


@given(st.text() | st.text(st.sampled_from(LETTERS)))
@example("\ud83d\ude00")
@example(decoded(bytes([0xEE]) + UTF_8))
@example(LETTERS[0xEF] + LETTERS[0xBB] + LETTERS[0xBF])
def test_any_text_comes_back(text: str) -> None:
    assert decoded(encoded(text)) == text


def test_what_newspapers_write_takes_a_byte_a_letter() -> None:
    text = "“Đắk Lắk – Đồng Nẵng”: quỹ NGHỈ DƯỠNG… 30 °C,\n5 m² (100%)"
    assert len(encoded(text)) == len(text)
    assert encoded("abc {}") == b"abc {}"
    assert encoded("Пу́тин") == UTF_8 + "Пу́тин".encode()


def test_each_byte_but_one_stands_for_a_letter_of_its_own() -> None:
    assert len(set(LETTERS)) == len(LETTERS) == 256
    with pytest.raises(ValueError, match="character maps to"):
        decoded(b"a\xff")


def test_letters_of_another_time_are_read_by_their_own_table() -> None:
    assert decoded(b"\x80\x81", LETTERS[:0x80] + "жш" + LETTERS[0x82:]) == "жш"
