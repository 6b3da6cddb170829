"""How many generated questions the oracle tests ask: `make oracle` asks ten times as many as `make test`."""

from __future__ import annotations

import os

SCALE = int(os.environ.get("NEWSSEARCH_ORACLE", "1"))
EVERY_NODE = 480 * SCALE
"""against the brute-force scorer, every node type"""
STOCK_MATCHES = 120 * SCALE
"""against stock Whoosh: the same articles"""
STOCK_SCORES = 60 * SCALE
"""against stock Whoosh: the same scores"""
REAL = 450 * SCALE
"""over real articles in a real index, three times: as a plain source, as stock Whoosh over its codec and over ours answers"""
