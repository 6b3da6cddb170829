"""An article as bytes and back. What is stored under one version of this is read by every later one."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

import zstandard

from ...models import Article
from .strings import encode

_FIELDS = tuple(field.name for field in fields(Article))


def pack_article(article: Article, compressor: zstandard.ZstdCompressor) -> bytes:
    """Return one zstd frame of JSON with every field that is not empty."""
    values: dict[str, Any] = {name: value for name in _FIELDS if (value := getattr(article, name))}
    if article.published:
        values["published"] = article.published.isoformat()
    if article.extras:
        values["extras"] = dict(article.extras)
    return compressor.compress(encode(json.dumps(values, ensure_ascii=False, default=str, separators=(",", ":"))))


def unpack_article(data: bytes) -> Article:
    """Return the article. Raises ValueError or zstandard.ZstdError for what `pack_article` did not write."""
    values = json.loads(zstandard.ZstdDecompressor().decompress(data).decode("utf-8", "surrogatepass"))
    if not isinstance(values, dict):
        raise ValueError("the stored article is no object")
    known = {name: value for name, value in values.items() if name in _FIELDS}
    for name in ("captions", "aliases"):
        if name in known:
            known[name] = tuple(known[name])
    if "published" in known:
        known["published"] = datetime.fromisoformat(known["published"])
    return Article(**known)
