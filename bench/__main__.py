"""Measure newssearch beside its peers and print one Markdown table.

    python -m bench [--only indexing,queries,…] [--articles N] [--large]

Every bar has a section that can be run alone. Ratios are of one run, in which the peers and newssearch take turns; figures are medians. `--large`
measures what a large index does (growth, worst, memory at 400,000 and 1,000,000 recombined articles) and nothing else unless `--only` says so.
With `--articles` below 39,210 every size shrinks in proportion, and the verdicts are not those of the bars.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path

from .corpus import REAL
from .indexing import add, growth, indexing, memory, size
from .limits import limits
from .peers import PEERS
from .queries import facets, queries, whoosh, worst
from .ranking import ranking
from .report import Row, machine, table
from .startup import startup
from .steps import steps
from .workshop import Workshop, say

SECTIONS: dict[str, Callable[[Workshop], Iterable[Row]]] = {
    "indexing": indexing,
    "size": size,
    "memory": memory,
    "queries": queries,
    "whoosh": whoosh,
    "worst": worst,
    "facets": facets,
    "startup": startup,
    "growth": growth,
    "add": add,
    "ranking": ranking,
    "steps": steps,
    "limits": limits,
}
LARGE_SECTIONS = ("growth", "memory", "worst")


def main() -> int:
    """Measure, print, and return 1 where a section failed."""
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", metavar="SECTIONS", help=f"some of {','.join(SECTIONS)}")
    options.add_argument("--articles", type=int, default=REAL, metavar="N", help=f"articles of the full index (default: {REAL})")
    options.add_argument("--rounds", type=int, default=3, metavar="N", help="turns of builds (default: 3)")
    options.add_argument("--large", action="store_true", help="400,000 and 1,000,000 articles")
    options.add_argument("--shared", type=Path, default=Path(os.environ.get("NEWSSEARCH_SHARED", Path(__file__).parents[2] / "shared")))
    options.add_argument("--scratch", type=Path, help="folder for indexes, emptied in the end (default: a temporary one)")
    chosen = options.parse_args()
    names = chosen.only.split(",") if chosen.only else LARGE_SECTIONS if chosen.large else tuple(SECTIONS)
    if unknown := set(names) - set(SECTIONS):
        options.error(f"unknown sections: {', '.join(sorted(unknown))}; known are {', '.join(SECTIONS)}")
    if not (chosen.shared / "corpus").is_dir():
        options.error(f"no corpus in {chosen.shared}: name its folder by --shared or NEWSSEARCH_SHARED")
    if chosen.scratch:
        chosen.scratch.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="newssearch-bench-", dir=chosen.scratch))
    workshop = Workshop(chosen.shared.resolve(), scratch, min(chosen.articles, REAL), chosen.rounds, chosen.large)
    try:
        return measure(workshop, names)
    finally:
        shutil.rmtree(scratch)


def measure(workshop: Workshop, names: Iterable[str]) -> int:
    """Run the sections and print the table; a section that fails is a line of it."""
    began = time.perf_counter()
    rows: list[Row] = []
    failed = 0
    for name in (name for name in SECTIONS if name in names):
        section_began = time.perf_counter()
        say(f"== {name}")
        try:
            for row in SECTIONS[name](workshop):
                rows.append(row)
                say(table([row]).splitlines()[-1])
        except Exception as error:
            traceback.print_exc()
            rows.append(Row(what=f"{name}: failed", ours=f"{type(error).__name__}: {(str(error).splitlines() or [''])[-1][-160:]}"))
            failed = 1
        say(f"== {name}: {time.perf_counter() - section_began:.0f} s")
    print(f"{machine()}.")
    if workshop.articles < REAL:
        print(f"\n{workshop.full:,} articles instead of {REAL:,} (and {workshop.small:,} instead of 20,000): the verdicts are not those of the bars.")
    print(f"\n{table(rows)}\n")
    print("\n".join(f"- {name}: {peer.tokens}; positions: {peer.positions}; stored: {peer.stored}; threads: {peer.threads}" for name, peer in PEERS.items()))
    print(f"\nThe whole run took {(time.perf_counter() - began) / 60:.1f} minutes.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
