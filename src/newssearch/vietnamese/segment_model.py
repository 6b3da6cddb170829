"""The segmenter's model as arrays: what pyvi's model file and word list say about a token, its neighbours, pairs and triples."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from newssearch.errors import NewsSearchError
from newssearch.records import dataclass
from newssearch.vietnamese import segment_scan

_FORMAT = 1
_LABELS = ["B_W", "I_W"]
# Names of attributes in the model; pyvi builds them with its feature dictionary and CRFsuite joins key and value by a colon.
_WORD = ("word.lower():", "-1:word.lower():", "+1:word.lower():")
_FLAGS = (
    ("bias", "word.isupper()", "word.istitle()", "word.isdigit()"),
    ("-1:word.istitle()", "-1:word.isupper()", "-1:word.bi_gram()", "-2:word.tri_gram()"),
    ("+1:word.istitle()", "+1:word.isupper()", "+1:word.bi_gram()", "+2:word.tri_gram()"),
)


@dataclass(frozen=True, slots=True)
class PairTable:
    """A set of pairs of small numbers with a value each, looked up for many pairs at once.

    Rows of a sparse matrix, slid over one another until no two filled cells share a place (row displacement, Tarjan & Yao 1979).
    """

    shift: NDArray[np.int32]
    """[rows + 1] where a row begins in `owner` and `value`; the last row is empty"""
    owner: NDArray[np.int32]
    """[places] the row whose cell this is, -1 for none"""
    value: NDArray[np.int32]
    """[places] its value"""

    def look_up(self, row: NDArray[np.int32], column: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the value of each pair, 0 for a pair that is not in the table."""
        place = self.shift.take(row)
        place += column
        value = self.value.take(place)
        value *= self.owner.take(place) == row
        return value


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that pyvi knows, by number. A token that no table knows has number `unknown` in all of them."""

    words: list[str]
    """lower-case tokens that some weight or some pair knows; a token's number is its index here, `unknown` is one more"""
    word_weights: NDArray[np.float64]
    """[words + 1, 3, 2] weights of a token itself, as the one before, as the one after, for the labels B_W and I_W"""
    flag_weights: NDArray[np.float64]
    """[3, 4, 2] weights of bias, upper, title, digit of the token; title, upper, pair, triple before it; the same after it"""
    transition: NDArray[np.float64]
    """[2, 2] weight of going from a label to the next"""
    pairs: PairTable
    """value: 1 if the two tokens are a compound, plus twice the number of the pair as the beginning of compounds of three"""
    triples: PairTable
    """by the number of the first two tokens and the third token; value 1"""
    codes: NDArray[np.uint8]
    """[code points] see `segment_scan.character_codes`"""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """pyvi's two data files, read."""

    weights: bytes
    words: bytes

    @property
    def identity(self) -> str:
        """Return a short hash of both files."""
        return self._digest().hexdigest()[:12]

    @property
    def key(self) -> str:
        """Return what an array cache must have been made from: both files, our format, Python's Unicode and byte order."""
        digest = self._digest()
        digest.update(f"{_FORMAT} {unicodedata.unidata_version} {sys.byteorder} {sys.version_info[:2]}".encode())
        return digest.hexdigest()

    def _digest(self) -> hashlib._Hash:
        return hashlib.sha256(hashlib.sha256(self.weights).digest() + hashlib.sha256(self.words).digest())


def read_model_files(folder: Path | None = None) -> ModelFiles:
    """Return the data files of the installed pyvi (or those in `folder`), without importing pyvi.

    Raises `NewsSearchError` when pyvi or its files are missing.
    """
    if folder is None:
        spec = importlib.util.find_spec("pyvi")  # finds a top-level package without running it
        if spec is None or not spec.submodule_search_locations:
            raise NewsSearchError("pyvi, whose model the segmenter reads, is not installed", "pip install pyvi")
        folder = Path(spec.submodule_search_locations[0]) / "models"
    try:
        return ModelFiles((folder / "pyvi3.pkl").read_bytes(), (folder / "words.txt").read_bytes())
    except OSError as error:
        raise NewsSearchError(
            f"A model file of pyvi cannot be read: {error}", "pip install --force-reinstall --no-deps pyvi"
        ) from error


def build_model(files: ModelFiles) -> Model:
    """Return the model of pyvi's files as arrays (about a second); raise `NewsSearchError` when they are not what pyvi's are."""
    from newssearch.vietnamese import segment_crfsuite  # only a build needs it

    crf = segment_crfsuite.read_crf(segment_crfsuite.crf_bytes_of_pickle(files.weights))
    if crf.labels != _LABELS:
        raise NewsSearchError(f"pyvi's model has the labels {crf.labels}, not {_LABELS}", "pip install 'pyvi==0.1.1'")
    bigrams, trigrams = _compounds(files.words.decode("utf-8"))
    words = sorted(
        {name.removeprefix(prefix) for prefix in _WORD for name in crf.attributes if name.startswith(prefix)}
        | {word for compound in bigrams | trigrams for word in compound}
    )
    number = {word: index for index, word in enumerate(words)}
    word_weights = np.zeros((len(words) + 1, 3, 2))
    for index, word in enumerate(words):
        for place, prefix in enumerate(_WORD):
            row = crf.attributes.get(prefix + word)
            if row is not None:
                word_weights[index, place] = crf.state[row]
    flag_weights = np.zeros((3, 4, 2))
    for place, names in enumerate(_FLAGS):
        for slot, name in enumerate(names):
            if name in crf.attributes:
                flag_weights[place, slot] = crf.state[crf.attributes[name]]

    beginnings = {pair: index for index, pair in enumerate(sorted({compound[:2] for compound in trigrams}), 1)}
    pair_values = {
        (number[first], number[second]): ((first, second) in bigrams) + 2 * beginnings.get((first, second), 0)
        for first, second in bigrams | set(beginnings)
    }
    triple_values = {(beginnings[a, b], number[c]): 1 for a, b, c in trigrams}
    return Model(
        words,
        word_weights,
        flag_weights,
        crf.transition,
        _pair_table(pair_values, len(words), len(words)),
        _pair_table(triple_values, len(beginnings) + 1, len(words)),
        segment_scan.character_codes(),
    )


def _compounds(text: str) -> tuple[set[tuple[str, str]], set[tuple[str, str, str]]]:
    """Return pyvi's compounds of two and of three tokens; those that lower-casing changes can never be asked for."""
    bigrams, trigrams = set(), set()
    for line in text.split("\n"):
        parts = line.split(" ")
        if line == line.lower() and len(parts) == 2:
            bigrams.add((parts[0], parts[1]))
        elif line == line.lower() and len(parts) == 3:
            trigrams.add((parts[0], parts[1], parts[2]))
    return bigrams, trigrams


def _pair_table(values: dict[tuple[int, int], int], rows: int, columns: int) -> PairTable:
    """Return the table of pairs, fullest rows placed first, each where it first fits."""
    cells: dict[int, list[int]] = {}
    for row, column in sorted(values):
        cells.setdefault(row, []).append(column)
    room = len(values) + 2 * columns + 2
    taken = np.zeros(room, np.bool_)
    shift = np.zeros(rows + 1, np.int32)
    owner = np.full(room, -1, np.int32)
    value = np.zeros(room, np.int32)
    for row in sorted(cells, key=lambda row: (-len(cells[row]), row)):
        wanted = np.array(cells[row])
        shift[row] = base = _first_fit(taken, wanted - wanted[0], int(wanted[0]), columns)
        taken[base + wanted] = True
        owner[base + wanted] = row
        value[base + wanted] = [values[row, column] for column in cells[row]]
    end = int(shift.max()) + columns + 1
    return PairTable(shift, owner[:end], value[:end])


def _first_fit(taken: NDArray[np.bool_], relative: NDArray[np.intp], first: int, columns: int) -> int:
    """Return the least shift of a row at which its cells, at `first + relative`, are all free."""
    free = np.flatnonzero(~taken[first : len(taken) - columns])
    for begin in range(0, len(free), 512):
        shifts = free[begin : begin + 512]
        fits = ~taken[(shifts + first)[:, None] + relative].any(axis=1)
        if fits.any():
            return int(shifts[np.argmax(fits)])
    raise AssertionError("the table has room for every row after the last")


def text_of_words(words: Iterable[str]) -> bytes:
    """Return the words as one block, in order; `words_of_text` is the way back."""
    return "\0".join(words).encode("utf-8")


def words_of_text(block: bytes) -> list[str]:
    """Return the words of a block that `text_of_words` made."""
    return block.decode("utf-8").split("\0")
