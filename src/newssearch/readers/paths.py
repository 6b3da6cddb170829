"""Paths, folders, globs and standard input to documents; nothing that a file holds ends the run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO

from ..models import Rejection
from .feeds import is_whole_feed, read_feed
from .files import STANDARD_INPUT, list_files
from .formats import Binary, decode, format_of, is_utf16
from .html import read_html
from .lines import NO_TEXT, Document, Lines, loads, not_understood, noted, read_lines, read_record
from .markdown import read_markdown
from .page import read_page
from .record import NoArticle, article_of
from .repair import repair
from .stream import Input

_HEAD = 1 << 16
_WRAPPERS = ("articles", "items", "data", "results", "docs")
_CUT_SHORT = "The gzip data is cut off or damaged here; what came before was read."
_EMPTY = "It is empty."

Part = Document | Rejection | Lines


def read_paths(paths: Sequence[str | Path], *, stdin: BinaryIO | None = None) -> Iterator[Document | Rejection]:
    """Yield every document of the paths, in order, and a Rejection for what cannot be one.

    Raises BadInput before anything is read when a path is missing or a folder holds nothing to read.
    """
    return _read(read_parts(paths, stdin=stdin))


def read_parts(paths: Sequence[str | Path], *, stdin: BinaryIO | None = None) -> Iterator[Part]:
    """The same with lines of JSON unread, so that another process may do that: `read_lines` gives their documents."""
    return _read_files(list_files(paths), stdin)


def read_bytes(data: bytes, name: str, origin: str) -> Iterator[Document | Rejection]:
    """Yield the documents that some bytes hold; `name` tells their format where the content does not."""
    return _read(_guarded(io.BytesIO(data), name, origin))


def _read(parts: Iterable[Part]) -> Iterator[Document | Rejection]:
    for part in parts:
        if isinstance(part, Lines):
            yield from read_lines(part)
        else:
            yield part


def _read_files(files: Sequence[str], stdin: BinaryIO | None) -> Iterator[Part]:
    for file in files:
        if file == STANDARD_INPUT:
            yield from _guarded(stdin or sys.stdin.buffer, "", STANDARD_INPUT)
            continue
        origin = os.path.abspath(file)
        try:
            stream = open(file, "rb")  # noqa: SIM115 -- closed below, where reading may be given up half-way
        except (OSError, ValueError) as error:
            yield Rejection(file=origin, line=None, reason=_unreadable(error))
            continue
        with stream:
            yield from _guarded(stream, os.path.basename(file), origin)


def _unreadable(error: Exception) -> str:
    return f"It cannot be read: {getattr(error, 'strerror', None) or error}."


def _guarded(stream: IO[bytes], name: str, origin: str) -> Iterator[Part]:
    """What a stream holds, or why it cannot be read: the last resort that keeps one file from ending the run."""
    try:
        yield from _read_stream(stream, name, origin)
    except OSError as error:
        yield Rejection(file=origin, line=None, reason=_unreadable(error))
    except Exception as error:
        yield Rejection(file=origin, line=None, reason=not_understood(error))


def _read_stream(stream: IO[bytes], name: str, origin: str) -> Iterator[Part]:
    source = Input(stream)
    head = source.head(_HEAD)
    kind = format_of(name, head)
    is_empty = True
    for part in _lines(source, origin) if kind == "jsonl" and not is_utf16(head) else _read_whole(source.rest(), kind, origin):
        is_empty = False
        yield part
    if source.broken:
        yield Rejection(file=origin, line=source.line or None, reason=_CUT_SHORT)
    elif is_empty:
        yield Rejection(file=origin, line=None, reason=_EMPTY)


def _read_whole(data: bytes, kind: str, origin: str) -> Iterator[Part]:
    if kind == "feed" and data.strip():
        yield from _read_feed(data, origin)
        return
    try:
        text, mended = decode(data)
    except Binary:
        yield Rejection(file=origin, line=None, reason=NO_TEXT)
        return
    if not text.strip("\ufeff \t\r\n"):
        return
    if kind == "jsonl":
        yield from _lines(Input(io.BytesIO(text.encode("utf-8", "replace"))), origin)
    elif kind == "json":
        yield from _read_json(text, mended, origin)
    elif kind == "html":
        yield from read_record(read_html(repair(text)), origin, None, mended)
    elif kind == "markdown" and (record := read_markdown(repair(text))) is not None:
        yield from read_record(record, origin, None, mended)
    else:
        try:
            page = read_page(repair(text))
        except NoArticle as reason:
            yield Rejection(file=origin, line=None, reason=str(reason))
            return
        yield Document(noted(page.article, mended), origin, None, page.teasers)


def _lines(source: Input, origin: str) -> Iterator[Lines]:
    for first, lines in source.lines():
        if any(map(bytes.strip, lines)):
            yield Lines(lines, origin, first)


def _read_json(text: str, mended: str, origin: str) -> Iterator[Part]:
    try:
        value = loads(text)
    except (ValueError, RecursionError) as error:
        if getattr(error, "msg", "") == "Extra data":
            # Several documents one after the other: lines, of which the first was too long to see that.
            yield from _lines(Input(io.BytesIO(text.encode("utf-8", "replace"))), origin)
        else:
            yield Rejection(file=origin, line=getattr(error, "lineno", None), reason=f"It is not JSON: {error}.")
        return
    wrapped = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list)), None) if isinstance(value, dict) else None
    if isinstance(value, list):
        wrapped = value
    if wrapped is None or (isinstance(value, dict) and _is_an_article(value)):
        yield from read_record(value, origin, None, mended)
    elif not wrapped:
        yield Rejection(file=origin, line=None, reason="Its list of articles is empty.")
    else:
        for number, record in enumerate(wrapped, 1):
            yield from read_record(record, origin, number, mended)


def _is_an_article(value: Mapping[str, Any]) -> bool:
    """Whether an object that also holds a list is an article itself, with a title or a text of its own."""
    try:
        article = article_of({name: part for name, part in value.items() if name not in _WRAPPERS})
    except NoArticle:
        return False
    return bool(article.body)


def _read_feed(data: bytes, origin: str) -> Iterator[Part]:
    if b"\x00" in data[:65536] and not is_utf16(data):
        yield Rejection(file=origin, line=None, reason=NO_TEXT)
        return
    number = 0
    for number, record in enumerate(read_feed(data), 1):
        yield from read_record(record, origin, number)
    if not number:
        yield Rejection(file=origin, line=None, reason="It is no RSS or Atom feed with items.")
    elif not is_whole_feed(data):
        yield Rejection(file=origin, line=None, reason=f"The feed is cut off; the {number} items before that were read.")
