"""The nodes that stand for tokens, and what makes two of them one."""

from __future__ import annotations

from typing import Any

from ...query.nodes import Alternatives, Phrase, Prefix, Word
from ...vietnamese.fold import fold

Token = Word | Alternatives | Phrase | Prefix


def key_of(node: Token) -> tuple[Any, ...]:
    """What makes two nodes one token: the term, or its accent-free form where it folds. Surfaces do not count."""
    match node:
        case Word():
            return field_of(node)
        case Alternatives():
            return ("any", *((key_of(member), weight) for member, weight in node.members))
        case Phrase():
            return ("phrase", *map(key_of, node.words))
        case Prefix():
            return ("prefix", node.folded, fold(node.prefix) if node.folded else node.prefix)


def field_of(word: Word) -> tuple[str, str]:
    """The field and the term that a word stands for."""
    return ("folded", fold(word.term)) if word.folded else ("text", word.term)


def memo_key(node: Token, part: str | None) -> tuple[Any, ...]:
    """Under what is kept what was read of a token; of a word, asked for most, without folding it each time."""
    return (node.term, node.folded, part) if isinstance(node, Word) else (key_of(node), part)
