"""Chromium and a server on loopback, for the tests that look at the page as a browser shows it and for the screenshots."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import waitress
from playwright.sync_api import Browser, sync_playwright

from newssearch import open_index
from newssearch.config import Settings
from newssearch.server import create_app

from .fake import VN

CHROMIUM = Path(next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "/usr/bin/chromium"))
MORNING = datetime(2026, 11, 16, 6, 41, tzinfo=VN)
"""the day after the newest of the seeds"""
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser that talks to nobody but the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def served(index: Path) -> Iterator[str]:
    """The address of a server over an index, whose today is MORNING."""
    with open_index(index) as service:
        app = create_app(service, settings=Settings(index=index), now=lambda: MORNING)
        server = waitress.create_server(app, host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.effective_port}"
        server.close()
        thread.join(5)
