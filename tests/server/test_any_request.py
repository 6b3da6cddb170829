"""Whatever is asked of the server, it answers; over the seeds, with the real engine."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WORDS = st.sampled_from(["cà phê", "buon ma thuot", '"', "(", ")", "OR", "-", "*", "title:", "=", "~5", "after:", "NEAR/3", "<script>", "\x00", "Đắk Lắk", "1/8/2014"])
QUERIES = st.one_of(st.lists(WORDS, max_size=8).map(" ".join), st.text(max_size=60))
NAMES = st.sampled_from(["q", "page", "limit", "sort", "from", "to", "source", "section", "author", "kind", "match", "exact", "lang", "more", "marks"])
VALUES = st.one_of(st.sampled_from(["1", "0", "9" * 30, "newest", "oldest", "any", "all", "en", "2026-10-01", "hôm nay", "Thời sự", "teaser"]), QUERIES)
PARAMS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(QUERIES, PARAMS)
def test_no_search_is_an_error(seeds_client: FlaskClient, query: str, params: list[tuple[str, str]]) -> None:
    url = "/search?" + urlencode([("q", query), *params], errors="surrogatepass")
    response = seeds_client.get(url)
    assert response.status_code == 200
    assert "<script" not in response.text
    assert seeds_client.get("/api/v1" + url).status_code in (200, 400)


@QUICK
@given(st.binary(max_size=80))
def test_no_query_string_is_an_error(seeds_client: FlaskClient, raw: bytes) -> None:
    for path in ("/", "/search", "/article/x", "/api/v1/search"):
        assert seeds_client.get(f"{path}?{quote(raw)}").status_code in (200, 400, 404)
        response = seeds_client.get(path, query_string=raw.decode("latin-1"))
        assert response.status_code in (200, 400, 404)


@QUICK
@given(st.text(min_size=1, max_size=60))
def test_no_path_is_an_error(seeds_client: FlaskClient, path: str) -> None:
    for room in ("article", "api/v1/articles", "static"):
        status = seeds_client.get(f"/{room}/{quote(path.encode('utf-8', 'surrogatepass'), safe='')}").status_code
        assert status in (200, 404)


@pytest.mark.parametrize("query", ["a" * 5000, "ă " * 2500, "(" * 5000, '"' * 4999])
def test_five_thousand_letters_are_answered(seeds_client: FlaskClient, query: str) -> None:
    assert seeds_client.get("/search?" + urlencode({"q": query})).status_code == 200
