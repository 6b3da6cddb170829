"""A service that answers from a list, so that the pages can be tested without an index."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone

from newssearch.engines.base import Stats
from newssearch.errors import BlockedArticle, NewsSearchError, UnknownArticle
from newssearch.models import Article, Bin, Duplicate, Facet, Hit, Notice, ResultPage, SearchRequest, Segment
from newssearch.search.snippets import Marked

VN = timezone(timedelta(hours=7))
NOW = datetime(2026, 10, 12, 6, 41, 7, tzinfo=VN)
EVIL = "<script>alert('x')</script> & \"b\""

ARTICLE = Article(
    id="bai-1",
    title="Sầu riêng Buôn Ma Thuột vào chính vụ",
    lead="Vụ thu năm nay đến muộn gần hai tuần.",
    body="Bốn giờ sáng ở Buôn Ma Thuột.\n\nXe máy cày chở sầu riêng nối nhau vào bãi.",
    captions=("Nhân công xếp trái theo cỡ. Ảnh: Y Bhăm Niê",),
    source="Nông Sản Ngày Nay",
    section="Nông nghiệp",
    author="Hà Nguyên Thảo",
    url="https://nongsan.example/sau-rieng",
    published=datetime(2026, 10, 11, 7, 15, tzinfo=VN),
)
TEASER = Article(id="loi-dan", kind="teaser", title="Tít của bài chưa có", lead="Vài chữ đầu…", url="javascript:alert(1)")
STRANGE = Article(id="https://a.example//b?c=1#d/%2e", title=EVIL, body=EVIL, source=EVIL, section=EVIL, author=EVIL, captions=(EVIL,))
ARTICLES = {article.id: article for article in (ARTICLE, TEASER, STRANGE)}


def hit_of(article: Article, **changes: object) -> Hit:
    """A hit with “Buôn Ma Thuột” marked, one mark a syllable."""
    hit = Hit(
        id=article.id,
        title=article.title,
        title_segments=_marked(article.title),
        snippet_segments=(*_marked(article.lead or article.body), Segment(" … ", gap=True), Segment("chữ cuối")),
        url=article.url,
        source=article.source,
        section=article.section,
        author=article.author,
        published=article.published,
        score=1.0,
        kind=article.kind,
        words=460,
    )
    return replace(hit, **changes)  # type: ignore[arg-type]


def _marked(text: str) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    before, found, after = text.partition("Buôn Ma Thuột")
    if before:
        segments.append(Segment(before))
    if found:
        segments += [Segment("Buôn", True), Segment(" "), Segment("Ma", True), Segment(" "), Segment("Thuột", True)]
    if after:
        segments.append(Segment(after))
    return tuple(segments)


PAGE = ResultPage(
    query="buôn ma thuột",
    total=1234,
    articles=1300,
    near=56,
    took_ms=9.4,
    page=1,
    pages=129,
    hits=(
        hit_of(
            ARTICLE,
            missing=("metro", "ngầm"),
            duplicate_count=7,
            duplicates=tuple(Duplicate(f"ban-{i}", f"Bản sao {i}", "Tin Miền Trung", NOW) for i in range(7)),
        ),
        hit_of(TEASER),
        hit_of(STRANGE, near=True),
    ),
    facets={
        "source": tuple(Facet(f"Báo {i}", 90 - i) for i in range(20)),
        "section": (Facet("Nông nghiệp", 1000), Facet("Kinh tế", 200)),
        "author": (Facet("Hà Nguyên Thảo", 3),),
        "kind": (Facet("article", 1290), Facet("teaser", 10)),
    },
    histogram=tuple(Bin(date(2026, month, 1), date(2026, month + 1, 1), month * 10) for month in range(1, 11)),
    undated=5,
)
NOTHING = ResultPage(query="", took_ms=1.0)


@dataclass
class FakeService:
    """Answers every search with `page`, or raises `error`; keeps what was asked."""

    page: ResultPage = PAGE
    error: Exception | None = None
    notices: tuple[Notice, ...] = ()
    asked: list[SearchRequest] = field(default_factory=list)

    def search(self, request: SearchRequest) -> ResultPage:
        self._fail()
        self.asked.append(request)
        hits = self.page.hits if request.page <= max(self.page.pages, 1) else ()
        return replace(self.page, query=request.query, page=request.page, hits=hits, notices=(*self.page.notices, *self.notices))

    def get(self, id: str) -> Article:
        self._fail()
        if id == "da-go":
            raise BlockedArticle("The article da-go was taken down.")
        if id not in ARTICLES:
            raise UnknownArticle(f"No article answers to “{id}”.", "Look for it.")
        return ARTICLES[id]

    def marked(self, id: str, query: str, *, exact: bool = False) -> Marked:
        article = self.get(id)
        parts = (article.title, article.lead, article.body, *article.captions)
        return Marked(_marked(article.title), (), tuple(_marked(part) for part in parts))

    def newest(self, section: str | None = None, limit: int = 10) -> list[Article]:
        self._fail()
        return list(ARTICLES.values())[:limit]

    def stats(self) -> Stats:
        if isinstance(self.error, NewsSearchError):
            raise self.error
        return Stats(
            articles=39210,
            deleted=0,
            sources=41,
            newest="2026-10-12T06:40:00+07:00",
            oldest="2025-01-01T00:00:00+07:00",
            size_bytes=1,
            terms=1,
            generation="gen-1",
            built="2026-10-12T06:40:00+07:00",
            schema_version=1,
            segments=1,
            paths=("seeds",),
            rejected=0,
            blocked=0,
            kinds={"article": 39210},
        )

    def _fail(self) -> None:
        if self.error:
            raise self.error
