"""A segment as a table of contents lists it, readable without Whoosh: a query needs no more, and Whoosh takes 30 ms to import."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import IndexOutdated

SEGMENT_VERSION = 1


def restored_entry(version: int, said: dict[str, Any]) -> SegmentEntry:
    """Return the segment that was pickled. Raises IndexOutdated for what a later version wrote."""
    if version != SEGMENT_VERSION:
        raise IndexOutdated(
            f"The index lists segments of version {version}; this version reads {SEGMENT_VERSION}.",
            "newssearch rebuild-index",
        )
    segment = SegmentEntry(str(said["index"]), int(said["documents"]), str(said["id"]))
    if said["packed"]:
        bits = np.unpackbits(np.frombuffer(said["deleted"], np.uint8), bitorder="little")
        segment.delete_many(np.flatnonzero(bits))
    else:
        segment.delete_many(np.frombuffer(said["deleted"], "<u4"))
    return segment


class SegmentEntry:
    """Which files, how many documents, and which of them are deleted: the methods of Whoosh's `Segment` that tell it."""

    def __init__(self, indexname: str, documents: int, segid: str) -> None:
        self.indexname = indexname
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
        # Written under the name that Whoosh can load; imported late, with Whoosh: a query needs neither.
        from .codec import restored_segment

        return restored_segment, (SEGMENT_VERSION, said)

    def segment_id(self) -> str:
        """The name that the segment's files begin with: MAIN_abc."""
        return f"{self.indexname}_{self.segid}"

    def set_doc_count(self, doccount: int) -> None:
        """Say how many documents were written."""
        self._documents = doccount

    def doc_count_all(self) -> int:
        """The number of documents, deleted ones too."""
        return self._documents

    def doc_count(self) -> int:
        """The number of documents that are not deleted."""
        return self._documents - len(self._deleted)

    def deleted_count(self) -> int:
        """The number of deleted documents."""
        return len(self._deleted)

    def has_deletions(self) -> bool:
        """Whether any document is deleted."""
        return bool(self._deleted)

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
