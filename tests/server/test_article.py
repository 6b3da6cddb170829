"""The page of an article: its marks, its way back, its reference."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

from flask.testing import FlaskClient

from newssearch.models import Segment
from newssearch.server.cite import bibtex, footnote
from newssearch.server.prose import Piece, prose

from .conftest import Page
from .fake import ARTICLE, STRANGE, TEASER


def test_article_without_a_question_has_no_marks(client: FlaskClient) -> None:
    html = client.get("/article/bai-1").text
    assert "<mark" not in html
    page = Page(html)
    assert page.link("← Về danh sách tin") == "/search"
    assert "CN 11/10/2026, 07:15" in page.text
    assert page.link("Nông Sản Ngày Nay") == "/search?sort=newest&source=N%C3%B4ng+S%E1%BA%A3n+Ng%C3%A0y+Nay"


def test_marks_are_numbered_and_can_be_jumped_to_and_hidden(client: FlaskClient) -> None:
    url = "/article/bai-1?q=buon+ma+thuot&page=3&source=X"
    html = client.get(url).text
    assert re.findall(r'<mark id="(m\d+)">([^<]+)</mark>', html) == [("m1", "Buôn Ma Thuột"), ("m2", "Buôn Ma Thuột")]
    page = Page(html)
    assert "2 chỗ khớp" in page.text
    assert page.link("Chỗ khớp 2") == "#m2"
    assert page.link("← Về kết quả cho “buon ma thuot”") == "/search?q=buon+ma+thuot&page=3&source=X"
    hidden = client.get(page.link("Ẩn đánh dấu")).text
    assert "<mark" not in hidden
    assert Page(hidden).link("Hiện đánh dấu") == url
    assert Page(hidden).link("← Về kết quả cho “buon ma thuot”") == page.link("← Về kết quả cho “buon ma thuot”")


def test_paragraphs_and_captions_stand_apart(client: FlaskClient) -> None:
    html = client.get("/article/bai-1").text
    assert "<p>Xe máy cày chở sầu riêng nối nhau vào bãi.</p>" in html
    assert '<p class="lead">Vụ thu năm nay đến muộn gần hai tuần.</p>' in html
    assert "<li>Nhân công xếp trái theo cỡ. Ảnh: Y Bhăm Niê</li>" in html


def test_teaser_says_that_it_is_one_and_unsafe_addresses_are_no_links(client: FlaskClient) -> None:
    page = Page(client.get(f"/article/{TEASER.id}").text)
    assert "Chỉ có lời dẫn" in page.text
    assert "Bản gốc" not in page.text


def test_any_id_can_be_linked_and_found(client: FlaskClient) -> None:
    links = [href for _, href in Page(client.get("/search?q=a").text).links if href.startswith("/article/https")]
    assert links == [f"/article/{quote(STRANGE.id, safe='')}?q=a"]
    response = client.get(links[0])
    assert response.status_code == 200
    assert response.headers["Link"] == f'</article/{quote(STRANGE.id, safe="")}>; rel="canonical"'


def test_reference_has_what_is_known() -> None:
    assert footnote(ARTICLE) == (
        "Hà Nguyên Thảo. “Sầu riêng Buôn Ma Thuột vào chính vụ”.",
        "Nông Sản Ngày Nay",
        "11/10/2026, 07:15. https://nongsan.example/sau-rieng",
    )
    assert bibtex(ARTICLE).startswith("@article{hanguyenthao2026saurieng,\n  author  = {Hà Nguyên Thảo},\n")
    assert "  date    = {2026-10-11},\n" in bibtex(ARTICLE)


def test_bibtex_cannot_be_broken_by_a_title() -> None:
    entry = bibtex(replace(TEASER, title="Giá {tăng} 5% & \\đổ_vỡ"))
    assert r"{Giá \{tăng\} 5\% \& \textbackslash{}đổ\_vỡ}" in entry


def test_marks_that_only_a_space_parts_are_one_place() -> None:
    marked = [(Segment("Ma", True), Segment(" "), Segment("Thuột", True), Segment(", "), Segment("Thuột", True)), (), ()]
    shown = prose(ARTICLE, marked)
    assert shown.title == (Piece("Ma Thuột", True, 1), Piece(", "), Piece("Thuột", True, 2))
    assert shown.places == 2


def test_a_mark_across_paragraphs_has_one_number() -> None:
    shown = prose(ARTICLE, [(), (), (Segment("cà\n\nphê", True), Segment(" ngon"))])
    assert shown.body == ((Piece("cà", True, 1),), (Piece("phê", True), Piece(" ngon")))
