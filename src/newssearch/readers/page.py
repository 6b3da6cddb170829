"""Pages pasted from a browser, and plain text: what a reader sees as the article, and the teasers of others around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..identity import article_id, host_of
from ..models import Article
from ..vietnamese.normalize import clean
from .published import find_published
from .record import NoArticle
from .repair import repair

_POWERED = re.compile(r"powered by\b.*", re.IGNORECASE)
_SOURCE = re.compile(r"(?:nguồn|theo nguồn|source)\s*:\s*(.+)", re.IGNORECASE)
_URL = re.compile(r"https?://\S+")
_AUTHOR = re.compile(r"(?:tác giả|bài và ảnh|thực hiện|bài)\s*:\s*(.{2,60})", re.IGNORECASE)
_PHOTO = re.compile(r"(.*)\s+ảnh\s+\d+", re.IGNORECASE)
_TEASERS = re.compile(
    r"(?:cùng (?:chủ đề|tác giả|chuyên mục)|tin (?:nổi bật|mới nhất|mới|liên quan|khác|cùng chuyên mục)|bài (?:liên quan|viết liên quan|đọc nhiều|cùng chuyên mục)|đọc nhiều(?: nhất)?|xem nhiều|có thể bạn quan tâm)\s*:?",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"(?:thứ \w+|chủ nhật|cn|ngày|cập nhật|đăng)?\W*[\w\s,:|/.()+-]*\d{1,2}[/.-]\d{1,2}[/.-]\d{4}[\w\s,:|/.()+-]*", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_][\w’'.-]*")
_LONGEST_TITLE = 250
_CUT_OFF = ("...", "…")


@dataclass(frozen=True, slots=True)
class Page:
    """A page read: the article and the stubs of the articles that it advertises, each once, in order of appearance."""

    article: Article
    teasers: tuple[Article, ...]


def read_page(text: str) -> Page:
    """Return the article of a pasted page or a plain text. Raises NoArticle."""
    lines = _lines(clean(repair(text)))
    lines = [line for line in lines if not _POWERED.fullmatch(line)]
    if not lines:
        raise NoArticle("It has neither title, lead nor body.")
    end = next((i for i, line in enumerate(lines) if i and _TEASERS.fullmatch(line)), len(lines))
    own, around = lines[:end], lines[end:]
    title, own = _title(own)
    url = source = author = ""
    published = None
    body: list[str] = []
    captions: list[str] = []
    caption_next = False
    previous = None
    for line in own:
        if (photo := _PHOTO.fullmatch(line)) and _same_start(photo[1], title):
            caption_next = True
            continue
        if caption_next:
            captions.append(line)
            caption_next, previous = False, None
        elif line == previous:
            # The same line twice running is a photo's caption pasted with its description.
            captions.append(body.pop())
            previous = None
        elif (named := _SOURCE.fullmatch(line)) and len(line) < 300:
            if address := _URL.search(named[1]):
                url = url or address[0]
            else:
                source = source or named[1].strip(" .")
        elif not body and published is None and len(line) < 80 and _DATELINE.fullmatch(line) and (day := find_published(line)):
            published = day
        elif (by := _AUTHOR.fullmatch(line)) and is_name(by[1]):
            author = by[1].strip(" .")
        else:
            body.append(line)
            previous = line
    if not author and len(body) > 2 and is_name(body[-1]):
        author = body.pop()
    source = source or host_of(url)
    text_of_body = "\n\n".join(body)
    if not (title or text_of_body):
        raise NoArticle("It has neither title, lead nor body.")
    article = Article(
        id=article_id(url, title, "", text_of_body),
        title=title,
        body=text_of_body,
        captions=tuple(dict.fromkeys(captions)),
        source=source,
        author=author,
        url=url,
        published=published,
    )
    return Page(article, _teasers(around, source, title))


def _lines(text: str) -> list[str]:
    """Lines without their margins; one that goes on in lower-case on the next, as mail and old editors wrap, is one line."""
    lines: list[str] = []
    joinable = False
    for line in text.split("\n"):
        line = " ".join(line.split())
        if not line:
            joinable = False
            continue
        if joinable and line[0].islower() and not lines[-1].endswith((".", "!", "?", ":", "…")):
            lines[-1] += " " + line
        else:
            lines.append(line)
        joinable = len(line) > 40
    return lines


def _title(lines: list[str]) -> tuple[str, list[str]]:
    first = lines[0]
    alone = len(lines) == 1
    if len(first) > _LONGEST_TITLE or (alone and (len(first) > 120 or first.endswith((".", "…")))):
        return "", lines
    return first, lines[1:]


def _same_start(text: str, title: str) -> bool:
    """Whether a photo's line repeats the page's title (or most of it)."""
    return bool(title) and (text == title or title.startswith(text[:40]) or text.startswith(title[:40]))


def is_name(line: str) -> bool:
    """Whether the line is nothing but a person's name: two to five words that all begin with a capital, no full stop."""
    words = line.replace(" - ", " ").split()
    return (
        2 <= len(words) <= 6
        and len(line) <= 45
        and not line.endswith((".", "!", "?", ":", "…", ","))
        and all(_NAME_WORD.fullmatch(word) and word[0].isupper() for word in words)
    )


def _teasers(lines: list[str], source: str, title: str) -> tuple[Article, ...]:
    found: dict[str, Article] = {}
    pending: str | None = None
    for line in lines:
        if _TEASERS.fullmatch(line):
            _keep(found, pending, "", source)
            pending = None
        elif _SOURCE.fullmatch(line) and _URL.search(line):
            continue
        elif pending is None:
            pending = line
        elif line.endswith(_CUT_OFF) or len(line) > max(len(pending), 110):
            _keep(found, pending, line, source)
            pending = None
        else:
            _keep(found, pending, "", source)
            pending = line
    _keep(found, pending, "", source)
    found.pop(title, None)
    return tuple(found.values())


def _keep(found: dict[str, Article], title: str | None, lead: str, source: str) -> None:
    if title is None:
        return
    stub = Article(id=article_id("", title, lead, ""), kind="teaser", title=title, lead=lead, source=source)
    if title not in found or (lead and not found[title].lead):
        found[title] = stub
