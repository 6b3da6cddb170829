"""Addresses of the page's own pages; each keeps the language and, where it leads on from a search, that search."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import url_for
from werkzeug.routing import PathConverter

from ..models import SearchRequest
from ..query.params import params_from_request


class IdConverter(PathConverter):
    """An article's id: any characters, slashes too, percent-encoded in links."""

    regex = ".+"
    part_isolating = False

    def to_url(self, value: str) -> str:
        """The id as one segment of a path."""
        return quote(value, safe="")


@dataclass(frozen=True, slots=True)
class Links:
    """Links from a page that shows `request` in `lang`; the language is named only where it is not the server's own."""

    request: SearchRequest
    lang: str
    default_lang: str

    def home(self) -> str:
        """The home page."""
        return _with(url_for("pages.home"), self._language())

    def search(self, **changes: Any) -> str:
        """The same search with fields of it changed: `search(sort="newest")`."""
        return _with(url_for("pages.search"), self.params(**changes))

    def question(self, query: str) -> str:
        """A new search, without filters."""
        return _with(url_for("pages.search"), params_from_request(SearchRequest(query=query)), self._language())

    def only(self, **filters: tuple[str, ...]) -> str:
        """The newest articles that pass these filters, whatever was asked before."""
        return _with(url_for("pages.search"), params_from_request(SearchRequest(sort="newest", **filters)), self._language())  # type: ignore[arg-type]

    def article(self, id: str, **extra: str) -> str:
        """An article's page, which marks this search's words and leads back to it."""
        return _with(url_for("pages.article", id=id), self.params(page=self.request.page), urlencode(extra))

    def params(self, **changes: Any) -> str:
        """The search as the query of a URL."""
        return "&".join(filter(None, (params_from_request(replace(self.request, lang="vi"), **changes), self._language())))

    def _language(self) -> str:
        return "" if self.lang == self.default_lang else f"lang={self.lang}"


def _with(path: str, *params: str) -> str:
    query = "&".join(filter(None, params))
    return f"{path}?{query}" if query else path


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Return pairs as the query of a URL."""
    return urlencode(pairs, errors="replace")


def outside(url: str) -> str:
    """Return an article's own address if a browser may be sent there (http and https alone), else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def requiring(query: str, word: str) -> str:
    """Return the question with a plain word made compulsory: ("giá metro", "metro") -> 'giá "metro"'."""
    quoted = f'"{word}"'
    changed, n = re.subn(rf"(?<!\S){re.escape(word)}(?!\S)", lambda _: quoted, query, count=1)
    return changed if n else f"{query} {quoted}"
