"""What stock Whoosh reads terms and postings with, over our arrays."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import EmptyCursor, FieldCursor, TermsReader
from whoosh.matching.mcore import LeafMatcher, ReadTooFar
from whoosh.reading import TermInfo, TermNotFound

from ...fields import INDEXED_FIELDS
from .arrays.segment import ArraySegment

READ_FIELDS: tuple[str, ...] = ("folded", "id", "key", "text", "title", "word")
"""what Whoosh sees, in the order of the terms; the terms of `key` are kept as hashes: they can be looked up, not listed"""
_BLOCK = 128
"""postings that share the bounds by which stock searchers skip"""


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
