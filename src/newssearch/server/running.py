"""Runs the application under waitress, on the port that was asked for or the next free one."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from contextlib import suppress
from threading import Event, Thread
from typing import TextIO

import waitress

from ..config import Settings
from ..errors import BadRequest, NewsSearchError
from ..service import Service
from .app import create_app

THREADS = 8
TRIES = 50
"""ports that are tried after the one that was asked for"""
LOOK_EVERY = 2.0
"""seconds between two looks whether there is a new commit to warm up"""
_HOST_HINT = "Use 127.0.0.1, or 0.0.0.0 for every network."
_PORT_HINT = "Ports below 1024 need rights of their own: newssearch serve --port 8000"


def serve(service: Service, host: str, port: int, *, settings: Settings | None = None, out: TextIO | None = None) -> None:
    """Serve the page and the API until interrupted; the address is printed first, and that a port was taken.

    Port 0 is any free one. Raises BadRequest for an address that this machine does not have or may not use.
    """
    out = out or sys.stdout
    app = create_app(service, settings=settings)
    listener = bind(host, port)
    address, free = listener.getsockname()[:2]
    if port and free != port:
        print(f"Port {port} is taken, so {free} is used.", file=sys.stderr, flush=True)
    shown = "localhost" if address in ("0.0.0.0", "::") else f"[{address}]" if ":" in address else address
    print(f"newssearch is at http://{shown}:{free}/ (Ctrl-C stops it)", file=out, flush=True)
    # A request that waits a moment for a thread is no news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(app, sockets=[listener], threads=THREADS, ident=None)
    stopped = Event()
    # Ctrl-C does not wait for it.
    Thread(target=keep_warm, args=(service, stopped), daemon=True).start()
    try:
        server.run()
    finally:
        stopped.set()
        server.close()


def keep_warm(service: Service, stopped: Event) -> None:
    """Have each new commit read ahead before its first readers come, until stopped."""
    while True:
        # What is wrong with the index its readers are told.
        with suppress(NewsSearchError, OSError):
            service.warm()
        if stopped.wait(LOOK_EVERY):
            return


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens on the port, or on the next free one. Raises BadRequest."""
    for candidate in [*range(port, min(port + TRIES, 65535) + 1), 0] if port else [0]:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, candidate, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            listener = socket.socket(family, kind, protocol)
        except OSError as error:
            raise BadRequest(f"{host} is no address of this machine: {error}.", _HOST_HINT) from None
        try:
            # On Windows this option would let two servers share a port.
            if sys.platform != "win32":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            # Linux lets two sockets bind one port under SO_REUSEADDR and refuses the second only here.
            listener.listen(1024)
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                hint = _PORT_HINT if error.errno == errno.EACCES else _HOST_HINT
                raise BadRequest(f"{host}:{candidate} cannot be used: {error.strerror or error}.", hint) from None
    raise BadRequest(f"No free port on {host}.", "Name one: newssearch serve --port 8080")
