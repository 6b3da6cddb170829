"""Text as it is stored, and the tone mark in its place."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newssearch.vietnamese.normalize import canonical_tone, clean, nfc, other_spelling

ONSETS = re.findall(r"\w+", "b c d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x")
TONES = "\u0300\u0301\u0309\u0303\u0323"
syllables = st.builds(
    lambda onset, vowels, coda: onset + "".join(vowels) + coda,
    st.sampled_from(["", *ONSETS]),
    st.lists(st.sampled_from([*"aăâeêioôơuưy", *"àáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"]), max_size=3),
    st.sampled_from(["", "c", "ch", "m", "n", "ng", "nh", "p", "t"]),
)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("hoà", "hòa"),
        ("hòa", "hòa"),
        ("thuỵ", "thụy"),
        ("khoẻ", "khỏe"),
        ("uỷ", "ủy"),
        ("oà", "òa"),
        ("thuở", "thuở"),
        ("quý", "quý"),
        ("qúy", "quý"),
        ("quà", "quà"),
        ("qùa", "quà"),
        ("già", "già"),
        ("gìa", "già"),
        ("gì", "gì"),
        ("gìn", "gìn"),
        ("giếng", "giếng"),
        ("hoàn", "hoàn"),
        ("hòan", "hoàn"),
        ("tuyết", "tuyết"),
        ("huýt", "huýt"),
        ("khuỷu", "khuỷu"),
        ("ngoáy", "ngoáy"),
        ("của", "của"),
        ("chiêù", "chiều"),
        ("ngươì", "người"),
        ("moóc", "moóc"),
    ],
)
def test_tone_stands_where_the_1984_rule_puts_it(typed: str, canonical: str) -> None:
    assert canonical_tone(typed) == canonical


@pytest.mark.parametrize("word", ["", "hoa", "beyoncé", "hernández", "día", "xyzoà", "hoàà", "hoà bình", "м́ир", "12", "n'jang", "señor"])
def test_what_is_no_syllable_stays(word: str) -> None:
    assert canonical_tone(word) == word


@given(syllables)
def test_canonical_tone_moves_nothing_but_one_tone(syllable: str) -> None:
    canonical = canonical_tone(syllable)
    assert canonical_tone(canonical) == canonical

    def parts(text: str) -> tuple[str, list[str]]:
        letters = unicodedata.normalize("NFD", text)
        return "".join(c for c in letters if c not in TONES), sorted(c for c in letters if c in TONES)

    assert parts(canonical) == parts(syllable)


@given(st.text())
def test_canonical_tone_is_safe_on_any_text(text: str) -> None:
    assert canonical_tone(canonical_tone(text)) == canonical_tone(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("kỹ", "kĩ"), ("mỹ", "mĩ"), ("lý", "lí"), ("tỷ", "tỉ"), ("sỹ", "sĩ"), ("quý", "quí"), ("hy", "hi"), ("ty", "ti"), ("qui", "quy")],
)
def test_i_and_y_have_two_accepted_spellings(one: str, other: str) -> None:
    assert other_spelling(one) == other
    assert other_spelling(other) == one


@pytest.mark.parametrize("syllable", ["", "ý", "vy", "vì", "thi", "kỹm", "nghĩ", "huy", "qu", "ky thuat"])
def test_other_syllables_have_one_spelling(syllable: str) -> None:
    assert other_spelling(syllable) is None


@given(syllables)
def test_other_spelling_leads_back(syllable: str) -> None:
    other = other_spelling(syllable)
    assert other is None or other_spelling(other) == syllable


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ("a\x00b\x07c\x9bd", "abcd"),
        ("một\r\nhai\rba\tbốn\n", "một\nhai\nba\tbốn\n"),
        ("zero\u200bwidth\u200c\u200d\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        ("\u202eđảo\u202c \u2066x\u2069\u200e", "đảo x"),
        ("năm\u00a02026\u3000Huế\u2009Vinh", "năm 2026 Huế Vinh"),
        ("trang\x0cmới, dòng\x0bmới, dòng\u2028mới, dòng\x85mới", "trang\nmới, dòng\nmới, dòng\nmới, dòng\nmới"),
        ("ho\u0300a bi\u0300nh", "hòa bình"),
        ("a\u200b\u0301", "á"),
        ("\ud800 lẻ \udfff", "\ufffd lẻ \ufffd"),
        ("\ud83d\ude00", "😀"),
        ("", ""),
    ],
)
def test_clean_keeps_what_is_read(raw: str, stored: str) -> None:
    assert clean(raw) == stored


@given(st.text(st.characters() | st.sampled_from("\r\n\x00\u200b\u0301\u00a0\ud800\udc00a")))
@example("\r\u200b\n")
def test_cleaned_text_is_clean(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert nfc(cleaned) == cleaned
    cleaned.encode("utf-8")
    assert all(c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") for c in cleaned)
    assert all(c == " " or unicodedata.category(c) != "Zs" for c in cleaned)


@given(st.text())
def test_nfc_composes(text: str) -> None:
    assert nfc(text) == nfc(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)
