"""Folding copies by arrays is what a reader would do by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from newssearch.engines.embedded.executor_stories import Stories, copies, count, grouped, shown, untold

DOCUMENTS = 24


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Stories | None, list[list[int]]]:
    """Stories over 24 documents, and the same as lists."""
    order = draw(st.permutations(range(DOCUMENTS)))
    sizes = draw(st.lists(st.integers(1, 6), max_size=8))
    lists, at = [], 0
    for size in sizes:
        if at + size > DOCUMENTS:
            break
        lists.append(list(order[at : at + size]))
        at += size
    members = np.array([document for one in lists for document in one], np.int32)
    return grouped(members, [len(one) for one in lists], DOCUMENTS), [one for one in lists if len(one) > 1]


subsets = st.sets(st.integers(0, DOCUMENTS - 1)).map(lambda some: np.array(sorted(some), np.int32))


def story_of(lists: list[list[int]], document: int) -> object:
    return next((number for number, one in enumerate(lists) if document in one), f"alone {document}")


@given(worlds(), subsets, st.data())
def test_the_best_of_each_story_is_shown(world: tuple[Stories | None, list[list[int]]], docs: NDArray[np.int32], data: st.DataObject) -> None:
    stories, lists = world
    if stories is None:
        assert not lists
        return
    scores = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(docs), max_size=len(docs))), np.float64)
    dates = np.array(data.draw(st.lists(st.integers(-2, 2), min_size=len(docs), max_size=len(docs))), np.int64)
    best: dict[object, tuple[float, int, int, int]] = {}
    for index, document in enumerate(docs.tolist()):
        key = (float(scores[index]), int(dates[index]), -document, index)
        story = story_of(lists, document)
        best[story] = max(best.get(story, key), key)
    assert shown(stories, docs, scores, dates).tolist() == sorted(key[3] for key in best.values())
    assert count(stories, docs) == len(best)


@given(worlds(), subsets, subsets)
def test_a_story_that_matches_is_not_near_too(
    world: tuple[Stories | None, list[list[int]]], found: NDArray[np.int32], reached: NDArray[np.int32]
) -> None:
    stories, lists = world
    if stories is None:
        return
    reached = np.setdiff1d(reached, found)
    told = {story_of(lists, document) for document in found.tolist()}
    assert untold(stories, found, reached).tolist() == [one for one in reached.tolist() if story_of(lists, one) not in told]


@given(worlds(), st.integers(0, DOCUMENTS - 1), st.none() | subsets)
def test_the_copies_of_an_article_are_the_others_of_its_story(
    world: tuple[Stories | None, list[list[int]]], document: int, deleted: NDArray[np.int32] | None
) -> None:
    stories, lists = world
    if stories is None:
        return
    alive = None if deleted is None else ~np.isin(np.arange(DOCUMENTS), deleted)
    gone = set() if deleted is None else set(deleted.tolist())
    story = next((one for one in lists if document in one), [])
    assert copies(stories, document, alive).tolist() == [one for one in story if one != document and one not in gone]


def test_what_is_no_star_is_refused() -> None:
    assert grouped(np.array([3, 4]), [1, 1], 5) is None
    for members, sizes, why in (([1, 1], [2], "two stories"), ([1, 5], [2], "not there"), ([-1, 2], [2], "not there"), ([1, 2], [3], "sizes")):
        with pytest.raises(ValueError, match=why):
            grouped(np.array(members), sizes, 5)
