"""An article's text as paragraphs, with its marks numbered so that links can lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..fields import part_texts
from ..models import Article, Segment

_BREAK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is marked or not; `number` counts the marks of a page from 1 and stands on the first piece of a mark."""

    text: str
    match: bool = False
    number: int | None = None


Paragraph = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """The parts of an article, ready to be shown; `places` is how many marks they have."""

    title: Paragraph
    lead: tuple[Paragraph, ...]
    body: tuple[Paragraph, ...]
    captions: tuple[Paragraph, ...]
    places: int


def prose(article: Article, marked: Sequence[Sequence[Segment]] | None = None) -> Prose:
    """Return an article's text in paragraphs; `marked` are its parts with marks, in the order of `fields.part_texts`.

    Marks that only a space keeps apart are one ("Buôn Ma Thuột" is one place to jump to). A line break ends a paragraph.
    """
    parts = marked or [(Segment(part),) for part in part_texts(article)]
    numbering = _Numbering()
    title, lead, body, *captions = [_paragraphs(_merged(part), numbering) for part in parts]
    return Prose(
        tuple(piece for paragraph in title for piece in paragraph),
        lead,
        body,
        tuple(paragraph for caption in captions for paragraph in caption),
        numbering.last,
    )


class _Numbering:
    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def _merged(segments: Iterable[Segment]) -> list[Segment]:
    merged: list[Segment] = []
    for segment in segments:
        if segment.match and len(merged) > 1 and merged[-2].match and merged[-1].text.strip(" \u00a0") == "":
            space = merged.pop()
            merged[-1] = Segment(merged[-1].text + space.text + segment.text, True)
        else:
            merged.append(segment)
    return merged


def _paragraphs(segments: Sequence[Segment], numbering: _Numbering) -> tuple[Paragraph, ...]:
    paragraphs: list[list[Piece]] = [[]]
    for segment in segments:
        number = numbering.next() if segment.match else None
        for i, line in enumerate(_BREAK.split(segment.text)):
            if i:
                paragraphs.append([])
            if line:
                paragraphs[-1].append(Piece(line, segment.match, number))
                number = None
    return tuple(tuple(pieces) for pieces in paragraphs if pieces)
