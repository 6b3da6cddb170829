"""Typed text as the units of a question: one token is a `Word`, a joined form beside its parts an `Alternatives`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from ..records import dataclass
from ..vietnamese.scan import rows_of_chunk, scan_many
from ..vietnamese.scan_pieces import Row
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
class _Cell:
    """A unit of a text as a run of tokens: [first, last), how they join, and what was typed for them."""

    first: int
    last: int
    join: _Join | None
    surface: str
    alone: str
    """the surface as it is read when it stands alone"""


@dataclass(frozen=True, slots=True)
class _Scanned:
    tokens: tuple[_Token, ...]
    joins: tuple[_Join, ...]
    cells: tuple[_Cell, ...]


_KEPT = 1 << 12
_SHORT = 32
"""characters up to which the reading of a text is kept: questions share most of their words"""

_kept: dict[str, _Scanned] = {}


def units_of_word(word: str) -> tuple[Unit, ...]:
    """The plain words of a question that a run of letters and digits is: nearly always itself."""
    return _kept_units_of_word(word) if len(word) <= _SHORT else _units_of_word(word)


def _units_of_word(word: str) -> tuple[Unit, ...]:
    rows = rows_of_chunk(word)
    if len(rows) == 1 and rows[0][2:4] == (0, len(word)):
        return (as_word(Word(rows[0][0], word)),)
    return tuple(map(as_word, Units().plain(word)))


_kept_units_of_word = lru_cache(maxsize=_KEPT)(_units_of_word)


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
        for cell in scanned.cells:
            if cell.alone != text:
                units += self.plain(cell.alone, verbatim=verbatim)
            else:
                units.append(_unit(text, scanned, cell, verbatim))
        return units

    def operand(self, text: str, *, verbatim: bool = False) -> Unit | Phrase | None:
        """The text as one thing to find: a single unit, or all tokens in order at consecutive positions; None where it has no token.

        A phrase that holds hyphens may also be met with all of them joined: "Tổng thống Pu-tin", "Tổng thống Putin".
        """
        text = " ".join(text.split())
        scanned = self._scan(text)
        if len(scanned.cells) == 1:
            alone = scanned.cells[0].alone
            return self.operand(alone, verbatim=verbatim) if alone != text else self.plain(text, verbatim=verbatim)[0]
        if not scanned.cells:
            return None
        typed = Phrase(_members(text, scanned, range(len(scanned.tokens)), verbatim), text)
        if verbatim or not scanned.joins:
            return typed
        joined: list[Unit] = []
        for cell in scanned.cells:
            if cell.join:
                joined.append(Word(cell.join.term, cell.surface))
            else:
                joined += _members(text, scanned, range(cell.first, cell.last), verbatim)
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
        wanted = set(texts).difference(self._known)
        while wanted:
            found = {text: scanned for text in wanted if (scanned := _kept.get(text))}
            if unknown := [text for text in wanted if text not in found]:
                found.update(_scan_many(unknown))
                if len(_kept) > _KEPT:
                    _kept.clear()
                _kept.update((text, found[text]) for text in unknown if len(text) <= _SHORT)
            self._known.update(found)
            wanted = {cell.alone for scanned in found.values() for cell in scanned.cells}.difference(self._known)


def _scan_many(texts: list[str]) -> Iterator[tuple[str, _Scanned]]:
    """Each text with its reading: words one by one, for arrays cost more than they save, the others together."""
    others = []
    for text in texts:
        if text.split() == [text]:
            yield text, _scanned(text, rows_of_chunk(text))
        else:
            others.append(text)
    if not others:
        return
    tokens = scan_many(others)
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
    for i, text in enumerate(others):
        yield text, _scanned(text, rows[bounds[i] : bounds[i + 1]])


def _scanned(text: str, rows: Sequence[Row]) -> _Scanned:
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
    return _Scanned(tokens, tuple(joins.values()), tuple(_cells(text, tokens, joins)))


def _cells(text: str, tokens: tuple[_Token, ...], joins: dict[int, _Join]) -> Iterator[_Cell]:
    at = 0
    while at < len(tokens):
        join = joins.get(at)
        last = join.last if join else at + 1
        surface = text[tokens[at].start : tokens[last - 1].end]
        yield _Cell(at, last, join, surface, surface.rstrip("*"))
        at = last


def _members(text: str, scanned: _Scanned, which: Iterable[int], verbatim: bool) -> tuple[Unit, ...]:
    return tuple(_of_token(text, scanned.tokens[at], verbatim) for at in which)


def _of_token(text: str, token: _Token, verbatim: bool) -> Unit:
    surface = text[token.start : token.end]
    typed = Word(token.term, surface, verbatim)
    if verbatim or not token.joined:
        return typed
    return Alternatives(((typed, 1.0), (Word(token.joined, surface), 1.0)), surface)


def _unit(text: str, scanned: _Scanned, cell: _Cell, verbatim: bool) -> Unit:
    if cell.join is None:
        return _of_token(text, scanned.tokens[cell.first], verbatim)
    typed = Phrase(_members(text, scanned, range(cell.first, cell.last), verbatim), text)
    if verbatim:
        return Alternatives(((typed, 1.0),), text)
    return Alternatives(((typed, 1.0), (Word(cell.join.term, text), 1.0)), text)


def as_word(unit: Unit) -> Unit:
    """The unit as a plain word of a question: one that looks like an operator (`VÀ` in a headline) is written small, so that it is none."""
    return (
        Word(unit.term, unit.surface.lower(), unit.verbatim)
        if isinstance(unit, Word) and unit.surface in OPERATORS
        else unit
    )
