"""How results look in a terminal, and as JSON, JSONL, CSV and TREC lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from ..models import Article, Hit, ResultPage, Segment

_MARK = "\x1b[1;33m"
_DIM = "\x1b[2m"
_BOLD = "\x1b[1m"
_OFF = "\x1b[0m"


def wants_color(choice: str) -> bool:
    """Whether to print escape codes, by --color, NO_COLOR (no-color.org) and the terminal."""
    if choice == "auto":
        return not os.environ.get("NO_COLOR") and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return choice == "always"


def printable(text: str) -> str:
    """Text in one line without control characters, which could steer a terminal."""
    return " ".join("".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text).split())


def print_page(page: ResultPage, color: bool, first: int = 1) -> None:
    """Print a page of results, numbered from `first`, for a reader; notices go to standard error."""
    for notice in page.notices:
        click.echo(notice.message, err=True)
    copies = f", {_number(page.articles)} bài" if page.articles != page.total else ""
    near = f", {_number(page.near)} gần đúng" if page.near else ""
    where = f", trang {page.page}/{page.pages}" if page.pages else ""
    click.echo(f"{_number(page.total)} tin{copies}{near} cho “{printable(page.query)}”{where}, {page.took_ms:.0f} ms", color=color)
    if page.total + page.near and not page.hits:
        click.echo(f"Trang {page.page} không có gì; trang cuối là {page.pages}: --page {page.pages}")
    for rank, hit in enumerate(page.hits, first):
        _print_hit(rank, hit, color)


def _print_hit(rank: int, hit: Hit, color: bool) -> None:
    date = f"{hit.published:%d/%m/%Y}" if hit.published else "không rõ ngày"
    facts = [printable(fact) for fact in (hit.source, hit.section, date, hit.id) if fact]
    if hit.near:
        facts.append("gần đúng")
    if hit.kind == "teaser":
        facts.append("chỉ có lời dẫn")
    if hit.missing:
        facts.append("thiếu: " + ", ".join(printable(word) for word in hit.missing))
    click.echo()
    click.echo(f"{rank:3}. {_styled(hit.title_segments or (Segment('(không có tít)'),), color, _BOLD)}", color=color)
    click.echo("     " + _paint(" · ".join(facts), _DIM, color), color=color)
    if hit.snippet_segments:
        click.echo("     " + _styled(hit.snippet_segments, color), color=color)


def _styled(segments: Iterable[Segment], color: bool, base: str = "") -> str:
    out = []
    for segment in segments:
        text = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in segment.text).replace("  ", " ")
        out.append(f"{_MARK}{text}{_OFF}" if color and segment.match else _paint(text, base, color and bool(base)))
    return "".join(out)


def _paint(text: str, code: str, color: bool) -> str:
    return f"{code}{text}{_OFF}" if color and text else text


def print_article(article: Article) -> None:
    """Print a whole article for a reader."""
    date = f"{article.published:%d/%m/%Y %H:%M}" if article.published else "không rõ ngày"
    click.echo(article.title)
    click.echo(" · ".join(filter(None, (article.source, article.section, article.author, date, article.url, article.id))))
    for part in (article.lead, article.body, *article.captions):
        if part:
            click.echo("\n" + "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in part))


def print_json(value: object) -> None:
    """Print one JSON value, indented for a reader and a program alike."""
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_jsonl(values: Iterable[object]) -> None:
    """Print one JSON value a line."""
    import json

    for value in values:
        click.echo(json.dumps(value, ensure_ascii=False))


def print_csv(columns: Iterable[str], rows: Iterable[dict[str, object]]) -> None:
    """Print rows as CSV with a header (RFC 4180)."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    click.echo(out.getvalue(), nl=False)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
