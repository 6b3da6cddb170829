"""The Flask application: `create_app(service)` ties pages, API, errors and headers together."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from flask import Flask, g, request

from ..config import NEWS_ZONE, Settings, load_settings
from ..query.params import request_from_params
from ..resources import web_folder
from ..service import Service
from . import api, compress, dates, errors, headers, links, pages, results, texts
from .state import State, attach, state, versions_of

SYLLABLES_A_MINUTE = 200
"""how fast an adult reads Vietnamese news, about"""


def create_app(service: Service, *, settings: Settings | None = None, now: Callable[[], datetime] | None = None) -> Flask:
    """Return the WSGI application over a service. `now` gives the present moment where “hôm qua” is reckoned from (default: the clock)."""
    web = web_folder()
    app = Flask(__name__, template_folder=str(web / "templates"), static_folder=str(web / "static"), static_url_path="/static")
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = links.IdConverter
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(day=dates.day, moment_of=dates.moment_of, iso=dates.iso, parsed=datetime.fromisoformat)
    with app.app_context():
        attach(State(service, settings or load_settings(), now or _now, versions_of(web / "static")))
    headers.register(app)
    compress.register(app)
    errors.register(app)
    app.before_request(_read_request)
    app.context_processor(_words)
    app.register_blueprint(pages.pages)
    app.register_blueprint(api.api)
    return app


def _now() -> datetime:
    return datetime.now(NEWS_ZONE)


def _read_request() -> None:
    g.began = time.perf_counter()
    g.request_id = secrets.token_hex(4)
    g.now = state().now()
    own = state().settings.lang if state().settings.lang in texts.LANGUAGES else "vi"
    given = request.args.get("lang", "").strip()
    g.lang = given if given in texts.LANGUAGES else own
    pairs = [*request.args.items(multi=True), ("lang", own)]
    g.asked, g.notices = request_from_params(pairs, strict=False, today=g.now.date())
    g.links = links.Links(g.asked, g.lang, own)


def _words() -> dict[str, Any]:
    """What every template may say, in the language of the request."""
    lang = g.lang
    today = g.now.date()
    return {
        "lang": lang,
        "t": partial(texts.text, lang=lang),
        "n": partial(texts.number, lang=lang),
        "counted": partial(texts.counted, lang=lang),
        "ago": partial(dates.ago, today=today, lang=lang),
        "short": partial(dates.short, today=today, lang=lang),
        "weekday": partial(dates.weekday, lang=lang),
        "minutes": lambda words: texts.counted("minutes", -(-words // SYLLABLES_A_MINUTE), lang),
        "kind_label": partial(results.kind_label, lang=lang),
        "asked": g.asked,
        "shown_query": results.unquoted(g.asked.query),
        "links": g.links,
        "languages": [(code, name, _in_language(code)) for code, name in (("vi", "Tiếng Việt"), ("en", "English"))],
        "outside": links.outside,
        "requiring": links.requiring,
        "static": state().static_url,
        "figures": state().figures,
        "index": str(state().settings.index),
        "now": g.now,
        "request_id": g.request_id,
    }


def _in_language(code: str) -> str:
    """The same page in a language; only the query is named, so that the path stays whatever it is."""
    pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + links.encoded([*pairs, ("lang", code)])
