"""The data that travels between rooms: frozen, slotted, without behaviour of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Literal

from .records import dataclass

Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["auto", "all", "most", "any"]

FACET_FIELDS: tuple[str, ...] = ("source", "section", "author", "kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news document. All text is NFC; `published` is aware or None, never guessed."""

    id: str
    kind: str = "article"
    title: str = ""
    lead: str = ""
    body: str = ""
    captions: tuple[str, ...] = ()
    source: str = ""
    section: str = ""
    author: str = ""
    url: str = ""
    aliases: tuple[str, ...] = ()
    published: datetime | None = None
    image: str = ""
    extras: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What a face asks for. `page` counts from 1; `date_from` and `date_to` are both inclusive (+07:00 days)."""

    query: str = ""
    limit: int = 10
    page: int = 1
    sort: Sort = "relevance"
    match: Match = "auto"
    exact: bool = False
    date_from: date | None = None
    date_to: date | None = None
    source: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    lang: str = "vi"
    counts: bool = True
    """facets and histogram; False where nobody looks at them"""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of text that matched or did not; `gap` stands between two passages."""

    text: str
    match: bool = False
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another copy of the story that a hit shows."""

    id: str
    title: str
    source: str
    published: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One story on a page of results; `score` is None under a date sort."""

    id: str
    title: str
    title_segments: tuple[Segment, ...]
    snippet_segments: tuple[Segment, ...]
    url: str = ""
    source: str = ""
    section: str = ""
    author: str = ""
    published: datetime | None = None
    score: float | None = None
    near: bool = False
    missing: tuple[str, ...] = ()
    duplicate_count: int = 0
    duplicates: tuple[Duplicate, ...] = ()
    kind: str = "article"
    words: int = 0


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a facet with the number of matching articles."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar of the histogram: articles from `start` up to, not including, `end` (+07:00 days)."""

    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done with the question: a stable code, a sentence, and a search to link to or None."""

    code: str
    message: str
    query: str | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A better question ("did you mean"), with the changed words marked."""

    query: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A document that could not become an article: where it stood and why."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """One page of an answer. `total` and `near` count stories, `articles`, facets, histogram and `undated` count articles."""

    query: str
    total: int = 0
    articles: int = 0
    near: int = 0
    took_ms: float = 0.0
    page: int = 1
    pages: int = 0
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[Facet, ...]] = field(default_factory=dict)
    histogram: tuple[Bin, ...] = ()
    undated: int = 0
    notices: tuple[Notice, ...] = ()
    suggestion: Suggestion | None = None

    def __repr__(self) -> str:
        lines = [f"<{self.total} tin cho “{self.query}”, trang {self.page}/{self.pages}>"]
        for number, hit in enumerate(self.hits, 1):
            where = ", ".join(filter(None, (hit.source, f"{hit.published:%d/%m/%Y}" if hit.published else "")))
            lines.append(f"{number:3}. {hit.title}" + (f" ({where})" if where else ""))
            lines.append("     " + "".join(f"[{s.text}]" if s.match else s.text for s in hit.snippet_segments))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from html import escape

        rows = [
            f"<li><b>{_marked(hit.title_segments)}</b> <small>{escape(hit.source)}</small><br>{_marked(hit.snippet_segments)}</li>"
            for hit in self.hits
        ]
        return f"<p>{self.total} tin cho “{escape(self.query)}”</p><ol>{''.join(rows)}</ol>"


def _marked(segments: tuple[Segment, ...]) -> str:
    from html import escape

    return "".join(f"<mark>{escape(s.text)}</mark>" if s.match else escape(s.text) for s in segments)
