"""The nodes that stand for tokens, read out of a collection for one question: documents, frequencies, occurrences."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...query.nodes import Alternatives, Phrase, Prefix, Word
from ...vietnamese.fold import fold
from .executor_arrays import NO_KEYS, Documents, Keys, contains, intersect, unite_sums
from .executor_collection import Collection
from .executor_phrases import phrase_spans
from .executor_spans import SHIFT, Spans, keys_of, merge
from .executor_tokens import Token, field_of, memo_key
from .source import Occurrences

Postings = tuple[Documents, NDArray[Any]]
Name = tuple[str, str]
"""a field and a term"""


class Reader:
    """Reads each token of one question once. `part` is None for the whole text, else title, lead, body or caption."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._read: dict[Any, Any] = {}
        self._frequencies: dict[tuple[str, bool], int] = {}
        self._columns: dict[Any, NDArray[Any] | None] = {}
        self._of_token: dict[Any, Postings] = {}
        self._of_term: dict[Name, Postings] = {}
        self._looked_into: tuple[dict[Name, int], Documents, Occurrences] | None = None

    def prefetch(self, tokens: Iterable[Token], compounds: Iterable[str]) -> None:
        """Have what the first pass will ask for read at once."""
        wanted = [("word", compound) for compound in compounds]
        for token in tokens:
            for word, _ in token.members if isinstance(token, Alternatives) else ((token, 1.0),):
                if isinstance(word, Word):
                    wanted += [field_of(word), ("text" if word.folded else "title", word.term)]
        self.collection.prefetch(wanted)

    def _once(self, key: Any, make: Callable[[], Any]) -> Any:
        if key not in self._read:
            self._read[key] = make()
        return self._read[key]

    def term(self, field: str, term: str) -> Postings:
        """docs, freqs of one term."""
        key = field, term
        if key not in self._of_term:
            self._of_term[key] = self.collection.postings(field, term)
        return self._of_term[key]

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""
        terms: list[str] = self._once(("spellings", folded), lambda: self.collection.spellings(folded))
        return terms

    def documents(self, node: Token, part: str | None = None) -> Documents:
        """The documents with the token."""
        return self.postings(node, part)[0]

    def column(self, node: Token, part: str | None = None) -> NDArray[Any] | None:
        """[documents] the token's frequency in each, where the token is common; else None."""
        key = memo_key(node, part)
        if key not in self._columns:
            self._columns[key] = self._column(node, part)
        return self._columns[key]

    def _column(self, node: Token, part: str | None) -> NDArray[Any] | None:
        if part is None and isinstance(node, Word):
            is_common = self.collection.is_common(self.frequency(node))
            return self.collection.column_of(*field_of(node)) if is_common else None
        if isinstance(node, Alternatives):
            columns = [self.column(member, part) for member, _ in node.members]
            common = [(column, weight) for column, (_, weight) in zip(columns, node.members, strict=True) if column is not None]
            if not common:
                return None
            first, weight = common[0]
            sums: NDArray[np.float64] = first * np.float64(weight)
            for other, weight in common[1:]:
                sums += other * weight
            for column, (member, weight) in zip(columns, node.members, strict=True):
                if column is None:
                    docs, freqs = self.postings(member, part)
                    sums[docs.astype(np.intp)] += freqs * weight
            return sums
        docs, freqs = self.postings(node, part)
        return self.collection.spread(docs, freqs) if self.collection.is_common(len(docs)) else None

    def holding(self, node: Token, docs: Documents, part: str | None = None) -> NDArray[np.bool_]:
        """[docs] whether each of the documents has the token."""
        column = self.column(node, part)
        if column is None:
            return contains(self.documents(node, part), docs, self.collection.documents)
        holding: NDArray[np.bool_] = column[docs.astype(np.intp)] != 0
        return holding

    def having(self, nodes: Sequence[Token], among: Documents | None, part: str | None = None) -> Documents:
        """The documents `among` (None: all) with every one of the tokens, the rarest of which should come first."""
        columns = [column for node in nodes if (column := self.column(node, part)) is not None]
        if among is None and len(columns) == len(nodes) > 1:
            having: NDArray[np.bool_] = columns[0] != 0
            for column in columns[1:]:
                having &= column != 0
            return having.nonzero()[0].astype(np.int32)
        docs = self.documents(nodes[0], part) if among is None else among
        for node in nodes if docs is among else nodes[1:]:
            if not len(docs):
                break
            docs = docs[self.holding(node, docs, part)]
        return docs

    def held(self, nodes: Sequence[Token], docs: Documents, part: str | None = None) -> NDArray[np.bool_]:
        """[nodes, docs] which of few documents have which token."""
        at = docs.astype(np.intp)
        held = np.zeros((len(nodes), len(docs)), np.bool_)
        for row, node in zip(held, nodes, strict=True):
            column = self.column(node, part)
            if column is not None:
                row[:] = column[at]
            elif len(there := self.documents(node, part)):
                row[:] = there.take(there.searchsorted(docs), mode="clip") == docs
        return held

    def postings(self, node: Token, part: str | None = None) -> Postings:
        """docs[p] and the token's frequency in each: of `Alternatives` the weighted sum of the members' frequencies, so that one of a weight
        below 1 is worth less and the whole is still one term to BM25; of a `Prefix` the sum over its terms.
        """
        if part is None and isinstance(node, Word):
            return self.term(*field_of(node))
        key = memo_key(node, part)
        if key not in self._of_token:
            self._of_token[key] = self._postings(node, part)
        return self._of_token[key]

    def _postings(self, node: Token, part: str | None) -> Postings:
        if isinstance(node, Alternatives):
            if (column := self.column(node, part)) is not None:
                docs = (column != 0).nonzero()[0]
                return docs.astype(np.int32), column[docs]
            members = [(self.postings(member, part), weight) for member, weight in node.members]
            there = [(docs, freqs * weight) for (docs, freqs), weight in members if len(docs)]
            return there[0] if len(there) == 1 else unite_sums(there, self.collection.documents)
        if part is None and (kept := self.kept_pair(node)):
            return kept
        if isinstance(node, Phrase) or part not in (None, "title"):
            return self.spans(node, part).counts()
        field = "title" if part else "text"
        if isinstance(node, Prefix) and not (node.folded and part):
            if node.folded:
                return self.collection.prefix_postings("folded", fold(node.prefix))
            return self.collection.prefix_postings(field, node.prefix)
        terms = self.terms(node, part)
        if len(terms) == 1:
            return self.term(field, terms[0])
        return unite_sums([self.term(field, term) for term in terms], self.collection.documents)

    def kept_pair(self, node: Token) -> Postings | None:
        """The postings of a phrase of two very frequent words, which an index may keep; None for all else."""
        if not isinstance(node, Phrase) or len(node.words) != 2:
            return None
        terms = [word.term for word in node.words if isinstance(word, Word) and not word.folded]
        return self.collection.pair_postings(*terms) if len(terms) == 2 else None

    def _prefixed(self, field: str, prefix: str) -> list[str]:
        terms: list[str] = self._once(("prefixed", field, prefix), lambda: self.collection.prefixed(field, prefix))
        return terms

    def terms(self, node: Word | Prefix, part: str | None = None) -> list[str]:
        """The terms of `text` (of `title` too) that the node stands for."""
        if isinstance(node, Word):
            return self.spellings(fold(node.term)) if node.folded else [node.term]
        if node.folded:
            folded = self._prefixed("folded", fold(node.prefix))
            return [term for one in folded for term in self.spellings(one)]
        return self._prefixed("title" if part == "title" else "text", node.prefix)

    def frequency(self, node: Token) -> int:
        """df: the number of documents with the token, deleted ones included."""
        if isinstance(node, Word):
            key = node.term, node.folded
            if key not in self._frequencies:
                self._frequencies[key] = self.collection.document_frequency(*field_of(node))
            return self._frequencies[key]
        column = self.column(node) if isinstance(node, Alternatives) else None
        return len(self.documents(node)) if column is None else int(np.count_nonzero(column))

    def spans(self, node: Token, part: str | None = None, among: Documents | None = None) -> Spans:
        """Occurrences of the token in a part, in the documents `among` (None: in all)."""
        if part not in (None, "title"):
            return self._inside(self.spans(node, None, among), part)
        match node:
            case Alternatives():
                return merge([self.spans(member, part, among) for member, _ in node.members])
            case Phrase():
                return phrase_spans(self, node, part, among)
            case _:
                keys = self._keys(node, part, among)
                return Spans(keys, keys)

    def _inside(self, spans: Spans, part: str | None) -> Spans:
        bounds = self.collection.parts().astype(np.int64)
        if part == "lead":
            return spans.within(bounds[:, 0], bounds[:, 1])
        if part == "body":
            return spans.within(bounds[:, 1], bounds[:, 2])
        return spans.within(bounds[:, 2], np.full(len(bounds), 1 << 32))

    def _keys(self, node: Word | Prefix, part: str | None, among: Documents | None) -> Keys:
        if part is None and among is not None:
            return self.keys_of([node], among)[0]
        field = "title" if part else "text"
        found = []
        for term in self.terms(node, part):
            docs, _ = self.term(field, term)
            if among is not None:
                docs = intersect(docs, among)
            if len(docs):
                bounds, positions = self.collection.positions(field, term, docs)
                found.append(keys_of(docs, bounds, positions))
        if len(found) < 2:
            return found[0] if found else NO_KEYS
        keys = np.concatenate(found)
        # Stable sorting merges runs that are sorted already.
        keys.sort(kind="stable")
        return keys

    def keys_of(self, nodes: Sequence[Word | Prefix], docs: Documents) -> list[Keys]:
        """The occurrences of each node in the whole text of some documents, read all at once."""
        words = [
            [field_of(node)] if isinstance(node, Word) else [("text", t) for t in self.terms(node)] for node in nodes
        ]
        number_of = {word: number for number, word in enumerate(dict.fromkeys(chain.from_iterable(words)))}
        of, slot, position = self.occurrences(list(number_of), docs)
        keys = docs.take(slot).astype(np.int64)
        keys <<= SHIFT
        keys += position
        found = []
        for of_node in words:
            if len(of_node) == 1:
                of_keys = keys[of == number_of[of_node[0]]]
            else:
                wanted = np.zeros(len(number_of) + 1, np.bool_)
                wanted[[number_of[word] for word in of_node]] = True
                of_keys = keys[wanted[of]]
            # In order are those of one term in one segment.
            of_keys.sort(kind="stable")
            found.append(of_keys)
        return found

    def occurrences(self, words: Sequence[Name], docs: Documents) -> Occurrences:
        """Where words, (field, term) each, stand in some documents, ascending, as from a `Collection`; what a phrase of the question looked into
        is not read again for the best of the documents that have it.
        """
        different = {word: number for number, word in enumerate(words)}
        is_each_once = len(different) == len(words)
        if self._looked_into and is_each_once:
            before, among, found = self._looked_into
            places = among.searchsorted(docs)
            if different.keys() <= before.keys() and (among.take(places, mode="clip") == docs).all():
                number, slot_of = np.full(len(before), -1), np.full(len(among), -1)
                number[[before[word] for word in words]] = range(len(words))
                slot_of[places] = range(len(docs))
                of, slot = number.take(found[0]), slot_of.take(found[1])
                there = ((of >= 0) & (slot >= 0)).nonzero()[0]
                return of.take(there), slot.take(there), found[2].take(there)
        found = self.collection.occurrences(words, docs)
        if is_each_once and len(docs):
            self._looked_into = different, docs, found
        return found

    def pair_frequencies(
        self, tokens: Sequence[Token], keys: Sequence[Hashable], pairs: Sequence[tuple[int, int]]
    ) -> list[int]:
        """df of each pair of tokens (by their numbers; keys[n] is the key of tokens[n]) side by side, at least 1: of a token with several terms
        the sum over its terms, at most N.
        """

        def terms(number: int) -> tuple[list[str], list[str]]:
            first, second = pairs[number]
            return self._edge(tokens[first], -1), self._edge(tokens[second], 0)

        counts = self.collection.pair_frequencies([(keys[a], keys[b]) for a, b in pairs], terms)
        most = self.collection.documents
        return [min(max(count, 1), most) for count in counts]

    def _edge(self, token: Token, side: int) -> list[str]:
        """The terms with which a token begins (side 0) or ends (−1)."""
        match token:
            case Alternatives():
                terms = [term for member, _ in token.members for term in self._edge(member, side)]
                return list(dict.fromkeys(terms))
            case Phrase():
                return self._edge(token.words[side], side) if token.words else []
            case _:
                return self.terms(token, None)
