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
_HTML_PARTS = re.compile(rb"</(?:p|div|body|head|title|h1|article|table)\s*>", re.IGNORECASE)
_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
_OBJECT = re.compile(rb"\{\s*[\"}]")
_LIST = re.compile(rb"\[\s*[{\]]")
_FRONT_MATTER = re.compile(rb"---[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*[A-Za-z_][\w-]*[ \t]*:")
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*(windows-125\d|cp125\d|iso-8859-\d{1,2}|latin-?1)\b", re.IGNORECASE)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_BOM = b"\xef\xbb\xbf"
_MOST_UNREADABLE = 0.3
"""share of characters that are no text above which bytes are no text; Vietnamese in a one-byte encoding has about 0.25"""


def suffix_of(name: str) -> str:
    """The suffix that says the format, `.gz` taken off: "a.jsonl.gz" -> ".jsonl"."""
    match = re.search(r"\.[A-Za-z]+$", name[: -len(".gz")] if name.lower().endswith(".gz") else name)
    return match[0].lower() if match else ""


def format_of(name: str, head: bytes) -> str:
    """One of "page", "markdown", "html", "json", "jsonl", "feed" for a document with this name that begins with `head`.

    The name decides, but what is plainly of another format is read as that: a page saved as `.txt` or `.xml`, JSON saved as `.txt`, lines as `.json`.
    """
    named = BY_SUFFIX.get(suffix_of(name))
    seen = _by_content(head)
    if named == "jsonl":
        # Lines may be broken, and each is judged alone; only a document laid out over many lines is one.
        first = head.removeprefix(_UTF8_BOM).lstrip().partition(b"\n")[0].strip()
        return "json" if seen in ("json", "jsonl") and first in (b"{", b"[", b"[{") else "jsonl"
    if named == "markdown" and seen == "json" and _LIST.match(head):
        return "markdown"
    return seen or named or "page"


def is_utf16(head: bytes) -> bool:
    """Whether the bytes begin with the mark of UTF-16."""
    return head.startswith(_UTF16)


def _by_content(head: bytes) -> str | None:
    if is_utf16(head):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode("utf-8", "replace")
    start = head.removeprefix(_UTF8_BOM).lstrip()
    if _OBJECT.match(start):
        return "jsonl" if _is_lines(start) else "json"
    if _LIST.match(start):
        return "json"
    if start.startswith(b"<"):
        if _FEED.search(start[:4000]) and not _HTML.search(start[:4000]):
            return "feed"
        if _HTML.search(start[:4000]) or (_HTML_PARTS.search(start) and not start.startswith(b"<?xml")):
            return "html"
        return "feed" if start.startswith(b"<?xml") else None
    return "markdown" if _FRONT_MATTER.match(start) else None


def _is_lines(start: bytes) -> bool:
    """Whether the first two lines are each an object, or look like one that is broken."""
    lines = [line.strip() for line in start.split(b"\n", 20)[:20] if line.strip()]
    if len(lines) < 2 or not lines[1].startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(lines[0]), dict)
    except (ValueError, RecursionError):
        return lines[0].endswith(b"}") and lines[1].endswith(b"}")


class Binary(Exception):
    """The bytes are no text."""


def decode(data: bytes) -> tuple[str, str]:
    """Return the text and what had to be mended ("" for nothing): bytes that are no UTF-8 become U+FFFD. Raises Binary for what is no text.

    UTF-8 with or without its mark, and UTF-16 with its mark, are read; of HTML and XML also the encoding that they declare.
    """
    if is_utf16(data):
        try:
            return data.decode("utf-16"), ""
        except UnicodeDecodeError as error:
            return _mended(data, "utf-16", error)
    if b"\x00" in data[:65536]:
        raise Binary
    try:
        return data.removeprefix(_UTF8_BOM).decode("utf-8"), ""
    except UnicodeDecodeError as error:
        declared = _CHARSET.search(data[:4096]) if data.lstrip().startswith(b"<") else None
        if declared:
            try:
                return data.decode(declared[1].decode("ascii")), ""
            except (LookupError, UnicodeDecodeError):
                pass
        return _mended(data, "utf-8", error)


def _mended(data: bytes, encoding: str, error: UnicodeDecodeError) -> tuple[str, str]:
    text = data.decode(encoding, "replace")
    sample = text[:65536]
    odd = sum(c == "\ufffd" or (c < " " and c not in "\n\r\t\f") for c in sample)
    if odd > len(sample) * _MOST_UNREADABLE:
        raise Binary from error
    return text, f"invalid {encoding.upper()} at byte {error.start}"
