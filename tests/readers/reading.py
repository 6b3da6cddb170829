"""Short ways to read bytes in the tests of this room."""

from collections.abc import Iterator

from newssearch.models import Article, Rejection
from newssearch.readers import Document, read_bytes


def documents(data: bytes | str, name: str = "tin") -> list[Document]:
    """Every document in the data, none of which may be rejected."""
    found = list(read_bytes(data.encode() if isinstance(data, str) else data, name, name))
    rejected = [part for part in found if isinstance(part, Rejection)]
    assert not rejected, rejected
    return [part for part in found if isinstance(part, Document)]


def article(data: bytes | str, name: str = "tin") -> Article:
    """The one article in the data."""
    (document,) = documents(data, name)
    return document.article


def rejections(found: Iterator[Document | Rejection]) -> list[Rejection]:
    """What was rejected."""
    return [part for part in found if isinstance(part, Rejection)]


def reason(data: bytes | str, name: str = "tin") -> str:
    """Why the data, which holds one thing and that is no article, is rejected."""
    (rejection,) = read_bytes(data.encode() if isinstance(data, str) else data, name, name)
    assert isinstance(rejection, Rejection)
    return rejection.reason
