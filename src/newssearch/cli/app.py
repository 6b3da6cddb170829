"""The group of commands, and how errors become messages and exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from ..errors import NewsSearchError
from .changing import add, delete, rebuild_index, rollback, unblock
from .looking import check, export, segment, stats
from .options import common
from .searching import query, show
from .serving import serve

INTERRUPTED = 130
_SHORT = ("query", "show")
"""commands that end before there is garbage to collect; the others turn the collector on again"""


@click.group(context_settings={"help_option_names": ["--help"], "max_content_width": 100})
@click.version_option(package_name="newssearch")
@common
@click.pass_context
def cli(context: click.Context, /, **_: object) -> None:
    """Search Vietnamese news: accents optional when left out, respected when typed.

    Exit codes: 0 found, 1 nothing found, 2 error, 3 finished with rejected documents, 4 locked, 130 interrupted.
    """
    if context.invoked_subcommand not in _SHORT:
        gc.enable()


for command in (rebuild_index, add, delete, unblock, query, show, stats, check, rollback, export, segment, serve):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and leave the process with its exit code."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper)]
    for stream in streams:
        # What is written is UTF-8 wherever it goes, and what no encoding can hold is shown escaped.
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # The collector would look over what the imports make, again and again: a twentieth of a search.
    gc.disable()
    code = run(arguments)
    if gc.isenabled():
        sys.exit(code)
    # A short command leaves no thread, process or file behind; to take all its modules down in order would be a tenth of a search.
    for stream in streams:
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are printed to standard error, never as a traceback."""
    try:
        result = cli.main(args=None if arguments is None else list(arguments), prog_name="newssearch", standalone_mode=False)
        sys.stdout.flush()
    except NewsSearchError as error:
        click.echo(f"Error: {error.message}", err=True)
        if error.hint:
            click.echo(f"Try:   {error.hint}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted. The index is whole; what was not finished is not in it.", err=True)
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):
        # The reader (`| head`) has seen enough, where click would leave with 1; what is left in the buffer must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        click.echo(f"Error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}.", err=True)
        return 2
    except Exception as error:
        if os.environ.get("NEWSSEARCH_DEBUG"):
            raise
        click.echo(f"Error: newssearch itself failed: {type(error).__name__}: {error}", err=True)
        click.echo("Try:   the same again with NEWSSEARCH_DEBUG=1 and report what it prints", err=True)
        return 2
    return result if isinstance(result, int) else 0
