"""The executor's oracle: one document after another, one token after another, straight from the design."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cache
from itertools import product
from math import log

from newssearch.engines.base import Filters, Question
from newssearch.fields import RankingParameters, url_key
from newssearch.query.nodes import (
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
from newssearch.vietnamese import fold as folding

from .memory_source import Document

Token = Word | Alternatives | Phrase | Prefix
Span = tuple[int, int]
ZONE = timezone(timedelta(hours=7))
FACETS = ("source", "section", "author", "kind")
fold = cache(folding.fold)


def idf(n: int, df: int) -> float:
    return log(1 + (n - df + 0.5) / (df + 0.5))


def same(a: str, b: str) -> bool:
    def form(text: str) -> str:
        return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())

    return form(a) == form(b)


def key(node: Token) -> object:
    """Equal for nodes that are one token."""
    if isinstance(node, Word):
        return ("folded", fold(node.term)) if node.folded else ("text", node.term)
    if isinstance(node, Prefix):
        return ("prefix", node.folded, fold(node.prefix) if node.folded else node.prefix)
    if isinstance(node, Phrase):
        return ("phrase", *map(key, node.words))
    return ("any", *((key(member), weight) for member, weight in node.members))


def distinct(nodes: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    for node in nodes:
        if all(key(node) != key(other) for other in kept):
            kept.append(node)
    return kept


def day_of(document: Document) -> date | None:
    return document.published.astimezone(ZONE).date() if document.published else None


class Brute:
    """Answers one question over all documents, segments laid end to end."""

    def __init__(self, documents: Sequence[Document], question: Question, parameters: RankingParameters) -> None:
        self.documents = documents
        self.question = question
        self.parameters = parameters
        self.n = len(documents)
        self.tokens = [document.tokens() for document in documents]
        lengths = {
            "text": [len(tokens) for tokens in self.tokens],
            "word": [len(document.compounds) for document in documents],
            "title": [len(document.title_tokens()) for document in documents],
        }
        lengths["folded"] = lengths["text"]
        self.lengths = lengths
        self.dfs: dict[object, int] = {}
        self.average = {field: sum(values) / max(len(values), 1) for field, values in lengths.items()}

    # occurrences

    def bounds(self, d: int, part: str | None) -> Span:
        lead, body, caption = self.documents[d].parts()
        return {
            None: (0, 1 << 40),
            "title": (0, lead),
            "lead": (lead, body),
            "body": (body, caption),
            "caption": (caption, 1 << 40),
        }[part]

    def spans(self, node: Token, d: int, part: str | None = None) -> list[Span]:
        """(first, last) position of every occurrence in a part of document d."""
        low, high = self.bounds(d, part)
        if isinstance(node, Alternatives):
            return sorted(span for member, _ in node.members for span in self.spans(member, d, part))
        if isinstance(node, Phrase):
            places = [{first for first, _ in self.spans(word, d, part)} for word in node.words]
            if not places:
                return []
            size = len(places)
            return [(s, s + size - 1) for s in sorted(places[0]) if all(s + i in places[i] for i in range(size))]

        def fits(term: str) -> bool:
            if isinstance(node, Word):
                return fold(term) == fold(node.term) if node.folded else term == node.term
            return fold(term).startswith(fold(node.prefix)) if node.folded else term.startswith(node.prefix)

        return [(at, at) for term, at in self.tokens[d] if fits(term) and low <= at < high]

    def frequency(self, node: Token, d: int, part: str | None = None) -> float:
        if isinstance(node, Alternatives):
            return sum(weight * self.frequency(member, d, part) for member, weight in node.members)
        return len(self.spans(node, d, part))

    def df(self, node: Token, part: str | None = None) -> int:
        if (node, part) not in self.dfs:
            self.dfs[node, part] = sum(bool(self.spans(node, d, part)) for d in range(self.n))
        return self.dfs[node, part]

    # matching

    def mass(self, word: Word | Alternatives | Phrase) -> float | None:
        if isinstance(word, Alternatives):
            masses = [self.mass(member) for member, _ in word.members]
            return max((mass for mass in masses if mass is not None), default=None)
        df = self.df(word)
        return idf(self.n, df) if df else None

    def enough(self, words: Sequence[Word | Alternatives], d: int, part: str | None = None) -> bool:
        tokens = distinct(words)
        known = [word for word in tokens if self.mass(word) is not None]
        held = [word for word in known if self.spans(word, d, part)]
        if not known:
            return False
        match = self.question.match
        if match == "all":
            return len(held) == len(tokens)
        if match == "any":
            return bool(held)
        if match == "auto" and len(known) <= 3:
            return len(held) == len(known)
        return sum(map(self.mass, held)) >= sum(map(self.mass, known)) * 2 / 3 - 1e-9

    def third(self, d: int) -> bool:
        known = [word for word in distinct(self.question.root.words) if self.mass(word) is not None]
        held = [word for word in known if self.spans(word, d)]
        return bool(known) and sum(map(self.mass, held)) >= sum(map(self.mass, known)) / 3 - 1e-9

    def clauses(self, group: Group, d: int, part: str | None = None, aside: bool = False) -> bool:
        def counts(node: Node) -> bool:
            return not (aside and isinstance(node, Filter | DateRange))

        return all(self.holds(node, d, part) for node in group.required if counts(node)) and not any(
            self.holds(node, d, part) for node in group.excluded if counts(node)
        )

    def group(self, group: Group, d: int, part: str | None = None) -> bool:
        return (not group.words or self.enough(group.words, d, part)) and self.clauses(group, d, part)

    def holds(self, node: Node, d: int, part: str | None = None) -> bool:
        document = self.documents[d]
        match node:
            case Word() | Alternatives() | Phrase() | Prefix():
                return bool(self.spans(node, d, part))
            case Proximity():
                return self.proximity(node, d, part)
            case AtLeast():
                return len({first for first, _ in self.spans(node.word, d, part)}) >= node.count
            case InField():
                return self.holds(node.node, d, node.field)
            case Filter():
                return self.has_value(document, node.field, node.value)
            case DateRange():
                return self.published(document, node.start, node.end)
            case Address():
                return (
                    bool(document.url) and url_key(node.url) is not None and url_key(document.url) == url_key(node.url)
                )
            case Or():
                return any(self.group(side, d, part) for side in node.sides)
            case And():
                return all(self.group(side, d, part) for side in node.sides)
            case Group():
                return self.group(node, d, part)

    def proximity(self, node: Proximity, d: int, part: str | None) -> bool:
        spans = [self.spans(operand, d, part) for operand in node.operands]
        if node.operator == "within":
            if not node.operands:
                return False
            for chosen in product(*spans):
                taken = Counter((key(operand), i) for operand, i in zip(node.operands, chosen, strict=True))
                apart = max(last for _, last in chosen) - min(first for first, _ in chosen) <= node.distance
                if apart and max(taken.values()) == 1:
                    return True
            return False

        def before(a: list[Span], b: list[Span]) -> bool:
            return any(0 < first - last <= node.distance for _, last in a for first, _ in b)

        a, b = spans
        return before(a, b) or (node.operator == "near" and before(b, a))

    def has_value(self, document: Document, field: str, value: str) -> bool:
        names = [document.source, document.host] if field == "source" else [getattr(document, field)]
        return bool(value) and any(same(name, value) for name in names)

    def published(self, document: Document, start: date | None, end: date | None) -> bool:
        day = day_of(document)
        return day is not None and (start is None or start <= day) and (end is None or day <= end)

    # scores

    def bm25(self, field: str, d: int, tf: float, df: int) -> float:
        if not tf:
            return 0.0
        k1, b = self.parameters.k1, self.parameters.b
        norm = k1 * (1 - b + b * self.lengths[field][d] / self.average[field])
        return idf(self.n, df) * tf * (k1 + 1) / (tf + norm)

    def folds(self, node: Token) -> bool:
        if isinstance(node, Alternatives):
            return any(self.folds(member) for member, _ in node.members)
        if isinstance(node, Phrase):
            return any(map(self.folds, node.words))
        return node.folded

    def scored(self, node: Node) -> list[Token]:
        match node:
            case Word() | Alternatives() | Prefix():
                return [node]
            case Phrase():
                return list(node.words)
            case Proximity():
                return [token for operand in node.operands for token in self.scored(operand)]
            case AtLeast():
                return [node.word]
            case InField():
                return self.scored(node.node)
            case Or() | And():
                return [token for side in node.sides for token in self.scored(side)]
            case Group():
                return [*node.words, *(token for clause in node.required for token in self.scored(clause))]
        return []

    def score(self, d: int) -> float:
        weights = self.parameters
        total = 0.0
        for token in distinct(self.scored(self.question.root)):
            field = "folded" if self.folds(token) else "text"
            weight = weights.folded if field == "folded" else weights.text
            total += weight * self.bm25(field, d, self.frequency(token, d), self.df(token))
            typed = token.members[0][0] if isinstance(token, Alternatives) else token
            if isinstance(typed, Word) and typed.folded:
                exact = Word(typed.term)
                total += weights.exact_spelling * self.bm25("text", d, self.frequency(exact, d), self.df(exact))
            if not isinstance(token, Prefix):
                total += weights.title * self.bm25(
                    "title", d, self.frequency(token, d, "title"), self.df(token, "title")
                )
        for compound in set(self.question.compounds):
            df = sum(compound in document.compounds for document in self.documents)
            total += weights.word * self.bm25("word", d, list(self.documents[d].compounds).count(compound), df)
        return total

    # answers

    def filtered(self, d: int, but: str | None = None) -> bool:
        filters: Filters = self.question.filters
        document = self.documents[d]
        for field in FACETS:
            values = getattr(filters, field)
            if field != but and values and not any(self.has_value(document, field, value) for value in values):
                return False
        dates = filters.date_from, filters.date_to
        return but == "date" or dates == (None, None) or self.published(document, *dates)

    def matched(self, aside: bool = False) -> list[int]:
        """Documents that match, the question's filters aside, with `aside` those of its root too."""
        root = self.question.root
        return [
            d
            for d in range(self.n)
            if not self.documents[d].deleted
            and (not root.words or self.enough(root.words, d))
            and self.clauses(root, d, aside=aside)
        ]

    def reached(self) -> list[int]:
        question = self.question
        root = question.root
        known = [word for word in distinct(root.words) if self.mass(word) is not None]
        if not (question.reach and question.match == "auto" and question.sort == "relevance" and known):
            return []
        if len(known) < 4 and self.matched(aside=True):
            return []
        matched = self.matched()
        return [
            d
            for d in range(self.n)
            if d not in matched
            and not self.documents[d].deleted
            and self.third(d)
            and self.clauses(root, d)
            and self.filtered(d)
        ]

    def missing(self, d: int) -> tuple[str, ...]:
        words = distinct(self.question.root.words)
        return tuple(surface(word) for word in words if not self.spans(word, d))

    def facet(self, field: str) -> list[tuple[str, int]]:
        """Value and count, the values that share a host (or differ in case alone) under the most frequent name."""

        def group(document: Document) -> str:
            value = document.host if field == "source" and document.host else getattr(document, field)
            return unicodedata.normalize("NFC", value.casefold())

        names: dict[str, Counter[str]] = {}
        for document in self.documents:
            if value := getattr(document, field):
                names.setdefault(group(document), Counter())[value] += not document.deleted
        labels = {g: min(counts, key=lambda v, c=counts: (-c[v], v)) for g, counts in names.items()}
        shown: dict[str, str] = {}
        for document in self.documents:
            if getattr(document, field):
                shown.setdefault(labels[group(document)].casefold(), labels[group(document)])
        found: Counter[str] = Counter()
        for d in self.matched():
            if getattr(self.documents[d], field) and self.filtered(d, but=field):
                found[labels[group(self.documents[d])].casefold()] += 1
        return sorted(((shown[label], count) for label, count in found.items()), key=lambda one: (-one[1], one[0]))[:50]

    def histogram(self) -> tuple[list[tuple[date, date, int]], int]:
        """Bins and the number of the undated."""
        days = [day_of(self.documents[d]) for d in self.matched() if self.filtered(d, but="date")]
        dated = sorted(day for day in days if day)
        if not dated:
            return [], len(days)

        def following(day: date, unit: str) -> date:
            if unit == "day":
                return day + timedelta(1)
            if unit == "month":
                return date(day.year + day.month // 12, day.month % 12 + 1, 1)
            return date(day.year + 1, 1, 1)

        months = (dated[-1].year - dated[0].year) * 12 + dated[-1].month - dated[0].month + 1
        unit = "day" if (dated[-1] - dated[0]).days < 62 else "month" if months <= 120 else "year"
        start = {"day": dated[0], "month": dated[0].replace(day=1), "year": dated[0].replace(month=1, day=1)}[unit]
        bins = []
        while start <= dated[-1]:
            end = following(start, unit)
            bins.append((start, end, sum(start <= day < end for day in dated)))
            start = end
        return bins, len(days) - len(dated)

    def order(self) -> list[tuple[int, float]]:
        """Every hit in order with its score (0 under a date sort)."""
        matched = [d for d in self.matched() if self.filtered(d)]

        def age(d: int, sign: int = -1) -> tuple[bool, float]:
            published: datetime | None = self.documents[d].published
            return published is None, sign * int(published.timestamp()) if published else 0

        if self.question.sort != "relevance":
            sign = -1 if self.question.sort == "newest" else 1
            return [(d, 0.0) for d in sorted(matched, key=lambda d: (*age(d, sign), d))]
        scored = [(d, self.score(d)) for d in (*matched, *self.reached())]
        return sorted(scored, key=lambda one: (-one[1], *age(one[0]), one[0]))


def surface(word: Token) -> str:
    if isinstance(word, Word):
        return word.surface or word.term
    if isinstance(word, Phrase):
        return word.surface or " ".join(map(surface, word.words))
    assert isinstance(word, Alternatives)
    return word.surface or surface(word.members[0][0])
