"""What the measurements share: how much to measure, where, and the indexes that were built."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from .corpus import REAL, write_articles
from .processes import Run, newssearch, run, size_of

OURS = "newssearch"
OURS_WITHOUT_WORDS = "newssearch --no-words"

SMALL = 20_000
LARGE = (400_000, 1_000_000)
SLICE = 1_000
"""articles for what is slow: peers with pyvi"""


@dataclass(frozen=True, slots=True)
class Build:
    """An index that was built as a process, and what that took."""

    name: str
    articles: int
    path: Path
    seconds: float
    peak: float

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return size_of(self.path)


@dataclass(slots=True)
class Workshop:
    """Options of a run, and its indexes: each is built once unless it is measured."""

    shared: Path
    scratch: Path
    articles: int = REAL
    rounds: int = 3
    large: bool = False
    kept: dict[tuple[str, int], Build] = field(default_factory=dict)
    _numbers: count[int] = field(default_factory=count)

    @property
    def full(self) -> int:
        """Articles where the bars say 39,210."""
        return self.articles

    @property
    def small(self) -> int:
        """Articles where the bars say 20,000, in proportion."""
        return self.scaled(SMALL)

    @property
    def slice(self) -> int:
        """Articles for peers with pyvi."""
        return min(SLICE, self.small)

    def scaled(self, articles: int) -> int:
        """The bars' number of articles in proportion to what is measured."""
        return articles if self.articles == REAL else max(1, articles * self.articles // REAL)

    def source(self, articles: int) -> Path:
        """The JSONL file of the first `articles` articles."""
        return write_articles(self.shared, self.scratch, articles)

    def build(self, name: str, articles: int) -> Build:
        """Build an index in a new folder and keep it in place of the one before."""
        source = self.source(articles)
        target = self.scratch / f"{next(self._numbers)}-{name.replace(' ', '')}-{articles}"
        say(f"building {name} over {articles:,} articles")
        done: Run = run(self.command(name, source, target))
        if before := self.kept.get((name, articles)):
            shutil.rmtree(before.path)
        built = Build(name, articles, target, done.seconds, done.peak)
        say(f"  {built.seconds:.1f} s, {built.rate:,.0f} articles a second, {built.peak / 1e6:,.0f} MB")
        self.kept[name, articles] = built
        return built

    def index(self, name: str, articles: int) -> Build:
        """The index of that name, built if this run has not done so."""
        return self.kept.get((name, articles)) or self.build(name, articles)

    @staticmethod
    def command(name: str, source: Path, target: Path) -> Sequence[str]:
        """The command line that builds an index at `target`."""
        if name.startswith(OURS):
            return newssearch("rebuild-index", str(source), "--index", str(target), *name.split()[1:])
        return [sys.executable, "-m", "bench.peers", name, str(source), str(target)]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rounds that alternated."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def median_seconds(work: Callable[[], object], times: int = 7) -> float:
    """How long some work takes, the median of several times."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def say(what: str) -> None:
    """Tell how far the run is, on standard error."""
    print(what, file=sys.stderr, flush=True)
