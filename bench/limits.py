"""What this machine can do at best, whatever the engine: the figures that the others are to be read against."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import islice

import numpy as np
import zstandard

from .report import Row, number
from .workshop import Workshop, median_seconds

_BYTES = 256 << 20
_CALLS = 2_000
_LINES = 2_000


def limits(workshop: Workshop) -> Iterator[Row]:
    """Memory bandwidth, the price of a numpy call, JSON, zstandard and fsync; medians."""
    block = np.ones(_BYTES // 8, np.int64)
    read = _BYTES / median_seconds(block.sum) / 1e9
    copied = _BYTES / median_seconds(block.copy) / 1e9
    yield Row(what="limit: memory read (sum of 256 MB) / copied: GB/s", ours=f"{number(read)} / {number(copied)}")
    few = np.arange(100, dtype=np.int32)
    each = median_seconds(lambda: [few + few for _ in range(_CALLS)]) / _CALLS
    yield Row(what="limit: one numpy call over 100 numbers: µs", ours=number(each * 1e6))
    with workshop.source(workshop.small).open("rb") as file:
        lines = list(islice(file, _LINES))
    size = sum(map(len, lines)) / 1e6
    decoded = len(lines) / median_seconds(lambda: [json.loads(line) for line in lines])
    yield Row(what="limit: JSON of articles decoded on one core: articles/s", ours=number(decoded))
    compressor = zstandard.ZstdCompressor(level=3)
    compressed = size / median_seconds(lambda: [compressor.compress(line) for line in lines])
    yield Row(what="limit: zstandard level 3, an article at a time, one core: MB/s", ours=number(compressed))
    yield Row(what="limit: write 4 kB and fsync file and folder: ms", ours=number(median_seconds(lambda: _durable(workshop)) * 1e3))


def _durable(workshop: Workshop) -> None:
    path = workshop.scratch / "durable"
    with path.open("wb") as file:
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(workshop.scratch, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    path.unlink()
