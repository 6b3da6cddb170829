"""The search page and the JSON API over a service: `create_app` for any WSGI server, `serve` for a server of our own."""

from __future__ import annotations

from .app import create_app
from .running import serve

__all__ = ["create_app", "serve"]
