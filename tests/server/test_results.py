"""The page of results, as a reader sees and clicks it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from newssearch.models import Bin, Facet, Notice, ResultPage, Segment, Suggestion

from .conftest import Page
from .fake import ARTICLE, NOTHING, PAGE, FakeService, hit_of

Q = "q=bu%C3%B4n+ma+thu%E1%BB%99t"


def page_of(client: FlaskClient, url: str, status: int = 200) -> Page:
    response = client.get(url)
    assert response.status_code == status
    return Page(response.text)


def test_counts_are_written_as_vietnamese_readers_write_them(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}")
    assert "1.234 tin cho “buôn ma thuột”, thêm 56 tin gần đúng" in page.text
    assert "1.300 bài, kể cả bản trùng" in page.text
    assert "39.210 bài của 41 báo, mới nhất 12/10/2026, 06:40" in page.text


def test_english_page_says_so_and_its_links_keep_the_language(client: FlaskClient) -> None:
    response = client.get(f"/search?{Q}&lang=en")
    page = Page(response.text)
    assert page.all("html") == [{"lang": "en"}]
    assert response.headers["Content-Language"] == "en"
    assert "1,234 stories for “buôn ma thuột”" in page.text
    inner = [href for _, href in page.links if href.startswith("/") and not href.startswith(("/api/", "/static/"))]
    assert len(inner) > 20
    assert all("lang=en" in href for href in inner)
    assert page.link("Tiếng Việt") == f"?{Q}&lang=vi"


def test_hit_shows_title_marks_days_source_and_reading_time(client: FlaskClient) -> None:
    html = client.get(f"/search?{Q}").text
    assert "Sầu riêng <mark>Buôn</mark> <mark>Ma</mark> <mark>Thuột</mark> vào chính vụ" in html
    assert '<b>hôm qua</b> <time datetime="2026-10-11T07:15+07:00">11/10/2026</time>' in html
    page = Page(html)
    assert "3 phút đọc" in page.text
    assert "không rõ ngày" in page.text
    assert "Chỉ có lời dẫn" in page.text
    assert page.link("Bản gốc") == "https://nongsan.example/sau-rieng"


def test_nothing_of_an_article_is_ever_markup(client: FlaskClient) -> None:
    for url in ("/", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/article/https:%2F%2Fa.example%2F%2Fb%3Fc=1%23d%2F%252e?q=%22%3E%3Cscript%3E"):
        response = client.get(url)
        assert response.status_code == 200, url
        assert "<script" not in response.text
        assert "javascript:" not in response.text
        assert not any(name.startswith("on") or name == "style" for _, attrs in Page(response.text).tags for name in attrs)


def test_missing_words_lead_to_a_question_that_requires_them(client: FlaskClient) -> None:
    page = page_of(client, "/search?q=gi%C3%A1+metro&source=B%C3%A1o+1")
    assert "thiếu: metro, ngầm" in " ".join(page.text.split())
    assert page.link("metro") == "/search?q=gi%C3%A1+%22metro%22&source=B%C3%A1o+1"
    assert page.link("ngầm") == "/search?q=gi%C3%A1+metro+%22ng%E1%BA%A7m%22&source=B%C3%A1o+1"


def test_near_hits_are_named_and_others_are_not(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}")
    assert page.text.count("gần đúng") == 2, "in the count above and at one hit"


def test_copies_open_in_place(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}")
    assert "7 bản khác" in page.text
    assert page.link("Bản sao 0") == f"/article/ban-0?{Q}"
    assert "và 4 bản nữa" in page.text


def test_each_filter_in_use_can_be_taken_away(client: FlaskClient, service: FakeService) -> None:
    page = page_of(client, f"/search?{Q}&source=B%C3%A1o+1&kind=teaser&from=2026-10-01&to=2026-10-31&match=all&exact=1")
    assert service.asked[-1].date_to == date(2026, 10, 31)
    assert "source=" not in page.link("Bỏ lọc Báo 1")
    assert "kind=" not in page.link("Bỏ lọc Chỉ có lời dẫn")
    assert "from=" not in page.link("Bỏ lọc Từ 01/10/2026")
    assert "to=" not in page.link("Bỏ lọc Đến 31/10/2026")
    assert "match=" not in page.link("Bỏ lọc Có mọi từ")
    assert "exact=" not in page.link("Bỏ lọc Đúng như đã gõ")
    assert page.link("Bỏ hết") == f"/search?{Q}"
    assert "5 bài không rõ ngày bị bỏ qua" in page.text


def test_facets_toggle_and_show_the_rest_on_demand(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&section=Kinh+t%E1%BA%BF&page=2")
    assert page.link("Nông nghiệp 1.000 bài") == f"/search?{Q}&section=Kinh+t%E1%BA%BF&section=N%C3%B4ng+nghi%E1%BB%87p"
    assert page.link("Kinh tế 200 bài, đang chọn, bấm để bỏ") == f"/search?{Q}"
    assert "Báo 5" in page.text
    assert "Báo 6" not in page.text
    more = page.link("Thêm 14 báo")
    assert "Báo 19" in page_of(client, more.partition("#")[0]).text
    assert "Người viết" not in page.text, "one value is no choice"


def test_quick_dates_count_back_from_today(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}")
    assert page.link("24 giờ") == f"/search?{Q}&from=2026-10-11"
    assert page.link("7 ngày") == f"/search?{Q}&from=2026-10-05"
    assert page.link("30 ngày") == f"/search?{Q}&from=2026-09-12"


def test_date_form_carries_the_search_on(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&source=B%C3%A1o+1&sort=newest&page=3&from=2026-01-02&lang=en")
    hidden = {(tag["name"], tag["value"]) for tag in page.all("input") if tag.get("type") == "hidden"}
    assert hidden == {("q", "buôn ma thuột"), ("source", "Báo 1"), ("sort", "newest"), ("lang", "en")}
    dates = {tag["name"]: tag["value"] for tag in page.all("input") if tag.get("type") == "date"}
    assert dates == {"from": "2026-01-02", "to": ""}


def test_bars_and_their_table_link_to_their_days(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&from=2026-03-01")
    assert page.link("Tháng 2/2026: 20 bài").endswith("&from=2026-02-01&to=2026-02-28")
    assert page.link("Tháng 2/2026").endswith("&from=2026-02-01&to=2026-02-28")
    assert sum("out" in (tag.get("class") or "") for tag in page.all("rect")) == 2
    assert "Nhiều nhất là tháng 10/2026 với 100 bài." in page.text


def test_pager_leads_around_and_to_the_ends(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&page=50")
    numbers = [text for text, href in page.links if (text.isdecimal() and "page" in href) or text == "1"]
    assert numbers == ["1", "48", "49", "50", "51", "52", "129"]
    assert page.link("Trước") == f"/search?{Q}&page=49"
    assert page.link("Sau") == f"/search?{Q}&page=51"
    assert page.link("1") == f"/search?{Q}"
    assert page.all("ol")[0]["start"] == "491"


def test_page_9999_is_empty_with_a_way_back(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&page=9999")
    assert "Trang 9.999 không có tin nào" in page.text
    assert page.link("Về trang đầu") == f"/search?{Q}"
    assert page.link("Tới trang cuối (129)") == f"/search?{Q}&page=129"
    assert "Bản gốc" not in page.text


def test_sort_tabs_keep_the_filters_and_go_to_the_first_page(client: FlaskClient) -> None:
    page = page_of(client, f"/search?{Q}&section=Kinh+t%E1%BA%BF&page=2")
    assert page.link("Mới nhất") == f"/search?{Q}&sort=newest&section=Kinh+t%E1%BA%BF"


def test_what_cannot_be_read_is_said_and_left_out(client: FlaskClient, service: FakeService) -> None:
    page = page_of(client, f"/search?{Q}&from=32/13/2026&limit=900&page=abc")
    assert "Không đọc được from=32/13/2026" in page.text
    assert "Không đọc được limit=900" in page.text
    assert (service.asked[-1].date_from, service.asked[-1].limit, service.asked[-1].page) == (None, 10, 1)


def test_notices_link_the_question_that_they_offer(client: FlaskClient, service: FakeService) -> None:
    service.notices = (Notice("folded", "Chỉ tìm đúng như đã gõ: =nga", "=nga"), Notice("other", "Có cách khác.", "cách khác"))
    page = page_of(client, "/search?q=nga")
    assert page.link("=nga") == "/search?q=%3Dnga"
    assert page.link("Tìm như vậy") == "/search?q=c%C3%A1ch+kh%C3%A1c"


def test_suggestion_is_a_link_with_the_changed_words_bold(client: FlaskClient, service: FakeService) -> None:
    service.page = replace(PAGE, suggestion=Suggestion("krông pắc", (Segment("krông "), Segment("pắc", True))))
    html = client.get("/search?q=krong+pak").text
    assert '<a href="/search?q=kr%C3%B4ng+p%E1%BA%AFc">“krông <b>pắc</b>”</a>' in html


def test_nothing_found_says_what_to_try_with_counts(client: FlaskClient, service: FakeService) -> None:
    class Strict(FakeService):
        def search(self, request):  # type: ignore[no-untyped-def]
            self.page = NOTHING if '"' in request.query or request.source else replace(PAGE, total=39, near=0)
            return super().search(request)

    client.application.extensions["newssearch"].service = Strict()
    page = page_of(client, "/search?q=%22s%E1%BA%A7u+ri%C3%AAng%22&source=X")
    assert "Không có tin nào khớp với “sầu riêng”" in page.text
    assert page.link("Bỏ dấu ngoặc kép và bỏ mọi bộ lọc") == "/search?q=s%E1%BA%A7u+ri%C3%AAng"
    assert ": 39 tin." in page.text
    assert page.link("Bỏ lọc X") == "/search?q=%22s%E1%BA%A7u+ri%C3%AAng%22"


def test_nothing_found_without_a_way_out_still_advises(client: FlaskClient, service: FakeService) -> None:
    service.page = NOTHING
    page = page_of(client, "/search?q=zzz")
    assert "Xem lại chính tả" in page.text
    assert page.link("Về trang đầu") == "/"


def test_empty_question_finds_the_newest(client: FlaskClient, service: FakeService) -> None:
    page = page_of(client, "/search?q=")
    assert service.asked[-1].query == ""
    assert "1.234 tin trong kho, mới nhất trước" in page.text
    assert [text for text, _ in page.links if text in ("Liên quan nhất", "Mới nhất", "Cũ nhất")] == ["Mới nhất", "Cũ nhất"]


@pytest.mark.parametrize("bins", [62, 120, 150])
def test_heaviest_page_stays_below_60_kilobytes(client: FlaskClient, service: FakeService, bins: int) -> None:
    title = "Tít dài của một bài báo, hơn trăm ký tự, như thường thấy ở những bài tổng hợp cuối tuần của nhiều tòa soạn"
    article = replace(ARTICLE, title=title, lead="Lời dẫn dài đến hai trăm bốn mươi ký tự, có Buôn Ma Thuột ở giữa. " * 4)
    hit = replace(PAGE.hits[0], title=title, snippet_segments=hit_of(article).snippet_segments)
    edges = [date(2000 + i // 12, i % 12 + 1, 1) for i in range(bins + 1)]
    service.page = replace(
        PAGE,
        hits=(hit,) * 10,
        facets={name: tuple(Facet(f"Một giá trị dài {i}", 9) for i in range(50)) for name in PAGE.facets},
        histogram=tuple(Bin(a, b, 1000) for a, b in pairwise(edges)),
    )
    assert len(client.get(f"/search?{Q}&from=2001-01-01").data) < 60_000


def test_hit_without_a_title_can_still_be_opened(client: FlaskClient, service: FakeService) -> None:
    service.page = ResultPage(query="", total=1, pages=1, hits=(hit_of(replace(ARTICLE, title="")),))
    assert page_of(client, "/search?q=x").link("Bài không có tít") == "/article/bai-1?q=x"
