"""One table: articles into a segment, without words, beside tantivy on the same lines in the same run.

    python bench/inversion.py [--articles 20000] [--shared ../shared] [--memory 512] [--turns 3]

CPU counts both cores: on a busy machine it says more than the time. Each turn is a process of its own that reads raw JSONL and ends when everything is synced; turns alternate, the best of each counts. tantivy indexes title, summary and body as one
stored field with positions, two threads, if it is installed. "from ready tokens" is the same without reading and scanning; its peak is that of one process with all tokens in memory.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

BATCH = 500


def raw_lines(shared: Path, count: int) -> Iterator[str]:
    """The first lines of the corpora."""
    for name in ("news-1", "news-2"):
        with gzip.open(shared / "corpus" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in islice(lines, count):
                count -= 1
                yield line


def text_of(row: dict[str, Any]) -> str:
    """What peers index of an article."""
    return "\n".join(row.get(name) or "" for name in ("title", "summary", "body"))


def analysed_batches(path: Path) -> Iterator[Any]:
    """Batches of token arrays from JSONL."""
    from newssearch.fields import analyse
    from newssearch.models import Article

    with path.open(encoding="utf-8") as lines:
        while some := [json.loads(line) for line in islice(lines, BATCH)]:
            articles = [
                Article(
                    id=row["id"],
                    title=row.get("title") or "",
                    lead=row.get("summary") or "",
                    body=row.get("body") or "",
                    source=row.get("source") or "",
                    section=row.get("category") or "",
                    author=row.get("author") or "",
                    url=row.get("url") or "",
                )
                for row in some
            ]
            yield analyse(articles, [str(path)] * len(articles), words=False)


def ours(path: Path, folder: Path, memory: int, *, ready: bool = False) -> dict[str, float]:
    """Build a segment; `ready` does not count the analysis."""
    from newssearch.engines.embedded.arrays.build import SegmentBuilder
    from newssearch.engines.embedded.arrays.layout import fsync_files

    batches = list(analysed_batches(path)) if ready else analysed_batches(path)
    began, busy = time.perf_counter(), time.process_time()
    builder = SegmentBuilder(folder, "MAIN_bench", memory=memory)
    for batch in batches:
        builder.add(batch)
    manifest = builder.finish()
    fsync_files(folder / name for name in manifest.files)
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return {"seconds": seconds, "cpu": cpu, "size": manifest.size, "peak": peak()}


def tantivys(path: Path, folder: Path) -> dict[str, float]:
    """The same by tantivy."""
    import tantivy

    began, busy = time.perf_counter(), time.process_time()
    schema = tantivy.SchemaBuilder().add_text_field("text", stored=True).build()
    index = tantivy.Index(schema, path=str(folder))
    writer = index.writer(256 << 20, 2)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            writer.add_document(tantivy.Document(text=text_of(json.loads(line))))
    writer.commit()
    writer.wait_merging_threads()
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    return {
        "seconds": seconds,
        "cpu": cpu,
        "size": sum(file.stat().st_size for file in folder.iterdir()),
        "peak": peak(),
    }


def peak() -> float:
    """The most memory that this process held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def reading(path: Path, folder: Path) -> dict[str, float]:
    """Microseconds of single reads, the best of many, nothing cached."""
    from newssearch.engines.embedded.arrays.segment import ArraySegment
    from newssearch.engines.embedded.postings_cache import PostingsCache

    ours(path, folder, 512 << 20)
    segment = ArraySegment.open(folder, "MAIN_bench", cache=PostingsCache(0))
    terms = sorted(("của", "nhà", "hồ", "lũ"), key=lambda term: -segment.document_frequency("text", term))
    figures = {"open": best(lambda: ArraySegment.open(folder, "MAIN_bench"))}
    for term in terms:
        docs, _ = segment.postings("text", term)
        name = f"“{term}” in {len(docs)} documents"
        figures[f"{name}: postings"] = best(lambda term=term: segment.postings("text", term))
        figures[f"{name}: positions"] = best(lambda term=term, docs=docs: segment.positions("text", term, docs))
        figures[f"{name}: positions in 200"] = best(lambda term=term, d=docs[:200]: segment.positions("text", term, d))
    figures["one stored article"] = best(lambda: segment.article(7))
    figures["one pair frequency"] = best(lambda: segment.pair_frequencies([("thành", "phố")]))
    return figures


def best(work: Callable[[], object], turns: int = 50) -> float:
    """Microseconds of the best turn."""
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1e6 * min(times)


CONTENDERS: dict[str, Callable[[Path, Path, int], dict[str, float]]] = {
    "newssearch": lambda path, folder, memory: ours(path, folder, memory),
    "newssearch from ready tokens": lambda path, folder, memory: ours(path, folder, memory, ready=True),
    "tantivy": lambda path, folder, memory: tantivys(path, folder),
    "reading": lambda path, folder, memory: reading(path, folder),
}


def turn(name: str, path: Path, memory: int) -> dict[str, float] | None:
    """One turn of a contender in a process of its own; None where it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            __file__,
            "--one",
            name,
            "--lines",
            str(path),
            "--memory",
            str(memory),
            "--folder",
            folder,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        if "No module named 'tantivy'" in done.stderr:
            return None
        sys.exit(done.stderr)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("NEWSSEARCH_SHARED", "../shared")))
    parser.add_argument("--memory", type=int, default=512, help="budget of the builder in MB")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--lines", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(CONTENDERS[options.one](options.lines, options.folder, options.memory << 20)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "articles.jsonl"
        text = count = 0
        with path.open("w", encoding="utf-8") as file:
            for line in raw_lines(options.shared, options.articles):
                file.write(line)
                text += len(text_of(json.loads(line)).encode())
                count += 1
        found: dict[str, list[dict[str, float]]] = {}
        for _ in range(options.turns):
            for name in list(CONTENDERS)[:3]:
                if figures := turn(name, path, options.memory):
                    found.setdefault(name, []).append(figures)
        print(f"{count} articles, {text / 1e6:.1f} MB of text, {os.cpu_count()} cores, budget {options.memory} MB\n")
        print(f"{'':32}{'articles/s':>12}{'size / text':>14}{'peak MB':>10}{'CPU s':>8}{'/ tantivy':>12}")
        peer = min((f["seconds"] for f in found.get("tantivy", [])), default=None)
        for name, turns in found.items():
            seconds = min(f["seconds"] for f in turns)
            ratio = f"{peer / seconds:.2f}" if peer else "-"
            most = max(f["peak"] for f in turns) / 1e6
            print(
                f"{name:32}{count / seconds:12.0f}{turns[0]['size'] / text:14.3f}{most:10.0f}{min(f['cpu'] for f in turns):8.1f}{ratio:>12}"
            )
        print()
        for name, microseconds in (turn("reading", path, options.memory) or {}).items():
            print(f"{name:52}{microseconds:10.1f} µs")


if __name__ == "__main__":
    main()
