"""The executor against a slow and obvious scorer, over generated documents and questions of every node type."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newssearch.engines.base import Question
from newssearch.engines.embedded.executor import search
from newssearch.fields import RankingParameters

from .brute import Brute
from .memory_source import Document, from_documents
from .questions import corpora, questions
from .scale import EVERY_NODE


@given(corpora, questions, st.sampled_from((200, 200, 3, 0)))
@settings(max_examples=EVERY_NODE, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_question_is_answered_as_by_hand(
    segments: list[list[Document]], question: Question, rescored: int
) -> None:
    check(segments, question, rescored)


def check(segments: list[list[Document]], question: Question, rescored: int) -> None:
    parameters = RankingParameters(rescored=rescored)
    sources = [from_documents(segment, pairs=number != 1) for number, segment in enumerate(segments)]
    page = search(sources, question, parameters)
    flat = [document for segment in segments for document in segment]
    brute = Brute(segments, question, parameters)
    matched = [d for d in brute.matched() if brute.filtered(d)]
    reached = brute.reached()
    assert (page.total, page.articles, page.near) == (len(matched), len(matched), len(reached))
    assert (page.unfiltered > 0) == bool(brute.matched(aside=True))
    assert page.articles or page.unfiltered == len(brute.matched() or brute.matched(aside=True))
    assert {n: [(f.value, f.count) for f in found] for n, found in page.facets.items()} == {
        n: brute.facet(n) for n in ("source", "section", "author", "kind")
    }
    bins, undated = brute.histogram()
    assert ([(bar.start, bar.end, bar.count) for bar in page.histogram], page.undated) == (bins, undated)
    order = brute.order()
    expected = order[question.offset : question.offset + question.limit]
    number = {document.id: d for d, document in enumerate(flat)}
    scores = dict(order)
    if not brute.clear_cut:
        return
    assert len(page.hits) == len(expected) == len({hit.id for hit in page.hits})
    for hit, (d, score) in zip(page.hits, expected, strict=True):
        mine = number[hit.id]
        assert mine == d or (question.sort == "relevance" and scores[mine] == pytest.approx(score, abs=1e-9))
        assert hit.near == (mine in reached)
        assert hit.missing == brute.missing(mine)
        assert hit.article is not None
        assert hit.article.id == hit.id
        if hit.passage is not None:
            start, end = hit.passage
            assert end == start + 120
            best = max(brute.passage_score(mine, start) for start in brute.passage_starts(mine))
            assert brute.passage_score(mine, start) == pytest.approx(best)
        if question.sort == "relevance":
            assert hit.score == pytest.approx(scores[mine], abs=1e-5)
        else:
            assert hit.score is None
