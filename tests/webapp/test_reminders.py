"""Planned reminders: proposed, kept within the rules, carried out once, left out when missed."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.webapp.desk import Desk, words
from webapp.clock import from_wall
from webapp.models import Message
from webapp.operations import waves


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


@pytest.fixture
def sqlite_desk(sqlite_world: World) -> Desk:
    return Desk(sqlite_world)


# --- Reminders ------------------------------------------------------------------------------

ALL = 5
PLAN = {
    "first_day": "2026-06-04", "first_time": "09:30",
    "second_day": "2026-06-09", "second_time": "07:30",
}  # fmt: skip


def planned(desk: Desk, **changes: str) -> TestResponse:
    return desk.post(desk.address("/reminders"), **(PLAN | changes))


def reminded(desk: Desk) -> int:
    desk.deliver()
    desk.deliver()
    with desk.world.reading() as session:
        query = select(Message).where(Message.kind == "reminder", Message.state == "accepted")
        return len(session.scalars(query).all())


def test_planned_reminders_go_by_themselves_to_whoever_has_not_sent(desk: Desk) -> None:
    assert planned(desk).status_code == 303
    desk.office.answered("x1@one.example")
    desk.office.later(days=2)
    assert reminded(desk) == 0
    desk.office.later(days=1, hours=1)
    assert reminded(desk) == 4
    assert reminded(desk) == 4
    desk.office.answered("x2@two.example")
    desk.office.later(days=5)
    assert reminded(desk) == 7


@pytest.mark.fault("M22")
def test_M22_a_reminder_the_worker_slept_through_is_left_out(desk: Desk) -> None:
    planned(desk)
    desk.office.later(days=9, hours=5)
    assert reminded(desk) == 0
    with desk.world.reading() as session:
        plan = waves.plan_of(desk.office.wave(session))
    assert [one.state for one in plan] == ["missed", "missed"]


@pytest.mark.fault("M24")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"first_day": "2026-06-02"}, "less than 72 hours"),
        ({"second_day": "2026-06-05"}, "less than 72 hours"),
        ({"second_day": "2026-06-15"}, "comes after the close"),
        ({"first_day": "2026-06-06"}, "Monday to Friday"),
        ({"second_time": "06:00"}, "Monday to Friday"),
        ({"first_time": ""}, "needs a day and a time"),
    ],
)
def test_M24_a_plan_outside_the_rules_comes_back(
    sqlite_desk: Desk, changes: dict[str, str], reason: str
) -> None:
    refused = planned(sqlite_desk, **changes)
    assert refused.status_code == 422
    assert reason in words(refused)
    assert PLAN["second_time"] in words(refused) or "06:00" in words(refused)


@pytest.mark.fault("M24")
def test_M24_no_third_reminder_is_planned(sqlite_desk: Desk) -> None:
    desk = sqlite_desk
    planned(desk)
    desk.office.later(days=3, hours=1)
    assert reminded(desk) == 5
    desk.client = desk.sign_in("cora@board.example")
    refused = planned(desk, first_day="2026-06-09", first_time="07:30", second_day="2026-06-12")
    assert refused.status_code == 422
    assert "2 reminders are the most" in words(refused)


def test_paused_reminders_do_not_go(desk: Desk) -> None:
    planned(desk)
    assert desk.post(desk.address("/reminders/pause")).status_code == 303
    assert "Reminders are paused" in desk.get()
    desk.office.later(days=3, hours=1)
    assert reminded(desk) == 0
    desk.client = desk.sign_in("cora@board.example")
    desk.post(desk.address("/reminders/pause"), how="continue")
    desk.office.later(days=5)
    assert reminded(desk) == 5


@pytest.mark.fault("S04")
def test_S04_a_changed_zone_moves_the_reminders_along(sqlite_desk: Desk) -> None:
    planned(sqlite_desk)
    with sqlite_desk.office.act() as session:
        sqlite_desk.office.partnership(session).timezone = "America/New_York"
    assert "June 4, 2026, 09:30 EDT" in sqlite_desk.get()


@pytest.mark.parametrize(
    ("goes", "closes", "walls"),
    [
        # Monday to Friday a week later: the last call on Thursday, the first as Tuesday allows.
        ("2026-06-01T09:00", "2026-06-12T17:00", ("2026-06-05T07:30", "2026-06-11T07:30")),
        ("2026-06-02T07:30", "2026-06-16T17:00", ("2026-06-09T07:30", "2026-06-15T07:30")),
        # A close on Monday: the last call on Friday.
        ("2026-06-02T07:30", "2026-06-15T12:00", ("2026-06-09T07:30", "2026-06-12T07:30")),
        ("2026-06-02T07:30", "2026-06-05T17:00", ()),
        ("2026-06-02T07:30", "2026-06-08T17:00", ("2026-06-05T07:30",)),
    ],
)
def test_the_proposed_plan(goes: str, closes: str, walls: tuple[str, ...]) -> None:
    zone = "America/Denver"
    moments = [from_wall(datetime.fromisoformat(one), zone) for one in (goes, closes)]
    assert waves.proposed(*moments, zone) == walls


def test_a_plan_of_exactly_72_hours_waits_for_the_mails_that_went_a_little_late(
    desk: Desk,
) -> None:
    times = {"first_day": "2026-06-05", "first_time": "08:00"}
    assert planned(desk, **times, second_day="2026-06-08", second_time="08:00").status_code == 303
    desk.office.later(days=3, hours=23, minutes=10)
    assert reminded(desk) == ALL
    desk.office.later(days=2, hours=23, minutes=55)
    assert reminded(desk) == ALL
    desk.office.later(minutes=6)
    assert reminded(desk) == 2 * ALL
