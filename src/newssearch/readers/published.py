"""When a document says it was published: ISO 8601, RFC 822, and the ways Vietnamese newspapers print it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from ..config import NEWS_ZONE

_DAY_FIRST = re.compile(r"(?<![\d/.-])(?P<d>\d{1,2})(?P<s>[/.-])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4})(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(?P<y>\d{4})(?P<s>[/.-])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)")
_IN_WORDS = re.compile(r"(?P<d>\d{1,2})\s+tháng\s+(?P<m>\d{1,2})(?:,|\s+năm|/)?\s*(?P<y>\d{4})(?!\d)", re.IGNORECASE)
_TIME = re.compile(
    r"(?<![\d/.])(?P<h>\d{1,2})\s?(?::|h|g|giờ)\s?(?P<min>\d{2})(?::(?P<sec>\d{2}))?(?:\.\d+)?(?![\d/:])(?:\s*(?P<half>AM|PM|SA|CH)\b)?", re.IGNORECASE
)
_ZONE = re.compile(r"(?:GMT|UTC)?\s*(?P<sign>[+-])(?P<zh>\d{1,2})(?::?(?P<zm>\d{2}))?(?!\d)|\bZ\b|\bUTC\b|\bGMT\b", re.IGNORECASE)
_COLONLESS_ZONE = re.compile(r"(?<=\d)\s?([+-]\d{2})(\d{2})$")
_COMPACT_DAYS = (19_000_101, 21_001_231)
_FIRST_SECOND = 1e8
"""seconds since 1970 below this (March 1973) are no time stamp of a news document, but a year or a counter"""


def read_published(value: object) -> datetime | None:
    """Return an aware datetime, or None for what is no possible date; without a zone the time is +07:00.

    Understood are datetimes, seconds, milliseconds or microseconds since 1970, ISO 8601, RFC 822, and dates with or without a time as
    newspapers print them: "24/12/2012 | 10:03 GMT+7", "10:03 24/12/2012", "ngày 8 tháng 8 năm 2026".
    """
    try:
        if isinstance(value, datetime):
            moment: datetime | None = value
        elif isinstance(value, bool) or value is None:
            moment = None
        elif isinstance(value, int | float):
            moment = _of_number(value)
        else:
            moment = _of_text(" ".join(str(value)[:200].split()))
        if moment is None:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=NEWS_ZONE)
        # A moment at the edge of the calendar has no form in another zone, so no index could hold it.
        moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year >= 1000 else None


def find_published(text: str) -> datetime | None:
    """The first date that stands somewhere in a line, with its time and zone if there are, else midnight +07:00; None without a possible one."""
    day = _DAY_FIRST.search(text) or _YEAR_FIRST.search(text) or _IN_WORDS.search(text)
    if not day:
        return None
    # The time may stand on either side; the one behind the date is nearer to how it is printed.
    before, after = text[: day.start()], text[day.end() :].removeprefix("T")
    time = _TIME.search(after) or _TIME.search(before)
    hour, minute, second = (int(time["h"]), int(time["min"]), int(time["sec"] or 0)) if time else (0, 0, 0)
    half = (time["half"] or "").upper() if time else ""
    if half in ("PM", "CH") and hour < 12:
        hour += 12
    elif half in ("AM", "SA") and hour == 12:
        hour = 0
    try:
        return datetime(int(day["y"]), int(day["m"]), int(day["d"]), hour, minute, second, tzinfo=_zone(time.string[time.end() :]) if time else NEWS_ZONE)
    except ValueError:
        return None


def has_time(text: str) -> bool:
    """Whether a line says a time of day beside its date."""
    return bool(_TIME.search(_DAY_FIRST.sub(" ", text)))


def _zone(text: str) -> timezone:
    zone = _ZONE.search(text[:20])
    if not zone:
        return NEWS_ZONE
    if not zone["sign"]:
        return UTC
    offset = timedelta(hours=int(zone["zh"]), minutes=int(zone["zm"] or 0))
    return timezone(-offset if zone["sign"] == "-" else offset)


def _of_number(number: float) -> datetime | None:
    if isinstance(number, int) and _COMPACT_DAYS[0] <= number <= _COMPACT_DAYS[1]:
        return datetime.fromisoformat(str(number))
    if not number >= _FIRST_SECOND:
        return None
    scale = 1e6 if number > 1e14 else 1e3 if number > 1e11 else 1
    return datetime.fromtimestamp(number / scale, UTC).astimezone(NEWS_ZONE)


def _of_text(text: str) -> datetime | None:
    if re.fullmatch(r"\d{8,16}(?:\.\d+)?", text):
        return _of_number(float(text) if "." in text else int(text))
    if re.match(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return datetime.fromisoformat(_COLONLESS_ZONE.sub(r"\1:\2", text))
        except ValueError:
            pass
    if re.match(r"(?:[A-Za-z]{3,9},?\s+)?\d{1,2}\s+[A-Za-z]{3}", text) and re.search(r"\d{4}", text):
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return None
        # RFC 5322 writes "-0000" for a time in UTC whose zone is not told; Python returns it naive.
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None and text.endswith("-0000") else moment
    return find_published(text)
