"""Service addresses."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from tests.conftest import World, make_world, sqlite_url
from tests.webapp.story import tell
from webapp.models import WorkerSeen
from webapp.views import status

VERSIONS = Path(__file__).parents[2] / "webapp" / "migrations" / "versions"


def newest() -> str:
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def set_revision(world: World, revision: str) -> None:
    with world.writing() as session:
        session.execute(
            text("create table if not exists alembic_version (version_num varchar(32) not null)")
        )
        session.execute(text("delete from alembic_version"))
        session.execute(text("insert into alembic_version values (:now)"), {"now": revision})
        session.commit()


def test_healthz_needs_no_database(tmp_path: Path) -> None:
    world = make_world(f"sqlite:///{tmp_path}/nowhere/muster.db", tmp_path)
    assert world.client().get("/healthz").status_code == 200
    ready = world.client().get("/readyz")
    assert ready.status_code == 503
    assert "database cannot be reached" in ready.text
    world.database.dispose()


def test_readyz_with_tables_and_a_living_worker(world: World) -> None:
    tell(world)
    set_revision(world, newest())
    assert world.client().get("/readyz").status_code == 200


@pytest.mark.fault("D08")
def test_D08_readyz_refuses_tables_of_another_version(world: World) -> None:
    tell(world)
    for revision, told in (("9999", "install that version"), ("0001", "run muster db upgrade")):
        set_revision(world, revision)
        answer = world.client().get("/readyz")
        assert answer.status_code == 503
        assert told in answer.text


@pytest.mark.fault("D10")
def test_D10_readyz_says_that_the_disk_of_the_database_is_full(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(sqlite_world)
    set_revision(sqlite_world, newest())
    assert sqlite_world.client().get("/readyz").status_code == 200
    monkeypatch.setattr(status, "LEAST_FREE", 1 << 62)
    answer = sqlite_world.client().get("/readyz")
    assert answer.status_code == 503
    assert "the disk of the database is full" in answer.text


@pytest.mark.fault("O08")
def test_O08_readyz_and_the_monitor_say_when_the_worker_is_silent(world: World) -> None:
    story = tell(world)
    set_revision(world, newest())
    client = story.signed_in("viewer")
    assert "has not been seen" not in client.get(f"/waves/{story.open_wave}").text
    world.clock.move(minutes=11)
    answer = world.client().get("/readyz")
    assert answer.status_code == 503
    assert "no worker" in answer.text
    assert "has not been seen" in client.get(f"/waves/{story.open_wave}").text
    with world.writing() as session:
        session.merge(WorkerSeen(name="w", seen_at=world.clock.now()))
        session.commit()
    assert world.client().get("/readyz").status_code == 200


@pytest.mark.fault("W08")
@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000"])
def test_W08_watchers_on_the_machine_itself_reach_the_service_addresses_and_nothing_else(
    tmp_path: Path, host: str
) -> None:
    world = make_world(
        sqlite_url(tmp_path), tmp_path, metrics="1",
        public_url="https://muster.example.org", trusted_proxies="1",
    )  # fmt: skip
    tell(world)
    client = world.app.test_client()
    for address, expected in (("/healthz", 200), ("/metrics", 200), ("/sign-in", 400), ("/", 400)):
        answer = client.get(address, base_url=f"http://{host}")
        assert (address, answer.status_code) == (address, expected)
    assert client.get("/healthz", base_url="http://evil.example").status_code == 400
    world.database.dispose()


def test_metrics_are_off_until_they_are_turned_on(tmp_path: Path) -> None:
    world = make_world(sqlite_url(tmp_path), tmp_path)
    assert world.client().get("/metrics").status_code == 404
    world.database.dispose()


@pytest.mark.parametrize("silence", [0, 90])
def test_metrics_count_messages_and_the_workers_silence(tmp_path: Path, silence: int) -> None:
    world = make_world(sqlite_url(tmp_path), tmp_path, metrics="1")
    tell(world)
    world.clock.move(seconds=silence)
    answer = world.client().get("/metrics")
    world.database.dispose()
    assert answer.mimetype == "text/plain"
    assert f"muster_worker_silence_seconds {silence}\n" in answer.text
