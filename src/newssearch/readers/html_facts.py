"""What an HTML page says of itself: meta tags, linked data, its address and its title."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .markup import line_of_fragment

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SITE_SUFFIX = re.compile(r"\s+[-|–—]\s+[^-|–—]{2,60}$")
_TITLED = re.compile(r"title|headline|tieude|tieu-de", re.IGNORECASE)
_ARTICLE_TYPES = frozenset({"Article", "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BlogPosting", "Report"})
_LEAST_TITLE = 9


@dataclass(frozen=True, slots=True)
class Facts:
    """`metas`: `property`, `name` or `itemprop` of each <meta>, lower-case, with its first content that is not empty. `linked`: the first article
    in the JSON-LD. `sections`: its breadcrumb, from the top down."""

    metas: Mapping[str, str]
    linked: Mapping[str, Any]
    sections: tuple[str, ...]
    title: str
    url: str


def facts_of(tree: HtmlElement) -> Facts:
    """Return what the page says of itself; empty where it does not."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for name in (meta.get("property"), meta.get("name"), meta.get("itemprop")):
            if name and content:
                metas.setdefault(name.lower(), content)
    items = list(_linked_items(tree))
    linked: Mapping[str, Any] = next((item for item in items if _types(item) & _ARTICLE_TYPES), {})
    crumbs = next((item for item in items if "BreadcrumbList" in _types(item)), {})
    return Facts(metas, linked, tuple(_crumbs(crumbs)), _title(tree, metas, linked), _url(tree, metas, linked))


def line_of(element: HtmlElement) -> str:
    """The text of an element in one line."""
    return " ".join(str(element.text_content()).split())


def _linked_items(tree: HtmlElement) -> Iterator[Mapping[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            try:
                yield from _items(json.loads(script.text or "", strict=False))
            except (ValueError, RecursionError):
                continue


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        for part in value:
            yield from _items(part)
    elif isinstance(value, dict):
        yield value
        yield from _items(value.get("@graph"))


def _types(item: Mapping[str, Any]) -> set[str]:
    types = item.get("@type")
    return {str(kind) for kind in (types if isinstance(types, list) else [types])}


def _crumbs(item: Mapping[str, Any]) -> Iterator[str]:
    elements = item.get("itemListElement")
    for element in elements if isinstance(elements, list) else ():
        if isinstance(element, dict):
            of_item = element.get("item")
            yield line_of_fragment(str(element.get("name") or (of_item.get("name") if isinstance(of_item, dict) else "") or ""))


def _title(tree: HtmlElement, metas: Mapping[str, str], linked: Mapping[str, Any]) -> str:
    """The headline as the page shows it: the heading that its title begins with, else its title without the site's name behind it."""
    stated = line_of_fragment(str(linked.get("headline") or metas.get("headline") or metas.get("og:title") or ""))
    of_head = tree.find(".//title")
    shown = stated or (line_of(of_head) if of_head is not None else "")
    first = [line_of(element) for element in tree.iter("h1")]
    others = [line_of(element) for element in tree.iter("h2", "h3", "div", "p", "span", "a") if element.tag in ("h2", "h3") or _TITLED.search(element.get("class") or "")]
    bare = _SITE_SUFFIX.sub("", shown)
    for headings in (first, others):
        fitting = [text for text in headings if len(text) >= _LEAST_TITLE and shown.startswith(text)]
        if fitting:
            return max(fitting, key=len)
    if not stated:
        # What only names the tab may be the site's name, before the headline or instead of it.
        longer = [text for text in first if text in shown and len(text) > len(shown) / 2] or [text for text in first if len(text) > len(bare)]
        return longer[0] if longer else bare
    return bare if shown.endswith(metas.get("og:site_name", "\n")) else stated


def _url(tree: HtmlElement, metas: Mapping[str, str], linked: Mapping[str, Any]) -> str:
    main = linked.get("mainEntityOfPage")
    addresses = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    addresses += [metas.get("og:url"), linked.get("url"), main.get("@id") if isinstance(main, dict) else main]
    return next((address for address in (str(given or "").strip() for given in addresses) if re.match("https?://", address, re.IGNORECASE)), "")
