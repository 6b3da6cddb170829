"""The seed files as they lie on disk: enough of each format, clean text, nothing broken. No reader is involved."""

import gzip
import json
import re
import unicodedata
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
FILES = sorted(path for path in SEEDS.rglob("*") if path.is_file())
TEASER_HEADINGS = ("Cùng chủ đề", "Cùng tác giả", "Cùng chuyên mục", "Tin nổi bật", "Tin mới nhất")


def text_of(path: Path) -> str:
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def json_articles() -> list[dict[str, Any]]:
    articles: list[dict[str, Any]] = []
    for path in SEEDS.glob("json/*.json"):
        value = json.loads(text_of(path))
        articles += value.get("articles", [value])
    for path in SEEDS.glob("jsonl/*.jsonl*"):
        articles += [json.loads(line) for line in text_of(path).splitlines()]
    return articles


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("pasted/*.txt", 10),
        ("html/*.html", 6),
        ("json/*.json", 2),
        ("jsonl/*.jsonl", 1),
        ("jsonl/*.jsonl.gz", 1),
        ("markdown/*.md", 5),
        ("feeds/*.rss", 1),
        ("feeds/*.atom", 1),
    ],
)
def test_every_format_has_its_files(pattern: str, least: int) -> None:
    assert len(list(SEEDS.glob(pattern))) >= least


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_text_is_clean_nfc(path: Path) -> None:
    text = text_of(path)
    assert unicodedata.is_normalized("NFC", text)
    assert not re.search("[\ufffd\u200b-\u200f\ufeff\x00-\x08\x0b-\x1f]", text)


def test_json_articles_have_title_address_and_text() -> None:
    articles = json_articles()
    assert len(articles) >= 24
    assert len({article["url"] for article in articles}) == len(articles)
    for article in articles:
        assert article["title"]
        assert any(article.get(name) for name in ("body", "text", "content"))


@pytest.mark.parametrize("path", sorted(SEEDS.glob("pasted/*.txt")), ids=lambda path: path.stem)
def test_pasted_pages_carry_the_clutter_of_a_real_one(path: Path) -> None:
    lines = text_of(path).splitlines()
    assert lines[0].startswith("Powered by ")
    title = lines[2]
    assert f"{title} ảnh 1" in lines
    assert sum(line.startswith("Nguồn: https://") for line in lines) == 1
    for heading in TEASER_HEADINGS:
        assert lines.count(heading) == 1


def test_teasers_name_other_seed_articles_and_strangers() -> None:
    pages = [text_of(path) for path in SEEDS.glob("pasted/*.txt")]
    own_titles = {page.splitlines()[2] for page in pages} | {article["title"] for article in json_articles()}
    teasers: set[str] = set()
    for page in pages:
        blocks = page[page.index("\nCùng chủ đề\n") :]
        paragraphs = [line for line in blocks.splitlines() if line and line not in TEASER_HEADINGS]
        teasers.update(paragraphs[::2])
        assert all(first_words.endswith("...") for first_words in paragraphs[1::2])
    assert len(teasers & own_titles) >= 8
    assert len(teasers - own_titles) >= 8


def test_feeds_are_well_formed_and_long_enough() -> None:
    rss = ElementTree.fromstring((SEEDS / "feeds/tin-mien-trung.rss").read_bytes())
    atom = ElementTree.fromstring((SEEDS / "feeds/duong-xa.atom").read_bytes())
    assert len(rss.findall("channel/item")) >= 5
    assert len(atom.findall("{http://www.w3.org/2005/Atom}entry")) >= 4
