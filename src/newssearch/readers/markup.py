"""HTML reduced to text, without a parser: fragments inside JSON, feeds and meta tags."""

from __future__ import annotations

import html
import re

_BLOCKS = re.compile(r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|figure|figcaption|section|article)\b[^<>]*|br\s*/?)>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(script|style|noscript|template)\b|<(!--)|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_ENDS = {"!--": re.compile("-->")} | {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style", "noscript", "template")}
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_LOOKS_LIKE = re.compile(r"</?(?:p|br|div|a|strong|em|b|i|u|img|figure|figcaption|span|h[1-6]|ul|ol|li|blockquote|table|tr|td)(?:\s[^<>]*)?/?>", re.IGNORECASE)
# Only these: "TN&MT;" and "GD&CN;" are abbreviations that Vietnamese newspapers print.
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|hellip|[lr][sd]quo|[mn]dash|[aeiouyAEIOUY](?:acute|grave|tilde|circ|uml)|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")


def looks_like_markup(text: str) -> bool:
    """Whether the text holds HTML tags that articles are written with."""
    return "<" in text and bool(_LOOKS_LIKE.search(text))


def resolve_entities(text: str) -> str:
    """Return the text with its HTML entities as characters: "Ph&#7841;m &amp; b&#7841;n" -> "Phạm & bạn"; "TN&MT;" stays."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


def text_of_fragment(markup: str) -> str:
    """Return the text of a piece of HTML, its blocks parted by a blank line; text without markup only has its white space and entities resolved."""
    text = _TAG.sub("", _BLOCKS.sub("\n", _without_hidden(markup)))
    lines = (" ".join(resolve_entities(line).split()) for line in text.split("\n"))
    return "\n\n".join(line for line in lines if line)


def _without_hidden(markup: str) -> str:
    """The markup without scripts, styles and comments; one that is never closed hides nothing."""
    if not _HIDDEN.search(markup):
        return markup
    kept: list[str] = []
    at = 0
    # Kinds whose end was looked for in vain are not looked for again, which keeps this linear.
    open_ended: set[str] = set()
    for opening in _HIDDEN.finditer(markup):
        if opening.start() < at:
            continue
        kind = (opening[1] or opening[2] or "").lower()
        end = _ENDS[kind].search(markup, opening.end()) if kind and kind not in open_ended else None
        if kind and not end:
            open_ended.add(kind)
        kept += [markup[at : opening.start()], " "]
        at = end.end() if end else opening.end()
    return "".join([*kept, markup[at:]])


def line_of_fragment(markup: str) -> str:
    """Return the text of a piece of HTML in one line."""
    return " ".join(text_of_fragment(markup).split())
