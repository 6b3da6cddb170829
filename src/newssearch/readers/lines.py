"""Records in JSON to documents: whole values, and lines that may be cut in one process and read in another."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..models import Article, Rejection
from .formats import Binary, decode
from .record import NoArticle, article_of, json_type

NO_TEXT = "It is not text (binary data or an unknown encoding)."


@dataclass(frozen=True, slots=True)
class Document:
    """An article as it was read: the file it came from (absolute, "-" for standard input), its line or number there, and stubs of the articles
    that its page advertises."""

    article: Article
    origin: str
    line: int | None
    teasers: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file, each with a document in JSON or blank, not yet read."""

    lines: list[bytes]
    """without their ends"""
    origin: str
    first: int
    """the number of the first line in its file"""


def read_lines(part: Lines) -> Iterator[Document | Rejection]:
    """Yield the documents of the lines, and a Rejection for what cannot be one; nothing for a blank line."""
    for number, line in enumerate(part.lines, part.first):
        if not line.strip():
            continue
        try:
            text, mended = decode(line)
            record = loads(text)
        except Binary:
            yield Rejection(file=part.origin, line=number, reason=NO_TEXT)
        except (ValueError, RecursionError) as error:
            yield Rejection(file=part.origin, line=number, reason=f"It is not JSON: {error}.")
        else:
            yield from read_record(record, part.origin, number, mended)


def loads(text: str) -> Any:
    """Return a JSON value as crawlers write it. Raises ValueError, RecursionError."""
    # Raw tabs and line ends inside strings are no JSON, but crawlers write them; NaN and Infinity have no JSON form to store.
    return _DECODER.decode(text)


def _number(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


_DECODER = json.JSONDecoder(strict=False, parse_constant=str, parse_float=_number)


def read_record(record: Any, origin: str, line: int | None, mended: str = "") -> Iterator[Document | Rejection]:
    """Yield the one document that a JSON value holds, or why it holds none; what was mended in its bytes goes to its extras."""
    if not isinstance(record, Mapping):
        yield Rejection(file=origin, line=line, reason=f"It is a JSON {json_type(record)}, not an object with the fields of an article.")
        return
    try:
        article = article_of(record)
    except NoArticle as reason:
        yield Rejection(file=origin, line=line, reason=str(reason))
    except Exception as error:
        yield Rejection(file=origin, line=line, reason=not_understood(error))
    else:
        yield Document(noted(article, mended), origin, line)


def noted(article: Article, mended: str) -> Article:
    """The article with a note of what was mended, if anything was."""
    return replace(article, extras={**article.extras, "repaired": mended}) if mended else article


def not_understood(error: Exception) -> str:
    """The reason of a rejection that nobody foresaw."""
    return f"It could not be understood ({type(error).__name__}: {str(error)[:200]})."
