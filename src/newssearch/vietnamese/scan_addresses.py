"""URLs and e-mail addresses inside a piece of text, in linear time."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ..identity import normalize_url

_URL = re.compile(r"(?:https?://|www\.)", re.IGNORECASE)
_BEFORE_HOST = re.compile(r"\A(?:https?://)?(?:www\.)?")
_LOCAL_MARKS = frozenset("._%+-")
_DOMAIN_MARKS = frozenset("._-")

Runs = list[tuple[int, int]]


def begins_url(piece: str, start: int, following: int) -> bool:
    """Whether a URL begins at `start`; `following` is where the next run of letters and digits begins, -1 when none does."""
    found = _URL.match(piece, start)
    return found is not None and found.end() == following


def url_terms(url: str) -> tuple[str, str]:
    """Return a URL's canonical form, and its host and path, whose words find it too.

    "https://www.Bao.vn/Tin%20m%E1%BB%9Bi?b=2&utm_source=x" -> ("bao.vn/tin%20m%e1%bb%9bi?b=2", "bao.vn/tin mới").
    """
    lower = url.lower()
    try:
        canonical = normalize_url(lower if lower.startswith("http") else f"http://{lower}").lower()
    except UnicodeError:  # lone surrogates have no bytes to escape
        canonical = ""
    place = re.split(r"[?#]", _BEFORE_HOST.sub("", lower), maxsplit=1)[0]
    return canonical or lower, unquote(place) if "%" in place else place


class EmailFinder:
    """Finds e-mail addresses that begin at a given run of a piece."""

    def __init__(self, piece: str, runs: Runs) -> None:
        self._runs = runs
        self._piece = piece
        self._run_at = {start: i for i, (start, _) in enumerate(runs)}
        self._signs = [i for i, letter in enumerate(piece) if letter == "@"]
        self._next = 0
        words = bytearray(len(piece))
        for start, end in runs:
            words[start:end] = b"\x01" * (end - start)
        self._local_starts = [self._local_start(words, sign) for sign in self._signs]

    def _local_start(self, words: bytearray, sign: int) -> int:
        start = sign
        while start and (words[start - 1] or self._piece[start - 1] in _LOCAL_MARKS):
            start -= 1
        return start

    def last_run(self, run: int) -> int:
        """Return the last run of the address that begins with this run, -1 when none does. Asked in the order of runs."""
        start = self._runs[run][0]
        while self._next < len(self._signs) and self._signs[self._next] < start:
            self._next += 1
        if self._next == len(self._signs) or self._local_starts[self._next] > start:
            return -1
        return self._domain_end(self._run_at.get(self._signs[self._next] + 1, -1))

    def _domain_end(self, first: int) -> int:
        if first < 0:
            return -1
        last = first
        dots = 0
        while last + 1 < len(self._runs) and self._runs[last + 1][0] == self._runs[last][1] + 1:
            mark = self._piece[self._runs[last][1]]
            if mark not in _DOMAIN_MARKS:
                break
            dots += mark == "."
            last += 1
        return last if dots else -1
