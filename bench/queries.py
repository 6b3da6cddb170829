"""Questions answered in this process, warmed up as a server is: beside the peers, the worst of many, and what facets cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from newssearch import open_index
from newssearch.engines.base import Question, ScoredPage
from newssearch.models import SearchRequest
from newssearch.query.nodes import Alternatives, Group, Word
from newssearch.query.parse import parse
from newssearch.search.interpret import interpret, unit_weights
from newssearch.search.snippets import mark_articles
from newssearch.service import Service

from .peers import open_peer
from .questions import Asked, Questions, phrase_of
from .report import Row, judge, number
from .workshop import LARGE, OURS, Workshop, percentile, ratios, say

ASKED = 300
WARMING = 30
SLOW_ASKED = 100
"""questions put to FTS5, which scores every match of every word"""
WORST_ASKED = 2_000
WHOOSH_ASKED = 100
_SUSPECTS = 25
_AGAIN = 5
_WEIGHTS = (1.0, 0.8, 0.6)


def answer(service: Service, asked: Asked) -> None:
    """Answer a question as a face would, with ten marked hits; alternatives go to the engine as a tree."""
    if asked.kind != "alternatives":
        service.search(SearchRequest(query=asked.text))
        return
    root = Group((Alternatives(tuple((Word(word), weight) for word, weight in zip(asked.words, _WEIGHTS, strict=True))),))
    vocabulary = service.engine.vocabulary()
    page = service.engine.search(Question(root=root), service.parameters, vocabulary=vocabulary)
    weights = unit_weights(root, vocabulary, bare=False)
    mark_articles([hit.article for hit in page.hits if hit.article], root, weights)


def without_snippets(service: Service, asked: Asked, *, facets: bool = False) -> ScoredPage:
    """What the engine alone answers: no stored text is read."""
    request = SearchRequest(query=asked.text)
    vocabulary = service.engine.vocabulary()
    question = interpret(parse(asked.text), request, vocabulary, service.parameters).question
    return service.engine.search(replace(question, articles=False, facets=facets), service.parameters, vocabulary=vocabulary)


def milliseconds(work: Callable[..., object], *arguments: object) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - began) * 1000


def answer_times(service: Service, questions: Questions, kinds: Sequence[str], count: int = ASKED) -> dict[str, list[float]]:
    """Milliseconds of `count` questions of each kind, each asked once after others warmed the process."""
    service.warm()
    for asked in (asked for kind in kinds for asked in questions.sets(WARMING)[kind]):
        answer(service, asked)
    sets = questions.sets(count)
    return {kind: [milliseconds(answer, service, asked) for asked in sets[kind]] for kind in kinds}


def queries(workshop: Workshop) -> Iterator[Row]:
    """Each kind of question with ten snippets; every question is put once to each engine, one after another."""
    full = workshop.full
    questions = Questions(workshop.source(full))
    names = ("tantivy", "tantivy-words", "fts5")
    peers = {name: open_peer(name, workshop.index(name, full).path) for name in (*names, "tantivy-folded")}
    with open_index(workshop.index(OURS, full).path) as service:
        # As a server does before its readers come.
        service.warm()
        warming, sets = questions.sets(WARMING), questions.sets(ASKED)
        for kind in sets:
            # A bare question is answered from folded text: tantivy has an index of its own for that, the others none.
            beside = ("tantivy-folded",) if kind == "bare title" else names
            took: dict[str, list[float]] = {name: [] for name in (OURS, *beside)}
            for number_, asked in enumerate((*warming[kind], *sets[kind])):
                for name in took:
                    if name == "fts5" and number_ >= WARMING + SLOW_ASKED:
                        continue
                    work = (answer, service, asked) if name == OURS else (peers[name].answer, asked)
                    took[name].append(milliseconds(*work))
            took = {name: times[WARMING:] for name, times in took.items()}
            main = beside[0]
            middle = percentile(took[OURS], 0.5) / percentile(took[main], 0.5)
            high = percentile(took[OURS], 0.95) / percentile(took[main], 0.95)
            say(f"{kind}: {_quantiles(took[OURS])}")
            yield Row(
                what=f"{kind}, 10 snippets, {full:,} articles: p50 / p95 ms",
                ours=_quantiles(took[OURS]),
                peers=", ".join(f"{name} {_quantiles(took[name])}" for name in beside),
                ratio=f"{middle:.2f} / {high:.2f} × {main}",
                must="≤ 2 ×",
                aim="≤ 1 ×",
                verdict=judge(max(middle, high), 2, 1),
            )
    for peer in peers.values():
        peer.close()


def worst(workshop: Workshop) -> Iterator[Row]:
    """The slowest of 2,000 hard questions: all are asked once, the 25 slowest five times more, and the worst median counts."""
    sizes = [(workshop.full, 15, 5)]
    if workshop.large:
        sizes.append((workshop.scaled(LARGE[1]), 60, 25))
    for articles, must, aim in sizes:
        hard = Questions(workshop.source(workshop.full)).worst(WORST_ASKED)
        peer = open_peer("tantivy", workshop.index("tantivy", articles).path)
        pair = phrase_of(("của", "các"))
        with open_index(workshop.index(OURS, articles).path) as service:
            service.warm()
            whole = _slowest(partial(answer, service), hard)
            engine = _slowest(partial(without_snippets, service, facets=True), hard)
            of_pair = _median(partial(without_snippets, service, facets=True), pair)
        theirs = _slowest(partial(peer.answer, snippets=False), hard)
        theirs_of_pair = _median(partial(peer.answer, snippets=False), pair)
        peer.close()
        for what, (time_, first, asked) in (("with 10 snippets", whole), ("engine alone, with facets", engine)):
            yield Row(
                what=f"the worst of {WORST_ASKED:,} questions, {what}, {articles:,} articles: ms",
                ours=f"{number(time_)} (first time {number(first)}): `{_shown(asked)}`",
                peers=f"tantivy without snippets {number(theirs[0])}: `{_shown(theirs[2])}`",
                ratio=f"{time_ / theirs[0]:.2f} × tantivy",
                must=f"≤ {must}",
                aim=f"≤ {aim}",
                verdict=judge(time_, must, aim),
            )
        yield Row(
            what=f"`{pair.text}`, no snippets, {articles:,} articles: ms",
            ours=number(of_pair),
            peers=f"tantivy {number(theirs_of_pair)}",
            ratio=f"{of_pair / theirs_of_pair:.2f} × tantivy",
        )


def _slowest(work: Callable[[Asked], object], hard: Sequence[Asked]) -> tuple[float, float, Asked]:
    """The worst median, the worst single time of the first pass, and the question of the former."""
    first = [milliseconds(work, asked) for asked in hard]
    suspects = sorted(range(len(hard)), key=first.__getitem__)[-_SUSPECTS:]
    again = {n: _median(work, hard[n]) for n in suspects}
    slowest = max(again, key=again.__getitem__)
    return again[slowest], max(first), hard[slowest]


def _median(work: Callable[[Asked], object], asked: Asked) -> float:
    return statistics.median(milliseconds(work, asked) for _ in range(_AGAIN))


def facets(workshop: Workshop) -> Iterator[Row]:
    """The same question with facets and histogram and without, in turn."""
    full = workshop.full
    questions = Questions(workshop.source(full))
    with open_index(workshop.index(OURS, full).path) as service:
        service.warm()
        broad = [*questions.broad(40), Asked("any", (), "")]
        extra: dict[str, list[float]] = {}
        for name, asked in (("3 words", questions.sets(ASKED)["3 words"]), ("one of the most common syllables, or none", broad)):
            differences = []
            for turn, each in enumerate(asked * (1 if len(asked) >= ASKED else 5)):
                # The first of the two pays for what the second finds in memory, so they change places.
                order = (True, False) if turn % 2 else (False, True)
                without_snippets(service, each)
                took = {on: milliseconds(partial(without_snippets, service, each, facets=on)) for on in order}
                differences.append(took[True] - took[False])
            extra[name] = differences
    for name, differences in extra.items():
        middle = statistics.median(differences)
        yield Row(
            what=f"facets and histogram over every match, {name}, {full:,} articles: ms more",
            ours=f"{number(middle)} (p95 {number(percentile(differences, 0.95))})",
            must="≤ 3",
            aim="≤ 1",
            verdict=judge(middle, 3, 1),
        )


def whoosh(workshop: Workshop) -> Iterator[Row]:
    """Ranked ids without snippets, against stock Whoosh over the same articles in its own codec."""
    small = workshop.small
    questions = Questions(workshop.source(small))
    peer = open_peer("whoosh", workshop.index("whoosh", small).path)
    with open_index(workshop.index(OURS, small).path) as service:
        service.warm()
        for kind in ("3 words", "title"):
            warming, sets = questions.sets(WARMING)[kind], questions.sets(WHOOSH_ASKED)[kind]
            took: dict[str, list[float]] = {OURS: [], "whoosh": []}
            for asked in (*warming, *sets):
                took[OURS].append(milliseconds(service.rank, asked.text, 10))
                took["whoosh"].append(milliseconds(partial(peer.answer, asked, snippets=False)))
            ours, theirs = took[OURS][WARMING:], took["whoosh"][WARMING:]
            faster = ratios(theirs, ours)
            yield Row(
                what=f"{kind}, no snippets, {small:,} articles: p50 / p95 ms",
                ours=_quantiles(ours),
                peers=f"stock Whoosh {_quantiles(theirs)}",
                ratio=f"{faster:.0f} × as fast",
                must="≥ 20 ×",
                aim="≥ 50 ×",
                verdict=judge(faster, 20, 50, least=True),
            )
    peer.close()


def _quantiles(times: Sequence[float]) -> str:
    return f"{number(percentile(times, 0.5))} / {number(percentile(times, 0.95))}"


def _shown(asked: Asked) -> str:
    return asked.text if len(asked.words) < 9 else f"{' '.join(asked.words[:6])} … ({len(asked.words)} words)"
