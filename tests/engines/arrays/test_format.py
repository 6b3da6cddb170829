"""A segment is read by docs/format.md with numpy and zstandard: nothing of ours takes part in the reading."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

from newssearch.engines.embedded.arrays.build import SegmentBuilder

from .batches import Document, Oracle, analysed, article
from .test_segment import many

Array = np.ndarray[Any, Any]


class Stranger:
    """What a reader does who has the page and no code of ours."""

    def __init__(self, path: Path) -> None:
        self.data = path.read_bytes()
        magic, version, zero = struct.unpack("<8sII", self.data[:16])
        assert (magic, version, zero) == (b"NSARRAYS", 2, 0)
        at, size, crc, end = struct.unpack("<QII8s", self.data[-24:])
        assert end == b"NSARREND"
        directory = self.data[at : at + size]
        assert zlib.crc32(directory) == crc
        self.directory = json.loads(directory)
        self.documents = self.directory["documents"]

    def __getitem__(self, name: str) -> Array:
        section = self.directory["sections"][name]
        assert section["at"] % 64 == 0
        data = self.data[section["at"] : section["at"] + section["size"]]
        assert zlib.crc32(data) == section["crc32"]
        return np.frombuffer(data, section["type"])

    def dictionary(self, name: str) -> list[str]:
        strings = self[f"{name}.terms"].tobytes().split(b"\xff")[:-1]
        begins = np.concatenate(([0], np.cumsum([len(string) + 1 for string in strings]))).astype(int)
        assert self[f"{name}.blocks"].tolist() == [*begins[:-1:16].tolist(), begins[-1]]
        assert strings == sorted(strings)
        return [string.decode("utf-8", "surrogatepass") for string in strings]

    def list(self, name: str) -> list[bytes]:
        data, bounds = self[name].tobytes(), self[f"{name}.bounds"].tolist()
        return [data[bounds[i] : bounds[i + 1]] for i in range(len(bounds) - 1)]

    def strings(self, name: str) -> list[str]:
        return [string.decode("utf-8", "surrogatepass") for string in self.list(name)]

    def docs(self, field: str, term: int, documents: int) -> list[int]:
        first, at = self[f"{field}.first"].tolist(), self[f"{field}.at"].tolist()
        df = first[term + 1] - first[term]
        if df >= max(64, -(-documents // 8)):
            size = 8 * -(-documents // 64)
            row = self[f"{field}.common"].tolist().index(term)
            bits = np.unpackbits(self[f"{field}.bitmaps"][row * size : (row + 1) * size], bitorder="little")
            return [int(document) for document in np.flatnonzero(bits)]
        units = self[f"{field}.docs"][at[term] : at[term + 1]]
        if len(units) >= 2 * df:
            units = units.view("<u2")
        escape = 255 if units.itemsize == 1 else 65_535
        return [int(document) for document in np.cumsum(units.astype(np.int64))[units != escape] - 1]

    def freqs(self, field: str, term: int) -> list[int]:
        first = self[f"{field}.first"].tolist()
        large = dict(zip(self[f"{field}.large_freqs_at"].tolist(), self[f"{field}.large_freqs"].tolist(), strict=True))
        found = []
        for posting in range(first[term], first[term + 1]):
            nibble = int(self[f"{field}.freqs"][posting // 2]) >> 4 * (posting % 2) & 15
            found.append(large[posting] if nibble == 15 and posting in large else nibble + 1)
        return found

    def positions(self, field: str, term: int) -> list[list[int]]:
        rows, at = self[f"{field}.rows"].tolist(), self[f"{field}.high_at"].tolist()
        cf, size = rows[term + 1] - rows[term], at[term + 1] - at[term]
        width = next(w for w in (8, 4, 2, 0) if -(-cf * w // 8) == size)
        bits = np.unpackbits(self[f"{field}.high"][at[term] : at[term + 1]], bitorder="little")
        large = dict(zip(self[f"{field}.large_at"].tolist(), self[f"{field}.large"].tolist(), strict=True))
        values = []
        for row in range(cf):
            high = sum(int(bits[row * width + i]) << i for i in range(width))
            value = int(self[f"{field}.low"][rows[term] + row]) + 256 * high
            values.append(large[rows[term] + row] if value == 2 ** (8 + width) - 1 else value)
        found = []
        for freq in self.freqs(field, term):
            found.append([int(position) for position in np.cumsum(values[:freq])])
            values = values[freq:]
        assert values == []
        return found

    def article(self, document: int) -> dict[str, Any]:
        dictionary = self["stored.dictionary"].tobytes()
        known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
        data = zstandard.ZstdDecompressor(dict_data=known).decompress(self.list("stored")[document])
        letters = self["stored.letters"].tolist()
        text = data[3:].decode() if data[:3] == b"\xef\xbb\xbf" else "".join(chr(letters[byte]) for byte in data)
        read: dict[str, Any]
        read, at = json.JSONDecoder().raw_decode(text)
        for name in ("lead", "body"):
            if name in read:
                read[name], at = text[at : at + read[name]], at + read[name]
        assert at == len(text)
        return read


def long_and_short() -> list[Document]:
    """Two hundred documents, one of them long: wide positions, large frequencies, a bitmap, two-byte gaps."""
    found = many(200)
    found = [replace(d, text=[(term, position // 3) for term, position in d.text]) for d in found]
    rows = [("của", position) for position in range(0, 90_000, 1_500)] + [("xa", 70_000), ("xa", 80_000)]
    found[150] = replace(found[150], text=sorted(rows, key=lambda row: row[1]), title=[("của", 3)])
    found.append(Document(article("last"), [("một", 0), ("mốt", 1)], origin="/tin", parts=(1, 2, 300)))
    for number, body in ((0, "Đồng Nẵng:\n“quỹ”"), (57, "Москва 😀")):
        found[number] = replace(found[number], article=replace(found[number].article, body=body))
    return found


@pytest.fixture(scope="module")
def documents() -> Sequence[Document]:
    return long_and_short()


@pytest.fixture(scope="module")
def stranger(documents: Sequence[Document], tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    folder = tmp_path_factory.mktemp("format")
    builder = SegmentBuilder(folder, "MAIN_abc")
    builder.add(analysed(documents))
    builder.finish()
    return Stranger(folder / "MAIN_abc.arrays")


@pytest.mark.parametrize("field", ["text", "title", "word"])
def test_postings_and_positions(stranger: Stranger, documents: Sequence[Document], field: str) -> None:
    oracle = Oracle(documents)
    terms = stranger.dictionary(field)
    assert terms == oracle.terms(field)
    for number, term in enumerate(terms):
        expected = oracle.postings[field, term]
        assert stranger.docs(field, number, stranger.documents) == sorted(expected)
        assert stranger.freqs(field, number) == [len(expected[document]) for document in sorted(expected)]
        if field != "word":
            assert stranger.positions(field, number) == [expected[document] for document in sorted(expected)]


def test_folded_forms_and_their_spellings(stranger: Stranger, documents: Sequence[Document]) -> None:
    oracle = Oracle(documents)
    texts, forms = stranger.dictionary("text"), stranger.dictionary("folded")
    assert forms == oracle.terms("folded")
    bounds = stranger["folded.spelled"].tolist()
    alone = 0
    for number, form in enumerate(forms):
        spellings = stranger["folded.spellings"][bounds[number] : bounds[number + 1]].tolist()
        assert [texts[spelling] for spelling in spellings] == oracle.spellings(form)
        assert [stranger["text.folded"][spelling] for spelling in spellings] == [number] * len(spellings)
        field, term = "folded", number
        if not stranger["folded.first"][number + 1] - stranger["folded.first"][number]:
            field, (term,) = "text", spellings
            alone += 1
        expected = oracle.postings["folded", form]
        assert stranger.docs(field, term, stranger.documents) == sorted(expected)
        assert stranger.freqs(field, term) == [len(expected[document]) for document in sorted(expected)]
    assert 0 < alone < len(forms)


def test_pairs(stranger: Stranger, documents: Sequence[Document]) -> None:
    texts = stranger.dictionary("text")
    found = {}
    for number, first in enumerate(texts):
        seconds = stranger.docs("pairs", number, len(texts))
        found |= {(first, texts[s]): n for s, n in zip(seconds, stranger.freqs("pairs", number), strict=True)}
    assert found == Oracle(documents).pairs()


def test_phrases_of_very_frequent_terms(stranger: Stranger, documents: Sequence[Document]) -> None:
    oracle, texts = Oracle(documents), stranger.dictionary("text")
    frequent = {term for term in texts if 2 * len(oracle.postings["text", term]) >= stranger.documents}
    found = {}
    for number, pair in enumerate(stranger["phrases.pairs"].tolist()):
        docs, freqs = stranger.docs("phrases", number, stranger.documents), stranger.freqs("phrases", number)
        found[texts[pair >> 32], texts[pair & 0xFFFF_FFFF]] = dict(zip(docs, freqs, strict=True))
    expected = oracle.pair_postings().items()
    assert found == {pair: postings for pair, postings in expected if frequent.issuperset(pair)}
    assert found


def test_columns_and_keys(stranger: Stranger, documents: Sequence[Document]) -> None:
    oracle = Oracle(documents)
    ids = stranger.strings("ids")
    assert ids == [document.article.id for document in documents]
    assert [ids[document] for document in stranger["ids.order"]] == sorted(ids)
    assert stranger["published"].tolist() == oracle.published()
    assert stranger["parts"].reshape(-1, 3).tolist() == [list(document.parts) for document in documents]
    for field in ("text", "word", "title"):
        assert stranger[f"{field}.lengths"].tolist() == oracle.lengths(field)
    for column in ("source", "host", "section", "author", "kind", "origin"):
        values = stranger.strings(f"{column}.values")
        assert [values[code] for code in stranger[f"{column}.codes"]] == oracle.column(column)
    assert (np.diff(stranger["keys"].astype(object)) >= 0).all()
    for key in ("id:a7", "id:last"):
        digest = hashlib.blake2b(key.encode(), digest_size=12).digest()
        whole, rest = struct.unpack("<QI", digest)
        here = (stranger["keys"] == whole) & (stranger["keys.rest"] == rest)
        assert stranger["keys.documents"][here].tolist() == oracle.documents_of_key(key)


def test_stored_articles(stranger: Stranger, documents: Sequence[Document]) -> None:
    for number in (0, 57, 200):
        article = documents[number].article
        assert stranger.article(number) == {
            "id": article.id,
            "kind": "article",
            "title": article.title,
            "body": article.body,
        }


def test_every_byte_is_accounted_for(stranger: Stranger) -> None:
    at = 16
    for section in sorted(
        stranger.directory["sections"].values(), key=lambda section: (section["at"], section["size"])
    ):
        assert not any(stranger.data[at : section["at"]])
        at = section["at"] + section["size"]
    (directory,) = struct.unpack("<Q", stranger.data[-24:-16])
    assert not any(stranger.data[at:directory])
