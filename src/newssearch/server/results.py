"""What a page of results shows around its hits: chips, facets, quick dates, pages, and what to try where nothing was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl

from ..models import FACET_FIELDS, Facet, Notice, ResultPage, SearchRequest
from ..service import Service
from ..vietnamese.fold import fold, has_accent
from .dates import day
from .links import Links
from .texts import text

SHOWN = 6
"""values of a facet before “Thêm …”"""
_NO_FILTERS: dict[str, Any] = {"source": (), "section": (), "author": (), "kind": (), "date_from": None, "date_to": None}
_FACETS_IN_ORDER = ("section", "source", "author", "kind")


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead somewhere; `is_chosen` where one is there already."""

    label: str
    url: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet; its link takes the filter on or off."""

    label: str
    count: int
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetBlock:
    """One facet: its values, and the link that shows the rest of them or hides it again."""

    name: str
    values: tuple[FacetValue, ...]
    hidden: int
    toggle: str


@dataclass(frozen=True, slots=True)
class PagerItem:
    """One place of the pager: a page's number, or None for a gap."""

    number: int | None
    url: str = ""
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Try:
    """Another way to ask, with what it would find."""

    label: str
    url: str
    stories: int
    why: str = ""


def chips(request: SearchRequest, links: Links) -> list[Link]:
    """Each filter in use, with the link that takes it away."""
    found = [
        Link(kind_label(value, links.lang) if name == "kind" else value, links.search(**{name: _without(getattr(request, name), value)}))
        for name in FACET_FIELDS
        for value in getattr(request, name)
    ]
    if request.date_from:
        found.append(Link(text("chip_from", links.lang, date=day(request.date_from)), links.search(date_from=None)))
    if request.date_to:
        found.append(Link(text("chip_to", links.lang, date=day(request.date_to)), links.search(date_to=None)))
    if request.match != "auto":
        found.append(Link(text(f"chip_match_{request.match}", links.lang), links.search(match="auto")))
    if request.exact:
        found.append(Link(text("chip_exact", links.lang), links.search(exact=False)))
    return found


def without_filters(links: Links) -> str:
    """The same question with nothing to restrict it."""
    return links.search(**_NO_FILTERS, match="auto", exact=False)


def facet_blocks(page: ResultPage, request: SearchRequest, links: Links, opened: Iterable[str]) -> list[FacetBlock]:
    """The facets that offer a choice; those named in `opened` show every value."""
    opened = set(opened)
    blocks = []
    for name in _FACETS_IN_ORDER:
        chosen: tuple[str, ...] = getattr(request, name)
        facets = page.facets.get(name, ())
        if len(facets) < 2 and not chosen:
            continue
        values = [_facet_value(name, facet, chosen, links) for facet in facets]
        values.sort(key=lambda value: not value.is_chosen)
        shown = len(values) if name in opened or len(values) <= SHOWN + 1 else SHOWN
        search = links.search(page=request.page)
        more = f"{search}{'&' if '?' in search else '?'}more={name}#facet-{name}"
        toggle = "" if len(values) <= SHOWN + 1 else f"{search}#facet-{name}" if name in opened else more
        blocks.append(FacetBlock(name, tuple(values[:shown]), len(values) - shown, toggle))
    return blocks


def _facet_value(name: str, facet: Facet, chosen: tuple[str, ...], links: Links) -> FacetValue:
    there = next((value for value in chosen if value.casefold() == facet.value.casefold()), None)
    changed = _without(chosen, there) if there is not None else (*chosen, facet.value)
    label = kind_label(facet.value, links.lang) if name == "kind" else facet.value
    return FacetValue(label, facet.count, links.search(**{name: changed}), there is not None)


def unquoted(query: str) -> str:
    """Return a question as a sentence quotes it: one phrase without its own quotation marks."""
    query = query.strip()
    is_phrase = len(query) > 2 and query[0] == query[-1] == '"' and '"' not in query[1:-1]
    return query[1:-1] if is_phrase else query


def kind_label(kind: str, lang: str) -> str:
    """What readers call an article's kind: "teaser" -> "Chỉ có lời dẫn"; a kind of the reader's own stays as it is."""
    return text(f"kind_{kind}", lang) if kind in ("article", "teaser") else kind


def _without(values: tuple[str, ...], value: str | None) -> tuple[str, ...]:
    return tuple(other for other in values if other != value)


def quick_dates(request: SearchRequest, links: Links, today: date) -> list[Link]:
    """The last 24 hours, 7 and 30 days; days are whole, so 24 hours begin yesterday."""
    found = []
    for key, days in (("last_day", 1), ("last_7", 7), ("last_30", 30)):
        start = today - timedelta(days=days)
        is_chosen = request.date_from == start and request.date_to is None
        url = links.search(date_from=None if is_chosen else start, date_to=None)
        found.append(Link(text(key, links.lang), url, is_chosen))
    return found


def hidden_fields(links: Links) -> list[tuple[str, str]]:
    """The search's parameters as a form must carry them on, but for the days and the page."""
    return parse_qsl(links.params(date_from=None, date_to=None, page=1), keep_blank_values=True)


def pager(page: ResultPage, links: Links) -> list[PagerItem]:
    """The first, the last and the pages around the one that is shown."""
    if page.pages < 2:
        return []
    numbers = sorted({1, page.pages, *range(max(1, page.page - 2), min(page.pages, page.page + 2) + 1)})
    items: list[PagerItem] = []
    for number in numbers:
        if items and (before := items[-1].number) is not None and number - before > 1:
            items.append(PagerItem(None))
        items.append(PagerItem(number, links.search(page=number), number == page.page))
    return items


def split_notices(notices: Sequence[Notice]) -> Iterator[tuple[str, str]]:
    """Each notice as its sentence and the question that it links to; where the sentence ends with that question, only the link says it."""
    for notice in notices:
        if notice.query and notice.message.endswith(notice.query):
            yield notice.message.removesuffix(notice.query), notice.query
        else:
            yield notice.message, notice.query or ""


def tries(service: Service, request: SearchRequest, links: Links) -> list[Try]:
    """Other ways to ask that would find something, the nearest to the question first."""
    lang, query = links.lang, request.query
    is_filtered = any(getattr(request, name) for name in _NO_FILTERS)
    ways: list[tuple[str, dict[str, Any], str]] = []
    if '"' in query:
        ways.append((text("try_unquoted", lang), {"query": " ".join(query.replace('"', " ").split())}, text("try_unquoted_why", lang)))
    if request.exact:
        ways.append((text("try_inexact", lang), {"exact": False}, ""))
    if is_filtered:
        ways.append((text("try_unfiltered", lang), _NO_FILTERS, ""))
    if has_accent(query):
        ways.append((f"{text('try_bare', lang)}: {fold(query)}", {"query": fold(query), "exact": False}, text("try_bare_why", lang)))
    if len(query.split()) > 1 and request.match != "any":
        ways.append((text("try_any", lang), {"match": "any"}, ""))
    found = []
    for label, changes, why in ways:
        candidates = [(label, changes)]
        if is_filtered and changes is not _NO_FILTERS:
            candidates.append((text("try_both", lang, way=label), {**_NO_FILTERS, **changes}))
        for name, candidate in candidates:
            page = service.search(replace(request, **candidate, page=1, limit=1))
            if page.total + page.near:
                found.append(Try(name, links.search(**candidate), page.total + page.near, why))
                break
    return found
