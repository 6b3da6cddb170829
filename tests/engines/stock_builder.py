"""Segments in Whoosh's stock codec (W3), fed with ready tokens, and beside them what that codec is bad at.

Beside W3's own files a segment MAIN_x has
- MAIN_x.terms.npz: for each field its terms, document frequencies, and where in MAIN_x.pst the postings of each begin;
- MAIN_x.docs.npz: exact lengths, bounds of the parts, dates, columns, ids, origins, and where in MAIN_x.stored each article begins;
- MAIN_x.stored: the articles, one zstd frame each;
- MAIN_x.manifest.json: names, sizes and checksums of all of these.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import W3Codec, W3Segment
from whoosh.filedb.filestore import FileStorage

from newssearch.engines.embedded.manifest import Manifest, seal_segment
from newssearch.engines.embedded.schema import whoosh_schema
from newssearch.engines.embedded.segment_files import STOCK_CODEC
from newssearch.engines.embedded.source import UNDATED
from newssearch.engines.embedded.stock_source import COLUMNS, FILED, POSITIONAL
from newssearch.engines.embedded.stored import pack_article
from newssearch.engines.embedded.strings import Strings, encode
from newssearch.engines.embedded.toc import INDEX_NAME
from newssearch.fields import INDEXED_FIELDS, Analysed, FieldTokens
from newssearch.identity import host_of
from newssearch.vietnamese.fold import fold


@dataclass(frozen=True, slots=True)
class _Inverted:
    """The rows of one field in term order: those of posting p, which is term[p] in document[p], are rows bounds[p]:bounds[p + 1]."""

    terms: Strings
    term: NDArray[np.int64]
    document: NDArray[np.int64]
    bounds: NDArray[np.int64]
    position: NDArray[np.int32]


class _Files(FileStorage):  # type: ignore[misc]
    """Whoosh's storage over a folder, which closes what its writers leave open when the disk is full."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._created: list[Any] = []

    def create_file(self, name: str, **options: Any) -> Any:
        file = super().create_file(name, **options)
        self._created.append(file)
        return file

    def temp_storage(self, name: str | None = None) -> _Files:
        return self

    def close_all(self) -> None:
        for file in self._created:
            # What could not be written has been reported by then.
            with contextlib.suppress(OSError):
                file.file.close()


class StockBuilder:
    """Collects analysed batches in memory and writes them as one segment."""

    def __init__(self) -> None:
        self.documents = 0
        """articles added, dropped ones included"""
        self.rows = 0
        """tokens held: what `rebuild` bounds its memory by"""
        self._dropped: set[int] = set()
        self._tokens: dict[str, list[tuple[int, FieldTokens]]] = {name: [] for name in INDEXED_FIELDS}
        self._parts: list[NDArray[np.int32]] = []
        self._keys: list[tuple[str, ...]] = []
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._origins: list[str] = []
        self._published: list[int] = []
        self._columns: list[tuple[str, ...]] = []
        self._stored: list[bytes] = []
        self._compressor = zstandard.ZstdCompressor(level=3)

    def add(self, analysed: Analysed) -> int:
        """Take a batch and return the number of its first article in this segment, as `drop` wants it."""
        first = self.documents
        for name in INDEXED_FIELDS:
            self._tokens[name].append((first, analysed.fields[name]))
            self.rows += len(analysed.fields[name].term)
        self._parts.append(analysed.parts)
        self._keys.extend(analysed.keys)
        self._origins.extend(analysed.origins)
        for article in analysed.articles:
            self._ids.append(article.id)
            self._titles.append(article.title)
            self._published.append(int(article.published.timestamp() // 1) if article.published else UNDATED)
            self._columns.append((article.source, host_of(article.url), article.section, article.author, article.kind))
            self._stored.append(pack_article(article, self._compressor))
        self.documents += len(analysed.articles)
        return first

    def drop(self, document: int) -> None:
        """Leave an article out: another one took its id."""
        self._dropped.add(document)

    def ids(self) -> list[str]:
        """The ids of the articles that will be written, in order."""
        return [id for number, id in enumerate(self._ids) if number not in self._dropped]

    def write(self, folder: Path) -> tuple[W3Segment, Manifest]:
        """Write the segment's files, synced, and return it with its manifest. At least one article must be left."""
        alive = np.ones(self.documents, np.bool_)
        alive[list(self._dropped)] = False
        number = np.cumsum(alive) - 1
        kept = np.flatnonzero(alive).tolist()
        inverted = {name: _invert(self._tokens[name], alive, number) for name in INDEXED_FIELDS}
        inverted["key"] = _invert_names([self._keys[d] for d in kept])
        inverted["id"] = _invert_names([(self._ids[d],) for d in kept])
        lengths = np.stack([_lengths(inverted[name], len(kept)) for name in INDEXED_FIELDS])

        storage = _Files(str(folder))
        segment = W3Codec().new_segment(storage, INDEX_NAME)
        prefix = str(folder / segment.segment_id())
        try:
            self._write_documents(storage, segment, kept, lengths)
            _write_fields(storage, segment, inverted, lengths, prefix)
        finally:
            storage.close_all()
        self._write_docs(prefix, kept, lengths)
        segment.set_doc_count(len(kept))
        # A plain dictionary: a table of contents names no class that it does not need.
        segment._fieldlengths = dict(segment._fieldlengths)
        return segment, seal_segment(folder, segment.segment_id(), STOCK_CODEC, len(kept))

    def _write_documents(
        self, storage: _Files, segment: W3Segment, kept: Sequence[int], lengths: NDArray[np.int32]
    ) -> None:
        """Whoosh's own side of documents: lengths as bytes, and id and title as stored fields."""
        schema = whoosh_schema()
        writer = segment.codec().per_document_writer(storage, segment)
        for number, (document, of_document) in enumerate(zip(kept, lengths.T.tolist(), strict=True)):
            writer.start_doc(number)
            writer.add_field("id", schema["id"], self._ids[document], 0)
            for name, length in zip(INDEXED_FIELDS, of_document, strict=True):
                writer.add_field(name, schema[name], self._titles[document] if name == "title" else None, length)
            writer.finish_doc()
        writer.close()

    def _write_docs(self, prefix: str, kept: Sequence[int], lengths: NDArray[np.int32]) -> None:
        stored_at = np.zeros(len(kept) + 1, np.int64)
        with open(f"{prefix}.stored", "wb") as file:
            for number, document in enumerate(kept):
                file.write(self._stored[document])
                stored_at[number + 1] = file.tell()
        arrays: dict[str, Any] = {
            "lengths": lengths,
            "parts": np.concatenate(self._parts)[kept].astype(np.int32),
            "published": np.array(self._published, np.int64)[kept],
            "stored_at": stored_at,
        }
        columns: dict[str, list[str]] = {name: [self._columns[d][i] for d in kept] for i, name in enumerate(COLUMNS)}
        for name, texts in (*columns.items(), ("origin", [self._origins[d] for d in kept])):
            codes: dict[str, int] = {"": 0}
            arrays[f"{name}_codes"] = np.fromiter(
                (codes.setdefault(t, len(codes)) for t in texts), np.int32, len(texts)
            )
            arrays |= Strings.of([encode(value) for value in codes]).arrays(name)
        arrays |= Strings.of([encode(self._ids[d]) for d in kept]).arrays("ids")
        np.savez(f"{prefix}.docs.npz", **arrays)


def _invert(
    batches: Sequence[tuple[int, FieldTokens]], alive: NDArray[np.bool_], number: NDArray[np.int64]
) -> _Inverted:
    """Sort the rows of all batches by (term, document, position), without the documents that were dropped."""
    seen: dict[str, int] = {}
    term_parts, document_parts, position_parts = [], [], []
    for first, tokens in batches:
        renumber = np.fromiter((seen.setdefault(t, len(seen)) for t in tokens.terms), np.int64, len(tokens.terms))
        document = tokens.document.astype(np.int64) + first
        rows = alive[document]
        term_parts.append(renumber[tokens.term[rows]])
        document_parts.append(number[document[rows]])
        position_parts.append(tokens.position[rows])
    term = np.concatenate([np.zeros(0, np.int64), *term_parts])
    document = np.concatenate([np.zeros(0, np.int64), *document_parts])
    position = np.concatenate([np.zeros(0, np.int32), *position_parts])
    used = np.zeros(len(seen), np.bool_)
    used[term] = True
    encoded = [encode(t) for t in seen]
    by_bytes = sorted(np.flatnonzero(used).tolist(), key=encoded.__getitem__)
    rank = np.zeros(len(seen), np.int64)
    rank[by_bytes] = np.arange(len(by_bytes))
    term = rank[term]
    # Rows come in order of (document, position), and a stable sort keeps that within a term.
    order = np.argsort(term, kind="stable")
    return _group(Strings.of([encoded[t] for t in by_bytes]), term[order], document[order], position[order])


def _invert_names(names: Sequence[Sequence[str]]) -> _Inverted:
    """Postings of whole values: names[d] are those of document d."""
    pairs = sorted({(encode(name), document) for document, of_document in enumerate(names) for name in of_document})
    terms = list(dict.fromkeys(name for name, _ in pairs))
    rank = {name: number for number, name in enumerate(terms)}
    term = np.fromiter((rank[name] for name, _ in pairs), np.int64, len(pairs))
    document = np.fromiter((document for _, document in pairs), np.int64, len(pairs))
    return _group(Strings.of(terms), term, document, np.zeros(len(pairs), np.int32))


def _group(
    terms: Strings, term: NDArray[np.int64], document: NDArray[np.int64], position: NDArray[np.int32]
) -> _Inverted:
    begins = np.flatnonzero(np.diff(term, prepend=-1) | np.diff(document, prepend=-1))
    return _Inverted(terms, term[begins], document[begins], np.append(begins, len(term)), position)


def _lengths(field: _Inverted, documents: int) -> NDArray[np.int32]:
    return np.bincount(field.document, np.diff(field.bounds), minlength=documents).astype(np.int32)


def _write_fields(
    storage: _Files, segment: W3Segment, inverted: dict[str, _Inverted], lengths: NDArray[np.int32], prefix: str
) -> None:
    """Write the postings in W3's format and, beside them, where those of each term lie."""
    schema = whoosh_schema()
    writer = segment.codec().field_writer(storage, segment)
    arrays: dict[str, Any] = {}
    for name in FILED:
        field = inverted[name]
        frequency = np.diff(field.bounds)
        values = _values(name, field, frequency)
        length = (
            lengths[INDEXED_FIELDS.index(name)][field.document].tolist()
            if name in INDEXED_FIELDS
            else [0] * len(frequency)
        )
        documents, frequencies = field.document.tolist(), frequency.tolist()
        first = np.searchsorted(field.term, np.arange(len(field.terms) + 1)).tolist()
        at = [writer._postfile.tell()]
        writer.start_field(name, schema[name])
        for number in range(len(field.terms)):
            writer.start_term(encode(field.terms[number]))
            for p in range(first[number], first[number + 1]):
                writer.add(documents[p], frequencies[p], values[p], length[p])
            writer.finish_term()
            at.append(writer._postfile.tell())
        writer.finish_field()
        arrays |= field.terms.arrays(name)
        arrays[f"{name}_at"] = np.array(at, np.int64)
        arrays[f"{name}_df"] = np.diff(first).astype(np.int32)
    writer.close()
    folded = inverted["folded"].terms
    texts = inverted["text"].terms
    arrays["text_folded"] = np.fromiter((folded.find(fold(text)) for text in texts), np.int32, len(texts))
    np.savez(f"{prefix}.terms.npz", **arrays)


def _values(name: str, field: _Inverted, frequency: NDArray[np.int64]) -> Sequence[bytes]:
    """What W3 keeps with each posting: packed positions, the frequency, or nothing."""
    if name in POSITIONAL:
        packed = field.position.astype("<i4").tobytes()
        bounds = (field.bounds * 4).tolist()
        return [packed[bounds[p] : bounds[p + 1]] for p in range(len(frequency))]
    if name in INDEXED_FIELDS:
        return [struct.pack("!I", f) for f in frequency.tolist()]
    return [b""] * len(frequency)
