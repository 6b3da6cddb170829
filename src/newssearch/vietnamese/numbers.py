"""Numbers, dates, times and amounts: one canonical form however they are written."""

from __future__ import annotations

import re
from datetime import date

NUMBER = (
    r"\d{4}-\d{1,2}-\d{1,2}"
    r"|\d{1,2}(?:/\d{1,2}/|-\d{1,2}-|\.\d{1,2}\.)\d{4}"
    r"|\d{1,2}[/-]\d{4}"
    r"|\d{1,2}/\d{1,2}(?!/\d)"
    r"|\d{1,2}[hg:]\d{2}"
    r"|\d{1,3}(?:\.\d{3})+(?:,\d+)?"
    r"|\d+[.,]\d+(?![.,]\d)"
)
"""a regular expression of what may be one number; `read_number` has the last word"""

_DAY = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_MONTH = re.compile(r"(\d{1,2})[/-](\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})/(\d{1,2})")
_TIME = re.compile(r"(\d{1,2})[hg:](\d{2})")
_GROUPED = re.compile(r"(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?")
_DECIMAL = re.compile(r"(\d+)[.,](\d+)")


def read_number(text: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the canonical form and the parts that find it too, or None for what is no number.

    "01-08-2014" -> ("2014-08-01", ("1/8", "2014")), "2,2" -> ("2.2", ()), "5.000" -> ("5000", ()), "22h30" -> ("22:30", ()).
    """
    if m := _ISO.fullmatch(text):
        return _date(int(m[1]), int(m[2]), int(m[3]))
    if m := _DAY.fullmatch(text):
        return _date(int(m[4]), int(m[3]), int(m[1]))
    if m := _MONTH.fullmatch(text):
        return (f"{m[2]}-{int(m[1]):02}", (m[2],)) if 1 <= int(m[1]) <= 12 and int(m[2]) >= 1000 else None
    if m := _DAY_MONTH.fullmatch(text):
        return f"{int(m[1])}/{int(m[2])}", ()
    if m := _TIME.fullmatch(text):
        return (f"{int(m[1]):02}:{m[2]}", ()) if int(m[1]) <= 24 and int(m[2]) < 60 else None
    if m := _GROUPED.fullmatch(text):
        return m[1].replace(".", "") + (f".{m[2]}" if m[2] else ""), ()
    if m := _DECIMAL.fullmatch(text):
        return f"{m[1]}.{m[2]}", ()
    return None


def _date(year: int, month: int, day: int) -> tuple[str, tuple[str, ...]] | None:
    try:
        date(year, month, day)
    except ValueError:
        return None
    return f"{year:04}-{month:02}-{day:02}", (f"{day}/{month}", f"{year:04}")
