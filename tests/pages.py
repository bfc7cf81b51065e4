"""What every test in a real browser does: press something, and look for faults on a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def press(page: Page, name: str) -> None:
    """Press a button; the page it leads to has arrived afterwards, however slow the machine."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def follow(page: Page, name: str) -> None:
    """Follow the first link of this name; its page has arrived afterwards."""
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def look(page: Page, where: str = "") -> None:
    """No accessibility fault with everything unfolded, and nothing wider than the screen."""
    page.wait_for_load_state()
    where = where or page.url
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, (where, found.generate_report())
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{where} scrolls {wider} px sideways"
