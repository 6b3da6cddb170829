"""How one operand of a question begins and what node it makes: a word, a phrase, `"a b"~n`, a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from ..records import dataclass
from .lexer import Lexeme, is_address, is_bare_word, is_operator, split_chunk
from .nodes import Alternatives, Phrase, Prefix, Proximity, Word
from .units import Units

DISTANCES = (1, 127)
COUNTS = (1, 1_000)

_LONGEST_DATE = 6
"""chunks: "8 tháng 8 năm 2026" """
_TRAILING = ".,;:!?…"

Operand = Word | Alternatives | Phrase | Proximity | Prefix


@dataclass(frozen=True, slots=True)
class Remark:
    """A notice before it has a language: its code and what its sentence names."""

    code: str
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """How an item begins: its signs, its kind and text, and the mark that follows (for "open" the parenthesis itself)."""

    negated: bool
    field: str
    verbatim: bool
    kind: Literal["chunk", "phrase", "open", "nothing"]
    text: str
    slop: str | None
    after: int


class Operands:
    """The marks of one question, looked at from any place; `remarks` grows with what could not be read as it stands."""

    def __init__(self, lexemes: list[Lexeme], remarks: list[Remark]) -> None:
        self.lexemes = lexemes
        self.units = Units(_texts(lexemes))
        self._remarks = remarks

    def remark(self, code: str, **fields: object) -> None:
        """Note something for the reader of the question."""
        self._remarks.append(Remark(code, tuple(fields.items())))

    def start(self, at: int) -> Start:
        lexeme = self.lexemes[at]
        if lexeme.kind == "phrase":
            return Start(False, "", False, "phrase", lexeme.text, lexeme.slop, at + 1)
        if lexeme.kind == "open":
            return Start(False, "", False, "open", "", None, at)
        chunk = split_chunk(lexeme.text)
        start = Start(chunk.negated, chunk.field, chunk.verbatim, "chunk", chunk.body, None, at + 1)
        if chunk.body:
            return start
        following = self.lexemes[at + 1] if at + 1 < len(self.lexemes) else None
        is_signed = chunk.negated or chunk.verbatim or chunk.field
        if following is not None and is_signed and (following.glued or chunk.field):
            if following.kind in ("phrase", "open"):
                inner = self.start(at + 1)
                return replace(start, kind=inner.kind, text=inner.text, slop=inner.slop, after=inner.after)
            if following.kind == "chunk" and not is_operator(following):
                # `title: lũ` with a space after the colon.
                word = split_chunk(following.text)
                if word.body and not word.field:
                    return replace(
                        start,
                        negated=start.negated or word.negated,
                        verbatim=start.verbatim or word.verbatim,
                        text=word.body,
                        after=at + 2,
                    )
        return replace(start, kind="nothing")

    def is_simple(self, at: int) -> bool:
        """Whether one word or phrase without signs stands here."""
        lexeme = self.lexemes[at]
        if lexeme.kind not in ("chunk", "phrase") or is_operator(lexeme):
            return False
        start = self.start(at)
        return (
            start.kind in ("chunk", "phrase")
            and not (start.negated or start.field or start.slop)
            and self.wildcard(start) is None
        )

    def operand(self, start: Start) -> Operand | None:
        """The one node that a word or a phrase makes, None where it holds no token."""
        if start.kind == "phrase" and start.slop is not None:
            words = self.units.plain(" ".join(start.text.split()), verbatim=start.verbatim)
            if len(words) > 1:
                return Proximity(tuple(words), self.clamped(start.slop, DISTANCES, "distance-clamped"))
            return words[0] if words else None
        if self.wildcard(start) == "prefix":
            stem = start.text.rstrip(_TRAILING).rstrip("*")
            return Prefix(self.units.stem(stem) or stem, stem + "*")
        self.remark_wildcard(start)
        return self.units.operand(start.text, verbatim=start.verbatim)

    def wildcard(self, start: Start) -> Literal["prefix", "alone", "position"] | None:
        """What a `*` in a word is: the end of a prefix, alone, or at a place where it means nothing; None where there is none."""
        if start.kind != "chunk" or "*" not in start.text or is_address(start.text):
            return None
        word = start.text.rstrip(_TRAILING)
        if not word.strip("*"):
            return "alone"
        stem = word.rstrip("*")
        return "prefix" if stem != word and "*" not in stem and self.units.stem(stem) else "position"

    def remark_wildcard(self, start: Start) -> None:
        match self.wildcard(start):
            case "alone":
                self.remark("wildcard-alone")
            case "position":
                self.remark("wildcard-position", text=start.text)
            case _:
                pass

    def date_candidates(self, start: Start, at: int) -> list[tuple[str, int]]:
        """What may be the value of the date clause at `at`, the longest first, each with the mark that follows it."""
        if start.kind == "phrase":
            return [(start.text, start.after)]
        return self._date_in_parens(start.after) if start.kind == "open" else list(self._date_runs(at))

    def _date_in_parens(self, opening: int) -> list[tuple[str, int]]:
        at = opening + 1
        while at < len(self.lexemes) and self.lexemes[at].kind == "chunk":
            at += 1
        words = " ".join(lexeme.text for lexeme in self.lexemes[opening + 1 : at])
        is_closed = at < len(self.lexemes) and self.lexemes[at].kind == "close"
        return [(words, at + 1)] if is_closed else []

    def _date_runs(self, field_at: int) -> Iterator[tuple[str, int]]:
        """The words after the colon that may be a date, the longest run first."""
        own = split_chunk(self.lexemes[field_at].text).body
        words = [own] if own else []
        at = field_at + 1
        ends = [at] if own else []
        while at < len(self.lexemes) and len(words) < _LONGEST_DATE:
            lexeme = self.lexemes[at]
            if lexeme.kind != "chunk" or is_operator(lexeme) or split_chunk(lexeme.text).field:
                break
            words.append(lexeme.text)
            at += 1
            ends.append(at)
        for count in range(len(words), 0, -1):
            yield " ".join(words[:count]).rstrip(",;"), ends[count - 1]

    def clamped(self, digits: str, bounds: tuple[int, int], code: str) -> int:
        low, high = bounds
        # Longer numbers than any bound are not turned into integers: Python refuses thousands of digits.
        number = int(digits) if len(digits) < 10 else high + 1
        used = min(max(number, low), high)
        if used != number:
            self.remark(code, low=low, high=high, typed=digits[:20], used=used)
        return used


def value_of(start: Start, text: str) -> str:
    """The value of a filter: a quoted one as it is, else without the punctuation around it."""
    return text if start.kind == "phrase" else text.strip(_TRAILING)


def _texts(lexemes: list[Lexeme]) -> Iterator[str]:
    """What will be asked of the scanner, so that it is asked once; bare words aside, of which it keeps what they are."""
    for lexeme in lexemes:
        if lexeme.kind == "phrase":
            yield " ".join(lexeme.text.split())
        elif lexeme.kind == "chunk" and not is_bare_word(lexeme) and not is_operator(lexeme):
            body = split_chunk(lexeme.text).body
            yield body.rstrip(_TRAILING).rstrip("*") if "*" in body else body
