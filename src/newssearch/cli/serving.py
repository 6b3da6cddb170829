"""`serve`."""

from __future__ import annotations

import click

from .options import common, opened, settings_of


@click.command()
@click.option("--host", metavar="H", help="Address to listen on (default: 127.0.0.1).")
@click.option("--port", metavar="N", type=click.IntRange(0, 65535), help="Port (default: 8000; the next free one where it is taken).")
@common
def serve(host: str | None, port: int | None) -> None:
    """Serve the search page and the JSON API."""
    from ..server import serve as run_server

    settings = settings_of(host=host, port=port)
    with opened() as service:
        run_server(service, settings.host, settings.port, settings=settings)
