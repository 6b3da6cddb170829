"""A mapping of fields, under whatever names, to an article; and an article to a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..identity import article_id, host_of, is_valid_id
from ..models import Article
from ..vietnamese.normalize import clean
from .published import read_published
from .repair import repair

NAMES: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id"),
    "kind": ("kind",),
    "title": ("title", "headline", "name", "tieu_de"),
    "lead": ("lead", "summary", "description", "sapo", "abstract"),
    "body": ("body", "text", "content", "noi_dung"),
    "captions": ("captions", "caption"),
    "source": ("source", "publisher", "site"),
    "section": ("section", "category", "chuyen_muc", "topic"),
    "author": ("author", "authors", "byline"),
    "url": ("url", "link", "canonical_url"),
    "aliases": ("aliases",),
    "published": ("published", "published_at", "date", "datepublished", "pubdate", "publish_date", "created_at"),
    "image": ("image", "thumbnail"),
    "extras": ("extras",),
}
_MARKUP = re.compile(r"<(?:p|br|div|a|strong|em|b|i|img|figure|span|h[1-6]|ul|ol|li|blockquote)\b[^>]*>", re.IGNORECASE)


class NoArticle(Exception):
    """Why a record is no article."""


def article_of(record: Mapping[str, Any]) -> Article:
    """Return the article that a record describes; what no field takes goes to `extras`. Raises NoArticle with the reason."""
    values, extras = _sorted(record)
    texts = {name: _text(values.get(name)) for name in ("title", "lead", "section", "author", "url", "image", "source", "kind")}
    body = _paragraphs(values.get("body"))
    raw_date = values.get("published")
    published = read_published(raw_date)
    if published is None and raw_date not in (None, ""):
        extras["published"] = raw_date
    given = values.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise NoArticle(f"Its id is a {type(given).__name__}, not text.")
    id = clean(str(given)) if given not in (None, "") else ""
    if not (texts["title"] or texts["lead"] or body):
        raise NoArticle("It has neither title, lead nor body.")
    if not id:
        id = article_id(texts["url"], texts["title"], texts["lead"], body)
    elif not is_valid_id(id):
        raise NoArticle(f"Its id {id[:60]!r} is not 1 to 200 printable characters without spaces.")
    return Article(
        id=id,
        kind=texts["kind"] or "article",
        title=" ".join(texts["title"].split()),
        lead=texts["lead"],
        body=body,
        captions=tuple(filter(None, map(_text, _many(values.get("captions"))))),
        source=texts["source"] or host_of(texts["url"]),
        section=texts["section"],
        author=texts["author"],
        url=texts["url"],
        aliases=tuple(filter(None, map(_text, _many(values.get("aliases"))))),
        published=published,
        image=texts["image"],
        extras=extras,
    )


def _sorted(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values by our names, and what is left over; of two names for one field the first of NAMES that says something wins."""
    by_name = {str(name).lower(): (str(name), value) for name, value in record.items()}
    values: dict[str, Any] = {}
    used = set()
    for field, names in NAMES.items():
        for name in names:
            if name in by_name and by_name[name][1] not in (None, "", [], {}):
                values[field] = by_name[name][1]
                used.add(name)
                break
    empty = {name for names in NAMES.values() for name in names if name in by_name and by_name[name][1] in (None, "", [], {})}
    extras = dict(values["extras"]) if isinstance(values.get("extras"), Mapping) else {}
    if "extras" in values and not isinstance(values["extras"], Mapping):
        used.discard("extras")
    extras.update({name: value for key, (name, value) in by_name.items() if key not in used and key not in empty})
    return values, extras


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, Mapping):
        return _text(value.get("name") or value.get("text") or value.get("url") or value.get("@id"))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_text, value)))
    text = str(value)
    if _MARKUP.search(text):
        from .html import text_of_fragment

        text = text_of_fragment(text)
    return clean(repair(text)).strip()


def _paragraphs(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n\n".join(filter(None, map(_text, value)))
    return _text(value)


def _many(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list | tuple) else (value,)
