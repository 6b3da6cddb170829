"""Saved HTML pages: what they say of themselves, what they show, and what is not their article."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from newssearch.readers import Document, read_paths

from .reading import article

PARAGRAPHS = (
    "Sáng sớm, bà con buôn Tơng Ju đã ra bến nước để dọn cỏ quanh gốc sung già, việc mà năm nào cũng làm trước ngày cúng.",
    "Theo già làng, bến nước này nuôi cả buôn từ hơn một trăm năm nay và chưa mùa khô nào cạn hẳn, kể cả những năm hạn nhất.",
    "Chiều cùng ngày, thanh niên trong buôn dựng lại chiếc cầu tre bắc qua suối để người già và trẻ nhỏ đi lấy nước cho dễ.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page(head: str = "", top: str = "", body: str = BODY, bottom: str = "", title: str = "Buôn Tơng Ju dọn bến nước") -> str:
    return f"""<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8"><title>{title} - Báo Lá Xanh</title>{head}</head><body>
<nav><a href="/">Trang chủ</a> <a href="/doi-song">Đời sống</a></nav><article><h1>{title}</h1>{top}{body}</article>{bottom}<footer>© 2026 Báo Lá Xanh</footer></body></html>"""


def linked(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", **fields}, ensure_ascii=False)}</script>'


def test_title_and_paragraphs() -> None:
    read = article(page(), "bai.html")
    assert read.title == "Buôn Tơng Ju dọn bến nước"
    assert read.body == "\n\n".join(PARAGRAPHS)
    assert (read.published, read.author, read.url, read.kind) == (None, "", "", "article")


def test_linked_data_gives_the_fields() -> None:
    head = linked(
        headline="Buôn Tơng Ju dọn bến nước", description="Việc chung trước ngày cúng.", datePublished="2026-03-05T09:15:00+07:00", author=[{"@type": "Person", "name": "H’Mai Niê"}],
        publisher={"@type": "Organization", "name": "Báo Lá Xanh"}, articleSection="Đời sống", mainEntityOfPage={"@id": "https://laxanh.example/doi-song/ben-nuoc-9.html"}, image=["https://laxanh.example/a.jpg"],
    )  # fmt: skip
    read = article(page(head), "bai.html")
    assert (read.lead, read.author, read.source, read.section) == ("Việc chung trước ngày cúng.", "H’Mai Niê", "Báo Lá Xanh", "Đời sống")
    assert read.published == datetime.fromisoformat("2026-03-05T09:15+07:00")
    assert (read.url, read.image) == ("https://laxanh.example/doi-song/ben-nuoc-9.html", "https://laxanh.example/a.jpg")


def test_meta_tags_give_the_fields() -> None:
    head = """<meta property="og:site_name" content="Lá Xanh"><meta property="og:description" content="Việc chung &amp; việc riêng."><meta name="author" content="Y Bhăm Êban">
<meta property="article:published_time" content="2026-03-05T09:15:00+07:00"><meta property="article:section" content="Đời sống"><meta property="og:image" content="https://laxanh.example/a.jpg">
<link rel="canonical" href="https://www.laxanh.example/ben-nuoc-9.html"><meta property="og:url" content="https://khac.example/x">"""
    read = article(page(head), "bai.html")
    assert (read.lead, read.author, read.source, read.section) == ("Việc chung & việc riêng.", "Y Bhăm Êban", "Lá Xanh", "Đời sống")
    assert (read.url, read.image) == ("https://www.laxanh.example/ben-nuoc-9.html", "https://laxanh.example/a.jpg")


@pytest.mark.parametrize(
    "shown",
    [
        "<span class='date'>Thứ năm, 05/03/2026 | 09:15 GMT+7</span>",
        "<p>Thứ Năm, 5/3/2026 09:15</p>",
        "<div>05/03/2026, 09:15 AM (GMT+7)</div>",
        "<span>09:15</span> | <span>05/03/2026</span>",
        "<time>09:15 05/03/2026</time>",
    ],
)
def test_date_that_is_shown_under_the_title(shown: str) -> None:
    read = article(page(top=shown), "bai.html")
    assert read.published == datetime.fromisoformat("2026-03-05T09:15+07:00")
    assert read.body == "\n\n".join(PARAGRAPHS)


def test_day_of_the_data_gets_the_time_that_is_shown() -> None:
    head = '<meta itemprop="datePublished" content="2026-03-05">'
    assert article(page(head, "<span>Thứ Năm, 5/3/2026 - 09:15</span>"), "bai.html").published == datetime.fromisoformat("2026-03-05T09:15+07:00")


def test_empty_date_of_the_data_and_dates_of_other_articles_are_no_date() -> None:
    head = '<meta property="article:published_time"><meta property="article:published_time" content="">'
    others = "<ul class='khac'><li><a href='/1'>Tin khác một</a> <span class='date'>(01/02/2026 10:00)</span></li></ul>"
    assert article(page(head, bottom=others), "bai.html").published is None


@pytest.mark.parametrize(
    "marked",
    ['<time datetime="2026-03-05T09:15:00+07:00">mùng năm tháng ba</time>', '<span itemprop="datePublished" content="2026-03-05T09:15:00+07:00"></span>'],
)
def test_date_that_is_marked_in_the_body(marked: str) -> None:
    assert article(page(top=marked), "bai.html").published == datetime.fromisoformat("2026-03-05T09:15+07:00")


def test_day_in_the_address() -> None:
    head = '<link rel="canonical" href="https://laxanh.example/2026/03/05/ben-nuoc.html">'
    assert article(page(head), "bai.html").published == datetime.fromisoformat("2026-03-05T00:00+07:00")


def test_time_of_an_update_is_not_when_it_was_published() -> None:
    head = '<meta property="article:published_time" content="2026-03-05T09:15:00+07:00">'
    assert article(page(head, "<span>Cập nhật: 5/3/2026 18:00</span>"), "bai.html").published == datetime.fromisoformat("2026-03-05T09:15+07:00")


@pytest.mark.parametrize("author", ["LaXanh.vn", "Báo Lá Xanh", "Lá Xanh", "Công nghệ Trang Web", "https://facebook.com/laxanh", "admin"])
def test_publisher_is_no_author(author: str) -> None:
    head = f'<meta name="author" content="{author}"><meta property="og:site_name" content="Lá Xanh"><meta property="og:url" content="https://laxanh.vn/a.html">'
    read = article(page(head, body=f"{BODY}<p><b>Hoàng Minh An</b></p>"), "bai.html")
    assert read.author == "Hoàng Minh An"
    assert read.body == "\n\n".join(PARAGRAPHS)


def test_captions_stand_apart_from_the_body() -> None:
    figure = "<figure><img src='a.jpg' alt='x'><figcaption>Bà con dọn cỏ quanh gốc sung. Ảnh: <i>Minh An</i></figcaption></figure>"
    read = article(page(body=f"<p>{PARAGRAPHS[0]}</p>{figure}<p>{PARAGRAPHS[1]}</p><p>{PARAGRAPHS[2]}</p>"), "bai.html")
    assert read.captions == ("Bà con dọn cỏ quanh gốc sung. Ảnh: Minh An",)
    assert read.body == "\n\n".join(PARAGRAPHS)


def test_lists_of_other_articles_are_no_body() -> None:
    others = "<h3>Tin liên quan</h3><ul><li><a href='/1'>Đập mới ở đầu nguồn đã xong móng</a></li><li><a href='/2'>Chợ phiên mở lại sau lũ</a></li></ul>"
    assert "Đập mới" not in article(page(body=BODY + others), "bai.html").body


def test_tables_that_lay_out_an_old_page_are_unfolded() -> None:
    body = f"<table><tr><td><img src='a.jpg'></td></tr><tr><td>{BODY}</td></tr></table>"
    assert article(page(body=body), "bai.html").body == "\n\n".join(PARAGRAPHS)


def test_title_without_the_name_of_the_site() -> None:
    logo = "<html><head><title>Chợ phiên mở lại sau lũ - Ảnh | Trang tin Lá Xanh</title></head><body><h1>Lá Xanh</h1><div class='tieude'>Chợ phiên mở lại sau lũ</div>" + BODY
    assert article(logo, "bai.html").title == "Chợ phiên mở lại sau lũ"
    assert article("<html><head><title>Lá Xanh</title></head><body><h1>Chợ phiên mở lại sau lũ</h1>" + BODY, "bai.html").title == "Chợ phiên mở lại sau lũ"
    assert article("<html><head><title>Chợ phiên mở lại - Lá Xanh</title></head><body>" + BODY, "bai.html").title == "Chợ phiên mở lại"


def test_page_of_a_few_words_is_read_whole() -> None:
    assert article("<html><body><p>Một câu.</p><p>Hai câu.</p></body></html>", "bai.html").body == "Một câu.\n\nHai câu."
    assert article("<html><body>Chỉ có chữ</body></html>", "bai.html").body == "Chỉ có chữ"


@pytest.mark.parametrize("declared", ["windows-1258", "iso-8859-1"])
def test_declared_encoding(declared: str) -> None:
    data = f"<html><head><meta http-equiv='Content-Type' content='text/html; charset={declared}'></head><body><p>Café ở phố</p></body></html>".replace("ở phố", "à la crème").encode(declared)
    read = article(data, "bai.html")
    assert (read.body, read.extras) == ("Café à la crème", {})


def test_wrongly_declared_encoding_does_not_break_utf8() -> None:
    data = page().replace("charset=\"utf-8\"", "charset=\"windows-1252\"")
    assert article('<?xml version="1.0" encoding="windows-1252"?>' + data, "bai.html").body == "\n\n".join(PARAGRAPHS)


def test_long_page_is_kept_whole() -> None:
    body = "".join(f"<p>Đoạn thứ {number} kể về con suối chảy qua buôn và những người giữ nó qua nhiều mùa khô liền nhau.</p>" for number in range(6_000))
    read = article(page(body=body), "bai.html")
    assert read.body.count("\n\n") == 5_999


def test_real_pages_say_who_when_and_what(shared: Path) -> None:
    gold = json.loads((shared / "pages" / "gold.json").read_text("utf-8"))
    wrong = []
    for expected in gold:
        (document,) = read_paths([shared / "pages" / expected["file"]])
        assert isinstance(document, Document)
        read = document.article
        published = f"{read.published:%Y-%m-%dT%H:%M}+07:00" if read.published else None
        day = expected["published"] and f"{datetime.fromisoformat(expected['published']):%Y-%m-%dT%H:%M}+07:00"
        for field, got, right in (("title", read.title, expected["title"]), ("published", published, day), ("author", read.author, expected["author"] or "")):
            if got != right:
                wrong.append((expected["file"], field, got, right))
    assert not wrong, f"{len(wrong)} of {3 * len(gold)} are wrong: {wrong}"


def test_real_page_gives_its_whole_body(shared: Path) -> None:
    expected = json.loads((shared / "pages" / "2025-vnexpress-fundus.expected.json").read_text("utf-8"))["V1"]
    (document,) = read_paths([shared / "pages" / "2025-vnexpress-fundus.html"])
    assert isinstance(document, Document)
    read = document.article
    shown = [paragraph for section in expected["body"]["sections"] for paragraph in section["paragraphs"]]
    assert [read.lead] == expected["body"]["summary"]
    assert [*read.body.split("\n\n"), *read.captions] == [*(part for part in shown if part not in read.captions), *(part for part in shown if part in read.captions)]
