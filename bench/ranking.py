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
from .peers import open_peer
from .processes import newssearch, run
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
    newsbench = _judged(workshop.shared / "relevance" / "newsbench", "queries.jsonl", "")
    ours, theirs = workshop.index(OURS, workshop.full).path, workshop.index("tantivy", workshop.full).path
    yield from _compared("newsbench", newsbench, {row["id"] for row in rows_of(workshop.source(workshop.full))}, ours, theirs)

    folder = workshop.shared / "relevance" / "knownitem"
    rows = islice(gzip_rows(folder / "corpus.jsonl.gz"), workshop.small)
    source = write_rows(({"id": row["_id"], "title": row.get("title", ""), "body": row["text"]} for row in rows), workshop.scratch / "knownitem.jsonl")
    ours, theirs = workshop.scratch / "knownitem-newssearch", workshop.scratch / "knownitem-tantivy"
    say("building the indexes of knownitem")
    run(newssearch("rebuild-index", str(source), "--index", str(ours)))
    run(workshop.command("tantivy", source, theirs))
    known = [judged for name in KNOWN_ITEMS for judged in _judged(folder, f"queries-{name}.jsonl", name)]
    yield from _compared("knownitem", known, {row["id"] for row in rows_of(source)}, ours, theirs)


def _compared(name: str, judged: Sequence[Judged], there: set[str], ours: Path, theirs: Path) -> Iterator[Row]:
    tantivy = open_peer("tantivy", theirs)
    with open_index(ours) as service:
        rankers: dict[str, Ranker] = {
            OURS: lambda text, limit: [id for id, _ in service.rank(text, limit)],
            "tantivy": lambda text, limit: tantivy.answer(any_of(syllables(text)), snippets=False, limit=limit),
        }
        for kind in dict.fromkeys(question.kind for question in judged):
            asked = [question for question in judged if question.kind == kind and question.relevant & there]
            if not asked:
                continue
            found = {ranker: _measures(rank, asked, there) for ranker, rank in rankers.items()}
            yield Row(
                what=f"{name} {kind}, {len(asked)} questions: MRR@{CUT} / recall@{DEPTH}",
                ours=_pair(found[OURS]),
                peers=f"tantivy's BM25 {_pair(found['tantivy'])}",
                ratio=f"{found[OURS][0] - found['tantivy'][0]:+.3f} MRR",
            )
    tantivy.close()


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
