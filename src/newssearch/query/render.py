"""A tree as text that a person could have typed: `parse(render(tree)).root` is the tree again."""

from __future__ import annotations

import re

from .lexer import OPERATORS, quote
from .nodes import (
    Address,
    Alternatives,
    And,
    AtLeast,
    DateRange,
    Filter,
    Group,
    InField,
    Node,
    Or,
    Phrase,
    Prefix,
    Proximity,
    Word,
)

_BARE_WORD = re.compile(r"[^\W_][\w’']*")
_BARE_VALUE = re.compile(r"[^\W_](?:[\w.-]*\w)?")


def render(root: Group) -> str:
    """Return the question as text, what was typed kept where the tree knows it: words first, then clauses, then what is excluded."""
    if len(root.required) == 1 and not root.words and isinstance(root.required[0], Or | And):
        parts = [_sides(root.required[0])]
    else:
        parts = [_plain(word) for word in root.words] + [_clause(node) for node in root.required]
    return " ".join(parts + ["-" + _excluded(node) for node in root.excluded])


def _plain(word: Word | Alternatives) -> str:
    surface = _surface(word)
    # An address that lost its last parenthesis as punctuation would take that of the group around it.
    closing = ")" * max(surface.count("(") - surface.count(")"), 0) if "(" in surface else ""
    return ("=" if _is_verbatim(word) else "") + surface + closing


def _clause(node: Node) -> str:
    """A node that must hold, beside others."""
    match node:
        case Word() | Alternatives():
            return ("=" if _is_verbatim(node) else "") + quote(_surface(node))
        case Phrase():
            return _operand(node)
        case Proximity(operator="within"):
            return _within(node)
        case Proximity():
            left, right = node.operands
            return f"{_operand(left)} {node.operator.upper()}/{node.distance} {_operand(right)}"
        case AtLeast():
            return f"atleast{node.count}:{_operand(node.word)}"
        case Prefix():
            return node.surface or node.prefix + "*"
        case InField():
            return f"{node.field}:{_operand(node.node)}"
        case Filter():
            return f"{node.field}:{node.value if _BARE_VALUE.fullmatch(node.value) else quote(node.value)}"
        case DateRange():
            return _dates(node)
        case Address():
            return node.url
        case Or() | And():
            return f"({_sides(node)})"
        case Group():
            return f"({render(node)})"


def _operand(node: Word | Alternatives | Phrase | Proximity | Prefix | Group) -> str:
    """A node where exactly one is expected: after a field, beside NEAR."""
    match node:
        case Word() | Alternatives():
            surface = _surface(node)
            is_bare = _BARE_WORD.fullmatch(surface) and surface not in OPERATORS
            return ("=" if _is_verbatim(node) else "") + (surface if is_bare else quote(surface))
        case Phrase():
            return ("=" if _is_verbatim(node) else "") + quote(_surface(node))
        case Proximity(operator="near" | "before"):
            return f"({_clause(node)})"
        case _:
            return _clause(node)


def _excluded(node: Node) -> str:
    match node:
        case Word() | Alternatives() | Phrase() | Proximity():
            return _operand(node)
        case _:
            return _clause(node)


def _sides(node: Or | And) -> str:
    if isinstance(node, And):
        return " AND ".join(_side(side, Or | And) for side in node.sides)
    return " OR ".join(_side(side, Or) for side in node.sides)


def _side(group: Group, enclosed: type[Or] | type[And] | object) -> str:
    """One side of an operator; in parentheses where it excludes something or is itself joined by an operator that binds no tighter."""
    only = group.required[0] if len(group.required) == 1 and not group.words else None
    is_joined = isinstance(only, enclosed)  # type: ignore[arg-type]
    return f"({render(group)})" if group.excluded or is_joined else render(group)


def _within(node: Proximity) -> str:
    verbatim = all(_is_verbatim(operand) for operand in node.operands)
    return (
        ("=" if verbatim else "")
        + quote(" ".join(_surface(operand) for operand in node.operands))
        + f"~{node.distance}"
    )


def _dates(node: DateRange) -> str:
    if node.surface:
        value = quote(node.surface)
    elif node.start and node.end and node.start != node.end:
        value = f"{node.start}..{node.end}"
    else:
        value = str(node.start or node.end)
    return f"{'date' if node.start and node.end else 'after' if node.start else 'before'}:{value}"


def _surface(node: Word | Alternatives | Phrase) -> str:
    """What was typed for the node, else what it stands for."""
    if node.surface:
        return node.surface
    match node:
        case Word():
            return node.term
        case Phrase():
            return " ".join(map(_surface, node.words))
        case Alternatives():
            return _surface(node.members[0][0])


def _is_verbatim(node: Word | Alternatives | Phrase) -> bool:
    match node:
        case Word():
            return node.verbatim
        case Phrase():
            return all(map(_is_verbatim, node.words))
        case Alternatives():
            return all(_is_verbatim(member) for member, _ in node.members)
