"""From documents to batches: what is normalised, rejected and counted, and how stubs and articles find each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.config import BATCH_ARTICLES
from newssearch.fields import Analysed
from newssearch.indexing import lots, pipeline
from newssearch.indexing.normal import normalise, reason_to_reject
from newssearch.indexing.pipeline import Intake
from newssearch.models import Article, Rejection
from newssearch.readers import Document, Lines, Part, read_lines


def document(article: Article, *teasers: Article, origin: str = "file", line: int | None = None) -> Document:
    return Document(article, origin, line, teasers)


def stub(id: str, title: str = "", url: str = "") -> Article:
    return Article(id=id, kind="teaser", title=title or f"Tít riêng của lời dẫn {id}", lead="Lời dẫn.", url=url)


def taken(documents: Iterable[Part], **options: object) -> tuple[Intake, list[Analysed]]:
    intake = Intake(words=False, jobs=1, **options)  # type: ignore[arg-type]
    return intake, list(intake.batches(documents))


def articles(batches: Sequence[Analysed]) -> list[Article]:
    return [article for analysed in batches for article in analysed.articles]


def test_articles_come_out_in_order_with_their_origins() -> None:
    many = [document(Article(id=f"a{number}", title=f"Tin {number}"), origin=f"tep-{number % 7}") for number in range(BATCH_ARTICLES + 3)]
    intake, batches = taken(many)
    assert [len(analysed.articles) for analysed in batches] == [BATCH_ARTICLES, 3]
    assert [article.id for article in articles(batches)] == [f"a{number}" for number in range(BATCH_ARTICLES + 3)]
    assert [origin for analysed in batches for origin in analysed.origins] == [f"tep-{number % 7}" for number in range(BATCH_ARTICLES + 3)]
    assert (intake.read, intake.stubs, intake.rejections) == (BATCH_ARTICLES + 3, 0, [])


def test_long_articles_make_small_batches() -> None:
    long = "chữ " * 600_000
    _, batches = taken([document(Article(id=f"d{number}", body=long)) for number in range(4)] + [document(Article(id="n", title="ngắn"))])
    assert [len(analysed.articles) for analysed in batches] == [2, 2, 1]


def test_text_is_clean_and_composed() -> None:
    article = normalise(Article(id="a", title="Ho\u0300a\x00 bi\u0300nh", body="một\ufeff hai", captions=("a\u0301nh",), author="L\u00ea B\u0300"))
    assert article.title == "Hòa bình"
    assert article.captions == ("ánh",)
    assert "\x00" not in article.title + article.body


def test_an_article_without_source_is_named_by_its_host() -> None:
    assert normalise(Article(id="a", title="x", url="https://www.Bao.VN/tin")).source == "bao.vn"
    assert normalise(Article(id="a", title="x", source="Báo Nhà", url="https://bao.vn/tin")).source == "Báo Nhà"
    assert normalise(Article(id="a", title="x")).source == ""


def test_what_is_clean_is_left_alone() -> None:
    article = Article(id="a", title="Hòa bình", body="Một đoạn.\n\nHai đoạn.", source="Báo")
    assert normalise(article) is article


@given(st.text(), st.text())
@settings(max_examples=50, deadline=None)
def test_normalising_twice_changes_nothing_more(title: str, body: str) -> None:
    once = normalise(Article(id="a", title=title, body=body, captions=(title,)))
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        (Article(id="a"), "neither title, lead nor body"),
        (Article(id="a", title=" \n", captions=("chỉ có ảnh",)), "neither title, lead nor body"),
        (Article(id="", title="x"), "1 to 200"),
        (Article(id="có cách", title="x"), "1 to 200"),
        (Article(id="a" * 201, title="x"), "1 to 200"),
        (Article(id="a\u200b", title="x"), "1 to 200"),
        (Article(id="a" * 200, title="x"), None),
        (Article(id="tin/2026:1?a=b", lead="x"), None),
    ],
)
def test_what_cannot_be_indexed_is_told_why(article: Article, reason: str | None) -> None:
    said = reason_to_reject(article)
    assert (said is None) == (reason is None)
    assert (reason or "") in (said or "")


def test_rejections_of_readers_and_of_the_intake_are_listed_in_order() -> None:
    from_reader = Rejection(file="x", line=3, reason="xấu")
    intake, batches = taken([document(Article(id="a", title="x")), from_reader, document(Article(id="b"), origin="y", line=9)])
    assert intake.rejections == [from_reader, Rejection(file="y", line=9, reason="It has neither title, lead nor body.")]
    assert [article.id for article in articles(batches)] == ["a"]


# Stubs


def test_stubs_come_last_once_each() -> None:
    twice = stub("s1")
    intake, batches = taken([document(Article(id="a", title="x"), twice, stub("s2")), document(Article(id="b", title="y"), twice)])
    assert [article.id for article in articles(batches)] == ["a", "b", "s1", "s2"]
    assert (intake.read, intake.stubs) == (4, 2)


@pytest.mark.parametrize("small", [True, False], ids=["aliases at once", "aliases later"])
@pytest.mark.parametrize("order", [1, -1], ids=["stub first", "article first"])
def test_a_stub_gives_way_by_address_title_or_id(monkeypatch: pytest.MonkeyPatch, small: bool, order: int) -> None:
    if not small:
        monkeypatch.setattr(pipeline, "_HELD_ARTICLES", 0)
    title = "Năm chữ trở lên mới là tít"
    found = [
        document(stub("by-title", title)),
        document(stub("by-url", url="http://bao.vn/tin/?utm_source=x")),
        document(stub("same-id")),
        document(Article(id="full", title=title.upper() + "!", url="https://www.bao.vn/tin", aliases=("cu",))),
        document(Article(id="same-id", title="Chính nó")),
    ]
    intake, batches = taken(found[::order])
    out = {article.id: article for article in articles(batches)}
    assert set(out) == {"full", "same-id"}
    later = intake.gave_way.get("full", set())
    assert set(out["full"].aliases) | later == {"cu", "by-title", "by-url"}
    assert bool(later) != small
    assert out["same-id"].aliases == ()
    assert (intake.read, intake.stubs) == (2, 0)


def test_four_words_are_no_proof() -> None:
    _, batches = taken([document(stub("s", "Tin trong ngày hôm")), document(Article(id="a", title="Tin trong ngày hôm", body="x"))])
    assert [article.id for article in articles(batches)] == ["a", "s"]


def test_what_is_due_to_an_article_from_before_is_given_too() -> None:
    intake = Intake(words=False, jobs=1)
    intake.gave_way["a"] = {"cu-1", "cu-2"}
    (analysed,) = intake.batches([document(Article(id="a", title="x", aliases=("cu-2",)))])
    assert analysed.articles[0].aliases == ("cu-2", "cu-1")
    assert "id:cu-1" in analysed.keys[0]


def test_progress_hears_of_every_document() -> None:
    heard: list[object] = []
    found = [document(Article(id="a", title="x"), stub("s")), Rejection(file="x", line=None, reason="xấu")]
    taken(found, progress=heard.append)
    assert heard == found


def test_an_article_is_not_read_before_its_turn() -> None:
    """A run of a million articles holds no more than a batch and what it waits for aliases with."""
    read = 0

    def documents() -> Iterable[Document]:
        nonlocal read
        for number in range(10_000):
            read += 1
            yield document(Article(id=f"a{number}", title="x"))

    batches = Intake(words=False, jobs=1).batches(documents())
    next(iter(batches))
    assert read < 4_000


# Lines that are read where they are analysed


def many_lines(count: int) -> list[Part]:
    """Articles, stubs, broken lines and pages between them, in several files."""
    parts: list[Part] = []
    for number in range(count):
        title = f"Bản tin số {number} của ngày hôm nay"
        records = [
            {"id": f"a{number}", "title": title, "body": "Nội dung."},
            {"id": f"s{number}", "kind": "teaser", "title": title if number % 2 else f"Tin lẻ thứ {number} không có bài"},
            {"id": f"b{number}", "title": "Tin ngắn", "url": f"https://bao.vn/{number}"},
            {"id": "có cách", "title": "x"},
        ]
        lines = [json.dumps(record).encode() for record in records]
        parts.append(Lines([*lines, b" ", b"{"], f"tep-{number}", 3))
        if number % 3 == 0:
            parts.append(document(Article(id=f"p{number}", title="Trang"), stub(f"t{number}", url=f"https://bao.vn/{number}"), origin="trang"))
            parts.append(Rejection(file="trang", line=None, reason="xấu"))
    return parts


@pytest.mark.parametrize(("held", "jobs"), [(2_000, 1), (0, 1), (0, 2)], ids=["small", "large", "in workers"])
def test_lines_come_out_as_their_documents_do(monkeypatch: pytest.MonkeyPatch, held: int, jobs: int) -> None:
    monkeypatch.setattr(pipeline, "_HELD_ARTICLES", held)
    unread = many_lines(250)
    read = [one for part in unread for one in (read_lines(part) if isinstance(part, Lines) else (part,))]
    heard: list[Document | Rejection] = []
    whole, expected = taken(read, progress=heard.append)
    told: list[Document | Rejection] = []
    intake = Intake(words=False, jobs=jobs, progress=told.append)
    found = list(intake.batches(unread))
    assert [article.id for article in articles(found)] == [article.id for article in articles(expected)]
    assert [article.aliases for article in articles(found)] == [article.aliases for article in articles(expected)]
    assert [origin for analysed in found for origin in analysed.origins] == [origin for analysed in expected for origin in analysed.origins]
    assert [keys for analysed in found for keys in analysed.keys] == [keys for analysed in expected for keys in analysed.keys]
    assert (intake.read, intake.stubs, intake.rejections, intake.gave_way) == (whole.read, whole.stubs, whole.rejections, whole.gave_way)

    def lines_of(documents: Sequence[Document | Rejection]) -> list[tuple[object, ...]]:
        return [(d.file, d.line) if isinstance(d, Rejection) else (d.origin, d.line, d.article.id) for d in documents]

    # Pages are heard of when they are read, lines when they are: each in their order.
    from_lines = [one for one in lines_of(heard) if one[0] != "trang"]
    assert [one for one in lines_of(told) if one[0] != "trang"] == from_lines
    assert sorted(map(str, lines_of(told))) == sorted(map(str, lines_of(heard)))


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12), st.integers(1, 20), st.integers(1, 100))
def test_lots_hold_all_lines_in_order_and_no_more_than_they_may(sizes: list[list[int]], most: int, space: int) -> None:
    parts: list[Part] = [Lines([bytes(size) for size in of_part], f"tep-{number}", 5) for number, of_part in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lots, "BATCH_ARTICLES", most)
        patch.setattr(lots, "_BATCH_SIZE", space)
        cut = list(lots.lots_of(parts))
    found = [(part.origin, part.first + n, line) for lot in cut for part in lot if isinstance(part, Lines) for n, line in enumerate(part.lines)]
    assert found == [(part.origin, 5 + n, line) for part in parts if isinstance(part, Lines) for n, line in enumerate(part.lines)]
    for number, lot in enumerate(cut, 1):
        documents, size = map(sum, zip(*map(lots.size_of, lot), strict=True))
        last = lots.size_of(lot[-1])[1] and len(lot[-1].lines[-1])  # type: ignore[union-attr]
        assert documents <= most
        assert size - last < space
        assert number == len(cut) or documents == most or size >= space
