"""A client over a fake service, and one over the seeds."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from newssearch.config import Settings
from newssearch.server import create_app

from .fake import NOW, FakeService


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def client(service: FakeService) -> FlaskClient:
    return create_app(service, settings=Settings(), now=lambda: NOW).test_client()  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def seeds_client(seeds_index: Path) -> FlaskClient:
    from newssearch import open_index

    return create_app(open_index(seeds_index), settings=Settings(index=seeds_index), now=lambda: NOW).test_client()


class Page(HTMLParser):
    """What a reader gets from HTML: its text, links by their words, and every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[tuple[str, int]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "a":
            self._open.append((dict(attrs).get("href") or "", len(self.text)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            href, start = self._open.pop()
            self.links.append((" ".join(self.text[start:].split()), href))

    def handle_data(self, data: str) -> None:
        self.text += data

    def link(self, words: str) -> str:
        """The address behind the first link with these words."""
        return next(href for text, href in self.links if text == words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attrs for name, attrs in self.tags if name == tag]
