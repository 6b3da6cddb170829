"""The marks of the query language: a question as chunks, quoted phrases, parentheses and bars; and what the parts of a chunk are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from ..records import dataclass

OR_OPERATORS = frozenset({"OR", "HOẶC", "|"})
AND_OPERATORS = frozenset({"AND", "VÀ", "&&"})
NOT_OPERATORS = frozenset({"NOT", "KHÔNG"})
VIETNAMESE_CONNECTIVES = {"HOẶC": "OR", "VÀ": "AND", "KHÔNG": "NOT"}
JOINING_OPERATORS = OR_OPERATORS | AND_OPERATORS
OPERATORS = JOINING_OPERATORS | NOT_OPERATORS

TEXT_FIELDS = {"title": "title", "intitle": "title", "lead": "lead", "caption": "caption"}
COLUMNS = {"source": "source", "site": "source", "section": "section", "author": "author", "kind": "kind"}
DATES = frozenset({"after", "before", "date"})

_QUOTES = '"“”„‟'
_GUILLEMETS = "«»"
_CHUNK_END = re.compile(rf"[\s(){_QUOTES}{_GUILLEMETS}|]")
_ADDRESS_END = re.compile(rf"[\s{_QUOTES}{_GUILLEMETS}]")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_MARK = re.compile(rf"[(){_QUOTES}{_GUILLEMETS}|]|://")
"""what a question of nothing but words with white space between them does not have"""
_SLOP = re.compile(r"~([0-9]+)")
_PROXIMITY = re.compile(r"(NEAR|GẦN|BEFORE|TRƯỚC)/([0-9]+)")
_FIELD = re.compile(rf"({'|'.join([*TEXT_FIELDS, *COLUMNS, *DATES])}|atleast[0-9]+):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One mark of the question. `glued` says that no space stands before it; `slop` is the digits of `~n` after a phrase."""

    kind: Literal["chunk", "phrase", "open", "close", "or"]
    text: str
    glued: bool
    slop: str | None = None
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Chunk:
    """The parts of a chunk such as `-title:=Nga`; `body` is what is left, `field` is lower-case or ""."""

    negated: bool
    field: str
    verbatim: bool
    body: str


def lex(text: str) -> list[Lexeme]:
    """Return the marks of a question in order; nothing but white space is lost."""
    return list(_lexemes(text)) if _MARK.search(text) else [Lexeme("chunk", chunk, False) for chunk in text.split()]


def _lexemes(text: str) -> Iterator[Lexeme]:
    at = 0
    glued = False
    while at < len(text):
        letter = text[at]
        if letter.isspace():
            at += 1
            glued = False
            continue
        slop = None
        closed = True
        if letter in _QUOTES or letter in _GUILLEMETS:
            closers = _QUOTES if letter in _QUOTES else _GUILLEMETS
            end = next((i for i in range(at + 1, len(text)) if text[i] in closers), len(text))
            closed = end < len(text)
            content = text[at + 1 : end]
            end += closed
            if found := _SLOP.match(text, end):
                slop, end = found[1], found.end()
            yield Lexeme("phrase", content, glued, slop, closed)
        elif letter == "(":
            end = at + 1
            yield Lexeme("open", letter, glued)
        elif letter == ")":
            end = at + 1
            yield Lexeme("close", letter, glued)
        elif letter == "|":
            end = at + 1
            yield Lexeme("or", letter, glued)
        else:
            end = _end_of_chunk(text, at)
            yield Lexeme("chunk", text[at:end], glued)
        at = end
        glued = True


def _end_of_chunk(text: str, start: int) -> int:
    found = _CHUNK_END.search(text, start)
    end = found.start() if found else len(text)
    if not _SCHEME.search(text, start, end):
        return end
    # An address may hold parentheses and bars; one that closes what stands before it is not its own.
    found = _ADDRESS_END.search(text, start)
    end = found.start() if found else len(text)
    while text[end - 1] == ")" and text.count("(", start, end) < text.count(")", start, end):
        end -= 1
    return end


def split_chunk(text: str) -> Chunk:
    """Return the parts of a chunk: a leading `-`, a field that is known, `=`, and the rest. Two or more `-` are no NOT."""
    if text.isalnum():
        return Chunk(False, "", False, text)
    negated = text.startswith("-") and not text.startswith("--")
    rest = text[negated:]
    field = ""
    if found := _FIELD.match(rest):
        field = found[1].lower()
        rest = rest[found.end() :]
    verbatim = rest.startswith("=")
    return Chunk(negated, field, verbatim, rest.lstrip("=") if verbatim else rest)


def is_bare_word(lexeme: Lexeme) -> bool:
    """Whether the mark is a word of letters and digits alone, and no operator."""
    return lexeme.kind == "chunk" and lexeme.text.isalnum() and lexeme.text not in OPERATORS


def is_operator(lexeme: Lexeme) -> bool:
    """Whether the mark joins what stands beside it: OR, AND, NOT, NEAR/n, BEFORE/n."""
    return lexeme.kind == "or" or (
        lexeme.kind == "chunk" and (lexeme.text in OPERATORS or proximity_of(lexeme) is not None)
    )


def proximity_of(lexeme: Lexeme) -> tuple[str, str] | None:
    """Return the operator and the digits of `NEAR/5` and its like: ("near", "5")."""
    if lexeme.kind != "chunk" or "/" not in lexeme.text or not (found := _PROXIMITY.fullmatch(lexeme.text)):
        return None
    return "near" if found[1] in ("NEAR", "GẦN") else "before", found[2]


def is_address(text: str) -> bool:
    """Whether the text begins as a web address does; stars and the like inside it are its own."""
    return _SCHEME.match(text) is not None


def quote(text: str) -> str:
    """Return the text in quotation marks that it does not hold itself."""
    return f"«{text}»" if any(letter in _QUOTES for letter in text) else f'"{text}"'


def unquoted(text: str) -> str:
    """Return the text without quotation marks, white space collapsed."""
    return " ".join("".join(" " if c in _QUOTES or c in _GUILLEMETS else c for c in text).split())
