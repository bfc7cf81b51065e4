"""Results pages of a second round in a real browser: axe, a narrow phone, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.analysis.test_since import changed, second
from tests.analysis.waves import TRUST, snapshot, worked_example
from tests.conftest import Served
from tests.pages import follow, press
from tests.webapp.story import Story, tell

pytestmark = pytest.mark.browser

LONG = "Association-of-" + "very-" * 8 + "Longwordmanufacturersandtheirneighborsinthewholevalley"
APART = "between--standing--convener-pooled"


@pytest.fixture
def story(served: Served) -> Story:
    people = worked_example()
    now = changed(people, "c1", "c2", **dict.fromkeys(TRUST, "5"))
    now = changed(now, "p1", "p2", "p3", "p4", "p5", "p6", **dict.fromkeys(TRUST, "2"))
    now = changed(now, "x1", "x2", "x3", **dict.fromkeys(TRUST, "2"))
    found = second(now, snapshot(people), people).document()
    found["organizations"][0]["name"] = LONG
    found["commitments"][0]["organization"] = LONG
    found["named_missing"] = [{"name": f"{LONG}{n}", "count": 2} for n in range(12)]
    found["comments"] = [
        {"question": question, "role": None, "text": "x" * 300}
        for question in ("why--team", "biggest_risk")
        for _ in range(30)
    ]
    assert found["page"]["since"]
    return tell(served.world, **found)


def addresses(story: Story) -> list[str]:
    results = f"/waves/{story.wave}/results"
    plan = f"/partnerships/{story.partnership}/plan"
    return [
        results,
        f"{results}/differences",
        f"{results}/differences/{APART}",
        f"{results}/map",
        f"{results}/comments",
        f"{results}/comments?question=why--team",
        f"{results}/answers",
        plan,
        f"{plan}/new?source=difference:{APART}",
    ]


def signed_in(served: Served, story: Story, chromium: Browser, scheme: str, width: int) -> Page:
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{served.url}/sign-in/{story.link(story.users['owner'])}")
    press(page, "Sign in")
    return page


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_every_results_page_is_whole_in_light_and_dark_wide_and_narrow(
    served: Served, story: Story, chromium: Browser, scheme: str, width: int
) -> None:
    page = signed_in(served, story, chromium, scheme, width)
    for address in addresses(story):
        page.goto(served.url + address)
        assert page.get_by_role("heading", level=1).count() == 1, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found = Axe().run(page)
        assert found.violations_count == 0, (address, found.generate_report())
    page.context.close()


def test_from_the_overview_to_a_line_on_the_plan(
    served: Served, story: Story, chromium: Browser
) -> None:
    page = signed_in(served, story, chromium, "light", 390)
    page.goto(f"{served.url}/waves/{story.wave}/results")
    with page.expect_navigation():
        page.locator(f"a[href$='{APART}']").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Trust in the convening team"
    assert page.locator("svg.scale-line").first.bounding_box()["width"] > 100
    follow(page, "Add to action plan")
    page.get_by_label("By which day?").fill("2026-06-20")
    press(page, "Put it on the plan")
    assert page.get_by_text("Saturday, June 20, 2026").is_visible()
    follow(page, "The difference it came from")
    assert page.url.endswith(APART)
    page.context.close()
