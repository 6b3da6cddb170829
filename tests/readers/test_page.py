"""Pasted pages and plain text as a reader sees them."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from newssearch.identity import article_id
from newssearch.readers import read_paths
from newssearch.readers.paths import Document
from newssearch.vietnamese.normalize import clean

from .reading import article, documents, reason

PAGE = """Powered by Lá Xanh

Trang chủ > Nông nghiệp > Cà phê

Người trồng cà phê Ea Kao chia nhau từng giờ nước
Thứ sáu, 09/08/2024, 08:30 (GMT+7)
Chia sẻ

Ông Y Thông đứng bên hồ cạn chờ tới lượt bơm.
Ông Y Thông đứng bên hồ cạn chờ tới lượt bơm.

Từ đầu tuần, 40 hộ ở buôn Cư Êbur bốc thăm giờ bơm nước. Mỗi hộ được hai tiếng.

Người trồng cà phê Ea Kao chia nhau từng giờ nước ảnh 1

Máy bơm chạy suốt đêm bên hồ.

“Chậm một ngày là cây rụng quả”, ông nói.

Người trồng cà phê Ea Kao chia nhau từng giờ nước ảnh 2
Nước chỉ còn ngang bắp chân. Ảnh: Minh An

Hợp tác xã tính mua thêm một máy.

Tác giả: Hoàng Minh An
Từ khóa: hạn hán, cà phê

Nguồn: https://laxanh.example/nong-nghiep/chia-nuoc-101.html

Cùng chủ đề

Bến nước cũ có cây mới

Sau mười năm, dân buôn trồng lại hàng sung quanh bến nước...

Cùng chuyên mục

Bến nước cũ có cây mới

Sau mười năm, dân buôn trồng lại hàng sung quanh bến nước...

Một headline đứng một mình

Chợ phiên họp lại vào sáng thứ bảy

Gian hàng măng le hết sớm nhất, người bán hẹn khách tuần sau...

Tin mới nhất
"""


def test_page_with_everything_around_it() -> None:
    (document,) = documents(PAGE, "trang.txt")
    read = document.article
    assert read.title == "Người trồng cà phê Ea Kao chia nhau từng giờ nước"
    assert read.section == "Nông nghiệp"
    assert read.published == datetime.fromisoformat("2024-08-09T08:30+07:00")
    assert read.body.split("\n\n") == [
        "Từ đầu tuần, 40 hộ ở buôn Cư Êbur bốc thăm giờ bơm nước. Mỗi hộ được hai tiếng.",
        "“Chậm một ngày là cây rụng quả”, ông nói.",
        "Hợp tác xã tính mua thêm một máy.",
    ]
    assert read.captions == (
        "Ông Y Thông đứng bên hồ cạn chờ tới lượt bơm.",
        "Máy bơm chạy suốt đêm bên hồ.",
        "Nước chỉ còn ngang bắp chân. Ảnh: Minh An",
    )
    assert read.author == "Hoàng Minh An"
    assert read.extras == {"tags": ["hạn hán", "cà phê"]}
    assert (read.url, read.source) == ("https://laxanh.example/nong-nghiep/chia-nuoc-101.html", "laxanh.example")
    assert read.id == article_id(read.url, "", "", "")


def test_each_teaser_is_one_stub_in_order_of_appearance() -> None:
    (document,) = documents(PAGE, "trang.txt")
    assert [(stub.title, stub.lead) for stub in document.teasers] == [
        ("Bến nước cũ có cây mới", "Sau mười năm, dân buôn trồng lại hàng sung quanh bến nước..."),
        ("Một headline đứng một mình", ""),
        ("Chợ phiên họp lại vào sáng thứ bảy", "Gian hàng măng le hết sớm nhất, người bán hẹn khách tuần sau..."),
    ]
    for stub in document.teasers:
        assert (stub.kind, stub.source) == ("teaser", "laxanh.example")
        assert stub.id == article_id("", stub.title, stub.lead, "")


def test_plain_text_is_title_and_paragraphs() -> None:
    read = article("Chợ nổi vắng dần\n\nGhe ít đi mỗi năm.\n\nNgười bán bún lên bờ.\n", "cho.txt")
    assert (read.title, read.body) == ("Chợ nổi vắng dần", "Ghe ít đi mỗi năm.\n\nNgười bán bún lên bờ.")
    assert (read.source, read.author, read.section, read.published, read.captions) == ("", "", "", None, ())


@pytest.mark.parametrize("text", ["Sáng nay trời mưa to.", "Một đoạn văn dài không có đầu đề " * 12])
def test_text_of_one_paragraph_has_no_title(text: str) -> None:
    read = article(text, "doan.txt")
    assert (read.title, read.body) == ("", text.strip())


def test_long_first_paragraph_is_no_title() -> None:
    first = "Sau ba ngày mưa liền, nước sông dâng tới chân cầu gỗ và người trong xóm phải đi vòng. " * 4
    read = article(f"{first}\n\nĐến chiều nước rút.", "mua.txt")
    assert read.title == ""
    assert read.body == f"{first.strip()}\n\nĐến chiều nước rút."


def test_headline_alone_is_a_title() -> None:
    assert article("Đắk Lắk đón mưa đầu mùa", "mua.txt").title == "Đắk Lắk đón mưa đầu mùa"


def test_named_source_without_address() -> None:
    read = article("Lễ cúng bến nước\n\nCả buôn ra suối từ sớm.\n\nNguồn: Báo Lá Xanh", "le.txt")
    assert (read.source, read.url, read.body) == ("Báo Lá Xanh", "", "Cả buôn ra suối từ sớm.")


def test_credit_of_a_chart_in_mid_article_stays_text() -> None:
    read = article("Giá tiêu quý ba\n\nGiá lên chậm.\n\nNguồn: Cục Thống kê\n\nĐoạn hai.\n\nĐoạn ba.\n\nĐoạn bốn.", "tieu.txt")
    assert read.source == ""
    assert "Nguồn: Cục Thống kê" in read.body


def test_name_in_the_last_line_signs() -> None:
    read = article("Lớp học bên suối\n\nCô giáo đi bộ vào buôn.\n\nTrẻ em ra đón.\n\nNguyễn Thị Hạnh", "lop.txt")
    assert (read.author, read.body) == ("Nguyễn Thị Hạnh", "Cô giáo đi bộ vào buôn.\n\nTrẻ em ra đón.")


def test_section_and_date_over_the_title() -> None:
    read = article("Đời sống\nChủ nhật, 11/8/2024, 16:05 (GMT+7)\nQuán nhỏ bên dốc mở cửa lại\nBà Tư dọn hàng từ bốn giờ sáng.\nKhách cũ tìm về.", "quan.txt")
    assert (read.section, read.title) == ("Đời sống", "Quán nhỏ bên dốc mở cửa lại")
    assert read.published == datetime.fromisoformat("2024-08-11T16:05+07:00")
    assert read.body == "Bà Tư dọn hàng từ bốn giờ sáng.\n\nKhách cũ tìm về."


def test_box_of_links_in_mid_article_does_not_end_it() -> None:
    goes_on = "Đến trưa, đội thợ mười hai người đã nối xong đoạn ống cuối cùng và nước về tới những mảnh ruộng xa nhất của cánh đồng."
    read = documents(f"Nước về ruộng\n\nCả làng ra đồng.\n\nTin liên quan\n\nĐập mới xong móng\n\n{goes_on}\n\nNguồn: https://laxanh.example/nuoc-7.html", "nuoc.txt")[0]
    assert read.article.body == f"Cả làng ra đồng.\n\n{goes_on}"
    assert [stub.title for stub in read.teasers] == ["Đập mới xong móng"]


def test_comments_and_imprint_are_no_article() -> None:
    read = documents("Hội đua thuyền\n\nBốn đội vào chung kết.\n\nBình luận (2)\n\nHay quá!\n\nTin nổi bật\n\nChợ hoa mở sớm\n\n© 2024 Lá Xanh\n\nGiấy phép số 12", "hoi.txt")[0]
    assert read.article.body == "Bốn đội vào chung kết."
    assert [stub.title for stub in read.teasers] == ["Chợ hoa mở sớm"]


def test_refrain_is_no_caption() -> None:
    read = article("Bài hát ru\n\nNgủ đi con.\n\nNgủ đi con, ngủ cho ngoan.\n\nNgủ đi con, ngủ cho ngoan.\n\nMẹ đi hái măng.", "ru.txt")
    assert read.captions == ()
    assert read.body.count("ngủ cho ngoan") == 2


def test_lines_wrapped_at_a_width_are_one_paragraph() -> None:
    text = "Thư từ xã vùng sâu\n\nNăm nay đường vào xã đã có nhựa nên xe chở phân bón vào\ntới tận rẫy, người trồng tiêu bớt được một buổi gùi mỗi\nngày và có thêm thời gian cho vườn nhà."
    assert "\n" not in article(text, "thu.txt").body


def test_nothing_but_a_teaser_heading_or_blank_lines() -> None:
    assert reason("\n \n\t\n", "trong.txt") == "It is empty."
    assert reason("Powered by Lá Xanh\n", "trong.txt") == "It has neither title, lead nor body."


def test_five_megabytes_are_kept_whole() -> None:
    body = "\n\n".join(f"Đoạn thứ {number} kể chuyện con suối." for number in range(120_000))
    assert len(body.encode()) > 5_000_000
    assert article(f"Chuyện dài\n\n{body}", "dai.txt").body == body
    assert len(article("x" * 5_000_000, "dai.txt").body) == 5_000_000


def test_seed_page_comes_out_as_a_reader_sees_it(shared: Path) -> None:
    expected = json.loads((shared / "pages" / "seed.expected.json").read_text("utf-8"))
    (document,) = read_paths([shared / "pages" / "seed.txt"])
    assert isinstance(document, Document)
    read = document.article
    assert (read.title, read.lead, read.url, read.source) == tuple(expected[name] for name in ("title", "lead", "url", "source"))
    assert read.body == clean("\n\n".join(expected["body"]))
    assert read.captions == tuple(map(clean, expected["captions"]))
    assert (read.published, read.author) == (None, "")
    assert [(stub.title, stub.lead) for stub in document.teasers] == [(clean(each["title"]), clean(each["lead"])) for each in expected["teasers"]]
    for dropped in expected["dropped"]:
        assert dropped not in f"{read.title}\n{read.body}\n" + "\n".join(read.captions) or dropped == read.title
