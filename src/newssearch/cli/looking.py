"""`stats`, `check`, `export` and `segment`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from ..errors import NewsSearchError
from .options import common, opened
from .output import print_json, print_jsonl

if TYPE_CHECKING:
    from ..engines.base import Problem
    from ..service import Service

DAMAGED = 2
_CHUNK = 1 << 20
"""bytes read at once: enough for array code"""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@common
def stats(as_json: bool) -> None:
    """Say what the index holds."""
    from ..formats import stats_to_json

    with opened() as service:
        values = stats_to_json(service.stats())
    if as_json:
        print_json(values)
        return
    for name, value in values.items():
        shown = f"{value:,}" if isinstance(value, int) else ", ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, dict):
            shown = ", ".join(f"{key} {count:,}" for key, count in value.items())
        click.echo(f"{name.replace('_', ' '):16} {'-' if shown is None else shown}")


@click.command()
@common
def check() -> int:
    """Verify every generation that is kept: files, sizes, checksums, counts."""
    with opened() as service:
        problems = service.check()
        is_served_sound = bool(problems) and _spares_what_serves(service, problems)
    for problem in problems:
        click.echo(f"{problem.where}: {problem.what}", err=True)
    if is_served_sound:
        click.echo("What serves is sound; only the generation to go back to is not.\nTry:   newssearch rebuild-index", err=True)
    elif problems:
        click.echo("Try:   newssearch rollback, or newssearch rebuild-index PATH…", err=True)
    if problems:
        return DAMAGED
    click.echo("The index is sound.")
    return 0


def _spares_what_serves(service: Service, problems: Sequence[Problem]) -> bool:
    try:
        served = service.stats().generation
    except NewsSearchError:
        return False
    generations = [problem.where.split("/")[0] for problem in problems]
    return all(name.startswith("gen-") and name != served for name in generations)


@click.command()
@common
def export() -> None:
    """Write every stored article to standard output, one JSON object a line; `rebuild-index` of it gives the same index."""
    from ..formats import article_to_json

    with opened() as service:
        print_jsonl(article_to_json(article) for article in service.export())


@click.command()
@common
def segment() -> None:
    """Cut lines of standard input into words: pyvi's format out, `_` inside words, one line each."""
    from ..vietnamese.segment import tokenize_many

    rest = b""
    with open(sys.stdin.fileno(), "rb", closefd=False) as stream:
        # What has arrived is cut at once, so that a slow producer's lines come out as they come in.
        while arrived := stream.read1(_CHUNK):
            *lines, rest = (rest + arrived).split(b"\n")
            _print_cut(lines, tokenize_many)
    if rest:
        _print_cut([rest], tokenize_many)


def _print_cut(lines: Sequence[bytes], cut: Callable[[Sequence[str]], list[str]]) -> None:
    for line in cut([line.decode("utf-8", "replace").removesuffix("\r") for line in lines]):
        click.echo(line)
    sys.stdout.flush()
