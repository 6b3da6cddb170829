"""Saved HTML pages: the body by trafilatura, who, when and where from what the page says of itself."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..identity import host_of
from .page import is_name
from .published import find_published, read_published

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCKS = re.compile(r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|figure|figcaption|section|article)\b[^>]*|br\s*/?)>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|noscript|template)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_DATE_METAS = ("article:published_time", "datepublished", "pubdate", "publishdate", "dc.date.issued", "date")
_DATED = re.compile(r"date|time|ngay|gio|clock|publish|meta", re.IGNORECASE)
_BY = re.compile(r"author|tacgia|tac-gia|byline|writer", re.IGNORECASE)
_CAPTION = re.compile(r"caption|chuthich|chu-thich|desc_?img|image-?desc|photo-?desc", re.IGNORECASE)
_SITE_SUFFIX = re.compile(r"\s+[-|–—]\s+[^-|–—]{2,40}$")
_ARTICLE_TYPES = ("Article", "NewsArticle", "ReportageNewsArticle", "BlogPosting", "Report")


def text_of_fragment(markup: str) -> str:
    """Return the text of a piece of HTML, its blocks parted by a blank line; text without markup comes back with its entities resolved."""
    import html

    text = _HIDDEN.sub(" ", markup)
    text = _TAG.sub("", _BLOCKS.sub("\n", text))
    lines = (" ".join(line.split()) for line in html.unescape(text).split("\n"))
    return "\n\n".join(line for line in lines if line)


def read_html(data: bytes) -> dict[str, Any]:
    """Return the fields of the article that a page shows; empty ones where it does not say. Nothing is guessed from the file."""
    import trafilatura
    from lxml import html as lxml_html

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    tree = trafilatura.load_html(data)
    if tree is None:
        return {"body": text_of_fragment(data.decode("utf-8", "replace"))}
    metas = _metas(tree)
    linked = _linked_data(tree)
    heading = _heading(tree)
    title = _title(heading, str(linked.get("headline") or ""), metas, tree)
    url = _url(tree, metas, linked)
    found = trafilatura.bare_extraction(lxml_html.fromstring(data), with_metadata=True, include_comments=False, url=url or None)
    body = str(getattr(found, "text", None) or "")
    lead = _clean(str(linked.get("description") or metas.get("og:description") or metas.get("description") or ""))
    source = _clean(_name(linked.get("publisher")) or metas.get("og:site_name", "")) or host_of(url)
    captions = _captions(tree)
    paragraphs = [line.strip() for line in body.split("\n") if line.strip()]
    author = _author(tree, metas, linked, source)
    paragraphs, signed = _trimmed(paragraphs, title, lead, captions, author)
    return {
        "title": title,
        "lead": lead,
        "body": paragraphs,
        "captions": captions,
        "source": source,
        "section": _section(tree, metas, linked),
        "author": author or signed,
        "url": url,
        "published": _published(tree, metas, linked),
        "image": metas.get("og:image", ""),
    }


def _metas(tree: HtmlElement) -> dict[str, str]:
    """`property`, `name` or `itemprop` of each <meta>, lower-case, with the first content that is not empty."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name.lower(), content)
    return metas


def _linked_data(tree: HtmlElement) -> dict[str, Any]:
    """The first article in the page's JSON-LD, {} without one."""
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            value = json.loads(script.text or "", strict=False)
        except ValueError:
            continue
        for item in _items(value):
            types = item.get("@type")
            if any(kind in _ARTICLE_TYPES for kind in (types if isinstance(types, list) else [types])):
                return item
    return {}


def _items(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for part in value:
            yield from _items(part)
    elif isinstance(value, dict):
        yield value
        yield from _items(value.get("@graph"))


def _name(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    if isinstance(value, dict):
        return str(value.get("name") or "")
    return str(value or "")


def _clean(text: str) -> str:
    return " ".join(text_of_fragment(text).split())


def _heading(tree: HtmlElement) -> str:
    headings = [_clean_of(element) for element in tree.iter("h1")]
    return next((text for text in headings if len(text) > 8), "")


def _clean_of(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _title(heading: str, headline: str, metas: dict[str, str], tree: HtmlElement) -> str:
    """The headline as the page shows it, without the site's name behind it."""
    shown = _clean(metas.get("og:title") or headline or (tree.findtext(".//title") or ""))
    headline = _clean(headline)
    if heading and (shown.startswith(heading) or headline == heading or not shown):
        return heading
    for candidate in (headline, shown):
        if candidate:
            bare = _SITE_SUFFIX.sub("", candidate)
            if heading and heading in (candidate, bare):
                return heading
    return headline or _SITE_SUFFIX.sub("", _SITE_SUFFIX.sub("", shown))


def _url(tree: HtmlElement, metas: dict[str, str], linked: dict[str, Any]) -> str:
    canonical = next((link.get("href") or "" for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"), "")
    main = linked.get("mainEntityOfPage")
    of_data = main.get("@id") if isinstance(main, dict) else main
    return next((str(url).strip() for url in (canonical, metas.get("og:url"), linked.get("url"), of_data) if str(url or "").startswith("http")), "")


def _published(tree: HtmlElement, metas: dict[str, str], linked: dict[str, Any]) -> datetime | None:
    """What the page's data says, else what it shows near its top."""
    stated = next((moment for value in (linked.get("datePublished"), *(metas.get(name) for name in _DATE_METAS)) if value and (moment := read_published(value))), None)
    if stated is not None and (stated.hour, stated.minute) != (0, 0):
        return stated
    for element in tree.iter("time", "span", "div", "p", "li", "td"):
        if element.tag == "time" and (moment := read_published(element.get("datetime") or "")):
            return moment
        named = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag == "time" or _DATED.search(named):
            text = _clean_of(element)
            # Data that gives the day alone is completed by what the page shows of that same day.
            if len(text) < 90 and (moment := find_published(text)) and (stated is None or moment.date() == stated.date()):
                return moment
    return stated


def _author(tree: HtmlElement, metas: dict[str, str], linked: dict[str, Any], source: str) -> str:
    """Who signs, where it is a person: agencies and publishers often stand in the same places."""
    candidates = [_name(linked.get("author")), metas.get("author", ""), metas.get("article:author", "")]
    for element in tree.iter("span", "p", "div", "a", "strong", "b"):
        if _BY.search(f"{element.get('class') or ''} {element.get('rel') or ''} {element.get('itemprop') or ''}"):
            candidates.append(_clean_of(element))
    for candidate in candidates:
        name = re.sub(r"^(?:tác giả|bài|theo)\s*:\s*", "", _clean(candidate), flags=re.IGNORECASE)
        if all(is_name(part) for part in name.split(", ")) and name != source:
            return name
    return ""


def _section(tree: HtmlElement, metas: dict[str, str], linked: dict[str, Any]) -> str:
    section = linked.get("articleSection") or metas.get("article:section") or metas.get("section")
    return _clean(_name(section[0] if isinstance(section, list) and section else section))


def _captions(tree: HtmlElement) -> list[str]:
    found = []
    for element in tree.iter("figcaption", "p", "div", "td", "span", "em"):
        if element.tag == "figcaption" or _CAPTION.search(element.get("class") or ""):
            text = _clean_of(element)
            if 3 < len(text) < 600 and not element.xpath(".//article|.//h1|.//form"):
                found.append(text)
    return list(dict.fromkeys(found))


def _trimmed(paragraphs: list[str], title: str, lead: str, captions: list[str], author: str) -> tuple[list[str], str]:
    """The paragraphs without what stands in other fields (title, dateline, lead, captions, signature), and a signature found at the end."""
    rest = list(paragraphs)
    while rest and (rest[0] in (title, lead, author) or (len(rest[0]) < 60 and find_published(rest[0]))):
        rest.pop(0)
    rest = [paragraph for paragraph in rest if paragraph not in captions]
    signed = ""
    while len(rest) > 1 and (rest[-1] == author or is_name(rest[-1])):
        signed = rest.pop()
    return rest, signed
