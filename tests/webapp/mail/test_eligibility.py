"""Asked again at the moment of sending: who still gets a mail, when, and what is dropped."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.webapp.mail.stage import Stage, filed, tell
from webapp.clock import FixedClock, to_wall
from webapp.config import Settings
from webapp.database import Database
from webapp.mail.eligibility import next_working_hour
from webapp.models import AuditEntry, Wave
from webapp.worker import Worker


@pytest.fixture
def database(each_database: Database) -> Database:
    """Everything here runs on both engines."""
    return each_database


def dropped(stage: Stage) -> list[str]:
    """Why mails were dropped, as the audit says."""
    with stage.database.reading() as session:
        query = select(AuditEntry).where(AuditEntry.action == "mail dropped")
        return [entry.details["reason"] for entry in session.scalars(query.order_by(AuditEntry.id))]


def work(stage: Stage, settings: Settings) -> int:
    """How many mails of the round went; conveners may be told of it beside that."""
    before = len(filed(settings.instance))
    Worker(stage.database, settings, stage.clock).run_once()
    return len(filed(settings.instance)) - before


def set_wave(stage: Stage, **values: Any) -> None:
    with stage.database.writing() as session:
        wave = session.get_one(Wave, stage.wave)
        for name, value in values.items():
            setattr(wave, name, value)
        session.commit()


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("declined_at", "declined"),
        ("opted_out_at", "opted out"),
        ("bounced_at", "the address bounced"),
    ],
)
def test_whoever_stepped_back_gets_no_invitation(
    stage: Stage, settings: Settings, field: str, reason: str
) -> None:
    stage.invite("partner1", "partner2")
    stage.change("partner1", **{field: stage.clock.now()})
    assert work(stage, settings) == 1
    assert dropped(stage) == [reason]
    assert stage.states() == {"accepted": 1}


@pytest.mark.parametrize("state", ["closed", "canceled", "closing"])
def test_nobody_is_asked_once_the_round_is_over(
    stage: Stage, settings: Settings, state: str
) -> None:
    stage.invite("partner1")
    set_wave(stage, state=state, open_slot=None)
    work(stage, settings)
    assert dropped(stage) == ["the round is over"]


def test_nobody_is_asked_after_the_closing_time(stage: Stage, settings: Settings) -> None:
    stage.invite("partner1")
    stage.clock.move(days=10, hours=8)
    work(stage, settings)
    assert dropped(stage) == ["the round is over"]


@pytest.mark.fault("M23")
def test_M23_whoever_sends_just_before_gets_no_reminder(stage: Stage, settings: Settings) -> None:
    stage.invite("partner1")
    work(stage, settings)
    stage.clock.move(days=6)
    stage.invite("partner1", kind="reminder")
    stage.answer("partner1")
    assert work(stage, settings) == 0
    assert dropped(stage) == ["has answered"]


@pytest.mark.fault("M22")
def test_M22_a_worker_that_was_away_sends_one_reminder_not_a_stack(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, closes=timedelta(days=60))
    stage.invite()
    work(stage, settings)
    for ordinal in (1, 2):
        stage.invite(kind="reminder", ordinal=ordinal, after=3 * ordinal)
    clock.move(days=30)
    for _ in range(5):
        work(stage, settings)
    recipients = Counter(str(mail["To"]) for mail in filed(settings.instance))
    assert set(recipients.values()) == {2}, "the invitation and one reminder"
    assert dropped(stage) == ["less than 72 hours after another mail"] * 8


@pytest.mark.fault("M22")
def test_M22_a_reminder_queued_with_its_invitation_is_dropped(
    stage: Stage, settings: Settings
) -> None:
    """A worker that comes back after days must not send both at once."""
    stage.invite("partner1")
    stage.invite("partner1", kind="reminder", after=3)
    stage.clock.move(days=5)
    assert work(stage, settings) == 1
    assert [str(mail["Subject"])[:4] for mail in filed(settings.instance)] == ["Alex"]
    assert dropped(stage) == ["less than 72 hours after another mail"]


@pytest.mark.parametrize("kind", ["reminder", "started", "last_call"])
@pytest.mark.fault("M24")
def test_M24_the_database_refuses_a_third_reminder(
    database: Database, clock: FixedClock, settings: Settings, kind: str
) -> None:
    stage = tell(database, clock, closes=timedelta(days=60))
    stage.invite("partner1", "partner2")
    work(stage, settings)
    for ordinal in (1, 2):
        clock.move(days=7)
        stage.invite("partner1", kind="reminder", ordinal=ordinal)
        work(stage, settings)
    clock.move(days=7)
    with pytest.raises(IntegrityError, match="two reminders are the most"):
        stage.invite("partner1", kind=kind, ordinal=3)
    stage.invite("partner1", kind="reminder", ordinal=2)
    stage.invite("partner2", kind="reminder")
    assert work(stage, settings) == 1, "the same one again is no third; others have their own two"


@pytest.mark.parametrize("hours", [10, 71.99])
@pytest.mark.fault("M24")
def test_M24_the_database_refuses_a_reminder_within_72_hours(
    stage: Stage, settings: Settings, hours: float
) -> None:
    stage.invite("partner1")
    with pytest.raises(IntegrityError, match="less than 72 hours"):
        stage.invite("partner1", kind="reminder", after=hours / 24)
    stage.clock.move(hours=2)
    work(stage, settings)
    with pytest.raises(IntegrityError, match="less than 72 hours"):
        stage.invite("partner1", kind="reminder", after=hours / 24)
    stage.invite("partner1", kind="reminder", after=3)
    with pytest.raises(IntegrityError, match="less than 72 hours"):
        stage.invite("partner1", kind="reminder", ordinal=2, after=3 + hours / 24)


@pytest.fixture
def unruled(stage: Stage) -> Stage:
    """A database that lost its rule: what the worker asks itself must hold alone."""
    on = "" if stage.database.sqlite else " ON messages"
    with stage.database.writing() as session:
        session.execute(text(f"DROP TRIGGER reminders_within_bounds{on}"))
        session.commit()
    return stage


@pytest.mark.fault("M24")
def test_M24_the_worker_too_sends_no_third_reminder(unruled: Stage, settings: Settings) -> None:
    unruled.invite("partner1")
    work(unruled, settings)
    for ordinal in (1, 2, 3):
        unruled.clock.move(days=3)
        unruled.invite("partner1", kind="reminder", ordinal=ordinal)
        work(unruled, settings)
    assert len(filed(settings.instance)) == 3
    assert dropped(unruled) == ["two reminders are the most"]


@pytest.mark.fault("M24")
def test_M24_the_worker_too_sends_no_reminder_ten_hours_later(
    unruled: Stage, settings: Settings
) -> None:
    unruled.invite("partner1")
    work(unruled, settings)
    unruled.clock.move(hours=10)
    unruled.invite("partner1", kind="reminder")
    assert work(unruled, settings) == 0
    assert dropped(unruled) == ["less than 72 hours after another mail"]


def test_a_batch_of_mails_that_are_dropped_does_not_hide_those_behind_it(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, partners=60)
    everyone = list(stage.invitations)
    stage.invite(*everyone[:60])
    clock.move(seconds=1)
    stage.invite(*everyone[60:])
    for key in everyone[:60]:
        stage.change(key, declined_at=clock.now())
    assert work(stage, settings) == 5
    assert len(dropped(stage)) == 60


def test_no_reminder_without_an_invitation(stage: Stage, settings: Settings) -> None:
    stage.invite("partner1", kind="reminder")
    assert work(stage, settings) == 0
    assert dropped(stage) == ["the invitation has not gone"]


def test_paused_reminders_do_not_go(stage: Stage, settings: Settings) -> None:
    stage.invite("partner1")
    work(stage, settings)
    stage.clock.move(days=4)
    stage.invite("partner1", kind="reminder")
    set_wave(stage, reminders_paused=True)
    assert work(stage, settings) == 0
    assert dropped(stage) == ["reminders are paused"]


@pytest.mark.parametrize("hours", [17, 4 * 24 + 4])
@pytest.mark.fault("M25")
def test_M25_at_night_and_on_sunday_a_reminder_waits_for_the_next_working_morning(
    stage: Stage, settings: Settings, hours: int
) -> None:
    """Three days later at 02:00, or on Sunday at noon."""
    stage.invite("partner1")
    work(stage, settings)
    stage.clock.move(days=3 if hours == 17 else 1, hours=hours)
    wall = to_wall(stage.clock.now(), "America/Denver")
    assert (wall.hour, wall.weekday()) in {(2, 5), (13, 6)}
    stage.invite("partner1", kind="reminder")
    assert work(stage, settings) == 0
    (row,) = [row for row in stage.rows("partner1") if row.kind == "reminder"]
    due = to_wall(row.due_at, "America/Denver")
    assert (row.state, due.weekday(), due.hour, due.minute) == ("queued", 0, 7, 30)
    assert row.attempts == 0
    stage.clock.at = row.due_at
    assert work(stage, settings) == 1


@pytest.mark.parametrize(
    ("wall", "moved"),
    [
        ("2026-06-02T09:00", "2026-06-02T09:00"),
        ("2026-06-02T07:29", "2026-06-02T07:30"),
        ("2026-06-02T17:00", "2026-06-03T07:30"),
        ("2026-06-05T18:00", "2026-06-08T07:30"),
        ("2026-06-06T12:00", "2026-06-08T07:30"),
        ("2026-10-31T12:00", "2026-11-02T07:30"),
        ("2026-03-08T01:00", "2026-03-09T07:30"),
    ],
)
def test_the_hours_in_which_reminders_go(wall: str, moved: str) -> None:
    from webapp.clock import from_wall

    zone = "America/Denver"
    found = next_working_hour(from_wall(datetime.fromisoformat(wall), zone), zone)
    assert to_wall(found, zone).replace(tzinfo=None).isoformat(timespec="minutes") == moved


def test_a_receipt_goes_even_when_the_round_has_just_closed(
    stage: Stage, settings: Settings
) -> None:
    stage.answer("champion1")
    stage.invite("champion1", kind="receipt")
    set_wave(stage, state="closed", open_slot=None)
    assert work(stage, settings) == 1


def test_no_receipt_for_answers_that_were_taken_back(stage: Stage, settings: Settings) -> None:
    stage.answer("champion1", state="withdrawn")
    stage.invite("champion1", kind="receipt")
    assert work(stage, settings) == 0
    assert dropped(stage) == ["the answers were taken back"]


def test_the_link_that_was_asked_for_goes_until_the_minutes_of_grace_are_over(
    stage: Stage, settings: Settings
) -> None:
    stage.clock.move(days=10, hours=8, minutes=10)
    stage.invite("champion1", kind="newest_link")
    assert work(stage, settings) == 1
    stage.clock.move(minutes=6)
    stage.invite("champion1", kind="newest_link", ordinal=2)
    set_wave(stage, state="closed", open_slot=None)
    assert work(stage, settings) == 0


def test_a_sign_in_mail_nobody_waits_for_any_more_is_dropped(
    stage: Stage, settings: Settings
) -> None:
    from webapp.mail import outbox
    from webapp.models import User

    with stage.database.writing() as session:
        user = session.get_one(User, stage.owner)
        outbox.enqueue(session, stage.clock, "sign_in", key="s", user=user)
        session.commit()
    stage.clock.move(hours=2)
    assert work(stage, settings) == 0
    assert dropped(stage) == ["asked for too long ago"]
