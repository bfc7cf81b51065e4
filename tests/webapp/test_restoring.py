"""Yesterday's backup comes back: nothing is sent, nobody erased returns, all of it is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.conftest import World, make_world
from tests.webapp.kept import answered, empty_url, migrated
from tests.webapp.respond.asked import words
from tests.webapp.story import csrf_token
from webapp import links, queries, safekeeping
from webapp.database import Database
from webapp.erasures import ErasureLog
from webapp.mail import outbox, pausing
from webapp.models import Invitation, Message, Person, Response, User, UserSession, Wave
from webapp.operations import erasing, restoring
from webapp.worker import Worker

EMAIL = "champion@people.example"
REASON = "Muster was restored from a backup, made Monday, June 1, 2026, 15:00 UTC."


@pytest.fixture
def yesterday(tmp_path: Path) -> Iterator[World]:
    """A backup, ``yesterday``, of an open round with mail waiting: now due, and due next week."""
    world = migrated(f"sqlite:///{tmp_path / 'muster.db'}", tmp_path)
    asked = answered(world, closed=False)
    later = world.clock.now() + timedelta(days=7)
    asked.unlink("partner")
    with world.writing() as session:
        invitation = session.get_one(Invitation, asked.invitations["second"])
        outbox.enqueue(
            session, world.clock, "reminder", key="l", invitation=invitation, due_at=later
        )
        user = session.scalars(select(User)).one()
        session.add(
            UserSession(
                token_hash="0" * 64, user_id=user.id, created_at=later, expires_at=later
            )
        )  # fmt: skip
        session.commit()
    safekeeping.back_up(world.database, tmp_path / "yesterday", world.clock.now())
    world.clock.move(days=1)
    asked.link("partner", links.MAILED)
    yield world
    world.database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def restored(
    request: pytest.FixtureRequest, yesterday: World, tmp_path: Path
) -> Iterator[tuple[World, restoring.Aftermath]]:
    """The world of yesterday, restored today on either engine; a champion was erased since."""
    with yesterday.writing() as session:
        erasing.erase(session, yesterday.clock, EMAIL)
        session.commit()
    log = ErasureLog.of(yesterday.settings)
    # Erased once, long before the backup, and asked anew since: this person stays.
    log.add("second@people.example", yesterday.clock.now() - timedelta(days=30))
    log.add(EMAIL, yesterday.clock.now())
    target = Database(empty_url(request.param, request, tmp_path / "today.db"))
    found: list[restoring.Aftermath] = []
    safekeeping.restore(
        tmp_path / "yesterday",
        target,
        lambda session, of: found.append(
            restoring.see_to(session, yesterday.clock, log, of.made_at)
        ),
    )
    world = make_world(target.url.render_as_string(hide_password=False), tmp_path)
    world.clock.at = yesterday.clock.now()
    target.dispose()
    yield world, found[0]
    world.database.dispose()


def worker(world: World) -> Worker:
    return Worker(world.database, world.settings, world.clock)


def mails(folder: Path) -> list[str]:
    return sorted(one.name for one in (folder / "outbox").glob("*.eml"))


@pytest.mark.fault("D03")
def test_D03_nothing_is_sent_until_it_is_released_and_then_nothing_twice(
    restored: tuple[World, restoring.Aftermath], tmp_path: Path
) -> None:
    world, told = restored
    with world.reading() as session:
        paused = queries.mail_paused(session)
        assert paused is not None
        assert paused.because == REASON
        doubtful = session.scalars(select(Message).where(Message.state == "unknown")).all()
    assert told.unknown == len(doubtful) >= 1
    assert {"may have gone since" in one.server_said for one in doubtful} == {True}
    for _ in range(3):
        worker(world).run_once()
        world.clock.move(days=3)
    assert mails(tmp_path) == []
    with world.writing() as session:
        assert pausing.release(session, world.clock, "command line")
        session.commit()
    worker(world).run_once()
    with world.reading() as session:
        left = session.scalars(select(Message.state)).all()
    assert left.count("unknown") == told.unknown, "what may have gone is a person's to decide"
    assert len(mails(tmp_path)) <= 1


@pytest.mark.fault("D03")
def test_D03_it_is_told_what_no_backup_can_know(
    restored: tuple[World, restoring.Aftermath],
) -> None:
    world, told = restored
    assert (told.rounds, told.unreadable) == (1, 0)
    assert told.linkless == ("partner@people.example",), "the link was mailed after the backup"
    with world.reading() as session:
        assert session.scalars(select(Wave.reminders_paused)).all() == [True]
        assert session.scalar(select(func.count()).select_from(UserSession)) == 0


@pytest.mark.fault("D03")
def test_D03_a_banner_says_why_no_mail_goes(
    restored: tuple[World, restoring.Aftermath],
) -> None:
    world, _ = restored
    with world.writing() as session:
        user = session.scalars(select(User)).one()
        user.is_admin = True
        token = links.mint_sign_in(session, world.clock, user, timedelta(minutes=15))
        wave = session.scalars(select(Wave.id)).one()
        session.commit()
    client = world.client()
    form = {"csrf_token": csrf_token(client.get(f"/sign-in/{token}"))}
    client.post(f"/sign-in/{token}", data=form)
    page = words(client.get(f"/waves/{wave}"))
    assert f"No mail goes out at present. The reason: {REASON}" in page
    assert "goes by itself" not in page, "somebody has to let it"
    assert "Mail goes again after the command muster mail release" in page
    assert "on the way out" not in page
    settings = words(client.get("/settings/mail"))
    assert f"Mail is paused. The reason is: {REASON}" in settings
    assert "It goes again after the command muster mail release." in settings


@pytest.mark.fault("D04")
def test_D04_whoever_was_erased_since_is_erased_again(
    restored: tuple[World, restoring.Aftermath],
) -> None:
    world, told = restored
    assert [one.people for one in told.erased] == [1]
    with world.reading() as session:
        assert EMAIL not in session.scalars(select(Person.folded_email)).all()
        assert session.scalar(select(func.count()).select_from(Response)) == 1
        assert "second@people.example" in session.scalars(select(Person.folded_email)).all()
