"""Whoosh's codec over our arrays, for reading: `whoosh.index.open_dir` opens the index and stock searchers answer on it.

Tables of contents pickle their segments by the name of this module: `newssearch.engines.embedded.codec.restored_segment` stays for ever.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Codec, EmptyCursor, FieldCursor, PerDocumentReader, Segment, TermsReader
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from ...errors import IndexOutdated, NewsSearchError
from ...fields import INDEXED_FIELDS
from .arrays.segment import ArraySegment

SEGMENT_VERSION = 1
READ_FIELDS: tuple[str, ...] = ("folded", "id", "key", "text", "title", "word")
"""what Whoosh sees, in the order of the terms; the terms of `key` are kept as hashes: they can be looked up, not listed"""
_BLOCK = 128
"""postings that share the bounds by which stock searchers skip"""


def restored_segment(version: int, said: dict[str, Any]) -> ArrayCodecSegment:
    """Return the segment that was pickled. Raises IndexOutdated for what a later version wrote."""
    if version != SEGMENT_VERSION:
        raise IndexOutdated(
            f"The index lists segments of version {version}; this version reads {SEGMENT_VERSION}.",
            "newssearch rebuild-index",
        )
    segment = ArrayCodecSegment(str(said["index"]), int(said["documents"]), str(said["id"]))
    if said["packed"]:
        bits = np.unpackbits(np.frombuffer(said["deleted"], np.uint8), bitorder="little")
        segment.delete_many(np.flatnonzero(bits))
    else:
        segment.delete_many(np.frombuffer(said["deleted"], "<u4"))
    return segment


class ArrayCodecSegment(Segment):  # type: ignore[misc]
    """A segment in a table of contents: which files, how many documents, and which of them are deleted."""

    def __init__(self, indexname: str, documents: int = 0, segid: str | None = None) -> None:
        super().__init__(indexname)
        if segid:
            self.segid = segid
        self._documents = documents
        self._deleted: set[int] = set()

    def __reduce__(self) -> tuple[Any, ...]:
        # A bit a document where that is less than four bytes a deleted one.
        packed = 32 * len(self._deleted) > self._documents
        mask = self.deleted_mask()
        deleted = (
            np.packbits(mask, bitorder="little")
            if packed and mask is not None
            else np.array(sorted(self._deleted), "<u4")
        )
        said = {
            "index": self.indexname,
            "id": self.segid,
            "documents": self._documents,
            "packed": packed,
            "deleted": deleted.tobytes(),
        }
        return restored_segment, (SEGMENT_VERSION, said)

    def codec(self) -> ArrayCodec:
        """The codec that reads it."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """Never: in a compound file the arrays would not be aligned."""
        return False

    def set_doc_count(self, doccount: int) -> None:
        """Say how many documents were written."""
        self._documents = doccount

    def doc_count_all(self) -> int:
        """The number of documents, deleted ones too."""
        return self._documents

    def deleted_count(self) -> int:
        """The number of deleted documents."""
        return len(self._deleted)

    def deleted_docs(self) -> Iterator[int]:
        """The deleted documents, ascending."""
        return iter(sorted(self._deleted))

    def deleted_mask(self) -> NDArray[np.bool_] | None:
        """[documents] True where deleted; None when nothing is."""
        if not self._deleted:
            return None
        mask = np.zeros(self._documents, np.bool_)
        mask[list(self._deleted)] = True
        return mask

    def delete_document(self, docnum: int, delete: bool = True) -> None:
        """Delete a document, or bring it back. Raises IndexError where there is none with this number."""
        if not 0 <= docnum < self._documents:
            raise IndexError(f"no document {docnum} in {self._documents}")
        if delete:
            self._deleted.add(docnum)
        else:
            self._deleted.discard(docnum)

    def delete_many(self, documents: NDArray[Any]) -> None:
        """Delete documents by number. Raises ValueError where there is none with such a number."""
        if len(documents) and int(documents.max()) >= self._documents:
            raise ValueError("documents are deleted that are not there")
        self._deleted.update(documents.tolist())

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return docnum in self._deleted


class ArrayCodec(Codec):  # type: ignore[misc]
    """Reads our segments for Whoosh; it does not write."""

    def terms_reader(self, storage: Any, segment: Segment) -> ArrayTermsReader:
        """What looks terms up."""
        return ArrayTermsReader(_opened(storage, segment))

    def per_document_reader(self, storage: Any, segment: Segment) -> ArrayDocumentReader:
        """What knows lengths and stored fields."""
        return ArrayDocumentReader(_opened(storage, segment), segment)

    def new_segment(self, storage: Any, indexname: str) -> ArrayCodecSegment:
        """A segment with a name of its own and nothing in it yet."""
        return ArrayCodecSegment(indexname)

    def per_document_writer(self, storage: Any, segment: Segment) -> NoReturn:
        """Refuse: raises NewsSearchError with the command to use."""
        _refuse()

    def field_writer(self, storage: Any, segment: Segment) -> NoReturn:
        """Refuse: raises NewsSearchError with the command to use."""
        _refuse()


def _refuse() -> NoReturn:
    raise NewsSearchError(
        "Whoosh can read this index but not write it.", "Use `newssearch add` or `newssearch.open_index(…)`."
    )


def _opened(storage: Any, segment: Segment) -> ArraySegment:
    return ArraySegment.open(Path(storage.folder), segment.segment_id())


class ArrayTermsReader(TermsReader):  # type: ignore[misc]
    """Terms and postings of a segment. Keys are (field, UTF-8), ascending."""

    def __init__(self, source: ArraySegment) -> None:
        self._source = source

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return bool(self.doc_frequency(*term))

    def indexed_field_names(self) -> tuple[str, ...]:
        """The fields that have terms."""
        return READ_FIELDS

    def count(self, field: str) -> int:
        """How many terms of a field can be listed."""
        if field == "id":
            return self._source.documents
        return len(self._source.field(field).terms) if field in INDEXED_FIELDS else 0

    def between(self, field: str, low: int, high: int) -> Iterator[bytes]:
        """The terms low to high − 1 of a field."""
        if field == "id":
            order = self._source.documents_by_id()
            return (_utf8(self._source.id(int(order[number]))) for number in range(low, high))
        return self._source.terms(field, low, high) if high > low else iter(())

    def place(self, field: str, key: bytes) -> int:
        """How many terms of a field come before `key`."""
        if field in INDEXED_FIELDS:
            return self._source.field(field).terms.lower_bound(key)
        low, high = 0, self.count(field)
        while low < high:
            middle = (low + high) // 2
            if next(self.between(field, middle, middle + 1)) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def terms(self) -> Iterator[tuple[str, bytes]]:
        """Every term that can be listed."""
        return self.terms_from("", b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Every term from (fieldname, prefix) on."""
        for field in READ_FIELDS:
            if field >= fieldname:
                low = self.place(field, prefix) if field == fieldname else 0
                yield from ((field, term) for term in self.between(field, low, self.count(field)))

    def items(self) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Every term with its figures."""
        return self.items_from("", b"")

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[tuple[str, bytes], TermInfo]]:
        """Every term from (fieldname, prefix) on, with its figures."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def cursor(self, fieldname: str, fieldobj: Any) -> FieldCursor:
        """A cursor over the terms of a field."""
        return ArrayCursor(self, fieldname, fieldobj) if fieldname in READ_FIELDS else EmptyCursor()

    def postings(self, fieldname: str, text: bytes) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p], freqs[p] of a term; empty for the unknown."""
        term = text.decode("utf-8", "surrogatepass")
        if fieldname in INDEXED_FIELDS:
            return self._source.postings(fieldname, term)
        docs = np.zeros(0, np.int32)
        if fieldname == "key":
            docs = self._source.documents_of_key(term)
        elif fieldname == "id":
            at = self.place("id", text)
            # Ids are unique but for documents that were replaced.
            numbers = self._source.documents_by_id()
            end = at
            while end < len(numbers) and self._source.id(int(numbers[end])) == term:
                end += 1
            docs = np.sort(numbers[at:end]).astype(np.int32)
        return docs, np.ones(len(docs), np.int32)

    def positions(self, fieldname: str, text: bytes, document: int) -> list[int]:
        """The positions of a term in a document that has it."""
        term = text.decode("utf-8", "surrogatepass")
        found: list[int] = self._source.positions(fieldname, term, np.array([document], np.int32))[1].tolist()
        return found

    def lengths(self, fieldname: str, docs: NDArray[np.int32]) -> NDArray[np.int32]:
        """[docs] the lengths of the field; 0 where it has none."""
        if fieldname not in INDEXED_FIELDS:
            return np.zeros(len(docs), np.int32)
        return self._source.lengths(fieldname)[docs]

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """The figures by which stock searchers weigh and skip. Raises TermNotFound."""
        docs, freqs = self.postings(fieldname, text)
        if not len(docs):
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        lengths = self.lengths(fieldname, docs)
        return TermInfo(
            weight=float(freqs.sum()),
            df=len(docs),
            minlength=int(lengths.min()),
            maxlength=int(lengths.max()),
            maxweight=float(freqs.max()),
            minid=int(docs[0]),
            maxid=int(docs[-1]),
        )

    def frequency(self, fieldname: str, text: bytes) -> float:
        """How often the term occurs; 0 for the unknown, for Whoosh does not catch TermNotFound here."""
        return float(self.postings(fieldname, text)[1].sum())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """The number of documents with the term; 0 for the unknown."""
        if fieldname in INDEXED_FIELDS:
            return self._source.document_frequency(fieldname, text.decode("utf-8", "surrogatepass"))
        return len(self.postings(fieldname, text)[0])

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> ArrayMatcher:
        """A matcher over the postings of a term. Raises TermNotFound."""
        docs, freqs = self.postings(fieldname, text)
        if not len(docs):
            raise TermNotFound(f"No term {fieldname}:{text!r}")
        return ArrayMatcher(self, (fieldname, text), docs, freqs, format_, scorer)

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


class ArrayCursor(FieldCursor):  # type: ignore[misc]
    """Walks the terms of one field."""

    def __init__(self, reader: ArrayTermsReader, fieldname: str, fieldobj: Any) -> None:
        self._reader = reader
        self._field = fieldname
        self._fieldobj = fieldobj
        self._count = reader.count(fieldname)
        self._at = 0

    def first(self) -> str | None:
        """Go to the first term and return it."""
        self._at = 0
        return self.text()

    def find(self, string: str | bytes) -> str | None:
        """Go to the first term from `string` on and return it."""
        key = string if isinstance(string, bytes) else self._fieldobj.to_bytes(string)
        self._at = self._reader.place(self._field, key)
        return self.text()

    def next(self) -> str | None:
        """Go to the next term and return it."""
        self._at += 1
        return self.text()

    def _bytes(self) -> bytes | None:
        return next(self._reader.between(self._field, self._at, self._at + 1)) if self.is_valid() else None

    def text(self) -> str | None:
        """The present term, None behind the last."""
        term = self._bytes()
        return None if term is None else self._fieldobj.from_bytes(term)

    def term_info(self) -> TermInfo | None:
        """The figures of the present term."""
        term = self._bytes()
        return None if term is None else self._reader.term_info(self._field, term)

    def is_valid(self) -> bool:
        """Whether there is a present term."""
        return self._at < self._count


class ArrayMatcher(LeafMatcher):  # type: ignore[misc]
    """Walks the postings of a term, in blocks whose bounds let stock searchers skip."""

    def __init__(
        self,
        reader: ArrayTermsReader,
        term: tuple[str, bytes],
        docs: NDArray[np.int32],
        freqs: NDArray[np.int32],
        format_: Any,
        scorer: Any,
    ) -> None:
        self.format = format_
        self.scorer = scorer
        self._reader = reader
        self._term = term
        self._docs = docs
        self._freqs = freqs
        self._i = 0
        self._bounds: tuple[list[float], list[int], list[int]] | None = None

    def is_active(self) -> bool:
        """Whether there is a present posting."""
        return self._i < len(self._docs)

    def reset(self) -> None:
        """Go to the first posting."""
        self._i = 0

    def copy(self) -> ArrayMatcher:
        """The same matcher, to be moved by itself."""
        other = ArrayMatcher(self._reader, self._term, self._docs, self._freqs, self.format, self.scorer)
        other._i, other._bounds = self._i, self._bounds
        return other

    def id(self) -> int:
        """The present document; the last one when all is read, for Whoosh's AndNot asks then too."""
        return int(self._docs[min(self._i, len(self._docs) - 1)])

    def all_ids(self) -> Iterator[int]:
        """The documents from the present one on."""
        return iter(self._docs[self._i :].tolist())

    def next(self) -> bool:
        """Go to the next posting; returns whether a new block begins."""
        if not self.is_active():
            raise ReadTooFar
        self._i += 1
        return self._i % _BLOCK == 0

    def skip_to(self, targetid: int) -> None:
        """Go to the first posting from `targetid` on."""
        if not self.is_active():
            raise ReadTooFar
        if targetid > self._docs[self._i]:
            self._i += int(np.searchsorted(self._docs[self._i :], targetid))

    def skip_to_quality(self, minquality: float) -> int:
        """Leave out blocks that cannot exceed `minquality`; returns how many."""
        skipped = 0
        while self.is_active() and self.block_quality() <= minquality:
            self._i = (self._i // _BLOCK + 1) * _BLOCK
            skipped += 1
        return skipped

    def weight(self) -> float:
        """The frequency in the present document."""
        return float(self._freqs[self._i])

    def _block(self, which: int) -> Any:
        if self._bounds is None:
            begins = np.arange(0, len(self._docs), _BLOCK)
            lengths = self._reader.lengths(self._term[0], self._docs)
            self._bounds = (
                np.maximum.reduceat(self._freqs, begins).astype(float).tolist(),
                np.minimum.reduceat(lengths, begins).tolist(),
                np.maximum.reduceat(lengths, begins).tolist(),
            )
        # Whoosh asks for the last block's bounds when all is read.
        return self._bounds[which][min(self._i, len(self._docs) - 1) // _BLOCK]

    def block_max_weight(self) -> float:
        """The highest frequency of the block."""
        return float(self._block(0))

    def block_min_length(self) -> int:
        """The length of the shortest document of the block."""
        return int(self._block(1))

    def block_max_length(self) -> int:
        """The length of the longest document of the block."""
        return int(self._block(2))

    def value(self) -> bytes:
        """What the field's format would have encoded."""
        if self.supports("positions"):
            encoded: bytes = self.format.encode(self.value_as("positions"))
            return encoded
        return struct.pack("!I", int(self._freqs[self._i])) if self.supports("frequency") else b""

    def value_as(self, astype: str) -> Any:
        """Positions, frequency or weight of the present posting."""
        if astype == "positions":
            return self._reader.positions(*self._term, self.id())
        if astype in ("frequency", "weight"):
            return self.weight() if astype == "weight" else int(self._freqs[self._i])
        return super().value_as(astype)


class ArrayDocumentReader(PerDocumentReader):  # type: ignore[misc]
    """Lengths and stored fields of a segment's documents."""

    def __init__(self, source: ArraySegment, segment: Segment) -> None:
        self._source = source
        self._segment = segment

    def doc_count(self) -> int:
        """The number of documents that are not deleted."""
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        """The number of documents."""
        return self._source.documents

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._segment.has_deletions())

    def is_deleted(self, docnum: int) -> bool:
        """Whether a document is deleted."""
        return bool(self._segment.is_deleted(docnum))

    def deleted_docs(self) -> Iterator[int]:
        """The deleted documents."""
        found: Iterator[int] = self._segment.deleted_docs()
        return found

    def _lengths(self, fieldname: str) -> NDArray[np.int32]:
        return self._source.lengths(fieldname) if fieldname in INDEXED_FIELDS else np.zeros(1, np.int32)

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """The exact number of tokens of a field in a document."""
        return int(self._lengths(fieldname)[docnum]) if fieldname in INDEXED_FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """The number of tokens of a field in all documents."""
        return int(self._lengths(fieldname).sum(dtype=np.int64))

    def min_field_length(self, fieldname: str) -> int:
        """The least number of tokens."""
        return int(self._lengths(fieldname).min())

    def max_field_length(self, fieldname: str) -> int:
        """The greatest number of tokens."""
        return int(self._lengths(fieldname).max())

    def stored_fields(self, docnum: int) -> dict[str, str]:
        """`id` and `title` of a document."""
        article = self._source.article(docnum)
        return {"id": article.id, "title": article.title}

    def close(self) -> None:
        """Let go of the file."""
        self._source.close()
