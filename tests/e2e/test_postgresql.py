"""One whole journey in a real browser on PostgreSQL, with the real worker and its mails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from tests.conftest import Postgres, Served, free_port, make_world
from tests.pages import press
from tests.webapp.office import Office
from webapp import links, queries
from webapp.demo.respondents import Character, answer, mailed_links, over_network
from webapp.operations import waves
from webapp.worker import Worker

pytestmark = pytest.mark.browser
# What conveners type and tick; everything else is the first that is offered.
ANSWERS = {
    "c_evidence": ["lmi"], "c_company_count": "120", "c_fte": "0.5", "c_fte_months": "6",
}  # fmt: skip


@pytest.fixture
def on_postgres(postgres: Postgres, tmp_path: Path) -> Iterator[Served]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    made = make_world(postgres.fresh(), tmp_path, public_url=url)
    server = create_server(made.app, host="127.0.0.1", port=port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(made, url)
    server.close()
    thread.join(timeout=5)
    made.database.dispose()


def work(served: Served) -> None:
    worker = Worker(served.world.database, served.world.settings, served.world.clock)
    assert worker.run_once().well


def fill(page: Page) -> None:
    """The first offered answer to every question of one page."""
    for name in page.eval_on_selector_all(
        "form[method=post] input[type=radio]", "all => [...new Set(all.map(one => one.name))]"
    ):
        page.locator(f"[name='{name}'] + label").first.click()
    press(page, "Save and continue")


def test_from_the_mail_to_the_results_in_a_browser_on_postgresql(
    on_postgres: Served, chromium: Browser, tmp_path: Path
) -> None:
    office = Office(on_postgres.world)
    office.enroll()
    office.open()
    assert office.invite() == 5
    work(on_postgres)
    found = mailed_links(tmp_path / "outbox")
    assert len(found) == 5

    page = chromium.new_page(viewport={"width": 390, "height": 800})
    page.goto(found["x1@one.example"])
    with page.expect_navigation():
        page.locator("a.start").click()
    for _ in range(12):
        if page.url.endswith("/check"):
            break
        fill(page)
    press(page, "Send my answers")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")
    page.close()
    for address in sorted(set(found) - {"x1@one.example"}):
        answer(over_network, found[address], Character(address, answers=ANSWERS))
    assert set(office.states().values()) == {"sent"}

    with office.act() as session:
        waves.close(session, office.clock, office.wave(session))
        user = queries.user_by_email(session, "cora@board.example")
        token = links.mint_sign_in(session, office.clock, user, timedelta(minutes=15))
    work(on_postgres)
    assert len(list((tmp_path / "outbox").glob("*.eml"))) >= 10, "five receipts left too"

    page = chromium.new_page()
    page.goto(f"{on_postgres.url}/sign-in/{token}")
    with page.expect_navigation():
        page.get_by_role("button").first.click()
    page.goto(f"{on_postgres.url}/waves/{office.wave_id}/results")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "of 19" in page.inner_text("main")
    broken = page.eval_on_selector_all(
        "img", "all => all.filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
    )
    assert broken == []
    page.close()
