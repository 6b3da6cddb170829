"""The token contract, case by case and against the slow reference."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newssearch.vietnamese import scan as scan_module
from newssearch.vietnamese.scan import scan, scan_many
from newssearch.vietnamese.scan_batch import scan_batch
from newssearch.vietnamese.scan_vocabulary import Vocabulary
from newssearch.vietnamese.tokens import Tokens

from .reference_scan import Row, reference


def all_rows(tokens: Tokens) -> list[list[Row]]:
    """The rows of every text."""
    return [rows(tokens, i) for i in range(len(tokens.bounds) - 1)]


def rows(tokens: Tokens, text: int = 0) -> list[Row]:
    """The rows of one text as tuples."""
    of = slice(tokens.bounds[text], tokens.bounds[text + 1])
    columns = (tokens.position[of], tokens.start[of], tokens.end[of], tokens.main[of])
    names = [tokens.terms[number] for number in tokens.term[of].tolist()]
    return list(zip(names, *(column.tolist() for column in columns), strict=True))


def shown(text: str) -> str:
    """The tokens as one readable line: positions apart by blanks, alternatives by bars."""
    by_position: dict[int, list[str]] = {}
    for term, position, *_ in rows(scan(text)):
        by_position.setdefault(position, []).append(term)
    return " ".join("|".join(of) for of in by_position.values())


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hoà bình, THUỴ Khuê – khoẻ!", "hòa bình thụy khuê khỏe"),
        ("Gần 5ha CầuBan", "gần 5ha cầuban"),
        ("TP.HCM U23 H5N1 3G", "tp hcm u23 h5n1 3g"),
        ("một_hai", "một hai"),
        ("Москва 漢字 Ελλάς", "москва 漢字 ελλάς"),
        ("m² ½ ³", "m² ½ ³"),
        ("❤️ 3️⃣ 👍🏽", "3"),
        ("", ""),
        ("… “” \x00 \ud800", ""),
        # apostrophes
        ("N’Jang H'Mông", "n'jang|njang h'mông|hmông"),
        ("rock'n'roll 'Hà Nội' 90' 5'30", "rock'n'roll|rocknroll hà nội 90 5 30"),
        # hyphens
        ("Pu-tin", "pu|putin tin"),
        ("Mát-xcơ-va, Mát\u2010xcơ\u2011va", "mát|mátxcơva xcơ va mát|mátxcơva xcơ va"),
        ("COVID-19 Su-22 U-23", "covid|covid19 19 su|su22 22 u|u23 23"),
        ("3-kenh Hà Nội – Huế Hà--Nội -a-", "3 kenh hà nội huế hà nội a"),
        ("Buôn-M'Nang", "buôn|buônmnang m'nang|mnang"),
        ("Hoà-bình", "hòa|hoàbình bình"),
        ("x/y-z", "x y|yz z"),
        # numbers
        ("2,2 2.2 0.123 0,5", "2.2 2.2 0.123 0.5"),
        ("5.000 1.234.567,8 12.000", "5000 1234567.8 12000"),
        ("15,860,327 1,234.5 815,422", "15860327 1234.5 815.422"),
        ("37% $5 +84 -7", "37 5 84 7"),
        ("5.000đ 1.500m2 2,5km", "5000đ|5000 1500m2|1500 2.5km|2.5"),
        ("1,2,3 192.168.1.1 0912.345.678", "1 2 3 192 168 1 1 0912 345 678"),
        ("2018-2024 1,5-2km 3-4-3", "2018 2024 1.5 2km 3 4 3"),
        # dates
        ("1/8/2014 01-08-2014 1.8.2014", "2014-08-01|1/8|2014 2014-08-01|1/8|2014 2014-08-01|1/8|2014"),
        ("2024-08-01 2024/8/1", "2024-08-01|1/8|2024 2024-08-01|1/8|2024"),
        ("08/2014 8-2014 8.2014 2014-08", "2014-08|2014 2014-08|2014 2014-08|2014 2014-08|2014"),
        ("1/8 01/08 50/50", "1/8 1/8 50/50"),
        ("32/13/2026 32/12/2026 29/2/2023 13/2026 1/8-2014", "32 13 2026 32 12 2026 29 2 2023 13 2026 1/8 2014"),
        ("29/2/2024", "2024-02-29|29/2|2024"),
        ("15-17/8/2014 10/1-15/1/2017", "15 2014-08-17|17/8|2014 10/1 2017-01-15|15/1|2017"),
        ("1/8/2014và 3.1415 5.1975", "1 8 2014và 3.1415 1975-05|1975"),
        ("106/2016/QH13 1/500", "106 2016 qh13 1 500"),
        # times
        ("22h30 22:30 22g30 22H30 7:05", "22:30 22:30 22:30 22:30 07:05"),
        ("22h 16:9 25:10 10h75", "22h 16 9 25 10 10h75"),
        ("10:12:12 8h30-10h15", "10:12:12|10:12 08:30 10:15"),
        # addresses
        ("xem https://www.BaoDakNong.vn/tin-24h?utm_source=x#y.", "xem baodaknong.vn/tin-24h|baodaknong|vn|tin|24h"),
        ("(www.a.vn/b/)", "a.vn/b|a|vn|b"),
        ("http://a.vn/Hu%E1%BA%BF?q=1 http://a.vn/Huế?q=1", "a.vn/hu%e1%ba%bf?q=1|a|vn|huế a.vn/hu%e1%ba%bf?q=1|a|vn|huế"),
        ("Thư: Toà.Soạn@Bao.com.vn.", "thư toà.soạn@bao.com.vn|tòa|soạn|bao|com|vn"),
        ("ngoc****@gmail.com a@b http://", "ngoc gmail com a b http"),
        ("baodaknong.vn", "baodaknong vn"),
    ],
)
def test_contract(text: str, tokens: str) -> None:
    assert shown(text) == tokens
    assert shown(text + " –" * 1000) == tokens


def test_tables_of_the_documentation_are_true(repository: Path) -> None:
    checked = 0
    for line in (repository / "docs" / "tokens.md").read_text("utf-8").splitlines():
        cells = re.fullmatch(r"\| (`.*) \| (`.*) \|", line)
        if cells is None or "MB/s" in line:
            continue
        texts = re.findall("`([^`]+)`", cells[1])
        said = re.split(r"(?<=`)(?:: | \()", cells[2].replace("`\\|`", "|"))[0].split(", ")
        tokens = [" ".join(re.findall("`([^`]+)`", each)) for each in said]
        assert [shown(text) for text in texts] == (tokens if len(tokens) > 1 else tokens * len(texts))
        checked += 1
    assert checked > 30


@pytest.mark.parametrize(
    ("text", "term", "span"),
    [
        ("ông Pu-tin nói", "putin", "Pu-tin"),
        ("ông Pu-tin nói", "pu", "Pu"),
        ("ở N’Jang", "njang", "N’Jang"),
        ("ngày 01-08-2014,", "2014", "01-08-2014"),
        ("lúc 22h30.", "22:30", "22h30"),
        ("giá 5.000đ", "5000", "5.000đ"),
        ("(https://a.vn/b).", "b", "https://a.vn/b"),
        ("hoà bình".encode().decode() + " HOA\u0300", "hòa", "hoà"),
        ("x ho\u0300a", "hòa", "ho\u0300a"),
    ],
)
def test_offsets_give_the_text_back(text: str, term: str, span: str) -> None:
    of = {name: text[start:end] for name, _, start, end, _ in reversed(rows(scan(text)))}
    assert of[term] == span


@pytest.mark.parametrize("texts", [[], [""], ["", "", "a"], [" " * 2000], ["a", "", "b" * 2000, ""]])
def test_texts_without_tokens_keep_their_place(texts: list[str]) -> None:
    tokens = scan_many(texts)
    assert len(tokens.bounds) == len(texts) + 1
    assert [len(rows(tokens, i)) for i in range(len(texts))] == [bool(text.strip()) for text in texts]


PIECES = [
    *("a", "B", "hoà", "THUỴ", "Pu", "tin", "N", "Jang", "đ", "km", "m2", "quý", "22h30", "9G05", "T", "w", "www", "http", "HTTPS"),
    *("1", "8", "12", "24", "31", "60", "08", "000", "999", "2014", "1999", "2100", "0", "²", "٣", "Ⅷ"),
    *("'", "’", "-", "\u2010", "\u2011", "/", ".", ",", ":", "::", "://", "@", "_", "%", "+", "?", "#", "&", "=", "(", ")", "*"),
    *(" ", "\n", "\t", "\u00a0", "\u3000", "“", "”", "–", "—", "…", "|", "\\", "<"),
    *("\u0301", "\u0323", "\u031b", "\u0308", "\ufe0f", "\u200d", "\u00ad", "e\u0302\u0301", "o\u0300", "\u20e3"),
    *("❤", "😀", "漢字", "и", "й", "И\u0306", "İ", "ß", "Σ", "ﬁ", "กิ", "ᄀ", "ᅡ", "\ud800", "\udc00", "\x00", "\x85", "K"),
    *("x@y.vn", "https://a.vn/", "www.a.vn", "?utm_source=x", "%C3%A0", "%", "[", "]"),
]
odd_texts = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
vietnamese_texts = st.lists(
    st.sampled_from(["Hoà", "bình", "thuỵ", "Buôn", "Ma", "Thuột", "1/8/2014", "Pu-tin", "N’Jang", "5.000đ", "22h30", "COVID-19", "(ảnh", "2018-2024,", "TP.HCM"]),
    max_size=30,
).map(" ".join)
any_texts = st.one_of(odd_texts, vietnamese_texts, st.text(st.characters(exclude_categories=())))


def check(texts: Sequence[str]) -> None:
    """Every way to scan gives what the reference says."""
    expected = [reference(text) for text in texts]
    for tokens in (scan_many(texts), scan_batch(texts, Vocabulary()), scan_module._scan_few(texts)):
        assert all_rows(tokens) == expected
        assert tokens.terms == list(dict.fromkeys(term for of in expected for term, *_ in of))
        assert [a.dtype for a in (tokens.term, tokens.position, tokens.start, tokens.end, tokens.main, tokens.bounds)] == [
            np.dtype(t) for t in ("i4", "i4", "i4", "i4", "?", "i8")
        ]


@settings(max_examples=300, deadline=None)
@given(st.lists(any_texts, max_size=4))
@example(["a@b.1/2/3", "5-abc@x.vn", "1/8-abc@x.vn", "a.b@c@d.vn"])
@example(["http://[", "http://a:99999/x", "www.\ud800.vn", "http://a.vn/?q=\ud800"])
@example(["https://a.vn/x?u=https://b.vn/y"])
@example(["-\u0301\u0301a-b", "1\u0301/2", "a\u0301'b", "1\u0301'b"])
@example(["1.5\u0301", "1.5²", "1.5ª", "22h30'x", "Σ-Σ", "İ-İ"])
def test_scanner_is_the_reference(texts: list[str]) -> None:
    check(texts)


@settings(max_examples=200, deadline=None)
@given(any_texts)
def test_nfd_has_the_terms_of_nfc(text: str) -> None:
    composed, decomposed = (rows(scan(unicodedata.normalize(form, text))) for form in ("NFC", "NFD"))
    assert [(term, position, main) for term, position, _, _, main in composed] == [
        (term, position, main) for term, position, _, _, main in decomposed
    ]


@settings(max_examples=200, deadline=None)
@given(any_texts)
def test_rows_are_in_order_without_holes(text: str) -> None:
    found = rows(scan(text))
    mains = [row for row in found if row[4]]
    assert [row[1] for row in mains] == list(range(len(mains)))
    assert all(before[3] <= after[2] for before, after in pairwise(mains))
    assert [(row[1], not row[4]) for row in found] == sorted((row[1], not row[4]) for row in found)
    assert all(row[2] >= mains[row[1]][2] and row[3] >= mains[row[1]][3] for row in found)
    assert all(0 <= start < end <= len(text) and term for term, _, start, end, _ in found)
    assert len({(row[0], row[1]) for row in found}) == len(found)


@settings(max_examples=200, deadline=None)
@given(vietnamese_texts)
def test_a_token_typed_alone_is_itself(text: str) -> None:
    for term, _, start, end, main in rows(scan(text)):
        if main:
            assert rows(scan(text[start:end]))[0][0] == term


@pytest.mark.parametrize("unit", ["a", "a-", "a.", "a'", "1/", "1.000", "1,", "@", "a@", "a@a.", "http://", "www.", "\u0301", "a\u0301", "22h30-", "漢", "😀", "\ud800", "\x00"])
def test_long_texts_of_one_kind_are_scanned(unit: str) -> None:
    text = unit * 3000
    assert rows(scan(text)) == rows(scan_batch([text], Vocabulary()))
    short = unit * 40
    assert rows(scan(short)) == reference(short)


def test_real_news_is_scanned_as_the_reference_does(shared: Path) -> None:
    texts: list[str] = []
    for name in ("news-1", "news-2"):
        with gzip.open(shared / "corpus" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in islice(lines, 100):
                article = json.loads(line)
                texts.append("\n".join(article.get(part) or "" for part in ("title", "summary", "body")))
    for name in ("control-chars-baomoi", "non-nfc-vietnews"):
        with open(shared / "messy" / f"{name}.jsonl", encoding="utf-8") as lines:
            texts += islice(lines, 40)
    texts += [unicodedata.normalize("NFD", text) for text in texts[:30]]
    check(texts)


def test_a_full_vocabulary_gives_way_to_a_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newssearch.vietnamese.scan_vocabulary._LIMIT", 500)
    for begin in range(0, 4000, 1000):
        texts = [f"chữ{number} Hoà-{number} {number * 9999999999}" for number in range(begin, begin + 1000)]
        tokens = scan_many(texts)
        assert [rows(tokens, i) for i in range(0, 1000, 97)] == [reference(text) for text in texts[::97]]
    assert len(scan_module._vocabulary.terms) < 8000


def test_threads_may_scan_at_once() -> None:
    texts = [[f"hoà{word % 400}x bình-{word} ngày {word % 28 + 1}/8/2014" for word in range(begin, begin + 600)] for begin in range(0, 2400, 300)]
    alone = [all_rows(scan_batch(of, Vocabulary())) for of in texts]
    vocabulary = Vocabulary()
    together: list[list[list[Row]]] = [[] for _ in texts]

    def work(number: int) -> None:
        together[number] = all_rows(scan_batch(texts[number], vocabulary))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_scanner_loads_neither_segmenter_nor_whoosh() -> None:
    code = "import sys, newssearch.vietnamese.scan; print(*[m for m in sys.modules if m.split('.')[0] in ('whoosh', 'pyvi', 'sklearn') or 'segment' in m])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


def test_pieces_that_come_one_at_a_time_are_found_again() -> None:
    # One new piece whose slot another one holds must find the next vacant slot, however full the table is.
    vocabulary = Vocabulary()
    pieces = [f"từ{number}" for number in range(3000)]
    for piece in (*pieces, *pieces):
        tokens = scan_batch([piece], vocabulary)
        assert [tokens.terms[term] for term in tokens.term.tolist()] == [piece]
