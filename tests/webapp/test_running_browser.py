"""The pages of sending and of a running round in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Served
from tests.pages import follow, look, press
from tests.webapp.desk import Desk
from webapp.operations import accounts

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(served: Served) -> Desk:
    return Desk(served.world, draft=True)


@pytest.fixture
def page(served: Served, desk: Desk, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 320, "height": 640})
    found = context.new_page()
    with desk.office.act() as session:
        user = accounts.existing_user(session, "cora@board.example")
        token = accounts.mint_sign_in_link(session, served.world.clock, user)
    found.goto(f"{served.url}/sign-in/{token}")
    press(found, "Sign in")
    yield found
    context.close()


def test_from_the_draft_to_the_close_with_the_real_pages(
    served: Served, desk: Desk, page: Page
) -> None:
    page.goto(served.url + desk.address())
    follow(page, "Look at the invitations and send")
    look(page)
    press(page, "Open the pages as a champion")
    look(page)
    page.goto(served.url + desk.address("/send"))
    page.get_by_label("Now", exact=True).check()
    press(page, "Send 5 invitations")
    look(page)
    page.get_by_role("button", name="Send 5 invitations").dblclick()
    page.get_by_role("heading", name="The invitations have been sent").wait_for()
    look(page)
    follow(page, "See who has answered")
    look(page)
    for ending in ("/calls", "/more", "/reminders", "/close", "/extend", "/cancel"):
        page.goto(served.url + desk.address(ending))
        look(page)
    page.goto(served.url + desk.person("x1@one.example"))
    look(page)
    press(page, "Make a link to pass on")
    look(page)
    assert page.get_by_role("button", name="Copy the link").is_visible()
    page.goto(served.url + desk.address("/close"))
    press(page, "Close now")
    page.get_by_text("The round has closed.").first.wait_for()
    look(page)


def test_while_mail_moves_the_page_refreshes_quietly(
    served: Served, desk: Desk, page: Page
) -> None:
    page.clock.install()
    page.goto(served.url + desk.address("/send"))
    page.get_by_label("Now", exact=True).check()
    press(page, "Send 5 invitations")
    press(page, "Send 5 invitations")
    page.goto(served.url + desk.address())
    queue = page.get_by_role("status").filter(has_text="on the way out")
    assert queue.inner_text() == "5 emails are on the way out."
    page.evaluate("window.here = true")
    desk.deliver()
    page.clock.fast_forward(31_000)
    page.get_by_text("No email is waiting to go.").wait_for()
    assert page.get_by_text("handed to the mail server").count() == 5
    assert page.evaluate("window.here"), "the page itself was not loaded again"
