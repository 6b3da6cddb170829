"""Reads a segment: a SegmentSource over one mapped file, safe across threads, for nothing in it has a seek position."""

from __future__ import annotations

import copy
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....errors import IndexDamaged
from ....fields import stored_article
from ....models import Article
from ....vietnamese.letters import LETTERS, UTF_8
from ..postings_cache import PostingsCache
from .articles import article_from, decompressor
from .columns import documents_of_key, read_keys
from .layout import MEND, Container, damage_is_reported
from .strings import Strings
from .terms import TermReader


class ArraySegment(TermReader):
    """One segment of documents 0 to `documents` − 1. Opening reads the header and the directory, whatever the size of the rest."""

    def __init__(self, container: Container, name: str, cache: PostingsCache) -> None:
        """Use `open`."""
        super().__init__(container, name, cache)
        self.deleted: NDArray[np.bool_] | None = None
        self._of_thread = threading.local()

    @classmethod
    def open(cls, folder: Path, name: str, *, verify: bool = False, cache: PostingsCache | None = None) -> ArraySegment:
        """Return the segment `name` of `folder`, read to its last byte if `verify`. Raises FileNotFoundError, IndexDamaged, IndexOutdated."""
        container = Container(folder, name)
        if verify:
            for problem in container.problems():
                raise IndexDamaged(f"The segment {name} of {folder} is damaged: {problem}", MEND)
        return cls(container, name, cache or PostingsCache())

    def masked(self, deleted: NDArray[np.bool_] | None) -> ArraySegment:
        """Return the same segment with these documents deleted; the file and what was decoded are shared."""
        view = copy.copy(self)
        view.deleted = deleted if deleted is not None and deleted.any() else None
        return view

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._container.size

    def lengths(self, field: str) -> NDArray[np.int32]:
        """[documents] exact number of tokens of the field."""
        return self._column_as(f"{'text' if field == 'folded' else field}.lengths", np.int32)

    def parts(self) -> NDArray[np.int32]:
        """[documents, 3] positions in `text` at which lead, body and captions begin."""
        return self._column_as("parts", np.int32).reshape(-1, 3)

    def published(self) -> NDArray[np.int64]:
        """[documents] seconds since 1970 UTC, UNDATED where the date is not known."""
        return self._column_as("published", np.int64)

    def _column_as(self, section: str, dtype: Any) -> NDArray[Any]:
        array: NDArray[Any] = self._once(section, lambda: self._container.array(section).astype(dtype, copy=False))
        return array

    def column(self, name: str) -> tuple[NDArray[np.int32], list[str]]:
        """codes[documents], values: the value of document d is values[codes[d]]. Names: source, host, section, author, kind, origin. "" is no value."""
        values: list[str] = self._once(("values", name), lambda: list(Strings(self._container, f"{name}.values")))
        return self._column_as(f"{name}.codes", np.int32), values

    def ids(self) -> list[str]:
        """[documents] article ids."""
        with damage_is_reported(self._container.path):
            return list(self._ids())

    def _ids(self) -> Strings:
        ids: Strings = self._once("ids", lambda: Strings(self._container, "ids"))
        return ids

    def id(self, document: int) -> str:
        """The article id of one document."""
        with damage_is_reported(self._container.path):
            return self._ids()[document]

    def documents_by_id(self) -> NDArray[Any]:
        """The documents in the order of their ids."""
        return self._container.array("ids.order")

    def stored(self, documents: Sequence[int]) -> list[bytes]:
        """Some articles as `fields.stored_article` gives them today."""
        found, letters = self._stored(documents)
        return found if letters == LETTERS else list(map(stored_article, self.articles(documents)))

    def _stored(self, documents: Sequence[int]) -> tuple[list[bytes], str]:
        """What was stored of some articles, and the letters of that time."""
        with damage_is_reported(self._container.path):
            frames, letters = self._once("stored", self._frames)
            # A decompressor keeps a state, so each thread has its own; the dictionary is read once a thread.
            decompress = getattr(self._of_thread, "decompress", None)
            if decompress is None:
                dictionary = self._container.array("stored.dictionary").tobytes()
                decompress = self._of_thread.decompress = decompressor(dictionary)
            found = decompress(frames.bytes_of_each(documents))
            return (found if letters else [UTF_8 + data for data in found]), letters

    def _frames(self) -> tuple[Strings, str]:
        """The compressed articles, and their letters; none in version 1 of the format."""
        letters = self._container.array("stored.letters").tolist() if "stored.letters" in self._container else ()
        return Strings(self._container, "stored"), "".join(map(chr, letters))

    def article(self, document: int) -> Article:
        """The stored article of one document, without reading others."""
        return self.articles((document,))[0]

    def articles(self, documents: Sequence[int]) -> list[Article]:
        """The stored articles of some documents, without reading others."""
        found, letters = self._stored(documents)
        with damage_is_reported(self._container.path):
            return [article_from(data, letters) for data in found]

    def origin(self, document: int) -> str:
        """Where the article came from."""
        codes, values = self.column("origin")
        return values[int(codes[document])]

    def documents_of_key(self, key: str) -> NDArray[np.int32]:
        """Documents with this lookup key (`fields.lookup_keys`), ascending, deleted ones included."""
        with damage_is_reported(self._container.path):
            return documents_of_key(self._container, key)

    def keys(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        """All lookup keys as `columns.key_hashes` makes them, with their documents."""
        with damage_is_reported(self._container.path):
            return read_keys(self._container)

    def problems(self) -> list[str]:
        """What is wrong with the file, read to its last byte."""
        return list(self._container.problems())

    def close(self) -> None:
        """Let go of the file, once nothing that was made from it is in use any more."""
        self._made.clear()
        self._fields.clear()
        self._places.clear()
        self._container.close()
