"""Readers for pyvi's model file: a pickle around a CRFsuite model, both read without their libraries.

The pickle (`sklearn_crfsuite.CRF`) holds one byte string that matters, the CRFsuite model. Its layout was taken from CRFsuite's
own writer, `lib/crf/src/crf1d_model.c` and `lib/cqdb/src/cqdb.c` (N. Okazaki, BSD). All numbers are little-endian:

- header, 48 bytes: `lCRF`, size, `FOMC`, version, features (0), labels, attributes, then five offsets: features, labels,
  attributes, label references, attribute references (u32 each);
- features: `FEAT`, size, count, then 20 bytes each: type (0 state, 1 transition), source, target (u32), weight (f64).
  A state feature leads from an attribute to a label, a transition from a label to a label;
- labels and attributes: a CQDB each: `CQDB`, size, flag, byte order mark, count and offset of the backward table (u32 each);
  the table holds an offset per id, and at it stand id, length (u32) and a string that ends in NUL.
"""

from __future__ import annotations

import io
import pickle
import struct
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from newssearch.errors import NewsSearchError

_HEADER = struct.Struct("<4sI4s3I6I")
_CQDB = struct.Struct("<4s5I")
_FEATURE = np.dtype([("type", "<u4"), ("source", "<u4"), ("target", "<u4"), ("weight", "<f8")])
_BYTE_ORDER_MARK = 0x62445371
_REINSTALL = "reinstall the segmenter's model: pip install --force-reinstall --no-deps pyvi"


@dataclass(frozen=True, slots=True)
class CrfModel:
    """A linear-chain CRF as CRFsuite stores it."""

    labels: list[str]
    attributes: dict[str, int]
    """attribute name -> row of `state`"""
    state: NDArray[np.float64]
    """[attributes, labels] weight of an attribute for a label, 0 where the model has no feature"""
    transition: NDArray[np.float64]
    """[labels, labels] weight of going from a label to the next"""


class _Inert:
    """Stands for every class that the pickle names: takes any state and does nothing with it."""

    state: Any = None

    def __init__(self, *_: object) -> None:
        """Ignore the arguments that the pickle gives."""

    def __setstate__(self, state: Any) -> None:
        self.state = state


def _latin1_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that Python 2's pickle protocol hid in a latin-1 string."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"unexpected encoding {encoding!r}")
    return text.encode("latin1")


class _AllowListUnpickler(pickle.Unpickler):
    """Reads pyvi's pickle and nothing else: each allowed name is replaced by something that runs no foreign code."""

    _allowed: ClassVar[dict[tuple[str, str], Any]] = {
        ("sklearn_crfsuite.estimator", "CRF"): _Inert,
        ("sklearn_crfsuite._fileresource", "FileResource"): _Inert,
        ("pycrfsuite._logparser", "TrainLogParser"): _Inert,
        ("numpy.core.multiarray", "scalar"): _Inert,
        ("numpy._core.multiarray", "scalar"): _Inert,
        ("numpy", "dtype"): _Inert,
        ("_codecs", "encode"): _latin1_bytes,
    }

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for an allowed name; raise `UnpicklingError` for any other."""
        try:
            return self._allowed[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}") from None


def crf_bytes_of_pickle(data: bytes) -> bytes:
    """Return the CRFsuite model inside a pickled `sklearn_crfsuite.CRF`.

    Raises `NewsSearchError` when the pickle names anything that such a model does not need, or holds no model.
    """
    try:
        model = _AllowListUnpickler(io.BytesIO(data)).load()
        inner = model.state["modelfile"].state["__FILE_RESOURCE_DATA__"]
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise NewsSearchError(f"The segmenter's model file cannot be read: {error}", _REINSTALL) from error
    if not isinstance(inner, bytes):
        raise NewsSearchError("The segmenter's model file holds no CRFsuite model", _REINSTALL)
    return inner


def read_crf(data: bytes) -> CrfModel:
    """Return the model of a CRFsuite file; raise `NewsSearchError` when the bytes are not one."""
    try:
        return _read_crf(data)
    except (ValueError, IndexError, struct.error) as error:
        raise NewsSearchError(f"The segmenter's CRFsuite model is damaged: {error}", _REINSTALL) from error


def _read_crf(data: bytes) -> CrfModel:
    magic, _, kind, _, _, n_labels, n_attributes, features_at, labels_at, attributes_at, _, _ = _HEADER.unpack_from(
        data
    )
    if magic != b"lCRF" or kind != b"FOMC":
        raise ValueError("not a first-order CRFsuite model")
    labels = _read_strings(data, labels_at)
    names = _read_strings(data, attributes_at)
    if (len(labels), len(names)) != (n_labels, n_attributes):
        raise ValueError("its tables do not match its header")
    chunk, _, n_features = struct.unpack_from("<4sII", data, features_at)
    if chunk != b"FEAT":
        raise ValueError("no features where the header points")
    features = np.frombuffer(data, _FEATURE, count=n_features, offset=features_at + 12)
    state = np.zeros((n_attributes, n_labels))
    transition = np.zeros((n_labels, n_labels))
    for table, which in ((state, features["type"] == 0), (transition, features["type"] == 1)):
        chosen = features[which]
        table[chosen["source"], chosen["target"]] = chosen["weight"]
    return CrfModel(labels, {name: row for row, name in enumerate(names)}, state, transition)


def _read_strings(data: bytes, at: int) -> list[str]:
    """Return the strings of the CQDB at an offset, by id."""
    magic, _, _, order, count, table_at = _CQDB.unpack_from(data, at)
    if magic != b"CQDB" or order != _BYTE_ORDER_MARK:
        raise ValueError("no string table where the header points")
    strings = []
    for number, offset in enumerate(struct.unpack_from(f"<{count}I", data, at + table_at)):
        found, length = struct.unpack_from("<II", data, at + offset)
        raw = data[at + offset + 8 : at + offset + 8 + length]
        if found != number or len(raw) != length:
            raise ValueError("a string table is inconsistent")
        strings.append(raw.rstrip(b"\0").decode("utf-8"))
    return strings
