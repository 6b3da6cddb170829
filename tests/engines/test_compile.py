"""Stock Whoosh, running what we compile over its own postings, agrees with the executor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from whoosh.analysis import Token
from whoosh.fields import ID, KEYWORD, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.scoring import BaseScorer, WeightingModel

from newssearch.engines.base import Question
from newssearch.engines.embedded.compile import Inexpressible, compile_node, compile_question
from newssearch.engines.embedded.executor import search
from newssearch.engines.embedded.executor_matching import idf
from newssearch.fields import RankingParameters, url_key
from newssearch.query.nodes import AtLeast, DateRange, Filter, Group, InField, Proximity, Word
from newssearch.vietnamese.fold import fold

from .memory_source import Document, from_documents
from .questions import corpora, groups, grown, leaves
from .scale import STOCK_MATCHES, STOCK_SCORES

PLAIN = RankingParameters(rescored=0)


def placed_tokens(value: str, **_: Any) -> Iterator[Token]:
    """Tokens out of "term@position term@position"."""
    for placed in value.split():
        term, position = placed.rsplit("@", 1)
        token = Token(positions=True, text=term, boost=1.0, stopped=False)
        token.pos = int(position)
        yield token


class ExactBM25(WeightingModel):  # type: ignore[misc]
    """BM25 over exact lengths: Whoosh's codec rounds those it stores."""

    def __init__(self, lengths: dict[str, dict[str, int]]) -> None:
        self.lengths = lengths

    def scorer(self, searcher: Any, fieldname: str, text: bytes, qf: int = 1) -> BaseScorer:
        lengths = self.lengths[fieldname]
        average = sum(lengths.values()) / len(lengths)
        whole = searcher.get_parent()
        mass = idf(whole.doc_count_all(), whole.doc_frequency(fieldname, text))

        class Scorer(BaseScorer):  # type: ignore[misc]
            def supports_block_quality(self) -> bool:
                return False

            def max_quality(self) -> float:
                return mass * (PLAIN.k1 + 1)

            def score(self, matcher: Any) -> float:
                length = lengths[searcher.stored_fields(matcher.id())["id"]]
                tf = matcher.weight()
                return mass * tf * (PLAIN.k1 + 1) / (tf + PLAIN.k1 * (1 - PLAIN.b + PLAIN.b * length / average))

        return Scorer()


def stock_searcher(segments: list[list[Document]]) -> Any:
    """A stock index of the same documents, one segment for one, the deleted ones deleted."""
    field = TEXT(analyzer=placed_tokens, phrase=True)
    schema = Schema(id=ID(stored=True, unique=True), text=field, folded=field, title=field, word=field, key=KEYWORD)
    index = RamStorage().create_index(schema)
    for segment in segments:
        if segment:
            writer = index.writer()
            for document in segment:
                writer.add_document(
                    id=document.id,
                    text=" ".join(f"{term}@{at}" for term, at in document.tokens()),
                    folded=" ".join(f"{fold(term)}@{at}" for term, at in document.tokens()),
                    title=" ".join(f"{term}@{at}" for term, at in document.title_tokens()),
                    word=" ".join(f"{term}@{at}" for at, term in enumerate(document.compounds)),
                    key=url_key(document.url) or "",
                )
            writer.commit(merge=False)
    writer = index.writer()
    for segment in segments:
        for document in segment:
            if document.deleted:
                writer.delete_by_term("id", document.id)
    writer.commit(merge=False)
    lengths: dict[str, dict[str, int]] = {"text": {}, "folded": {}, "title": {}, "word": {}, "key": {}}
    for segment in segments:
        for document in segment:
            lengths["text"][document.id] = lengths["folded"][document.id] = len(document.tokens())
            lengths["title"][document.id] = len(document.title_tokens())
            lengths["key"][document.id] = 1
            lengths["word"][document.id] = len(document.compounds)
    return index.searcher(weighting=ExactBM25(lengths))


def stock_answers(segments: list[list[Document]], question: Question) -> dict[str, float]:
    """The score of each document that matches, by id."""
    terms = {term for segment in segments for document in segment for term, _ in document.tokens()}
    query = compile_question(question, PLAIN, lambda folded: [term for term in terms if fold(term) == folded])
    with stock_searcher(segments) as searcher:
        results = searcher.search(query, limit=None)
        return {searcher.stored_fields(document)["id"]: score for score, document in results.top_n}


def our_answers(segments: list[list[Document]], question: Question) -> dict[str, float]:
    page = search([from_documents(segment) for segment in segments], question, PLAIN)
    return {hit.id: hit.score for hit in page.hits if not hit.near and hit.score is not None}


questions = st.builds(
    Question,
    root=groups(st.recursive(leaves, grown, max_leaves=4), 5),
    match=st.sampled_from(("auto", "auto", "all", "most", "any")),
    limit=st.just(1000),
    reach=st.just(False),
)
plain_words = st.builds(Word, st.sampled_from(("bò", "bơ", "nga", "cháy", "rừng", "của", "các", "2014", "vắng")))
plain_questions = st.builds(
    Question,
    root=st.builds(
        Group,
        words=st.lists(plain_words, max_size=5).map(tuple),
        excluded=st.lists(plain_words, max_size=1).map(tuple),
    ),
    compounds=st.lists(st.sampled_from(("cháy_rừng", "an_ninh", "vắng_mặt")), max_size=2).map(tuple),
    match=st.sampled_from(("auto", "most", "any")),
    limit=st.just(1000),
    reach=st.just(False),
)


@given(corpora, questions)
@settings(max_examples=STOCK_MATCHES, deadline=None, suppress_health_check=list(HealthCheck))
def test_stock_whoosh_finds_the_same_articles(segments: list[list[Document]], question: Question) -> None:
    if "Phrase" in repr(question):
        # Whoosh hides deleted documents from the count of a phrase, and so from its mass.
        segments = [[replace(document, deleted=False) for document in segment] for segment in segments]
    try:
        found = stock_answers(segments, question)
    except Inexpressible:
        assume(False)
    assert set(found) == set(our_answers(segments, question))


@given(corpora, plain_questions)
@settings(max_examples=STOCK_SCORES, deadline=None, suppress_health_check=list(HealthCheck))
def test_stock_whoosh_gives_the_same_scores(segments: list[list[Document]], question: Question) -> None:
    assert stock_answers(segments, question) == pytest.approx(our_answers(segments, question), abs=1e-5)


def test_all_spellings_of_a_word_typed_without_accents_count_together() -> None:
    twice, once = Document(id="twice", title=["bo", "cháy", "bơ"]), Document(id="once", title=["bò", "cháy"])
    question = Question(root=Group(required=(InField("title", AtLeast(Word("bo", folded=True), 2)),)))
    assert [*stock_answers([[twice, once]], question)] == ["twice"] == [*our_answers([[twice, once]], question)]


@pytest.mark.parametrize(
    "node",
    [
        Filter("source", "bao.vn"),
        DateRange(None, None),
        InField("lead", Word("bò")),
        Proximity((Word("a"), Word("b"), Word("c")), 5),
    ],
)
def test_what_whoosh_lacks_is_said(node: Any) -> None:
    with pytest.raises(Inexpressible):
        compile_node(node, lambda folded: [])
