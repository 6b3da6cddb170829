"""Dates as people type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.query.dates import parse_day, parse_range

TODAY = date(2026, 11, 24)  # a Tuesday


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("8/8/2026", "2026-08-08", "2026-08-08"),
        ("08-08-2026", "2026-08-08", "2026-08-08"),
        ("8.8.2026", "2026-08-08", "2026-08-08"),
        ("2026-08-08", "2026-08-08", "2026-08-08"),
        ("2026/8/8", "2026-08-08", "2026-08-08"),
        ("ngày 8 tháng 8 năm 2026", "2026-08-08", "2026-08-08"),
        ("31/12/2026", "2026-12-31", "2026-12-31"),
        ("8/8", "2026-08-08", "2026-08-08"),
        ("25/12", "2025-12-25", "2025-12-25"),
        ("2026-10", "2026-10-01", "2026-10-31"),
        ("10/2026", "2026-10-01", "2026-10-31"),
        ("2/2024", "2024-02-01", "2024-02-29"),
        ("tháng 10/2026", "2026-10-01", "2026-10-31"),
        ("tháng 10 năm 2026", "2026-10-01", "2026-10-31"),
        ("tháng 10", "2026-10-01", "2026-10-31"),
        ("tháng 12", "2025-12-01", "2025-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("năm 2025", "2025-01-01", "2025-12-31"),
        ("hôm nay", "2026-11-24", "2026-11-24"),
        ("HOM  NAY", "2026-11-24", "2026-11-24"),
        ("today", "2026-11-24", "2026-11-24"),
        ("hôm qua", "2026-11-23", "2026-11-23"),
        ("yesterday", "2026-11-23", "2026-11-23"),
        ("hôm kia", "2026-11-22", "2026-11-22"),
        ("tuần này", "2026-11-23", "2026-11-29"),
        ("this week", "2026-11-23", "2026-11-29"),
        ("tuần trước", "2026-11-16", "2026-11-22"),
        ("tháng này", "2026-11-01", "2026-11-30"),
        ("tháng trước", "2026-10-01", "2026-10-31"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("năm nay", "2026-01-01", "2026-12-31"),
        ("năm ngoái", "2025-01-01", "2025-12-31"),
        ("24 giờ", "2026-11-23", "2026-11-24"),
        ("1 ngày", "2026-11-24", "2026-11-24"),
        ("7 ngày", "2026-11-18", "2026-11-24"),
        ("7 ngày qua", "2026-11-18", "2026-11-24"),
        ("7 days", "2026-11-18", "2026-11-24"),
        ("last 7 days", "2026-11-18", "2026-11-24"),
        ("2 tuần", "2026-11-11", "2026-11-24"),
        ("3 tháng", "2026-08-25", "2026-11-24"),
        ("1 year", "2025-11-25", "2026-11-24"),
        ("7 ngày trước", "2026-11-17", "2026-11-17"),
        ("3 days ago", "2026-11-21", "2026-11-21"),
        ("2026-10..2026-11", "2026-10-01", "2026-11-30"),
        ("1/10/2026 .. hôm nay", "2026-10-01", "2026-11-24"),
    ],
)
def test_what_a_date_means(text: str, start: str, end: str) -> None:
    assert parse_range(text, TODAY) == (d(start), d(end))


def test_either_end_of_a_range_may_be_open() -> None:
    assert parse_range("2026-10..", TODAY) == (d("2026-10-01"), None)
    assert parse_range("..10/2026", TODAY) == (None, d("2026-10-31"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "..",
        "32/13/2026",
        "29/2/2026",
        "29/2/2025",
        "13/2026",
        "2026-13",
        "0/2026",
        "0000",
        "lũ",
        "hôm",
        "tháng 13",
        "0 ngày",
        "99999 năm",
        "99999 tháng",
        "2026-11..2026-10",
        "2026..x",
        "1-2/2026",
        "٢٠٢٦",
        "8/8/26",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_range(text, TODAY) is None


def test_a_month_begins_on_its_first_day_and_ends_on_its_last() -> None:
    assert parse_day("2026-10", TODAY) == d("2026-10-01")
    assert parse_day("2026-10", TODAY, end=True) == d("2026-10-31")
    assert parse_day("mai", TODAY) is None


@given(st.text(max_size=30), st.dates())
def test_any_text_is_read_or_not_but_never_fails(text: str, today: date) -> None:
    found = parse_range(text, today)
    assert found is None or found[0] is None or found[1] is None or found[0] <= found[1]


@given(st.integers(0, 99999), st.sampled_from(["giờ", "ngày", "tuần", "tháng", "năm", "days ago"]), st.dates())
def test_a_span_ends_today_or_is_no_date(count: int, unit: str, today: date) -> None:
    found = parse_range(f"{count} {unit}", today)
    assert found is None or (found[0] is not None and found[0] <= today)


@given(st.dates(min_value=date(1000, 1, 1)), st.dates())
def test_every_day_is_read_in_all_its_spellings(day: date, today: date) -> None:
    for form in (
        f"{day.day}/{day.month}/{day.year}",
        day.isoformat(),
        f"{day:%d-%m-%Y}",
        f"ngày {day.day} tháng {day.month} năm {day.year}",
    ):
        assert parse_range(form, today) == (day, day)


@given(st.dates(min_value=date(1000, 2, 1)))
def test_the_last_month_ends_the_day_before_this_one_begins(today: date) -> None:
    last = parse_range("tháng trước", today)
    this = parse_range("tháng này", today)
    assert last is not None
    assert this is not None
    assert last[1] is not None
    assert last[1] + timedelta(days=1) == this[0]
