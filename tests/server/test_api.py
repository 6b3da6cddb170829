"""The JSON API and the errors of both faces."""

from __future__ import annotations

import logging
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from newssearch.errors import IndexLocked, IndexMissing, IndexOutdated
from newssearch.formats import article_to_json, page_to_json

from .conftest import Page
from .fake import ARTICLE, PAGE, STRANGE, FakeService


def test_search_is_the_contract(client: FlaskClient, service: FakeService) -> None:
    answer = client.get("/api/v1/search?q=bu%C3%B4n+ma+thu%E1%BB%99t")
    assert answer.mimetype == "application/json"
    assert answer.json == page_to_json(PAGE)
    assert list(answer.json)[:4] == ["query", "total", "articles", "near"]
    assert "Buôn" in answer.text, "letters, not escapes"


@pytest.mark.parametrize("bad", ["limit=900", "limit=0", "page=-1", "page=x", "sort=best", "match=some", "from=32/13/2026", "exact=maybe", "lang=xx", "from=2026-02-01&to=2026-01-01"])
def test_parameter_that_cannot_be_read_is_400(client: FlaskClient, bad: str) -> None:
    answer = client.get(f"/api/v1/search?q=a&{bad}")
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"
    assert bad.partition("=")[0] in answer.json["error"]["message"]
    assert answer.json["error"]["hint"]


def test_article_by_any_id(client: FlaskClient) -> None:
    assert client.get("/api/v1/articles/bai-1").json == article_to_json(ARTICLE)
    assert client.get(f"/api/v1/articles/{quote(STRANGE.id, safe='')}").json == article_to_json(STRANGE)
    assert client.get("/api/v1/articles//bai").json["error"]["message"] == "No article answers to “/bai”."


def test_stats_and_health(client: FlaskClient, service: FakeService) -> None:
    assert client.get("/api/v1/stats").json["articles"] == 39210
    service.error = IndexMissing("No index at x.", "newssearch rebuild-index")
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/api/v1/stats").status_code == 503


@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("articles/khong-co", 404, "unknown_article", "Không có bài này trong kho"),
        ("articles/da-go", 410, "blocked_article", "Bài này đã được gỡ"),
        ("khong/co", 404, "not_found", "Không có trang này"),
    ],
)
def test_errors_are_json_for_programs_and_a_page_for_readers(client: FlaskClient, path: str, status: int, code: str, says: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    response = client.get("/" + path.replace("articles", "article") + "?q=s%E1%BA%A7u+ri%C3%AAng")
    assert response.status_code == status
    page = Page(response.text)
    assert says in page.text
    assert code in page.text
    assert response.headers["X-Request-Id"] in page.text
    assert page.all("input")[0]["value"] == "sầu riêng", "the question is kept"


def test_method_that_is_not_taken(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("url", ["/", "/search?q=a", "/article/bai-1"])
def test_without_an_index_every_page_says_how_to_make_one(client: FlaskClient, service: FakeService, url: str) -> None:
    service.error = IndexMissing("No index at index.", "newssearch rebuild-index")
    response = client.get(url)
    assert response.status_code == 503
    assert "newssearch rebuild-index" in response.text
    assert "Kho tin còn trống" in response.text
    assert client.get("/api/v1/search?q=a").json == {
        "error": {"code": "index_missing", "message": "No index at index.", "hint": "newssearch rebuild-index"}
    }


@pytest.mark.parametrize("error", [IndexOutdated("Of schema 3.", "newssearch rebuild-index --stored"), IndexLocked("Locked.", "Wait.")])
def test_index_that_cannot_be_read_says_so_to_reader_and_operator(client: FlaskClient, service: FakeService, error: Exception) -> None:
    service.error = error
    response = client.get("/search?q=s%E1%BA%A7u")
    page = Page(response.text)
    assert response.status_code == 503
    assert "Chưa tìm được lúc này" in page.text
    assert error.message in page.text  # type: ignore[attr-defined]
    assert error.hint in page.text  # type: ignore[attr-defined]
    assert page.link("Thử lại") == "/search?q=s%E1%BA%A7u"


def test_fault_of_our_own_is_500_logged_and_never_shown(client: FlaskClient, service: FakeService, caplog: pytest.LogCaptureFixture) -> None:
    service.error = RuntimeError("bí mật")
    with caplog.at_level(logging.ERROR):
        response = client.get("/search?q=a")
        answer = client.get("/api/v1/search?q=a")
    assert (response.status_code, answer.status_code) == (500, 500)
    assert "bí mật" not in response.text + answer.text
    assert "Traceback" not in response.text + answer.text
    assert response.headers["X-Request-Id"] in caplog.text
    assert "bí mật" in caplog.text
