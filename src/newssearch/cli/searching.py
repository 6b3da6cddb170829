"""`query` and `show`."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInput, BadRequest
from ..models import SearchRequest
from .options import color_option, common, opened, settings_of
from .output import print_article, print_csv, print_json, print_jsonl, print_page, wants_color

if TYPE_CHECKING:
    from datetime import date

    from ..models import ResultPage
    from ..service import Service

_WORD = "\x00"
"""put before a word that begins with a dash while click reads the options: a query cannot hold NUL as an argument"""


class QueryCommand(click.Command):
    """A command without short options: `-word` is a word of the question, an unknown `--option` an error, after `--` all is question."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide words that begin with one dash from click's reading of options."""
        takes_value = {name for p in self.params if isinstance(p, click.Option) and not p.is_flag for name in p.opts}
        hidden, value_next, literal = [], False, False
        for arg in args:
            is_word = literal or (not value_next and arg.startswith("-") and not arg.startswith("--") and arg != "-")
            if not literal and not value_next and arg == "--":
                literal = True
                continue
            value_next = not literal and not value_next and arg in takes_value
            hidden.append(_WORD + arg if is_word else arg)
        return super().parse_args(ctx, hidden)


@click.command(cls=QueryCommand, options_metavar="[OPTIONS]")
@click.argument("words", nargs=-1, metavar="WORDS…", type=click.UNPROCESSED)
@click.option("--limit", default=10, type=click.IntRange(1, 100_000), help="Hits a page (default: 10).")
@click.option("--page", default=1, type=click.IntRange(1), help="Which page (default: 1).")
@click.option("--sort", default="relevance", type=click.Choice(["relevance", "newest", "oldest"]), help="Order of the hits.")
@click.option("--from", "date_from", metavar="D", help="Published on this day or later: 2026-10-01, 1/10/2026, 2026-10.")
@click.option("--to", "date_to", metavar="D", help="Published on this day or earlier.")
@click.option("--source", multiple=True, metavar="S", help="Of this newspaper (name or host); may be repeated.")
@click.option("--section", multiple=True, metavar="S", help="Of this section; may be repeated.")
@click.option("--author", multiple=True, metavar="A", help="By this author; may be repeated.")
@click.option("--kind", multiple=True, metavar="K", help="Of this kind (article, teaser); may be repeated.")
@click.option("--match", default="auto", type=click.Choice(["auto", "all", "most", "any"]), help="How many of the words must be there.")
@click.option("--exact", is_flag=True, help="Exactly as typed: nothing folded or expanded.")
@click.option("--format", "form", default="text", type=click.Choice(["text", "json", "jsonl", "csv", "trec"]), help="Form of the answer.")
@click.option("--json", "form", flag_value="json", help="The whole answer as JSON.")
@click.option("--jsonl", "form", flag_value="jsonl", help="One hit a line.")
@click.option("--csv", "form", flag_value="csv", help="Hits as CSV.")
@click.option("--batch", metavar="FILE", help="Read `qid<TAB>text` lines as plain words; needs --format trec.")
@color_option
@common
def query(words: tuple[str, ...], form: str, color: str, batch: str | None, date_from: str | None, date_to: str | None, **options: Any) -> int:
    """Search. `-word` leaves articles out, "…" is a phrase, OR, title:, source:, after: and more work as on the page."""
    # Bytes that are no UTF-8 come as lone surrogates, which could not be printed again.
    text = " ".join(word.removeprefix(_WORD) for word in words).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if batch is not None:
        if form != "trec":
            raise BadRequest("--batch writes a TREC run.", "Add --format trec.")
        if text.strip():
            raise BadRequest("--batch reads its questions from the file alone.", "Leave out the words, or --batch.")
        gc.enable()
        with opened() as service:
            return _run(service, batch, options["limit"])
    if not text.strip():
        raise BadRequest("There is nothing to search for.", "newssearch query buôn ma thuột")
    request = SearchRequest(
        query=text,
        lang=settings_of().lang,
        date_from=_day(date_from, "--from", False),
        date_to=_day(date_to, "--to", True),
        counts=form == "json",
        **options,
    )
    with opened() as service:
        page = service.search(request)
    first = (request.page - 1) * request.limit + 1
    if form == "text":
        print_page(page, wants_color(color), first)
    else:
        _print(page, form, first)
    return 0 if page.total + page.near else 1


def _print(page: ResultPage, form: str, first: int) -> None:
    from ..formats import CSV_COLUMNS, hit_to_json, hit_to_row, page_to_json, trec_lines

    if form == "json":
        print_json(page_to_json(page))
    elif form == "jsonl":
        print_jsonl(hit_to_json(hit) for hit in page.hits)
    elif form == "csv":
        print_csv(CSV_COLUMNS, (hit_to_row(hit) for hit in page.hits))
    else:
        for line in trec_lines("1", [(hit.id, hit.score or 0.0) for hit in page.hits], first=first):
            click.echo(line)


def _day(text: str | None, option: str, end: bool) -> date | None:
    if text is None:
        return None
    from ..query.dates import parse_day, today_here

    day = parse_day(text, today_here(), end)
    if day is None:
        raise BadRequest(f"{option} “{text}” is not a date.", f"Write {option} 2026-10-31, {option} 31/10/2026 or {option} 2026-10.")
    return day


def _run(service: Service, file: str, limit: int) -> int:
    from ..formats import trec_lines

    try:
        lines = click.open_file(file, encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "It holds one `qid<TAB>text` a line.") from None
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            query_id, tab, text = line.rstrip("\r\n").partition("\t")
            if not tab or not query_id.strip() or " " in query_id:
                raise BadInput(f"{file}, line {number}: no `qid<TAB>text`.", "Put a tab between the number of the question and its text.")
            for row in trec_lines(query_id, service.rank(text, limit)):
                click.echo(row)
    return 0


@click.command()
@click.argument("id")
@click.option("--json", "as_json", is_flag=True, help="Every field as JSON.")
@common
def show(id: str, as_json: bool) -> None:
    """Print the article that answers to ID (an id, a former id or an address)."""
    from ..formats import article_to_json

    with opened() as service:
        article = service.get(id)
    if as_json:
        print_json(article_to_json(article))
    else:
        print_article(article)
