"""From a fresh installation to one's own partnership in a real browser, and the pages around it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Served
from tests.pages import follow, press
from tests.pages import look as sound
from webapp.operations import accounts

pytestmark = pytest.mark.browser

EMAIL = "dana@board.example"


@pytest.fixture(params=[320, 1280])
def page(served: Served, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    served.world.app.config["RATELIMIT_ENABLED"] = False
    context = chromium.new_context(viewport={"width": request.param, "height": 900})
    yield context.new_page()
    context.close()


def look(page: Page, title: str) -> None:
    page.wait_for_load_state()
    assert page.title().startswith(title), page.title()
    sound(page, title)


def printed_link(served: Served) -> str:
    """What the operator prints at the command line."""
    world = served.world
    with world.writing() as session:
        user = accounts.existing_user(session, EMAIL)
        token = accounts.mint_sign_in_link(session, world.clock, user)
        session.commit()
    return f"{served.url}/sign-in/{token}"


def test_from_the_first_page_to_one_s_own_partnership(served: Served, page: Page) -> None:
    page.goto(served.url)
    look(page, "Set up Muster")
    press(page, "Make my account")
    look(page, "Error: Set up Muster")
    page.get_by_label("Your name").fill("Dana Kim")
    page.get_by_label("Your email address").fill(EMAIL)
    press(page, "Make my account")
    look(page, "Your account is made")
    assert f"muster user sign-in-link {EMAIL}" in page.inner_text("main")
    page.goto(printed_link(served))
    press(page, "Sign in")
    look(page, "Your partnerships")
    press(page, "Open the example")
    look(page, "Example: Front Range")
    assert page.get_by_text("Example", exact=True).first.is_visible()
    follow(page, "History: who did what")
    look(page, "History: Example")
    page.go_back()
    press(page, "Delete the example")
    look(page, "Your partnerships")
    follow(page, "Account")
    look(page, "Your account")
    follow(page, "Mail settings")
    press(page, "Send a test message to me")
    look(page, "Mail settings")
    follow(page, "Your partnerships")
    follow(page, "New partnership")
    page.get_by_label("Name", exact=True).fill("Two Rivers")
    page.get_by_label("Region").fill("Adams County")
    page.get_by_label("Sector").fill("Manufacturing")
    page.get_by_label("Time zone").select_option("America/Denver")
    press(page, "Make this partnership")
    with page.expect_navigation():
        page.get_by_role("link", name="Two Rivers", exact=True).first.click()
    look(page, "Two Rivers")
    with page.expect_navigation():
        page.get_by_role("link", name="Team", exact=True).click()
    look(page, "Team: Two Rivers")
    press(page, "Mail the invitation")
    look(page, "Error: Team: Two Rivers")
    page.get_by_label("Their email address").fill("ann@board.example")
    page.get_by_text("Also set up and send").click()
    press(page, "Mail the invitation")
    look(page, "Team: Two Rivers")
    assert page.get_by_text("An invitation to ann@board.example is on its way.").is_visible()
