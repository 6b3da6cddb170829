"""How clauses become groups: one normal form, so that brackets which change nothing leave no trace in the tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .nodes import Alternatives, And, Group, Node, Or, Word


@dataclass(slots=True)
class Side:
    """What stands side by side between two operators. `excluded` holds for the group around, not for this side alone."""

    words: dict[object, Word | Alternatives] = field(default_factory=dict)
    required: list[Node] = field(default_factory=list)
    excluded: list[Node] = field(default_factory=list)

    def add_word(self, word: Word | Alternatives) -> None:
        """Add a plain word, once for each term."""
        self.words.setdefault(_identity(word), word)

    def add(self, node: Node, *, negated: bool) -> None:
        """Add a clause; a group of one plain word is that word."""
        if negated:
            self.excluded.append(unwrap(node) if isinstance(node, Group) else node)
        elif isinstance(node, Group) and len(node.words) == 1 and not node.required and not node.excluded:
            self.add_word(node.words[0])
        else:
            self.required.append(node)

    def finds(self) -> bool:
        """Whether something stands here beside what is excluded."""
        return bool(self.words or self.required)

    def is_empty(self) -> bool:
        """Whether nothing stands here at all."""
        return not (self.words or self.required or self.excluded)


def group_of(side: Side) -> Group:
    """Return the side as a group, without what it excludes; inner groups that only add clauses are spliced into it."""
    words = list(side.words.values())
    required = _distinct(side.required)
    inner = [node for node in required if isinstance(node, Group) and node.words]
    spliced = inner if not words and len(inner) == 1 else []
    excluded: list[Node] = []
    clauses: list[Node] = []
    for node in required:
        if isinstance(node, Group) and (not node.words or node in spliced):
            words += node.words
            clauses += node.required
            excluded += node.excluded
        else:
            clauses.append(node)
    return Group(tuple(words), _distinct(clauses), _distinct(excluded))


def join(sides: Sequence[Sequence[Side]]) -> Group:
    """Return the group of sides joined by AND inside sides joined by OR; of a side that finds nothing only what it excludes is kept."""
    excluded = [node for ands in sides for side in ands for node in side.excluded]
    filled = [[group_of(side) for side in ands if side.finds()] for ands in sides]
    alternatives = [_conjunction(groups) for groups in filled if groups]
    if len(alternatives) == 1:
        group = alternatives[0]
    elif alternatives:
        group = Group(required=(Or(tuple(alternatives)),))
    else:
        group = Group()
    return Group(group.words, group.required, _distinct([*group.excluded, *excluded]))


def _conjunction(groups: list[Group]) -> Group:
    return groups[0] if len(groups) == 1 else Group(required=(And(tuple(groups)),))


def unwrap(group: Group) -> Node:
    """Return the one node that the group holds, else the group."""
    only = (*group.words, *group.required)
    return only[0] if len(only) == 1 and not group.excluded else group


def _distinct(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(dict.fromkeys(nodes))


def _identity(word: Word | Alternatives) -> object:
    """What makes two plain words the same: what they find, however they were typed."""
    if isinstance(word, Word):
        return word.term, word.verbatim
    return tuple(
        (_identity(member), weight) if isinstance(member, Word) else (tuple(map(_identity, member.words)), weight)
        for member, weight in word.members
    )
