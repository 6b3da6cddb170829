"""Quality: MRR@10 and recall on judged questions, tantivy's BM25 over the same articles beside."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from newssearch import open_index

from .corpus import gzip_rows, rows_of, write_rows
from .peers import Peer, open_peer
from .processes import run
from .questions import any_of, syllables
from .report import Row
from .workshop import OURS, Workshop, say

DEPTH = 100
CUT = 10
KNOWN_ITEMS = ("title", "bare", "lower", "typo", "tone-placement")

Ranker = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with the articles that answer it; `exclude` is dropped from its ranking."""

    text: str
    kind: str
    relevant: frozenset[str]
    exclude: str | None = None


def ranking(workshop: Workshop) -> Iterator[Row]:
    """newsbench over all articles, knownitem over its own."""
    source = workshop.source(workshop.full)
    paths = {name: workshop.index(name, workshop.full).path for name in (OURS, "tantivy")}
    newsbench = _judged(workshop.shared / "relevance" / "newsbench", "queries.jsonl", "")
    yield from _compared("newsbench", newsbench, {row["id"] for row in rows_of(source)}, paths)

    folder = workshop.shared / "relevance" / "knownitem"
    rows = islice(gzip_rows(folder / "corpus.jsonl.gz"), workshop.small)
    source = write_rows(({"id": row["_id"], "title": row["title"], "body": row["text"]} for row in rows), workshop.scratch / "knownitem.jsonl")
    say("building the indexes of knownitem")
    paths = {name: workshop.scratch / f"knownitem-{name}" for name in (OURS, "tantivy", "tantivy-folded")}
    for name, path in paths.items():
        run(workshop.command(name, source, path))
    known = [judged for name in KNOWN_ITEMS for judged in _judged(folder, f"queries-{name}.jsonl", name)]
    yield from _compared("knownitem", known, {row["id"] for row in rows_of(source)}, paths)


def _compared(name: str, judged: Sequence[Judged], there: set[str], paths: Mapping[str, Path]) -> Iterator[Row]:
    peers = {peer: open_peer(peer, path) for peer, path in paths.items() if peer != OURS}
    with open_index(paths[OURS]) as service:

        def ours(text: str, limit: int) -> list[str]:
            return [id for id, _ in service.rank(text, limit)]

        for kind in dict.fromkeys(question.kind for question in judged):
            asked = [question for question in judged if question.kind == kind and question.relevant & there]
            if not asked:
                continue
            # A bare question is put to the peer's index that has no accents either.
            beside = "tantivy-folded" if kind == "bare" else "tantivy"
            mine, theirs = _measures(ours, asked, there), _measures(_of_peer(peers[beside]), asked, there)
            yield Row(
                what=f"{name} {kind}, {len(asked)} questions: MRR@{CUT} / recall@{DEPTH}",
                ours=_pair(mine),
                peers=f"BM25 of {beside} {_pair(theirs)}",
                ratio=f"{mine[0] - theirs[0]:+.3f} MRR",
            )
    for peer in peers.values():
        peer.close()


def _of_peer(peer: Peer) -> Ranker:
    return lambda text, limit: peer.answer(any_of(syllables(text)), snippets=False, limit=limit)


def _measures(rank: Ranker, asked: Sequence[Judged], there: set[str]) -> tuple[float, float]:
    reciprocal = recall = 0.0
    for question in asked:
        ranked = [id for id in rank(question.text, DEPTH + 1) if id != question.exclude][:DEPTH]
        first = next((place for place, id in enumerate(ranked[:CUT], 1) if id in question.relevant), None)
        reciprocal += 1 / first if first else 0.0
        relevant = question.relevant & there
        recall += len(relevant.intersection(ranked)) / len(relevant)
    return reciprocal / len(asked), recall / len(asked)


def _pair(measures: tuple[float, float]) -> str:
    return f"{measures[0]:.3f} / {measures[1]:.3f}"


def _judged(folder: Path, name: str, kind: str) -> list[Judged]:
    relevant = _relevant(folder / "qrels.tsv")
    with (folder / name).open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Judged(row["text"], kind or row["type"], frozenset(relevant.get(row["_id"], ())), row.get("exclude")) for row in rows
    ]


def _relevant(path: Path) -> Mapping[str, set[str]]:
    relevant: dict[str, set[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            if int(row["score"]) > 0:
                relevant.setdefault(row["query-id"], set()).add(row["corpus-id"])
    return relevant
