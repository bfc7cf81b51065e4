"""Pictures and files are served from the store, as fast as people can press, up to a bound."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from limits import parse

from tests.conftest import World
from tests.webapp.story import SVG, csrf_token, tell
from webapp.clock import FixedClock
from webapp.extensions import limiter
from webapp.views.results.files import ASKED, SERVED
from webapp.worker import Worker


def used_up(world: World, bound: str, endpoint: str, left: int) -> None:
    """Take all of a bound but so much."""
    with world.app.app_context():
        item = parse(bound)
        assert limiter.limiter.hit(item, "127.0.0.1", endpoint, cost=item.amount - left)


@pytest.mark.fault("O02")
def test_O02_pictures_are_served_from_the_store_and_bounded(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    client = story.signed_in("viewer")
    address = f"/waves/{story.wave}/charts/readiness.svg"
    before = story.rows()
    # Fifty a second for a minute are within the bound.
    assert parse(SERVED).amount == 50 * 60
    used_up(sqlite_world, SERVED, "results.chart", left=100)
    for _ in range(100):
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (200, SVG)
    refused = client.get(address)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert story.rows() == before
    known = client.get(f"/waves/{story.wave}/results")
    assert known.status_code == 200


@pytest.mark.fault("O02")
@pytest.mark.parametrize("what", ["export", "report"])
def test_O02_asking_makes_one_job_and_is_bounded(sqlite_world: World, what: str) -> None:
    story = tell(sqlite_world)
    client = story.signed_in("viewer")
    form = {"csrf_token": csrf_token(client.get(f"/waves/{story.wave}/report"))}
    used_up(sqlite_world, ASKED, {"export": "results.ask_export", "report": "reports.ask"}[what], 5)
    for _ in range(5):
        assert client.post(f"/waves/{story.wave}/{what}", data=form).status_code == 303
    assert client.post(f"/waves/{story.wave}/{what}", data=form).status_code == 429
    made = [row for row in story.rows() if row.startswith("exports ")]
    assert len(made) == {"export": 1, "report": 2}[what]


class Ticking(FixedClock):
    """A clock that moves on each time it is asked, as a real one does."""

    def now(self) -> datetime:
        self.move(microseconds=1)
        return super().now()


def test_the_worker_makes_what_is_due_while_its_clock_goes_on(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    client = story.signed_in("viewer")
    form = {"csrf_token": csrf_token(client.get(f"/waves/{story.wave}/report"))}
    client.post(f"/waves/{story.wave}/export", data=form)
    clock = Ticking(sqlite_world.clock.now())
    Worker(sqlite_world.database, sqlite_world.settings, clock, name="w").run_once()
    assert client.get(f"/waves/{story.wave}/export.zip").status_code == 200


@pytest.mark.fault("O02")
def test_O02_a_web_process_cannot_draw() -> None:
    program = (
        "import sys, webapp; from webapp.operations import ask_for_files; "
        "print([one for one in sys.modules if one.split('.')[0] in "
        "('analysis', 'pandas', 'matplotlib', 'scipy', 'weasyprint')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
