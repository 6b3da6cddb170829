"""The articles that are measured: the first N of the shared corpora, and recombined ones beyond those."""

from __future__ import annotations

import gzip
import json
import mmap
import random
from array import array
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

REAL = 39_210
"""articles of news-1 and news-2 together"""
SEED = 20_190_417

_SENTENCE = ". "

Record = dict[str, Any]


def real_rows(shared: Path) -> Iterator[Record]:
    """Every article of news-1, then of news-2."""
    for name in ("news-1", "news-2"):
        yield from gzip_rows(shared / "corpus" / f"{name}.jsonl.gz")


def gzip_rows(path: Path) -> Iterator[Record]:
    """The objects of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def rows_of(path: Path) -> Iterator[Record]:
    """The objects of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def text_of(row: Record) -> str:
    """Title, summary and body, a line each: what every engine indexes."""
    return "\n".join(filter(None, (row.get(part) for part in ("title", "summary", "body"))))


def text_bytes(path: Path) -> int:
    """Bytes of UTF-8 text (title, summary, body) in a JSONL file."""
    return sum(len((row.get(part) or "").encode()) for row in rows_of(path) for part in ("title", "summary", "body"))


def write_rows(rows: Iterable[Record], path: Path) -> Path:
    """Write a JSONL file; returns its path."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path


def write_articles(shared: Path, scratch: Path, count: int) -> Path:
    """Return a JSONL file of `count` articles, written unless it is there: real ones first, then recombined ones, streamed."""
    path = scratch / f"articles-{count}.jsonl"
    if path.exists():
        return path
    growing = path.with_suffix(".growing")
    write_rows(islice(real_rows(shared), count), growing)
    if count > REAL:
        base = write_articles(shared, scratch, REAL)
        with growing.open("a", encoding="utf-8") as file:
            for row in recombined(base, count - REAL):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return growing.rename(path)


def recombined(base: Path, count: int, seed: int = SEED) -> Iterator[Record]:
    """Yield new articles made of the sentences of the articles in `base`.

    Title, source, section and date of one article, the summary of a second, the first half of the second's sentences and the last half of a third's.
    So lengths, frequencies and adjacent pairs are those of real text but for one seam; the vocabulary does not grow. Only line offsets are held.
    """
    drawn = random.Random(seed)
    with base.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as lines:
        starts = array("Q", [0])
        while (end := lines.find(b"\n", starts[-1])) >= 0:
            starts.append(end + 1)
        articles = len(starts) - 1
        for number in range(count):
            first, second, third = (
                json.loads(lines[starts[line] : starts[line + 1]]) for line in (drawn.randrange(articles) for _ in range(3))
            )
            opening = (second.get("body") or "").split(_SENTENCE)
            closing = (third.get("body") or "").split(_SENTENCE)
            body = [*opening[: (len(opening) + 1) // 2], *closing[len(closing) // 2 :]]
            kept = {name: first[name] for name in ("title", "source", "category", "published") if name in first}
            yield {"id": f"recombined-{number}", **kept, "summary": second.get("summary", ""), "body": _SENTENCE.join(body)}
