"""One table: newssearch's segmenter beside pyvi's own, on the same texts in the same run.

    python bench/segmenter.py [--articles 500] [--shared ../shared]

Speed is characters a second on one core, the best of three turns that alternate between the two; both are warm.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from itertools import islice
from pathlib import Path

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[threads] = "1"

from newssearch.vietnamese import segment  # noqa: E402

QUERY = "thủ tướng chính phủ phê duyệt quy hoạch đô thị"
START = """
import os, resource, time
import numpy
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before, t0 = resident(), time.perf_counter()
from newssearch.vietnamese import segment
t1 = time.perf_counter()
segment.load()
t2 = time.perf_counter()
segment.tokenize("thủ tướng chính phủ phê duyệt quy hoạch đô thị")
t3 = time.perf_counter()
print(1e3 * (t1 - t0), 1e3 * (t2 - t1), 1e3 * (t3 - t2), resident() - before)
"""
START_PYVI = """
import os, time, warnings
warnings.simplefilter("ignore")
import numpy
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before, t0 = resident(), time.perf_counter()
from pyvi import ViTokenizer
t1 = time.perf_counter()
ViTokenizer.tokenize("thủ tướng chính phủ phê duyệt quy hoạch đô thị")
print(1e3 * (t1 - t0), 0, 1e3 * (time.perf_counter() - t1), resident() - before)
"""


def read_articles(shared: Path, count: int) -> list[str]:
    """Return title, summary and body of the first articles, a line each."""
    with gzip.open(shared / "corpus" / "news-2.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, count)]
    return ["\n".join(row.get(part) or "" for part in ("title", "summary", "body")) for row in rows]


def seconds(work: Callable[[], object]) -> float:
    """Return how long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def start_up(code: str) -> list[float]:
    """Return the medians over seven processes of: ms to import, ms to load, ms to the first answer, MB on top of numpy."""
    runs = [
        [
            float(word)
            for word in subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.split()
        ]
        for _ in range(7)
    ]
    return [statistics.median(column) for column in zip(*runs, strict=True)]


def word_bounds(line: str) -> set[tuple[int, int]]:
    """Return the words of a segmented line as pairs of offsets among its letters."""
    bounds, at = set(), 0
    for word in line.split():
        length = len(word.replace("_", ""))
        bounds.add((at, at + length))
        at += length
    return bounds


def f1(lines: list[str], cut: Callable[[str], str]) -> float:
    """Return the F1 of words against hand-segmented lines."""
    right = found = true = 0
    for line in lines:
        gold, ours = word_bounds(line), word_bounds(cut(line.replace("_", " ")))
        right, found, true = right + len(gold & ours), found + len(ours), true + len(gold)
    return 2 * right / (found + true)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=500)
    options.add_argument("--shared", type=Path, default=Path(os.environ.get("NEWSSEARCH_SHARED", "../shared")))
    chosen = options.parse_args()
    with warnings.catch_warnings():  # an estimator pickled by an older scikit-learn
        warnings.simplefilter("ignore")
        from pyvi import ViTokenizer

    articles = read_articles(chosen.shared, chosen.articles)
    size = sum(map(len, articles))
    segmenter = segment.load()
    same = segmenter.tokenize_many(articles) == [ViTokenizer.tokenize(text) for text in articles]
    work: dict[str, Callable[[], object]] = {
        "batch": lambda: segmenter.tokenize_many(articles),
        "single": lambda: [segmenter.tokenize(text) for text in articles],
        "spans": lambda: segmenter.word_spans(articles),
        "pyvi": lambda: [ViTokenizer.tokenize(text) for text in articles],
    }
    best = dict.fromkeys(work, float("inf"))
    for _ in range(3):
        for name, each in work.items():
            best[name] = min(best[name], seconds(each))
    speed = {name: size / 1e6 / spent for name, spent in best.items()}
    query = [seconds(lambda: segmenter.tokenize(QUERY)) for _ in range(2000)]
    query_pyvi = [seconds(lambda: ViTokenizer.tokenize(QUERY)) for _ in range(500)]
    ours, theirs = start_up(START), start_up(START_PYVI)
    folder = chosen.shared / "wordseg"
    lines = {
        name: (folder / name).read_text(encoding="utf-8").splitlines()
        for name in ("ud-vtb-dev.txt", "ud-vtb-train.txt")
    }

    print(f"{len(articles)} articles, {size:,} characters; outputs identical: {same}; {segment.model_identity()}\n")
    print("| what | newssearch | pyvi | ratio |\n|---|---|---|---|")
    for label, name in (
        ("many articles at once, M characters/s", "batch"),
        ("one article at a time, M characters/s", "single"),
        ("bounds of compounds, many at once, M characters/s", "spans"),
    ):
        print(f"| {label} | {speed[name]:.1f} | {speed['pyvi']:.2f} | {speed[name] / speed['pyvi']:.0f}× |")
    fast, slow = statistics.median(query) * 1e3, statistics.median(query_pyvi) * 1e3
    print(f"| a query of ten syllables, ms (p50) | {fast:.3f} | {slow:.3f} | {slow / fast:.0f}× |")
    print(f"| import beside numpy, ms | {ours[0]:.0f} | {theirs[0]:.0f} | |")
    print(f"| load the model, ms | {ours[1]:.1f} | (in its import) | |")
    print(f"| the first query, ms | {ours[2]:.2f} | {theirs[2]:.2f} | |")
    print(f"| memory beside numpy, MB | {ours[3]:.0f} | {theirs[3]:.0f} | |")
    for name, each in lines.items():
        print(f"| F1 on {name} | {f1(each, segmenter.tokenize):.4f} | {f1(each, ViTokenizer.tokenize):.4f} | |")


if __name__ == "__main__":
    main()
