"""The library face: `open_index(…)` and what its object promises beside the command line."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import newssearch
from newssearch.errors import (
    BadInput,
    BadRequest,
    BlockedArticle,
    IndexDamaged,
    IndexLocked,
    IndexMissing,
    UnknownArticle,
)
from newssearch.models import Article, SearchRequest
from newssearch.readers import Document
from newssearch.service import IndexingReport, Service


def written(file: Path, *articles: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles), "utf-8")
    return file


NEWS: tuple[dict[str, Any], ...] = (
    {"id": "a", "title": "Cà phê được giá", "body": "Nông dân <b>vui</b> vì cà phê.", "source": "Báo Mẫu", "published": "2026-05-01T08:00:00+07:00"},
    {"id": "b", "title": "Hồ tiêu mất mùa", "body": "Vườn tiêu khô hạn.", "published": "2026-06-01T08:00:00+07:00", "section": "Kinh tế"},
    {"id": "c", "title": "Lễ hội cồng chiêng", "body": "Đêm hội đông vui.", "url": "https://bao.example/c.html"},
)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    service = newssearch.open_index(tmp_path / "index")
    report = service.rebuild([written(tmp_path / "news.jsonl", *NEWS)])
    assert isinstance(report, IndexingReport)
    assert (report.articles, report.rejected, report.gone) == (3, 0, 0)
    return service


def test_search_takes_text_or_a_request(service: Service) -> None:
    by_text = service.search("cà phê", limit=5, sort="newest")
    by_request = service.search(SearchRequest(query="cà phê", limit=5, sort="newest"))
    assert [hit.id for hit in by_text.hits] == [hit.id for hit in by_request.hits] == ["a"]
    assert (by_text.total, by_text.page, by_text.pages) == (1, 1, 1)


def test_a_search_without_counts_finds_the_same_and_counts_no_values(service: Service) -> None:
    counted, bare = service.search("cà phê"), service.search("cà phê", counts=False)
    assert counted.facets
    assert counted.histogram
    assert replace(counted, facets={}, histogram=(), undated=0, took_ms=0) == replace(bare, took_ms=0)


def test_what_comes_near_is_shown_where_no_reading_of_the_question_matches(service: Service) -> None:
    page = service.search("hồ tiêu cong chieng nông dân")
    assert (page.total, page.near, page.notices) == (0, 2, ())
    assert [(hit.id, hit.near) for hit in page.hits] == [("b", True), ("a", True)]
    assert page.facets.keys()
    assert page.hits[0].missing == ("cong", "chieng", "nông", "dân")


def test_a_warm_service_answers_as_a_cold_one_and_sees_the_next_commit(service: Service, tmp_path: Path) -> None:
    cold = newssearch.open_index(tmp_path / "index")
    service.warm()
    for question in ("cà phê", "ca phe", '"hồ tiêu"', "vui"):
        assert replace(service.search(question), took_ms=0) == replace(cold.search(question), took_ms=0)
    service.add([written(tmp_path / "more.jsonl", {"id": "d", "title": "Cà phê Buôn Ma Thuột"})])
    service.warm()
    assert service.search("cà phê").total == 2


def test_a_page_reads_well_in_a_shell_and_in_a_notebook(service: Service) -> None:
    page = service.search("cà phê")
    assert "Cà phê được giá" in repr(page)
    assert "01/05/2026" in repr(page)
    assert "[cà phê]" in repr(page) or "[cà] [phê]" in repr(page)
    html = page._repr_html_()
    assert "<mark>" in html
    assert "<b>vui</b>" not in html
    assert "<script>" not in service.search("<script>alert(1)</script> cà phê")._repr_html_()


def test_an_unknown_option_is_a_bad_request(service: Service) -> None:
    with pytest.raises(BadRequest, match="limits"):
        service.search("cà phê", limits=5)


def test_an_empty_question_is_every_article_and_marks_alone_are_none(service: Service) -> None:
    assert service.search("").total == 3
    assert service.search("((").total == 0


def test_get_by_id_and_address(service: Service) -> None:
    assert service.get("a").title == "Cà phê được giá"
    assert service.get("http://www.bao.example/c.html?fbclid=x").id == "c"
    with pytest.raises(UnknownArticle):
        service.get("khong-co")
    service.delete(["a"], block="nhầm")
    with pytest.raises(BlockedArticle):
        service.get("a")


def test_newest_puts_the_undated_last(service: Service) -> None:
    assert [article.id for article in service.newest()] == ["b", "a", "c"]
    assert [article.id for article in service.newest(section="Kinh tế")] == ["b"]
    assert len(service.newest(limit=1)) == 1


def test_marked_gives_the_whole_article(service: Service) -> None:
    marked = service.marked("a", "ca phe")
    assert any(segment.match for segment in marked.title)
    prose = "".join(segment.text for part in marked.prose for segment in part)
    assert "Nông dân" in prose
    with pytest.raises(UnknownArticle):
        service.marked("khong-co", "x")


def test_rank_is_ids_and_scores(service: Service) -> None:
    ranked = service.rank("cà phê hội vui", 10)
    assert ranked == sorted(ranked, key=lambda pair: -pair[1])
    assert {"a", "c"} >= {id for id, _ in ranked}
    assert service.rank("", 10) == service.rank("zzzqqq", 10) == []


def test_documents_from_elsewhere_are_added_and_kept(service: Service, tmp_path: Path) -> None:
    report = service.add_documents([Document(Article(id="feed-1", title="Từ nguồn tin", body="Bài mới."), "https://bao.example/rss", None)])
    assert report.articles == 1
    assert service.search("nguồn tin").hits[0].id == "feed-1"
    assert service.rebuild().kept == 1
    assert service.get("feed-1").title == "Từ nguồn tin"


def test_deleting_says_what_was_there(service: Service) -> None:
    assert service.delete(["a", "khong-co", "https://bao.example/c.html"]) == ["a", "https://bao.example/c.html"]
    assert [article.id for article in service.export()] == ["b"]


def test_a_service_sees_what_another_one_writes(service: Service, tmp_path: Path) -> None:
    assert service.search("mới tinh").total == 0
    with newssearch.open_index(tmp_path / "index") as other:
        other.add([written(tmp_path / "them.jsonl", {"id": "d", "title": "Tin mới tinh", "body": "x"})])
        assert [hit.id for hit in service.search("mới tinh").hits] == ["d"]
        assert service.stats().articles == 4
        assert other.rebuild([tmp_path / "news.jsonl"]).gone == 1
        assert service.stats().articles == 3
        other.rollback()
    assert service.stats().articles == 4


def test_one_writer_at_a_time(service: Service, tmp_path: Path) -> None:
    with service.engine.batch(), pytest.raises(IndexLocked):
        newssearch.open_index(tmp_path / "index").delete(["a"])
    assert service.delete(["a"]) == ["a"]


def test_many_threads_search_while_one_writes(service: Service, tmp_path: Path) -> None:
    wrong: list[object] = []
    done = threading.Event()

    def search() -> None:
        while not done.is_set():
            try:
                page = service.search("vui")
            except Exception as error:
                wrong.append(error)
                return
            if {hit.id for hit in page.hits} != {"a", "c"}:
                wrong.append(page)
                return

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for round in range(8):
            service.rebuild([tmp_path / "news.jsonl"], words=False)
            service.add([written(tmp_path / "them.jsonl", {"id": f"d{round}", "title": "Khác", "body": "x"})], words=False)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_errors_are_ours(tmp_path: Path) -> None:
    with newssearch.open_index(tmp_path / "khong") as service:
        for call in (lambda: service.search("x"), lambda: service.get("x"), service.stats, service.check, lambda: list(service.export()), service.rollback):
            with pytest.raises(IndexMissing):
                call()
        with pytest.raises(BadInput):
            service.rebuild([tmp_path / "chua-co"])
    with pytest.raises(BadRequest):
        newssearch.open_index(tmp_path / "khong", engine="la")


def test_export_of_a_damaged_index_is_an_error_of_ours(service: Service, tmp_path: Path) -> None:
    for file in (tmp_path / "index").glob("gen-*/*.arrays"):
        file.unlink()
    with newssearch.open_index(tmp_path / "index") as other, pytest.raises(IndexDamaged):
        list(other.export())


def test_progress_hears_of_every_document(tmp_path: Path) -> None:
    heard: list[object] = []
    file = written(tmp_path / "n.jsonl", *NEWS, {"section": "không có gì"})
    with newssearch.open_index(tmp_path / "index") as service:
        service.rebuild([file], progress=heard.append)
    assert len(heard) == 4
