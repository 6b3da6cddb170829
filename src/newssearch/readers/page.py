"""Pages pasted from a browser, and plain text: what a reader sees as the article, and the teasers of others around it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ..identity import article_id, host_of
from ..models import Article
from ..vietnamese.normalize import clean
from .furniture import is_button, is_comments_heading, is_dateline, is_footer, is_name, is_teaser_heading
from .published import find_published
from .record import NoArticle

_SOURCE = re.compile(r"(?:nguồn|theo nguồn|nguồn tin|source|link gốc|link bài gốc|bài gốc)\s*:\s*(.*)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"]+")
_AUTHOR = re.compile(r"(?:tác giả|bài và ảnh|tin và ảnh|thực hiện|bài, ảnh|tin, ảnh)\s*:\s*(.{2,80})", re.IGNORECASE)
_TAGS = re.compile(r"(?:từ khóa|từ khoá|tags?)\s*:\s*(.+)", re.IGNORECASE)
_PHOTO = re.compile(r"(.*\S)\s+(?:-\s+)?ảnh\s+\d+\.?", re.IGNORECASE)
_CREDITED = re.compile(r".{3,400}?[\s(/-]ảnh\s*:\s*[^.\n]{2,60}[.)]?", re.IGNORECASE)
_CRUMBS = re.compile(r"(?:\s*(?:>|»|›|/)\s*)")
_HOME = re.compile(r"trang chủ|trang nhất|home", re.IGNORECASE)
_LONGEST_TITLE = 250
_LONGEST_CAPTION = 400
_LONG = 110
"""characters from which a line is running text rather than a headline"""
_CUT_OFF = ("...", "…")
_SENTENCE_END = (".", "!", "?", ":", "…", ";")


@dataclass(frozen=True, slots=True)
class Page:
    """A page read: the article and the stubs of the articles that it advertises, each once, in order of appearance."""

    article: Article
    teasers: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    apart: bool
    """whether a blank line stands before it"""


@dataclass(slots=True)
class _Parts:
    """What the article's own lines turned out to be."""

    body: list[str] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    url: str = ""
    source: str = ""
    author: str = ""
    published: datetime | None = None
    tags: list[str] = field(default_factory=list)


def read_page(text: str) -> Page:
    """Return the article of a pasted page or a plain text. Raises NoArticle."""
    lines = [line for line in _lines(clean(text)) if not is_button(line.text)]
    own, around = _split(lines)
    section, own = _breadcrumb(own)
    title, own = _title(own)
    parts = _sorted(own, title)
    for line in around:
        if (named := _SOURCE.fullmatch(line)) and not parts.url and (address := _URL.search(named[1])):
            parts.url = address[0]
    body = "\n\n".join(parts.body)
    if not (title or body):
        raise NoArticle("It has neither title, lead nor body.")
    source = parts.source or host_of(parts.url)
    article = Article(
        id=article_id(parts.url, title, "", body),
        title=title,
        body=body,
        captions=tuple(dict.fromkeys(parts.captions)),
        source=source,
        section=section,
        author=parts.author,
        url=parts.url,
        published=parts.published,
        extras={"tags": parts.tags} if parts.tags else {},
    )
    return Page(article, _teasers(around, source, title))


def _lines(text: str) -> list[_Line]:
    """Lines without their margins; those of a paragraph that was wrapped at a width, as mail and old editors do, are one."""
    lines: list[tuple[list[str], bool]] = []
    for number, block in enumerate(re.split(r"\n[^\S\n]*\n", text)):
        rows = [row for row in (" ".join(row.split()) for row in block.split("\n")) if row]
        apart = number > 0
        widest = max(map(len, rows), default=0)
        wrapped = len(rows) > 2 and 50 <= widest <= 110 and all(len(row) > widest - 16 for row in rows[:-1])
        for row in rows:
            previous = lines[-1][0][-1] if lines and not apart else ""
            runs_on = len(previous) > 40 and row[0].islower() and not previous.endswith(_SENTENCE_END)
            if previous and (wrapped or runs_on):
                lines[-1][0].append(row)
            else:
                lines.append(([row], apart))
            apart = False
    return [_Line(" ".join(rows), apart) for rows, apart in lines]


def _split(lines: list[_Line]) -> tuple[list[_Line], list[str]]:
    """The article's own lines, and those of the teaser blocks around it."""
    own: list[_Line] = []
    around: list[str] = []
    in_block = in_comments = False
    last_source = max((index for index, line in enumerate(lines) if _says_where(line.text)), default=-1)
    for index, line in enumerate(lines):
        if own and is_footer(line.text):
            break
        if own and is_teaser_heading(line.text):
            in_block, in_comments = True, False
        elif own and is_comments_heading(line.text):
            in_block, in_comments = False, True
            continue
        elif in_block and index <= last_source and _is_running_text(line.text):
            # A box of links in mid-article: the article goes on, for where it ends its source is still to come.
            in_block = False
        if not in_comments:
            if in_block:
                around.append(line.text)
            else:
                own.append(line)
    return own, around


def _says_where(line: str) -> bool:
    named = _SOURCE.fullmatch(line)
    return bool(named and _URL.search(named[1]))


def _is_running_text(line: str) -> bool:
    return (len(line) > _LONG and line.endswith((".", "!", "?", "”", '"')) and not line.endswith("...")) or _says_where(line)


def _breadcrumb(lines: list[_Line]) -> tuple[str, list[_Line]]:
    """The section where the page's first line clearly names it: "Trang chủ > Kinh tế", or a few words over the date over the title."""
    if not lines:
        return "", lines
    first = lines[0].text
    crumbs = [crumb for crumb in _CRUMBS.split(first) if crumb]
    if len(first) < 100 and len(lines) > 1 and (len(crumbs) > 1 or _HOME.fullmatch(first)) and (_HOME.fullmatch(crumbs[0]) or re.search("[>»›]", first)):
        sections = [crumb for crumb in crumbs if not _HOME.fullmatch(crumb)]
        return (sections[0] if sections else ""), lines[1:]
    short = len(first.split()) <= 4 and len(first) <= 30 and not first.endswith(_SENTENCE_END)
    if short and len(lines) > 3 and is_dateline(lines[1].text) and len(lines[2].text) < _LONGEST_TITLE and not lines[2].text.endswith("."):
        return first, lines[1:]
    return "", lines


def _title(lines: list[_Line]) -> tuple[str, list[_Line]]:
    """The first line that is no date, and the others; "" where it is running text."""
    at = next((index for index, line in enumerate(lines[:3]) if not is_dateline(line.text)), 0)
    if not lines:
        return "", lines
    first = lines[at].text
    alone = len(lines) == at + 1
    if len(first) > _LONGEST_TITLE or _SOURCE.fullmatch(first) or (alone and (len(first) > _LONG or first.endswith((".", "…")))):
        return "", lines
    again = next((index for index in range(at + 1, len(lines)) if lines[index].text != first), len(lines))
    return first, [*lines[:at], *lines[again:]]


def _sorted(lines: list[_Line], title: str) -> _Parts:
    parts = _Parts()
    caption_next = False
    wants_address = False
    for index, line in enumerate(lines):
        text = line.text
        is_caption, caption_next = caption_next, False
        if (photo := _photo(text, title)) is not None:
            parts.captions += [photo] if photo else []
            caption_next = True
        elif wants_address and _URL.fullmatch(text):
            parts.url, wants_address = parts.url or text, False
        elif named := _SOURCE.fullmatch(text):
            wants_address = not named[1]
            _take_source(parts, named[1], text, is_last=len(lines) - index <= 3)
        elif is_caption and _reads_as_caption(text, line.apart):
            parts.captions.append(text)
        elif _repeats(parts.body, line):
            parts.captions.append(parts.body.pop())
        elif parts.published is None and len(parts.body) < 2 and is_dateline(text) and (moment := find_published(text)):
            parts.published = moment
        elif by := _AUTHOR.fullmatch(text):
            parts.author = by[1].strip(" .")
        elif tags := _TAGS.fullmatch(text):
            parts.tags += [tag.strip() for tag in re.split(r"[,;]", tags[1]) if tag.strip()]
        elif parts.body and len(text) <= _LONGEST_CAPTION and _CREDITED.fullmatch(text):
            parts.captions.append(text)
        elif not parts.author and not parts.body and is_name(text) and _beside_dateline(lines, index):
            parts.author = text
        else:
            parts.body.append(text)
    if not parts.author and len(parts.body) > 2 and is_name(parts.body[-1]):
        parts.author = parts.body.pop()
    return parts


def _beside_dateline(lines: list[_Line], index: int) -> bool:
    """Whether a date stands right above or below: a name alone at the top may also be a place."""
    return any(is_dateline(line.text) for line in lines[max(index - 1, 0) : index + 2])


def _photo(text: str, title: str) -> str | None:
    """What a photo's line ("… ảnh 1") says beyond the page's title: "" for nothing, None where it is no such line."""
    photo = _PHOTO.fullmatch(text) if len(text) <= _LONGEST_TITLE + 20 else None
    if not photo:
        return None
    says = photo[1]
    if title and (title.startswith(says[:40]) or says.startswith(title[:40])):
        return ""
    return None if says.endswith(_SENTENCE_END) or len(says) > 160 or not text[0].isupper() else says


def _reads_as_caption(text: str, apart: bool) -> bool:
    """Whether a line behind a photo's is its caption: a text of some length set apart is the article going on."""
    return len(text) <= (_LONGEST_CAPTION if not apart else 300) and len(re.findall(r"[.!?]\s+[A-ZĐÀ-Ỹ]", text)) <= (3 if not apart else 1)


def _repeats(body: list[str], line: _Line) -> bool:
    """Whether the line is a photo's caption pasted with its description: the one before it again, at the top or right under it."""
    return bool(body) and line.text == body[-1] and len(line.text) > 15 and (len(body) == 1 or not line.apart)


def _take_source(parts: _Parts, named: str, whole: str, is_last: bool) -> None:
    address = _URL.search(named)
    name = (named[: address.start()] if address else named).strip(" .,;:(-–")
    if address:
        parts.url = parts.url or address[0].rstrip(".,;)")
    if name and (address or is_last) and len(name) < 80:
        parts.source = parts.source or name
    elif name:
        # In mid-article it credits a table or a chart.
        parts.body.append(whole)


def _teasers(lines: Iterable[str], source: str, title: str) -> tuple[Article, ...]:
    """Stubs of headline and first words, each headline once; a headline may stand alone."""
    found: dict[str, str] = {}
    pending: str | None = None
    for line in lines:
        if is_teaser_heading(line):
            pending = None
        elif _SOURCE.fullmatch(line) or is_dateline(line):
            continue
        elif pending is not None and line not in found and (line.endswith(_CUT_OFF) or len(line) > max(len(pending), _LONG)):
            found[pending] = found[pending] or line
            pending = None
        else:
            found.setdefault(line, "")
            pending = line
    found.pop(title, None)
    return tuple(Article(id=article_id("", name, lead, ""), kind="teaser", title=name, lead=lead, source=source) for name, lead in found.items())
