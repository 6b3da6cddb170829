"""What was taken down stays down, whatever brings it."""

from __future__ import annotations

import json

import pytest

from newssearch.engines.base import Question
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.errors import BlockedArticle, IndexDamaged
from newssearch.query.nodes import Group

from .build import analysed, article

URL = "https://bao.vn/xau?id=1"
BAD = article("bad", url=URL, aliases=("old", "https://bao.vn/cu"))


def ids(engine: EmbeddedEngine) -> list[str]:
    return [article.id for article, _ in engine.iterate()]


@pytest.fixture
def blocked(engine: EmbeddedEngine) -> EmbeddedEngine:
    engine.rebuild([analysed([article("first"), BAD])], paths=[], segmenter="none")
    engine.rebuild([analysed([article("good"), BAD])], paths=[], segmenter="none")
    assert engine.block(["bad", "never seen"], "toà án") == ["bad"]
    return engine


def test_it_is_gone_at_once(blocked: EmbeddedEngine) -> None:
    assert ids(blocked) == ["good"]
    for name in ("bad", "old", "never seen", URL, "http://www.bao.vn/cu/"):
        with pytest.raises(BlockedArticle):
            blocked.get(name)
    assert blocked.get("good") is not None
    assert blocked.resolve(["id:bad", "url:bao.vn/xau?id=1", "id:good"]) == {"id:good": ["good"]}
    assert blocked.blocked(["url:bao.vn/xau?id=1", "id:good"]) == ["url:bao.vn/xau?id=1"]
    page = blocked.search(Question(root=Group(())))
    assert [hit.id for hit in page.hits] == ["good"]
    stats = blocked.stats()
    assert (stats.articles, stats.blocked) == (1, 2)


def test_it_stays_down_through_rollback(blocked: EmbeddedEngine) -> None:
    blocked.rollback()
    assert ids(blocked) == ["first"]
    with pytest.raises(BlockedArticle):
        blocked.get("bad")
    blocked.rollback()
    assert ids(blocked) == ["good"]


@pytest.mark.parametrize(
    "again",
    [
        BAD,
        article("bad", "một bài khác"),
        article("other", url="http://www.bao.vn/xau/?id=1&utm_source=x#top"),
        article("other", url="https://bao.vn/cu"),
        article("old"),
        article("other", aliases=("bad",)),
        article("never seen"),
    ],
    ids=lambda a: f"{a.id}-{a.url}",
)
def test_it_stays_down_through_rebuild_and_add(blocked: EmbeddedEngine, again: object) -> None:
    with blocked.batch() as batch:
        batch.add(analysed([again, article("n")]))  # type: ignore[list-item]
        batch.commit()
        assert batch.blocked == 1
    assert ids(blocked) == ["good", "n"]
    report = blocked.rebuild([analysed([again, article("m")])], paths=[], segmenter="none")  # type: ignore[list-item]
    assert (report.articles, report.blocked) == (1, 1)
    assert ids(blocked) == ["m"]
    assert blocked.check() == []


def test_unblocked_it_is_seen_again(blocked: EmbeddedEngine) -> None:
    assert blocked.unblock(["nobody"]) == []
    assert blocked.unblock([URL, "never seen"]) == ["bad", "never seen"]
    assert ids(blocked) == ["good", "bad"]
    assert blocked.get("bad") == BAD
    assert blocked.get("never seen") is None
    assert blocked.stats().blocked == 0


def test_an_open_reader_notices(blocked: EmbeddedEngine) -> None:
    other = EmbeddedEngine(blocked.index_dir)
    assert ids(other) == ["good"]
    blocked.unblock(["bad"])
    assert ids(other) == ["good", "bad"]
    blocked.block(["good"], "")
    assert ids(other) == ["bad"]
    other.close()


def test_the_file_says_who_when_and_why(blocked: EmbeddedEngine) -> None:
    lines = (blocked.index_dir / "blocked.jsonl").read_text("utf-8").splitlines()
    said = [json.loads(line) for line in lines]
    assert [line["id"] for line in said] == ["bad", "never seen"]
    assert said[0]["addresses"] == ["bao.vn/xau?id=1", "bao.vn/cu"]
    assert said[0]["reason"] == "toà án"
    assert said[0]["when"].startswith("20")


def test_a_damaged_blocklist_lets_nothing_out(blocked: EmbeddedEngine) -> None:
    path = blocked.index_dir / "blocked.jsonl"
    path.write_bytes(path.read_bytes() + b"{half a li")
    with pytest.raises(IndexDamaged, match=r"Line 3 of .*blocked\.jsonl"):
        blocked.get("bad")
    assert [problem.where for problem in blocked.check()] == ["blocked.jsonl"]


def test_a_block_by_alias_takes_the_article_down(engine: EmbeddedEngine) -> None:
    engine.rebuild([analysed([article("good"), BAD])], paths=[], segmenter="none")
    assert engine.block(["old"], "") == ["old"]
    assert ids(engine) == ["good"]
    with pytest.raises(BlockedArticle):
        engine.get("bad")
