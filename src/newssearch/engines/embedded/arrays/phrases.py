"""Documents of the pairs of very frequent terms ("của các"), whose positions would be many to compare.

They are kept as the postings of a field without a dictionary; `phrases.pairs` says which pair each of its terms is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, frequent_from, pair_keys, runs_at
from .invert import Postings, Run
from .layout import ContainerWriter
from .pairs import SortedPairs
from .postings import FieldWriter
from .runs import Source, merged

NAME = "phrases"
_SHARE_OF_RUN = 3
"""a run keeps the pairs of terms that a third of its documents have, for it cannot know which half of all will have"""


@dataclass(frozen=True, slots=True)
class CountedRun:
    """What a run knows of pairs, its terms under numbers of its own."""

    counts: Run
    """of each first term its second terms with the number of their documents"""
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    """[pairs] those of frequent terms"""
    frequent: Run
    """their documents; "term" p is pair p"""
    documents: int


def counted_run(pairs: SortedPairs, used: NDArray[np.int64], df: NDArray[np.int64], documents: int) -> CountedRun:
    """Return the pairs of a run of so many documents, df[t] of them with term t, which is number used[t] outside."""
    often = df * _SHARE_OF_RUN >= documents
    chosen = np.flatnonzero(often[pairs.first] & often[pairs.second])
    return CountedRun(
        Run(used, pairs.counts(len(used))),
        used[pairs.first[chosen]],
        used[pairs.second[chosen]],
        Run(np.arange(len(chosen)), pairs.postings(chosen)),
        documents,
    )


def frequent_terms(
    texts: Sequence[Source], counted: Sequence[CountedRun] | None, terms: int, documents: int
) -> NDArray[np.int64] | None:
    """Return the very frequent terms if every run has kept all of their pairs, else None: then they are to be found anew."""
    if counted is None:
        return None
    df = np.zeros(terms, np.int64)
    for run in texts:
        df[run.terms] += run.df
    frequent = df >= frequent_from(documents)
    for run, of_pairs in zip(texts, counted, strict=True):
        if (frequent[run.terms] & (run.df * _SHARE_OF_RUN < of_pairs.documents)).any():
            return None
    return np.flatnonzero(frequent)


def runs_of_frequent(counted: Iterable[CountedRun], rank: NDArray[np.int64], frequent: NDArray[np.int64]) -> list[Run]:
    """The pairs of the very frequent terms, numbered first · n + second of n terms, out of each run; rank[term] are final numbers."""
    found = []
    place = np.full(len(rank) + 1, -1, np.int64)
    place[frequent] = np.arange(len(frequent))
    for run in counted:
        first, second = place[rank[run.first]], place[rank[run.second]]
        chosen = np.flatnonzero((first >= 0) & (second >= 0))
        _, postings = run.frequent.between(0, len(first))
        df = postings.df[chosen]
        moved = runs_at(bounds_of(postings.df)[:-1][chosen], df)
        here = Postings(df, df, postings.docs[moved], postings.freqs[moved], None)
        found.append(Run(first[chosen] * len(frequent) + second[chosen], here))
    return found


def run_of_frequent(pairs: SortedPairs, terms: int, frequent: NDArray[np.int64]) -> Run:
    """The same out of pairs of `terms` terms under their final numbers."""
    place = np.full(terms, -1, np.int64)
    place[frequent] = np.arange(len(frequent))
    first, second = place[pairs.first], place[pairs.second]
    chosen = np.flatnonzero((first >= 0) & (second >= 0))
    return Run(first[chosen] * len(frequent) + second[chosen], pairs.postings(chosen))


def write_frequent(
    container: ContainerWriter, frequent: NDArray[np.int64], runs: Sequence[Run], documents: int, folder: Path
) -> int:
    """Write the sections `phrases.…` and return how many pairs there are; `frequent` are the final numbers of the terms."""
    width = len(frequent)
    writer = FieldWriter(folder, documents, positions=False)
    try:
        for _, _, postings in merged(runs, width * width):
            writer.add(postings)
        kept = writer.finish(container, NAME, None)
    finally:
        writer.close()
    keys = pair_keys(frequent[kept // width], frequent[kept % width]) if width else kept
    container.add(f"{NAME}.pairs", keys.astype(np.uint64))
    return len(kept)
