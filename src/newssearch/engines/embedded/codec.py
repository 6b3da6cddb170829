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

from ...errors import NewsSearchError
from ...fields import INDEXED_FIELDS
from .arrays.segment import ArraySegment
from .segment_entry import SegmentEntry, restored_entry


def restored_segment(version: int, said: dict[str, Any]) -> ArrayCodecSegment:
    """Return the segment that was pickled. Raises IndexOutdated for what a later version wrote."""
    entry = restored_entry(version, said)
    segment = ArrayCodecSegment(entry.indexname, entry.doc_count_all(), entry.segid)
    segment.delete_many(np.fromiter(entry.deleted_docs(), np.int64))
    return segment


class ArrayCodecSegment(SegmentEntry, Segment):  # type: ignore[misc]
    """The same entry as Whoosh wants it: it names its codec."""

    def __init__(self, indexname: str, documents: int = 0, segid: str | None = None) -> None:
        Segment.__init__(self, indexname)
        SegmentEntry.__init__(self, indexname, documents, segid or self.segid)

    def codec(self) -> ArrayCodec:
        """The codec that reads it."""
        return ArrayCodec()

    def should_assemble(self) -> bool:
        """Never: in a compound file the arrays would not be aligned."""
        return False


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
