"""Where the time goes: the steps of a question and of an article's way into the index, and how many postings a question has."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from newssearch import open_index
from newssearch.fields import analyse, part_texts, stored_article
from newssearch.indexing.lots import Lot, analyse_lot
from newssearch.indexing.normal import normalise
from newssearch.models import SearchRequest
from newssearch.query.dates import today_here
from newssearch.query.parse import parse
from newssearch.readers.lines import Lines
from newssearch.readers.record import article_of
from newssearch.search.interpret import interpret, unit_weights
from newssearch.search.snippets import mark_articles
from newssearch.service import Service
from newssearch.vietnamese.fold import fold
from newssearch.vietnamese.scan import scan_many

from .questions import Asked, Questions
from .report import Row, number
from .workshop import OURS, Workshop, median_seconds, percentile

_KINDS = ("3 words", "title", "two words AND", "phrase", "bare title")
_ASKED = 100
_BEYOND = 1 << 40
"""an offset at which nothing is scored"""
_ARTICLES = 1_000
_TIMES = 5


def steps(workshop: Workshop) -> Iterator[Row]:
    """Medians of the steps of a question that was asked before, and of an article's on one core; postings by the words' document frequencies."""
    full = workshop.full
    source = workshop.source(full)
    with open_index(workshop.index(OURS, full).path) as service:
        sets = Questions(source).sets(_ASKED)
        for kind in _KINDS:
            postings = [_postings(service, asked, bare=kind == "bare title") for asked in sets[kind]]
            yield Row(
                what=f"postings of a question, {kind}, {full:,} articles: p50 / p95",
                ours=f"{percentile(postings, 0.5):,.0f} / {percentile(postings, 0.95):,.0f}",
            )
        for kind in _KINDS:
            spent = [_of_question(service, asked) for asked in sets[kind]]
            medians = {step: statistics.median(one[step] for one in spent) for step in spent[0]}
            yield Row(what=f"steps of a question asked before, {kind}, {full:,} articles: ms", ours=_listed(medians, 1e3))
    with source.open("rb") as file:
        lines = [line.rstrip(b"\n") for line in islice(file, _ARTICLES)]
    yield Row(what="steps of an article on one core: µs", ours=_listed(_of_article(lines), 1e6 / len(lines)))


def _postings(service: Service, asked: Asked, *, bare: bool) -> float:
    words = [fold(word) for word in asked.words] if bare else list(asked.words)
    return float(sum(service.engine.vocabulary().document_frequencies("folded" if bare else "text", words)))


def _of_question(service: Service, asked: Asked) -> dict[str, float]:
    """Seconds of each step, and of the whole."""
    request = SearchRequest(query=asked.text)
    service.search(request)
    whole = _seconds(partial(service.search, request))
    parsed = parse(asked.text, today=today_here())
    vocabulary = service.engine.vocabulary()
    parameters = service.parameters
    question = interpret(parsed, request, vocabulary, parameters).question
    bare = replace(question, articles=False, facets=False)
    search = service.engine.search
    first = replace(parameters, rescored=0)
    page = search(question, parameters)
    articles = [hit.article for hit in page.hits if hit.article]
    weights = unit_weights(question.root, vocabulary, bare=question.bare)
    matching = _seconds(partial(search, replace(bare, offset=_BEYOND), parameters))
    scored = _seconds(partial(search, bare, first))
    rescored = _seconds(partial(search, bare, parameters))
    counted = _seconds(partial(search, replace(bare, facets=True), parameters))
    return {
        "parse": _seconds(partial(parse, asked.text, today=today_here())),
        "interpret": _seconds(partial(interpret, parsed, request, vocabulary, parameters)),
        "match": matching,
        "first pass": scored - matching,
        "second pass": rescored - scored,
        "facets and histogram": counted - rescored,
        "ten stored articles": _seconds(partial(search, question, parameters)) - counted,
        "snippets": _seconds(partial(mark_articles, articles, question.root, weights)),
        "whole": whole,
    }


def _of_article(lines: Sequence[bytes]) -> dict[str, float]:
    """Seconds of each step over all the lines."""
    records = [json.loads(line) for line in lines]
    articles = [article_of(record) for record in records]
    normal = [normalise(article) for article in articles]
    texts = [text for article in normal for text in part_texts(article)]
    origins = [""] * len(normal)
    lot: Lot = [Lines(list(lines), "", 1)]
    without = _seconds(partial(analyse, normal, origins, words=False))
    scanned = _seconds(partial(scan_many, texts))
    return {
        "decode JSON": _seconds(lambda: [json.loads(line) for line in lines]),
        "make an article of it": _seconds(lambda: [article_of(record) for record in records]),
        "normalise": _seconds(lambda: [normalise(article) for article in articles]),
        "scan": scanned,
        "fold, four fields, keys": without - scanned,
        "segment, compounds": _seconds(partial(analyse, normal, origins)) - without,
        "JSON to store": _seconds(lambda: [stored_article(article) for article in normal]),
        "all of a worker's": _seconds(partial(analyse_lot, lot, words=True)),
    }


def _seconds(work: Callable[[], object]) -> float:
    work()
    return median_seconds(work, _TIMES)


def _listed(seconds: dict[str, float], unit: float) -> str:
    return ", ".join(f"{step} {number(max(spent, 0.0) * unit)}" for step, spent in seconds.items())
