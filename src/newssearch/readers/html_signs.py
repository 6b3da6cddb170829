"""When, by whom and under which heading a page was published: what its data states against what it shows a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ..identity import host_of
from ..vietnamese.fold import fold
from .furniture import is_dateline, is_signature, signer
from .html_facts import Facts, line_of
from .markup import line_of_fragment
from .published import find_published, has_time, read_published

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DATE_METAS = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "publish-date", "article:published", "og:published_time", "article.published",
    "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "datecreated", "parsely-pub-date", "cxenseparse:recs:publishtime", "date",
)  # fmt: skip
_DATED_ADDRESS = re.compile(r"/((?:19|20)\d\d)/(\d\d)/(\d\d)(?=/|-)")
_BY = re.compile(r"\b(?:author|tac-?gia|byline|writer)", re.IGNORECASE)
_NO_SECTION = frozenset({"news", "article", "tin tức", "tin tuc", "trang chủ", "trang nhất", "home", "homepage", "general"})
_UPDATED = re.compile(r"cập nhật|updated|chỉnh sửa", re.IGNORECASE)
_BEFORE, _AFTER = 12, 40
"""pieces of text around the title in which its date is looked for"""
_RUNNING = 100
"""characters of a piece that is running text; behind the second one, which is past the lead, stands no date of the article"""
_NEAR = 8
"""pieces behind the title in which a date without a time is believed"""
_SAME_NEWS = timedelta(days=1)
"""apart at most, the time that a page shows and the time that its data states are of the same publication"""


def published_of(tree: HtmlElement, facts: Facts) -> datetime | None:
    """What a reader is shown around the title, where the page's data agrees or is silent; else what the data states; None where neither says."""
    stated = next((moment for value in _stated(tree, facts) if value and (moment := read_published(value))), None)
    shown = _shown(tree, facts.title)
    if stated is None or shown is None:
        return stated or shown
    if abs(shown - stated) > _SAME_NEWS or (stated.astimezone(shown.tzinfo) - shown) // timedelta(minutes=1) == 0:
        return stated
    return shown


def _shown(tree: HtmlElement, title: str) -> datetime | None:
    """The date in the pieces of text around the title, behind it first, then the nearest before it."""
    pieces = list(_pieces(tree))
    at = next((index for index, (text, is_link) in enumerate(pieces) if title and not is_link and text.startswith(title[:60])), None)
    if at is None:
        return None
    running = [index for index in range(at + 1, min(at + _AFTER, len(pieces))) if len(pieces[index][0]) > _RUNNING]
    last = running[1] if len(running) > 1 else at + _AFTER
    for index in [*range(at + 1, min(last, len(pieces))), *range(at - 1, max(at - _BEFORE, -1), -1)]:
        text = pieces[index][0]
        # Time and date may stand in pieces of their own: "15:20" | "21/12/2012".
        joined = " ".join(piece for piece, _ in pieces[max(index - 2, 0) : index + 3] if len(piece) < 40)
        for line in (text, joined):
            if not is_dateline(text) or _UPDATED.search(line) or not (moment := find_published(line)):
                continue
            if has_time(line) or (line is joined and at < index <= at + _NEAR):
                return moment
    return None


def _pieces(tree: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Each piece of text that the page shows, in order, and whether it is a link's; the title in the head is none."""
    body = tree.find("body")
    hidden = ("script", "style", "noscript", "template", "option")
    for text in (tree if body is None else body).xpath(f".//text()[normalize-space() and not({' or '.join(f'ancestor::{tag}' for tag in hidden)})]"):
        parent = text.getparent()
        yield " ".join(str(text).split()), parent is not None and not text.is_tail and parent.tag == "a"


def _stated(tree: HtmlElement, facts: Facts) -> Iterator[str]:
    """What the page's data gives for its date, the plainest first; other articles' dates stand in a page's body too, so none is looked for there."""
    yield str(facts.linked.get("datePublished") or "")
    yield from (facts.metas.get(name, "") for name in _DATE_METAS)
    marked = "//*[@itemprop='datePublished' and (@content or @datetime)]|//article[.//h1]//time[@datetime]|//header[.//h1]//time[@datetime]"
    yield from (element.get("content") or element.get("datetime") or "" for element in tree.xpath(marked)[:1])
    if of_address := _DATED_ADDRESS.search(facts.url):
        yield "-".join(of_address.groups())


def author_of(tree: HtmlElement, facts: Facts, source: str) -> str:
    """Who signs, where it is a person: publishers and web agencies often stand in the same places."""
    publishers = {_bare(name) for name in (source, facts.metas.get("og:site_name", ""), host_of(facts.url), *host_of(facts.url).split("."))} - {""}
    candidates = [_name(facts.linked.get("author")), facts.metas.get("author", ""), facts.metas.get("article:author", "")]
    for element in tree.iter("span", "p", "div", "a", "strong", "b", "li"):
        if any(_BY.search(element.get(name) or "") for name in ("class", "rel", "itemprop")):
            candidates.append(line_of(element))
    for candidate in map(line_of_fragment, candidates):
        if is_signature(candidate) and _bare(candidate) not in publishers and not any(len(name) > 4 and name in _bare(candidate) for name in publishers):
            return signer(candidate)
    return ""


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", fold(name))


def _name(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value)))
    if isinstance(value, Mapping):
        return str(value.get("name") or "")
    return str(value or "")


def section_of(tree: HtmlElement, facts: Facts) -> str:
    """The section by the page's breadcrumb, else by its data; "" where that only says that it is news."""
    stated = facts.linked.get("articleSection")
    candidates = [*facts.sections[:3], *_breadcrumb(tree, facts.title), _name(stated[0] if isinstance(stated, list) and stated else stated)]
    candidates += [facts.metas.get(name, "") for name in ("article:section", "articlesection", "its_section", "section")]
    for candidate in map(line_of_fragment, candidates):
        names_a_site = bool(re.fullmatch(r"\S+\.\w{2,}", candidate)) or _bare(candidate) in host_of(facts.url).split(".")
        if candidate and candidate.casefold() not in _NO_SECTION and candidate != facts.title and len(candidate) < 40 and candidate.count(",") < 2 and not names_a_site:
            return candidate
    return ""


def _breadcrumb(tree: HtmlElement, title: str) -> list[str]:
    for element in tree.xpath("//*[contains(translate(concat(@class, ' ', @id), 'BREADCUM', 'breadcum'), 'breadcrumb')]"):
        links = [line_of(link) for link in element.iter("a")]
        if links and len(links) <= 5:
            return [link for link in links if link and link != title]
    return []
