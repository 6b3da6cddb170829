"""What every answer carries: the rules for browsers, the request's id, the time it took, how long it may be kept."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from .state import state

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_FOR_EVER = "public, max-age=31536000, immutable"


def register(app: Flask) -> None:
    """Let every answer of the application carry these headers."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = POLICY
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["X-Request-Id"] = g.request_id
        timings = [f"search;dur={g.took_ms:.1f}"] if "took_ms" in g else []
        headers["Server-Timing"] = ", ".join([*timings, f"total;dur={(time.perf_counter() - g.began) * 1000:.1f}"])
        if request.endpoint == "static" and response.status_code in (200, 304):
            name = (request.view_args or {}).get("filename", "")
            is_named = request.args.get("v") == state().versions.get(name)
            headers["Cache-Control"] = _FOR_EVER if is_named else "no-cache"
        else:
            headers["Cache-Control"] = "no-cache"
            if response.mimetype == "text/html":
                headers["Content-Language"] = g.lang
        return response
