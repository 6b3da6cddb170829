"""A segment gives back the arrays that went in, whatever they are."""

from __future__ import annotations

import json
import tempfile
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.engines.embedded.arrays import build as build_module
from newssearch.engines.embedded.arrays import layout
from newssearch.engines.embedded.arrays.build import SegmentBuilder
from newssearch.engines.embedded.arrays.frequencies import look_up
from newssearch.engines.embedded.arrays.layout import Spool, fsync_files, verify
from newssearch.engines.embedded.arrays.merge import merge_segments
from newssearch.engines.embedded.arrays.segment import ArraySegment
from newssearch.engines.embedded.postings_cache import PostingsCache
from newssearch.fields import INDEXED_FIELDS, Analysed, FieldTokens, stored_article

from .batches import WORDS, Document, Oracle, analysed, article, documents, utf8

NAME = "MAIN_test"
BATCHES = st.lists(st.lists(documents(), min_size=1, max_size=5), min_size=1, max_size=4)


def build(
    folder: Path, batches: Sequence[Sequence[Document]], *, memory: int = 512 << 20, dropped: Sequence[int] = ()
) -> ArraySegment:
    builder = SegmentBuilder(folder, NAME, memory=memory)
    for batch in batches:
        builder.add(analysed(batch))
    for document in dropped:
        builder.drop(document)
    manifest = builder.finish()
    assert verify(folder, manifest) == []
    assert sum(path.stat().st_size for path in folder.iterdir()) == manifest.size
    return ArraySegment.open(folder, NAME, verify=True)


def last_of_each_id(documents: Sequence[Document], dropped: Sequence[int] = ()) -> list[Document]:
    last = {document.article.id: number for number, document in enumerate(documents)}
    kept = [n for n in sorted(last.values()) if n not in dropped]
    return [documents[number] for number in kept]


def assert_same(segment: ArraySegment, oracle: Oracle) -> None:
    assert segment.documents == len(oracle.documents)
    for name in INDEXED_FIELDS:
        assert [term.decode("utf-8", "surrogatepass") for term in segment.terms(name)] == oracle.terms(name)
        assert segment.lengths(name).tolist() == oracle.lengths(name)
        for term in (*oracle.terms(name), "never"):
            expected = oracle.postings.get((name, term), {})
            docs, freqs = segment.postings(name, term)
            assert segment.document_frequency(name, term) == len(expected)
            assert docs.tolist() == sorted(expected)
            assert freqs.tolist() == [len(expected[document]) for document in sorted(expected)]
            if name in ("text", "title"):
                assert_same_positions(segment, name, term, expected)
    for prefix in ("", "b", "c", "đ", "zz", "\U0001f600"):
        assert segment.prefixed("text", prefix) == [term for term in oracle.terms("text") if term.startswith(prefix)]
    for folded in (*oracle.terms("folded"), "never"):
        assert sorted(segment.spellings(folded), key=utf8) == oracle.spellings(folded)
    pairs = oracle.pairs()
    asked = [*pairs, ("never", "của"), ("của", "never"), ("của", "của"), ("bò", "bơ")]
    assert segment.pair_frequencies([([a], [b]) for a, b in asked]).tolist() == [pairs.get(pair, 0) for pair in asked]
    firsts, seconds = [a for a, _ in asked[:9]], [b for _, b in asked[-9:]]
    together = sum(pairs.get((a, b), 0) for a in firsts for b in seconds)
    assert segment.pair_frequencies([(firsts, seconds), ([], seconds), (firsts, [])]).tolist() == [together, 0, 0]
    assert_read_together(segment, oracle)
    assert segment.parts().tolist() == [list(document.parts) for document in oracle.documents]
    assert segment.published().tolist() == oracle.published()
    for name in ("source", "host", "section", "author", "kind", "origin"):
        codes, values = segment.column(name)
        assert values[0] == ""
        assert [values[code] for code in codes] == oracle.column(name)
    assert segment.ids() == [document.article.id for document in oracle.documents]
    for number, document in enumerate(oracle.documents):
        assert segment.id(number) == document.article.id
        assert segment.article(number) == document.article
        assert segment.origin(number) == document.origin
        for key in (*document.keys, "url:x", "title:y", "id:never"):
            assert segment.documents_of_key(key).tolist() == oracle.documents_of_key(key)


def assert_same_positions(segment: ArraySegment, name: str, term: str, expected: dict[int, list[int]]) -> None:
    """For all its documents, for every other one, and for documents that lack the term."""
    every = sorted(expected)
    for docs in (every, every[::2], range(segment.documents)):
        bounds, positions = segment.positions(name, term, np.array(docs, np.int32))
        found = [positions[begin:end].tolist() for begin, end in pairwise(bounds)]
        assert found == [expected.get(document, []) for document in docs]


def assert_read_together(segment: ArraySegment, oracle: Oracle) -> None:
    """What is read of many terms at once is what is read of each: postings, columns, positions, the terms of a prefix."""
    terms = {name: oracle.terms(name) for name in INDEXED_FIELDS}
    fresh = ArraySegment(segment._container, segment.name, PostingsCache())
    fresh.prefetch([(name, term) for name in terms for term in (*terms[name], "never")])
    for name in terms:
        for term in terms[name]:
            docs, freqs = segment.postings(name, term)
            assert [array.tolist() for array in fresh.postings(name, term)] == [docs.tolist(), freqs.tolist()]
            if column := segment.frequency_column(name, term):
                assert column.frequencies.nonzero()[0].tolist() == docs.tolist()
                if name in ("text", "title"):
                    counts, before = look_up([column, column], docs)
                    assert counts.tolist() == [freqs.tolist()] * 2
                    assert before.tolist() == [(np.cumsum(freqs) - freqs).tolist()] * 2
    for name in ("text", "folded"):
        for prefix in ("", "b", "c", "đ", "zz"):
            docs, freqs = segment.prefix_postings(name, prefix)
            sums: Counter[int] = Counter()
            for term in terms[name]:
                if term.startswith(prefix):
                    there = segment.postings(name, term)
                    sums.update(dict(zip(there[0].tolist(), there[1].tolist(), strict=True)))
            assert dict(zip(docs.tolist(), freqs.tolist(), strict=True)) == sums
            assert docs.tolist() == sorted(sums)
    for docs in (np.arange(segment.documents, dtype=np.int32), np.arange(0, segment.documents, 3, dtype=np.int32)):
        asked = [("text", term) for term in (*terms["text"][::-1], "never")]
        asked += [("folded", form) for form in (*terms["folded"], "never")]
        expected_rows = []
        for w, (field, name) in enumerate(asked):
            for term in [name] if field == "text" else oracle.spellings(name):
                bounds, positions = segment.positions("text", term, docs)
                slots = np.repeat(np.arange(len(docs)), np.diff(bounds)).tolist()
                expected_rows += [(w, *row) for row in zip(slots, positions.tolist(), strict=True)]
        for one in (fresh, fresh, ArraySegment(segment._container, segment.name, PostingsCache(0))):
            word, slot, position = one.occurrences(asked, docs)
            assert sorted(zip(word.tolist(), slot.tolist(), position.tolist(), strict=True)) == sorted(expected_rows)


@settings(max_examples=60, deadline=None)
@given(BATCHES, st.sampled_from([512 << 20, 40_000, 3_000, 1]))
def test_segment_gives_back_what_went_in_on_any_budget(batches: list[list[Document]], memory: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        everything = [document for batch in batches for document in batch]
        segment = build(Path(folder), batches, memory=memory)
        assert_same(segment, Oracle(last_of_each_id(everything)))


@settings(max_examples=30, deadline=None)
@given(BATCHES, st.data())
def test_dropped_documents_leave_nothing_behind(batches: list[list[Document]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        everything = [document for batch in batches for document in batch]
        dropped = data.draw(st.lists(st.integers(0, len(everything) - 1), max_size=4))
        kept = last_of_each_id(everything, dropped)
        if not kept:
            return
        segment = build(Path(folder), batches, memory=data.draw(st.sampled_from([512 << 20, 3_000])), dropped=dropped)
        assert_same(segment, Oracle(kept))


def many(count: int, seed: int = 1) -> list[Document]:
    """Documents with terms in all, most, some and few of them."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        terms = ["của"] * int(random.integers(1, 4))
        terms += ["cửa"] * (number % 3 > 0) + ["bò"] * (number % 9 == 0) + ["bơ"] * (number % 300 == 7)
        terms += ["riêng" + str(number)] * (number % 50 == 0)
        random.shuffle(terms)
        rows = [(term, 3 * position) for position, term in enumerate(terms)]
        found.append(Document(article(f"a{number}"), rows, rows[:2], rows[:1], keys=(f"id:a{number}",)))
    return found


@pytest.mark.parametrize("count", [63, 64, 65, 600, 1025])
def test_common_and_rare_terms_of_larger_segments(tmp_path: Path, count: int) -> None:
    everything = many(count)
    batches = [everything[at : at + 100] for at in range(0, count, 100)]
    assert_same(build(tmp_path, batches, memory=30_000), Oracle(everything))


def test_a_term_may_come_more_often_in_a_document_than_a_byte_counts(tmp_path: Path) -> None:
    everything = many(100)
    places = [*range(0, 900, 3), 5_000, 80_000]
    everything[70] = replace(everything[70], text=[("của", place) for place in places])
    segment = build(tmp_path, [everything])
    column = segment.frequency_column("text", "của")
    assert column is not None
    assert column.frequencies[70] == len(places)
    assert_same(segment, Oracle(everything))


def lots_of_tokens(documents: int, each: int, lots: int) -> list[Analysed]:
    """Documents of random terms, made of arrays: enough for runs that no memory of a file holds."""
    random = np.random.default_rng(5)
    terms = [f"từ{n}" for n in range(20_000)]
    found = []
    for lot in range(lots):
        term = (random.zipf(1.3, documents * each) % len(terms)).astype(np.int32)
        document = np.repeat(np.arange(documents, dtype=np.int32), each)
        position = np.tile(np.arange(each, dtype=np.int32), documents)
        text = FieldTokens(terms, term, document, position)
        nothing = FieldTokens([], *(np.zeros(0, np.int32) for _ in range(3)))
        articles = [article(f"a{lot}-{n}") for n in range(documents)]
        found.append(
            Analysed(
                articles=articles,
                origins=["-"] * documents,
                fields={"text": text, "folded": text, "word": nothing, "title": nothing},
                parts=np.zeros((documents, 3), np.int32),
                keys=[(f"id:{one.id}",) for one in articles],
            )
        )
    return found


def test_a_large_segment_is_the_same_on_any_budget(tmp_path: Path) -> None:
    files = []
    for memory in (512 << 20, 8 << 20, 2 << 20):
        folder = tmp_path / str(memory)
        folder.mkdir()
        builder = SegmentBuilder(folder, NAME, memory=memory)
        for lot in lots_of_tokens(100, 1_500, 8):
            builder.add(lot)
        builder.finish()
        files.append(next(folder.glob("*.arrays")).read_bytes())
    assert files[1] == files[0]
    assert files[2] == files[0]


def test_what_was_spilled_is_read_by_several_threads_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for number in range(64):
        spool.write(np.full(1 << 14, number, np.int64))
    size = 1 << 17

    def wrong(start: int) -> int:
        numbers = [(start * 7 + step) % 64 for step in range(200)]
        read = [np.frombuffer(spool.read(number * size, size), np.int64) for number in numbers]
        return sum(bool((found != number).any()) for number, found in zip(numbers, read, strict=True))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(wrong, range(8))) == [0] * 8
    spool.close()


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("tail", ["", "drop", "rare"])
def test_documents_of_pairs_of_very_frequent_terms(tmp_path: Path, seed: int, tail: str) -> None:
    """Also where runs cannot know them: documents were dropped, or a run has few of what is frequent in all."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(400):
        words = ["của", "các", "và"] if tail != "rare" or number < 300 else ["một", "hai"]
        rows = [(str(random.choice([*words, f"r{random.integers(9)}"])), position) for position in range(30)]
        rows += [("của", 40), ("các", 41), ("2014", 41), ("và", 42)]
        found.append(Document(article(f"a{number}"), rows if tail != "rare" or number < 300 else rows[:30]))
    batches = [found[at : at + 50] for at in range(0, 400, 50)]
    segment = build(tmp_path, batches, memory=200_000, dropped=[0] if tail == "drop" else [])
    oracle = Oracle(found[1:] if tail == "drop" else found)
    expected = oracle.pair_postings()
    terms = oracle.terms("text")
    frequent = [term for term in terms if segment.document_frequency("text", term) * 2 >= segment.documents]
    assert {"của", "các", "và"} <= set(frequent)
    for first in terms:
        for second in terms:
            postings = segment.pair_postings(first, second)
            if first in frequent and second in frequent:
                assert postings is not None
                of_pair = expected.get((first, second), {})
                assert dict(zip(postings[0].tolist(), postings[1].tolist(), strict=True)) == of_pair
            else:
                assert postings is None
    assert_same(segment, oracle)


def test_segment_of_more_documents_than_sixteen_bits_count(tmp_path: Path) -> None:
    count = 140_000
    found = [
        Document(article(str(n)), [("all", 0), *([("some", 1)] * (n % 7000 == 5)), *([("one", 2)] * (n == 139_999))])
        for n in range(count)
    ]
    segment = build(tmp_path, [found])
    assert segment.postings("text", "all")[0].tolist() == list(range(count))
    assert segment.postings("text", "some")[0].tolist() == list(range(5, count, 7000))
    assert segment.postings("text", "one")[0].tolist() == [139_999]
    assert segment.postings("folded", "some")[0].tolist() == list(range(5, count, 7000))


def test_frequencies_and_positions_have_no_bounds(tmp_path: Path) -> None:
    often = [("của", position) for position in range(0, 200_000, 100)]
    far = [("bò", position) for position in (0, 255, 510, 1_533, 66_000, 1_000_000, 5_000_000)]
    rows = sorted(often + far, key=lambda row: row[1])
    everything = [Document(article("long"), rows, rows), Document(article("short"), [("của", 70_000)])]
    segment = build(tmp_path, [everything], memory=1)
    assert segment.postings("text", "của")[1].tolist() == [2000, 1]
    assert_same(segment, Oracle(everything))


def test_positions_of_folded_and_word_are_not_kept(tmp_path: Path) -> None:
    segment = build(tmp_path, [many(3)])
    for name in ("folded", "word"):
        with pytest.raises(ValueError, match="no positions"):
            segment.positions(name, "của", np.zeros(1, np.int32))


def test_word_is_empty_where_no_words_were_segmented(tmp_path: Path) -> None:
    segment = build(tmp_path, [[Document(article("a"), [("của", 0)])]])
    assert segment.postings("word", "của_a")[0].tolist() == []
    assert segment.lengths("word").tolist() == [0]
    assert segment.prefixed("word", "") == []


def test_dictionary_is_searched_in_blocks(tmp_path: Path) -> None:
    terms = sorted({f"{a}{b}" for a in "abđ" for b in range(60)} | {"a", "\U0001f600"}, key=utf8)
    segment = build(tmp_path, [[Document(article("a"), [(term, n) for n, term in enumerate(terms)])]])
    assert all(segment.document_frequency("text", term) == 1 for term in terms)
    assert not any(segment.document_frequency("text", term + "\x00") for term in terms)
    assert not segment.document_frequency("text", "")
    for prefix in ("", "a", "a1", "b59", "c", "đ", "\U0001f600", "\U0001f601"):
        assert segment.prefixed("text", prefix) == [term for term in terms if term.startswith(prefix)]


def test_many_articles_are_compressed_together_and_read_alone(tmp_path: Path) -> None:
    bodies = [" ".join(f"{word} {n % 13} {n * 31 % 101}" for word in WORDS[:12]) * 8 for n in range(1500)]
    found = [Document(article(f"a{n}"), [("x", 0)]) for n in range(1500)]
    found = [replace(d, article=replace(d.article, body=body)) for d, body in zip(found, bodies, strict=True)]
    segment = build(tmp_path, [found[:700], found[700:]])
    assert segment.size < sum(len(utf8(body)) for body in bodies) / 2
    assert all(segment.article(n) == found[n].article for n in (0, 1, 699, 700, 1499))


def test_articles_of_version_1_are_read_and_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [replace(d, article=replace(d.article, body=body)) for d, body in zip(many(2), ("quỹ “đỏ”", "Москва"), strict=True)]
    add = layout.ContainerWriter.add
    with monkeypatch.context() as then:
        then.setattr(layout, "VERSION", 1)
        then.setattr(build_module, "stored_article", lambda a: utf8(json.dumps({"id": a.id, "title": a.title, "body": a.body})))
        then.setattr(layout.ContainerWriter, "add", lambda c, name, array: name == "stored.letters" or add(c, name, array))
        old = build(tmp_path, [found])
    assert old.articles([1, 0]) == [found[1].article, found[0].article]
    assert old.stored([0, 1]) == [stored_article(document.article) for document in found]
    (tmp_path / "merged").mkdir()
    merge_segments(tmp_path / "merged", NAME, [old], [None])
    merged = ArraySegment.open(tmp_path / "merged", NAME, verify=True)
    assert merged.articles([0, 1]) == old.articles([0, 1])


def test_threads_share_a_segment(tmp_path: Path) -> None:
    everything = many(300)
    segment = build(tmp_path, [everything])
    oracle = Oracle(everything)
    failed: list[BaseException] = []

    def read() -> None:
        try:
            assert_same(segment, oracle)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_masked_segment_shares_its_file_and_knows_what_is_deleted(tmp_path: Path) -> None:
    segment = build(tmp_path, [many(5)])
    view = segment.masked(np.array([True, False, False, False, True]))
    assert segment.deleted is None
    assert view.deleted is not None
    assert view.deleted.tolist() == [True, False, False, False, True]
    assert view.postings("text", "của")[0].tolist() == [0, 1, 2, 3, 4]
    assert view.masked(np.zeros(5, np.bool_)).deleted is None


def test_arrays_outlive_the_segment_that_they_came_from(tmp_path: Path) -> None:
    segment = build(tmp_path, [many(5)])
    published, ids = segment.published(), segment.ids()
    segment.close()
    assert len(published) == len(ids) == 5


def test_postings_are_not_to_be_written_to(tmp_path: Path) -> None:
    segment = build(tmp_path, [many(5)])
    for array in segment.postings("text", "của"):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_empty_builder_refuses_to_finish_and_leaves_nothing(tmp_path: Path) -> None:
    builder = SegmentBuilder(tmp_path, NAME)
    builder.add(analysed(many(2)))
    builder.drop(0)
    builder.drop(1)
    with pytest.raises(ValueError, match="needs a document"):
        builder.finish()
    builder.discard()
    assert list(tmp_path.iterdir()) == []


def test_ids_tell_which_documents_will_be_written(tmp_path: Path) -> None:
    builder = SegmentBuilder(tmp_path, NAME)
    assert builder.add(analysed([Document(article("a"), []), Document(article("b"), [])])) == 0
    assert builder.add(analysed([Document(article("a"), [("x", 0)])])) == 2
    builder.drop(1)
    assert builder.ids() == ["a"]
    manifest = builder.finish()
    fsync_files(tmp_path / name for name in manifest.files)
    assert manifest.documents == 1
    assert ArraySegment.open(tmp_path, NAME).postings("text", "x")[0].tolist() == [0]
