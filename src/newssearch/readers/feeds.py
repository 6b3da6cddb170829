"""RSS and Atom: each item an article."""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..identity import is_valid_id, normalize_url
from .markup import line_of_fragment, text_of_fragment
from .published import read_published
from .repair import repair

_FEED_WORDS = re.compile(r"\s*(?:[-|–:]\s*)?RSS(?:\s+feed)?\s*$", re.IGNORECASE)
_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|RDF)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)


def is_whole_feed(data: bytes) -> bool:
    """Whether a feed's closing tag is there; UTF-16 is taken on trust."""
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or bool(_END.search(data.rstrip(b"\x00")[-4096:]))


def read_feed(data: bytes) -> Iterator[dict[str, Any]]:
    """Yield the fields of each item of a feed, in order; nothing for what holds no items."""
    import feedparser

    feed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    publisher = _FEED_WORDS.sub("", _publisher(str(feed.feed.get("title", ""))))
    for entry in feed.entries:
        content = next((_text(part) for part in entry.get("content", ()) if part.get("value")), "")
        summary = _text(entry.get("summary_detail") or {"value": entry.get("summary", "")})
        link = str(entry.get("link", "")).strip()
        tags = [str(tag.get("term")).strip() for tag in entry.get("tags", ()) if tag.get("term")]
        record: dict[str, Any] = {
            "title": line_of_fragment(repair(str(entry.get("title", "")))),
            "lead": summary if summary != content else "",
            "body": content,
            "url": link,
            "source": (entry.get("source") or {}).get("title") or entry.get("publisher") or publisher,
            "section": tags[0] if tags else "",
            "author": ", ".join(str(author.get("name")) for author in entry.get("authors", ()) if author.get("name")) or entry.get("author", ""),
            "published": _published(entry),
            "image": _image(entry),
        }
        guid = str(entry.get("id", ""))
        if guid and normalize_url(guid) != normalize_url(link) and is_valid_id(guid):
            record["aliases"] = [guid]
        if len(tags) > 1:
            record["tags"] = tags
        yield record


def _publisher(title: str) -> str:
    """The newspaper in a feed's title: "VnExpress" of "Tin mới nhất - VnExpress RSS", "Báo Miền Trung" of "Báo Miền Trung – Thời sự"."""
    parts = [part.strip() for part in re.split(r"\s+[-|–]\s+", line_of_fragment(title)) if part.strip()]
    return next((part for part in parts[1:] if _FEED_WORDS.search(part)), parts[0] if parts else "")


def _text(part: Any) -> str:
    value = repair(str(part.get("value", "")))
    return "\n\n".join(filter(None, map(str.strip, value.split("\n")))) if part.get("type") == "text/plain" and "<" not in value else text_of_fragment(value)


def _published(entry: Any) -> Any:
    """The item's own words where they are understood, else what the parser made of them, else the words, to be kept."""
    # By `dict.get`, for the parser's own `get` warns where it would answer "updated" with "published".
    stated = [str(words) for name in ("published", "created", "updated") if (words := dict.get(entry, name))]
    for words in stated:
        if read_published(words):
            return words
    for name in ("published_parsed", "created_parsed", "updated_parsed"):
        if moment := dict.get(entry, name):
            return datetime.fromtimestamp(timegm(moment), UTC)
    return stated[0] if stated else None


def _image(entry: Any) -> str:
    for part in (*entry.get("media_content", ()), *entry.get("media_thumbnail", ()), *entry.get("enclosures", ())):
        if address := part.get("url") or part.get("href"):
            return str(address)
    markup = str(entry.get("summary", "")) + "".join(str(part.get("value", "")) for part in entry.get("content", ()))
    picture = re.search(r"<img\b[^<>]*\bsrc=[\"']?([^\"'\s>]+)", markup, re.IGNORECASE)
    return picture[1] if picture else ""
