"""What a segment knows of each document beside its words: ids, dates, facets, lengths, parts, lookup keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .layout import Container, ContainerWriter
from .strings import encoded, write_strings

COLUMNS: tuple[str, ...] = ("source", "host", "section", "author", "kind", "origin")
LENGTHS: tuple[str, ...] = ("text", "word", "title")
"""fields whose lengths are kept; `folded` is as long as `text`"""


def key_hashes(keys: Iterable[str]) -> NDArray[np.uint64]:
    """[keys, 2] the first 12 bytes of BLAKE2b of each key: eight as one little-endian number, then four."""
    digests = b"".join(hashlib.blake2b(encoded(key), digest_size=12).digest() + bytes(4) for key in keys)
    return np.frombuffer(digests, "<u8").reshape(-1, 2)


def coded(values: Iterable[str], codes: dict[str, int]) -> list[int]:
    """Return the number of each value; new ones get the next."""
    return [codes.setdefault(value, len(codes)) for value in values]


def write_column(container: ContainerWriter, name: str, codes: NDArray[Any], values: Sequence[str]) -> None:
    """Write NAME.codes and the strings NAME.values, without the values that no document has; "" is always number 0."""
    used = np.zeros(len(values), np.bool_)
    used[codes] = True
    used[0] = True
    renumber = np.cumsum(used) - 1
    container.add_narrow(f"{name}.codes", renumber[codes])
    write_strings(container, f"{name}.values", [values[code] for code in np.flatnonzero(used).tolist()])


def write_keys(container: ContainerWriter, hashes: NDArray[np.uint64], documents: NDArray[np.int64]) -> None:
    """Write the sorted keys: `keys` (eight bytes each), `keys.rest` (four) and `keys.documents`."""
    order = np.lexsort((documents, hashes[:, 1], hashes[:, 0]))
    container.add("keys", hashes[order, 0])
    container.add("keys.rest", hashes[order, 1].astype(np.uint32))
    container.add_narrow("keys.documents", documents[order])


def documents_of_key(container: Container, key: str) -> NDArray[np.int32]:
    """Return the documents with a lookup key, ascending."""
    whole, rest = key_hashes([key])[0]
    keys = container.array("keys")
    i, j = int(np.searchsorted(keys, whole)), int(np.searchsorted(keys, whole, side="right"))
    found: NDArray[Any] = container.array("keys.documents")[i:j][container.array("keys.rest")[i:j] == rest]
    return found.astype(np.int32)


def write_ids(container: ContainerWriter, ids: Sequence[str]) -> None:
    """Write the strings `ids` and `ids.order`: the documents in the order of their ids."""
    write_strings(container, "ids", ids)
    container.add_narrow("ids.order", np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64))
