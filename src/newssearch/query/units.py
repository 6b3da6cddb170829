"""Typed text as the units of a question: one token is a `Word`, a joined form beside its parts an `Alternatives`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..vietnamese.scan import scan_many
from .lexer import OPERATORS
from .nodes import Alternatives, Phrase, Word

Unit = Word | Alternatives


@dataclass(frozen=True, slots=True)
class _Token:
    term: str
    start: int
    end: int
    joined: str
    """what stands at the same place without the apostrophe, else "" """


@dataclass(frozen=True, slots=True)
class _Join:
    """Tokens first to last (exclusive) that a hyphen joins, and their joined form."""

    first: int
    last: int
    term: str


@dataclass(frozen=True, slots=True)
class _Scanned:
    tokens: tuple[_Token, ...]
    joins: tuple[_Join, ...]


class Units:
    """Reads typed text as units; what is asked for together is scanned together."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Scans all texts, and what they fall apart into, in few passes."""
        self._known: dict[str, _Scanned] = {}
        self._prepare(texts)

    def plain(self, text: str, *, verbatim: bool = False) -> list[Unit]:
        """The text's tokens as units that each mean the same when typed alone: `Pu-tin 5.000` -> [pu tin | putin, 5000]."""
        scanned = self._scan(text)
        units: list[Unit] = []
        for first, last, join in _cells(scanned):
            surface = text[scanned.tokens[first].start : scanned.tokens[last - 1].end]
            alone = surface.rstrip("*")
            if alone != text:
                units += self.plain(alone, verbatim=verbatim)
            else:
                units.append(_unit(text, scanned, first, last, join, verbatim))
        return units

    def operand(self, text: str, *, verbatim: bool = False) -> Unit | Phrase | None:
        """The text as one thing to find: a single unit, or all tokens in order at consecutive positions; None where it has no token.

        A phrase that holds hyphens may also be met with all of them joined: "Tổng thống Pu-tin", "Tổng thống Putin".
        """
        text = " ".join(text.split())
        scanned = self._scan(text)
        cells = _cells(scanned)
        if len(cells) == 1:
            alone = text[scanned.tokens[0].start : scanned.tokens[-1].end].rstrip("*")
            return self.operand(alone, verbatim=verbatim) if alone != text else self.plain(text, verbatim=verbatim)[0]
        if not cells:
            return None
        typed = Phrase(_members(text, scanned, range(len(scanned.tokens)), verbatim), text)
        if verbatim or not scanned.joins:
            return typed
        joined: list[Unit] = []
        for first, last, join in cells:
            surface = text[scanned.tokens[first].start : scanned.tokens[last - 1].end]
            joined += [Word(join.term, surface)] if join else _members(text, scanned, range(first, last), verbatim)
        return Alternatives(((typed, 1.0), (Phrase(tuple(joined), text), 1.0)), text)

    def stem(self, text: str) -> str | None:
        """The canonical form of what stands before a `*`, or None where that is not one token of letters, digits and apostrophes."""
        scanned = self._scan(text)
        if len(scanned.tokens) != 1 or not all(
            letter.isalpha() or letter.isdecimal() or letter in "'’" for letter in text
        ):
            return None
        token = scanned.tokens[0]
        return token.term if (token.start, token.end) == (0, len(text)) else None

    def _scan(self, text: str) -> _Scanned:
        if text not in self._known:
            self._prepare((text,))
        return self._known[text]

    def _prepare(self, texts: Iterable[str]) -> None:
        wanted = [text for text in dict.fromkeys(texts) if text not in self._known]
        while wanted:
            pieces: dict[str, None] = {}
            for text, scanned in zip(wanted, _scan_many(wanted), strict=True):
                self._known[text] = scanned
                for first, last, _ in _cells(scanned):
                    pieces[text[scanned.tokens[first].start : scanned.tokens[last - 1].end].rstrip("*")] = None
            wanted = [piece for piece in pieces if piece not in self._known]


def _scan_many(texts: list[str]) -> list[_Scanned]:
    tokens = scan_many(texts)
    terms = [tokens.terms[number] for number in tokens.term.tolist()]
    rows = list(
        zip(
            terms,
            tokens.position.tolist(),
            tokens.start.tolist(),
            tokens.end.tolist(),
            tokens.main.tolist(),
            strict=True,
        )
    )
    bounds = tokens.bounds.tolist()
    return [_scanned(rows[bounds[i] : bounds[i + 1]]) for i in range(len(texts))]


def _scanned(rows: list[tuple[str, int, int, int, bool]]) -> _Scanned:
    mains = [row for row in rows if row[4]]
    ends = [row[3] for row in mains]
    joined: dict[int, str] = {}
    joins: dict[int, _Join] = {}
    for term, position, _, end, main in rows:
        if main:
            continue
        word, _, _, main_end, _ = mains[position]
        if end > main_end and end in ends:
            # Only a joined form reaches beyond its first part; the parts of a date or an address lie inside it.
            joins[position] = _Join(position, ends.index(end) + 1, term)
        elif "'" in word and term == word.replace("'", ""):
            joined[position] = term
    tokens = tuple(_Token(term, start, end, joined.get(at, "")) for at, (term, _, start, end, _) in enumerate(mains))
    return _Scanned(tokens, tuple(joins.values()))


def _cells(scanned: _Scanned) -> list[tuple[int, int, _Join | None]]:
    """The units of a text as runs of tokens: [first, last) and how they join."""
    starts = {join.first: join for join in scanned.joins}
    cells: list[tuple[int, int, _Join | None]] = []
    at = 0
    while at < len(scanned.tokens):
        join = starts.get(at)
        last = join.last if join else at + 1
        cells.append((at, last, join))
        at = last
    return cells


def _members(text: str, scanned: _Scanned, which: Iterable[int], verbatim: bool) -> tuple[Unit, ...]:
    return tuple(_of_token(text, scanned.tokens[at], verbatim) for at in which)


def _of_token(text: str, token: _Token, verbatim: bool) -> Unit:
    surface = text[token.start : token.end]
    typed = Word(token.term, surface, verbatim)
    if verbatim or not token.joined:
        return typed
    return Alternatives(((typed, 1.0), (Word(token.joined, surface), 1.0)), surface)


def _unit(text: str, scanned: _Scanned, first: int, last: int, join: _Join | None, verbatim: bool) -> Unit:
    if join is None:
        return _of_token(text, scanned.tokens[first], verbatim)
    typed = Phrase(_members(text, scanned, range(first, last), verbatim), text)
    if verbatim:
        return Alternatives(((typed, 1.0),), text)
    return Alternatives(((typed, 1.0), (Word(join.term, text), 1.0)), text)


def as_word(unit: Unit) -> Unit:
    """The unit as a plain word of a question: one that looks like an operator (`VÀ` in a headline) is written small, so that it is none."""
    return (
        Word(unit.term, unit.surface.lower(), unit.verbatim)
        if isinstance(unit, Word) and unit.surface in OPERATORS
        else unit
    )
