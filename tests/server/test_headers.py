"""What answers carry beside their text."""

from __future__ import annotations

import gzip
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from .conftest import Page


def fetch(client: FlaskClient, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> TestResponse:
    """An answer, read and closed as a server closes it: a static file stays open until then."""
    response = client.open(path, method=method, headers=headers)
    response.get_data()
    response.close()
    return response


PAGES = ("/", "/search?q=a", "/article/bai-1", "/article/khong-co", "/nope")
PATHS = (*PAGES, "/api/v1/search?q=a", "/api/v1/nope", "/healthz", "/static/look.css")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_locked_down(client: FlaskClient, path: str) -> None:
    headers = fetch(client, path).headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'"}
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers
    assert re.fullmatch(r"(search;dur=[\d.]+, )?total;dur=[\d.]+", headers["Server-Timing"])


def test_search_says_how_long_it_took(client: FlaskClient) -> None:
    assert client.get("/search?q=a").headers["Server-Timing"].startswith("search;dur=9.4, total;dur=")
    assert client.get("/api/v1/search?q=a").headers["Server-Timing"].startswith("search;dur=9.4, ")


def test_no_page_asks_another_host_for_anything(client: FlaskClient) -> None:
    for path in PAGES:
        page = Page(client.get(path).text)
        asked = [attrs["href"] for attrs in page.all("link")] + [attrs.get("src") for _, attrs in page.tags if "src" in attrs]
        assert len(asked) == 3
        assert all(address and address.startswith("/static/") for address in asked)


def test_named_static_files_are_kept_for_ever_and_others_are_asked_about(client: FlaskClient) -> None:
    address = next(str(attrs["href"]) for attrs in Page(client.get("/").text).all("link") if "look.css" in str(attrs["href"]))
    named = fetch(client, address)
    assert "immutable" in named.headers["Cache-Control"]
    plain = fetch(client, "/static/look.css")
    assert plain.headers["Cache-Control"] == "no-cache"
    for encoding in ("identity", "gzip"):
        first = fetch(client, "/static/look.css", headers={"Accept-Encoding": encoding})
        again = fetch(client, "/static/look.css", headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert not again.data


@pytest.mark.parametrize("path", PATHS)
def test_head_says_what_get_says_without_the_text(client: FlaskClient, path: str) -> None:
    head, get = fetch(client, path, "HEAD"), fetch(client, path)
    assert head.status_code == get.status_code
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert not head.data


@pytest.mark.parametrize("path", ["/search?q=a", "/api/v1/search?q=a", "/static/look.css"])
def test_compressed_answer_is_the_same_answer(client: FlaskClient, path: str) -> None:
    plain, packed = fetch(client, path), fetch(client, path, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    lost = re.compile(rb"dur=[\d.]+")
    assert lost.sub(b"", gzip.decompress(packed.data)) == lost.sub(b"", plain.data)


def test_style_sheets_stay_below_14_kilobytes(repository: Path) -> None:
    folder = repository / "web" / "static"
    assert sum((folder / name).stat().st_size for name in ("tokens.css", "look.css")) < 14_000


def test_colours_and_sizes_are_named_in_tokens_alone(repository: Path) -> None:
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", (repository / "web" / "static" / "look.css").read_text("utf-8"))


def test_every_text_is_in_both_languages_and_used(repository: Path) -> None:
    from newssearch.server.texts import TEXTS

    sources = [*(repository / "web" / "templates").glob("*.html"), *(repository / "src" / "newssearch" / "server").glob("*.py")]
    said = "\n".join(path.read_text("utf-8") for path in sources if path.name != "texts.py")
    for key, text in TEXTS.items():
        assert text.vi, key
        assert text.en, key
        assert set(re.findall(r"{(\w+)}", text.en)) <= set(re.findall(r"{(\w+)}", text.vi)) | {"n"}, key
        family = re.fullmatch(r"(per_|facet_|error_|chip_match_|kind_).*", key)
        assert family or re.search(rf"[\"']{key}[\"']", said), f"{key} is never said"
