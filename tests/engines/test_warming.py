"""Warming a server up: the same answers, within the memory that was allowed, once a commit."""

from __future__ import annotations

import numpy as np
import pytest

from newssearch.engines.base import Question, ScoredPage
from newssearch.engines.embedded.arrays.segment import ArraySegment
from newssearch.engines.embedded.arrays.warming import read_ahead
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.engines.embedded.postings_cache import PostingsCache
from newssearch.errors import IndexMissing
from newssearch.fields import INDEXED_FIELDS
from newssearch.models import Article
from newssearch.query.nodes import Group, Phrase, Word

from .build import analysed, article

WORDS = ["của", "cửa", "các", "bò", "bơ", "một", "hai", "hài", "ba", "bà"]
QUESTIONS = [
    *(Group((Word(word),)) for word in WORDS),
    *(Group((Word(word, folded=True), Word("hai", folded=True))) for word in WORDS),
    Group(tuple(map(Word, WORDS[:6]))),
    Group((), (Phrase((Word("của"), Word("các"))),)),
    Group(),
]


def articles(count: int, first: int = 0) -> list[Article]:
    """Articles with words in most, some and few of them."""
    random = np.random.default_rng(first)
    chances = 1 / np.arange(1, len(WORDS) + 1)
    return [
        article(
            f"a{first + n}",
            title=" ".join(random.choice(WORDS, 2)),
            body=" ".join(random.choice(WORDS, 30, p=chances / chances.sum())) + f" riêng{n}",
        )
        for n in range(count)
    ]


@pytest.fixture
def stocked(engine: EmbeddedEngine) -> EmbeddedEngine:
    """An index of 150 articles in two segments, one of them deleted."""
    engine.rebuild([analysed(articles(110))], paths=["seeds"], segmenter="none")
    with engine.batch() as batch:
        batch.add(analysed(articles(40, 110)))
        batch.delete(["a3"])
        batch.commit()
    return engine


def answers(engine: EmbeddedEngine) -> list[ScoredPage]:
    return [engine.search(Question(root=root, limit=20)) for root in QUESTIONS]


def segments(engine: EmbeddedEngine) -> list[ArraySegment]:
    return [segment for segment in engine._fresh().segments if isinstance(segment, ArraySegment)]


def test_a_warm_index_answers_as_a_cold_one(stocked: EmbeddedEngine) -> None:
    expected = answers(stocked)
    warm = EmbeddedEngine(stocked.index_dir)
    warm.warm()
    assert answers(warm) == expected


def test_after_warming_no_posting_of_a_frequent_word_is_read(
    stocked: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked.warm()
    modules = "newssearch.engines.embedded.arrays."
    for name in ("terms.postings_of", "terms.column_of", "followers.documents_of"):
        monkeypatch.setattr(modules + name, None)
    for segment in segments(stocked):
        for word in WORDS[:3]:
            docs, freqs = segment.postings("text", word)
            assert segment.document_frequency("text", word) == len(docs) == len(freqs) > 15
        assert segment.pair_frequencies([(["của"], ["cửa"])])[0] > 15


def test_warming_again_does_nothing_until_there_is_a_new_commit(
    stocked: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = []

    def counted(segments: list[ArraySegment], cache: PostingsCache) -> None:
        read.append(len(segments))
        read_ahead(segments, cache)

    monkeypatch.setattr("newssearch.engines.embedded.arrays.warming.read_ahead", counted)
    stocked.warm()
    stocked.warm()
    assert read == [2]
    with stocked.batch() as batch:
        batch.add(analysed(articles(5, 200)))
        batch.commit()
    stocked.warm()
    stocked.warm()
    assert len(read) == 2


@pytest.mark.parametrize("limit", [0, 1_000, 20_000, 100_000])
def test_a_quarter_of_the_memory_is_left_to_the_readers(stocked: EmbeddedEngine, limit: int) -> None:
    cache = PostingsCache(limit)
    opened = [ArraySegment(segment._container, segment.name, cache) for segment in segments(stocked)]
    read_ahead(opened, cache)
    assert cache.size <= limit * 3 / 4
    held = cache.size
    read_ahead(opened, cache)
    assert cache.size == held
    if limit == 20_000:
        assert held > limit / 4


def test_what_no_cache_can_hold_is_read_each_time(stocked: EmbeddedEngine) -> None:
    pairs = [([first], [second]) for first in WORDS for second in WORDS]
    pairs += [(WORDS, WORDS[:3]), (["never"], WORDS), (WORDS, [])]
    docs = np.arange(0, 40, 3, dtype=np.int32)
    for segment in segments(stocked):
        bare = ArraySegment(segment._container, segment.name, PostingsCache(0))
        for _ in range(2):
            assert bare.pair_frequencies(pairs).tolist() == segment.pair_frequencies(pairs).tolist()
            for expected, found in zip(
                segment.occurrences([("text", "của")], docs), bare.occurrences([("text", "của")], docs), strict=True
            ):
                assert found.tolist() == expected.tolist()
            for word in WORDS:
                for expected, found in zip(segment.postings("text", word), bare.postings("text", word), strict=True):
                    assert found.tolist() == expected.tolist()


def test_an_index_without_segments_of_arrays_has_nothing_to_read_ahead() -> None:
    cache = PostingsCache()
    read_ahead([], cache)
    assert not cache.size


def test_the_most_frequent_of_a_field_come_first(stocked: EmbeddedEngine) -> None:
    cache = PostingsCache(20_000)
    segment = ArraySegment(segments(stocked)[0]._container, segments(stocked)[0].name, cache)
    read_ahead([segment], cache)
    for name in INDEXED_FIELDS:
        reader = segment.field(name)
        frequencies = {number: reader.document_frequency(number) for number in range(reader.count)}
        held = {number for number in frequencies if (segment.name, name, number) in cache}
        left = [frequencies[number] for number in frequencies if number not in held]
        assert min((frequencies[number] for number in held), default=0) >= max(left, default=0) or not held
    assert (segment.name, "text", segment.field("text").terms.find("của")) in cache


def test_warming_an_index_that_is_not_there_says_so(engine: EmbeddedEngine) -> None:
    with pytest.raises(IndexMissing):
        engine.warm()
