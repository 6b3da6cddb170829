"""Paths, folders, globs and standard input to documents; nothing a file holds ends the run."""

from __future__ import annotations

import glob
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, BinaryIO

from ..errors import BadInput
from ..models import Article, Rejection
from .feeds import read_feed
from .formats import BY_SUFFIX, GZIP, Binary, decode, format_of, suffix_of
from .html import read_html
from .markdown import read_markdown
from .page import read_page
from .record import NoArticle, article_of

STANDARD_INPUT = "-"
_HEAD = 1 << 16
_WRAPPERS = ("articles", "items", "data", "results", "docs")
_CUT_SHORT = "The gzip stream is cut off or damaged here; what came before it was kept."


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it was read: where it came from, and stubs of the articles that its page advertises."""

    article: Article
    origin: str
    line: int | None
    teasers: tuple[Article, ...] = ()


def list_files(paths: Sequence[str | Path]) -> list[str]:
    """Return the files that paths, folders and globs name, in order, "-" as itself.

    In folders hidden files, README files and suffixes that no reader knows are passed over. Raises BadInput for a path that is missing or holds
    nothing to read.
    """
    files: list[str] = []
    for path in map(str, paths):
        if path == STANDARD_INPUT:
            files.append(path)
            continue
        target = Path(path)
        if target.is_dir():
            found = sorted(str(file) for file in target.rglob("*") if _is_read(file, target))
            if not found:
                raise BadInput(f"The folder {path} holds nothing to read.", f"Read are {' '.join(sorted(BY_SUFFIX))}, each also .gz.")
            files += found
        elif target.exists():
            files.append(path)
        elif any(character in path for character in "*?["):
            matching = sorted(name for name in glob.glob(path, recursive=True) if Path(name).is_file() and _is_read(Path(name), Path(name).parent))
            if not matching:
                raise BadInput(f"No file matches {path}.", "Quote a glob as newssearch reads it: 'news/**/*.jsonl'")
            files += matching
        else:
            raise BadInput(f"There is no {path}.", "Name a file, a folder, a glob or - for standard input.")
    return files


def _is_read(file: Path, below: Path) -> bool:
    inside = file.relative_to(below)
    hidden = any(part.startswith(".") for part in inside.parts)
    return file.is_file() and not hidden and suffix_of(file.name) in BY_SUFFIX and file.stem.upper() != "README"


def read_paths(paths: Sequence[str | Path], *, stdin: BinaryIO | None = None) -> Iterator[Document | Rejection]:
    """Yield every document of the paths, in order, and a Rejection for what cannot be one.

    Raises BadInput before anything is read when a path is missing or a folder holds nothing to read.
    """
    files = list_files(paths)
    return _read_files(files, stdin)


def _read_files(files: Sequence[str], stdin: BinaryIO | None) -> Iterator[Document | Rejection]:
    for file in files:
        if file == STANDARD_INPUT:
            yield from _guarded(stdin or sys.stdin.buffer, "stdin", STANDARD_INPUT)
            continue
        origin = str(Path(file).absolute())
        try:
            stream = open(file, "rb")  # noqa: SIM115 -- closed below, where reading may be given up half-way
        except OSError as error:
            yield Rejection(file=origin, line=None, reason=f"It cannot be read: {error.strerror}.")
            continue
        with stream:
            yield from _guarded(stream, Path(file).name, origin)


def read_bytes(data: bytes, name: str, origin: str) -> Iterator[Document | Rejection]:
    """Yield the documents that some bytes hold; `name` tells their format where the content does not."""
    return _guarded(io.BytesIO(data), name, origin)


def _guarded(stream: IO[bytes], name: str, origin: str) -> Iterator[Document | Rejection]:
    try:
        yield from _read_stream(stream, name, origin)
    except OSError as error:
        yield Rejection(file=origin, line=None, reason=f"It cannot be read: {error.strerror or error}.")
    except Exception as error:
        yield Rejection(file=origin, line=None, reason=f"It could not be understood ({type(error).__name__}: {str(error)[:200]}).")


def _read_stream(stream: IO[bytes], name: str, origin: str) -> Iterator[Document | Rejection]:
    buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(_Raw(stream))
    if buffered.peek(2)[:2] == GZIP:
        buffered = io.BufferedReader(_Raw(gzip.GzipFile(fileobj=buffered)))
    source = _Tolerant(buffered)
    head = source.head(_HEAD)
    kind = format_of(name, head)
    if kind == "jsonl":
        yield from _read_lines(source, origin)
    else:
        yield from _read_whole(source.rest(), kind, origin)
    if source.broken:
        yield Rejection(file=origin, line=source.lines if kind == "jsonl" else None, reason=_CUT_SHORT)


class _Raw(io.RawIOBase):
    """Any binary stream as a raw one, so that it can be buffered and peeked into."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Tolerant:
    """Bytes up to where a compressed stream breaks."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self._head = b""
        self.broken = False
        self.lines = 0

    def head(self, size: int) -> bytes:
        while len(self._head) < size and (chunk := self._read(1 << 16)):
            self._head += chunk
        return self._head

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read1(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.broken = True
            return b""

    def rest(self) -> bytes:
        parts = [self._head]
        while chunk := self._read(1 << 20):
            parts.append(chunk)
        return b"".join(parts)

    def each_line(self) -> Iterator[bytes]:
        rest, self._head = self._head, b""
        while chunk := self._read(1 << 20):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.lines += 1
                yield line
        for line in rest.split(b"\n") if rest else ():
            self.lines += 1
            if not (self.broken and line is rest):
                yield line


def _read_lines(source: _Tolerant, origin: str) -> Iterator[Document | Rejection]:
    for line in source.each_line():
        if not line.strip():
            continue
        number = source.lines
        try:
            text, mended = decode(line)
            record = json.loads(text)
        except Binary:
            yield Rejection(file=origin, line=number, reason="It is not text.")
            continue
        except (ValueError, RecursionError) as error:
            if source.broken:
                return
            yield Rejection(file=origin, line=number, reason=f"It is not JSON: {error}.")
            continue
        yield from _record(record, origin, number, mended)


def _record(record: Any, origin: str, line: int | None, mended: str = "") -> Iterator[Document | Rejection]:
    if not isinstance(record, Mapping):
        yield Rejection(file=origin, line=line, reason=f"It is a JSON {type(record).__name__}, not an object with the fields of an article.")
        return
    try:
        article = article_of(record)
    except NoArticle as reason:
        yield Rejection(file=origin, line=line, reason=str(reason))
        return
    yield Document(_noted(article, mended), origin, line)


def _noted(article: Article, mended: str) -> Article:
    return replace(article, extras={**article.extras, "repaired": mended}) if mended else article


def _read_whole(data: bytes, kind: str, origin: str) -> Iterator[Document | Rejection]:
    if kind == "feed":
        count = 0
        for count, record in enumerate(read_feed(data), 1):
            yield from _record(record, origin, count)
        if not count:
            yield Rejection(file=origin, line=None, reason="It is no feed with items.")
        return
    try:
        text, mended = decode(data)
    except Binary:
        yield Rejection(file=origin, line=None, reason="It is not text (binary data or an unknown encoding).")
        return
    if kind == "json":
        yield from _read_json(text, mended, origin)
    elif kind == "html":
        yield from _record(read_html(text.encode("utf-8", "replace")), origin, None, mended)
    elif kind == "markdown":
        yield from _record(read_markdown(text), origin, None, mended)
    else:
        try:
            page = read_page(text)
        except NoArticle as reason:
            yield Rejection(file=origin, line=None, reason=str(reason))
            return
        yield Document(_noted(page.article, mended), origin, None, page.teasers)


def _read_json(text: str, mended: str, origin: str) -> Iterator[Document | Rejection]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        yield Rejection(file=origin, line=getattr(error, "lineno", None), reason=f"It is not JSON: {error}.")
        return
    wrapped = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), list)), None) if isinstance(value, dict) else None
    if wrapped is None and isinstance(value, list):
        wrapped = value
    if wrapped is None:
        yield from _record(value, origin, None, mended)
        return
    if not wrapped:
        yield Rejection(file=origin, line=None, reason="Its list of articles is empty.")
    for number, record in enumerate(wrapped, 1):
        yield from _record(record, origin, number, mended)
