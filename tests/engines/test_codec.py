"""Stock Whoosh over our codec finds and scores what it does over its own."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import whoosh.index
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.filedb.filestore import FileStorage
from whoosh.qparser import QueryParser
from whoosh.reading import TermNotFound
from whoosh.scoring import BM25F, TF_IDF, Frequency
from whoosh.searching import Searcher

from newssearch.engines.embedded import codec
from newssearch.engines.embedded.arrays.build import SegmentBuilder
from newssearch.engines.embedded.codec import ArrayCodec, ArrayCodecSegment
from newssearch.engines.embedded.schema import whoosh_schema
from newssearch.engines.embedded.toc import Toc, encode_toc, toc_path
from newssearch.errors import IndexOutdated, NewsSearchError
from newssearch.fields import Analysed
from newssearch.models import Article

from .build import analysed
from .stock_builder import StockBuilder

WORDS = ["của", "cửa", "bò", "bơ", "đà", "nẵng", "the", "cà", "phê"]
SEGMENTS, PER_SEGMENT = 2, 300


def batches() -> list[Analysed]:
    """Documents with lengths that W3 keeps exactly; it rounds most others."""
    random = np.random.default_rng(5)
    shares = np.array([2.0**-n for n in range(len(WORDS))])
    found = []
    for number in range(SEGMENTS * PER_SEGMENT):
        words = random.choice(WORDS, int(random.choice([1, 2, 3, 5, 8, 10, 13, 17])), p=shares / shares.sum()).tolist()
        found.append(
            Article(
                id=f"a{number:03}", title=" ".join(words[:3]), body=" ".join(words[3:]), url=f"http://bao.vn/{number}"
            )
        )
    return [analysed(found[at : at + PER_SEGMENT]) for at in range(0, len(found), PER_SEGMENT)]


def publish(folder: Path, segments: Sequence[Any]) -> None:
    toc_path(folder, 1).write_bytes(encode_toc(whoosh_schema(), Toc(1, list(segments))))


@pytest.fixture(scope="module")
def searchers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Searcher, Searcher]]:
    """Ours and W3's, over the same two segments with the same documents deleted."""
    ours, theirs = tmp_path_factory.mktemp("ours"), tmp_path_factory.mktemp("theirs")
    our_segments, their_segments = [], []
    for batch in batches():
        segment = ArrayCodec().new_segment(FileStorage(str(ours)), "MAIN")
        builder = SegmentBuilder(ours, segment.segment_id())
        builder.add(batch)
        segment.set_doc_count(builder.finish().documents)
        stock = StockBuilder()
        stock.add(batch)
        written, _ = stock.write(theirs)
        for one in (segment, written):
            for document in (0, 17, 250):
                one.delete_document(document)
        our_segments.append(segment)
        their_segments.append(written)
    publish(ours, our_segments)
    publish(theirs, their_segments)
    first, second = whoosh.index.open_dir(str(ours)), whoosh.index.open_dir(str(theirs))
    with first.searcher() as a, second.searcher() as b:
        yield a, b
    first.close()
    second.close()


TERMS = st.builds(
    query.Term, st.sampled_from(["text", "folded", "title", "word"]), st.sampled_from([*WORDS, "cua", "đà_nẵng"])
)
IDS = st.builds(query.Term, st.just("id"), st.sampled_from(["a005", "a017", "a900"])) | st.just(
    query.Term("key", "url:bao.vn/7")
)
PHRASES = st.builds(
    query.Phrase,
    st.sampled_from(["text", "title"]),
    st.lists(st.sampled_from(WORDS), min_size=2, max_size=3),
    slop=st.integers(1, 3),
)
PREFIXES = st.builds(
    query.Prefix, st.sampled_from(["text", "folded", "id"]), st.sampled_from(["c", "b", "đ", "a01", "zz", ""])
)
FUZZY = st.builds(query.FuzzyTerm, st.just("folded"), st.sampled_from(["cua", "bo", "phee"]))
LEAVES = TERMS | IDS | PHRASES | PREFIXES | FUZZY | st.just(query.Every())


def _trees(children: st.SearchStrategy[query.Query]) -> st.SearchStrategy[query.Query]:
    several = st.lists(children, min_size=1, max_size=3)
    return (
        several.map(query.And)
        | several.map(query.Or)
        | st.tuples(children, children).map(lambda two: query.AndNot(*two))
        | st.tuples(children, children).map(lambda two: query.And([two[0], query.Not(two[1])]))
        | st.tuples(children, children).map(lambda two: query.AndMaybe(*two))
        | children.map(lambda one: query.ConstantScoreQuery(one, 2.0))
        | several.map(query.DisjunctionMax)
    )


QUERIES = st.recursive(LEAVES, _trees, max_leaves=6)


def answer(searcher: Searcher, asked: query.Query, limit: int | None) -> dict[str, float]:
    results = searcher.search(asked, limit=limit)
    return {hit["id"]: hit.score for hit in results}


def _theirs(searchers: tuple[Searcher, Searcher], asked: query.Query, limit: int | None) -> dict[str, float]:
    try:
        return answer(searchers[1], asked, limit)
    except IndexError:
        # Whoosh's own AndNot reads behind the end over its own codec too.
        reject()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=QUERIES)
def test_stock_searchers_find_and_score_the_same(searchers: tuple[Searcher, Searcher], asked: query.Query) -> None:
    theirs = _theirs(searchers, asked, None)
    ours = answer(searchers[0], asked, None)
    assert ours.keys() == theirs.keys()
    assert ours == pytest.approx(theirs, abs=1e-5)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=QUERIES)
def test_stock_searchers_skip_blocks_and_miss_nothing(searchers: tuple[Searcher, Searcher], asked: query.Query) -> None:
    theirs = _theirs(searchers, asked, 10)
    ours = answer(searchers[0], asked, 10)
    assert sorted(ours.values()) == pytest.approx(sorted(theirs.values()), abs=1e-5)


@pytest.mark.parametrize("weighting", [BM25F(B=0.3), TF_IDF(), Frequency()])
def test_stock_weightings_agree(searchers: tuple[Searcher, Searcher], weighting: Any) -> None:
    asked = query.Or([query.Term("text", word) for word in WORDS[:4]])
    found = []
    for searcher in searchers:
        weighted = Searcher(searcher.reader(), weighting=weighting)
        found.append(answer(weighted, asked, None))
    assert found[0] == pytest.approx(found[1], abs=1e-5)


def test_stock_parser_reads_a_question_as_we_cut_it(searchers: tuple[Searcher, Searcher]) -> None:
    parsed = [QueryParser("text", searcher.schema).parse("Cà phê title:bò OR da*") for searcher in searchers]
    assert answer(searchers[0], parsed[0], None) == pytest.approx(answer(searchers[1], parsed[1], None), abs=1e-5)


def test_readers_list_the_same_terms(searchers: tuple[Searcher, Searcher]) -> None:
    for ours, theirs in zip(*(searcher.reader().leaf_readers() for searcher in searchers), strict=True):
        a, b = ours[0], theirs[0]
        # Keys can be looked up, not listed.
        listed = [term for term in b.all_terms() if term[0] != "key"]
        assert list(a.all_terms()) == sorted(listed)
        for term in listed:
            x, y = a.term_info(*term), b.term_info(*term)
            assert (x.weight(), x.doc_frequency(), x.max_weight(), x.min_id(), x.max_id()) == (
                y.weight(), y.doc_frequency(), y.max_weight(), y.min_id(), y.max_id()
            )  # fmt: skip
            assert a.frequency(*term) == b.frequency(*term)
        assert [text for text, _ in a.iter_prefix("text", "c")] == [text for text, _ in b.iter_prefix("text", "c")]
        assert sorted(a.terms_within("folded", "cu", 1)) == sorted(b.terms_within("folded", "cu", 1))
        for name in ("text", "folded", "title", "word"):
            assert a.field_length(name) == b.field_length(name)
            assert [a.doc_field_length(d, name) for d in range(300)] == [
                b.doc_field_length(d, name) or 0 for d in range(300)
            ]
        assert [a.stored_fields(d) for d in range(5)] == [b.stored_fields(d) for d in range(5)]
        assert list(a.all_doc_ids()) == list(b.all_doc_ids())


def test_postings_carry_the_same_values(searchers: tuple[Searcher, Searcher]) -> None:
    for name in ("text", "folded", "title"):
        found = []
        for searcher in searchers:
            matcher = searcher.reader().leaf_readers()[0][0].postings(name, "bo" if name == "folded" else "bò")
            found.append(list(matcher.all_items()))
        assert found[0] == found[1]


def test_unknown_terms_are_told_as_whoosh_expects(searchers: tuple[Searcher, Searcher]) -> None:
    reader = searchers[0].reader().leaf_readers()[0][0]
    assert reader.frequency("text", "never") == reader.doc_frequency("text", "never") == 0
    assert ("text", "never") not in reader
    assert ("text", "của") in reader
    with pytest.raises(TermNotFound):
        reader.term_info("text", "never")
    with pytest.raises(TermNotFound):
        reader.postings("key", "id:never")


def test_segments_are_pickled_as_plain_data_by_a_name_that_stays() -> None:
    segment = ArrayCodecSegment("MAIN", 1000, "abc")
    for deleted in (range(0), range(5), range(0, 1000, 2)):
        for document in deleted:
            segment.delete_document(document)
        function, (version, said) = segment.__reduce__()
        assert (function.__module__, function.__name__) == ("newssearch.engines.embedded.codec", "restored_segment")
        assert all(isinstance(value, (int, str, bytes)) for value in said.values())
        again = pickle.loads(pickle.dumps(segment))
        assert again == segment
        assert (again.segment_id(), again.doc_count_all(), again.doc_count()) == ("MAIN_abc", 1000, segment.doc_count())
        assert list(again.deleted_docs()) == list(segment.deleted_docs())
    with pytest.raises(IndexOutdated, match="version 2"):
        codec.restored_segment(version + 1, said)


def test_segment_knows_what_is_deleted() -> None:
    segment = ArrayCodecSegment("MAIN", 3)
    assert segment.deleted_mask() is None
    segment.delete_document(1)
    assert segment.deleted_mask().tolist() == [False, True, False]  # type: ignore[union-attr]
    segment.delete_document(1, delete=False)
    assert not segment.has_deletions()
    with pytest.raises(IndexError):
        segment.delete_document(3)
    assert not segment.should_assemble()


def test_whoosh_cannot_write() -> None:
    segment = ArrayCodecSegment("MAIN")
    for write in (ArrayCodec().per_document_writer, ArrayCodec().field_writer):
        with pytest.raises(NewsSearchError, match="not write") as refused:
            write(None, segment)
        assert "newssearch add" in refused.value.hint
