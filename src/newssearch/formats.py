"""Answers as data: the JSON contract of a search and of an article, CSV rows and TREC runs, the same for every face."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from datetime import date, datetime
from typing import Any

from .engines.base import Stats
from .models import FACET_FIELDS, Article, Hit, Rejection, ResultPage, Segment

CSV_COLUMNS: tuple[str, ...] = ("id", "title", "source", "section", "author", "published", "url", "score", "near", "snippet")


def article_to_json(article: Article) -> dict[str, Any]:
    """Every field of the article in its order, `published` in ISO 8601; reading it back gives the same article."""
    values = {field.name: getattr(article, field.name) for field in fields(Article)}
    return {**values, "captions": list(article.captions), "aliases": list(article.aliases), "published": _iso(article.published), "extras": dict(article.extras)}


def page_to_json(page: ResultPage) -> dict[str, Any]:
    """The JSON of a search, as the design fixes it."""
    return {
        "query": page.query,
        "total": page.total,
        "articles": page.articles,
        "near": page.near,
        "took_ms": round(page.took_ms, 2),
        "page": page.page,
        "pages": page.pages,
        "hits": [hit_to_json(hit) for hit in page.hits],
        "facets": {
            name: [{"value": facet.value, "count": facet.count} for facet in page.facets.get(name, ())] for name in FACET_FIELDS
        },
        "histogram": [{"from": bar.start.isoformat(), "to": bar.end.isoformat(), "count": bar.count} for bar in page.histogram],
        "undated": page.undated,
        "notices": [asdict(notice) for notice in page.notices],
        "suggestion": page.suggestion
        and {"query": page.suggestion.query, "segments": _segments(page.suggestion.segments)},
    }


def hit_to_json(hit: Hit) -> dict[str, Any]:
    """One hit of the JSON of a search."""
    return {
        "id": hit.id,
        "title": hit.title,
        "title_segments": _segments(hit.title_segments),
        "snippet_segments": _segments(hit.snippet_segments),
        "url": hit.url,
        "source": hit.source,
        "section": hit.section,
        "author": hit.author,
        "published": _iso(hit.published),
        "score": hit.score,
        "near": hit.near,
        "missing": list(hit.missing),
        "duplicate_count": hit.duplicate_count,
        "duplicates": [{**asdict(copy), "published": _iso(copy.published)} for copy in hit.duplicates],
    }


def hit_to_row(hit: Hit) -> dict[str, Any]:
    """One hit as a flat row of CSV_COLUMNS."""
    snippet = " ".join("".join(segment.text for segment in hit.snippet_segments).split())
    values = {**hit_to_json(hit), "snippet": snippet}
    return {name: "" if values[name] is None else values[name] for name in CSV_COLUMNS}


def stats_to_json(stats: Stats) -> dict[str, Any]:
    """Figures of an index as JSON."""
    return {**asdict(stats), "paths": list(stats.paths), "kinds": dict(stats.kinds)}


def rejection_to_line(rejection: Rejection) -> str:
    """Where a rejected document stood and why it is none: "news.jsonl:3: It has neither title, lead nor body."."""
    where = rejection.file if rejection.line is None else f"{rejection.file}:{rejection.line}"
    return f"{where}: {rejection.reason}"


def trec_lines(query_id: str, ranked: Sequence[tuple[str, float]], *, first: int = 1, tag: str = "newssearch") -> Iterator[str]:
    """Lines of a TREC run: `qid Q0 docid rank score tag`, ranks from `first`."""
    for rank, (document, score) in enumerate(ranked, first):
        yield f"{query_id} Q0 {document} {rank} {score:.6f} {tag}"


def _segments(segments: Iterable[Segment]) -> list[dict[str, Any]]:
    return [{"text": s.text, "gap": True} if s.gap else {"text": s.text, "match": s.match} for s in segments]


def _iso(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment else None
