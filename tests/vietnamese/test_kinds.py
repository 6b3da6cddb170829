"""What is told of a text in one pass is what looking at it character by character tells."""

from hypothesis import example, given
from hypothesis import strategies as st

from newssearch.vietnamese.kinds import UNCLEAN, Kinds
from newssearch.vietnamese.normalize import clean

KINDS = Kinds("ÃÂ»", "<&»")

texts = st.text() | st.text(st.characters(max_codepoint=0x2100)) | st.text(st.sampled_from("aăếệ Đ\n\t\u0301\u0323\u0338=<&»Ã\u00a0\u00ad\u1100\u1161\u200b\u212b\ud800😀"))


@given(texts)
@example("\u1112\u1161\u11ab")
@example("")
def test_a_text_that_is_told_to_be_clean_is_clean(text: str) -> None:
    if not KINDS(text) & UNCLEAN:
        assert clean(text) == text


@given(texts)
def test_kinds_are_told_by_their_bits(text: str) -> None:
    found = KINDS(text)
    assert bool(found & 2) == any(character in text for character in "ÃÂ»")
    assert bool(found & 4) == any(character in text for character in "<&»")


def test_ordinary_vietnamese_is_clean() -> None:
    assert KINDS("“Tiếng Việt” – Đắk Lắk, 5 €…\n\nĐoạn hai: 30 °C.") == 0


def test_no_two_characters_that_are_told_to_be_clean_compose() -> None:
    fine = "".join(chr(code) for code in range(0x2100) if not KINDS(chr(code)) & UNCLEAN)
    assert clean(fine) == fine
    for character in "aeiouyAEIOUYdD=<>":
        assert clean(character.join(fine)) == character.join(fine)
