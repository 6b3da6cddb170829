"""RSS and Atom: each item an article."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from ..identity import normalize_url
from .html import text_of_fragment

_FEED_WORDS = re.compile(r"\s*(?:[-|–:]\s*)?RSS(?:\s+feed)?\s*$", re.IGNORECASE)


def read_feed(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the fields of each item of a feed, in order; nothing for what holds no items."""
    import feedparser

    feed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    publisher = _FEED_WORDS.sub("", re.split(r"\s+[-|–]\s+", str(feed.feed.get("title", "")))[0]).strip()
    for entry in feed.entries:
        content = next((part.get("value", "") for part in entry.get("content", ()) if part.get("value")), "")
        summary = entry.get("summary", "")
        link = entry.get("link", "")
        record: dict[str, Any] = {
            "title": text_of_fragment(entry.get("title", "")).replace("\n", " "),
            "lead": text_of_fragment(summary) if summary != content else "",
            "body": text_of_fragment(content),
            "url": link,
            "source": (entry.get("source") or {}).get("title") or entry.get("publisher") or publisher,
            "section": next((tag.get("term") or "" for tag in entry.get("tags", ())), ""),
            "author": entry.get("author", ""),
            "published": entry.get("published") or entry.get("updated") or entry.get("created"),
            "image": _image(entry, summary + content),
        }
        guid = entry.get("id", "")
        if guid and normalize_url(guid) != normalize_url(link) and not re.search(r"\s", guid) and len(guid) <= 200:
            record["aliases"] = [guid]
        if len(entry.get("tags", ())) > 1:
            record["tags"] = [tag.get("term") for tag in entry["tags"] if tag.get("term")]
        yield record


def _image(entry: Any, markup: str) -> str:
    for part in (*entry.get("media_content", ()), *entry.get("media_thumbnail", ()), *entry.get("enclosures", ())):
        if address := part.get("url") or part.get("href"):
            return str(address)
    picture = re.search(r"<img\b[^>]*\bsrc=[\"']?([^\"'\s>]+)", markup, re.IGNORECASE)
    return picture[1] if picture else ""
