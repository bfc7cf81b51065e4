"""Set-up, round and own questions in a real browser: no fault, live sentences, the keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.conftest import Served
from tests.pages import look, press
from tests.webapp.office import CLOSES, Office
from webapp.operations import accounts, waves

pytestmark = pytest.mark.browser
PROMISE = "only as figures for at least {k} people together"


@pytest.fixture
def office(served: Served) -> Office:
    served.world.app.config["RATELIMIT_ENABLED"] = False
    made = Office(served.world)
    made.enroll()
    with made.act() as session:
        wave = waves.draft(session, made.clock, made.partnership(session), waves.Rules(CLOSES))
        waves.add_question(
            session, made.clock, wave, roles=["partner"], kind="agree", wording="We have a room."
        )
        made.wave_id = wave.id
    return made


@pytest.fixture
def contexts(served: Served, office: Office, chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Cora's browser at 320 px, once with script and once without."""
    made = []
    for script in (True, False):
        context = chromium.new_context(
            viewport={"width": 320, "height": 800}, java_script_enabled=script
        )
        with office.act() as session:
            user = accounts.existing_user(session, "cora@board.example")
            token = accounts.mint_sign_in_link(session, office.clock, user)
        page = context.new_page()
        page.goto(f"{served.url}/sign-in/{token}")
        press(page, "Sign in")
        made.append(context)
    yield made
    for context in made:
        context.close()


def test_every_page_and_every_refusal_is_sound(
    served: Served, office: Office, contexts: list[BrowserContext]
) -> None:
    page = contexts[0].new_page()
    partnership = f"{served.url}/partnerships/{office.partnership_id}"
    wave = f"{served.url}/waves/{office.wave_id}"
    for address, button in (
        (f"{served.url}/partnerships/new", "Make this partnership"),
        (f"{partnership}/setup", ""),
        (f"{wave}/setup", ""),
        (f"{wave}/questions", "Add this question"),
    ):
        page.goto(address)
        look(page)
        if button:
            press(page, button)
            assert page.title().startswith("Error: ")
            look(page)
    page.goto(f"{partnership}/setup")
    page.get_by_role("textbox", name="Area").fill("x" * 501)
    press(page, "Save the set-up")
    expect(page.locator(".errors")).to_be_focused()
    look(page)
    office.clock.move(seconds=1)
    with office.act() as session:
        waves.open_draft(session, office.clock, office.wave(session))
    office.invite()
    for address in (f"{partnership}/setup", f"{wave}/setup", f"{wave}/questions"):
        page.goto(address)
        assert "ocked since" in page.inner_text("main")
        look(page)


@pytest.mark.fault("P13")
def test_P13_the_sentences_follow_the_choice_with_and_without_script(
    served: Served, office: Office, contexts: list[BrowserContext]
) -> None:
    live, still = (context.new_page() for context in contexts)
    for page in (live, still):
        page.goto(f"{served.url}/waves/{office.wave_id}/setup")
        assert PROMISE.format(k=3) in page.inner_text("main")
        page.get_by_label("Smallest group").select_option("7")
    assert PROMISE.format(k=7) in live.inner_text("main")
    assert PROMISE.format(k=3) in still.inner_text("main")
    press(still, "Show the sentences")
    assert PROMISE.format(k=7) in still.inner_text("main")
    still.reload()
    still.goto(f"{served.url}/waves/{office.wave_id}/setup")
    assert PROMISE.format(k=3) in still.inner_text("main")


def test_organizations_and_a_round_are_set_up_with_the_keyboard(
    served: Served, office: Office, contexts: list[BrowserContext]
) -> None:
    page = contexts[1].new_page()
    page.goto(f"{served.url}/partnerships/{office.partnership_id}/setup")
    page.locator("#organization-3-name").focus()
    page.keyboard.type("Delta Bank")
    page.keyboard.press("Enter")
    page.get_by_text("Saved.").wait_for()
    assert page.locator("#organization-3-name").input_value() == "Delta Bank"
    with office.world.reading() as session:
        names = [one.name for one in office.partnership(session).organizations if one.in_facts]
    assert names == ["Alpha Alliance", "Gamma College", "Delta Bank"]
    page.goto(f"{served.url}/waves/{office.wave_id}/setup")
    page.get_by_label("What this decides").fill("whether to wait")
    page.keyboard.press("Enter")
    page.get_by_text("Saved.").wait_for()
    with office.world.reading() as session:
        assert office.partnership(session).facts["decision"] == "whether to wait"
