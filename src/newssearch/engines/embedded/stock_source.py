"""Reads a segment in Whoosh's stock codec back into numpy arrays; safe across threads, for nothing in it has a seek position."""

from __future__ import annotations

import copy
import io
import mmap
import pickle
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

from ...errors import IndexDamaged
from ...fields import INDEXED_FIELDS, Analysed, FieldTokens
from ...models import Article
from .postings_cache import PostingsCache
from .stored import unpack_article
from .strings import Strings
from .term_by_term import TermByTerm

COLUMNS: tuple[str, ...] = ("source", "host", "section", "author", "kind")
POSITIONAL: frozenset[str] = frozenset({"text", "title"})
FILED: tuple[str, ...] = (*INDEXED_FIELDS, "key", "id")

_NONE = np.zeros(0, np.int32)
_MAGIC = b"W3Bl"


class StockSource(TermByTerm):
    """A SegmentSource over the files of one stock segment, all opened at once."""

    def __init__(self, folder: Path, segment: str, cache: PostingsCache) -> None:
        self._name = segment
        self._folder = folder
        self._cache = cache
        self.deleted: NDArray[np.bool_] | None = None
        with self._damage():
            docs = _load(folder / f"{segment}.docs.npz")
            terms = _load(folder / f"{segment}.terms.npz")
            self._lengths: dict[str, NDArray[np.int32]] = dict(
                zip(INDEXED_FIELDS, docs["lengths"].astype(np.int32), strict=True)
            )
            self._parts = docs["parts"].astype(np.int32)
            self._published = docs["published"].astype(np.int64)
            self._stored_at = docs["stored_at"]
            self._ids = Strings.from_arrays(docs, "ids")
            self._columns: dict[str, tuple[NDArray[np.int32], list[str]]] = {
                name: (docs[f"{name}_codes"].astype(np.int32), list(Strings.from_arrays(docs, name)))
                for name in (*COLUMNS, "origin")
            }
            self._terms = {name: Strings.from_arrays(terms, name) for name in FILED}
            self._df = {name: terms[f"{name}_df"] for name in FILED}
            self._at = {name: terms[f"{name}_at"] for name in FILED}
            self._folded_of_text = terms["text_folded"]
            self._postings = _map(folder / f"{segment}.pst")
            self._stored = _map(folder / f"{segment}.stored")
        self.documents = len(self._ids)
        self._spellings: tuple[NDArray[np.int64], NDArray[np.int32]] | None = None

    def masked(self, deleted: NDArray[np.bool_] | None) -> StockSource:
        """Return the same segment with these documents deleted; files and caches are shared."""
        view = copy.copy(self)
        view.deleted = deleted if deleted is not None and deleted.any() else None
        return view

    @contextmanager
    def _damage(self) -> Iterator[None]:
        try:
            yield
        except (
            ValueError, KeyError, IndexError, EOFError, TypeError, OverflowError,
            zlib.error, zipfile.BadZipFile, pickle.UnpicklingError, zstandard.ZstdError,
        ) as error:  # fmt: skip
            raise IndexDamaged(
                f"The segment {self._name} of {self._folder} is damaged: {error or type(error).__name__}.",
                "Go back with `newssearch rollback`, or build anew with `newssearch rebuild-index`.",
            ) from error

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term; 0 for the unknown."""
        at = self._terms[field].find(term)
        return int(self._df[field][at]) if at >= 0 else 0

    def postings(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p] ascending, freqs[p]; two empty arrays for the unknown. Never to be written to."""
        docs, freqs, *_ = self._decoded(field, term, with_values=False)
        return docs, freqs

    def positions(self, field: str, term: str, docs: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """bounds[len(docs) + 1], positions[n]: those of docs[i], ascending, are positions[bounds[i]:bounds[i + 1]]. Only for `text` and `title`."""
        if field not in POSITIONAL:
            raise ValueError(f"the field {field} has no positions")
        there, freqs, flat = self._decoded(field, term, with_values=True)
        if not len(there):
            return np.zeros(len(docs) + 1, np.int64), _NONE
        begins = np.cumsum(freqs, dtype=np.int64) - freqs
        p = np.minimum(np.searchsorted(there, docs), len(there) - 1)
        counts = np.where(there[p] == docs, freqs[p], 0)
        bounds = np.zeros(len(docs) + 1, np.int64)
        np.cumsum(counts, out=bounds[1:])
        rows = np.arange(bounds[-1]) - np.repeat(bounds[:-1], counts) + np.repeat(begins[p], counts)
        return bounds, flat[rows]

    def _decoded(self, field: str, term: str, *, with_values: bool) -> tuple[NDArray[Any], ...]:
        number = self._terms[field].find(term)
        if number < 0:
            return _NONE, _NONE, _NONE
        key = (self._name, field, term, "positions" if with_values else "")
        return self._cache.get(key, lambda: self._decode(field, number, with_values=with_values))

    def _decode(self, field: str, number: int, *, with_values: bool) -> tuple[NDArray[Any], ...]:
        """Read W3's blocks: each is a length, a pickled tuple about the block, and a compressed pickled tuple (gaps, weights, values)."""
        docs, freqs, values = [], [], []
        with self._damage():
            data = self._postings[int(self._at[field][number]) : int(self._at[field][number + 1])]
            if data[:4] != _MAGIC:
                raise ValueError("postings do not begin where they should")
            at, last = 4, False
            while not last:
                length = int.from_bytes(data[at : at + 4], "big", signed=True)
                last, length = length < 0, abs(length)
                block = io.BytesIO(data[at + 4 : at + 4 + length])
                count, _, _, compression, _, _ = _Plain(block).load()
                body = block.read()
                gaps, weights, of_postings = _Plain(io.BytesIO(zlib.decompress(body) if compression else body)).load()
                docs.append(np.cumsum(np.array(gaps, np.int32), dtype=np.int32))
                if len(docs[-1]) != count:
                    raise ValueError("a block of postings is cut short")
                freqs.append(
                    np.array(
                        [1.0] * count
                        if weights is None
                        else [weights] * count
                        if isinstance(weights, float)
                        else weights,
                        np.int32,
                    )
                )
                if with_values:
                    values.append(b"".join(of_postings))
                at += 4 + length
            flat = np.frombuffer(b"".join(values), "<i4").astype(np.int32) if with_values else _NONE
            made = (np.concatenate(docs), np.concatenate(freqs), flat)
            if len(made[0]) != self._df[field][number] or (with_values and len(flat) != made[1].sum()):
                raise ValueError("postings and dictionary do not fit")
        for array in made[:2]:
            array.setflags(write=False)
        return made

    def terms(self, field: str) -> Strings:
        """Every term of the field, in order of its UTF-8."""
        return self._terms[field]

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`, in code point order of UTF-8."""
        return [self._terms[field][at] for at in self._terms[field].range_of_prefix(prefix)]

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""
        number = self._terms["folded"].find(folded)
        if number < 0:
            return []
        if self._spellings is None:
            order = np.argsort(self._folded_of_text, kind="stable")
            self._spellings = order, self._folded_of_text[order]
        order, sorted_numbers = self._spellings
        first, behind = np.searchsorted(sorted_numbers, (number, number + 1)).tolist()
        return [self._terms["text"][at] for at in order[first:behind].tolist()]

    def lengths(self, field: str) -> NDArray[np.int32]:
        """[documents] exact number of tokens of the field."""
        return self._lengths[field]

    def parts(self) -> NDArray[np.int32]:
        """[documents, 3] positions in `text` at which lead, body and captions begin."""
        return self._parts

    def published(self) -> NDArray[np.int64]:
        """[documents] seconds since 1970 UTC, UNDATED where the date is not known."""
        return self._published

    def column(self, name: str) -> tuple[NDArray[np.int32], list[str]]:
        """codes[documents], values: the value of document d is values[codes[d]]. Names: source, host, section, author, kind. "" is no value."""
        return self._columns[name]

    def ids(self) -> list[str]:
        """[documents] article ids."""
        return list(self._ids)

    def id(self, document: int) -> str:
        """The article id of one document."""
        return self._ids[document]

    def article(self, document: int) -> Article:
        """The stored article of one document, without reading others."""
        with self._damage():
            return unpack_article(self._stored[int(self._stored_at[document]) : int(self._stored_at[document + 1])])

    def articles(self, documents: Sequence[int]) -> list[Article]:
        """The stored articles of some documents, without reading others."""
        return list(map(self.article, documents))

    def origin(self, document: int) -> str:
        """Where the article came from."""
        codes, values = self._columns["origin"]
        return values[int(codes[document])]

    def documents_of_key(self, key: str) -> NDArray[np.int32]:
        """Documents with this lookup key (`fields.lookup_keys`), deleted ones included."""
        return self.postings("key", key)[0]

    def analysed(self) -> Analysed:
        """Everything that was written, as it came: what a merge needs. `word` has no positions any more: all are 0."""
        fields = {name: self._rows(name) for name in ("text", "title", "word")}
        text = fields["text"]
        fields["folded"] = FieldTokens(
            list(self._terms["folded"]), self._folded_of_text[text.term].astype(np.int32), text.document, text.position
        )
        keys: list[list[str]] = [[] for _ in range(self.documents)]
        for key in self._terms["key"]:
            for document in self.documents_of_key(key).tolist():
                keys[document].append(key)
        return Analysed(
            articles=[self.article(document) for document in range(self.documents)],
            origins=[self.origin(document) for document in range(self.documents)],
            fields=fields,
            parts=self._parts,
            keys=[tuple(of_document) for of_document in keys],
        )

    def _rows(self, field: str) -> FieldTokens:
        terms, documents, positions = [_NONE], [_NONE], [_NONE]
        for number in range(len(self._terms[field])):
            docs, freqs, flat = self._decode(field, number, with_values=field in POSITIONAL)
            documents.append(np.repeat(docs, freqs))
            terms.append(np.full(len(documents[-1]), number, np.int32))
            positions.append(flat if field in POSITIONAL else np.zeros(len(documents[-1]), np.int32))
        document, position = np.concatenate(documents), np.concatenate(positions)
        order = np.lexsort((position, document))
        return FieldTokens(list(self._terms[field]), np.concatenate(terms)[order], document[order], position[order])

    def close(self) -> None:
        """Let go of the maps."""
        for mapped in (self._postings, self._stored):
            if isinstance(mapped, mmap.mmap):
                mapped.close()


class _Plain(pickle.Unpickler):
    """Postings are tuples of numbers and bytes; whatever names a class is no posting."""

    def find_class(self, module: str, name: str) -> Any:
        # Whoosh pickles by protocol 2, which spells bytes as a call.
        if (module, name) == ("_codecs", "encode"):
            return lambda text, _: text.encode("latin-1")
        if name == "bytes":
            return lambda: b""
        raise pickle.UnpicklingError(f"{module}.{name} has no place in postings")


def _load(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)


def _map(path: Path) -> mmap.mmap | bytes:
    with open(path, "rb") as file:
        # An empty file cannot be mapped.
        if not file.seek(0, io.SEEK_END):
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
