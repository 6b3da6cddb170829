"""Saved HTML pages: the body by trafilatura, the rest from what the page says of itself and shows around its title."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from ..identity import host_of
from .furniture import is_button, is_comments_heading, is_dateline, is_footer, is_name, is_teaser_heading
from .html_facts import Facts, facts_of, line_of
from .html_signs import author_of, published_of, section_of
from .markup import line_of_fragment, text_of_fragment
from .published import find_published

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CAPTION = re.compile(r"caption|chuthich|chu-thich|desc_?img|image-?desc|photo-?desc", re.IGNORECASE)
_NOT_THE_ARTICLE = "ancestor::aside or ancestor::nav or ancestor::footer"
_LEAST_BODY = 150
"""characters below which an extracted body is doubted"""
_LEAST_PARAGRAPH = 80
"""characters from which a division without blocks inside is taken for a paragraph"""
_BLOCKS = frozenset({"div", "p", "table", "ul", "ol", "h1", "h2", "h3", "h4", "figure", "section", "article", "blockquote", "form", "a", "script"})
_LEAD_IN = 6
"""paragraphs at the top of a body among which title, date and lead may stand again"""


def read_html(page: str) -> dict[str, Any]:
    """Return the fields of the article that a page shows; empty ones where it does not say. Nothing is guessed from the file."""
    tree = _parsed(page)
    if tree is None:
        return {"body": text_of_fragment(page)}
    facts = facts_of(tree)
    source = _source(facts)
    captions = _captions(tree)
    published = published_of(tree, facts)
    author = author_of(tree, facts, source)
    section = section_of(tree, facts)
    lead = line_of_fragment(str(facts.linked.get("description") or facts.metas.get("og:description") or facts.metas.get("description") or ""))
    if lead == facts.title:
        lead = ""
    paragraphs, signed = _trimmed(_extracted(tree, page), facts.title, {lead, author, section}, captions, author)
    return {
        "title": facts.title,
        "lead": lead,
        "body": paragraphs,
        "captions": captions,
        "source": source,
        "section": section,
        "author": author or signed,
        "url": facts.url,
        "published": published,
        "image": facts.metas.get("og:image") or facts.linked.get("image"),
    }


def _parsed(page: str) -> HtmlElement | None:
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.document_fromstring(_DECLARATION.sub("", page), parser=lxml_html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True))
    except (etree.LxmlError, ValueError):
        return None
    return tree


def _source(facts: Facts) -> str:
    publisher = facts.linked.get("publisher")
    named = line_of_fragment(str(publisher.get("name") or "") if isinstance(publisher, dict) else "") or facts.metas.get("og:site_name", "")
    named = line_of_fragment(named)
    return host_of(named) or named or host_of(facts.url)


def _captions(tree: HtmlElement) -> list[str]:
    found = []
    for element in tree.iter("figcaption", "p", "div", "td", "span", "em"):
        if element.tag == "figcaption" or _CAPTION.search(element.get("class") or ""):
            text = line_of(element)
            if (3 if element.tag == "figcaption" else 15) < len(text) < 600 and not element.xpath(f"{_NOT_THE_ARTICLE} or boolean(.//article|.//h1|.//form|.//script)"):
                found.append(text)
    return list(dict.fromkeys(found))


def _extracted(tree: HtmlElement, page: str) -> list[str]:
    """The paragraphs of the main text; of a page in which none is found, all its text. Changes the tree."""
    import trafilatura

    for name in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    plain = [line for element in tree.iter("p") if (line := line_of(element))]
    _unfold_layout_tables(tree)
    _call_paragraphs_so(tree)
    try:
        found = trafilatura.bare_extraction(tree, with_metadata=False, include_comments=False)
    except Exception:
        # The extractor meets pages that it was not made for; what they show is read all the same.
        found = None
    text = str(getattr(found, "text", None) or "")
    if len(text) < _LEAST_BODY:
        text = max(text, "\n".join(plain), key=len) or text_of_fragment(page)
    return [paragraph for line in text.split("\n") if (paragraph := _without_cells(line))]


def _without_cells(line: str) -> str:
    """The line without the bars that stand around a table's cells."""
    if line.lstrip().startswith("|"):
        line = " | ".join(cell for cell in map(str.strip, line.split("|")) if cell.strip("- "))
    return " ".join(line.split())


def _unfold_layout_tables(tree: HtmlElement) -> None:
    """Make blocks of tables that only place things on the page, as they did until about 2014."""
    for table in list(tree.iter("table")):
        cells = list(table.iter("td"))
        rows = len(list(table.iter("tr")))
        places_things = any(cell.find(f".//{tag}") is not None for cell in cells for tag in ("p", "div", "img", "table", "h1", "h2"))
        if table.find(".//th") is None and (places_things or len(cells) <= rows):
            for element in table.iter("table", "tbody", "tr", "td"):
                element.tag = "div"


def _call_paragraphs_so(tree: HtmlElement) -> None:
    """Make paragraphs of divisions that hold running text and no blocks, which the extractor else may pass over."""
    for element in tree.iter("div"):
        if not any(child.tag in _BLOCKS for child in element.iterdescendants()) and len(line_of(element)) >= _LEAST_PARAGRAPH:
            element.tag = "p"


def _trimmed(paragraphs: list[str], title: str, elsewhere: set[str], captions: list[str], author: str) -> tuple[list[str], str]:
    """The paragraphs without what stands in other fields (title, dateline, lead, captions, signature) or around the article, and a signature at their end."""
    kept = [
        paragraph
        for index, paragraph in enumerate(_own(paragraphs))
        if not (index < _LEAD_IN and (paragraph == title or paragraph in elsewhere or is_dateline(paragraph) or _dated_title(paragraph, title)))
        and paragraph not in captions
        and not is_button(paragraph)
    ]
    kept = kept or paragraphs
    signed = ""
    # Behind the article stand headings of what is around it, in capitals.
    while len(kept) > 1 and kept[-1].isupper() and len(kept[-1]) < 80:
        kept.pop()
    while len(kept) > 1 and (kept[-1] == author or (not signed and is_name(kept[-1]))):
        signed = kept.pop()
    return kept, signed


def _own(paragraphs: list[str]) -> list[str]:
    """The paragraphs up to where lists of other articles, comments or the imprint begin."""
    for index, paragraph in enumerate(paragraphs):
        if not index:
            continue
        if is_comments_heading(paragraph) or (is_footer(paragraph) and index > len(paragraphs) // 2):
            return paragraphs[:index]
        if is_teaser_heading(paragraph) and all(len(line) < 160 or line.endswith(("...", "…")) for line in paragraphs[index + 1 :]):
            return paragraphs[:index]
    return paragraphs


def _dated_title(paragraph: str, title: str) -> bool:
    """Whether the paragraph is nothing but date and title in one line."""
    return bool(title) and paragraph.endswith(title) and find_published(paragraph.removesuffix(title)) is not None
