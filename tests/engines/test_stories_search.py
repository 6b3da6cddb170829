"""A search shows the best of each story and counts stories; an index keeps them from commit to commit."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newssearch.engines.base import Filters, Question, ScoredHit, ScoredPage
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.engines.embedded.executor import Executor
from newssearch.engines.embedded.executor_stories import grouped
from newssearch.errors import IndexDamaged
from newssearch.fields import RankingParameters
from newssearch.query.nodes import Group, Word

from .build import analysed, article
from .memory_source import Document, from_documents
from .questions import corpora, questions

EXAMPLES = 150


@given(corpora, questions, st.sampled_from((200, 3, 0)), st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_folded_page_is_the_whole_list_without_what_a_better_copy_stands_for(
    segments: list[list[Document]], question: Question, rescored: int, data: st.DataObject
) -> None:
    parameters = RankingParameters(rescored=rescored)
    sources = [from_documents(segment) for segment in segments]
    flat = [document for segment in segments for document in segment]
    order = data.draw(st.permutations(range(len(flat))))
    sizes, left = [], len(flat)
    while left:
        sizes.append(data.draw(st.integers(1, min(left, 6))))
        left -= sizes[-1]
    stories = grouped(np.array(order, np.int32), sizes, len(flat))
    whole = Executor(sources).search(replace(question, offset=0, limit=1000), parameters)
    page = Executor(sources, stories).search(question, parameters)
    if stories is None:
        return
    story = {flat[d].id: (int(stories.number[d]) if stories.number[d] >= 0 else flat[d].id) for d in range(len(flat))}
    told = {story[hit.id] for hit in whole.hits if not hit.near}
    shown: dict[object, ScoredHit] = {}
    for hit in whole.hits:
        if not (hit.near and story[hit.id] in told):
            shown.setdefault(story[hit.id], hit)
    if question.limit:
        assert (page.total, page.near) == (len(told), len(shown) - len(told))
    assert (page.articles, page.facets, page.histogram, page.undated) == (whole.articles, whole.facets, whole.histogram, whole.undated)
    expected = list(shown.values())[question.offset : question.offset + question.limit]
    assert [plain(hit) for hit in page.hits] == [plain(hit) for hit in expected]
    for hit in page.hits:
        others = [flat[d].id for d in order if not flat[d].deleted and flat[d].id != hit.id and story[flat[d].id] == story[hit.id]]
        assert hit.duplicate_count == len(others)
        assert [copy.id for copy in hit.duplicates] == others[:20]
    assert Executor(sources, stories).search(replace(question, stories=False), parameters) == Executor(sources).search(question, parameters)


def plain(hit: ScoredHit) -> ScoredHit:
    return replace(hit, duplicates=(), duplicate_count=0)


def ask(engine: EmbeddedEngine, word: str = "tin", **options: object) -> ScoredPage:
    return engine.search(Question(root=Group(words=(Word(word),)), **options))  # type: ignore[arg-type]


def told(engine: EmbeddedEngine, **options: object) -> dict[str, list[str]]:
    """What a page shows: the id of each hit with those of its copies."""
    return {hit.id: [copy.id for copy in hit.duplicates] for hit in ask(engine, **options).hits}


@pytest.fixture
def copied(engine: EmbeddedEngine) -> EmbeddedEngine:
    """Five articles, of which b, c and d are copies; b is the head."""
    articles = [
        article(id, "tin mới" + " tin" * (id == "d"), source=f"Báo {id}", published=datetime(2026, 1, day, tzinfo=UTC))
        for id, day in (("a", 1), ("b", 2), ("c", 4), ("d", 3), ("e", 5))
    ]
    engine.rebuild([analysed(articles)], paths=["seeds"], segmenter="none", stars=[("b", ["c", "d"])])
    return engine


def test_copies_are_one_hit_that_names_the_others(copied: EmbeddedEngine) -> None:
    page = ask(copied)
    assert (page.total, page.articles) == (3, 5)
    assert sum(bar.count for bar in page.histogram) == 5
    best = next(hit for hit in page.hits if hit.duplicates)
    assert (best.id, best.duplicate_count) == ("d", 2)
    assert [(copy.id, copy.title, copy.source) for copy in best.duplicates] == [("b", "tin mới", "Báo b"), ("c", "tin mới", "Báo c")]


def test_a_date_sort_shows_the_first_and_a_filter_the_best_that_passes(copied: EmbeddedEngine) -> None:
    assert list(told(copied, sort="newest")) == ["e", "c", "a"]
    assert list(told(copied, sort="oldest")) == ["a", "b", "e"]
    assert told(copied, filters=Filters(source=("Báo c",))) == {"c": ["b", "d"]}


def test_pages_count_stories(copied: EmbeddedEngine) -> None:
    pages = [list(told(copied, sort="newest", offset=offset, limit=2)) for offset in (0, 2, 4)]
    assert pages == [["e", "c"], ["a"], []]
    assert ask(copied, offset=4, limit=2).total == 3


def test_many_copies_are_counted_and_twenty_are_listed(copied: EmbeddedEngine) -> None:
    ids = [f"x{number}" for number in range(30)]
    with copied.batch() as batch:
        batch.add(analysed([article(id) for id in ids]))
        batch.commit(stars=[(ids[0], ids[1:])])
    hit = next(hit for hit in ask(copied).hits if hit.id.startswith("x"))
    assert (hit.duplicate_count, len(hit.duplicates)) == (29, 20)


def test_stories_outlive_adds_deletes_and_reopening(copied: EmbeddedEngine) -> None:
    with copied.batch() as batch:
        batch.delete(["d"])
        batch.add(analysed([article("b", "tin khác"), article("f")]))
        batch.commit()
    with copied.batch() as batch:
        batch.commit(stars=[("e", ["f"])])
    for engine in (copied, EmbeddedEngine(copied.index_dir)):
        page = ask(engine)
        assert (page.total, page.articles) == (3, 5)
        assert {frozenset([hit.id, *(copy.id for copy in hit.duplicates)]) for hit in page.hits} == {
            frozenset("a"),
            frozenset("bc"),
            frozenset("ef"),
        }
        assert engine.check() == []


def test_a_story_that_has_lost_its_copies_has_no_file(copied: EmbeddedEngine) -> None:
    folder = copied.index_dir / copied.stats().generation
    assert [path.name for path in folder.glob("*.stories")] == ["_MAIN_1.stories"]
    with copied.batch() as batch:
        batch.delete(["b", "d"])
        batch.commit()
    assert list(folder.glob("*.stories")) == []
    assert ask(copied).total == 3


def test_an_index_without_stories_has_no_file(filled: EmbeddedEngine) -> None:
    with filled.batch() as batch:
        batch.add(analysed([article("n")]))
        batch.commit(stars=[("n", ["nobody"])])
    assert list(filled.index_dir.glob("gen-*/*.stories")) == []
    assert all(hit.duplicate_count == 0 for hit in ask(filled).hits)


def test_a_blocked_copy_is_not_named(copied: EmbeddedEngine) -> None:
    copied.block(["b"], "taken down")
    assert told(copied)["d"] == ["c"]
    copied.unblock(["b"])
    assert told(copied)["d"] == ["b", "c"]


def test_a_commit_that_fails_leaves_no_stories_behind(copied: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = os.replace

    def fail(source: object, target: object) -> None:
        if str(target).endswith(".toc"):
            raise OSError(5, "Input/output error")
        replaced(source, target)  # type: ignore[arg-type]

    folder = copied.index_dir / copied.stats().generation
    before = sorted(path.name for path in folder.iterdir())
    with copied.batch() as batch:
        batch.add(analysed([article("n")]))
        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="Input/output"):
            batch.commit(stars=[("a", ["n"])])
    monkeypatch.undo()
    assert sorted(path.name for path in folder.iterdir()) == before
    assert told(copied)["d"] == ["b", "c"]


def test_damaged_stories_are_told(copied: EmbeddedEngine) -> None:
    path = next(copied.index_dir.glob("gen-*/*.stories"))
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    assert any("stories" in problem.what for problem in copied.check())
    with pytest.raises(IndexDamaged, match="list of stories"):
        ask(EmbeddedEngine(copied.index_dir))
