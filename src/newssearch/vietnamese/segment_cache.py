"""The segmenter's model kept as one file of arrays in the user's cache folder, so that a process starts in milliseconds.

The file is named after the hash of what it was made from, holds that hash and a checksum, and appears by a rename: processes
share it without locks, and one that is stale, cut short or altered is made again. Nothing in it is ever executed.

Layout: `NSSEGM1\\n`, length of the header (u32, little-endian), header (JSON: key, SHA-256 of the rest, arrays by name as
[dtype, shape, offset]), then the arrays, each at a multiple of 64 bytes after the header, in the byte order of its dtype.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newssearch.vietnamese.segment_model import (
    Model,
    ModelFiles,
    PairTable,
    build_model,
    read_model_files,
    text_of_words,
    words_of_text,
)

_MAGIC = b"NSSEGM1\n"
_LENGTH = struct.Struct("<I")
_ALIGNMENT = 64


def cache_folder() -> Path | None:
    """Return the folder for this user's caches of newssearch, or None when the user has no home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base and os.path.isabs(base):
        return Path(base) / "newssearch"
    try:
        return Path.home() / ".cache" / "newssearch"
    except RuntimeError:
        return None


def load_model(files: ModelFiles | None = None) -> Model:
    """Return the model of the installed pyvi, from the cache when it holds it whole, else built and then cached.

    A cache that cannot be written is no error: the model is then built in memory each time (about a second).
    Raises `NewsSearchError` when pyvi is missing or its files are not what they should be.
    """
    files = files or read_model_files()
    key = files.key
    folder = cache_folder()
    path = folder / f"segmenter-{key[:24]}.bin" if folder else None
    model = _read(path, key) if path else None
    if model is None:
        model = build_model(files)
        if path:
            _write(path, key, model)
    return model


def _arrays(model: Model) -> dict[str, NDArray[Any]]:
    return {
        "words": np.frombuffer(text_of_words(model.words), np.uint8),
        "word_weights": model.word_weights,
        "flag_weights": model.flag_weights,
        "transition": model.transition,
        "codes": model.codes,
        **{
            f"{name}.{part}": getattr(table, part)
            for name, table in (("pairs", model.pairs), ("triples", model.triples))
            for part in ("shift", "owner", "value")
        },
    }


def _write(path: Path, key: str, model: Model) -> None:
    """Write the file under another name, then put it in place; leave no trace when that cannot be done."""
    import tempfile  # slow to import, and only a build needs it

    places: dict[str, list[Any]] = {}
    payload = bytearray()
    for name, array in _arrays(model).items():
        payload.extend(bytes(-len(payload) % _ALIGNMENT))
        places[name] = [array.dtype.str, list(array.shape), len(payload)]
        payload.extend(array.tobytes())
    header = json.dumps({"key": key, "sha256": hashlib.sha256(payload).hexdigest(), "arrays": places}).encode()
    header += b" " * (-(len(_MAGIC) + _LENGTH.size + len(header)) % _ALIGNMENT)
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=path.stem, suffix=".tmp", dir=path.parent)
        with open(handle, "wb") as file:
            file.write(_MAGIC + _LENGTH.pack(len(header)) + header + payload)
        os.replace(temporary, path)
    except OSError:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def _read(path: Path, key: str) -> Model | None:
    """Return the model in a file, or None when it is not there, not whole or not made from these model files."""
    try:
        data = path.read_bytes()
        (length,) = _LENGTH.unpack_from(data, len(_MAGIC))
        begin = len(_MAGIC) + _LENGTH.size + length
        header = json.loads(data[len(_MAGIC) + _LENGTH.size : begin])
        payload = memoryview(data)[begin:]
        if not data.startswith(_MAGIC) or header["key"] != key:
            return None
        if hashlib.sha256(payload).hexdigest() != header["sha256"]:
            return None
        arrays = {
            name: np.frombuffer(payload, dtype, count=int(np.prod(shape)), offset=offset).reshape(shape)
            for name, (dtype, shape, offset) in header["arrays"].items()
        }
        return Model(
            words_of_text(arrays["words"].tobytes()),
            arrays["word_weights"],
            arrays["flag_weights"],
            arrays["transition"],
            PairTable(arrays["pairs.shift"], arrays["pairs.owner"], arrays["pairs.value"]),
            PairTable(arrays["triples.shift"], arrays["triples.owner"], arrays["triples.value"]),
            arrays["codes"],
        )
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None
