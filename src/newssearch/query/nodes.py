"""The tree of a question: what `parse` makes, `interpret` rewrites and an engine answers.

The root is always a `Group`. Its `words` fall under the matching rule (see the design, "What matches"); `required`
must hold, `excluded` must not. A question `a OR b -c` is `Group(required=(Or((Group((a,)), Group((b,)))),), excluded=(c,))`.
"""

from __future__ import annotations

from datetime import date

from ..records import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One token. `term` is the canonical token of `vietnamese.scan`, `surface` what was typed.

    `verbatim` (typed `=Nga`) is never folded or expanded. `folded` is set by `interpret` alone: the token then stands for every spelling
    whose accent-free form is `fold(term)`, and is scored over the `folded` field.
    """

    term: str
    surface: str = ""
    verbatim: bool = False
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One term to the matching rule: any of the members, each with its weight in (0, 1]; the first is what was typed."""

    members: tuple[tuple[Word | Phrase, float], ...]
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Tokens at consecutive positions, in order. `words` holds `Word` or `Alternatives` of `Word`s (at one position)."""

    words: tuple[Word | Alternatives, ...]
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Proximity:
    """`"a b"~n`, `a NEAR/n b`, `a BEFORE/n b`: all operands inside one part of the article.

    For `"…"~n` (`operator="within"`) all tokens lie in a window in which the last is at most n positions after the first, in any order.
    `near`/`before` take exactly two operands (phrases allowed) and measure from the nearest ends; `before` keeps the order. n is 1 to 127.
    """

    operands: tuple[Word | Alternatives | Phrase, ...]
    distance: int
    operator: str = "within"


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`atleast3:word`: the token occurs at least `count` times in the article's text."""

    word: Word | Alternatives
    count: int


@dataclass(frozen=True, slots=True)
class Prefix:
    """`phòng*`: any token that begins with `prefix` (canonical, lower-case); `folded` as for `Word`."""

    prefix: str
    surface: str = ""
    folded: bool = False


@dataclass(frozen=True, slots=True)
class InField:
    """`title:x`, `lead:x`, `caption:x`: the node must hold inside that part of the article."""

    field: str
    node: Word | Alternatives | Phrase | Proximity | Prefix | Group


@dataclass(frozen=True, slots=True)
class Filter:
    """`source:`, `section:`, `author:`, `kind:`: the column has this value (case and NFC folded; a source by name or host)."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published from `start` to `end`, both inclusive days in +07:00; None is open. `surface` is what was typed."""

    start: date | None
    end: date | None
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A pasted URL: finds the article that has or once had this address."""

    url: str


@dataclass(frozen=True, slots=True)
class Or:
    """Any side holds; each side applies the matching rule to its own words, without reach."""

    sides: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Every side holds; each side applies the matching rule to its own words, without reach."""

    sides: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Words side by side and the clauses that stand with them."""

    words: tuple[Word | Alternatives, ...] = ()
    required: tuple[Node, ...] = ()
    excluded: tuple[Node, ...] = ()


Node = (
    Word
    | Alternatives
    | Phrase
    | Proximity
    | AtLeast
    | Prefix
    | InField
    | Filter
    | DateRange
    | Address
    | Or
    | And
    | Group
)
