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
from .layout import ContainerWriter, Spool, narrow
from .pairs import SortedPairs
from .postings import FieldWriter
from .runs import Source, merged
from .sorted_run import Column, Run, on_disk

NAME = "phrases"
_SHARE_OF_RUN = 3
"""a run keeps the pairs of terms that a third of its documents have, for it cannot know which half of all will have"""


@dataclass(frozen=True, slots=True)
class FrequentPairs:
    """What a run knows of pairs of frequent terms."""

    frequent: Run
    """the documents of pairs of the terms `known`: "term" first · n + second of n of them"""
    known: NDArray[Any]
    """the terms, ascending, that it keeps all pairs of among each other"""
    having: Column
    """all terms of the run"""

    @property
    def nbytes(self) -> int:
        """Bytes held in memory."""
        return self.frequent.nbytes + self.known.nbytes + self.having.nbytes

    def spilled(self, spool: Spool) -> FrequentPairs:
        """The same on disk."""
        self.frequent.spill(spool)
        return FrequentPairs(self.frequent, self.known, on_disk(self.having, spool))


@dataclass(frozen=True, slots=True)
class CountedPairs:
    """The pairs of the runs of `text`."""

    counts: Sequence[Source]
    """of each first term its second terms with the number of their documents, under final numbers"""
    of_frequent: Sequence[FrequentPairs]
    rank: NDArray[np.int32]
    """rank[term] are the final numbers of the terms of `of_frequent`"""


def frequent_pairs(pairs: SortedPairs, used: NDArray[Any], df: NDArray[np.int64], documents: int) -> FrequentPairs:
    """Return what a run of so many documents knows, df[t] of them with term t, which is number used[t] outside."""
    often = np.flatnonzero(df * _SHARE_OF_RUN >= documents)
    return FrequentPairs(run_of_frequent(pairs, len(used), often), used[often], narrow(used))


def frequent_terms(texts: Sequence[Source], counted: CountedPairs, documents: int) -> NDArray[np.int64] | None:
    """Return the very frequent terms if every run has kept all of their pairs, else None: then they are to be found anew."""
    rank = counted.rank
    df = np.zeros(len(rank), np.int64)
    for run in texts:
        of_run, df_of_run, _ = run.totals()
        np.add.at(df, of_run, df_of_run)
    frequent = df >= frequent_from(documents)
    for of_pairs in counted.of_frequent:
        unknown = frequent.copy()
        unknown[rank[of_pairs.known]] = False
        if unknown[rank[of_pairs.having[:]]].any():
            return None
    return np.flatnonzero(frequent)


def runs_of_frequent(counted: CountedPairs, frequent: NDArray[np.int64], spool: Spool) -> list[Run]:
    """The pairs of the very frequent terms, numbered first · n + second of n terms, out of each run, on disk."""
    found = []
    place = np.full(len(counted.rank), -1, np.int64)
    place[frequent] = np.arange(len(frequent))
    for run in counted.of_frequent:
        place_here = place[counted.rank[run.known]]
        pairs, postings = run.frequent.whole()
        first, second = (place_here[known] for known in np.divmod(pairs, max(len(place_here), 1)))
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
