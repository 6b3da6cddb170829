"""Articles in, articles out: rebuild, add, delete, look up, as a user of the engine sees it."""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newssearch.engines.base import Question
from newssearch.engines.embedded import batch as batch_module
from newssearch.engines.embedded.engine import EmbeddedEngine
from newssearch.errors import BadInput, IndexMissing, NewsSearchError, WriteFailed
from newssearch.fields import SCHEMA_VERSION
from newssearch.models import Article, Rejection
from newssearch.query.nodes import Group

from .build import analysed, article, batches


def ids(engine: EmbeddedEngine) -> list[str]:
    return [article.id for article, _ in engine.iterate()]


def add(engine: EmbeddedEngine, *articles: Article) -> int:
    with engine.batch() as batch:
        batch.add(analysed(articles))
        batch.commit()
        return batch.replaced


def test_an_article_comes_back_with_every_field(engine: EmbeddedEngine) -> None:
    whole = Article(
        id="tin/1",
        kind="article",
        title="Lễ hội ở Buôn Ma Thuột",
        lead="Sáng nay…",
        body="Đoạn một.\n\nĐoạn hai \U0001f600 và \ud800.",
        captions=("Ảnh một", "Ảnh hai"),
        source="Báo Đắk Lắk",
        section="Văn hóa",
        author="Y Thu",
        url="https://bao.vn/tin-1",
        aliases=("cu-1", "https://bao.vn/cu"),
        published=datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC),
        image="https://bao.vn/anh.jpg",
        extras={"tags": ["lễ hội"], "views": 7},
    )
    engine.rebuild([analysed([whole], ["seeds/tin.json"])], paths=["seeds"], segmenter="none")
    assert engine.get("tin/1") == whole
    assert list(engine.iterate()) == [(whole, "seeds/tin.json")]


def test_unknown_ids_are_none_and_aliases_are_not_ids(engine: EmbeddedEngine) -> None:
    engine.rebuild([analysed([article("a", aliases=("b",))])], paths=[], segmenter="none")
    assert engine.get("c") is None
    assert engine.get("b") is None


def test_keys_find_articles_by_id_alias_and_address(engine: EmbeddedEngine) -> None:
    two = [
        article("a", url="https://bao.vn/tin?id=1", aliases=("b",)),
        article("c", url="https://www.bao.vn/tin/?id=1&utm_source=x"),
    ]
    engine.rebuild([analysed(two)], paths=[], segmenter="none")
    found = engine.resolve(["id:a", "id:b", "url:bao.vn/tin?id=1", "id:nobody", "url:"])
    assert found == {"id:a": ["a"], "id:b": ["a"], "url:bao.vn/tin?id=1": ["a", "c"]}


def test_the_last_article_with_an_id_wins(engine: EmbeddedEngine) -> None:
    # Little memory: the two stand in different segments as well as in one.
    engine = EmbeddedEngine(engine.index_dir, memory=1)
    inputs = [[article("a", "một"), article("b"), article("a", "hai")], [article("c")], [article("a", "ba")]]
    report = engine.rebuild(map(analysed, inputs), paths=[], segmenter="none")
    assert (report.articles, report.replaced) == (3, 2)
    assert ids(engine) == ["b", "c", "a"]
    found = engine.get("a")
    assert found is not None
    assert found.title == "ba"
    assert engine.check() == []
    engine.close()


def test_the_index_remembers_how_it_was_built(filled: EmbeddedEngine) -> None:
    assert filled.read_rejected() == []
    meta = filled.meta()
    assert meta["paths"] == ["seeds"]
    assert meta["segmenter"] == "none"
    assert meta["schema_version"] == SCHEMA_VERSION
    assert meta["parameters"]["k1"] == 1.2


def test_without_articles_nothing_changes(filled: EmbeddedEngine) -> None:
    before = filled.meta()
    with pytest.raises(BadInput, match="no articles"):
        filled.rebuild([analysed([])], paths=["leer"], segmenter="none")
    assert filled.meta() == before
    assert len(ids(filled)) == 12
    assert filled.check() == []


def test_an_error_in_the_input_changes_nothing(filled: EmbeddedEngine) -> None:
    def broken() -> object:
        yield from batches(["b1"])
        raise PermissionError(13, "Permission denied", "tin.json")

    with pytest.raises(PermissionError, match="Permission denied"):
        filled.rebuild(broken(), paths=[], segmenter="none")  # type: ignore[arg-type]
    assert len(ids(filled)) == 12
    assert len(list(filled.index_dir.glob("gen-*"))) == 1


def test_a_rebuild_counts_what_is_gone(filled: EmbeddedEngine) -> None:
    # a0 and a1 are in it, a2 lives on as an alias.
    articles = [article("a0"), article("a1"), article("x", aliases=("a2",))]
    report = filled.rebuild([analysed(articles)], paths=[], segmenter="none")
    assert report.gone == 9


def test_add_replace_and_delete_are_seen_at_once(filled: EmbeddedEngine) -> None:
    assert add(filled, article("a3", "mới hơn"), article("n1")) == 1
    assert len(ids(filled)) == 13
    found = filled.get("a3")
    assert found is not None
    assert found.title == "mới hơn"
    with filled.batch() as batch:
        assert batch.delete(["a3", "nobody", "n1"]) == ["a3", "n1"]
        batch.commit()
    assert filled.get("a3") is None
    assert len(ids(filled)) == 11
    assert filled.check() == []


def test_two_articles_with_one_id_in_a_batch_leave_one(filled: EmbeddedEngine) -> None:
    with filled.batch() as batch:
        batch.add(analysed([article("n", "một"), article("n", "hai")]))
        batch.add(analysed([article("n", "ba")]))
        batch.commit()
        assert batch.replaced == 2
    assert [article.title for article, _ in filled.iterate() if article.id == "n"] == ["ba"]


def test_delete_reaches_articles_of_the_same_batch(filled: EmbeddedEngine) -> None:
    with filled.batch() as batch:
        batch.add(analysed([article("n"), article("a1", "mới")]))
        assert batch.delete(["n", "a1"]) == ["n", "a1"]
        assert batch.delete(["n", "a1"]) == []
        batch.commit()
    assert "n" not in ids(filled)
    assert "a1" not in ids(filled)


def test_leaving_a_batch_without_commit_discards_it(filled: EmbeddedEngine) -> None:
    engine = EmbeddedEngine(filled.index_dir, memory=1)
    with engine.batch() as batch:
        batch.add(analysed([article("n")]))
        batch.delete(["a1"])
    assert len(ids(filled)) == 12
    with pytest.raises(WriteFailed, match="ended"):
        batch.add(analysed([article("m")]))
    assert filled.check() == []
    left = {path.name.split(".")[0] for path in (filled.index_dir / filled.stats().generation).glob("MAIN_*")}
    assert len(left) == 1


def test_several_commits_in_one_batch(filled: EmbeddedEngine) -> None:
    with filled.batch() as batch:
        for number in range(3):
            batch.add(analysed([article(f"n{number}"), article("a1", f"lần {number}")]))
            batch.commit()
            assert len(ids(filled)) == 13 + number
        assert batch.replaced == 3


def test_everything_can_be_deleted(filled: EmbeddedEngine) -> None:
    with filled.batch() as batch:
        batch.delete([f"a{number}" for number in range(12)])
        batch.commit()
    assert ids(filled) == []
    assert filled.stats().articles == 0
    assert filled.vocabulary().documents == 0
    add(filled, article("n"))
    assert ids(filled) == ["n"]


def test_many_small_adds_do_not_pile_up_segments(filled: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_module, "SMALL_SEGMENTS", 3)
    for number in range(10):
        add(
            filled,
            article(
                f"n{number}",
                "tin nhanh",
                f"từ{number} bò bơ",
                source="bao.vn",
                published=datetime(2026, 1, 1, tzinfo=UTC),
            ),
        )
        with filled.batch() as batch:
            batch.delete([f"a{number}"])
            batch.commit()
    assert filled.stats().segments <= 4
    assert sorted(ids(filled)) == sorted(["a10", "a11", *(f"n{number}" for number in range(10))])
    vocabulary = filled.vocabulary()
    assert vocabulary.document_frequencies("text", ["từ3", "bò", "a11", "chưa"]) == [1, 10, 1, 0]
    assert vocabulary.spellings("bo") == ["bò", "bơ"]
    assert vocabulary.document_frequencies("folded", ["bo", "tu3"]) == [10, 1]
    assert vocabulary.document_frequencies("word", ["tin_nhanh"]) == [10]
    assert filled.stats().kinds == {"article": 12}
    assert filled.check() == []


def test_the_vocabulary_spans_all_segments(filled: EmbeddedEngine) -> None:
    add(filled, article("n1", "bão số bảy"), article("n2", "bão bao"))
    vocabulary = filled.vocabulary()
    assert vocabulary.documents == 14
    assert vocabulary.document_frequencies("text", ["dung", "bão", "mưa"]) == [14, 2, 0]
    assert vocabulary.prefixed("text", "b", 2) == ["bão", "bao"]
    assert vocabulary.prefixed("text", "", 1) == ["của"]
    assert vocabulary.spellings("bao") == ["bao", "bão"]
    assert vocabulary.spellings("bão") == []


def test_stats_count_what_can_be_found(filled: EmbeddedEngine) -> None:
    add(
        filled,
        article("n1", source="bao.vn", published=datetime(2026, 3, 1, tzinfo=UTC)),
        article("n2", source="tin.vn", kind="teaser", published=datetime(2026, 1, 31, 18, tzinfo=UTC)),
    )
    with filled.batch() as batch:
        batch.delete(["a0"])
        batch.commit()
    filled.write_rejected([Rejection(file="x.json", line=3, reason="It is empty.")])
    assert filled.read_rejected() == [Rejection(file="x.json", line=3, reason="It is empty.")]
    stats = filled.stats()
    assert (stats.articles, stats.deleted, stats.sources, stats.rejected, stats.segments) == (13, 1, 2, 1, 2)
    assert (stats.oldest, stats.newest) == ("2026-02-01T01:00:00+07:00", "2026-03-01T07:00:00+07:00")
    assert stats.kinds == {"article": 12, "teaser": 1}
    assert stats.size_bytes > 1000
    assert stats.paths == ("seeds",)


def test_a_question_is_answered(filled: EmbeddedEngine) -> None:
    page = filled.search(Question(root=Group(()), limit=5))
    assert page.articles == 12
    assert len(page.hits) == 5


def test_a_missing_index_says_what_builds_it(engine: EmbeddedEngine, folder: Path) -> None:
    for call in (
        engine.stats,
        engine.check,
        engine.rollback,
        engine.meta,
        lambda: engine.get("a"),
        lambda: engine.block(["a"], ""),
    ):
        with pytest.raises(IndexMissing, match=f"No index at {folder}") as caught:
            call()
        assert caught.value.hint == "newssearch rebuild-index"
    with pytest.raises(IndexMissing), engine.batch():
        pass
    assert not folder.exists()


def test_readers_never_see_half_a_commit(filled: EmbeddedEngine) -> None:
    reader = EmbeddedEngine(filled.index_dir)
    seen: list[int] = []
    errors: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        try:
            while not stop.is_set():
                seen.append(len(ids(reader)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(8):
        add(filled, article(f"n{number}"), article(f"m{number}"))
    filled.rebuild(batches(f"r{number}" for number in range(8)), paths=[], segmenter="none")
    filled.rebuild(batches(f"s{number}" for number in range(6)), paths=[], segmenter="none")
    stop.set()
    for thread in threads:
        thread.join()
    assert not errors
    assert seen
    assert {count % 2 for count in seen} == {0}
    assert len(ids(reader)) == 6
    reader.close()


def test_a_reader_keeps_answering_from_what_it_opened(filled: EmbeddedEngine) -> None:
    articles = filled.iterate()
    first, _ = next(articles)
    for round in range(3):
        filled.rebuild(batches([f"r{round}"]), paths=[], segmenter="none")
    assert [first.id, *(article.id for article, _ in articles)] == [f"a{number}" for number in range(12)]
    assert ids(filled) == ["r2"]


def test_a_question_is_answered_from_the_state_that_it_was_interpreted_with_and_the_next_from_the_newest(
    filled: EmbeddedEngine, folder: Path
) -> None:
    reader = EmbeddedEngine(folder)
    vocabulary = reader.vocabulary()
    add(filled, article("b1"))
    everything = Question(root=Group())
    assert reader.search(everything, vocabulary=vocabulary).articles == vocabulary.documents == 12
    assert reader.search(everything).articles == 13
    assert reader.search(everything, vocabulary=vocabulary).articles == 13
    reader.close()
    assert reader.search(everything, vocabulary=vocabulary).articles == 13
    reader.close()


def test_changes_are_seen_where_the_clock_stands_still(filled: EmbeddedEngine, folder: Path) -> None:
    reader = EmbeddedEngine(folder)
    served = []
    for change in (
        lambda: filled.rebuild(batches(["b0"]), paths=[], segmenter="none"),
        filled.rollback,
        filled.rollback,
        lambda: add(filled, article("b1")),
        lambda: add(filled, article("b2")),
        lambda: filled.block(["b1"], "x"),
    ):
        change()
        for path in (folder, *folder.rglob("*")):
            os.utime(path, ns=(0, 0))
        served.append(sorted(ids(reader)))
    reader.close()
    before = sorted(f"a{number}" for number in range(12))
    assert served == [["b0"], before, ["b0"], ["b0", "b1"], ["b0", "b1", "b2"], ["b0", "b2"]]


def test_whoosh_itself_opens_and_searches_a_generation(filled: EmbeddedEngine) -> None:
    from whoosh import index
    from whoosh.qparser import QueryParser
    from whoosh.query import Phrase, Term

    add(filled, article("n1", "bão số bảy vào bờ"), article("a3", "không còn"))
    stock = index.open_dir(str(filled.index_dir / filled.stats().generation))
    with stock.searcher() as searcher:
        assert [hit["id"] for hit in searcher.search(Term("text", "bão"))] == ["n1"]
        assert [hit["title"] for hit in searcher.search(Phrase("text", ["số", "bảy"]))] == ["bão số bảy vào bờ"]
        assert len(searcher.search(Phrase("text", ["bảy", "số"]))) == 0
        assert len(searcher.search(Term("text", "dung"), limit=None)) == 13
        assert searcher.document(id="a3")["title"] == "không còn"
        assert [hit["id"] for hit in searcher.search(QueryParser("text", stock.schema).parse("bão AND bờ"))] == ["n1"]
        assert [hit["id"] for hit in searcher.search(QueryParser("folded", stock.schema).parse("bão"))] == ["n1"]


def test_whoosh_itself_cannot_write(filled: EmbeddedEngine) -> None:
    from whoosh import index

    stock = index.open_dir(str(filled.index_dir / filled.stats().generation))
    writer = stock.writer()
    with pytest.raises(NewsSearchError, match="not write") as caught:
        writer.add_document(text="bão")
    assert "newssearch add" in caught.value.hint
    writer.cancel()
    with pytest.raises(NewsSearchError, match="not write"):
        stock.optimize()
    assert len(ids(filled)) == 12
