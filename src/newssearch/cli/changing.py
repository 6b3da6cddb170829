"""`rebuild-index`, `add`, `delete`, `unblock` and `rollback`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

import click

from .options import common, opened

if TYPE_CHECKING:
    from ..models import Rejection
    from ..readers import Document
    from ..service import IndexingReport

FINISHED_WITH_REJECTED = 3
_SHOWN = 5


@contextmanager
def _progress(label: str) -> Iterator[Callable[[Document | Rejection], None] | None]:
    """A counter of documents while they are read; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,.0f} documents"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda _: bar.advance(task)


@click.command("rebuild-index")
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--stored", is_flag=True, help="Rebuild from the stored articles alone, whatever version wrote them.")
@click.option("--memory", metavar="SIZE", help="How much postings may take before a run is written (default: 512M).")
@click.option("--jobs", metavar="N", type=click.IntRange(0), help="Processes that analyse (default: one a core).")
@click.option("--no-words", is_flag=True, help="Leave out pyvi's compounds: quicker, and ranks a little worse.")
@common
def rebuild_index(paths: tuple[str, ...], stored: bool, memory: str | None, jobs: int | None, no_words: bool) -> int:
    """Make the index what PATH holds; the old one serves until the new one is whole.

    PATH is a file, a folder, a glob or - for standard input. Without PATH the paths of the last rebuild are read again (at first: seeds/).
    """
    began = time.perf_counter()
    with opened(memory=memory, jobs=jobs) as service, _progress("Indexing") as progress:
        report = service.rebuild(paths or None, stored=stored, words=not no_words, progress=progress, stdin=_stdin(paths))
        rejections = service.engine.read_rejected() if report.rejected else []
    _say(f"Indexed {report.articles:,} articles in {time.perf_counter() - began:.1f} s", report)
    if report.kept and not stored:
        click.echo(f"Kept {report.kept:,} stored articles that came by other ways than these paths.")
    if report.gone:
        click.echo(f"{report.gone:,} articles of the old index are gone; `newssearch rollback` brings them back.")
    return _rejected(rejections)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--no-words", is_flag=True, help="Leave out pyvi's compounds.")
@common
def add(paths: tuple[str, ...], no_words: bool) -> int:
    """Add or replace the articles that PATH holds (- is standard input)."""
    with opened() as service, _progress("Adding") as progress:
        report = service.add(paths, words=not no_words, progress=progress, stdin=_stdin(paths))
        rejections = service.engine.read_rejected()[-report.rejected :] if report.rejected else []
    _say(f"Added {report.articles:,} articles", report)
    return _rejected(rejections)


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@click.option("--block", metavar="REASON", help="Take down for good: it stays away whatever file, feed or rollback brings it.")
@common
def delete(ids: tuple[str, ...], block: str | None) -> int:
    """Delete articles by id or address; a plain delete returns with its file."""
    with opened() as service:
        there = service.delete(ids, block=block)
    for id in ids:
        if block is not None:
            click.echo(f"Blocked {id}" + ("" if id in there else " (not in the index now)"))
        else:
            click.echo(f"Deleted {id}" if id in there else f"No article answers to {id}", err=id not in there)
    return 0 if block is not None or len(there) == len(ids) else 1


@click.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID…")
@common
def unblock(ids: tuple[str, ...]) -> int:
    """Lift `delete --block`; what the index still stores is seen again."""
    with opened() as service:
        lifted = service.unblock(ids)
    for id in ids:
        click.echo(f"Unblocked {id}" if id in lifted else f"{id} was not blocked", err=id not in lifted)
    return 0 if len(lifted) == len(ids) else 1


@click.command()
@common
def rollback() -> None:
    """Serve the generation before the present one; a second rollback returns."""
    with opened() as service:
        name = service.rollback()
        articles = service.stats().articles
    click.echo(f"Now serving {name} with {articles:,} articles.")


def _stdin(paths: Sequence[str]) -> BinaryIO | None:
    return sys.stdin.buffer if "-" in paths else None


def _say(what: str, report: IndexingReport) -> None:
    click.echo(what + (f", {report.stubs:,} of them known by their teaser only." if report.stubs else "."))
    if report.replaced:
        click.echo(f"{report.replaced:,} documents had the id of an earlier one; the last of each holds.")
    if report.blocked:
        click.echo(f"{report.blocked:,} articles were left out: they are blocked (`newssearch unblock ID`).")


def _rejected(rejections: Sequence[Rejection]) -> int:
    if not rejections:
        return 0
    from ..formats import rejection_to_line

    for rejection in rejections[:_SHOWN]:
        click.echo(f"Rejected {rejection_to_line(rejection)}", err=True)
    more = f"{len(rejections):,} documents were rejected" if len(rejections) > _SHOWN else "Rejected documents"
    click.echo(f"{more}; all are listed in rejected.jsonl in the index's folder.", err=True)
    return FINISHED_WITH_REJECTED
