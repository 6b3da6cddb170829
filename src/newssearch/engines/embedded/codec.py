"""Whoosh's codec over our arrays, for reading: `whoosh.index.open_dir` opens the index and stock searchers answer on it.

Tables of contents pickle their segments by the name of this module: `newssearch.engines.embedded.codec.restored_segment` stays for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Codec, PerDocumentReader, Segment, TermsReader

from ...errors import IndexOutdated, NewsSearchError
from ...fields import INDEXED_FIELDS
from .arrays.segment import ArraySegment

SEGMENT_VERSION = 1


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

    def terms_reader(self, storage: Any, segment: Segment) -> TermsReader:
        """What looks terms up."""
        # Imported late, with Whoosh's matchers: our own queries need neither.
        from .codec_terms import ArrayTermsReader

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
