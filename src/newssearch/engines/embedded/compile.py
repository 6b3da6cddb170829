"""Our tree as a `whoosh.query` tree, so that a stock Whoosh searcher runs what it can express.

The executor does not pass through here. Whoosh has no columns, no parts of a text and no windows over three words: such nodes raise
`Inexpressible`. Of the scores it has the first pass over words, phrases' words and compounds; `Alternatives` and prefixes match exactly
but score as separate terms.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

from whoosh import query as whoosh
from whoosh.matching import ListMatcher, NullMatcher
from whoosh.query.spans import SpanNear2

from ...engines.base import Question
from ...fields import RankingParameters, url_key
from ...models import Match
from ...query.nodes import (
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
from ...vietnamese.fold import fold
from .executor_matching import MOST, MOST_FROM, SLACK, idf
from .executor_scoring import scored_tokens
from .executor_tokens import key_of

MOST_PHRASES = 256
"""phrases that one phrase with folded words or alternatives is spelled out into"""

Spellings = Callable[[str], Iterable[str]]
"""accent-free form → the terms of `text` that have it"""


class Inexpressible(ValueError):
    """A node for which Whoosh has no query."""


class _Computed(whoosh.Query):  # type: ignore[misc]
    """A leaf whose documents are worked out before the first is asked for."""

    def is_leaf(self) -> bool:
        """Whoosh asks before it walks into children."""
        return True

    def estimate_size(self, ixreader: Any) -> int:
        """Whoosh orders its matchers by this: an upper bound."""
        return int(ixreader.doc_count_all())

    def estimate_min_size(self, ixreader: Any) -> int:
        """A lower bound."""
        return 0


class Enough(_Computed):
    """Documents that hold enough of the words by the matching rule. `words[i]` are the queries of the i-th word's members."""

    def __init__(self, words: Sequence[Sequence[Any]], match: Match) -> None:
        self.words = tuple(map(tuple, words))
        self.match = match

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Enough) and (self.words, self.match) == (other.words, other.match)

    def __hash__(self) -> int:
        return hash((self.words, self.match))

    def __repr__(self) -> str:
        return f"Enough({self.words!r}, {self.match!r})"

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """A matcher over the documents of one segment; masses are those of the whole index."""
        whole = searcher.get_parent()
        n = whole.doc_count_all()
        masses = [
            max((idf(n, df) for member in members if (df := _frequency(whole, member))), default=None)
            for members in self.words
        ]
        known = [(members, mass) for members, mass in zip(self.words, masses, strict=True) if mass is not None]
        if not known or (self.match == "all" and len(known) < len(self.words)):
            return NullMatcher()
        weights: dict[int, float] = {}
        for members, mass in known:
            for document in {d for member in members for d in member.matcher(searcher, context).all_ids()}:
                weights[document] = weights.get(document, 0.0) + mass
        total = sum(mass for _, mass in known)
        if self.match == "any":
            bound = 0.0
        elif self.match == "all" or (self.match == "auto" and len(known) < MOST_FROM):
            bound = total
        else:
            bound = total * MOST
        return _documents(document for document, weight in weights.items() if weight >= bound - SLACK)


class Frequent(_Computed):
    """Documents in which terms occur at least `count` times, all counted together."""

    def __init__(self, terms: Iterable[Any], count: int) -> None:
        self.terms = tuple(terms)
        self.count = count

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frequent) and (self.terms, self.count) == (other.terms, other.count)

    def __hash__(self) -> int:
        return hash((self.terms, self.count))

    def __repr__(self) -> str:
        return f"Frequent({list(self.terms)!r}, {self.count})"

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """A matcher over the documents of one segment."""
        counts: Counter[int] = Counter()
        for term in self.terms:
            matcher = term.matcher(searcher, context)
            while matcher.is_active():
                counts[matcher.id()] += matcher.weight()
                matcher.next()
        return _documents(document for document, count in counts.items() if count >= self.count)


class AnyOf(_Computed):
    """Documents that any of the queries finds, each with score 0. Whoosh's own unions and intersections lose documents when nested."""

    def __init__(self, queries: Iterable[Any]) -> None:
        self.queries = tuple(queries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyOf) and self.queries == other.queries

    def __hash__(self) -> int:
        return hash(self.queries)

    def __repr__(self) -> str:
        return f"AnyOf({list(self.queries)!r})"

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """A matcher over the documents of one segment."""
        return _documents({d for query in self.queries for d in query.matcher(searcher, context).all_ids()})


class AllOf(_Computed):
    """Documents that every one of `required` finds (all documents where there is none) and none of `excluded`, each with score 0."""

    def __init__(self, required: Iterable[Any], excluded: Iterable[Any] = ()) -> None:
        self.required = tuple(required) or (whoosh.Every(),)
        self.excluded = tuple(excluded)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllOf) and (self.required, self.excluded) == (other.required, other.excluded)

    def __hash__(self) -> int:
        return hash((self.required, self.excluded))

    def __repr__(self) -> str:
        return f"AllOf({list(self.required)!r}, {list(self.excluded)!r})"

    def matcher(self, searcher: Any, context: Any = None) -> Any:
        """A matcher over the documents of one segment."""
        found = set.intersection(*(set(query.matcher(searcher, context).all_ids()) for query in self.required))
        return _documents(found.difference(*(query.matcher(searcher, context).all_ids() for query in self.excluded)))


def _frequency(whole: Any, query: Any) -> int:
    """df over the whole index: of a term with the deleted documents, which Whoosh hides where a phrase is concerned."""
    if isinstance(query, whoosh.Term):
        return int(whole.doc_frequency(query.fieldname, query.text))
    return sum(1 for leaf, _ in whole.leaf_searchers() for _ in query.matcher(leaf).all_ids())


def _documents(found: Iterable[int]) -> Any:
    ids = array("I", sorted(found))
    # `all_weights=0.0` would mean 1.
    return ListMatcher(ids, weights=[0.0] * len(ids)) if ids else NullMatcher()


def compile_question(question: Question, parameters: RankingParameters, spellings: Spellings) -> Any:
    """The question as a Whoosh query: what matches with the score of the first pass under relevance; `filters`, `reach` and paging stay
    outside. Raises Inexpressible.
    """
    compiler = _Compiler(question.match, spellings)
    matching = compiler.group(question.root, None)
    scoring = whoosh.Or([*_scored(question, parameters, spellings)])
    return whoosh.AndMaybe(matching, scoring) if scoring.subqueries else matching


def compile_node(node: Node, spellings: Spellings, match: Match = "auto") -> Any:
    """One node as a Whoosh query: the documents that satisfy it. Raises Inexpressible."""
    return _Compiler(match, spellings).node(node, None)


def _scored(question: Question, parameters: RankingParameters, spellings: Spellings) -> Iterable[Any]:
    for token in scored_tokens(question.root):
        for word, weight in _words(token):
            if word.folded:
                yield whoosh.Term("folded", fold(word.term), boost=weight * parameters.folded)
                yield whoosh.Term("text", word.term, boost=weight * parameters.exact_spelling)
            else:
                yield whoosh.Term("text", word.term, boost=weight * parameters.text)
            for term in spellings(fold(word.term)) if word.folded else (word.term,):
                yield whoosh.Term("title", term, boost=weight * parameters.title)
    for compound in dict.fromkeys(question.compounds):
        yield whoosh.Term("word", compound, boost=parameters.word)


def _words(token: Node) -> list[tuple[Word, float]]:
    """The words that a token scores by, with their weights."""
    match token:
        case Word():
            return [(token, 1.0)]
        case Alternatives():
            return [(word, weight * share) for member, weight in token.members for word, share in _words(member)]
        case Phrase():
            return [found for word in token.words for found in _words(word)]
        case _:
            return []


class _Compiler:
    def __init__(self, match: Match, spellings: Spellings) -> None:
        self._match = match
        self._spellings = spellings

    def group(self, group: Group, field: str | None) -> Any:
        """Enough words, every required clause, no excluded one."""
        required = [self.node(node, field) for node in group.required]
        excluded = [self.node(node, field) for node in group.excluded]
        if group.words:
            if field is not None:
                raise Inexpressible("the rule over words inside a field takes masses from another field")
            words = {key_of(word): [self.node(m, field) for m in _members(word)] for word in group.words}
            required.append(Enough([*words.values()], self._match))
        return AllOf(required, excluded)

    def node(self, node: Node, field: str | None) -> Any:
        """The documents that satisfy a node, in the whole text or in the title."""
        match node:
            case Word():
                return _any_of(self._word(node, field))
            case Prefix() if node.folded and field is None:
                return AnyOf([whoosh.Prefix("folded", fold(node.prefix))])
            case Prefix() if not node.folded:
                return AnyOf([whoosh.Prefix(field or "text", node.prefix)])
            case Alternatives():
                return AnyOf([self.node(member, field) for member, _ in node.members])
            case Phrase():
                return self._phrase(node, field or "text")
            case Proximity():
                return self._proximity(node, field or "text")
            case AtLeast() if isinstance(node.word, Word):
                return Frequent(self._word(node.word, field), node.count)
            case InField() if node.field == "title":
                return self.node(node.node, "title")
            case Address():
                key = url_key(node.url)
                return whoosh.Term("key", key) if key else whoosh.NullQuery
            case Or():
                return AnyOf([self.group(side, field) for side in node.sides])
            case And():
                return AllOf([self.group(side, field) for side in node.sides])
            case Group():
                return self.group(node, field)
            case Filter() | DateRange() | InField() | AtLeast() | Prefix():
                raise Inexpressible(f"Whoosh has no query for {node!r}")

    def _word(self, word: Word, field: str | None) -> list[Any]:
        """The terms, one or another of which the word is."""
        if word.folded and field is None:
            return [whoosh.Term("folded", fold(word.term))]
        return [whoosh.Term(field or "text", term) for term in self._terms(word)]

    def _phrase(self, node: Phrase, field: str) -> Any:
        """Any of the phrases that the node's words spell: Whoosh's own union of spans merges what stands side by side."""
        words = [[term for word in _inner_words(element) for term in self._terms(word)] for element in node.words]
        if prod(map(len, words)) > MOST_PHRASES:
            raise Inexpressible(f"more than {MOST_PHRASES} spellings of one phrase")
        spelled = [list(terms) for terms in product(*words)] if words else []
        return _any_of(
            [whoosh.Term(field, *terms) if len(terms) == 1 else whoosh.Phrase(field, terms) for terms in spelled]
        )

    def _terms(self, word: Word) -> list[str]:
        return list(self._spellings(fold(word.term))) if word.folded else [word.term]

    def _proximity(self, node: Proximity, field: str) -> Any:
        if len(node.operands) != 2 or not all(isinstance(operand, Word) for operand in node.operands):
            raise Inexpressible("Whoosh measures between two single words")
        first, second = ([whoosh.Term(field, t) for t in self._terms(w)] for w in node.operands if isinstance(w, Word))
        ordered = node.operator == "before"
        # Different words may share a position in a window (`bơ` and a folded `bo`), the same word needs two.
        nearest = 0 if node.operator == "within" and len(set(map(key_of, node.operands))) == 2 else 1
        return AnyOf(
            [SpanNear2([a, b], slop=node.distance, ordered=ordered, mindist=nearest) for a, b in product(first, second)]
        )


def _members(word: Word | Alternatives) -> tuple[Word | Phrase, ...]:
    return tuple(member for member, _ in word.members) if isinstance(word, Alternatives) else (word,)


def _any_of(queries: list[Any]) -> Any:
    return queries[0] if len(queries) == 1 else AnyOf(queries)


def _inner_words(element: Word | Alternatives) -> list[Word]:
    """The words that may stand at one position of a phrase."""
    members = [element] if isinstance(element, Word) else [member for member, _ in element.members]
    return [member for member in members if isinstance(member, Word)]
