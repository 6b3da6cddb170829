"""A search and its URL say the same."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.errors import BadRequest
from newssearch.models import SearchRequest
from newssearch.query.params import params_from_request, request_from_params

TODAY = date(2026, 11, 24)


def read(query: str, strict: bool = True) -> SearchRequest:
    return request_from_params(parse_qsl(query, keep_blank_values=True), strict=strict, today=TODAY)[0]


VALUES = st.lists(
    st.from_regex(r"[^\s\ud800-\udfff]{1,8}( [^\s\ud800-\udfff]{1,8})?", fullmatch=True), unique=True, max_size=3
).map(tuple)
DAYS = st.none() | st.dates(min_value=date(1000, 1, 1))


@given(
    st.builds(
        SearchRequest,
        query=st.just("") | st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip),
        limit=st.integers(1, 100),
        page=st.integers(1, 10**30),
        sort=st.sampled_from(["relevance", "newest", "oldest"]),
        match=st.sampled_from(["auto", "all", "most", "any"]),
        exact=st.booleans(),
        date_from=st.just(None),
        date_to=DAYS,
        source=VALUES,
        section=VALUES,
        author=VALUES,
        kind=VALUES,
        lang=st.sampled_from(["vi", "en"]),
    )
)
def test_a_request_comes_back_from_its_url(request: SearchRequest) -> None:
    assert read(params_from_request(request)) == request


def test_defaults_are_left_out_and_the_order_is_always_the_same() -> None:
    assert params_from_request(SearchRequest()) == ""
    request = SearchRequest(query="lũ lụt", source=("b", "a"), date_from=date(2026, 10, 1), exact=True, lang="en")
    assert params_from_request(request) == "q=l%C5%A9+l%E1%BB%A5t&from=2026-10-01&source=b&source=a&exact=1&lang=en"


def test_a_link_that_changes_the_answer_leads_to_its_first_page() -> None:
    request = SearchRequest(query="a", page=7)
    assert params_from_request(request, sort="newest") == "q=a&sort=newest"
    assert params_from_request(request, lang="en") == "q=a&page=7&lang=en"
    assert params_from_request(request, page=8) == "q=a&page=8"


def test_every_parameter_is_read() -> None:
    assert read(
        "q=lũ&page=2&limit=20&sort=newest&from=2026-10&to=10/2026&source=a&source=b&section=s&author=t&kind=teaser&match=all&exact=1&lang=en&x=y"
    ) == SearchRequest(
        query="lũ",
        page=2,
        limit=20,
        sort="newest",
        date_from=date(2026, 10, 1),
        date_to=date(2026, 10, 31),
        source=("a", "b"),
        section=("s",),
        author=("t",),
        kind=("teaser",),
        match="all",
        exact=True,
        lang="en",
    )


def test_days_may_be_relative() -> None:
    assert read("from=hôm qua&to=today") == SearchRequest(date_from=date(2026, 11, 23), date_to=TODAY)


def test_empty_parameters_are_absent() -> None:
    assert read("q=&page=&limit=+&sort=&from=&to=&source=&match=&exact=&lang=") == SearchRequest()


WRONG = [
    "page=0", "page=-1", "page=x", "page=1.5", "page=²", "page=" + "9" * 5000, "limit=0", "limit=101", "limit=1e3", "sort=best", "match=some", "exact=maybe", "lang=fr",
    "from=32/13/2026", "to=mai",
]  # fmt: skip


@pytest.mark.parametrize("query", WRONG)
def test_an_api_refuses_what_it_cannot_read_and_names_it(query: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read(query)
    assert query.split("=")[0] in refused.value.message
    assert refused.value.hint
    assert refused.value.http_status == 400


@pytest.mark.parametrize("query", WRONG)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_page_goes_on_with_a_notice(query: str, lang: str) -> None:
    pairs = [*parse_qsl(query), ("q", "lũ"), *([("lang", lang)] if "lang" not in query else [])]
    request, notices = request_from_params(pairs, strict=False, today=TODAY)
    assert request == SearchRequest(query="lũ", lang=lang if "lang" not in query else "vi")
    assert [notice.code for notice in notices] == ["unreadable-parameter"]
    assert query.split("=")[0] + "=" in notices[0].message
    assert len(notices[0].message) < 200


def test_days_in_the_wrong_order() -> None:
    with pytest.raises(BadRequest, match="2026-10-31"):
        read("from=2026-11&to=2026-10")
    request, notices = request_from_params([("from", "2026-11"), ("to", "2026-10")], strict=False, today=TODAY)
    assert (request.date_from, request.date_to) == (date(2026, 10, 31), date(2026, 11, 1))
    assert [notice.code for notice in notices] == ["dates-reversed"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["q", "page", "limit", "sort", "from", "to", "source", "kind", "match", "exact", "lang", "x"]
            ),
            st.text(max_size=12),
        )
    )
)
def test_a_page_reads_any_parameters(pairs: list[tuple[str, str]]) -> None:
    request, _ = request_from_params(pairs, strict=False, today=TODAY)
    assert (
        request_from_params(parse_qsl(params_from_request(request)), strict=True, today=TODAY)[0].page == request.page
    )


def test_text_that_no_url_can_hold_is_replaced() -> None:
    assert params_from_request(SearchRequest(query="\ud800")) == "q=%3F"
