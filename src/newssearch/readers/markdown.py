"""Markdown with front matter: a strict small part of YAML, and marks reduced to text."""

from __future__ import annotations

import re
from typing import Any

_FENCE = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_PAIR = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[([^\]]*)\]\([^)]*\)"), r"\1"),
    (re.compile(r"\[([^\]]+)\]\([^)]*\)"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
)
_BLOCK = re.compile(r"(?m)^\s*(?:>\s?|[-*+]\s+)")


def read_markdown(text: str) -> dict[str, Any]:
    """Return the fields of a Markdown document: those of its front matter, `title` (else its first heading) and `body`."""
    text = text.replace("\r\n", "\n")
    record: dict[str, Any] = {}
    if fence := _FENCE.match(text):
        record = read_front_matter(fence[1])
        text = text[fence.end() :]
    paragraphs: list[str] = []
    for block in re.split(r"\n\s*\n", text):
        for line in _blocks(block):
            heading = _HEADING.fullmatch(line)
            plain = _plain(heading[1] if heading else line)
            if heading and not paragraphs and not record.get("title"):
                record["title"] = plain
            elif plain and not (heading and not paragraphs and plain == record.get("title")):
                paragraphs.append(plain)
    record.setdefault("body", "\n\n".join(paragraphs))
    return record


def read_front_matter(text: str) -> dict[str, Any]:
    """Return `key: value` lines as text and lists (`[a, b]` or `- a` lines); what is neither is kept under its key as it stands."""
    record: dict[str, Any] = {}
    key = None
    for line in text.split("\n"):
        if pair := _PAIR.fullmatch(line.strip()) if not line.startswith((" ", "\t", "-")) else None:
            key = pair[1]
            record[key] = _value(pair[2])
        elif key and line.strip().startswith("- "):
            items = record[key] if isinstance(record[key], list) else []
            record[key] = [*items, _value(line.strip()[2:])]
        elif key and line.strip() and not line.strip().startswith("#"):
            record[key] = f"{record[key]} {line.strip()}".strip() if isinstance(record[key], str) else record[key]
    return record


def _value(text: str) -> str | list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(item) for item in re.findall(r"\"[^\"]*\"|'[^']*'|[^,\[\]]+", text[1:-1]) if item.strip()]
    if text in (">", "|", ">-", "|-"):
        return ""
    return _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1].replace('\\"', '"')
    return text


def _blocks(block: str) -> list[str]:
    """A heading is a block of its own even where no blank line follows it; other lines of a block are one paragraph."""
    found: list[str] = []
    running: list[str] = []
    for line in block.split("\n"):
        if _HEADING.fullmatch(line.strip()):
            found += [" ".join(running)] if running else []
            found.append(line.strip())
            running = []
        elif line.strip():
            running.append(_BLOCK.sub("", line).strip())
    return [*found, " ".join(running)] if running else found


def _plain(text: str) -> str:
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
