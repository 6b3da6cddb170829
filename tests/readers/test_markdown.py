"""Markdown with and without front matter."""

from datetime import datetime

import pytest

from newssearch.readers.markdown import read_front_matter

from .reading import article

WHOLE = """---
title: "Mùa tiêu: \\"vàng đen\\" lên giá"
# ghi chú của tòa soạn
section: Nông nghiệp
author: 'Lê An, Y Nam'
date: 2026-03-05 09:15
tags: [tiêu, "giá, cả", 'Chư Sê']
aliases:
  - tieu-1
  - tieu-2
summary: >
  Giá tiêu lên
  lần thứ ba.
source: Báo Lá Xanh
url: https://laxanh.example/tieu-1.html
---

# Mùa tiêu: "vàng đen" lên giá

Giá **tiêu** ở [Chư Sê](https://laxanh.example/chu-se) lên
lần *thứ ba* trong tháng, theo `Hiệp hội`.

![Vườn tiêu ở Chư Sê](https://laxanh.example/a.jpg)

## Người trồng nói gì

> “Chưa bán vội”, ông Nam nói.

- Hái tay
- Phơi **ba** nắng

| Loại | Giá |
|------|-----|
| Đen  | 90  |
"""


def test_front_matter_and_marks() -> None:
    read = article(WHOLE, "tieu.md")
    assert (read.title, read.section, read.author, read.source) == ('Mùa tiêu: "vàng đen" lên giá', "Nông nghiệp", "Lê An, Y Nam", "Báo Lá Xanh")
    assert read.published == datetime.fromisoformat("2026-03-05T09:15+07:00")
    assert (read.lead, read.aliases, read.extras) == ("Giá tiêu lên lần thứ ba.", ("tieu-1", "tieu-2"), {"tags": ["tiêu", "giá, cả", "Chư Sê"]})
    assert (read.captions, read.image) == (("Vườn tiêu ở Chư Sê",), "https://laxanh.example/a.jpg")
    assert read.body.split("\n\n") == [
        "Giá tiêu ở Chư Sê lên lần thứ ba trong tháng, theo Hiệp hội.",
        "Người trồng nói gì",
        "“Chưa bán vội”, ông Nam nói.",
        "Hái tay",
        "Phơi ba nắng",
        "Loại | Giá",
        "Đen | 90",
    ]


@pytest.mark.parametrize("heading", ["# Lễ bến nước", "# Lễ bến nước #", "Lễ bến nước\n====="])
def test_first_heading_is_the_title(heading: str) -> None:
    read = article(f"{heading}\n\nCả buôn ra suối.\n\n## Sau lễ\nMọi người ăn cơm.", "le.md")
    assert (read.title, read.body) == ("Lễ bến nước", "Cả buôn ra suối.\n\nSau lễ\n\nMọi người ăn cơm.")


def test_neither_front_matter_nor_heading_is_plain_text() -> None:
    read = article("Lễ bến nước\n\nCả buôn ra suối.", "le.md")
    assert (read.title, read.body) == ("Lễ bến nước", "Cả buôn ra suối.")


def test_text_between_rules_is_not_lost() -> None:
    read = article("---\nKhông phải siêu dữ liệu\n\n---\n\n# Tin\n\nNội dung.", "a.md")
    assert (read.title, read.body) == ("", "Không phải siêu dữ liệu\n\nTin\n\nNội dung.")


def test_text_is_kept_beside_a_body_in_the_front_matter() -> None:
    assert article("---\ntitle: T\nbody: Mở đầu.\n---\nTiếp theo.", "a.md").body == "Mở đầu.\n\nTiếp theo."


@pytest.mark.parametrize("text", ["5 * 3 * 2 = 30", "tên_biến_dài", "Giá 2*3 và a_b_c", "Ông A. (sinh 1990) [không rõ]"])
def test_what_only_resembles_marks_stays(text: str) -> None:
    assert article(f"# T\n\n{text}", "a.md").body == text


def test_values_of_front_matter() -> None:
    assert read_front_matter("a: null\nb: 'c''d'\nc: \"x\\ty\"\nd: []\ne: https://bao.example/x: y\nf:\n- 1\n- 2") == {
        "a": "", "b": "c'd", "c": "x\ty", "d": [], "e": "https://bao.example/x: y", "f": ["1", "2"],
    }  # fmt: skip
