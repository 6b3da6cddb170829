"""Days, links and bars, each alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.models import Bin, SearchRequest
from newssearch.server import dates
from newssearch.server.links import outside, requiring
from newssearch.server.texts import counted, number
from newssearch.server.timeline import HIGHEST, MOST_BARS, timeline

from .fake import NOW, VN


@pytest.mark.parametrize(
    ("days", "vi", "en"),
    [
        (-1, "", ""),
        (0, "hôm nay", "today"),
        (1, "hôm qua", "yesterday"),
        (10, "10 ngày trước", "10 days ago"),
        (14, "2 tuần trước", "2 weeks ago"),
        (51, "7 tuần trước", "7 weeks ago"),
        (85, "3 tháng trước", "3 months ago"),
        (360, "1 năm trước", "1 year ago"),
        (3000, "8 năm trước", "8 years ago"),
    ],
)
def test_how_long_ago(days: int, vi: str, en: str) -> None:
    moment = NOW - timedelta(days=days)
    assert dates.ago(moment, NOW.date(), "vi") == vi
    assert dates.ago(moment, NOW.date(), "en") == en


def test_a_day_ends_at_midnight_in_vietnam() -> None:
    late = datetime(2026, 10, 11, 17, 30, tzinfo=UTC)
    assert dates.moment_of(late) == "12/10/2026, 00:30"
    assert dates.ago(late, NOW.date(), "vi") == "hôm nay"
    assert dates.moment_of(datetime(2026, 10, 11, tzinfo=VN)) == "11/10/2026", "midnight sharp is a day without a time"


@given(st.datetimes(timezones=st.just(UTC)), st.dates())
def test_any_moment_can_be_shown(moment: datetime, today: date) -> None:
    for lang in ("vi", "en"):
        assert dates.short(moment, today, lang)
        assert isinstance(dates.ago(moment, today, lang), str)
        assert dates.weekday(moment, lang)
    assert len(dates.day(moment)) == 10
    assert datetime.fromisoformat(dates.iso(moment))


def test_numbers_in_both_languages() -> None:
    assert number(1234567, "vi") == "1.234.567"
    assert counted("stories", 1, "en") == "1 story"
    assert counted("stories", 1234, "en") == "1,234 stories"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://a.example", "", "http://", "http://[bad", "/x"])
def test_only_web_addresses_become_links(url: str) -> None:
    assert outside(url) == ""


@given(st.text(max_size=40), st.text(min_size=1, max_size=10).filter(lambda word: not any(map(str.isspace, word))))
def test_required_word_stands_in_quotes(query: str, word: str) -> None:
    changed = requiring(query, word)
    assert f'"{word}"' in changed
    assert len(changed) <= len(query) + len(word) + 3


def test_required_word_takes_the_place_of_the_plain_one() -> None:
    assert requiring("giá metro (metro)", "metro") == 'giá "metro" (metro)'
    assert requiring("bò bơ", "bơ sữa") == 'bò bơ "bơ sữa"'


def bins(start: date, days: list[int], counts: list[int]) -> tuple[Bin, ...]:
    edges = [start]
    for step in days:
        edges.append(edges[-1] + timedelta(days=step))
    return tuple(Bin(a, b, count) for a, b, count in zip(edges, edges[1:], counts, strict=False))


def months(count: int) -> tuple[Bin, ...]:
    edges = [date(2010 + i // 12, i % 12 + 1, 1) for i in range(count + 1)]
    return tuple(Bin(a, b, i + 1) for i, (a, b) in enumerate(pairwise(edges)))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=62).filter(any), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_bars_fit_and_nothing_is_lost(counts: list[int], start: date) -> None:
    drawn = timeline(bins(start, [1] * len(counts), counts), SearchRequest(), "vi")
    assert drawn is not None
    assert [bar.count for bar in drawn.bars] == counts
    assert max(bar.height for bar in drawn.bars) == HIGHEST
    assert all((bar.height > 0) == (bar.count > 0) for bar in drawn.bars)
    assert sum(bar.is_peak for bar in drawn.bars) == 1


@given(st.integers(2, 400))
def test_many_months_are_joined_to_quarters(count: int) -> None:
    drawn = timeline(months(count), SearchRequest(), "vi")
    assert drawn is not None
    assert len(drawn.bars) <= MOST_BARS
    assert drawn.unit == ("month" if count <= MOST_BARS else "quarter")
    assert sum(bar.count for bar in drawn.bars) == count * (count + 1) // 2
    assert all(a.last + timedelta(days=1) == b.start for a, b in pairwise(drawn.bars))


def test_centuries_are_joined_to_decades() -> None:
    drawn = timeline([Bin(date(year, 1, 1), date(year + 1, 1, 1), 1) for year in range(1900, 2027)], SearchRequest(), "vi")
    assert drawn is not None
    assert (drawn.unit, drawn.bars[0].name, drawn.bars[-1].count) == ("decade", "1900–1909", 7)


def test_labels_are_thinned_out_and_name_where_a_month_begins() -> None:
    drawn = timeline(bins(date(2026, 8, 20), [1] * 62, [1] * 62), SearchRequest(), "vi")
    assert drawn is not None
    assert [bar.label for bar in drawn.bars[:6]] == ["20", "", "", "", "", "25"]
    assert {bar.start: bar.era for bar in drawn.bars if bar.era} == {
        date(2026, 8, 20): "th 8",
        date(2026, 9, 1): "th 9",
        date(2026, 10, 1): "th 10",
    }
    of_years = timeline(months(50), SearchRequest(), "vi")
    assert of_years is not None
    assert [(bar.label, bar.era) for bar in of_years.bars[:13] if bar.label] == [("1", "2010"), ("7", ""), ("1", "2011")]


def test_bars_outside_the_days_asked_for_are_pale() -> None:
    drawn = timeline(months(12), SearchRequest(date_from=date(2010, 3, 31), date_to=date(2010, 5, 1)), "vi")
    assert drawn is not None
    assert [bar.is_out for bar in drawn.bars] == [True, True, False, False, False] + [True] * 7
    assert drawn.has_out


def test_one_period_is_no_timeline() -> None:
    assert timeline(months(1), SearchRequest(), "vi") is None
    assert timeline((), SearchRequest(), "vi") is None
