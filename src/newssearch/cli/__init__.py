"""The command line."""

from __future__ import annotations

import os

# numpy's linear algebra, unused here, would start a thread a core: 50 ms of every query.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .app import main

__all__ = ["main"]
