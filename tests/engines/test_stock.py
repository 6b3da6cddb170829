"""A segment in the stock codec gives back the arrays that went in, whatever they are."""

from __future__ import annotations

import os
import pickle
import struct
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newssearch.engines.embedded.postings_cache import PostingsCache
from newssearch.engines.embedded.segment_files import OpenSegment, open_segment
from newssearch.engines.embedded.source import UNDATED
from newssearch.engines.embedded.stock_source import StockSource
from newssearch.errors import IndexDamaged
from newssearch.fields import INDEXED_FIELDS, Analysed, analyse
from newssearch.models import Article

from .build import analysed, article
from .stock_builder import StockBuilder

WORDS = st.lists(st.sampled_from(["bò", "bo", "bơ", "đà", "nẵng", "\U0001f600", "z", "the"]), max_size=12).map(" ".join)
ARTICLES = st.lists(st.tuples(WORDS, WORDS, st.lists(WORDS, max_size=2)), min_size=1, max_size=6)


def write(folder: Path, *batches: Analysed, dropped: tuple[int, ...] = ()) -> OpenSegment:
    builder = StockBuilder()
    for one in batches:
        builder.add(one)
    for document in dropped:
        builder.drop(document)
    segment, _ = builder.write(folder)
    return open_segment(folder, segment, PostingsCache())


def rows_of(one: Analysed, field: str, renumber: dict[int, int]) -> dict[str, dict[int, list[int]]]:
    """term -> document -> positions, the slow and obvious way."""
    tokens = one.fields[field]
    found: dict[str, dict[int, list[int]]] = {}
    for term, document, position in zip(tokens.term, tokens.document, tokens.position, strict=True):
        if int(document) in renumber:
            found.setdefault(tokens.terms[term], {}).setdefault(renumber[int(document)], []).append(int(position))
    return found


def assert_same(source: OpenSegment, one: Analysed, dropped: tuple[int, ...] = (), *, positions: bool = True) -> None:
    renumber = {old: new for new, old in enumerate(d for d in range(len(one.articles)) if d not in dropped)}
    assert source.documents == len(renumber)
    assert source.ids() == [one.articles[old].id for old in renumber]
    for field in INDEXED_FIELDS:
        expected = rows_of(one, field, renumber)
        assert source.prefixed(field, "") == sorted(expected, key=str.encode)
        lengths = [0] * source.documents
        for term, of_documents in expected.items():
            docs, freqs = source.postings(field, term)
            assert docs.tolist() == sorted(of_documents)
            assert freqs.tolist() == [len(of_documents[document]) for document in sorted(of_documents)]
            assert source.document_frequency(field, term) == len(of_documents)
            for document, at in of_documents.items():
                lengths[document] += len(at)
            if field in ("text", "title") and positions:
                asked = np.array([*docs[::2]], np.int32)
                bounds, flat = source.positions(field, term, asked)
                assert [flat[bounds[i] : bounds[i + 1]].tolist() for i in range(len(asked))] == [
                    of_documents[d] for d in asked.tolist()
                ]
        assert source.lengths(field).tolist() == lengths
    assert source.parts().tolist() == one.parts[list(renumber)].tolist()


@settings(max_examples=40, deadline=None)
@given(ARTICLES, st.sets(st.integers(0, 5)))
def test_every_array_comes_back(texts: list[tuple[str, str, list[str]]], drop: set[int]) -> None:
    articles = [Article(id=f"i{n}", title=t, body=b, captions=tuple(c)) for n, (t, b, c) in enumerate(texts)]
    dropped = tuple(sorted(d for d in drop if d < len(articles)))
    if len(dropped) == len(articles):
        dropped = dropped[1:]
    whole = analysed(articles)
    with tempfile.TemporaryDirectory() as folder:
        half = len(articles) // 2
        source = write(Path(folder), analysed(articles[:half]), analysed(articles[half:]), dropped=dropped)
        assert_same(source, whole, dropped)
        again = write(Path(folder), source.analysed())
        kept = [one for number, one in enumerate(articles) if number not in dropped]
        assert_same(again, analysed(kept))
        source.close()
        again.close()


def test_unknown_terms_have_empty_postings(tmp_path: Path) -> None:
    source = write(tmp_path, analysed([article("a", "bò")]))
    docs, freqs = source.postings("text", "gà")
    assert (len(docs), len(freqs)) == (0, 0)
    bounds, positions = source.positions("text", "gà", np.zeros(1, np.int32))
    assert (bounds.tolist(), len(positions)) == ([0, 0], 0)
    assert source.document_frequency("word", "gà") == 0
    assert source.spellings("ga") == []


def test_prefixes_and_spellings(tmp_path: Path) -> None:
    source = write(tmp_path, analysed([article("a", "phòng phong phóng pha đà", "phò")]))
    assert source.prefixed("text", "phò") == ["phò", "phòng"]
    assert source.prefixed("text", "q") == []
    assert source.prefixed("folded", "pho") == ["pho", "phong"]
    assert source.spellings("phong") == ["phong", "phòng", "phóng"]
    assert source.spellings("da") == ["đà"]


def test_columns_dates_and_keys(tmp_path: Path) -> None:
    when = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
    source = write(
        tmp_path,
        analysed(
            [article("a", url="https://www.bao.vn/1", source="Báo", published=when), article("b", section="Xã hội")],
            ["x", "y"],
        ),
    )
    assert source.published().tolist() == [-1, UNDATED]
    for name, expected in {
        "source": ["Báo", ""],
        "host": ["bao.vn", ""],
        "section": ["", "Xã hội"],
        "author": ["", ""],
        "kind": ["article"] * 2,
    }.items():
        codes, values = source.column(name)
        assert [values[code] for code in codes.tolist()] == expected
    assert source.documents_of_key("url:bao.vn/1").tolist() == [0]
    assert [source.origin(document) for document in range(2)] == ["x", "y"]
    assert source.id(1) == "b"


def test_a_masked_view_shares_what_it_reads(tmp_path: Path) -> None:
    source = write(tmp_path, analysed([article("a"), article("b")]))
    view = source.masked(np.array([True, False]))
    assert source.deleted is None
    assert view.deleted is not None
    assert view.deleted.tolist() == [True, False]
    assert view.ids() == ["a", "b"]
    assert source.masked(np.zeros(2, np.bool_)).deleted is None


def test_postings_that_carry_code_are_damage(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> object:
            return os.mkdir, (str(tmp_path / "was here"),)

    source = write(tmp_path, analysed([article("a", "bò")]))
    block = pickle.dumps(Evil(), 2)
    path = next(tmp_path.glob("MAIN_*.pst"))
    # The postings of the first term of the first field begin the file.
    first = source.prefixed("text", "")[0]
    path.write_bytes((b"W3Bl" + struct.pack("!i", -len(block)) + block).ljust(path.stat().st_size, b"."))
    with pytest.raises(IndexDamaged, match="no place"):
        StockSource(tmp_path, path.stem, PostingsCache()).postings("text", first)
    assert not (tmp_path / "was here").exists()


def test_what_the_real_analysis_makes_survives_a_merge(tmp_path: Path) -> None:
    articles = [
        Article(
            id="a",
            title="Mát-xcơ-va và COVID-19: 1.500 ca ngày 1/8/2014",
            lead="Hoà bình, thuỵ điển; xem https://bao.vn/tin-1?x=1.",
            body="Lực lượng an ninh bảo vệ tổ quốc. N’Jang, Đà Nẵng 22h30.",
            captions=("Ảnh 1", "Ảnh 2"),
        ),
        Article(id="b", title="Sầu riêng", url="https://bao.vn/b", aliases=("c",)),
    ]
    real = analyse(articles, ["x", "y"])
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    source = write(tmp_path / "1", real)
    assert_same(source, real)
    again = write(tmp_path / "2", source.analysed())
    assert_same(again, real)
    assert [again.documents_of_key(key).tolist() for key in ("id:a", "id:c", "url:bao.vn/b")] == [[0], [1], [1]]
    assert [again.article(document) for document in range(2)] == articles
    assert again.spellings("hoa") == source.spellings("hoa") == ["hòa"]
