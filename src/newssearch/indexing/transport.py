"""Answers on their way from one process to another: arrays as narrow as their numbers allow, articles as the bytes that are stored."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..fields import Analysed, FieldTokens, article_json
from ..models import Article
from .lots import Answer

_CARRIED = ("id", "kind", "title", "source", "section", "author", "url", "aliases", "published")
"""fields of an article that whoever writes it looks at; the rest is in its JSON alone"""


def dumps(answer: Answer | Exception) -> bytes:
    """Return the answer, or why there is none, as bytes."""
    if isinstance(answer, Exception):
        return pickle.dumps(answer)
    analysed = answer.analysed
    narrowed = _once(_narrowed)
    fields = {
        name: (field.terms, narrowed(field.term), narrowed(field.document), narrowed(field.position))
        for name, field in analysed.fields.items()
    }
    articles = [[getattr(article, name) for article in analysed.articles] for name in _CARRIED]
    stored = [article_json(article) for article in analysed.articles]
    carried = (articles, stored, analysed.origins, fields, analysed.parts, analysed.keys, answer.lines, answer.aside)
    return pickle.dumps(carried, pickle.HIGHEST_PROTOCOL)


def loads(data: bytes) -> Answer:
    """Return the answer, its articles without what is in their JSON alone. Raises the exception that came instead."""
    carried = pickle.loads(data)
    if isinstance(carried, Exception):
        raise carried
    articles, stored, origins, fields, parts, keys, lines, aside = carried
    widened = _once(_widened)
    analysed = Analysed(
        articles=[Article(**dict(zip(_CARRIED, values, strict=True))) for values in zip(*articles, strict=True)],
        origins=origins,
        fields={name: FieldTokens(terms, *map(widened, arrays)) for name, (terms, *arrays) in fields.items()},
        parts=parts,
        keys=keys,
        stored=stored,
    )
    return Answer(analysed, lines, aside)


def _narrowed(array: NDArray[np.int32]) -> NDArray[Any]:
    return array.astype(np.uint16) if len(array) and int(array.max()) < 1 << 16 else array


def _widened(array: NDArray[Any]) -> NDArray[np.int32]:
    return array.astype(np.int32, copy=False)


def _once(change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """The change, made once to an array that several fields share, which share the changed one too."""
    changed: dict[int, tuple[NDArray[Any], NDArray[Any]]] = {}

    def once(array: NDArray[Any]) -> NDArray[Any]:
        if id(array) not in changed:
            # Kept with what it came from, whose number no other array may get.
            changed[id(array)] = array, change(array)
        return changed[id(array)][1]

    return once
