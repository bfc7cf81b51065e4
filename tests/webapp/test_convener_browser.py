"""Convener pages in a real browser: no accessibility fault, no sideways scroll, no script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from tests.conftest import Served
from tests.pages import press
from tests.webapp.sample_document import sample_document
from tests.webapp.story import Story, tell

pytestmark = pytest.mark.browser


@pytest.fixture
def story(served: Served) -> Story:
    return tell(served.world)


def signed_in(served: Served, story: Story, chromium: Browser, **options) -> BrowserContext:
    context = chromium.new_context(java_script_enabled=options.pop("script", True), **options)
    page = context.new_page()
    page.goto(f"{served.url}/sign-in/{story.link(story.users['owner'])}")
    press(page, "Sign in")
    assert page.url == f"{served.url}/partnerships"
    return context


def addresses(story: Story) -> list[str]:
    return [
        "/partnerships",
        f"/waves/{story.open_wave}",
        f"/waves/{story.open_wave}/results",
        f"/waves/{story.wave}",
        f"/waves/{story.wave}/results",
        f"/waves/{story.wave}/results/differences",
        f"/waves/{story.wave}/results/answers",
        "/sign-in/sent",
        "/nothing-here",
    ]


@pytest.mark.parametrize(
    "colors",
    [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}],
    ids=["light", "dark", "forced"],
)
def test_no_page_has_an_accessibility_fault(
    served: Served, story: Story, chromium: Browser, colors: dict[str, str]
) -> None:
    context = signed_in(served, story, chromium, **colors)
    page = context.new_page()
    for address in addresses(story):
        page.goto(served.url + address)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
    context.clear_cookies()
    page.goto(f"{served.url}/sign-in")
    with page.expect_navigation():
        page.get_by_role("button").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_nothing_scrolls_sideways_on_a_narrow_phone(served: Served, chromium: Browser) -> None:
    document = sample_document()
    long = (
        "Association-of-" + "very-" * 10 + "Longwordmanufacturersandtheirneighborsinthewholevalley"
    )
    document["wave"]["partnership"] = long
    for one in document["organizations"]:
        one["name"] = long
    document["comments"] = [{"question": "biggest_risk", "role": None, "text": "x" * 400}]
    story = tell(served.world, **document)
    context = signed_in(served, story, chromium, viewport={"width": 320, "height": 640})
    page = context.new_page()
    for address in addresses(story):
        page.goto(served.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
    context.close()


def test_everything_works_without_script_and_the_policy_breaks_nothing(
    served: Served, story: Story, chromium: Browser
) -> None:
    said: list[str] = []
    context = signed_in(served, story, chromium, script=False)
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{served.url}/waves/{story.wave}/results")
    press(page, "Prepare the files")
    assert page.url.endswith("/export.zip")
    assert page.get_by_role("heading", level=1).inner_text() == "The files are being prepared"
    page.goto(f"{served.url}/partnerships")
    press(page, "Sign out")
    assert page.url == f"{served.url}/sign-in"
    assert said == []
    context.close()
