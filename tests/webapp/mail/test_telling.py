"""The mail to conveners: at most one a day, only with news, in working hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest

from tests.webapp.mail.stage import Stage, filed, parts, tell
from webapp.clock import FixedClock, from_wall, to_wall
from webapp.config import Settings
from webapp.database import Database
from webapp.models import Membership, Message, User
from webapp.operations import waves
from webapp.worker import Worker


@pytest.fixture
def database(each_database: Database) -> Database:
    """Everything here runs on both engines."""
    return each_database


@pytest.fixture
def worker(stage: Stage, settings: Settings) -> Worker:
    return Worker(stage.database, settings, stage.clock)


def mails(settings: Settings) -> list[EmailMessage]:
    """The mails to conveners as those who act for a round."""
    return filed(settings.instance, "conveners")


def work(worker: Worker, stage: Stage, **later: float) -> None:
    """What a worker does over the next minutes, after the clock has moved."""
    stage.clock.move(**later)
    for _ in range(3):
        worker.run_once()
        stage.clock.move(minutes=10)


def put(stage: Stage, key: str, state: str) -> None:
    with stage.database.writing() as session:
        session.get_one(Message, stage.row(key).id).state = state
        session.commit()


def test_conveners_are_told_once_what_needs_them(
    stage: Stage, settings: Settings, worker: Worker
) -> None:
    stage.invite()
    work(worker, stage)
    assert mails(settings) == [], "nothing needs them"
    stage.change("champion1", bounced_at=stage.clock.now())
    put(stage, "champion2", "unknown")
    put(stage, "partner1", "failed")
    work(worker, stage, hours=1)
    (mail,) = mails(settings)
    assert str(mail["Subject"]) == "Some mail needs you: Front Range Makers"
    plain = " ".join(parts(mail)[0].split())
    for words in ("1 address does not work.", "1 email was refused", "1 email may or may not"):
        assert words in plain
    for _ in range(3):
        work(worker, stage, days=1)
    assert len(mails(settings)) == 1, "they know it"
    put(stage, "champion3", "unknown")
    work(worker, stage, hours=1)
    put(stage, "partner2", "failed")
    work(worker, stage, hours=1)
    assert len(mails(settings)) == 2, "at most one a day"
    work(worker, stage, days=3)
    assert len(mails(settings)) == 3
    assert "2 emails were refused or came back." in parts(mails(settings)[-1])[0]


def test_at_night_and_on_sunday_conveners_sleep(
    stage: Stage, settings: Settings, worker: Worker
) -> None:
    stage.invite()
    work(worker, stage)
    stage.change("champion1", bounced_at=stage.clock.now())
    # Tuesday 22:00, then Saturday noon, then Monday morning in Denver.
    work(worker, stage, hours=13)
    work(worker, stage, days=3, hours=14)
    assert mails(settings) == []
    work(worker, stage, days=1, hours=20)
    assert len(mails(settings)) == 1


def test_a_round_that_closes_soon_and_a_group_one_reply_short(
    stage: Stage, settings: Settings, worker: Worker
) -> None:
    stage.invite()
    work(worker, stage)
    for key in ("champion1", "champion2", "partner1"):
        stage.answer(key)
    work(worker, stage, days=6)
    assert mails(settings) == []
    work(worker, stage, days=2)
    (mail,) = mails(settings)
    assert str(mail["Subject"]) == "One reply is missing: Front Range Makers"
    plain = " ".join(parts(mail)[0].split())
    assert "One more reply from champions would help most." in plain
    assert "A group with fewer than 3 replies is not shown by itself." in plain
    assert "The round closes Friday, June 12, 2026, 17:00 MDT." in plain
    work(worker, stage, days=1)
    assert len(mails(settings)) == 1


def test_nobody_is_told_of_a_close_when_everyone_has_answered(
    stage: Stage, settings: Settings, worker: Worker
) -> None:
    for key in stage.invitations:
        stage.answer(key)
    work(worker, stage, days=8)
    assert mails(settings) == []


def test_results_are_told_at_once_even_in_the_evening(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, closes=timedelta(hours=14))
    worker = Worker(database, settings, clock)
    work(worker, stage, hours=14, minutes=16)
    work(worker, stage, minutes=10)
    (mail,) = mails(settings)
    assert str(mail["Subject"]) == "The results are ready: Front Range Makers"
    assert f"https://muster.example.org/waves/{stage.wave}/results" in parts(mail)[0]
    work(worker, stage, days=1)
    work(worker, stage, days=20)
    assert len(mails(settings)) == 1


def test_those_who_only_read_are_not_asked_to_act(
    stage: Stage, settings: Settings, worker: Worker
) -> None:
    with stage.database.writing() as session:
        for level in ("editor", "viewer"):
            address = f"{level}@example.org"
            user = User(email=address, folded_email=address, created_at=stage.clock.now())
            session.add(user)
            session.flush()
            session.add(
                Membership(
                    user_id=user.id,
                    partnership_id=stage.partnership,
                    level=level,
                    created_at=stage.clock.now(),
                )
            )
        session.commit()
    stage.invite()
    work(worker, stage)
    stage.change("champion1", bounced_at=stage.clock.now())
    work(worker, stage, hours=1)
    assert sorted(str(mail["To"]) for mail in mails(settings)) == [
        "Dana Whitfield <convener1@example.org>",
        "editor@example.org",
    ]


@pytest.mark.fault("S03")
def test_S03_reminders_keep_the_hour_of_the_wall_across_the_change_of_the_clocks() -> None:
    zone = "America/Denver"
    morning, evening = (
        from_wall(datetime.fromisoformat(f"2026-03-06T{time}"), zone) for time in ("07:30", "17:30")
    )
    moved = waves.next_working_hour(evening, zone)
    assert to_wall(moved, zone).strftime("%a %H:%M %Z") == "Mon 07:30 MDT"
    assert moved - morning == timedelta(days=3, hours=-1)
