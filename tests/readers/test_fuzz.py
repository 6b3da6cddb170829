"""Any bytes under any name: each is a document or a rejection with a reason, and nothing is ever raised."""

import gzip
import json
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from newssearch.models import Rejection
from newssearch.readers import Document, read_bytes
from newssearch.vietnamese.normalize import clean

NAMES = st.sampled_from(["", "a", "a.txt", "a.md", "a.html", "a.json", "a.jsonl", "a.xml", "a.rss", "a.atom", "a.txt.gz", "a.jsonl.gz"])
PIECES = st.sampled_from(
    [b"<p>", b"</p>", b"<html>", b"<!doctype html>", b"<rss><channel><item><title>", b"</title></item>", b"<feed><entry>", b"<?xml version='1.0'?>", b"<!--", b"&#x", b"<table><tr><td>",
     b'{"title": "', b'"}', b"[{", b"}]", b'{"articles": [', b"---\n", b"key: [a, b\n", b"# ", b"\n", b"\n\n", "Nguồn: https://bao.example/x".encode(), "Cùng chủ đề".encode(), " ảnh 1\n".encode(),
     "Đắk Lắk ".encode(), b"\xff", b"\xc3", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", "Ä‘á»“ng".encode(), b'<script type="application/ld+json">', b"</script>", b"32/13/2026", b"![a](b)", b"| a | b |"]
)  # fmt: skip
DATA = st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")), st.lists(PIECES, max_size=12).map(b"".join))


def check(data: bytes, name: str) -> None:
    found = list(read_bytes(data, name, "a"))
    assert found
    for part in found:
        if isinstance(part, Rejection):
            assert re.fullmatch(r".+\.", part.reason, re.DOTALL)
            assert "could not be understood" not in part.reason
            part.reason.encode()
        else:
            assert isinstance(part, Document)
            read = part.article
            assert read.title or read.lead or read.body
            assert read.published is None or read.published.tzinfo
            for text in (read.title, read.lead, read.body, read.source, read.section, read.author, *read.captions):
                assert clean(text) == text
            json.dumps(dict(read.extras), ensure_ascii=False, allow_nan=False).encode()


@settings(max_examples=300, deadline=None)
@given(DATA, NAMES)
@example(b"<?xml version='1.0' encoding='utf-7'?><html><p>+AAA-", "a.html")
@example(b"<html><base href='http://[bad'><p>x</p>", "a.html")
def test_any_bytes(data: bytes, name: str) -> None:
    check(data, name)


@settings(max_examples=60, deadline=None)
@given(DATA, NAMES, st.integers(0, 40), st.binary(max_size=3))
def test_any_packed_bytes_cut_and_changed(data: bytes, name: str, cut: int, put: bytes) -> None:
    packed = gzip.compress(data)
    check(packed[: len(packed) - cut] + put, name)


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3), max_leaves=6)
KEYS = st.sampled_from(["id", "_id", "title", "lead", "body", "captions", "source", "section", "author", "url", "aliases", "published", "date", "image", "kind", "extras", "articles", "x"])


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_json(record: dict[str, object]) -> None:
    check(json.dumps(record).encode(), "a.json")
    check(json.dumps(record).encode(), "a.jsonl")
