"""Smaller answers for browsers that take them: a page names its question in every link, so gzip leaves a fifth of it."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

LEAST = 1_000
"""bytes; less than a packet is sent as it is"""
LEVEL = 5
_TYPES = frozenset({"text/html", "text/css", "application/json", "image/svg+xml"})


def register(app: Flask) -> None:
    """Compress the application's answers. Pages hold no secrets, so their length gives nothing away."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in _TYPES or response.status_code == 304:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers or "Range" in request.headers:
            return response
        response.direct_passthrough = False
        data = response.get_data()
        if len(data) >= LEAST:
            response.set_data(gzip.compress(data, LEVEL, mtime=0))
            response.headers["Content-Encoding"] = "gzip"
            if (etag := response.get_etag()[0]) is not None:
                response.set_etag(etag, weak=True)
        return response
