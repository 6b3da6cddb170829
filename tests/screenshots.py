"""Writes docs/screenshots/ from an index of seeds/: `make screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "docs" / "screenshots"
LARGEST = 300_000
RESULTS = f"/search?q={quote('buon ma thuot')}"
ARTICLE = f"/search?q={quote('cao tốc buôn ma thuột')}"
SHOTS: tuple[tuple[str, str, int, int, str], ...] = (
    ("results", RESULTS, 1280, 860, "light"),
    ("home", "/", 1280, 860, "light"),
    ("article", ARTICLE, 1280, 860, "light"),
    ("results-phone", RESULTS, 390, 844, "light"),
    ("results-dark", RESULTS, 1280, 860, "dark"),
)
"""name, address (of ARTICLE the first hit is opened), width and height in px, colour scheme"""


def main() -> None:
    """Build the index, look at the pages, write what is seen."""
    sys.path.insert(0, str(REPOSITORY))
    from tests.server.browser import chromium, served

    from newssearch.cli.app import run

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        if code := run(["rebuild-index", str(REPOSITORY / "seeds"), "--index", str(index)]):
            sys.exit(code)
        with served(index) as address, chromium() as browser:
            for name, path, width, height, scheme in SHOTS:
                page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme, locale="vi-VN")  # type: ignore[arg-type]
                # The second visit is what readers see: the first opens the index.
                page.goto(address + path)
                page.reload()
                if path == ARTICLE:
                    page.locator(".hit h2 a").first.click()
                file = FOLDER / f"{name}.png"
                page.screenshot(path=file)
                page.close()
                print(f"{file.relative_to(REPOSITORY)}  {file.stat().st_size:,} bytes")
                if file.stat().st_size > LARGEST:
                    sys.exit(f"{file.name} is larger than {LARGEST:,} bytes")


if __name__ == "__main__":
    main()
