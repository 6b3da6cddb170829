"""Which format some bytes are in: by name, but by content where the name does not say or says wrong."""

from __future__ import annotations

import json
import re

BY_SUFFIX = {
    ".txt": "page",
    ".text": "page",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
}
GZIP = b"\x1f\x8b"
_HTML = re.compile(rb"<!doctype html|<html[\s>]", re.IGNORECASE)
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def suffix_of(name: str) -> str:
    """The suffix that says the format, `.gz` taken off: "a.jsonl.gz" -> ".jsonl"."""
    match = re.search(r"\.[A-Za-z]+$", name[: -len(".gz")] if name.lower().endswith(".gz") else name)
    return match[0].lower() if match else ""


def format_of(name: str, head: bytes) -> str:
    """One of "page", "markdown", "html", "json", "jsonl", "feed" for a document with this name that begins with `head`."""
    named = BY_SUFFIX.get(suffix_of(name))
    seen = _by_content(head)
    if named in (None, "page"):
        return seen or "page"
    if (named == "json" and seen == "jsonl") or (named == "feed" and seen == "html") or (named == "html" and seen == "feed"):
        return seen
    return named


def _by_content(head: bytes) -> str | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"{"):
        first, line_end, rest = start.partition(b"\n")
        try:
            json.loads(first)
        except ValueError:
            return "json"
        return "jsonl" if line_end and rest.lstrip().startswith(b"{") else "json"
    if start.startswith(b"[") and re.match(rb"\[\s*[{\]]", start):
        return "json"
    if _FEED.search(start[:2000]) and start.startswith(b"<"):
        return "feed"
    if _HTML.search(start[:2000]) and start.startswith(b"<"):
        return "html"
    if re.match(rb"---[ \t]*\r?\n[A-Za-z_][\w-]*\s*:", start):
        return "markdown"
    return None


class Binary(Exception):
    """The bytes are no text."""


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and what had to be mended ("" for nothing). Raises Binary for what is no text."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), ""
            except UnicodeDecodeError as error:
                if encoding == "utf-16":
                    raise Binary from error
    try:
        text = data.decode("utf-8")
        if "\x00" in text[:65536]:
            raise Binary
        return text, ""
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        odd = sum(c == "\ufffd" or (c < " " and c not in "\n\r\t\f") for c in text[:65536])
        if b"\x00" in data[:65536] or odd > len(text[:65536]) * 0.1:
            raise Binary from error
        return text, f"invalid UTF-8 at byte {error.start}"
