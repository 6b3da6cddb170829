"""Answers on their way from one process to another: arrays as narrow as their numbers allow, articles as the bytes that are stored,
and each term once, for both ends keep a list of those that came by."""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Any
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from ..fields import Analysed, FieldTokens, stored_article
from ..models import Article
from ..vietnamese.numbered import Numbered, TermList
from .lots import Answer

_CARRIED = ("id", "kind", "title", "source", "section", "author", "url", "aliases", "published")
"""fields of an article that whoever writes it looks at; the rest is in its JSON alone"""

_carried_of = attrgetter(*_CARRIED)

Blocks = list[memoryview]
"""a message: its pickle, then the memory of arrays that stand outside of it"""

_COUNT = struct.Struct("<I")


def send(channel: socket.socket, blocks: Blocks) -> None:
    """Send a message. Raises OSError when nobody is there to take it."""
    channel.sendall(_COUNT.pack(len(blocks)) + np.array([block.nbytes for block in blocks], "<u8").tobytes())
    for block in blocks:
        channel.sendall(block)


def receive(channel: socket.socket) -> Blocks:
    """Return the next message. Raises EOFError or OSError when there will be none."""
    (count,) = _COUNT.unpack(_read(channel, _COUNT.size))
    sizes = np.frombuffer(_read(channel, 8 * count), "<u8")
    return [_read(channel, size) for size in sizes.tolist()]


def _read(channel: socket.socket, size: int) -> memoryview:
    block = memoryview(np.empty(size, np.uint8))  # type: ignore[arg-type]
    at = 0
    while at < size:
        # In one call as a rule: an interpreter that is busy elsewhere is waited for once.
        got = channel.recv_into(block[at:], 0, socket.MSG_WAITALL)
        if not got:
            raise EOFError
        at += got
    return block


def packed(value: object) -> Blocks:
    """Return a message that holds a value."""
    outside: list[pickle.PickleBuffer] = []
    data = pickle.dumps(value, 5, buffer_callback=outside.append)
    return [memoryview(data), *(buffer.raw() for buffer in outside)]


def unpacked(blocks: Blocks) -> Any:
    """Return the value that a message holds."""
    return pickle.loads(blocks[0], buffers=blocks[1:])


@dataclass(slots=True)
class _Sent:
    """A list of terms of which the other end has some."""

    source: ref[TermList]
    number: int
    count: int = 0


class Sender:
    """Makes messages of answers."""

    def __init__(self) -> None:
        self._sent: dict[str, _Sent] = {}
        self._lists = 0

    def message(self, answer: Answer | Exception) -> Blocks:
        """Return the answer, or why there is none, for the `Receiver` at the other end. Every one must be sent, in order."""
        if isinstance(answer, Exception):
            return packed(answer)
        analysed = answer.analysed
        text = analysed.fields["text"]
        fields = {
            name: (
                None if name == "title" and field.terms is text.terms else self._terms(name, field.terms),
                _narrowed(field.term),
                np.bincount(field.document, minlength=len(analysed.articles)).astype(np.int32),
                _narrowed(field.position),
            )
            for name, field in analysed.fields.items()
        }
        articles = list(zip(*map(_carried_of, analysed.articles), strict=True))
        stored = [stored_article(article) for article in analysed.articles]
        carried = (
            articles,
            [*map(len, stored)],
            np.frombuffer(b"".join(stored), np.uint8),
            analysed.origins,
            fields,
            analysed.parts,
            analysed.keys,
            answer.lines,
            answer.aside,
        )
        return packed(carried)

    def _terms(self, name: str, terms: Sequence[str]) -> tuple[Any, ...]:
        if not isinstance(terms, Numbered):
            return (list(terms),)
        source = terms.source
        sent = self._sent.get(name)
        if sent is None or sent.source() is not source:
            self._lists += 1
            sent = self._sent[name] = _Sent(ref(source), self._lists)
        before, sent.count = sent.count, len(source.terms)
        return sent.number, source.terms[before : sent.count], _narrowed(terms.numbers)


@dataclass(slots=True, weakref_slot=True, eq=False)
class _Copy:
    """What came of a list of terms."""

    number: int
    terms: list[str] = field(default_factory=list)


class Receiver:
    """Makes answers of messages."""

    def __init__(self) -> None:
        self._copies: dict[str, _Copy] = {}

    def answer(self, message: Blocks) -> Answer:
        """Return the answer, its articles without what is in their JSON alone, its fields without `folded`. Raises the exception that came instead."""
        carried = unpacked(message)
        if isinstance(carried, Exception):
            raise carried
        articles, sizes, stored, origins, carried_fields, parts, keys, lines, aside = carried
        numbers = np.arange(len(parts), dtype=np.uint16 if len(parts) <= 1 << 16 else np.int32)
        fields: dict[str, FieldTokens] = {}
        for name, (terms, term, rows, position) in carried_fields.items():
            named = fields["text"].terms if terms is None else self._terms(name, terms)
            fields[name] = FieldTokens(named, term, numbers.repeat(rows), position)
        analysed = Analysed(
            articles=[
                Article(
                    id=id, kind=kind, title=title, source=source, section=section, author=author, url=url, aliases=aliases, published=published
                )
                for id, kind, title, source, section, author, url, aliases, published in zip(*articles, strict=True)
            ],
            origins=origins,
            fields=fields,
            parts=parts,
            keys=keys,
            stored=[stored[begin:end].tobytes() for begin, end in pairwise(accumulate(sizes, initial=0))],
        )
        return Answer(analysed, lines, aside)

    def _terms(self, name: str, carried: tuple[Any, ...]) -> Sequence[str]:
        if len(carried) == 1:
            names: list[str] = carried[0]
            return names
        number, new, numbers = carried
        copy = self._copies.get(name)
        if copy is None or copy.number != number:
            copy = self._copies[name] = _Copy(number)
        copy.terms += new
        return Numbered(copy, numbers)


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(np.uint16) if len(array) and int(array.max()) < 1 << 16 else array
