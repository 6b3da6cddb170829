"""The JSON API: the same answers as the pages, as data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from ..formats import article_to_json, page_to_json, stats_to_json
from ..query.params import request_from_params
from .state import state

api = Blueprint("api", __name__)


@api.get("/api/v1/search")
def search() -> dict[str, Any]:
    """A page of results; a parameter that cannot be read is an error here."""
    asked, _ = request_from_params(request.args.items(multi=True), strict=True, today=g.now.date())
    page = state().service.search(asked)
    g.took_ms = page.took_ms
    return page_to_json(page)


@api.get("/api/v1/articles/<id:id>")
def article(id: str) -> dict[str, Any]:
    """A whole article, by its id, a former id or its address."""
    return article_to_json(state().service.get(id))


@api.get("/api/v1/stats")
def stats() -> dict[str, Any]:
    """Figures of the index."""
    return stats_to_json(state().service.stats())


@api.get("/healthz")
def health() -> dict[str, str]:
    """That the process lives and answers; nothing is asked of the index."""
    return {"status": "ok"}
