"""A process that writes to an index, for tests that kill it: python rebuild_process.py INDEX rebuild|add PREFIX COUNT [DIE_AT].

With DIE_AT it ends at the so-manieth fsync, without any clean-up.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from build import batches

from newssearch.engines.embedded.engine import EmbeddedEngine


def main() -> None:
    index, what, prefix, count, *die_at = sys.argv[1:]
    if die_at:
        _die_at_fsync(int(die_at[0]))
    # Little memory, so that several segments are written.
    engine = EmbeddedEngine(index, memory=20_000)
    made = batches(f"{prefix}{number}" for number in range(int(count)))
    print("ready", flush=True)
    if what == "rebuild":
        engine.rebuild(made, paths=[prefix], segmenter="none")
    else:
        with engine.batch() as batch:
            for analysed in made:
                batch.add(analysed)
            print("locked", flush=True)
            if what == "hold":
                sys.stdin.read()
            batch.commit()
    print("done", flush=True)


def _die_at_fsync(number: int) -> None:
    left, real = [number], os.fsync

    def fsync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] <= 0:
            os._exit(9)
        real(descriptor)

    os.fsync = fsync


if __name__ == "__main__":
    main()
