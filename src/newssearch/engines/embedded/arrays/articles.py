"""Stored articles: one zstandard frame of text each, all compressed with a dictionary made of the segment's own articles.

The text has a byte a letter as a rule (`vietnamese.letters`); what each byte stands for is kept beside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ....models import Article
from ....vietnamese.letters import LETTERS, decoded
from .encode import bounds_of
from .layout import ContainerWriter, Spool

_FIELDS = frozenset(field.name for field in fields(Article))
_read = json.JSONDecoder().raw_decode
_LEVEL = 3
_SAMPLE = 4 << 20
"""bytes of articles that a dictionary is made from; more brings little"""
_LEAST_SAMPLE = 1 << 20
"""a segment with less has none"""
_DICTIONARY_SHARE = 128
"""32 kB out of 4 MB: what is read from it stays near the processor. With 64 kB an article is 6 % smaller and unpacked in 1.2 times the time, with 256 kB 10 % and 1.5"""


def article_from(data: bytes, letters: str = LETTERS) -> Article:
    """Return the article that `stored_article` was given, by the letters of that time. Raises ValueError or TypeError for anything else."""
    text = decoded(data, letters)
    values, end = _read(text)
    if not isinstance(values, dict):
        raise ValueError("the stored article is no object")
    for name in ("lead", "body"):
        # In version 1 they are in the object themselves.
        if isinstance(size := values.get(name), int):
            values[name] = text[end : end + size]
            end += size
    if end != len(text):
        raise ValueError("the stored article has another length")
    if not values.keys() <= _FIELDS:
        values = {name: value for name, value in values.items() if name in _FIELDS}
    for name in ("captions", "aliases"):
        if name in values:
            values[name] = tuple(values[name])
    if "published" in values:
        values["published"] = datetime.fromisoformat(values["published"])
    return Article(**values)


class ArticleWriter:
    """Compresses articles as they come."""

    def __init__(self, folder: Path) -> None:
        self._spool = Spool(folder)
        self._sizes: list[int] = []
        self._waiting: list[bytes] = []
        self._dictionary = b""
        self._compressor: Any = None

    def add(self, articles: Iterable[bytes]) -> None:
        """Take articles as `stored_article` gives them; the first ones wait until there are enough to make a dictionary of."""
        self._waiting += articles
        if self._compressor is not None or sum(map(len, self._waiting)) >= _SAMPLE:
            self._compress()

    def _compress(self) -> None:
        # Imported late: searching without stored articles need not pay for it.
        import zstandard

        if self._compressor is None:
            trained = _trained(self._waiting)
            self._dictionary = trained.as_bytes() if trained else b""
            self._compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=trained, write_checksum=False)
        if self._waiting:
            for frame in self._compressor.multi_compress_to_buffer(self._waiting):
                self._sizes.append(len(frame))
                self._spool.write(frame.tobytes())
        self._waiting = []

    def finish(self, container: ContainerWriter, kept: NDArray[np.bool_] | None) -> None:
        """Write the sections `stored`, `stored.bounds`, `stored.dictionary` and `stored.letters`, without the articles that are not kept."""
        self._compress()
        sizes = np.array(self._sizes, np.int64)
        if kept is not None:
            bounds = bounds_of(sizes).tolist()
            whole, self._spool = self._spool, Spool(container.path.parent)
            try:
                for number in np.flatnonzero(kept).tolist():
                    self._spool.write(whole.read(bounds[number], bounds[number + 1] - bounds[number]))
            finally:
                whole.close()
            sizes = sizes[kept]
        container.add_spool("stored", self._spool)
        container.add_narrow("stored.bounds", bounds_of(sizes))
        container.add("stored.dictionary", np.frombuffer(self._dictionary, np.uint8))
        container.add("stored.letters", np.array(list(map(ord, LETTERS)), np.uint16))

    def close(self) -> None:
        """Let go of what was not written."""
        self._spool.close()


def _trained(samples: Sequence[bytes]) -> Any:
    import zstandard

    some: list[bytes | bytearray | memoryview] = []
    size = 0
    for sample in samples:
        some.append(sample)
        size += len(sample)
        if size >= _SAMPLE:
            break
    if size < _LEAST_SAMPLE:
        return None
    try:
        return zstandard.train_dictionary(min(size, _SAMPLE) // _DICTIONARY_SHARE, some, k=200, d=8)
    except zstandard.ZstdError:
        # Too few or too uniform samples: articles compress well enough alone.
        return None


def decompressor(dictionary: bytes) -> Callable[[Sequence[bytes]], list[bytes]]:
    """Return what opens frames; the function may be used by one thread at a time. It raises ValueError for anything else."""
    import zstandard

    made = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(dictionary) if dictionary else None)

    def decompress(frames: Sequence[bytes]) -> list[bytes]:
        try:
            return list(map(made.decompress, frames))
        except zstandard.ZstdError as error:
            raise ValueError(str(error)) from error

    return decompress
