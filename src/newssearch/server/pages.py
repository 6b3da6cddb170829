"""The pages that people read: home, results, article."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response, g, make_response, redirect, render_template, request

from ..models import Article, SearchRequest
from . import cite, results
from .links import outside
from .prose import prose
from .state import state
from .timeline import timeline

pages = Blueprint("pages", __name__)

SECTIONS = 6
HEADLINES = 4
JUMPS = 40
"""links to an article's marks; more are found by reading on"""


@dataclass(frozen=True, slots=True)
class SectionNews:
    """A section with its newest articles; `name` is empty where articles name no section."""

    name: str
    count: int
    articles: tuple[Article, ...]


@pages.get("/")
def home() -> str:
    """The search box, and the newest articles by section."""
    service = state().service
    overview = service.search(SearchRequest(limit=1, lang=g.lang))
    sections = [
        SectionNews(facet.value, facet.count, tuple(service.newest(facet.value, HEADLINES)))
        for facet in overview.facets.get("section", ())[:SECTIONS]
    ] or [SectionNews("", overview.articles, tuple(service.newest(None, 2 * HEADLINES)))]
    g.took_ms = overview.took_ms
    return render_template("home.html", overview=overview, sections=sections)


@pages.get("/search")
def search() -> str:
    """A page of results, or what to try where nothing was found."""
    asked: SearchRequest = g.asked
    page = state().service.search(asked)
    g.took_ms = page.took_ms
    shown = {
        "page": page,
        "chips": results.chips(asked, g.links),
        "without_filters": results.without_filters(g.links),
        "notices": list(results.split_notices((*g.notices, *page.notices))),
    }
    if not page.total + page.near:
        return render_template("empty.html", tries=results.tries(state().service, asked, g.links), **shown)
    return render_template(
        "results.html",
        timeline=timeline(page.histogram, asked, g.lang),
        facets=results.facet_blocks(page, asked, g.links, request.args.getlist("more")),
        quick_dates=results.quick_dates(asked, g.links, g.now.date()),
        hidden_fields=results.hidden_fields(g.links),
        pager=results.pager(page, g.links),
        first=(page.page - 1) * asked.limit + 1,
        undated_left_out=page.undated if asked.date_from or asked.date_to else 0,
        is_past_the_end=page.page > page.pages,
        **shown,
    )


@pages.get("/article/<id:id>")
def article(id: str) -> Response:
    """An article with the marks of the search that led to it, and the way back."""
    service = state().service
    asked: SearchRequest = g.asked
    found = service.get(id)
    shows_marks = bool(asked.query.strip()) and request.args.get("marks") != "0"
    marked = service.marked(found.id, asked.query, exact=asked.exact).prose if shows_marks else None
    page = render_template(
        "article.html",
        article=found,
        prose=prose(found, marked),
        jumps=JUMPS,
        shows_marks=shows_marks,
        words=len(found.lead.split()) + len(found.body.split()),
        original=outside(found.url),
        footnote=cite.footnote(found),
        bibtex=cite.bibtex(found),
    )
    response = make_response(page)
    response.headers["Link"] = f'<{replace(g.links, request=SearchRequest()).article(found.id)}>; rel="canonical"'
    return response


@pages.get("/favicon.ico")
def favicon() -> Response:
    """Browsers ask for this by habit; the page names the drawing."""
    return make_response(redirect(state().static_url("favicon.svg")))
