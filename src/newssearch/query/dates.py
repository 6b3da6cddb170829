"""Days, months, years and spans of time as people type them, in Vietnamese and English, with or without accents."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, timedelta

from ..config import NEWS_ZONE
from ..vietnamese.fold import fold

Range = tuple[date | None, date | None]
"""first and last day, both inclusive; None is open (`2026-10..`)"""


_DAY_FIRST = re.compile(r"(?:ngay )?([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
_SPOKEN_DAY = re.compile(r"(?:ngay )?([0-9]{1,2}) thang ([0-9]{1,2})(?: nam ([0-9]{4}))?")
_DAY_OF_YEAR = re.compile(r"(?:ngay )?([0-9]{1,2})/([0-9]{1,2})")
_MONTH_FIRST = re.compile(r"(?:thang )?([0-9]{1,2})(?:[/.-]| nam )([0-9]{4})")
_YEAR_MONTH = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})")
_MONTH = re.compile(r"thang ([0-9]{1,2})")
_YEAR = re.compile(r"(?:nam )?([0-9]{4})")
_SPAN = re.compile(
    r"(?:trong |last |past )?([0-9]{1,5}) ?(gio|ngay|tuan|thang|nam|hours?|days?|weeks?|months?|years?)(?: qua| vua qua| gan day| gan nhat)?"
)
_AGO = re.compile(r"(?:cach day )?([0-9]{1,5}) ?(?:(?:ngay|days?) (?:truoc|ago))")

_RELATIVE_DAYS = {"hom nay": 0, "today": 0, "hom qua": 1, "yesterday": 1, "hom kia": 2}
_RELATIVE_WEEKS = {"tuan nay": 0, "this week": 0, "tuan truoc": 1, "last week": 1}
_RELATIVE_MONTHS = {"thang nay": 0, "this month": 0, "thang truoc": 1, "last month": 1}
_RELATIVE_YEARS = {"nam nay": 0, "this year": 0, "nam ngoai": 1, "nam truoc": 1, "last year": 1}


def today_here() -> date:
    """Return the day that it is in +07:00."""
    return datetime.now(NEWS_ZONE).date()


def parse_range(text: str, today: date, lang: str = "vi") -> Range | None:
    """Return the first and last day that the text means, both inclusive, or None for what is no date.

    "10/2026" -> all of October, "hôm qua" -> one day, "tuần này" -> Monday to Sunday, "7 ngày" -> today and the six days before it,
    "24 giờ" -> yesterday and today, "2026-10..2026-11" -> 1 October to 30 November; either end of `..` may be left out. A day or month
    without a year is the latest that is not in the future. Day before month in either language.
    """
    plain = " ".join(fold(text).lower().split())
    try:
        if ".." not in plain:
            return _single(plain, today)
        first, last = (part.strip() for part in plain.split("..", 1))
        start = _single(first, today) if first else (None, None)
        end = _single(last.lstrip("."), today) if last.lstrip(".") else (None, None)
        if start is None or end is None or (start[0] is None and end[1] is None):
            return None
        if start[0] is not None and end[1] is not None and start[0] > end[1]:
            return None
        return start[0], end[1]
    except (ValueError, OverflowError):
        # Such as 32/13/2026, or so many years back that the calendar ends.
        return None


def parse_day(text: str, today: date, end: bool = False) -> date | None:
    """Return the first day that the text means (the last with `end`), or None for what is no date: "2026-10" -> 1 or 31 October."""
    found = parse_range(text, today)
    return None if found is None else found[1] if end else found[0]


def _single(plain: str, today: date) -> Range | None:
    """What one date or span means; raises ValueError or OverflowError for a day that the calendar lacks."""
    return _relative(plain, today) or _calendar(plain, today) or _span(plain, today)


def _relative(plain: str, today: date) -> Range | None:
    if (days := _RELATIVE_DAYS.get(plain)) is not None:
        return _one(today - timedelta(days=days))
    if (weeks := _RELATIVE_WEEKS.get(plain)) is not None:
        monday = today - timedelta(days=today.weekday() + 7 * weeks)
        return monday, monday + timedelta(days=6)
    if (months := _RELATIVE_MONTHS.get(plain)) is not None:
        number = today.year * 12 + today.month - 1 - months
        return _month(number // 12, number % 12 + 1)
    if (years := _RELATIVE_YEARS.get(plain)) is not None:
        return date(today.year - years, 1, 1), date(today.year - years, 12, 31)
    return None


def _calendar(plain: str, today: date) -> Range | None:
    if found := _DAY_FIRST.fullmatch(plain):
        return _one(date(int(found[4]), int(found[3]), int(found[1])))
    if found := _YEAR_FIRST.fullmatch(plain):
        return _one(date(int(found[1]), int(found[3]), int(found[4])))
    if found := _MONTH_FIRST.fullmatch(plain):
        return _month(int(found[2]), int(found[1]))
    if found := _YEAR_MONTH.fullmatch(plain):
        return _month(int(found[1]), int(found[2]))
    if found := _YEAR.fullmatch(plain):
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    if found := _SPOKEN_DAY.fullmatch(plain):
        day, month = int(found[1]), int(found[2])
        return _one(date(int(found[3]), month, day) if found[3] else _latest_day(month, day, today))
    if found := _DAY_OF_YEAR.fullmatch(plain):
        return _one(_latest_day(int(found[2]), int(found[1]), today))
    if found := _MONTH.fullmatch(plain):
        return _month(today.year - (int(found[1]) > today.month), int(found[1]))
    return None


def _span(plain: str, today: date) -> Range | None:
    """The last so many hours, days, weeks, months or years, today included; or the one day so many days ago."""
    if found := _AGO.fullmatch(plain):
        return _one(today - timedelta(days=int(found[1])))
    if not (found := _SPAN.fullmatch(plain)) or not (count := int(found[1])):
        return None
    unit = found[2].rstrip("s")
    if unit in ("gio", "hour"):
        return today - timedelta(days=-(-count // 24)), today
    if unit in ("ngay", "day"):
        return today - timedelta(days=count - 1), today
    if unit in ("tuan", "week"):
        return today - timedelta(days=7 * count - 1), today
    months = count if unit in ("thang", "month") else 12 * count
    number = today.year * 12 + today.month - 1 - months
    year, month = number // 12, number % 12 + 1
    day = min(today.day, calendar.monthrange(year, month)[1])
    return date(year, month, day) + timedelta(days=1), today


def _one(day: date) -> Range:
    return day, day


def _month(year: int, month: int) -> Range:
    first = date(year, month, 1)
    return first, first.replace(day=calendar.monthrange(year, month)[1])


def _latest_day(month: int, day: int, today: date) -> date:
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)
