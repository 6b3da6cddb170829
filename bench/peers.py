"""The peers: each says what it does, builds its index as a process of its own, and answers questions in this one.

    python -m bench.peers NAME ARTICLES.jsonl TARGET
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from .corpus import Record, rows_of, text_of
from .processes import COMMITTED, STARTED
from .questions import Asked

_BATCH = 500
_HEAP = 256_000_000
_TEXT = "text"

Texts = Iterable[tuple[str, str]]
"""(id, text as the engine is to index it)"""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a peer does, so that a comparison can be judged."""

    tokens: str
    positions: str
    stored: str
    threads: str
    builds: Callable[[Path, Path], None]


class Peer(Protocol):
    """An open index of a peer."""

    def answer(self, asked: Asked, *, snippets: bool = True, limit: int = 10) -> list[str]:
        """The ids of the best articles, best first, with a snippet of each made (and thrown away) if `snippets`."""

    def close(self) -> None:
        """Let go of the index."""


# What is indexed


def _plain(source: Path) -> Texts:
    return ((row["id"], text_of(row)) for row in rows_of(source))


def _batched(source: Path) -> Iterator[list[Record]]:
    rows = iter(rows_of(source))
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _segmented(source: Path) -> Texts:
    for batch in _batched(source):
        yield from _segment_batch(batch)


def _segmented_by_two(source: Path) -> Texts:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for batch in pool.imap(_segment_batch, _batched(source)):
            yield from batch


def _segment_batch(batch: Sequence[Record]) -> list[tuple[str, str]]:
    from newssearch.vietnamese.segment import tokenize_many

    return [(row["id"], text) for row, text in zip(batch, tokenize_many([text_of(row) for row in batch]), strict=True)]


def _segmented_by_pyvi(source: Path) -> Texts:
    with warnings.catch_warnings():  # an estimator pickled by an older scikit-learn
        warnings.simplefilter("ignore")
        from pyvi import ViTokenizer

    print(STARTED, flush=True)
    return ((row["id"], ViTokenizer.tokenize(text_of(row))) for row in rows_of(source))


# tantivy


class Tantivy:
    """An index of tantivy: an id and one field `text`, both stored; BM25."""

    def __init__(self, path: Path, analyzer: str = "syllables") -> None:
        import tantivy

        path.mkdir(parents=True, exist_ok=True)
        schema = tantivy.SchemaBuilder()
        schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
        schema.add_text_field(_TEXT, stored=True, tokenizer_name=analyzer, index_option="position")
        self._analyzer = analyzer
        self._schema = schema.build()
        self._tantivy: Any = tantivy
        self.index = tantivy.Index(self._schema, path=str(path))
        self.index.register_tokenizer(analyzer, self._analysis())
        self._searcher = self.index.searcher()

    def _analysis(self) -> Any:
        t = self._tantivy
        tokenizer = t.Tokenizer.whitespace() if self._analyzer == "words" else t.Tokenizer.simple()
        builder = t.TextAnalyzerBuilder(tokenizer).filter(t.Filter.lowercase())
        return (builder.filter(t.Filter.ascii_fold()) if self._analyzer == "folded" else builder).build()

    def write(self, texts: Texts, committed: Callable[[], None] = lambda: None) -> None:
        """Add texts with two threads, commit, and wait for merges."""
        writer = self.index.writer(_HEAP, 2)
        for id, text in texts:
            writer.add_document(self._tantivy.Document(id=id, text=text))
        writer.commit()
        committed()
        writer.wait_merging_threads()

    def adder(self) -> Callable[[Sequence[tuple[str, str]]], None]:
        """A function that adds texts through one open writer and makes them durable and visible."""
        writer = self.index.writer(_HEAP, 2)

        def add(texts: Sequence[tuple[str, str]]) -> None:
            for id, text in texts:
                writer.add_document(self._tantivy.Document(id=id, text=text))
            writer.commit()
            self.index.reload()
            self._searcher = self.index.searcher()

        return add

    def answer(self, asked: Asked, *, snippets: bool = True, limit: int = 10) -> list[str]:
        """The ids of the best articles; `SnippetGenerator` makes the snippets."""
        query = self._query(asked)
        searcher = self._searcher
        hits = searcher.search(query, limit, count=True).hits
        documents = [searcher.doc(address) for _, address in hits]
        if snippets:
            generator = self._tantivy.SnippetGenerator.create(searcher, query, self._schema, _TEXT)
            for document in documents:
                generator.snippet_from_doc(document).to_html()
        return [document.get_first("id") for document in documents]

    def _query(self, asked: Asked) -> Any:
        query, schema = self._tantivy.Query, self._schema
        words = segmented(asked.words) if self._analyzer == "words" else asked.words
        if asked.kind == "prefix":
            return query.regex_query(schema, _TEXT, f"{words[0]}.*")
        if asked.kind == "phrase" and len(words) > 1:
            return query.phrase_query(schema, _TEXT, list(words))
        occur = self._tantivy.Occur.Must if asked.kind == "and" else self._tantivy.Occur.Should
        return query.boolean_query([(occur, query.term_query(schema, _TEXT, word)) for word in words])

    def close(self) -> None:
        """Let go of the index."""
        self._searcher = None
        self.index = None


def segmented(words: Sequence[str]) -> list[str]:
    """Words of the segmenter in a run of syllables."""
    from newssearch.vietnamese.segment import tokenize

    return tokenize(" ".join(words)).lower().split()


def _tantivy_build(texts: Callable[[Path], Texts], analyzer: str) -> Callable[[Path, Path], None]:
    return lambda source, target: Tantivy(target, analyzer).write(texts(source), _committed)


# SQLite FTS5


class Fts5:
    """An FTS5 table of id and text (stored), BM25 by `rank`, `snippet()`."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path / "fts5.db")
        self._database.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS articles USING fts5(id UNINDEXED, text, tokenize='unicode61 remove_diacritics 0')"
        )

    def write(self, texts: Texts) -> None:
        """Add texts in one transaction."""
        with self._database:
            self._database.executemany("INSERT INTO articles VALUES (?, ?)", texts)

    def answer(self, asked: Asked, *, snippets: bool = True, limit: int = 10) -> list[str]:
        """The ids of the best articles."""
        quoted = [f'"{word}"' for word in asked.words]
        match = {"and": " AND ", "phrase": " + "}.get(asked.kind, " OR ").join(quoted) + ("*" if asked.kind == "prefix" else "")
        cut = "snippet(articles, 1, '[', ']', '…', 40)" if snippets else "NULL"
        found = self._database.execute(f"SELECT id, {cut} FROM articles WHERE articles MATCH ? ORDER BY rank LIMIT ?", (match, limit))
        return [id for id, _ in found]

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _fts5_build(source: Path, target: Path) -> None:
    fts5 = Fts5(target)
    fts5.write(_plain(source))
    _committed()
    fts5.close()


# Whoosh


class Whoosh:
    """A stock index of Whoosh (W3 codec) over words of the segmenter, stock searcher, BM25F."""

    def __init__(self, path: Path) -> None:
        from whoosh import index

        self._index = index.open_dir(str(path))
        self._searcher = self._index.searcher()

    def answer(self, asked: Asked, *, snippets: bool = True, limit: int = 10) -> list[str]:
        """The ids of the best articles; its own `highlights` makes the snippets."""
        from whoosh import query

        words = segmented(asked.words)
        if asked.kind == "prefix":
            asked_of_whoosh = query.Prefix(_TEXT, words[0])
        elif asked.kind == "phrase":
            asked_of_whoosh = query.Phrase(_TEXT, words) if len(words) > 1 else query.Term(_TEXT, words[0])
        else:
            asked_of_whoosh = (query.And if asked.kind == "and" else query.Or)([query.Term(_TEXT, word) for word in words])
        results = self._searcher.search(asked_of_whoosh, limit=limit)
        if snippets:
            for hit in results:
                hit.highlights(_TEXT)
        return [hit["id"] for hit in results]

    def close(self) -> None:
        """Close searcher and index."""
        self._searcher.close()
        self._index.close()


def _whoosh_build(texts: Callable[[Path], Texts]) -> Callable[[Path, Path], None]:
    def build(source: Path, target: Path) -> None:
        from whoosh import analysis, fields, index

        words = analysis.RegexTokenizer(r"\S+") | analysis.LowercaseFilter()
        schema = fields.Schema(id=fields.ID(stored=True), text=fields.TEXT(analyzer=words, stored=True, phrase=True))
        target.mkdir(parents=True)
        writer = index.create_in(str(target), schema).writer(limitmb=256)
        for id, text in texts(source):
            writer.add_document(id=id, text=text)
        writer.commit()
        _committed()

    return build


_SYLLABLES = "letters and digits in a row (its simple tokenizer), lower-case"
_WORDS = "words and marks of the segmenter (white space tokenizer), lower-case"

PEERS: dict[str, Declared] = {
    "tantivy": Declared(_SYLLABLES, "yes", "id and text", "2 writing, 1 searching", _tantivy_build(_plain, "syllables")),
    "tantivy-folded": Declared(_SYLLABLES + ", accents folded", "yes", "id and text", "2 writing, 1 searching", _tantivy_build(_plain, "folded")),
    "tantivy-words": Declared(_WORDS + "; newssearch's segmenter", "yes", "id and segmented text", "1 segmenting, 2 writing", _tantivy_build(_segmented, "words")),
    "tantivy-words-2": Declared(_WORDS + "; newssearch's segmenter", "yes", "id and segmented text", "2 processes segmenting, 2 threads writing", _tantivy_build(_segmented_by_two, "words")),
    "tantivy-pyvi": Declared(_WORDS + "; pyvi", "yes", "id and segmented text", "1 segmenting, 2 writing", _tantivy_build(_segmented_by_pyvi, "words")),
    "fts5": Declared("unicode61 without remove_diacritics", "yes", "id and text", "1", _fts5_build),
    "whoosh": Declared(_WORDS + "; newssearch's segmenter", "yes", "id and segmented text", "1", _whoosh_build(_segmented)),
    "whoosh-pyvi": Declared(_WORDS + "; pyvi", "yes", "id and segmented text", "1", _whoosh_build(_segmented_by_pyvi)),
}


def open_peer(name: str, path: Path) -> Peer:
    """The index that a peer built at `path`, open."""
    if name.startswith("tantivy"):
        analyzer = {"tantivy": "syllables", "tantivy-folded": "folded"}.get(name, "words")
        return Tantivy(path, analyzer)
    return Fts5(path) if name == "fts5" else Whoosh(path)


def _committed() -> None:
    print(COMMITTED, flush=True)


if __name__ == "__main__":
    PEERS[sys.argv[1]].builds(Path(sys.argv[2]), Path(sys.argv[3]))
