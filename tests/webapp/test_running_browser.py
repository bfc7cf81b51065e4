"""The pages of sending and of a running round in a real browser."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Served
from tests.pages import follow, look, press
from tests.webapp.desk import Desk
from tests.webapp.office import Office
from webapp.operations import accounts

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(served: Served) -> Desk:
    return Desk(served.world, draft=True)


@pytest.fixture
def page(served: Served, desk: Desk, chromium: Browser) -> Iterator[Page]:
    found = opened(served, desk.office, chromium)
    yield found
    found.context.close()


def opened(served: Served, office: Office, chromium: Browser) -> Page:
    """A phone on which a convener has signed in."""
    page = chromium.new_context(viewport={"width": 320, "height": 640}).new_page()
    with office.act() as session:
        user = accounts.existing_user(session, "cora@board.example")
        token = accounts.mint_sign_in_link(session, served.world.clock, user)
    page.goto(f"{served.url}/sign-in/{token}")
    press(page, "Sign in")
    return page


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


def test_whom_to_call_prints_on_two_sheets_for_fifteen_people(
    served: Served, chromium: Browser, tmp_path: Path, pdftotext: str
) -> None:
    office = Office(served.world)
    rows = [
        f"Pat Person {n},p{n}@co{n}.example,{'champion' if n % 2 else 'partner'},"
        f"The Regional Association of Manufacturers {n},,+1 555 01{n:02d}"
        for n in range(15)
    ]
    first = "Cora Convener,cora@board.example,convener,Workforce Board,,"
    office.enroll("\n".join(["name,email,role,organization,status,phone", first, *rows]))
    office.open()
    office.invite()
    office.deliver()
    office.answered("cora@board.example")
    page = opened(served, office, chromium)
    page.goto(f"{served.url}/waves/{office.wave_id}/calls")
    page.pdf(path=str(tmp_path / "calls.pdf"), format="Letter")
    page.context.close()
    made = subprocess.run([pdftotext, tmp_path / "calls.pdf", "-"], capture_output=True, check=True)
    words = made.stdout.decode()
    assert words.count("\f") <= 2
    assert words.count("Pat Person") == words.count("+1 555") == 15
    # The same words to say stand once for each group.
    assert words.count("Could you do it today?") == 2
