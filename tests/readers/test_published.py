"""Dates as documents write them."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newssearch.readers.published import find_published, read_published


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-08-08T08:30:00+07:00", "2026-08-08T08:30+07:00"),
        ("2026-08-08T08:30:00Z", "2026-08-08T15:30+07:00"),
        ("2026-08-08 08:30:00 +0700", "2026-08-08T08:30+07:00"),
        ("2026-08-08 08:30", "2026-08-08T08:30+07:00"),
        ("2026-08-08", "2026-08-08T00:00+07:00"),
        ("2026/8/8 08:30", "2026-08-08T08:30+07:00"),
        ("Sat, 08 Aug 2026 08:30:00 +0700", "2026-08-08T08:30+07:00"),
        ("8 Aug 2026 01:30:00 GMT", "2026-08-08T08:30+07:00"),
        ("Sat, 08 Aug 2026 01:30:00 -0000", "2026-08-08T08:30+07:00"),
        ("08/08/2026", "2026-08-08T00:00+07:00"),
        ("08/08/2026 08:30", "2026-08-08T08:30+07:00"),
        ("08:30 8/8/2026", "2026-08-08T08:30+07:00"),
        ("Thứ bảy, 8/8/2026, 08:30 (GMT+7)", "2026-08-08T08:30+07:00"),
        ("Thứ tư, 24/12/2012 | 10:03 GMT+7", "2012-12-24T10:03+07:00"),
        ("Thứ Hai, 24/12/2012, 03:04 AM (GMT+7)", "2012-12-24T03:04+07:00"),
        ("24/12/2012 12:05 AM", "2012-12-24T00:05+07:00"),
        ("24.12.2012 3:04 PM", "2012-12-24T15:04+07:00"),
        ("24-12-2012 15h04", "2012-12-24T15:04+07:00"),
        ("24/12/2012 08:00 (GMT+0)", "2012-12-24T15:00+07:00"),
        ("ngày 8 tháng 8 năm 2026", "2026-08-08T00:00+07:00"),
        (1786152600, "2026-08-08T08:30+07:00"),
        (1786152600000, "2026-08-08T08:30+07:00"),
        (1786152600000000, "2026-08-08T08:30+07:00"),
        ("1786152600", "2026-08-08T08:30+07:00"),
        (20260808, "2026-08-08T00:00+07:00"),
    ],
)
def test_written_dates(written: object, meant: str) -> None:
    assert read_published(written) == datetime.fromisoformat(meant)


@pytest.mark.parametrize("written", ["32/13/2026", "2026-02-30", "2026-13-01", "hôm qua", "2026", 2026, "1/8", "", None, True, float("nan"), float("inf"), 10**400, "0001-01-01", -5, "25:99 8/8"])
def test_impossible_dates_are_none(written: object) -> None:
    assert read_published(written) is None


@given(st.datetimes(min_value=datetime(1000, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))))
def test_every_iso_date_is_read_back(moment: datetime) -> None:
    assert read_published(moment.isoformat()) == moment


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.from_regex(r"\d{1,4}[-/. :T]\d{1,4}[-/. :T]\d{1,4}.*")))
def test_anything_is_a_date_with_a_zone_or_none(written: object) -> None:
    moment = read_published(written)
    assert moment is None or moment.tzinfo is not None


def test_date_is_found_in_a_line() -> None:
    assert find_published("Cập nhật lúc 07 giờ 05, 8/8/2026") == datetime.fromisoformat("2026-08-08T07:05+07:00")
    assert find_published("Không có ngày 45/8/2026") is None
