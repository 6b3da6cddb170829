"""The grammar: the marks of a question into words, clauses and groups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..identity import host_of
from .dates import parse_range, today_here
from .grouping import Side, join, unwrap
from .lexer import (
    AND_OPERATORS,
    COLUMNS,
    DATES,
    JOINING_OPERATORS,
    NOT_OPERATORS,
    TEXT_FIELDS,
    Lexeme,
    is_bare_word,
    is_operator,
    proximity_of,
    split_chunk,
)
from .nodes import Alternatives, AtLeast, DateRange, Filter, Group, InField, Phrase, Prefix, Proximity, Word
from .operands import COUNTS, DISTANCES, Operands, Remark, Start, value_of
from .units import as_word, units_of_word

MAX_DEPTH = 50


class Reader:
    """Reads the marks of one question from left to right; `remarks` grows, `said` collects the plain words as typed."""

    def __init__(self, lexemes: list[Lexeme], today: date | None, remarks: list[Remark]) -> None:
        self.said: list[str] = []
        self._lexemes = lexemes
        self._today = today
        self._operands = Operands(lexemes, remarks)
        self._remark = self._operands.remark
        self._at = 0
        self._depth = 0
        self._ignored_parens = 0
        self._silent = 0

    def question(self) -> Group:
        """Return the root of the question."""
        return self._group(None)

    # Groups and what joins them.

    def _group(self, column: str | None) -> Group:
        """What stands up to the closing parenthesis or the end. In a `column` (`source:(…)`) the words are its values."""
        sides = [[Side()]]
        waiting = ""
        while (lexeme := self._peek()) is not None:
            side = sides[-1][-1]
            if lexeme.kind == "close":
                if self._depth and not self._ignored_parens:
                    break
                self._at += 1
                if self._ignored_parens:
                    self._ignored_parens -= 1
                else:
                    self._remark("unbalanced-paren")
            elif _joins(lexeme):
                self._at += 1
                if not side.is_empty():
                    waiting = lexeme.text
                    if waiting in AND_OPERATORS:
                        sides[-1].append(Side())
                    else:
                        sides.append([Side()])
                else:
                    self._remark("dangling-operator", operator=lexeme.text)
            else:
                self._item(side, column)
        if waiting and sides[-1][-1].is_empty():
            self._remark("dangling-operator", operator=waiting)
        elif len(sides) > 1 and not all(any(side.finds() for side in ands) for ands in sides):
            self._remark("excluded-beside-or")
        return join(sides)

    def _subgroup(self, column: str | None, negated: bool) -> Group | None:
        """The group that opens here. None for an empty one, and for one nested too deep, whose content then stands in this group."""
        self._at += 1
        if self._depth >= MAX_DEPTH:
            self._ignored_parens += 1
            self._remark("nesting-flattened", limit=MAX_DEPTH)
            return None
        self._depth += 1
        self._silent += negated
        group = self._group(column)
        self._silent -= negated
        self._depth -= 1
        if self._peek() is None:
            self._remark("unbalanced-paren")
        self._at += 1
        if group == Group():
            self._remark("empty-group")
            return None
        return group

    # One item: a word, a phrase, a group or a clause, with what negates it.

    def _item(self, side: Side, column: str | None) -> None:
        if column is None and self._plain_word(side):
            return
        negated = False
        while (lexeme := self._lexemes[self._at]).kind == "chunk" and lexeme.text in NOT_OPERATORS:
            self._at += 1
            negated = True
            following = self._peek()
            if following is None or following.kind == "close" or _joins(following):
                self._remark("dangling-operator", operator=lexeme.text)
                return
        if proximity_of(lexeme):
            self._at += 1
            self._remark("near-needs-words", operator=lexeme.text)
            return
        start = self._operands.start(self._at)
        negated = negated or start.negated
        if start.field:
            self._field(side, start, negated)
            return
        self._at = start.after
        if start.kind == "open":
            if group := self._subgroup(column, negated):
                side.add(group, negated=negated)
        elif column is not None:
            self._filter(side, column, self._values(start), negated)
        elif start.kind != "nothing":
            self._words(side, start, negated)

    def _plain_word(self, side: Side) -> bool:
        """Take a word without any sign, as nearly all are; says whether one stood here."""
        lexeme = self._lexemes[self._at]
        following = self._lexemes[self._at + 1] if self._at + 1 < len(self._lexemes) else None
        if not is_bare_word(lexeme) or (following is not None and proximity_of(following)):
            return False
        self._at += 1
        for unit in units_of_word(lexeme.text):
            side.add_word(unit)
        self._say(lexeme.text, False)
        return True

    def _add_plain(self, side: Side, text: str, *, verbatim: bool = False) -> None:
        for unit in self._operands.units.plain(text, verbatim=verbatim):
            side.add_word(as_word(unit))
        self._say(text, False)

    def _words(self, side: Side, start: Start, negated: bool) -> None:
        """Plain words, or the clause that they make: a phrase, `"a b"~n`, a prefix, NEAR and BEFORE."""
        is_plain = start.slop is None and self._operands.wildcard(start) is None
        following = self._peek()
        if is_plain and following is not None and proximity_of(following):
            clauses = list(self._proximities(start, negated))
            if clauses:
                node = clauses[0] if len(clauses) == 1 or not negated else Group(required=tuple(clauses))
                for clause in [node] if negated else clauses:
                    side.add(clause, negated=negated)
                return
        if start.kind == "phrase" or negated or self._operands.wildcard(start) == "prefix":
            if (operand := self._operands.operand(start)) is not None:
                side.add(operand, negated=negated)
                self._say(start.text, negated)
            elif start.kind == "phrase":
                self._remark("empty-phrase")
            return
        self._operands.remark_wildcard(start)
        self._add_plain(side, start.text, verbatim=start.verbatim)

    def _proximities(self, left: Start, negated: bool) -> Iterator[Proximity]:
        """`a NEAR/5 b BEFORE/3 c`: one clause for each operator, none where a side is no word or phrase."""
        a = self._operands.operand(left)
        said = left.text
        while (operator := self._peek()) is not None and (found := proximity_of(operator)) is not None:
            right = (
                self._operands.start(self._at + 1)
                if self._at + 1 < len(self._lexemes) and self._operands.is_simple(self._at + 1)
                else None
            )
            b = self._operands.operand(right) if right else None
            if (
                right is None
                or not isinstance(a, Word | Alternatives | Phrase)
                or not isinstance(b, Word | Alternatives | Phrase)
            ):
                break
            self._say(said, negated)
            said = right.text
            self._at = right.after
            yield Proximity((a, b), self._operands.clamped(found[1], DISTANCES, "distance-clamped"), found[0])
            a = b
        if said is not left.text:
            self._say(said, negated)

    # Clauses with a name before a colon.

    def _field(self, side: Side, start: Start, negated: bool) -> None:
        if start.field in DATES:
            self._dates(side, start, negated)
            return
        self._at = start.after
        if start.field in COLUMNS:
            column = COLUMNS[start.field]
            if start.kind == "open":
                if group := self._subgroup(column, negated):
                    side.add(group, negated=negated)
            else:
                self._filter(side, column, value_of(start, start.text), negated, typed=start.field)
            return
        is_part = start.field in TEXT_FIELDS
        clause = self._in_field(TEXT_FIELDS[start.field], start, negated) if is_part else self._at_least(start, negated)
        if clause is not None:
            side.add(clause, negated=negated)

    def _in_field(self, field: str, start: Start, negated: bool) -> InField | None:
        if start.kind == "open":
            group = self._subgroup(None, negated)
            if group is None:
                return None
            only = unwrap(group)
            return InField(
                field, only if isinstance(only, Word | Alternatives | Phrase | Proximity | Prefix) else group
            )
        operand = self._operands.operand(start) if start.kind != "nothing" else None
        if operand is None:
            self._remark("empty-field", field=start.field)
            return None
        self._say(start.text, negated)
        return InField(field, operand)

    def _at_least(self, start: Start, negated: bool) -> AtLeast | None:
        operand = self._operands.units.operand(start.text, verbatim=start.verbatim)
        if operand is None:
            self._remark("empty-field", field=start.field)
            return None
        if self._operands.wildcard(start):
            self._remark("wildcard-position", text=start.text)
        self._say(start.text, negated)
        if isinstance(operand, Phrase):
            operand = Alternatives(((operand, 1.0),), operand.surface)
        return AtLeast(operand, self._operands.clamped(start.field.removeprefix("atleast"), COUNTS, "count-clamped"))

    def _filter(self, side: Side, column: str, value: str, negated: bool, typed: str = "") -> None:
        value = " ".join(value.split())
        if column == "source" and " " not in value:
            value = host_of(value) or value
        if value:
            side.add(Filter(column, value), negated=negated)
        else:
            self._remark("empty-field", field=typed or column)

    def _values(self, start: Start) -> str:
        """The value that begins here inside `source:(…)`: a phrase, or all words up to the next sign or operator."""
        words = [start.text]
        while start.kind == "chunk" and (lexeme := self._peek()) is not None and lexeme.kind == "chunk":
            word = split_chunk(lexeme.text)
            if is_operator(lexeme) or word.negated or word.field:
                break
            words.append(lexeme.text)
            self._at += 1
        return value_of(start, " ".join(words))

    def _dates(self, side: Side, start: Start, negated: bool) -> None:
        """`after:`, `before:`, `date:` with a quoted value, or the longest run of words that reads as a date."""
        field_at = self._at
        candidates = self._operands.date_candidates(start, field_at)
        for typed, after in candidates:
            surface = " ".join(typed.split())
            found = parse_range(surface, self._today or today_here())
            if found is None:
                continue
            first = None if start.field == "before" else found[0]
            last = None if start.field == "after" else found[1]
            if first or last:
                self._at = after
                side.add(DateRange(first, last, surface), negated=negated)
                return
        # Words that stand apart from the colon stay words.
        own = split_chunk(self._lexemes[field_at].text).body
        self._at = start.after if start.kind == "phrase" else field_at + 1
        typed = start.text if start.kind == "phrase" else own or (candidates[-1][0] if candidates else "")
        if typed.strip():
            self._remark("unknown-date", text=" ".join(typed.split()), field=start.field)
        else:
            self._remark("empty-field", field=start.field)

    # What all of them need.

    def _peek(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _say(self, text: str, negated: bool) -> None:
        if not (negated or self._silent):
            self.said.append(text.replace("*", " "))


def _joins(lexeme: Lexeme) -> bool:
    return lexeme.kind in ("chunk", "or") and lexeme.text in JOINING_OPERATORS
