"""One question as a process of its own: time and memory, beside the imports that it stands on and the peers."""

from __future__ import annotations

import compileall
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path

import newssearch as package

from .processes import newssearch, run
from .report import Row, judge, number
from .workshop import OURS, Workshop, ratios

TIMES = 15
MEMORY_TIMES = 5
_OFTEN = 0.004
"""seconds between two looks at the memory of a process that lives for a tenth of one"""

WORDS = ("thủ", "tướng", "chính", "phủ")
IMPORTS = "import numpy, whoosh.index, click"

_FROM_PEER = """
import sys
from pathlib import Path
from bench.peers import open_peer
from bench.questions import any_of
print(open_peer(sys.argv[1], Path(sys.argv[2])).answer(any_of(sys.argv[3:])))
"""


def startup(workshop: Workshop) -> Iterator[Row]:
    """`newssearch query` against a bare `import numpy, whoosh.index, click`, in turn."""
    # As pip does when it installs: a checkout whose environment forbids writing bytecode would compile it at every start.
    compileall.compile_dir(Path(package.__file__).parent, quiet=1)
    full = workshop.full
    commands = {
        OURS: newssearch("query", *WORDS, "--index", str(workshop.index(OURS, full).path)),
        "imports": [sys.executable, "-c", IMPORTS],
        **{
            name: [sys.executable, "-c", _FROM_PEER, name, str(workshop.index(name, full).path), *WORDS]
            for name in ("tantivy", "fts5")
        },
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(TIMES):
        for name, command in commands.items():
            took[name].append(run(command, sample=None).seconds * 1000)
    peak = {
        name: statistics.median(run(command, sample=_OFTEN).peak for _ in range(MEMORY_TIMES)) / 1e6
        for name, command in commands.items()
    }
    middle = {name: statistics.median(times) for name, times in took.items()}
    slower = ratios(took[OURS], took["imports"])
    yield Row(
        what=f"cold start, one query as a process, {full:,} articles: ms",
        ours=number(middle[OURS]),
        peers=f"`{IMPORTS}` {number(middle['imports'])}, tantivy {number(middle['tantivy'])}, fts5 {number(middle['fts5'])}",
        ratio=f"{slower:.2f} × the imports",
        must="≤ 1.6 ×",
        aim="≤ 1.2 ×",
        verdict=judge(slower, 1.6, 1.2),
    )
    yield Row(
        what="the same: PSS, MB",
        ours=number(peak[OURS]),
        peers=f"the imports {number(peak['imports'])}, tantivy {number(peak['tantivy'])}, fts5 {number(peak['fts5'])}",
        must="≤ 120",
        verdict=judge(peak[OURS], 120),
    )
