"""What a segment knows of each document beside its words: ids, dates, facets, lengths, parts, lookup keys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....fields import Analysed
from ....identity import host_of
from ..source import UNDATED
from .layout import Container, ContainerWriter
from .strings import encoded, write_strings

if TYPE_CHECKING:
    from .segment import ArraySegment

COLUMNS: tuple[str, ...] = ("source", "host", "section", "author", "kind", "origin")
LENGTHS: tuple[str, ...] = ("text", "word", "title")
"""fields whose lengths are kept; `folded` is as long as `text`"""


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:-]+(?=[/?#]|$)")
_host_of = lru_cache(maxsize=4096)(host_of)


def _host(url: str) -> str:
    """`host_of`, which looks at nothing behind the host; the hosts of a corpus are few."""
    origin = _ORIGIN.match(url)
    return _host_of(origin[0]) if origin else host_of(url)


class DocumentColumns:
    """Collects the columns of documents, batch by batch or segment by segment."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._published: list[NDArray[np.int64]] = []
        self._parts: list[NDArray[Any]] = []
        self._lengths: dict[str, list[NDArray[Any]]] = {field: [] for field in LENGTHS}
        self._codes: dict[str, list[NDArray[Any]]] = {name: [] for name in COLUMNS}
        self._values: dict[str, dict[str, int]] = {name: {"": 0} for name in COLUMNS}
        self._keys: list[NDArray[np.uint64]] = []
        self._key_documents: list[NDArray[np.int64]] = []

    def add(self, analysed: Analysed) -> None:
        """Take the documents of a batch."""
        first, articles = len(self.ids), analysed.articles
        self.ids += [article.id for article in articles]
        dates = [int(a.published.timestamp() // 1) if a.published else UNDATED for a in articles]
        self._published.append(np.array(dates, np.int64))
        self._parts.append(analysed.parts.reshape(-1, 3))
        for field in LENGTHS:
            self._lengths[field].append(np.bincount(analysed.fields[field].document, minlength=len(articles)))
        for name in COLUMNS:
            if name == "host":
                values = [_host(article.url) for article in articles]
            elif name == "origin":
                values = list(analysed.origins)
            else:
                values = [getattr(article, name) for article in articles]
            self._codes[name].append(self._coded(name, values))
        counts = np.fromiter(map(len, analysed.keys), np.int64, len(analysed.keys))
        self._keys.append(key_hashes(key for of_article in analysed.keys for key in of_article))
        self._key_documents.append(np.repeat(np.arange(first, first + len(counts)), counts))

    def add_segment(self, segment: ArraySegment) -> None:
        """Take the documents of a segment."""
        first = len(self.ids)
        self.ids += segment.ids()
        self._published.append(segment.published())
        self._parts.append(segment.parts())
        for field in LENGTHS:
            self._lengths[field].append(segment.lengths(field))
        for name in COLUMNS:
            codes, values = segment.column(name)
            self._codes[name].append(self._coded(name, values)[codes])
        hashes, documents = segment.keys()
        self._keys.append(hashes)
        self._key_documents.append(documents + first)

    def _coded(self, name: str, values: Sequence[str]) -> NDArray[np.int32]:
        """[values] the number of each value; new ones get the next."""
        codes = self._values[name]
        return np.fromiter((codes.setdefault(value, len(codes)) for value in values), np.int32, len(values))

    def write(self, container: ContainerWriter, kept: NDArray[np.bool_]) -> None:
        """Write the columns of the documents that are kept."""
        numbers = np.cumsum(kept) - 1
        ids = [self.ids[number] for number in np.flatnonzero(kept).tolist()]
        write_strings(container, "ids", ids)
        container.add_narrow("ids.order", np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64))
        container.add("published", np.concatenate(self._published)[kept])
        container.add_narrow("parts", np.concatenate(self._parts)[kept].reshape(-1))
        for field, lengths in self._lengths.items():
            container.add_narrow(f"{field}.lengths", np.concatenate(lengths)[kept])
        for name, codes in self._codes.items():
            _write_column(container, name, np.concatenate(codes)[kept], list(self._values[name]))
        documents = np.concatenate(self._key_documents)
        chosen = kept[documents]
        _write_keys(container, np.concatenate(self._keys)[chosen], numbers[documents[chosen]])


def _write_column(container: ContainerWriter, name: str, codes: NDArray[Any], values: Sequence[str]) -> None:
    """Write NAME.codes and the strings NAME.values, without the values that no document has; "" is always number 0."""
    used = np.zeros(len(values), np.bool_)
    used[codes] = True
    used[0] = True
    renumber = np.cumsum(used) - 1
    container.add_narrow(f"{name}.codes", renumber[codes])
    write_strings(container, f"{name}.values", [values[code] for code in np.flatnonzero(used).tolist()])


def key_hashes(keys: Iterable[str]) -> NDArray[np.uint64]:
    """[keys, 2] the first 12 bytes of BLAKE2b of each key: eight as one little-endian number, then four."""
    digests = b"".join(hashlib.blake2b(encoded(key), digest_size=12).digest() + bytes(4) for key in keys)
    return np.frombuffer(digests, "<u8").reshape(-1, 2)


def _write_keys(container: ContainerWriter, hashes: NDArray[np.uint64], documents: NDArray[np.int64]) -> None:
    """Write the sorted keys: `keys` (eight bytes each), `keys.rest` (four) and `keys.documents`."""
    order = np.lexsort((documents, hashes[:, 1], hashes[:, 0]))
    container.add("keys", hashes[order, 0])
    container.add("keys.rest", hashes[order, 1].astype(np.uint32))
    container.add_narrow("keys.documents", documents[order])


def read_keys(container: Container) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return all keys as `key_hashes` makes them, with their documents."""
    hashes = np.stack((container.array("keys"), container.array("keys.rest").astype(np.uint64)), axis=1)
    return hashes, container.array("keys.documents").astype(np.int64)


def documents_of_key(container: Container, key: str) -> NDArray[np.int32]:
    """Return the documents with a lookup key, ascending."""
    whole, rest = key_hashes([key])[0]
    keys = container.array("keys")
    i, j = int(np.searchsorted(keys, whole)), int(np.searchsorted(keys, whole, side="right"))
    found: NDArray[Any] = container.array("keys.documents")[i:j][container.array("keys.rest")[i:j] == rest]
    return found.astype(np.int32)
