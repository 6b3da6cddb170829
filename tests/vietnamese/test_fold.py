"""Text without accents."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.vietnamese.fold import fold, has_accent
from newssearch.vietnamese.normalize import canonical_tone

LETTERS = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đắk Lắk", "dak lak"),
        ("Buôn Ma Thuột", "buon ma thuot"),
        ("TIẾNG VIỆT", "tieng viet"),
        ("D\u031bu\u031bo\u031b\u0323c", "duoc"),
        ("Beyoncé señor Škoda", "beyonce senor skoda"),
        ("Йод", "иод"),
        ("ß 漢字 한글 กิน हिन्दी", "ß 漢字 한글 กิน हिन्दी"),
        ("2014-08-01 n'jang", "2014-08-01 n'jang"),
    ],
)
def test_fold_takes_accents_away(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_vietnamese_letter_folds_to_one_plain_letter() -> None:
    assert len(fold(LETTERS)) == len(LETTERS)
    assert fold(LETTERS).isascii()
    assert fold(LETTERS.upper()) == fold(LETTERS)


@given(st.text())
def test_fold_is_the_same_for_nfc_and_nfd_and_done_once(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert fold(fold(text)) == fold(text)


@given(st.text(st.sampled_from(LETTERS + "abcdnghqu"), max_size=8))
def test_fold_forgets_where_the_tone_stood(syllable: str) -> None:
    assert fold(canonical_tone(syllable)) == fold(syllable)


@pytest.mark.parametrize("text", ["Đà", "đ", "bò", "bo\u0300", "kĩ", "TIẾNG", "Ư", "Beyoncé"])
def test_vietnamese_letters_have_accents(text: str) -> None:
    assert has_accent(text)


@pytest.mark.parametrize("text", ["", "Nga", "TP.HCM 2014", "señor", "Škoda", "йод ё", "и\u0306", "漢字", "d\u0300", "\u0301"])
def test_other_text_has_none(text: str) -> None:
    assert not has_accent(text)


@pytest.mark.parametrize("letter", LETTERS)
def test_each_letter_alone_has_an_accent(letter: str) -> None:
    assert has_accent(letter)
    assert has_accent(letter.upper())
    assert has_accent(unicodedata.normalize("NFD", letter))
    assert not has_accent(fold(letter))
