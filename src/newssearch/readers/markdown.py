"""Markdown with front matter: a strict small part of YAML, and marks reduced to text."""

from __future__ import annotations

import re
from typing import Any

_FENCE = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$\n?", re.DOTALL | re.MULTILINE)
_PAIR = re.compile(r"([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*))?")
_ESCAPE = re.compile(r'\\(["\\/nt])')
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t]*#*")
_UNDERLINE = re.compile(r"(?:=+|-{3,})")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,}")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(.*)")
# No mark reaches over another of its kind, so that text full of marks takes linear time.
_TARGET = r"\((?:[^()\n]|\([^()\n]*\))*\)"
_PICTURE = re.compile(r"!\[([^\[\]]*)\]\(\s*([^\s()]*)[^()]*\)")
_TABLE_RULE = re.compile(r"\|?[\s|:-]*-[\s|:-]*\|[\s|:-]*")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[([^\[\]]*)\]" + _TARGET), r"\1"),
    (re.compile(r"\[([^\[\]]+)\]" + _TARGET), r"\1"),
    (re.compile(r"\[([^\[\]]+)\]\[[^\[\]]*\]"), r"\1"),
    (re.compile(r"<(https?://[^>\s]+)>"), r"\1"),
    (re.compile(r"(\*\*\*?|__|~~)(?=\S)([^*_~\n]+)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*_~])(?:\*\*\*?|__|~~)(?=\S)|(?<=\S)(?:\*\*\*?|__|~~)(?![\w*_~])"), ""),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\w_])"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])"), r"\1"),
)


def read_markdown(text: str) -> dict[str, Any] | None:
    """Return the fields of a Markdown document: those of its front matter, `title` (else its first heading), `body`, captions of its pictures.

    None for one with neither front matter nor a heading, which is plain text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    record, text = _front_matter(text)
    is_plain = not record
    paragraphs: list[str] = []
    for is_heading, block in _blocks(text):
        if pictures := _PICTURE.findall(block):
            record.setdefault("image", pictures[0][1])
            if not _PICTURE.sub("", block).strip():
                record["captions"] = [*_listed(record.get("captions")), *(_plain(caption) for caption, _ in pictures if caption)]
                continue
        plain = _plain(block)
        is_plain = is_plain and not is_heading
        if is_heading and not paragraphs and not record.get("title"):
            record["title"] = plain
        elif plain and not (is_heading and not paragraphs and plain == record.get("title")):
            paragraphs.append(plain)
    if paragraphs:
        own = [record.pop(name) for name in [name for name in record if name.lower() == "body"]]
        record["body"] = [*own, *paragraphs]
    return None if is_plain else record


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The pairs between the fences and the text behind them; what stands between two rules but is no front matter stays text."""
    fence = _FENCE.match(text)
    lines = [line for line in fence[1].split("\n") if line.strip() and not line.startswith("#")] if fence else []
    if not fence or not lines or not _PAIR.fullmatch(lines[0].rstrip()):
        return {}, text
    if not all(_PAIR.fullmatch(line.rstrip()) or line.startswith((" ", "\t", "-")) for line in lines):
        return {}, text
    return read_front_matter(fence[1]), text[fence.end() :]


def read_front_matter(text: str) -> dict[str, Any]:
    """Return `key: value` lines as text and lists (`[a, b]` or `- a` lines); lines further in go on with the value above them."""
    record: dict[str, Any] = {}
    key = None
    for line in text.split("\n"):
        bare = line.strip()
        pair = _PAIR.fullmatch(bare) if not line.startswith((" ", "\t", "-")) else None
        if pair:
            key = pair[1]
            record[key] = _value(pair[2] or "")
        elif key and bare.startswith("- "):
            record[key] = _listed(record[key])
            record[key].append(_unquoted(bare[2:]))
        elif key and bare and not line.startswith("#") and isinstance(record[key], str):
            record[key] = f"{record[key]} {_unquoted(bare)}".strip()
    return record


def _value(text: str) -> str | list[str]:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        items = re.findall(r"\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,]+)", text[1:-1])
        return [_unquoted(item) for item in items if item.strip()]
    return "" if text in (">", "|", ">-", "|-", ">+", "|+", "~", "null") else _unquoted(text)


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text[1:-1])
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def _blocks(text: str) -> list[tuple[bool, str]]:
    """Whether it is a heading, and the text, of each block: headings, list items and table rows alone, the lines of a paragraph together."""
    found: list[tuple[bool, str]] = []
    running: list[str] = []
    in_code = False

    def end_paragraph(is_heading: bool = False) -> None:
        if running:
            found.append((is_heading, " ".join(running)))
            running.clear()

    for line in text.split("\n"):
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            end_paragraph()
            in_code = not in_code
            continue
        while bare.startswith(">") and not in_code:
            bare = bare[1:].strip()
        if in_code:
            running.append(bare)
        elif heading := _HEADING.fullmatch(bare):
            end_paragraph()
            found.append((True, heading[1]))
        elif len(running) == 1 and _UNDERLINE.fullmatch(bare):
            end_paragraph(is_heading=True)
        elif not bare or _RULE.fullmatch(bare) or ("|" in bare and _TABLE_RULE.fullmatch(bare)):
            end_paragraph()
        elif item := _ITEM.fullmatch(bare):
            end_paragraph()
            running.append(item[1] if bare[0] in "-*+" else bare)
        elif bare.startswith("|"):
            end_paragraph()
            found.append((False, " | ".join(filter(None, map(str.strip, bare.split("|"))))))
        else:
            running.append(bare)
    end_paragraph()
    return found


def _plain(text: str) -> str:
    for pattern, replacement in _INLINE:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())
