"""Text that was read in a wrong encoding on its way, and text that was not."""

import gzip
import itertools
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.readers.repair import repair

from .reading import article

SENTENCES = ("Đồng bào buôn Ma Thuột đón mưa đầu mùa", "Những cơn mưa khiến hồ Lắk dâng nước", "Giá cà phê ở Đắk Lắk vượt 118.500 đồng")


@pytest.mark.parametrize("sentence", SENTENCES)
def test_utf8_read_as_latin_is_mended(sentence: str) -> None:
    broken = sentence.encode().decode("latin-1")
    assert repair(broken) == sentence
    assert article(json.dumps({"title": broken, "body": f"<p>{broken}</p><p>{broken}</p>"}), "a.json").body == f"{sentence}\n\n{sentence}"
    assert article(f"{broken}\n\n{broken} và mưa.", "a.txt").title == sentence


@given(st.text(st.sampled_from("aáàảãạăắằâấầêếềệiíìôốộơớợưứựyýđĐÁÊÔƠƯ .,“”‘’…–!?\n")))
def test_vietnamese_is_not_touched(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize("text", ["“HÃY ĐỢI ĐÃ”, ông nói", "NÃ”", "KHÁ… LÀ “Â”", "Ông khen “khá”.", "LÀM RỒI ĐÃ–"])
def test_capitals_before_quotation_marks_are_not_touched(text: str) -> None:
    assert repair(text) == text


def test_real_news_is_not_touched(shared: Path) -> None:
    with gzip.open(shared / "corpus" / "news-1.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in itertools.islice(lines, 2000):
            for value in json.loads(line).values():
                assert repair(str(value)) == str(value)
