"""The postings of one field in a container, written chunk by chunk in the order of the terms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import encode
from .encode import FREQUENCY_ESCAPE, bounds_of, common_from
from .layout import ContainerWriter, Spool
from .strings import write_dictionary

if TYPE_CHECKING:
    from .invert import Postings

POSITIONAL: frozenset[str] = frozenset({"text", "title"})


class FieldWriter:
    """Encodes the postings of a field; `finish` writes its sections."""

    def __init__(self, folder: Path, documents: int, *, positions: bool) -> None:
        self._documents = documents
        self._common_from = common_from(documents)
        self._docs, self._bitmaps, self._freqs, self._low, self._high = (Spool(folder) for _ in range(5))
        self._positions = positions
        self._df: list[NDArray[np.int64]] = []
        self._cf: list[NDArray[np.int64]] = []
        self._gap_bytes: list[NDArray[np.int64]] = []
        self._high_bytes: list[NDArray[np.int64]] = []
        self._large_freqs: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
        self._large: list[tuple[NDArray[np.int64], NDArray[Any]]] = []
        self._odd = np.zeros(0, np.uint8)
        self.postings = 0
        """how many there are so far"""
        self._rows = 0

    def add(self, chunk: Postings) -> None:
        """Append the postings of the next terms."""
        self._df.append(chunk.df)
        self._add_documents(chunk)
        self._add_frequencies(chunk.freqs)
        if self._positions:
            assert chunk.gaps is not None
            self._add_positions(chunk.cf, chunk.gaps)
        self.postings += len(chunk.docs)

    def _add_documents(self, chunk: Postings) -> None:
        common = chunk.df >= self._common_from
        docs, df = chunk.docs, chunk.df
        if common.any():
            with_bitmap = np.repeat(common, df)
            self._bitmaps.write(encode.encode_bitmaps(docs[with_bitmap], df[common], self._documents))
            docs, df = docs[~with_bitmap], np.where(common, 0, df)
        stream, bounds = encode.encode_gaps(docs, df)
        self._docs.write(stream)
        self._gap_bytes.append(np.diff(bounds))

    def _add_frequencies(self, freqs: NDArray[Any]) -> None:
        large = np.flatnonzero(freqs > FREQUENCY_ESCAPE)
        self._large_freqs.append((large + self.postings, freqs[large]))
        nibbles = np.concatenate((self._odd, (np.minimum(freqs, FREQUENCY_ESCAPE + 1) - 1).astype(np.uint8)))
        even = len(nibbles) & ~1
        self._freqs.write(encode.pack_nibbles(nibbles[:even]))
        self._odd = nibbles[even:]

    def _add_positions(self, cf: NDArray[np.int64], gaps: NDArray[Any]) -> None:
        bounds = bounds_of(cf)
        widths = encode.widths_of(gaps, bounds)
        tops = np.repeat(((1 << (8 + widths)) - 1).astype(np.uint16), cf)
        large = np.flatnonzero(gaps >= tops)
        self._large.append((large + self._rows, gaps[large]))
        low, rest = gaps.astype(np.uint8), (gaps >> 8).astype(np.uint8)
        low[large], rest[large] = 255, tops[large] >> 8
        self._low.write(low)
        high, high_bounds = encode.encode_high(rest, cf, widths)
        self._high.write(high)
        self._cf.append(cf)
        self._high_bytes.append(np.diff(high_bounds))
        self._rows += len(gaps)

    def finish(
        self,
        container: ContainerWriter,
        name: str,
        terms: Sequence[str] | None,
        *,
        keep: NDArray[np.bool_] | None = None,
    ) -> NDArray[np.int64]:
        """Write the sections of the field, with a dictionary of `terms` unless None.

        Returns the numbers, among those added, of the terms that it has: those to `keep`, else those with documents.
        """
        df = _joined(self._df)
        kept = np.flatnonzero(df if keep is None else keep)
        if terms is not None:
            write_dictionary(container, name, terms if len(kept) == len(terms) else [terms[t] for t in kept.tolist()])
        df = df[kept]
        container.add_narrow(f"{name}.first", bounds_of(df))
        container.add_narrow(f"{name}.at", bounds_of(_joined(self._gap_bytes)[kept]))
        container.add_spool(f"{name}.docs", self._docs)
        container.add_narrow(f"{name}.common", np.flatnonzero(df >= self._common_from))
        container.add_spool(f"{name}.bitmaps", self._bitmaps)
        self._freqs.write(encode.pack_nibbles(self._odd))
        container.add_spool(f"{name}.freqs", self._freqs)
        _add_pairs(container, f"{name}.large_freqs", self._large_freqs)
        if self._positions:
            container.add_narrow(f"{name}.rows", bounds_of(_joined(self._cf)[kept]))
            container.add_spool(f"{name}.low", self._low)
            container.add_narrow(f"{name}.high_at", bounds_of(_joined(self._high_bytes)[kept]))
            container.add_spool(f"{name}.high", self._high)
            _add_pairs(container, f"{name}.large", self._large)
        self.close()
        return kept

    def close(self) -> None:
        """Let go of what was not written."""
        for spool in (self._docs, self._bitmaps, self._freqs, self._low, self._high):
            spool.close()


def _joined(pieces: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, np.int64), *pieces])


def _add_pairs(container: ContainerWriter, name: str, pieces: Sequence[tuple[NDArray[np.int64], NDArray[Any]]]) -> None:
    container.add_narrow(f"{name}_at", _joined([at for at, _ in pieces]))
    container.add_narrow(name, np.concatenate([np.zeros(0, np.uint32), *(values for _, values in pieces)]))
