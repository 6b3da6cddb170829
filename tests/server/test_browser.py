"""The page in a real browser: accessible, narrow enough, and whole without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest.importorskip("playwright.sync_api", reason="no playwright: pip install -e '.[test]'")
pytest.importorskip("axe_playwright_python", reason="no axe: pip install -e '.[test]'")

from .browser import CHROMIUM, chromium, served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"no browser at {CHROMIUM}: install Chromium (apt-get install chromium)"),
]

SEARCHES = {
    "home": "/",
    "results": f"/search?q={quote('giá cà phê buôn ma thuột')}&from=2026-02-01&section={quote('Kinh tế')}&section={quote('Thời sự')}",
    "english": "/search?q=buon+ma+thuot&lang=en",
    "everything": "/search",
    "past": "/search?q=buon+ma+thuot&page=9999",
    "empty": f"/search?q={quote('“không có từ này” zzqx')}&source=Không",
    "error": "/khong-co-trang-nay",
    "gone": "/article/khong-co",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(seeds_index: Path) -> Iterator[str]:
    with served(seeds_index) as address:
        yield address


@pytest.fixture(scope="module")
def unbuilt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("none") / "index") as address:
        yield address


@pytest.fixture(scope="module")
def pages(browser: Browser, address: str, unbuilt: str) -> dict[str, str]:
    """Every kind of page, by name."""
    page = browser.new_page()
    page.goto(f"{address}/search?q=buon+ma+thuot")
    article = page.locator(".hit h2 a").first.get_attribute("href")
    page.close()
    return {name: address + path for name, path in SEARCHES.items()} | {"article": f"{address}{article}", "first-run": unbuilt + "/"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_has_a_barrier(browser: Browser, pages: dict[str, str], width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    axe = Axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    for name, url in pages.items():
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = axe.run(page).response["violations"]
        assert not found, f"{name}: " + "; ".join(f"{rule['id']} at {rule['nodes'][0]['html'][:200]}" for rule in found)
    context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_no_page_scrolls_sideways(browser: Browser, pages: dict[str, str], width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for name, url in pages.items():
        page.goto(url)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()


def test_pages_keep_their_own_rules_and_ask_nobody_else(browser: Browser, pages: dict[str, str]) -> None:
    page = browser.new_page()
    asked, said = set(), []
    page.on("request", lambda request: asked.add(request.url.split("/")[2].split(":")[0]))
    page.on("console", lambda message: said.append(message.text))
    for url in pages.values():
        page.goto(url)
    assert asked == {"127.0.0.1"}
    assert not [text for text in said if "Content Security Policy" in text]
    assert page.evaluate("getComputedStyle(document.querySelector('.btn')).backgroundColor") == "rgb(0, 88, 107)", "styles are in force"
    page.close()


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    page.get_by_role("searchbox").fill("buon ma thuot")
    page.get_by_role("button", name="Tìm").click()
    assert page.locator(".hit mark").first.inner_text() == "Buôn"
    results = page.url
    page.locator(".facet a").first.click()
    assert page.locator(".chip").count() == 1
    page.locator(".chip").click()
    assert page.url == results
    page.get_by_role("link", name="Mới nhất").click()
    assert page.get_by_role("link", name="Mới nhất").get_attribute("aria-current") == "true"
    page.go_back()
    title = page.locator(".hit h2 a").first
    words = title.inner_text()
    title.click()
    assert page.get_by_role("heading", level=1).inner_text() == words
    page.locator(".jump a").first.click()
    assert page.url.endswith("#m1")
    assert page.locator("#m1").count() == 1
    page.get_by_role("link", name="← Về kết quả").click()
    assert page.url == results
    page.get_by_label("Từ ngày").fill("2026-10-01")
    page.get_by_role("button", name="Lọc theo ngày").click()
    assert "from=2026-10-01" in page.url
    assert page.locator(".chip").inner_text().endswith("Từ 01/10/2026")
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "from=2026-10-01" in page.url
    context.close()


def test_keyboard_reaches_the_text_first(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/search?q=buon+ma+thuot")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
    page.close()
