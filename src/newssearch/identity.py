"""Which document is which: the address without its noise, and the id that follows from it. These rules never change."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

_TRACKING = re.compile(r"utm_.*|fbclid|gclid")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ID = re.compile(r"[^\s\x00-\x1f\x7f]{1,200}")
_PLAIN = re.compile(r"https?://([a-z0-9.-]+)((?:/[A-Za-z0-9/!$&'()*+,;=:@._~-]*)?)")
"""an address of which nothing has to be decoded, sorted or left out"""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:-]+(?=[/?#]|$)")


def normalize_url(url: str) -> str:
    """Return the address as `host/path?query`, or "" for what is no http(s) address.

    Host lower-case without `www.`, no default port, fragment, `utm_*`, `fbclid`, `gclid` or final `/`, parameters sorted:
    "https://www.Bao.vn:443/tin.html?b=2&utm_source=x&a=1#c" -> "bao.vn/tin.html?a=1&b=2".
    """
    if plain := _PLAIN.fullmatch(url):
        return plain[1].removeprefix("www.") + plain[2].rstrip("/")
    try:
        parts = urlsplit(unicodedata.normalize("NFC", url.strip()))
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        return ""
    host = parts.hostname.lower().removeprefix("www.")
    if port and port != _DEFAULT_PORTS[parts.scheme.lower()]:
        host += f":{port}"
    path = quote(unquote(parts.path, errors="surrogateescape"), safe="/!$&'()*+,;=:@-._~", errors="surrogateescape").rstrip("/")
    parameters = sorted(
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(name)
    )
    return host + path + ("?" + urlencode(parameters) if parameters else "")


def host_of(url: str) -> str:
    """Return the host without `www.`, "" for what is no http(s) address: "https://www.bao.vn/tin" -> "bao.vn"."""
    # What stands behind the host says nothing of it, and the hosts of a corpus are few.
    origin = _ORIGIN.match(url)
    return _host_of_origin(origin[0]) if origin else _host_of_any(url)


@lru_cache(maxsize=4096)
def _host_of_origin(origin: str) -> str:
    return _host_of_any(origin)


def _host_of_any(url: str) -> str:
    return re.split(r"[/?]", normalize_url(url), maxsplit=1)[0].split(":")[0]


def is_valid_id(text: str) -> bool:
    """Whether the text may be an article's id: 1 to 200 printable characters without spaces."""
    return bool(_ID.fullmatch(text)) and text.isprintable()


def article_id(url: str, title: str, lead: str, body: str) -> str:
    """Return the id of an article that came without one: `u` + 16 hex digits over the address, else `c` + the same over its text."""
    if address := normalize_url(url):
        return "u" + hashlib.sha256(address.encode("utf-8", "surrogateescape")).hexdigest()[:16]
    text = "\n".join(" ".join(unicodedata.normalize("NFC", part).split()) for part in (title, lead, body))
    return "c" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
