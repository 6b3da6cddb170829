"""Documents of the pairs of very frequent terms ("của các"), whose positions would be many to compare.

They are kept as the postings of a field without a dictionary; `phrases.pairs` says which pair each of its terms is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .encode import bounds_of, frequent_from, pair_keys, runs_at
from .invert import Postings
from .layout import ContainerWriter, Spool
from .pairs import SortedPairs
from .postings import FieldWriter
from .runs import Source, merged
from .sorted_run import Run

NAME = "phrases"
_SHARE_OF_RUN = 3
"""a run keeps the pairs of terms that a third of its documents have, for it cannot know which half of all will have"""


@dataclass(frozen=True, slots=True)
class CountedRun:
    """What a run knows of pairs, its terms under numbers of its own."""

    counts: Run
    """of each first term its second terms with the number of their documents"""
    frequent: Run
    """the documents of pairs of frequent terms: "term" first · n + second in a run of n terms"""
    documents: int


def counted_run(pairs: SortedPairs, used: NDArray[Any], df: NDArray[np.int64], documents: int) -> CountedRun:
    """Return the pairs of a run of so many documents, df[t] of them with term t, which is number used[t] outside."""
    often = df * _SHARE_OF_RUN >= documents
    chosen = np.flatnonzero(often[pairs.first] & often[pairs.second])
    of_frequent = pairs.first[chosen] * len(used) + pairs.second[chosen]
    return CountedRun(
        Run(used, pairs.counts(len(used))),
        Run(of_frequent, pairs.postings(chosen)),
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
        of_run, df_of_run, _ = run.totals()
        df[of_run] += df_of_run
    frequent = df >= frequent_from(documents)
    for run, of_pairs in zip(texts, counted, strict=True):
        of_run, df_of_run, _ = run.totals()
        if (frequent[of_run] & (df_of_run * _SHARE_OF_RUN < of_pairs.documents)).any():
            return None
    return np.flatnonzero(frequent)


def runs_of_frequent(
    texts: Sequence[Source], counted: Sequence[CountedRun], terms: int, frequent: NDArray[np.int64], spool: Spool
) -> list[Run]:
    """The pairs of the very frequent terms, numbered first · n + second of n terms, out of each run, on disk.

    `frequent` are the final numbers of terms, below `terms`, that the runs of `text` have, too.
    """
    found = []
    place = np.full(terms, -1, np.int64)
    place[frequent] = np.arange(len(frequent))
    for text, run in zip(texts, counted, strict=True):
        place_here = place[text.totals()[0]]
        pairs, postings = run.frequent.whole()
        first, second = (place_here[local] for local in np.divmod(pairs, max(len(place_here), 1)))
        chosen = np.flatnonzero((first >= 0) & (second >= 0))
        df = postings.df[chosen]
        moved = runs_at(bounds_of(postings.df)[:-1][chosen], df)
        here = Postings(df, df, postings.docs[moved], postings.freqs[moved], None)
        found.append(Run(first[chosen] * len(frequent) + second[chosen], here))
        found[-1].spill(spool)
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
