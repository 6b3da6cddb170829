"""Where phrases stand."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ...query.nodes import Phrase, Word
from .executor_arrays import NO_KEYS, Documents, intersect
from .executor_spans import NO_SPANS, SHIFT, Spans, distinct

if TYPE_CHECKING:
    from .executor_reader import Reader

_AT_ONCE = 4_096
"""documents up to which all words of a phrase are read together; of more, one after another, each where the others stand as they should"""


def phrase_spans(reader: Reader, node: Phrase, part: str | None, among: Documents | None) -> Spans:
    """Occurrences of a phrase in a part, in the documents `among` (None: in all).

    Candidates first: only documents with every element are looked into, and for the later elements only those where the earlier stand
    as they should.
    """
    if not node.words:
        return NO_SPANS
    order = sorted(range(len(node.words)), key=lambda i: reader.frequency(node.words[i]))
    candidates = reader.having([node.words[i] for i in order], among, part)
    if part is None:
        for pair in pairwise(node.words):
            if kept := reader.kept_pair(Phrase(pair)):
                candidates = intersect(candidates, kept[0], reader.collection.documents)
    words = [word for word in node.words if isinstance(word, Word)]
    if part is None and len(candidates) <= _AT_ONCE and len(words) == len(node.words):
        keys = reader.keys_of(words, candidates)
        starts = keys[order[0]] - order[0]
        for i in order[1:]:
            starts = intersect(starts, keys[i] - i)
        return Spans(starts, starts + (len(words) - 1))
    starts = NO_KEYS
    for i in order:
        if not len(candidates):
            return NO_SPANS
        frequency = reader.frequency(node.words[i])
        # To read all of a term goes three times as fast as to pick some of it.
        most = len(candidates) * 3 > frequency
        found = distinct(reader.spans(node.words[i], part, None if most else candidates).first)
        if i != order[0]:
            starts = intersect(starts, found - i)
        elif most and (among is not None or len(candidates) * 2 < frequency):
            among_candidates = np.zeros(reader.collection.documents, np.bool_)
            among_candidates[candidates] = True
            starts = found[among_candidates[found >> SHIFT]] - i
        else:
            # What is elsewhere is dropped where the next word is not.
            starts = found - i
        candidates = Spans(starts, starts).documents()
    return Spans(starts, starts + (len(node.words) - 1))
