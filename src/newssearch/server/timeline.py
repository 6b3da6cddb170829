"""The histogram of a page of results as bars: joined until they fit, measured, labelled and linked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from ..models import Bin, SearchRequest
from .dates import day
from .texts import text

MOST_BARS = 62
"""more would be narrower than a finger's or a mouse's aim, and a page of them heavier than its hits"""
MOST_LABELS = 14
BASELINE = 62
"""px from the top of the drawing; 48 of them are for the highest bar, 14 for the number above it"""
HIGHEST = 48


@dataclass(frozen=True, slots=True)
class Bar:
    """One period. `x` and `width` are percents of the drawing, `height` px; `label` and `era` are the lines below, `last` its last day."""

    start: date
    last: date
    count: int
    name: str
    x: str
    bar_x: str
    middle: str
    bar_width: str
    height: int
    label: str
    era: str
    is_out: bool
    is_peak: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars side by side; `unit` is day, month, quarter, year or decade, `width` a bar's share with its gap, in percent."""

    unit: str
    width: str
    bars: tuple[Bar, ...]
    peak: Bar
    has_out: bool


def timeline(bins: Sequence[Bin], request: SearchRequest, lang: str) -> Timeline | None:
    """Return the drawing of a histogram, or None where there is nothing to compare (fewer than two periods)."""
    unit, bins = _fitting(bins)
    if len(bins) < 2:
        return None
    share = 100 / len(bins)
    most = max(of.count for of in bins)
    peak_at = max(range(len(bins)), key=lambda i: (bins[i].count, i))
    bars = []
    for i, of in enumerate(bins):
        last = of.end - timedelta(days=1)
        label, era = _labels(unit, bins, i, lang)
        bars.append(
            Bar(
                start=of.start,
                last=last,
                count=of.count,
                name=_name(unit, of, lang),
                x=f"{i * share:.2f}%",
                bar_x=f"{(i + 0.14) * share:.2f}%",
                middle=f"{(i + 0.5) * share:.2f}%",
                bar_width=f"{share * 0.72:.2f}%",
                height=max(2, round(HIGHEST * of.count / most)) if of.count else 0,
                label=label,
                era=era,
                is_out=bool(
                    (request.date_from and last < request.date_from) or (request.date_to and of.start > request.date_to)
                ),
                is_peak=i == peak_at,
            )
        )
    return Timeline(unit, f"{share:.2f}%", tuple(bars), bars[peak_at], any(bar.is_out and bar.count for bar in bars))


def _fitting(bins: Sequence[Bin]) -> tuple[str, list[Bin]]:
    """The bins, joined into longer periods until they fit, and the unit that they are."""
    days = min(((of.end - of.start).days for of in bins), default=1)
    unit = "day" if days < 28 else "month" if days < 365 else "year"
    if len(bins) <= MOST_BARS:
        return unit, list(bins)
    if unit == "month":
        return _fitting_years("quarter", _joined(bins, lambda of: (of.start.year, (of.start.month - 1) // 3)))
    return _fitting_years("decade", _joined(bins, lambda of: of.start.year // 10))


def _fitting_years(unit: str, bins: list[Bin]) -> tuple[str, list[Bin]]:
    """The newest bins where even long periods are too many, the older ones in one first bar."""
    extra = len(bins) - MOST_BARS
    if extra <= 0:
        return unit, bins
    early = bins[: extra + 1]
    return unit, [Bin(early[0].start, early[-1].end, sum(of.count for of in early)), *bins[extra + 1 :]]


def _joined(bins: Sequence[Bin], period: Callable[[Bin], object]) -> list[Bin]:
    joined = []
    for _, group in groupby(bins, key=period):
        members: list[Bin] = list(group)
        joined.append(Bin(members[0].start, members[-1].end, sum(of.count for of in members)))
    return joined


def _name(unit: str, of: Bin, lang: str) -> str:
    start = of.start
    if unit == "day":
        return day(start)
    if unit == "month":
        return text("month", lang, month=start.month, year=start.year)
    if unit == "quarter":
        return text("quarter", lang, quarter=(start.month - 1) // 3 + 1, year=start.year)
    last = (of.end - timedelta(days=1)).year
    return text("year", lang, year=start.year) if last == start.year else text("years", lang, first=start.year, last=last)


def _labels(unit: str, bins: Sequence[Bin], i: int, lang: str) -> tuple[str, str]:
    """What stands below bar i: the small unit, thinned out, and below it the greater one where it begins."""
    start, before = bins[i].start, bins[i - 1].start if i else None
    step = -(-len(bins) // MOST_LABELS)
    if unit == "day":
        begins = before is None or (start.month != before.month and i >= step)
        return str(start.day) if i % step == 0 else "", text("month_short", lang, month=start.month) if begins else ""
    if unit == "month":
        begins = start.month == 1 or (before is None and start.month < 11)
        return str(start.month) if (start.month - 1) % _divisor(step) == 0 else "", str(start.year) if begins else ""
    if unit == "quarter":
        is_shown = start.month == 1 and start.year % _divisor(-(-step // 4)) == 0
    elif unit == "year":
        is_shown = len(bins) <= 7 or start.year % _divisor(step * 2) == 0
    else:
        is_shown = i % (step * 2) == 0
    return str(start.year) if is_shown else "", ""


def _divisor(step: int) -> int:
    """The next round number of periods: 1, 2, 3, 6, 12."""
    return next((round_one for round_one in (1, 2, 3, 6) if round_one >= step), 12)
