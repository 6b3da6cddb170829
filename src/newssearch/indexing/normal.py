"""Articles as they may be indexed: clean text, a named source, or a reason to reject them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from ..identity import host_of, is_valid_id
from ..models import Article
from ..vietnamese.normalize import clean

_PROSE = ("title", "lead", "body")
_NAMES = ("source", "section", "author", "url")


def normalise(article: Article, *, prose: bool = True) -> Article:
    """The article with clean NFC text in every field and its source named; the very same object where nothing was to do.

    Without `prose` title, lead and body are taken to be clean, as those of a record are that was read.
    """
    changes: dict[str, object] = {}
    for name in (*_PROSE, *_NAMES) if prose else _NAMES:
        text = getattr(article, name)
        if not (text.isascii() and text.isprintable()) and (new := clean(text)) != text:
            changes[name] = new
    if article.captions and (captions := tuple(clean(caption) for caption in article.captions)) != article.captions:
        changes["captions"] = captions
    if not article.source and (host := host_of(article.url)):
        changes["source"] = host
    return replace(article, **changes) if changes else article  # type: ignore[arg-type]


def reason_to_reject(article: Article) -> str | None:
    """Why the article cannot be indexed, or None."""
    if not (article.title.strip() or article.lead.strip() or article.body.strip()):
        return "It has neither title, lead nor body."
    if not is_valid_id(unicodedata.normalize("NFC", article.id)):
        return f"Its id {article.id[:60]!r} is not 1 to 200 printable characters without spaces."
    return None
