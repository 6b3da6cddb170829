"""An article as a reference: one line for a footnote, and BibTeX."""

from __future__ import annotations

import re

from ..models import Article
from ..vietnamese.fold import fold
from .dates import local, moment_of
from .links import outside

_SPECIAL = re.compile(r"[\\{}%#&$_~^]")
_ESCAPES = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def footnote(article: Article) -> tuple[str, str, str]:
    """Return author and title, source, and date with address: the source is set in italics between the two."""
    head = " ".join(filter(None, (f"{article.author}." if article.author else "", f"“{article.title}”." if article.title else "")))
    when = moment_of(article.published) if article.published else ""
    return head, article.source, ". ".join(filter(None, (when, outside(article.url))))


def bibtex(article: Article) -> str:
    """Return a BibTeX entry with the fields that are known; the key is made of author, year and the title's first words."""
    fields = {
        "author": article.author,
        "title": article.title,
        "journal": article.source,
        "date": f"{local(article.published):%Y-%m-%d}" if article.published else "",
        "url": outside(article.url),
    }
    rows = [f"  {name:<7} = {{{_address(value) if name == 'url' else _escaped(value)}}}" for name, value in fields.items() if value]
    return "\n".join([f"@article{{{_key(article)},", ",\n".join(rows), "}"])


def _escaped(value: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\\" + match[0]), " ".join(value.split()))


def _address(url: str) -> str:
    return url.replace("{", "%7B").replace("}", "%7D")


def _key(article: Article) -> str:
    author = _letters(article.author)
    year = str(local(article.published).year) if article.published else ""
    return author + year + _letters(" ".join(article.title.split()[:2])) or "newssearch"


def _letters(value: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(value.lower()))
