"""A mapping of fields, under whatever names, to an article."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from ..identity import article_id, host_of, is_valid_id
from ..models import Article
from ..vietnamese.kinds import UNCLEAN, Kinds
from ..vietnamese.normalize import clean, nfc
from .markup import looks_like_markup, resolve_entities, text_of_fragment
from .published import read_published
from .repair import SUSPECTS, repair

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
"""our fields and the names, lower-case, that they go under elsewhere; of two names for one field the earlier that says something wins"""

_PLACES = {name: (field, place) for field, names in NAMES.items() for place, name in enumerate(names)}
_FIELDS = frozenset(field.name for field in fields(Article))
_NAMED = ("name", "text", "url", "@id")
_WORDED = ("text", "content", "caption", "value", "name")
_ADDRESSED = ("url", "src", "href", "@id", "name")
_DEEPEST = 100
_LINE_END = re.compile(r"\n\s*")
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_LONG = 200
"""characters from which one pass over a text is faster than one for each thing that may have to be done with it"""
_SUSPECT, _MARKUP = 2, 4
_ANY_SUSPECT = re.compile(f"[{SUSPECTS}]")


class NoArticle(Exception):
    """Why a record is no article."""


def article_of(record: Mapping[str, Any]) -> Article:
    """Return the article that a record describes; what no field takes goes to `extras`. Raises NoArticle with the reason.

    A record that holds exactly the fields of an article is an export and is taken word for word, so that it gives the same article back;
    elsewhere HTML is reduced to text, broken encodings are mended, and paragraphs are parted by a blank line.
    """
    exported = len(record) >= len(_FIELDS) and {str(name).lower() for name in record} == _FIELDS
    tidied = _cleaned if exported else _mended
    values, extras = _sorted(record)
    published = _published(values, extras)
    url, *other_urls = _texts(values.get("url"), _ADDRESSED, _cleaned) or ("",)
    section, *other_sections = _texts(values.get("section"), _NAMED, tidied) or ("",)
    if other_sections:
        extras["sections"] = [section, *other_sections]
    title = ", ".join(_texts(values.get("title"), _WORDED, tidied))
    lead = "\n\n".join(_texts(values.get("lead"), _WORDED, tidied))
    body = "\n\n".join(_texts(values.get("body"), _WORDED, tidied))
    if not exported:
        title, body = " ".join(title.split()), _paragraphs(body)
    given = _given_id(values.get("id"))
    if not (title or lead or body):
        raise NoArticle("It has neither title, lead nor body.")
    return Article(
        id=given or article_id(url, title, lead, body),
        kind=", ".join(_texts(values.get("kind"), _NAMED, _cleaned)) or "article",
        title=title,
        lead=lead,
        body=body,
        captions=_texts(values.get("captions"), _WORDED, tidied),
        source=", ".join(_texts(values.get("source"), _NAMED, tidied)) or host_of(url),
        section=section,
        author=", ".join(_texts(values.get("author"), _NAMED, tidied)),
        url=url,
        aliases=tuple(dict.fromkeys([*_texts(values.get("aliases"), _ADDRESSED, _cleaned), *other_urls])),
        published=published,
        image=next(iter(_texts(values.get("image"), _ADDRESSED, _cleaned)), ""),
        extras={clean(str(name)): _json_safe(value) for name, value in extras.items()},
    )


def _sorted(record: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values by our names, and what is left over; nothing that says something is in neither."""
    # The records of a corpus have the same names; where all say something, these decide.
    if (places := _places(tuple(record))) and all(record.values()):
        return {field: record[name] for name, field in places if field}, {name: record[name] for name, field in places if not field}
    # Of two names that differ in case alone the later counts.
    known = {lower: name for name in record if (lower := str(name).lower()) in _PLACES}
    present: dict[str, list[tuple[int, Any]]] = {}
    for lower, name in known.items():
        if _says_something(record[name]):
            field, place = _PLACES[lower]
            present.setdefault(field, []).append((place, name))
    values: dict[str, Any] = {}
    used = set()
    for field, names in present.items():
        if len(names) > 1:
            names.sort(key=lambda placed: (field == "published" and read_published(_unwrapped(record[placed[1]])) is None, placed[0]))
        name = names[0][1]
        if field != "extras" or isinstance(record[name], Mapping):
            values[field] = record[name]
            used.add(name)
    extras = dict(values.get("extras", {}))
    if len(used) < len(record):
        empty = {name for name in known.values() if not _says_something(record[name])}
        extras.update({str(name): value for name, value in record.items() if name not in used and name not in empty})
    return values, extras


@lru_cache(maxsize=256)
def _places(names: tuple[object, ...]) -> tuple[tuple[str, str], ...] | None:
    """Each name with the field that takes it, "" for none; None where what they hold has to be looked at."""
    places = [(name, _PLACES.get(name.lower(), ("", 0))[0]) for name in names if isinstance(name, str)]
    fields = [field for _, field in places if field]
    return tuple(places) if len(places) == len(names) and len(set(fields)) == len(fields) and "extras" not in fields else None


def _says_something(value: object) -> bool:
    return value is not None and value != "" and value != [] and value != {} and value != ()


def _published(values: Mapping[str, Any], extras: dict[str, Any]) -> datetime | None:
    raw = _unwrapped(values.get("published"))
    moment = read_published(raw)
    if moment is None and _says_something(raw):
        extras["published"] = raw
    return moment


def _unwrapped(value: Any) -> Any:
    """What a database's export wraps: {"$oid": "65f0…"}, {"$date": "2026-08-08T01:30:00Z"}."""
    if isinstance(value, Mapping) and len(value) == 1:
        return next((_unwrapped(value[name]) for name in ("$oid", "$date", "$numberLong") if name in value), value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"\d{12,13}", value) else value


def _given_id(value: Any) -> str:
    """The document's own id as it stands, "" without one. Raises NoArticle for an impossible one."""
    if isinstance(value, Mapping) and isinstance(value.get("$oid"), str):
        value = value["$oid"]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise NoArticle(f"Its id is a JSON {json_type(value)}, not text.")
    id = nfc(str(value))
    if not is_valid_id(id):
        shown = ascii(id[:60])[1:-1] if not id.isprintable() else id[:60]
        raise NoArticle(f"Its id “{shown}” is not 1 to 200 printable characters without spaces.")
    return id


def json_type(value: object) -> str:
    """What JSON calls the value: "object", "list", "string", "number", "true or false", "null"."""
    names = ((bool, "true or false"), (int, "number"), (float, "number"), (str, "string"), (list, "list"), (Mapping, "object"))
    return next((name for kind, name in names if isinstance(value, kind)), "null")


def _texts(value: Any, keys: tuple[str, ...], tidied: Callable[[str], str]) -> tuple[str, ...]:
    """The texts that a value holds: one of a string or an object (under the first of `keys` that it has), those of a list; none empty."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (text,) if (text := tidied(value)) else ()
    texts = (_text(part, keys, tidied) for part in value) if isinstance(value, list | tuple) else (_text(value, keys, tidied),)
    return tuple(text for text in texts if text)


def _text(value: Any, keys: tuple[str, ...], tidied: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return tidied(value)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, Mapping):
        return _text(next((value[key] for key in keys if value.get(key)), None), keys, tidied)
    if isinstance(value, list | tuple):
        return "\n\n".join(filter(None, (_text(part, keys, tidied) for part in value)))
    return tidied(str(value))


def _cleaned(text: str) -> str:
    return clean(text).strip()


def _mended(text: str) -> str:
    """The text without markup, in its right encoding."""
    kinds = _kinds()(text) if len(text) >= _LONG else UNCLEAN | _MARKUP | _SUSPECT * bool(_ANY_SUSPECT.search(text))
    # Mended first, for some bytes of a letter look like white space once they are read as another encoding.
    if kinds & _SUSPECT and (mended := repair(text)) is not text:
        text, kinds = mended, UNCLEAN | _MARKUP
    if kinds & _MARKUP and ("<" in text or "&" in text):
        text = text_of_fragment(text) if looks_like_markup(text) else resolve_entities(text)
        kinds |= UNCLEAN
    return (clean(text) if kinds & UNCLEAN else text).strip()


@cache
def _kinds() -> Kinds:
    return Kinds(SUSPECTS, "<&")


def _paragraphs(text: str) -> str:
    """The text with a blank line between paragraphs; where it has none yet, each line is a paragraph. Expects what `_text` gives."""
    if "\n" not in text:
        return text
    *paragraphs, last = (_BLANK_LINES if "\n\n" in text else _LINE_END).split(text)
    return "\n\n".join([*(paragraph.rstrip(" \t") for paragraph in paragraphs), last])


def _json_safe(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it: text without control characters and lone surrogates, no NaN, no other types."""
    if depth > _DEEPEST:
        raise NoArticle(f"Its fields are nested deeper than {_DEEPEST} levels.")
    if isinstance(value, str):
        return clean(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _json_safe(part, depth + 1) for name, part in value.items()}
    if isinstance(value, Iterable):
        return [_json_safe(part, depth + 1) for part in value]
    return clean(str(value))
