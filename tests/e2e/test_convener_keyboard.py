"""From a fresh installation to a closed round, as a convener who only has a keyboard."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Served
from webapp.worker import Worker

pytestmark = pytest.mark.browser

ROSTER = """Name\tEmail\tRole\tOrganization\tIntroduced by\tStatus
Dana Whitfield\tdana@board.example\tconvener\tWorkforce Board\t\t
Sam Ortiz\tsam@college.example\tpartner\tRiver College\tDana Whitfield\t
Uma Reed\tuma@chamber.example\tpartner\tWeld Chamber\tDana Whitfield\t
Rita Sol\trita@sol.example\tchampion\tSol Foods\tUma Reed\tsaid yes
"""
MOST_KEYS = 150

# What has the focus: the words a screen reader would say for it, and whether it can be seen.
FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels && one.labels.length ? one.labels[0].innerText : "";
  const outlined = getComputedStyle(one).outlineStyle !== "none";
  const next = one.nextElementSibling;
  const beside = next && getComputedStyle(next).outlineStyle !== "none";
  return { words: (one.getAttribute("aria-label") || label || one.innerText || "").trim(),
           seen: outlined || beside, tag: one.tagName };
}"""


class Keyboard:
    """One page and the keys of a keyboard; there is no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, words: str) -> None:
        """Press Tab until the focus is on what begins with ``words``; it must be seen there."""
        for _ in range(MOST_KEYS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(FOCUSED)
            if focused["words"].startswith(words):
                assert focused["seen"], f"the focus on {words!r} cannot be seen"
                return
        pytest.fail(f"{words!r} cannot be reached with the Tab key on {self.page.url}")

    def fill(self, words: str, value: str) -> None:
        self.reach(words)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(value)

    def press(self, words: str, key: str = "Enter") -> None:
        """Reach a link or a button and press it; the next page is there afterwards."""
        self.reach(words)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def choose(self, words: str) -> None:
        """Reach a group of radios and take its first one."""
        self.reach(words)
        self.page.keyboard.press("Space")

    def day(self, words: str, keys: str) -> None:
        """Type into a field of several parts, such as a day: 06122026."""
        self.reach(words)
        self.page.keyboard.type(keys)

    def heading(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()


def newest_link(served: Served, to: str, pattern: str) -> str:
    """The address in the newest mail to someone, as the person would open it."""
    served_mails = sorted(
        (served.world.settings.instance / "outbox").glob("*.eml"),
        key=lambda path: path.stat().st_mtime_ns,
    )
    for path in reversed(served_mails):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        found = re.search(pattern, text)
        if to in str(mail["To"]) and found:
            return found[0]
    pytest.fail(f"no mail to {to} holds {pattern}")


@pytest.fixture
def work(served: Served) -> Callable[[], None]:
    """Let the worker do once whatever is due."""
    world = served.world
    return lambda: Worker(world.database, world.settings, world.clock).run_once() and None


def test_from_first_run_to_a_closed_round_without_a_mouse(
    served: Served, chromium: Browser, work: Callable[[], None]
) -> None:
    context = chromium.new_context(java_script_enabled=True)
    page = context.new_page()
    keys = Keyboard(page)

    page.goto(served.url)
    keys.fill("Your name", "Dana Whitfield")
    keys.fill("Your email address", "dana@board.example")
    keys.press("Make my account")
    work()
    page.goto(newest_link(served, "dana@board.example", r"http\S+/sign-in/\S+"))
    keys.press("Sign in")

    keys.press("New partnership")
    keys.fill("Name", "Weld Food Makers")
    keys.fill("Region", "Weld and Larimer counties")
    keys.fill("Sector", "Food manufacturing")
    keys.reach("Time zone")
    page.keyboard.type("Mountain time (Denver)")
    keys.press("Make this partnership")

    keys.fill("Area", "Weld and Larimer counties")
    keys.fill("Which companies belong", "Companies that make or pack food.")
    keys.fill("Sub-sectors", "Dairy\nMeat")
    keys.press("Save the set-up")
    keys.press("Weld Food Makers")

    keys.press("The people")
    keys.fill("Paste rows from a spreadsheet", ROSTER)
    keys.press("Look at these rows")
    keys.press("Import 4 people")
    keys.press("Weld Food Makers")

    keys.press("The round and its wording")
    keys.day("Closing day", "06122026")
    keys.fill("What this decides", "whether we launch in May")
    keys.press("Save the round")
    assert "It closes Friday, June 12, 2026, 17:00 MDT." in page.inner_text("main")

    keys.press("Look at the invitations and send")
    keys.press("Send this test to me")
    work()
    trial = newest_link(served, "dana@board.example", r"http\S+/s/\S+")
    page.goto(trial)
    assert "Trial" in page.inner_text("body")
    page.go_back()
    keys.choose("Now")
    keys.press("Send 4 invitations")
    assert keys.heading() == "Send 4 invitations?"
    keys.press("Send 4 invitations")
    work()

    rita = newest_link(served, "rita@sol.example", r"http\S+/s/\S+")
    assert context.new_page().goto(rita).status == 200

    keys.press("Who has answered")
    assert "0 of 1 champion" in page.inner_text("main")
    keys.press("Close the round now")
    keys.press("Close now")
    work()
    page.reload()
    assert "closed" in page.inner_text("main")
    keys.press("See the results")
    assert keys.heading() == "Results: Weld Food Makers"
    context.close()
