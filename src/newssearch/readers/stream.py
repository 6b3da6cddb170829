"""Bytes from a file or a pipe, unpacked where they are gzip; one that breaks off gives what came before."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from typing import IO, Any

from .formats import GZIP

_CHUNK = 1 << 18


class Input:
    """A stream read from its start: its head to judge the format by, then lines or the rest. `broken` once the packed data turned out damaged."""

    def __init__(self, stream: IO[bytes]) -> None:
        plain = io.BufferedReader(_Raw(stream))
        packed = plain.peek(2)[:2] == GZIP
        self._stream = io.BufferedReader(_Raw(gzip.GzipFile(fileobj=plain)), _CHUNK) if packed else plain
        self._head = b""
        self.broken = False
        self.line = 0
        """number of the last line that `lines` came to"""

    def head(self, size: int) -> bytes:
        """The first `size` bytes, or all if there are fewer; they stay to be read."""
        while len(self._head) < size and (chunk := self._read(size)):
            self._head += chunk
        return self._head

    def rest(self) -> bytes:
        """Everything not yet read."""
        return b"".join(self._chunks())

    def lines(self) -> Iterator[tuple[int, list[bytes]]]:
        """Yield the number of a line with it and some that follow, without their ends; of a broken stream all but the line that it breaks off in."""
        unfinished: list[bytes] = []
        for chunk in self._chunks():
            *complete, last = chunk.split(b"\n")
            if complete:
                complete[0] = b"".join([*unfinished, complete[0]])
                unfinished = []
                first, self.line = self.line + 1, self.line + len(complete)
                yield first, complete
            unfinished.append(last)
        self.line += 1
        if not self.broken and (line := b"".join(unfinished)):
            yield self.line, [line]

    def _chunks(self) -> Iterator[bytes]:
        head, self._head = self._head, b""
        if head:
            yield head
        while chunk := self._read(_CHUNK):
            yield chunk

    def _read(self, size: int) -> bytes:
        try:
            return self._stream.read1(size)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            self.broken = True
            return b""


class _Raw(io.RawIOBase):
    """Any binary stream as a raw one, so that it can be buffered and peeked into; it never closes what it reads."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # `read` of a packed stream that breaks off gives nothing of what it had already unpacked; `read1` does.
        data = getattr(self._stream, "read1", self._stream.read)(len(buffer))
        buffer[: len(data)] = data
        return len(data)
