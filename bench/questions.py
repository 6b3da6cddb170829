"""Questions drawn from the articles themselves, the same every time (a seed), as words for every engine and as text for ours."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from .corpus import SEED, rows_of, text_of

_RUN = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[.!?…;:,\n]+")
_SURVEYED = 4_000
"""articles from which syllables are counted"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: `kind` is any (of the words), and, phrase, prefix or alternatives; `text` is how it is typed into newssearch."""

    kind: str
    words: tuple[str, ...]
    text: str


def any_of(words: Sequence[str]) -> Asked:
    """A question of plain words."""
    return Asked("any", tuple(words), " ".join(words))


def phrase_of(words: Sequence[str]) -> Asked:
    """A question of one phrase."""
    return Asked("phrase", tuple(words), '"' + " ".join(words) + '"')


def without_accents(text: str) -> str:
    """The text as it is typed without accents: "Đà Nẵng" -> "Da Nang"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def syllables(text: str) -> list[str]:
    """Runs of letters and digits, lower-case NFC: tokens to which all engines agree."""
    return _RUN.findall(unicodedata.normalize("NFC", text).lower())


class Questions:
    """Sets of questions over the articles of a JSONL file."""

    def __init__(self, source: Path, seed: int = SEED) -> None:
        self._drawn = random.Random(seed)
        titles, runs = [], []
        counts: Counter[str] = Counter()
        for number, row in enumerate(rows_of(source)):
            if len(title := syllables(row.get("title") or "")) >= 4:
                titles.append(title)
            if number < _SURVEYED:
                text = text_of(row)
                counts.update(syllables(text))
                runs.extend(run for part in _SENTENCE.split(text)[:40] if len(run := syllables(part)) >= 3)
        self._titles = titles
        self._runs = runs
        self.common = [word for word, _ in counts.most_common(400) if word.isalpha()]

    def sets(self, count: int) -> dict[str, list[Asked]]:
        """`count` questions of each kind of the table, different ones at each call."""
        return {
            "3 words": [any_of(self._piece(self._title(), 3)) for _ in range(count)],
            "title": [any_of(self._title()) for _ in range(count)],
            "two words AND": [self._both(self._drawn.sample(self._title(), 2)) for _ in range(count)],
            "phrase": [phrase_of(self._piece(self._drawn.choice(self._runs), self._drawn.choice((2, 3)))) for _ in range(count)],
            "bare title": [any_of(syllables(without_accents(" ".join(self._title())))) for _ in range(count)],
            "three alternatives": [Asked("alternatives", tuple(self._drawn.sample(self._title(), 3)), "") for _ in range(count)],
        }

    def worst(self, count: int) -> list[Asked]:
        """Questions that are hard for an index: two fifths phrases of the most common syllables, a fifth prefixes of one or two letters,
        a fifth 50 words, a fifth the most common syllables side by side."""
        common = self.common
        pairs = [words for words in product(common[:40], repeat=2) if words[0] != words[1]]
        phrases = [self._drawn.choice(pairs) if n % 3 else tuple(self._drawn.sample(common[:60], 3)) for n in range(count * 2 // 5)]
        starts = sorted({word[:length] for word in common for length in (1, 2)})
        prefixes = [starts[n % len(starts)] for n in range(count // 5)]
        long = [self._fifty(n) for n in range(count // 5)]
        beside = [self._drawn.sample(common[:80], self._drawn.randint(3, 8)) for _ in range(count - len(phrases) - len(prefixes) - len(long))]
        return [
            phrase_of(("của", "các")),
            *map(phrase_of, phrases[1:]),
            *(Asked("prefix", (start,), f"{start}*") for start in prefixes),
            *map(any_of, long),
            *map(any_of, beside),
        ]

    def broad(self, count: int) -> list[Asked]:
        """Questions that nearly every article matches: one of the most common syllables."""
        return [any_of([word]) for word in self.common[:count]]

    def _title(self) -> list[str]:
        while len(set(title := self._drawn.choice(self._titles))) < 3:
            continue
        return title

    def _piece(self, words: Sequence[str], length: int) -> Sequence[str]:
        start = self._drawn.randint(0, len(words) - length)
        return words[start : start + length]

    @staticmethod
    def _both(words: Sequence[str]) -> Asked:
        return Asked("and", tuple(words), " AND ".join(words))

    def _fifty(self, number: int) -> list[str]:
        if number % 2:
            return self._drawn.sample(self.common, 50)
        words: list[str] = []
        while len(words) < 50:
            words += self._title()
        return words[:50]
