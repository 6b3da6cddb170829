"""Days and times as readers of the page write them, in +07:00."""

from __future__ import annotations

from datetime import date, datetime

from ..config import NEWS_ZONE
from .texts import counted, text


def local(moment: datetime) -> datetime:
    """Return the moment as clocks in Việt Nam show it; one too near to the ends of the calendar stays as it is."""
    try:
        return moment.astimezone(NEWS_ZONE)
    except OverflowError:
        return moment


def day(moment: date | datetime) -> str:
    """Return DD/MM/YYYY: "11/10/2026"."""
    moment = local(moment) if isinstance(moment, datetime) else moment
    return f"{moment.day:02}/{moment.month:02}/{moment.year:04}"


def clock(moment: datetime) -> str:
    """Return the time of day: "07:15"; empty at midnight sharp, which is how a day without a time is stored."""
    there = local(moment)
    return f"{there:%H:%M}" if (there.hour, there.minute, there.second) != (0, 0, 0) else ""


def moment_of(moment: datetime) -> str:
    """Return day and time: "11/10/2026, 07:15", or the day alone where no time is known."""
    return ", ".join(filter(None, (day(moment), clock(moment))))


def weekday(moment: datetime, lang: str) -> str:
    """Return the weekday, short: "CN"."""
    return text("weekdays", lang).split()[local(moment).weekday()]


def ago(moment: datetime, today: date, lang: str) -> str:
    """Return how long ago that was, in the unit that a reader would choose: "hôm qua", "7 tuần trước"; empty for a day to come."""
    days = (today - local(moment).date()).days
    if days < 0:
        return ""
    if days < 2:
        return text("yesterday" if days else "today", lang)
    if days < 14:
        return counted("days_ago", days, lang)
    if days < 77:
        return counted("weeks_ago", days // 7, lang)
    months = round(days / 30.44)
    return counted("months_ago", months, lang) if months < 12 else counted("years_ago", max(1, int(days / 365.25)), lang)


def short(moment: datetime, today: date, lang: str) -> str:
    """Return the least that says when in a list of the newest: the time today, "hôm qua", "08/10", with the year where it is another."""
    there = local(moment)
    days = (today - there.date()).days
    if days == 0:
        return clock(moment) or text("today", lang)
    if days == 1:
        return text("yesterday", lang)
    return day(there)[:5] if there.year == today.year else day(there)[3:]


def iso(moment: datetime) -> str:
    """Return the moment for a `datetime` attribute, to the minute: "2026-10-11T07:15+07:00"."""
    return local(moment).isoformat(timespec="minutes")
