"""A search as the query of a URL, and back: `?q=lũ&source=…&page=2` and `SearchRequest` say the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from ..errors import BadRequest
from ..models import FACET_FIELDS, Notice, SearchRequest
from .dates import parse_day, today_here
from .notices import error_text, notice

SORTS = ("relevance", "newest", "oldest")
MATCHES = ("auto", "all", "most", "any")
LANGUAGES = ("vi", "en")
MAX_LIMIT = 100

_T = TypeVar("_T")

_NAMES = {"query": "q", "date_from": "from", "date_to": "to"}
_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_LONGEST_NUMBER = 4_000
"""digits; Python refuses to read more than 4,300"""


def request_from_params(
    pairs: Iterable[tuple[str, str]], *, strict: bool, today: date | None = None
) -> tuple[SearchRequest, tuple[Notice, ...]]:
    """Return the search that URL parameters ask for, and what could not be read of them.

    Read are q, page, limit, sort, from, to, source, section, author, kind, match, exact and lang; others are ignored, empty ones are absent, the
    first of several counts, but several of source, section, author or kind are alternatives. With `strict` (the API) what cannot be read
    raises BadRequest with the parameter's name; else it is left out with a notice, and days in the wrong order are exchanged.
    """
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value.strip():
            given.setdefault(name, []).append(value)
    return _Reading(given, strict, today or today_here()).request()


class _Reading:
    """One reading of parameters; collects notices."""

    def __init__(self, given: dict[str, list[str]], strict: bool, today: date) -> None:
        self._given = given
        self._strict = strict
        self._today = today
        self._notices: list[Notice] = []
        self._lang = "en" if given.get("lang", [""])[0].strip() == "en" else "vi"

    def request(self) -> tuple[SearchRequest, tuple[Notice, ...]]:
        lang = self._choice("lang", LANGUAGES)
        start = self._value("from", lambda text: parse_day(text, self._today), "hint-date")
        end = self._value("to", lambda text: parse_day(text, self._today, end=True), "hint-date")
        if start and end and start > end:
            start, end = self._in_order(start, end)
        columns: dict[str, Any] = {
            name: tuple(dict.fromkeys(" ".join(value.split()) for value in self._given.get(name, [])))
            for name in FACET_FIELDS
        }
        request = SearchRequest(
            query=self._given.get("q", [""])[0],
            limit=self._number("limit", 10, MAX_LIMIT),
            page=self._number("page", 1, None),
            sort=self._choice("sort", SORTS),
            match=self._choice("match", MATCHES),
            exact=self._value("exact", _truth, "hint-choice", choices="0, 1") or False,
            date_from=start,
            date_to=end,
            lang=lang,
            **columns,
        )
        return request, tuple(self._notices)

    def _number(self, name: str, default: int, high: int | None) -> int:
        def read(text: str) -> int | None:
            if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
                return None
            number = int(text)
            return number if number >= 1 and (high is None or number <= high) else None

        number = self._value(name, read, "hint-number", low=1, high=f"–{high}" if high else "+")
        return default if number is None else number

    def _choice(self, name: str, choices: tuple[str, ...]) -> Any:
        chosen = self._value(
            name, lambda text: text if text in choices else None, "hint-choice", choices=", ".join(choices)
        )
        return chosen or choices[0]

    def _value(self, name: str, read: Callable[[str], _T | None], hint: str, **hint_fields: object) -> _T | None:
        if name not in self._given:
            return None
        text = self._given[name][0].strip()
        value = read(text)
        if value is None:
            shown = text if len(text) <= 40 else text[:39] + "…"
            if self._strict:
                raise BadRequest(
                    error_text("unreadable-parameter", self._lang, name=name, value=shown),
                    error_text(hint, self._lang, **hint_fields),
                )
            self._notices.append(notice("unreadable-parameter", self._lang, name=name, value=shown))
        return value

    def _in_order(self, start: date, end: date) -> tuple[date, date]:
        if self._strict:
            raise BadRequest(
                error_text("dates-reversed", self._lang, start=start, end=end), error_text("hint-dates", self._lang)
            )
        self._notices.append(notice("dates-reversed", self._lang, start=start, end=end))
        return end, start


def _truth(text: str) -> bool | None:
    return True if text.lower() in _YES else False if text.lower() in _NO else None


def params_from_request(request: SearchRequest, **changes: Any) -> str:
    """Return the request, with fields of it changed, as the query of a URL: defaults left out, always in the same order.

    A link that changes what is found or its order leads to the first page, unless it names a page:
    `params_from_request(request, sort="newest")` -> "q=l%C5%A9&sort=newest".
    """
    if changes.keys() - {"page", "lang"}:
        changes.setdefault("page", 1)
    changed = replace(request, **changes)
    pairs: list[tuple[str, str]] = []
    for field in ("query", "page", "limit", "sort", "date_from", "date_to", *FACET_FIELDS, "match", "exact", "lang"):
        value = getattr(changed, field)
        if value == _DEFAULTS[field]:
            continue
        name = _NAMES.get(field, field)
        if isinstance(value, tuple):
            pairs += [(name, one) for one in value]
        else:
            pairs.append((name, "1" if value is True else str(value)))
    return urlencode(pairs, errors="replace")


_DEFAULTS = {field.name: getattr(SearchRequest(), field.name) for field in fields(SearchRequest)}
