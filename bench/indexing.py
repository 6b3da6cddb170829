"""Builds: speed, size, memory, growth, and additions to an open index."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from newssearch import open_index
from newssearch.readers import Document
from newssearch.readers.record import article_of
from newssearch.service import Service

from .corpus import REAL, SEED, Record, recombined, text_bytes, text_of
from .peers import Fts5, Tantivy
from .queries import answer_times, milliseconds
from .questions import Questions
from .report import Row, judge, number
from .workshop import LARGE, OURS, OURS_WITHOUT_WORDS, Build, Workshop, percentile, ratios, say

GROWTH_KINDS = ("3 words", "title")


def indexing(workshop: Workshop) -> Iterator[Row]:
    """Raw JSONL to committed index, as processes, peers in turn with ours."""
    small, slice_ = workshop.small, workshop.slice
    measured: dict[str, list[Build]] = {}
    with_words = (OURS, "tantivy-words", "tantivy-words-2", "tantivy-pyvi", "whoosh-pyvi")
    without = (OURS_WITHOUT_WORDS, "tantivy", "fts5")
    for turn in range(workshop.rounds):
        for name in (*with_words, *without):
            if name == "whoosh-pyvi" and turn:
                continue
            measured.setdefault(name, []).append(workshop.build(name, slice_ if name.endswith("-pyvi") else small))
    rate = {name: [build.rate for build in builds] for name, builds in measured.items()}
    middle = {name: statistics.median(rates) for name, rates in rate.items()}

    def beside(names: Sequence[str]) -> str:
        return ", ".join(f"{name} {number(middle[name])}" for name in names)

    over_pyvi = ratios(rate[OURS], rate["tantivy-pyvi"])
    yield Row(
        what=f"raw JSONL → committed index with words, {small:,} articles: articles/s",
        ours=number(middle[OURS]),
        peers=beside(with_words[1:]) + f" (pyvi: {slice_:,} articles)",
        ratio=f"{over_pyvi:.1f} × tantivy-pyvi",
        must="≥ 8 ×",
        aim="≥ 14 ×",
        verdict=judge(over_pyvi, 8, 14, least=True),
    )
    over_words = ratios(rate[OURS], rate["tantivy-words"])
    yield Row(
        what="the same against tantivy over our segmenter",
        ours=number(middle[OURS]),
        peers=beside(("tantivy-words", "tantivy-words-2")),
        ratio=f"{over_words:.2f} × tantivy-words",
        must="≥ 1 ×",
        aim="≥ 1.5 ×",
        verdict=judge(over_words, 1, 1.5, least=True),
    )
    over_plain = ratios(rate[OURS_WITHOUT_WORDS], rate["tantivy"])
    yield Row(
        what=f"without words (`--no-words`), {small:,} articles: articles/s",
        ours=number(middle[OURS_WITHOUT_WORDS]),
        peers=beside(without[1:]),
        ratio=f"{over_plain:.2f} × tantivy",
        must="≥ .4 ×",
        aim="≥ 1 ×",
        verdict=judge(over_plain, 0.4, 1, least=True),
    )


def size(workshop: Workshop) -> Iterator[Row]:
    """Bytes of the index, stored text and all, over bytes of text."""
    full = workshop.full
    text = text_bytes(workshop.source(full))
    shares = {name: workshop.index(name, full).size / text for name in (OURS, OURS_WITHOUT_WORDS, "tantivy", "fts5")}
    yield Row(
        what=f"index size over UTF-8 text, {full:,} articles ({text / 1e6:.1f} MB of text)",
        ours=f"{shares[OURS]:.2f} (without words {shares[OURS_WITHOUT_WORDS]:.2f})",
        peers=f"tantivy {shares['tantivy']:.2f}, fts5 {shares['fts5']:.2f}",
        ratio=f"{shares[OURS] / shares['tantivy']:.2f} × tantivy",
        must="≤ 1.2",
        aim="≤ .9",
        verdict=judge(shares[OURS], 1.2, 0.9),
    )


def memory(workshop: Workshop) -> Iterator[Row]:
    """The highest PSS of all processes of a build together."""
    measured = [(workshop.small, 1.0, 0.6)]
    if workshop.large:
        measured.append((workshop.scaled(LARGE[0]), 1.5, 0.8))
    for articles, must, aim in measured:
        peak = workshop.index(OURS, articles).peak / 1e9
        peers = [workshop.index(name, articles) for name in ("tantivy", "fts5")] if articles == workshop.small else []
        yield Row(
            what=f"peak memory (PSS of all processes) of a build of {articles:,} articles: GB",
            ours=f"{peak:.2f}",
            peers=", ".join(f"{peer.name} {peer.peak / 1e9:.2f}" for peer in peers),
            must=f"≤ {must}",
            aim=f"≤ {aim}",
            verdict=judge(peak, must, aim),
        )


def growth(workshop: Workshop) -> Iterator[Row]:
    """Build time an article and query p50 as the index grows."""
    sizes = [workshop.small, workshop.full]
    builds: dict[int, list[Build]] = {articles: [] for articles in sizes}
    for _ in range(workshop.rounds):
        for articles in sizes:
            builds[articles].append(workshop.build(OURS, articles))
    if workshop.large:
        builds |= {articles: [workshop.index(OURS, articles)] for articles in map(workshop.scaled, LARGE)}
    questions = workshop.source(workshop.full)
    before: tuple[int, float, float] | None = None
    for articles, of_size in builds.items():
        each = statistics.median(build.seconds for build in of_size) / articles
        with open_index(of_size[-1].path) as service:
            times = answer_times(service, Questions(questions), GROWTH_KINDS)
        middle = statistics.median([time for kind in GROWTH_KINDS for time in times[kind]])
        verdict, ratio = "", ""
        if before:
            grown, slower, longer = articles / before[0], each / before[1], middle / before[2]
            ratio = f"{grown:.1f} × the articles: build {slower:.2f} × an article, p50 {longer:.2f} ×"
            verdict = "must" if slower <= 1.15 and longer < grown else "**missed**"
        yield Row(
            what=f"growth: {articles:,} articles{', recombined' if articles > REAL else ''}",
            ours=f"{each * 1e6:.0f} µs an article, p50 {number(middle)} ms ({' and '.join(GROWTH_KINDS)}, 10 snippets)",
            ratio=ratio,
            must="≤ 1.15 × an article, p50 sub-linear" if before else "",
            verdict=verdict,
        )
        before = before or (articles, each, middle)


def add(workshop: Workshop) -> Iterator[Row]:
    """Articles added to an open index until a search finds the last of them."""
    full = workshop.full
    copies = {name: workshop.scratch / f"added-{name}" for name in (OURS, "tantivy", "fts5")}
    for name, path in copies.items():
        shutil.copytree(workshop.index(name, full).path, path)
    rows = _named(recombined(workshop.source(full), 2_000, SEED + 1))
    tantivy, fts5 = Tantivy(copies["tantivy"]), Fts5(copies["fts5"])
    into_tantivy = tantivy.adder()
    with open_index(copies[OURS]) as service:
        service.search("mở chỉ mục", limit=1)
        for articles, times, must, aim in ((1, 30, 50, 20), (100, 10, 300, 100)):
            took: dict[str, list[float]] = {name: [] for name in copies}
            for _ in range(times):
                lot = list(islice(rows, articles))
                documents = [Document(article=article_of(row), origin="bench", line=None) for row in lot]
                plain = [(row["id"], text_of(row)) for row in lot]
                took[OURS].append(milliseconds(_add_and_find, service, documents))
                took["tantivy"].append(milliseconds(into_tantivy, plain))
                took["fts5"].append(milliseconds(fts5.write, plain))
            middle = {name: statistics.median(of_name) for name, of_name in took.items()}
            say(f"added {articles}: {middle}")
            yield Row(
                what=f"add {articles} article{'s' if articles > 1 else ''} to {full:,} in an open process, durable and searchable: ms",
                ours=f"{number(middle[OURS])} (p95 {number(percentile(took[OURS], 0.95))})",
                peers=f"tantivy {number(middle['tantivy'])}, fts5 {number(middle['fts5'])}",
                ratio=f"{ratios(took[OURS], took['tantivy']):.2f} × tantivy",
                must=f"≤ {must}",
                aim=f"≤ {aim}",
                verdict=judge(middle[OURS], must, aim),
            )
    tantivy.close()
    fts5.close()
    for path in copies.values():
        shutil.rmtree(path)


def _named(rows: Iterable[Record]) -> Iterator[Record]:
    """The rows, each with its id as a word of its title, by which it is found."""
    for row in rows:
        id = row["id"].replace("-", "")
        yield {**row, "id": id, "title": f"{row['title']} {id}"}


def _add_and_find(service: Service, documents: Sequence[Document]) -> None:
    service.add_documents(documents)
    id = documents[-1].article.id
    if [hit.id for hit in service.search(id, limit=1).hits] != [id]:
        raise RuntimeError(f"{id} was added but is not found")
