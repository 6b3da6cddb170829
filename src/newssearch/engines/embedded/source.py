"""What the executor asks of one immutable segment, whatever codec keeps it: numpy arrays, sorted by document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...models import Article

Occurrences = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
"""word[n], slot[n], position[n]: occurrence n is of that one of the words asked for, in that one of the documents asked for; in no order"""

UNDATED = np.iinfo(np.int64).min


class SegmentSource(Protocol):
    """One segment. Documents are numbered from 0; deleted ones keep their numbers and stay in postings and counts until a merge."""

    documents: int
    """number of documents, deleted ones included"""

    deleted: NDArray[np.bool_] | None
    """[documents] True where deleted or blocked; None when nothing is"""

    def document_frequency(self, field: str, term: str) -> int:
        """The number of documents with the term; 0 for the unknown."""

    def postings(self, field: str, term: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p] ascending, freqs[p]; two empty arrays for the unknown. Never to be written to."""

    def positions(self, field: str, term: str, docs: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """bounds[len(docs) + 1], positions[n]: those of docs[i], ascending, are positions[bounds[i]:bounds[i + 1]]. Only for `text` and `title`."""

    def prefetch(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Say which (field, term) will be asked for, so that their postings may be read at once."""

    def frequency_column(self, field: str, term: str) -> tuple[NDArray[Any], ...] | None:
        """First [documents] how often a common term comes in each; None for a term that is not held so. Never to be written to."""

    def occurrences(self, words: Sequence[tuple[str, str]], docs: NDArray[np.int32]) -> Occurrences:
        """Where words, (field, term) each, stand in some documents, ascending: terms of `text`, or of `folded` that stand for all their spellings."""

    def pair_frequencies(self, pairs: Sequence[tuple[Sequence[str], Sequence[str]]]) -> NDArray[np.int64]:
        """[pairs] in how many documents a term of the second list follows one of the first at the next position, summed over all pairs of terms
        of `text`; 0 for pairs of a single document.
        """

    def pair_postings(self, first: str, second: str) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
        """docs[p] ascending, freqs[p] where the second term of `text` follows the first at the next position; None where positions must be asked."""

    def prefix_postings(self, field: str, prefix: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """docs[p] ascending, freqs[p]: the documents with a term that begins with `prefix`, and how often they have one."""

    def prefixed(self, field: str, prefix: str) -> list[str]:
        """Every term of the field that begins with `prefix`, in code point order of UTF-8."""

    def spellings(self, folded: str) -> list[str]:
        """Every term of `text` whose accent-free form is `folded`."""

    def lengths(self, field: str) -> NDArray[np.int32]:
        """[documents] exact number of tokens of the field."""

    def parts(self) -> NDArray[np.int32]:
        """[documents, 3] positions in `text` at which lead, body and captions begin."""

    def published(self) -> NDArray[np.int64]:
        """[documents] seconds since 1970 UTC, UNDATED where the date is not known."""

    def column(self, name: str) -> tuple[NDArray[np.int32], list[str]]:
        """codes[documents], values: the value of document d is values[codes[d]]. Names: source, host, section, author, kind. "" is no value."""

    def ids(self) -> list[str]:
        """[documents] article ids (may be lazy)."""

    def id(self, document: int) -> str:
        """The article id of one document."""

    def article(self, document: int) -> Article:
        """The stored article of one document, without reading others."""

    def articles(self, documents: Sequence[int]) -> list[Article]:
        """The stored articles of some documents, without reading others."""

    def origin(self, document: int) -> str:
        """Where the article came from."""

    def documents_of_key(self, key: str) -> NDArray[np.int32]:
        """Documents with this lookup key (`fields.lookup_keys`), deleted ones included."""

    def close(self) -> None:
        """Let go of files and maps."""
