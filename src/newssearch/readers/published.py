"""When a document says it was published: ISO 8601, RFC 822, and the ways Vietnamese newspapers print it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

NEWS_ZONE = timezone(timedelta(hours=7))

_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?!\d)")
_TIME = re.compile(r"(?<![\d/])(\d{1,2})\s?[:hg]\s?(\d{2})(?::(\d{2}))?(?![\d/])(?:\s*(AM|PM|SA|CH)\b)?", re.IGNORECASE)
_ISO_COLONLESS = re.compile(r"([+-]\d{2})(\d{2})$")


def read_published(value: object) -> datetime | None:
    """Return an aware datetime, or None for what is no possible date; without a zone the time is +07:00.

    Understood are datetimes, seconds or milliseconds since 1970, ISO 8601, RFC 822 and day-first dates with or without a time:
    "24/12/2012 | 10:03 GMT+7", "10:03 24/12/2012".
    """
    try:
        if isinstance(value, datetime):
            moment: datetime | None = value
        elif isinstance(value, bool) or value is None:
            moment = None
        elif isinstance(value, int | float):
            moment = _since_1970(float(value))
        else:
            moment = _read(str(value).strip())
        if moment is None:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=NEWS_ZONE)
        # A moment at the edge of the calendar has no form in another zone, so no index could hold it.
        moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.year >= 1000 else None


def find_published(text: str) -> datetime | None:
    """The first day-first date that stands somewhere in a line, with its time if there is one."""
    day = _DAY_FIRST.search(text)
    if not day:
        return None
    rest = text[: day.start()] + " " + text[day.end() :]
    time = _TIME.search(rest)
    hour, minute, second = (int(time[1]), int(time[2]), int(time[3] or 0)) if time else (0, 0, 0)
    if time and time[4] and time[4].upper() in ("PM", "CH") and hour < 12:
        hour += 12
    try:
        return datetime(int(day[3]), int(day[2]), int(day[1]), hour, minute, second, tzinfo=NEWS_ZONE)
    except ValueError:
        return None


def _read(text: str) -> datetime | None:
    if re.fullmatch(r"\d{9,13}", text):
        return _since_1970(float(text))
    try:
        return datetime.fromisoformat(_ISO_COLONLESS.sub(r"\1:\2", text) if "T" in text else text)
    except ValueError:
        pass
    if re.match(r"\d{4}-\d{1,2}$", text):
        return None
    if re.search(r"[A-Za-z]{3}", text):
        try:
            return parsedate_to_datetime(text)
        except (ValueError, TypeError):
            pass
    return find_published(text)


def _since_1970(number: float) -> datetime | None:
    return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC).astimezone(NEWS_ZONE)
