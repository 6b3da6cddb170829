"""Options that several commands share, and the service that they open."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..config import Settings, load_settings

if TYPE_CHECKING:
    from ..service import Service

F = TypeVar("F", bound=Callable[..., Any])


def common(command: F) -> F:
    """Give a command --index and --engine; given before the command's name they hold too."""
    command = click.option("--engine", metavar="NAME", expose_value=False, callback=_remember, help="embedded (default).")(command)
    return click.option(
        "--index", metavar="DIR", expose_value=False, callback=_remember, help="Folder of the index (default: index, or NEWSSEARCH_INDEX)."
    )(command)


def _remember(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    if value is not None and parameter.name:
        context.ensure_object(dict)[parameter.name] = value


def settings_of(**options: object) -> Settings:
    """The settings that hold for the running command. Raises BadRequest."""
    context = click.get_current_context()
    return load_settings(**{**context.ensure_object(dict), **options})


def opened(**options: object) -> AbstractContextManager[Service]:
    """The service over the index that the running command names."""
    from ..service import open_service

    return open_service(settings_of(**options))


def color_option(command: F) -> F:
    """Give a command --color; `auto` is colour on a terminal unless NO_COLOR is set."""
    return click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Marks in colour (default: auto).")(command)
