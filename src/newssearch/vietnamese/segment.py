"""Words of Vietnamese text, exactly as pyvi ties its syllables together, many times as fast.

pyvi's own model is read from where pyvi is installed; neither pyvi nor scikit-learn is imported. The arithmetic is in the private
modules beside this one: `segment_scan` (tokens), `segment_tokens` (weights), `segment_viterbi` (labels), `segment_exact` (the
same, a token at a time).

The one difference: pyvi raises `UnicodeEncodeError` on a lone surrogate, which is an unknown mark here.
"""

from __future__ import annotations

import functools
import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from newssearch.vietnamese import segment_scan
from newssearch.vietnamese.segment_cache import load_model
from newssearch.vietnamese.segment_exact import ExactTagger
from newssearch.vietnamese.segment_model import Model, read_model_files

if TYPE_CHECKING:
    from newssearch.vietnamese.segment_batch import BatchSegmenter

# Below this many characters a walk over the tokens is faster than some eighty array operations.
_SHORT = 300
# Arrays of this many characters are long enough that the calls cost nothing beside the work, and take some 40 MB.
_BATCH = 800_000


class Segmenter:
    """pyvi's word segmentation with a loaded model; safe across threads."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._tagger = ExactTagger(model)

    @functools.cached_property
    def _batches(self) -> BatchSegmenter:
        # A question is short: it needs neither these modules nor their tables, 5 ms of a search that is a process.
        from newssearch.vietnamese.segment_batch import BatchSegmenter

        return BatchSegmenter(self._model, self._tagger)

    def tokenize(self, text: str) -> str:
        """Return what `pyvi.ViTokenizer.tokenize` returns: "Tôi là học sinh giỏi." -> "Tôi là học_sinh giỏi ."."""
        return self.tokenize_many([text])[0]

    def tokenize_many(self, texts: Sequence[str]) -> list[str]:
        """Return `tokenize` of each text."""
        outputs: list[str] = []
        for batch in _batches(texts):
            normal = [unicodedata.normalize("NFC", text) for text in batch]
            if sum(map(len, normal)) <= _SHORT:
                found = [self._tokenize_short(text) for text in normal]
            else:
                found = self._batches.segment(normal).outputs()
            # pyvi gives a text without tokens back as it came.
            outputs += [output or text for output, text in zip(found, batch, strict=True)]
        return outputs

    def word_spans(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return for each text an int32 array [words, 2]: start and end, in characters of the text as given, of each compound.

        A compound is a word of two or more of pyvi's tokens: "Tôi là học sinh" has one, [[7, 15]]. In a text that is not NFC, a
        bound that falls within characters composed together is moved outwards to where they begin or end.
        """
        if sum(map(len, texts)) <= _SHORT and all(unicodedata.is_normalized("NFC", text) for text in texts):
            return [np.array([*self._short_spans(text, 0)], np.int32).reshape(-1, 2) for text in texts]
        begins = _begins(texts)
        words = self.compounds(texts)
        cuts = words[:, 0].searchsorted(begins)
        bounds = zip(cuts[:-1].tolist(), cuts[1:].tolist(), begins[:-1].tolist(), strict=True)
        return [(words[first:last] - begin).astype(np.int32) for first, last, begin in bounds]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the bounds of each compound of one text, as `word_spans` does."""
        if len(text) <= _SHORT and unicodedata.is_normalized("NFC", text):
            return list(self._short_spans(text, 0))
        return [(start, end) for start, end in self.word_spans([text])[0].tolist()]

    def compounds(self, texts: Sequence[str]) -> NDArray[np.intp]:
        """Return the spans of `word_spans` in one array, on the axis of the texts joined with one character between two of them."""
        found: list[NDArray[np.intp]] = [np.empty((0, 2), np.intp)]
        begin = 0
        for batch in _batches(texts):
            normal = [unicodedata.normalize("NFC", text) for text in batch]
            if sum(map(len, normal)) <= _SHORT:
                bases = _begins(normal)[:-1].tolist()
                spans = [span for text, base in zip(normal, bases, strict=True) for span in self._short_spans(text, base)]
                words = np.array(spans, np.intp).reshape(-1, 2)
            else:
                words = self._batches.segment(normal).compounds()
            if normal != list(batch):
                words = _original_spans(words, normal, batch)
            words += begin
            found.append(words)
            begin += sum(map(len, batch)) + len(batch)
        return np.concatenate(found)

    def _tokenize_short(self, text: str) -> str:
        tokens = [text[start:end] for start, end in segment_scan.tokens_of(text)]
        if not tokens:
            return ""
        parts = tokens[:1]
        for token, joined in zip(tokens[1:], self._tagger.joins(tokens)[1:], strict=True):
            parts += ("_" if joined else " ", token)
        return "".join(parts)

    def _short_spans(self, text: str, base: int) -> Iterator[tuple[int, int]]:
        """Yield the bounds of each compound, for a text that begins at `base`."""
        bounds = list(segment_scan.tokens_of(text))
        begin = 0
        joins = [*self._tagger.joins([text[start:end] for start, end in bounds]), False]
        for i in range(1, len(joins)):
            if not joins[i]:
                if i - begin > 1:
                    yield base + bounds[begin][0], base + bounds[i - 1][1]
                begin = i


def _begins(texts: Sequence[str]) -> NDArray[np.intp]:
    """Return where each text begins when they are joined with one character between two, and where one more would."""
    return np.array([0, *itertools.accumulate(len(text) + 1 for text in texts)], np.intp)


def _original_spans(words: NDArray[np.intp], normal: Sequence[str], texts: Sequence[str]) -> NDArray[np.intp]:
    """Return spans of the NFC forms of some texts, joined, as spans of the texts, joined."""
    begins, originals = _begins(normal), _begins(texts)
    cuts = words[:, 0].searchsorted(begins)
    moved = words + (originals - begins)[:-1].repeat(np.diff(cuts))[:, None]
    for i, (form, text) in enumerate(zip(normal, texts, strict=True)):
        within = slice(cuts[i], cuts[i + 1])
        if form != text and len(words[within]):
            _, first, last = nfc_bounds(text)
            spans = words[within] - begins[i]
            moved[within, 0] = originals[i] + first[spans[:, 0]]
            moved[within, 1] = originals[i] + last[spans[:, 1] - 1]
    return moved


def nfc_bounds(text: str) -> tuple[str, NDArray[np.int32], NDArray[np.int32]]:
    """Return the NFC form, and for each of its characters where what it was made from starts and ends in `text`.

    Characters that were composed or reordered together share one start and one end.
    """
    pieces: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    at = 0
    while at < len(text):
        end = at + 1
        while True:
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            piece = unicodedata.normalize("NFC", text[at:end])
            # Nothing below U+0300 composes with what stands before it.
            if end == len(text) or text[end] < "\u0300":
                break
            if unicodedata.normalize("NFC", text[at : end + 1]) == piece + unicodedata.normalize("NFC", text[end]):
                break
            end += 1
        pieces.append(piece)
        begins += [at] * len(piece)
        ends += [end] * len(piece)
        at = end
    return "".join(pieces), np.array(begins, np.int32), np.array(ends, np.int32)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the texts in runs of about `_BATCH` characters, a longer text alone."""
    begin = size = 0
    for i, text in enumerate(texts):
        if size and size + len(text) > _BATCH:
            yield texts[begin:i]
            begin, size = i, 0
        size += len(text)
    if begin < len(texts):
        yield texts[begin:]


@functools.cache
def load() -> Segmenter:
    """Return the segmenter of the installed pyvi's model, loaded once a process.

    Raises `NewsSearchError` when pyvi's model is missing or not what it should be.
    """
    return Segmenter(load_model())


def tokenize(text: str) -> str:
    """Return what `pyvi.ViTokenizer.tokenize` returns: "Tôi là học sinh giỏi." -> "Tôi là học_sinh giỏi ."."""
    return load().tokenize(text)


def tokenize_many(texts: Sequence[str]) -> list[str]:
    """Return `tokenize` of each text."""
    return load().tokenize_many(texts)


def word_spans(texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """Return for each text an int32 array [words, 2] with the bounds of its compounds; see `Segmenter.word_spans`."""
    return load().word_spans(texts)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the bounds of the compounds of one text; see `Segmenter.spans`."""
    return load().spans(text)


def compounds(texts: Sequence[str]) -> NDArray[np.intp]:
    """Return the bounds of all compounds in one array; see `Segmenter.compounds`."""
    return load().compounds(texts)


def model_identity() -> str:
    """Return pyvi's version and a short hash of its model files, "pyvi 0.1.1 (4f2a…)": what an index was segmented with."""
    from importlib.metadata import version  # slow to import, and not needed to segment

    return f"pyvi {version('pyvi')} ({read_model_files().identity})"
