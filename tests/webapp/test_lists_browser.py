"""The roster and scope pages in a real browser, in every state a table can bring them to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import Served
from tests.pages import follow, press
from tests.pages import look as sound
from tests.webapp.story import Story, tell
from tests.webapp.test_scope_page import LIST, SLICE

pytestmark = pytest.mark.browser

PEOPLE = (
    "name,email,role,organization\nAnn Alpha,ann@alpha.example,partner,Alpha Alliance\n"
    "Xena One,x1@one.example,champion,One Machining\nNo Address,nowhere,champion,\n"
)


@pytest.fixture
def story(served: Served) -> Story:
    served.world.app.config["RATELIMIT_ENABLED"] = False
    return tell(served.world)


@pytest.fixture(params=[{"width": 320, "height": 800}, {"width": 1280, "height": 900}])
def page(served: Served, story: Story, chromium: Browser, request) -> Iterator[Page]:
    context = chromium.new_context(viewport=request.param)
    found = context.new_page()
    found.goto(f"{served.url}/sign-in/{story.link(story.users['owner'])}")
    press(found, "Sign in")
    yield found
    context.close()


def look(page: Page) -> None:
    sound(page)
    keep_picture(page)


def keep_picture(page: Page) -> None:
    folder = os.environ.get("MUSTER_TEST_PICTURES")
    if folder:
        width = page.viewport_size["width"]
        name = page.title().split(":")[0 if "Error" not in page.title() else 1].strip()
        number = len(list(Path(folder).iterdir()))
        page.screenshot(path=f"{folder}/{width}-{number:02d}-{name[:20]}.png", full_page=True)


def test_a_roster_from_the_clipboard_to_the_list(served: Served, story: Story, page: Page) -> None:
    page.goto(f"{served.url}/partnerships/{story.partnership}/roster")
    look(page)
    page.get_by_label("Paste rows from a spreadsheet").fill("who,where\nAnn,here\n")
    press(page, "Look at these rows")
    look(page)
    page.get_by_label("Paste rows from a spreadsheet").fill(PEOPLE)
    press(page, "Look at these rows")
    look(page)
    press(page, "Show all 3 rows")
    look(page)
    press(page, "Continue with the 2 rows that are right")
    page.get_by_text("Imported: 2 added, 0 changed.").wait_for()
    look(page)
    follow(page, "Change Xena One")
    page.get_by_label("Status of a champion").select_option("Said yes")
    look(page)
    press(page, "Save")
    page.get_by_role("cell", name="said yes").wait_for()


def test_a_list_of_employers_from_the_file_to_the_count(
    served: Served, story: Story, page: Page, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(LIST, "cp1252")
    (tmp_path / "slice.csv").write_text(SLICE, "utf-8")
    page.goto(f"{served.url}/partnerships/{story.partnership}/scope")
    look(page)
    page.get_by_label("Choose a file").set_input_files(tmp_path / "list.csv")
    press(page, "Look at this list")
    look(page)
    press(page, "Keep this list")
    page.get_by_text("Kept: 8 rows, 6 companies.").wait_for()
    page.get_by_label("NAICS codes").fill("332")
    page.get_by_label("Smallest number of employees").fill("50")
    press(page, "Save and count again")
    page.get_by_text("1 more if you go down to 40 employees").wait_for()
    look(page)
    follow(page, "Look at published labor-market counts")
    look(page)
    page.get_by_label("Choose a file").set_input_files(tmp_path / "slice.csv")
    press(page, "Look at this file")
    page.get_by_label("Areas").select_option("08001")
    press(page, "Show these counts")
    page.get_by_text("Private employers, 2025 quarter 1").wait_for()
    look(page)
