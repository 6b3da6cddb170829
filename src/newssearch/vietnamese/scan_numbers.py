"""Numbers, dates, times and amounts: one canonical form however they are written."""

from __future__ import annotations

import re
from datetime import date

JOINERS = frozenset("./,:-")
"""what may stand between the digits of one number"""

_DAY = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
_MONTH = re.compile(r"([0-9]{1,2})([/.-])([0-9]{4})")
_ISO_MONTH = re.compile(r"([0-9]{4})[/-]([0-9]{2})")
_DAY_MONTH = re.compile(r"([0-9]{1,2})/([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2})[:hg]([0-9]{2})")
_SECONDS = re.compile(r"([0-9]{1,2}:[0-9]{2}):([0-9]{2})")
_DOTTED = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(?:,([0-9]+))?")
_GROUPED = re.compile(r"[0-9]+\.(?:[0-9]{1,3}|[0-9]{5,})")
_COMMAS = re.compile(r"([1-9][0-9]{0,2}(?:,[0-9]{3}){2,}|[1-9][0-9]{0,2},[0-9]{3}(?=\.))(?:\.([0-9]+))?")
_DECIMAL = re.compile(r"([0-9]+)[.,]([0-9]+)")

Number = tuple[str, tuple[str, ...]]
"""the canonical form and the parts that find it too"""


def read_number(text: str) -> Number | None:
    """Return what a number, date or time says, or None for what is none of these.

    Expects ASCII digits with single JOINERS between them, or a time in h or g, lower-case.
    "01-08-2014" -> ("2014-08-01", ("1/8", "2014")), "2,2" -> ("2.2", ()), "5.000" -> ("5000", ()), "22h30" -> ("22:30", ()).
    """
    # Nothing but an amount has a comma, and few other things a dot without another mark like it.
    if "," in text or _GROUPED.fullmatch(text):
        return read_amount(text)
    if m := _DAY.fullmatch(text):
        return _day(int(m[4]), int(m[3]), int(m[1]))
    if m := _ISO_DAY.fullmatch(text):
        return _day(int(m[1]), int(m[3]), int(m[4]))
    if (m := _MONTH.fullmatch(text)) and 1 <= int(m[1]) <= 12 and _is_year(int(m[3]), m[2]):
        return f"{m[3]}-{int(m[1]):02}", (m[3],)
    if m := _ISO_MONTH.fullmatch(text):
        return (f"{m[1]}-{m[2]}", (m[1],)) if 1 <= int(m[2]) <= 12 and _is_year(int(m[1]), "-") else None
    if m := _DAY_MONTH.fullmatch(text):
        return f"{int(m[1])}/{int(m[2])}", ()
    if m := _TIME.fullmatch(text):
        return (f"{int(m[1]):02}:{m[2]}", ()) if int(m[1]) <= 24 and int(m[2]) < 60 else None
    if m := _SECONDS.fullmatch(text):
        minute = read_number(m[1])
        return (f"{minute[0]}:{m[2]}", (minute[0],)) if minute and int(m[2]) < 60 else None
    return read_amount(text)


def read_amount(text: str) -> Number | None:
    """Return what a decimal or a number with groups of thousands says, or None: "1.234.567,8" -> ("1234567.8", ())."""
    if m := _DOTTED.fullmatch(text) or _COMMAS.fullmatch(text):
        return m[1].replace(".", "").replace(",", "") + (f".{m[2]}" if m[2] else ""), ()
    if m := _DECIMAL.fullmatch(text):
        return f"{m[1]}.{m[2]}", ()
    return None


def _is_year(year: int, joiner: str) -> bool:
    # A dot or a hyphen before four digits is as often a decimal or a range, so only years that news is about count.
    return year >= 1000 if joiner == "/" else 1900 <= year < 2100


def _day(year: int, month: int, day: int) -> Number | None:
    if year < 1000:
        return None
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"{year}-{month:02}-{day:02}", (f"{day}/{month}", f"{year}")
