"""A question as typed, read into the tree. Total: whatever the text is, something is made of it, and `notices` say what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date

from ..identity import normalize_url
from ..models import Notice
from ..records import dataclass
from ..vietnamese.normalize import nfc
from .clauses import Reader
from .grouping import Side, join
from .lexer import COLUMNS, DATES, OPERATORS, VIETNAMESE_CONNECTIVES, Lexeme, is_operator, lex, split_chunk
from .nodes import Address, Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Proximity, Word
from .notices import notice
from .operands import Remark
from .render import render
from .units import Unit, Units, as_word, units_of_word

MAX_CHARACTERS = 5_000
MAX_NODES = 1_000

_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARE_ADDRESS = re.compile(r"(?:www\.\S+\.\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*[-.]\S*)")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A question that was read. `plain` is its plain words and phrases as running text: no operators, filters or excluded parts."""

    root: Group
    notices: tuple[Notice, ...] = ()
    plain: str = ""


def parse(text: str, *, today: date | None = None, lang: str = "vi") -> Parsed:
    """Return the tree of a question, for every string; never raises. `today` is what relative dates count from, else the day that it is in +07:00.

    At most MAX_CHARACTERS and MAX_NODES are read and parentheses nest 50 deep; what lies beyond is left out with a notice.
    """
    text = _clean(text)
    if url := _address_of(text):
        return Parsed(_address(url), plain=text.strip())
    read = _cut(text, MAX_CHARACTERS)
    chunks = text.split()
    if len(read) == len(text) and (words := _bare_words(chunks)) and len(words) < MAX_NODES:
        return Parsed(Group(words), plain=" ".join(chunks))
    root, remarks, plain = _read(read, today)
    rendered = render(root)
    while (size := _size(root)) > MAX_NODES or len(rendered) > MAX_CHARACTERS:
        # What was understood must itself be a question, so that links to it find the same.
        ratio = min(MAX_NODES / max(size, 1), MAX_CHARACTERS / max(len(rendered), 1))
        read = _cut(read, int(len(read) * min(ratio, 0.95)))
        root, remarks, plain = _read(read, today)
        rendered = render(root)
    if root == Group(root.words[:1]) and (url := _lone_address(root.words)):
        root = _address(url)
        rendered = render(root)
    if len(read) < len(text):
        remarks.append(Remark("question-cut", (("used", len(read)),)))
    if root.excluded and not root.words and not root.required:
        remarks.append(Remark("only-excluded"))
    if root == Group() and text.strip() and not remarks:
        remarks.append(Remark("no-words"))
    repaired = rendered if rendered and rendered != text else None
    return Parsed(root, tuple(_notices(remarks, read, repaired, today, lang)), plain)


def parse_plain(text: str, *, lang: str = "vi") -> Parsed:
    """Return the question with every token a plain word and no operators at all, for batch runs; never raises."""
    text = _clean(text)
    read = _cut(text, MAX_CHARACTERS)
    side = Side()
    for unit in Units((read,)).plain(read):
        side.add_word(as_word(unit))
    notices = (notice("question-cut", lang, used=len(read)),) if len(read) < len(text) else ()
    return Parsed(join([[side]]), notices, " ".join(read.split()))


def _bare_words(chunks: Sequence[str]) -> tuple[Unit, ...]:
    """The words of a question of nothing but words of letters and digits, as most are; nothing for any other."""
    if not all(map(str.isalnum, chunks)) or not OPERATORS.isdisjoint(chunks):
        return ()
    side = Side()
    for chunk in chunks:
        for unit in units_of_word(chunk):
            side.add_word(unit)
    return tuple(side.words.values())


def _clean(text: str) -> str:
    """NFC, without what no text holds: control characters are spaces, lone surrogates the replacement character."""
    if text.isprintable():
        return nfc(text)
    return unicodedata.normalize("NFC", _SURROGATE.sub("\ufffd", _UNREADABLE.sub(" ", text)))


def _cut(text: str, length: int) -> str:
    """The text up to so many characters, between two words where there are any."""
    if len(text) <= length:
        return text
    space = max(text.rfind(" ", 0, length + 1), text.rfind("\n", 0, length + 1))
    return text[: space if space > 0 else length]


def _address_of(text: str) -> str:
    """The question's address if it is nothing but one; a browser may have hidden its scheme."""
    text = text.strip()
    if not 0 < len(text) <= MAX_CHARACTERS or text.isalnum() or len(text.split()) > 1:
        return ""
    if _BARE_ADDRESS.fullmatch(text):
        text = "https://" + text
    return text if normalize_url(text) else ""


def _lone_address(words: tuple[Word | Alternatives, ...]) -> str:
    """The address that is all that is left of a question with marks around it."""
    return "".join(_address_of(word.surface) for word in words if isinstance(word, Word) and not word.verbatim)


def _address(url: str) -> Group:
    return Group(required=(Address(url),))


def _read(text: str, today: date | None, *, headline: bool | None = None) -> tuple[Group, list[Remark], str]:
    lexemes = lex(text)
    remarks = []
    if headline is None and (connectives := _headline_connectives(lexemes)):
        remarks.append(Remark("capital-connectives", (("operators", ", ".join(connectives)),)))
        headline = True
    if any(not lexeme.closed for lexeme in lexemes):
        remarks.append(Remark("unbalanced-quote"))
    if headline:
        # Written small they are ordinary words to every later reading.
        lexemes = [_small(lexeme) for lexeme in lexemes]
    reader = Reader(lexemes, today, remarks)
    root = reader.question()
    return root, remarks, " ".join(" ".join(reader.said).split())


def _headline_connectives(lexemes: list[Lexeme]) -> list[str]:
    """The Vietnamese connectives of a question that is typed wholly in capitals, where they are more likely words."""
    found = [lexeme.text for lexeme in lexemes if lexeme.kind == "chunk" and lexeme.text in VIETNAMESE_CONNECTIVES]
    if not found:
        return []
    letters = "".join(_own_text(lexeme) for lexeme in lexemes)
    return list(dict.fromkeys(found)) if letters.isupper() else []


def _own_text(lexeme: Lexeme) -> str:
    """The reader's own words in a mark: no operators, fields or values of filters."""
    if lexeme.kind == "phrase":
        return lexeme.text
    if lexeme.kind != "chunk" or is_operator(lexeme):
        return ""
    chunk = split_chunk(lexeme.text)
    return "" if chunk.field in COLUMNS or chunk.field in DATES else chunk.body


def _small(lexeme: Lexeme) -> Lexeme:
    is_connective = lexeme.kind == "chunk" and lexeme.text in VIETNAMESE_CONNECTIVES
    return Lexeme("chunk", lexeme.text.lower(), lexeme.glued) if is_connective else lexeme


def _notices(remarks: list[Remark], text: str, repaired: str | None, today: date | None, lang: str) -> Iterator[Notice]:
    for remark in dict.fromkeys(remarks):
        query = repaired
        if remark.code == "capital-connectives":
            query = render(_read(text, today, headline=False)[0])
        elif remark.code in ("only-excluded", "excluded-beside-or"):
            query = None
        yield notice(remark.code, lang, query, **dict(remark.fields))


def _size(node: Node) -> int:
    """How many nodes a tree has."""
    match node:
        case Word():
            return 1
        case Group():
            return 1 + sum(_size(child) for child in (*node.words, *node.required, *node.excluded))
        case Or() | And():
            return 1 + sum(map(_size, node.sides))
        case InField():
            return 1 + _size(node.node)
        case AtLeast():
            return 1 + _size(node.word)
        case Proximity():
            return 1 + sum(map(_size, node.operands))
        case Phrase():
            return sum(map(_size, node.words))
        case Alternatives():
            return sum(_size(member) for member, _ in node.members)
        case _:
            return 1
