"""Our fields as Whoosh sees them. Schemas are pickled by import path: these names stay for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import numpy as np
from whoosh.analysis import Token
from whoosh.fields import FieldType, Schema
from whoosh.formats import Existence, Frequency, Positions

from ...errors import NewsSearchError
from ...fields import compounds_of
from ...vietnamese.fold import fold
from ...vietnamese.scan import scan_many


class PackedPositions(Positions):  # type: ignore[misc]
    """Positions as little-endian int32, four bytes each: written and read without pickle."""

    def encode(self, positions: Iterable[int]) -> bytes:
        """Return the bytes of ascending positions."""
        return np.asarray(list(positions), "<i4").tobytes()

    def decode_positions(self, value: bytes) -> list[int]:
        """Return the positions as Python ints, as Whoosh's phrase matcher wants them."""
        return [int(position) for position in np.frombuffer(value, "<i4")]

    def decode_frequency(self, value: bytes) -> int:
        """Return the number of positions."""
        return len(value) // 4


class SyllableAnalyzer:
    """What Whoosh's own query parser cuts a question into for one of our fields."""

    def __init__(self, field: str) -> None:
        self.field = field

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, start_pos: int = 0, start_char: int = 0, **_: Any
    ) -> Iterator[Token]:
        """Yield one Whoosh token a term, in order."""
        for position, (term, start, end) in enumerate(self._terms(value), start_pos):
            token = Token(positions=positions, chars=chars, text=term, boost=1.0, stopped=False)
            if positions:
                token.pos = position
            if chars:
                token.startchar, token.endchar = start_char + start, start_char + end
            yield token

    def _terms(self, value: str) -> list[tuple[str, int, int]]:
        """Terms with the characters at which they begin and end."""
        if self.field in ("id", "key"):
            return [(value, 0, len(value))]
        if self.field == "word":
            return [(term, 0, len(value)) for term in compounds_of(value)]
        tokens = scan_many([value])
        rows = zip(tokens.term[tokens.main].tolist(), tokens.start[tokens.main].tolist(), tokens.end[tokens.main].tolist(), strict=True)
        terms = [(tokens.terms[term], start, end) for term, start, end in rows]
        return [(fold(term), start, end) for term, start, end in terms] if self.field == "folded" else terms


class NewsField(FieldType):  # type: ignore[misc]
    """A field whose tokens newssearch makes itself; Whoosh may read it and must not write it."""

    def index(self, value: Any, **_: Any) -> NoReturn:
        """Refuse: raises NewsSearchError with the command to use."""
        refuse_stock_writer()


class NewsSchema(Schema):  # type: ignore[misc]
    """A Whoosh schema that refuses to be committed by Whoosh's own writer, which would merge our segments into another codec."""

    def clean(self) -> NoReturn:
        """Whoosh calls this only where it commits: raises NewsSearchError with the command to use."""
        refuse_stock_writer()


def refuse_stock_writer() -> NoReturn:
    """Raise the error that tells how to write to this index."""
    raise NewsSearchError(
        "Whoosh can read this index but not write it.", "Use `newssearch add` or `newssearch.open_index(…)`."
    )


def whoosh_schema() -> NewsSchema:
    """Return the schema of a generation: text, folded, word, title, key, id."""
    return NewsSchema(
        text=NewsField(PackedPositions(), SyllableAnalyzer("text"), scorable=True),
        folded=NewsField(Frequency(), SyllableAnalyzer("folded"), scorable=True),
        word=NewsField(Frequency(), SyllableAnalyzer("word"), scorable=True),
        title=NewsField(PackedPositions(), SyllableAnalyzer("title"), scorable=True, stored=True),
        key=NewsField(Existence(), SyllableAnalyzer("key")),
        id=NewsField(Existence(), SyllableAnalyzer("id"), stored=True, unique=True),
    )
