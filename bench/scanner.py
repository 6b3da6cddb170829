"""One table: how fast text is cut into tokens, beside one regular expression that does a small part of it.

    python bench/scanner.py [--articles 500] [--shared ../shared]

Speed is megabytes of UTF-8 a second on one core, the best of seven turns. "Cold" counts what is done once for each different piece of text.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[threads] = "1"

from newssearch.vietnamese.fold import fold  # noqa: E402
from newssearch.vietnamese.normalize import clean  # noqa: E402
from newssearch.vietnamese.scan import scan, scan_many  # noqa: E402
from newssearch.vietnamese.scan_batch import scan_batch  # noqa: E402
from newssearch.vietnamese.scan_vocabulary import Vocabulary  # noqa: E402

QUERY = "thủ tướng chính phủ phê duyệt quy hoạch đô thị"
START = """
import time
import numpy, numpy.typing, newssearch
before = time.perf_counter()
from newssearch.vietnamese import scan
middle = time.perf_counter()
scan.scan("thủ tướng chính phủ phê duyệt quy hoạch đô thị")
print(1e3 * (middle - before), 1e3 * (time.perf_counter() - middle))
"""
WORD = re.compile(r"\w+")


def read_articles(shared: Path, count: int) -> list[str]:
    """Return title, summary and body of the first articles, a line each."""
    with gzip.open(shared / "corpus" / "news-2.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    return ["\n".join(row.get(part) or "" for part in ("title", "summary", "body")) for row in rows]


def best(work: Callable[[], object], turns: int = 7) -> float:
    """Return the shortest time of some turns, in seconds."""
    spent = []
    for _ in range(turns):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def start_up() -> list[float]:
    """Return the medians over seven processes of: ms to import, ms to the first answer."""
    command = [sys.executable, "-c", START]
    runs = [subprocess.run(command, capture_output=True, check=True).stdout.split() for _ in range(7)]
    return [statistics.median(map(float, column)) for column in zip(*runs, strict=True)]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=500)
    options.add_argument("--shared", type=Path, default=Path(os.environ.get("NEWSSEARCH_SHARED", "../shared")))
    chosen = options.parse_args()
    articles = read_articles(chosen.shared, chosen.articles)
    megabytes = sum(len(text.encode()) for text in articles) / 1e6
    tokens = scan_many(articles)
    usual = min(articles, key=lambda text: abs(len(text.split()) - 600))
    terms = tokens.terms
    work: dict[str, Callable[[], object]] = {
        "scan_many, pieces known": lambda: scan_many(articles),
        "scan_many, cold": lambda: scan_batch(articles, Vocabulary()),
        "scan, one article at a time": lambda: [scan(text) for text in articles],
        r"\w+ and its offsets, nothing else": lambda: [[(m[0], *m.span()) for m in WORD.finditer(text)] for text in articles],
        "clean": lambda: [clean(text) for text in articles],
        "fold": lambda: [fold(text) for text in articles],
    }
    print(f"{len(articles)} articles, {megabytes:.1f} MB, {len(tokens.term):,} rows, {len(terms):,} terms\n")
    print("| what | MB/s | ms an article |\n|---|---|---|")
    for label, each in work.items():
        spent = best(each)
        print(f"| {label} | {megabytes / spent:.0f} | {1e3 * spent / len(articles):.3f} |")
    loaded, first = start_up()
    print("\n| what | ms |\n|---|---|")
    print(f"| one article of {len(usual.split())} syllables | {1e3 * best(lambda: scan(usual), 200):.3f} |")
    print(f"| ten articles at once | {1e3 * best(lambda: scan_many(articles[:10]), 200):.3f} |")
    print(f"| a query of ten syllables | {1e3 * best(lambda: scan(QUERY), 2000):.3f} |")
    print(f"| import beside numpy | {loaded:.1f} |")
    print(f"| the first query | {first:.2f} |")


if __name__ == "__main__":
    main()
