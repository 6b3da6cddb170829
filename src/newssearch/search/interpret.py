"""What a question means to this index: the accent rule, other spellings, compounds; and how to ask again when nothing was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar, cast

from ..engines.base import Filters, Question, Vocabulary
from ..fields import RankingParameters, compounds_of
from ..models import Notice, SearchRequest
from ..query.nodes import Alternatives, And, AtLeast, Group, InField, Node, Or, Phrase, Prefix, Proximity, Word
from ..query.parse import Parsed
from ..query.render import render
from ..records import dataclass
from ..vietnamese.fold import fold, has_accent
from ..vietnamese.normalize import other_spelling
from .marks import units_of

N = TypeVar("N", bound=Node)

_KEPT = 1 << 14
_has_accent = lru_cache(maxsize=_KEPT)(has_accent)
_other_spelling = lru_cache(maxsize=_KEPT)(other_spelling)

_FARTHEST = 1 << 40
"""an offset beyond any index, for page numbers that no array could hold"""

_MESSAGES = {
    "folded": {
        "vi": "Câu hỏi không dấu nên tìm cả các từ có dấu. Chỉ tìm đúng như đã gõ: {query}",
        "en": "Typed without accents, so accented words were searched too. Only what was typed: {query}",
    },
    "folded-fallback": {
        "vi": "Không có bài nào khớp đúng dấu, nên các từ gõ không dấu ({words}) được tìm cả dạng có dấu.",
        "en": "Nothing matched as typed, so words without accents ({words}) were searched with accents too.",
    },
}


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A question ready for the engine, what to tell the reader about it, and how to ask again when nothing is found (or None)."""

    question: Question
    notices: tuple[Notice, ...]
    fallback: Callable[[], Interpretation] | None = None


def interpret(
    parsed: Parsed, request: SearchRequest, vocabulary: Vocabulary, parameters: RankingParameters | None = None
) -> Interpretation:
    """Apply the accent rule to a parsed question.

    A question with no accent at all is folded; one with some is taken as typed, with the other accepted spelling of a syllable (`kỹ`/`kĩ`) as a
    weaker alternative, and its bare syllables fold only if nothing is found. `exact` leaves everything as typed.
    """
    parameters = parameters or RankingParameters()
    filters = Filters(
        source=request.source,
        section=request.section,
        author=request.author,
        kind=request.kind,
        date_from=request.date_from,
        date_to=request.date_to,
    )

    def question(root: Group, *, bare: bool = False) -> Question:
        return Question(
            root=root,
            bare=bare,
            compounds=() if bare else compounds_of(parsed.plain),
            match=request.match,
            sort=request.sort,
            filters=filters,
            offset=min((request.page - 1) * request.limit, _FARTHEST),
            limit=request.limit,
            facets=request.counts,
        )

    if request.exact:
        return Interpretation(question(rewrite(parsed.root, _verbatim)), ())
    words = [word for word in _words(parsed.root) if not word.verbatim]
    bare = [word for word in words if not _has_accent(word.term)]
    if words and len(bare) == len(words):
        notices = _folded_notice(parsed.root, words, vocabulary, request.lang)
        return Interpretation(question(rewrite(parsed.root, _folded), bare=True), notices)
    asked = question(_with_other_spellings(parsed.root, words, vocabulary, parameters))

    def is_known(word: Word) -> bool:
        return vocabulary.document_frequencies("folded", (fold(word.term),)) != [0]

    def fold_bare_words() -> Interpretation:
        typed = [word.surface or word.term for word in bare if is_known(word)]
        notice = _notice("folded-fallback", request.lang, words=", ".join(dict.fromkeys(typed)))
        return Interpretation(replace(asked, root=rewrite(asked.root, _fold_if_bare)), (notice,))

    return Interpretation(asked, (), fold_bare_words if any(map(is_known, bare)) else None)


def unit_weights(root: Group, vocabulary: Vocabulary, *, bare: bool) -> dict[int, float]:
    """How much each unit of a question says (its idf), for choosing a passage; by the numbers of `marks.units_of`."""
    n = vocabulary.documents
    asked: dict[str, list[tuple[int, str]]] = {"text": [], "folded": []}
    for unit, (node, _) in enumerate(units_of(root)):
        for word in (node,) if isinstance(node, Word) else _words(node):
            if bare and word.folded:
                asked["folded"].append((unit, fold(word.term)))
            else:
                asked["text"].append((unit, word.term))
    weights: dict[int, float] = {}
    for field, of_field in asked.items():
        frequencies = vocabulary.document_frequencies(field, [term for _, term in of_field])
        for (unit, _), df in zip(of_field, frequencies, strict=True):
            weights[unit] = max(weights.get(unit, 0.0), math.log1p((n - df + 0.5) / (df + 0.5)))
    return weights


def rewrite(node: Group, change: Callable[[Word | Prefix], Word | Prefix | Alternatives]) -> Group:
    """The same tree with every word and prefix changed; a word inside a phrase may become alternatives at its position."""
    rewritten = _rewrite(node, change)
    assert isinstance(rewritten, Group)
    return rewritten


def _rewrite(node: Node, change: Callable[[Word | Prefix], Word | Prefix | Alternatives]) -> Node:
    match node:
        case Word() | Prefix():
            return change(node)
        case Alternatives():
            members: list[tuple[Word | Phrase, float]] = []
            for member, weight in node.members:
                new = _rewrite(member, change)
                if isinstance(new, Alternatives):
                    members += [(of_new, weight * factor) for of_new, factor in new.members]
                elif isinstance(new, Word | Phrase):
                    members.append((new, weight))
            return replace(node, members=tuple(members))
        case Phrase():
            return replace(node, words=_each(node.words, change))
        case Proximity():
            return replace(node, operands=_each(node.operands, change))
        case AtLeast():
            return replace(node, word=_each((node.word,), change)[0])
        case InField():
            return replace(node, node=_each((node.node,), change)[0])
        case Or() | And():
            return replace(node, sides=_each(node.sides, change))
        case Group():
            return Group(
                words=_each(node.words, change), required=_each(node.required, change), excluded=_each(node.excluded, change)
            )
        case _:
            return node


def _each(nodes: tuple[N, ...], change: Callable[[Word | Prefix], Word | Prefix | Alternatives]) -> tuple[N, ...]:
    """Several nodes changed; what may stand in a place may stand there changed."""
    return tuple(cast(N, _rewrite(node, change)) for node in nodes)


def _words(node: Node) -> Iterator[Word]:
    """Every word of a tree, excluded ones too; a prefix as a word."""
    match node:
        case Word():
            yield node
        case Prefix():
            yield Word(node.prefix, node.surface)
        case Alternatives():
            for member, _ in node.members:
                yield from _words(member)
        case Group():
            for child in (*node.words, *node.required, *node.excluded):
                yield from _words(child)
        case Phrase(words=children) | Proximity(operands=children) | Or(sides=children) | And(sides=children):
            for child in children:
                yield from _words(child)
        case AtLeast(word=child) | InField(node=child):
            yield from _words(child)
        case _:
            pass


def _verbatim(word: Word | Prefix) -> Word | Prefix:
    return Word(word.term, word.surface, True, word.folded) if isinstance(word, Word) else word


def _folded(word: Word | Prefix) -> Word | Prefix:
    if isinstance(word, Prefix):
        return Prefix(word.prefix, word.surface, True)
    return word if word.verbatim else Word(word.term, word.surface, folded=True)


def _fold_if_bare(word: Word | Prefix) -> Word | Prefix:
    bare = not has_accent(word.term if isinstance(word, Word) else word.prefix)
    return _folded(word) if bare else word


def _with_other_spellings(root: Group, words: list[Word], vocabulary: Vocabulary, parameters: RankingParameters) -> Group:
    """The tree with the other accepted spelling of each syllable that the index has in it."""
    others = {word.term: other for word in words if (other := _other_spelling(word.term))}
    documents = vocabulary.document_frequencies("text", list(others.values()))
    known = {term: other for (term, other), found in zip(others.items(), documents, strict=True) if found}

    def change(word: Word | Prefix) -> Word | Prefix | Alternatives:
        if isinstance(word, Prefix) or word.verbatim or word.term not in known:
            return word
        other = Word(known[word.term], word.surface, folded=word.folded)
        return Alternatives(((word, 1.0), (other, parameters.other_spelling)), surface=word.surface)

    return rewrite(root, change) if known else root


def _folded_notice(root: Group, words: list[Word], vocabulary: Vocabulary, lang: str) -> tuple[Notice, ...]:
    """The notice that offers the verbatim form, only where it would find something, and something else."""
    typed = vocabulary.document_frequencies("text", [word.term for word in words])
    if not all(typed) or not any(len(vocabulary.spellings(fold(word.term))) > 1 for word in words):
        return ()
    return (_notice("folded", lang, query=render(rewrite(root, _verbatim))),)


def _notice(code: str, lang: str, *, query: str | None = None, **values: str) -> Notice:
    message = _MESSAGES[code]["en" if lang == "en" else "vi"].format(query=query, **values)
    return Notice(code, message, query)
