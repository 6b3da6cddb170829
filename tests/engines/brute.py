"""The executor's oracle: one document after another, one token after another, straight from the design."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, timezone
from functools import cache
from itertools import pairwise, product
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

    def __init__(
        self, segments: Sequence[Sequence[Document]], question: Question, parameters: RankingParameters
    ) -> None:
        documents = [document for segment in segments for document in segment]
        self.segment = [number for number, segment in enumerate(segments) for _ in segment]
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
        names = [getattr(document, field)]
        if field == "source":
            group, labels, shown = self.labels("source")
            names += [document.host, shown[labels[group(document)]] if document.source else ""]
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
            if field == "text" and not isinstance(token, Prefix):
                total += weights.title * self.bm25(
                    "title", d, self.frequency(token, d, "title"), self.df(token, "title")
                )
        for compound in set(self.question.compounds):
            df = sum(compound in document.compounds for document in self.documents)
            total += weights.word * self.bm25("word", d, list(self.documents[d].compounds).count(compound), df)
        return total

    # the second pass

    def weighted(self, node: Token, d: int) -> list[tuple[int, int, float]]:
        """(first, last, weight) of every occurrence."""
        if isinstance(node, Alternatives):
            return [(*span, weight) for member, weight in node.members for span in self.spans(member, d)]
        return [(*span, 1.0) for span in self.spans(node, d)]

    def pairs(self, node: Node) -> list[tuple[Token, Token]]:
        match node:
            case Phrase():
                return list(pairwise(node.words))
            case Proximity():
                return [pair for operand in node.operands for pair in self.pairs(operand)]
            case InField():
                return self.pairs(node.node)
            case Or() | And():
                return [pair for side in node.sides for pair in self.pairs(side)]
            case Group():
                return [*pairwise(node.words), *(pair for clause in node.required for pair in self.pairs(clause))]
        return []

    def edge(self, node: Token, side: int) -> set[str]:
        """The terms of the index with which a token begins (0) or ends (-1)."""
        if isinstance(node, Alternatives):
            return {term for member, _ in node.members for term in self.edge(member, side)}
        if isinstance(node, Phrase):
            return self.edge(node.words[side], side)
        terms = {term for tokens in self.tokens for term, _ in tokens}
        return {term for term in terms if (fold(term) == fold(node.term) if node.folded else term == node.term)}

    def pair_df(self, a: Token, b: Token) -> int:
        total = 0
        for first in self.edge(a, -1):
            for second in self.edge(b, 0):
                of_segment: Counter[int] = Counter()
                for d, tokens in enumerate(self.tokens):
                    of_segment[self.segment[d]] += any(
                        (second, at + 1) in tokens for term, at in tokens if term == first
                    )
                total += sum(count for count in of_segment.values() if count > 1)
        return min(max(total, 1), self.n)

    def folded_title(self, d: int) -> float:
        """BM25 over the title for the tokens that fold, with df as in `folded`."""
        total = 0.0
        weights = self.parameters
        norm = weights.k1 * (1 - weights.b + weights.b * self.lengths["title"][d] / (self.average["title"] or 1))
        for token in distinct(self.scored(self.question.root)):
            if not isinstance(token, Prefix) and self.folds(token):
                tf = sum(weight for first, _, weight in self.weighted(token, d) if first < self.documents[d].parts()[0])
                total += weights.title * idf(self.n, self.df(token)) * self.saturated(tf, norm)
        return total

    def evidence(self, d: int) -> list[tuple[float, list[tuple[int, float]], bool]]:
        """idf, [(position, weight)] and whether it is a pair, of every token and pair in document d."""
        tokens = [token for token in distinct(self.scored(self.question.root)) if not isinstance(token, Prefix)]
        found = [
            (idf(self.n, self.df(token)), [(first, weight) for first, _, weight in self.weighted(token, d)], False)
            for token in tokens
        ]
        pairs = {(key(a), key(b)): (a, b) for a, b in self.pairs(self.question.root)}
        for a, b in pairs.values():
            starts = [
                (first, weight * following)
                for first, last, weight in self.weighted(a, d)
                for start, _, following in self.weighted(b, d)
                if start == last + 1
            ]
            found.append((idf(self.n, self.pair_df(a, b)), starts, True))
        return found

    def saturated(self, tf: float, norm: float) -> float:
        return tf * (self.parameters.k1 + 1) / (tf + norm) if tf else 0.0

    def passage_score(self, d: int, start: int) -> float:
        weights = self.parameters
        total = 0.0
        for mass, places, is_pair in self.evidence(d):
            tf = sum(weight for at, weight in places if start <= at < start + 120)
            total += mass * self.saturated(tf, weights.k1) * (weights.pairs if is_pair else 1)
        return total

    def passage_starts(self, d: int) -> list[int]:
        lead = self.documents[d].parts()[0]
        return list(range(lead, max(at for _, at in self.tokens[d]) + 1, 60)) if self.tokens[d] else []

    def added(self, d: int) -> float:
        weights = self.parameters
        lead, body, caption = self.documents[d].parts()
        lead_length = min(len(self.documents[d].lead), 60)
        in_lead = {*range(lead, lead + lead_length), *range(body, min(body + 60 - lead_length, caption))}
        norm = weights.k1 * (1 - weights.b + weights.b * self.lengths["text"][d] / (self.average["text"] or 1))
        total = 0.0
        for mass, places, is_pair in self.evidence(d):
            if is_pair:
                total += weights.pairs * mass * self.saturated(sum(weight for _, weight in places), norm)
                continue
            for share, chosen in (
                (weights.lead, [weight for at, weight in places if at in in_lead]),
                (weights.caption, [weight for at, weight in places if at >= caption]),
            ):
                total += share * mass * self.saturated(sum(chosen), weights.k1)
        words = [token for token in distinct(self.scored(self.question.root)) if not isinstance(token, Prefix)]
        share = weights.passage if len(words) <= weights.passage_words else weights.passage_long
        total += self.folded_title(d)
        return total + share * max((self.passage_score(d, start) for start in self.passage_starts(d)), default=0.0)

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

    def labels(self, field: str) -> tuple[Callable[[Document], str], dict[str, str], dict[str, str]]:
        """How documents group, the label of each group, and how a label is shown: the most frequent name of those that share a host."""

        def group(document: Document) -> str:
            value = document.host if field == "source" and document.host else getattr(document, field)
            return unicodedata.normalize("NFC", value.casefold())

        names: dict[str, Counter[str]] = {}
        for document in self.documents:
            if value := getattr(document, field):
                names.setdefault(group(document), Counter())[value] += not document.deleted

        if field == "source":
            for host, counts in names.items():
                if proper := {name: n for name, n in counts.items() if unicodedata.normalize("NFC", name.casefold()) != host}:
                    names[host] = Counter(proper)

        def most_frequent(counts: Counter[str]) -> str:
            return min(counts, key=lambda value: (-counts[value], value))

        labels = {g: most_frequent(counts).casefold() for g, counts in names.items()}
        together: dict[str, Counter[str]] = {}
        for g, counts in names.items():
            together.setdefault(labels[g], Counter()).update(counts)
        shown = {label: most_frequent(counts) for label, counts in together.items()}
        return group, labels, shown

    def facet(self, field: str) -> list[tuple[str, int]]:
        """Value and count, the values that share a host (or differ in case alone) under the most frequent name."""
        group, labels, shown = self.labels(field)
        found: Counter[str] = Counter()
        for d in self.matched():
            if getattr(self.documents[d], field) and self.filtered(d, but=field):
                found[labels[group(self.documents[d])]] += 1
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

        self.clear_cut = True
        if self.question.sort != "relevance":
            sign = -1 if self.question.sort == "newest" else 1
            return [(d, 0.0) for d in sorted(matched, key=lambda d: (*age(d, sign), d))]

        def rank(scored: list[tuple[int, float]]) -> list[tuple[int, float]]:
            return sorted(scored, key=lambda one: (-one[1], *age(one[0]), one[0]))

        first = rank([(d, self.score(d)) for d in (*matched, *self.reached())])
        cut = self.parameters.rescored
        self.clear_cut = len(first) <= cut or first[cut - 1][1] - first[cut][1] > 1e-9
        return [*rank([(d, score + self.added(d)) for d, score in first[:cut]]), *first[cut:]]


def surface(word: Token) -> str:
    if isinstance(word, Word):
        return word.surface or word.term
    if isinstance(word, Phrase):
        return word.surface or " ".join(map(surface, word.words))
    assert isinstance(word, Alternatives)
    return word.surface or surface(word.members[0][0])
