"""A wave from opening to close: one at a time, one batch, locked facts, reminders within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.webapp.office import FACTS, Office
from webapp import queries
from webapp.clock import to_wall
from webapp.faults import Refused
from webapp.models import AuditEntry, Invitation, Message, Wave
from webapp.operations import partnerships, waves

ALL = 5


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    return made


@pytest.fixture
def invited(office: Office) -> Office:
    office.open()
    assert office.invite() == ALL
    return office


def messages(office: Office, kind: str) -> list[Message]:
    with office.world.reading() as session:
        query = select(Message).where(Message.kind == kind).order_by(Message.key)
        return list(session.scalars(query))


def test_a_wave_closes_at_the_wall_time_of_its_partnership(world: World) -> None:
    office = Office(world)
    office.enroll()
    office.open("2026-06-12T17:00")
    with office.world.reading() as session:
        wave = office.wave(session)
        assert wave.closes_at == datetime(2026, 6, 12, 23, 0, tzinfo=UTC)
        assert (wave.closes_wall, wave.state, wave.k) == ("2026-06-12T17:00", "open", 3)
        assert len(queries.invitations(session, wave)) == ALL
    assert set(office.states().values()) == {"not_sent"}


@pytest.mark.parametrize(
    ("closes", "reason"),
    [
        ("2026-05-31T17:00", "is over"), ("tomorrow", "is no day and time"),
        ("2026-06-12", "is no day and time"), ("2026-06-12T17:00Z", "without a zone"),
        ("2027-03-14T02:30", "does not exist"), ("2026-13-01T10:00", "is no day and time"),
    ],
)  # fmt: skip
@pytest.mark.fault("S01")
def test_S01_a_closing_time_that_cannot_be_is_refused(
    office: Office, closes: str, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        office.open(closes)


@pytest.mark.fault("S02")
def test_S02_a_time_that_comes_twice_is_the_first(office: Office) -> None:
    office.open("2026-11-01T01:30")
    with office.world.reading() as session:
        assert office.wave(session).closes_at == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("more", [{"k": 2}, {"k": 11}, {"mode": "open"}])
def test_rules_of_a_wave_have_bounds(office: Office, more: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        office.open(**more)


def test_one_wave_of_a_partnership_is_open_at_a_time(world: World) -> None:
    office = Office(world)
    first = office.open()
    with pytest.raises(Refused, match=f"the wave {first} of this partnership is open"):
        office.open()
    with office.act() as session:
        waves.cancel(session, office.clock, office.wave(session))
    assert office.open() != first


def test_two_who_open_at_once_get_one_wave(world: World) -> None:
    office = Office(world)

    def attempt(_number: int) -> bool:
        try:
            with world.writing() as session:
                waves.open_wave(
                    session, world.clock, office.partnership(session), closes="2026-06-12T17:00"
                )
                session.commit()
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


@pytest.mark.fault("M06")
def test_M06_two_conveners_who_press_send_at_once_send_one_batch(world: World) -> None:
    office = Office(world)
    office.enroll()
    office.open()
    with ThreadPoolExecutor(4) as pool:
        queued = list(pool.map(lambda _number: office.invite(), range(4)))
    assert sorted(queued) == [0, 0, 0, ALL]
    assert len(messages(office, "invitation")) == ALL


def test_inviting_is_by_role_and_later_people_are_invited_later(office: Office) -> None:
    office.open()
    assert office.invite("champion") == 2
    assert office.invite("champion") == 0
    assert office.invite() == 3
    office.enroll("name,email,role,organization\nDee,dee@delta.example,partner,Delta Bank\n")
    assert office.invite() == 1
    with pytest.raises(Refused, match="role"):
        office.invite("boss")


def test_people_who_are_done_are_not_invited(office: Office) -> None:
    office.open()
    office.answered("x1@one.example")
    with office.act() as session:
        office.invitation(session, "x2@two.example").declined_at = office.clock.now()
        office.invitation(session, "bob@beta.example").opted_out_at = office.clock.now()
    assert office.invite() == 2


@pytest.mark.fault("M21")
def test_M21_who_opted_out_is_not_mailed_in_the_next_wave(invited: Office) -> None:
    with invited.act() as session:
        invited.invitation(session, "bob@beta.example").opted_out_at = invited.clock.now()
        waves.cancel(session, invited.clock, invited.wave(session))
    invited.open()
    assert invited.invite() == ALL - 1
    assert invited.states()["bob@beta.example"] == "opted_out"


@pytest.mark.fault("L17")
def test_L17_a_new_wave_starts_without_links_and_answers(invited: Office) -> None:
    invited.deliver()
    invited.answered("ann@alpha.example")
    with invited.act() as session:
        invited.invitation(session, "x1@one.example").declined_at = invited.clock.now()
        invited.invitation(session, "x2@two.example").bounced_at = invited.clock.now()
        bob = invited.invitation(session, "bob@beta.example")
        token = waves.hand_link(session, invited.clock, bob)
    assert invited.states()["ann@alpha.example"] == "sent"
    with invited.act() as session:
        waves.close(session, invited.clock, invited.wave(session))
    invited.open()
    assert set(invited.states().values()) == {"not_sent"}
    with invited.world.reading() as session:
        copied = select(Invitation).where(Invitation.wave_id == invited.wave_id)
        begun = session.scalars(copied).all()
        assert len(begun) == ALL
        assert not [link for one in begun for link in one.links]
        assert not [one.response for one in begun if one.response]
        assert not [one.messages for one in begun if one.messages]
    landing = invited.world.client(cookies=False).get(f"/s/{token}")
    assert landing.status_code == 410, "the link of the round before opens no new one"


@pytest.mark.fault("L14", "P12")
def test_L14_P12_the_first_mail_locks_what_questions_show(invited: Office) -> None:
    changed = {**FACTS, "area": "Somewhere else", "sub_sectors": ["Machining"]}
    with invited.act() as session, pytest.raises(Refused) as caught:
        partnerships.set_facts(session, invited.clock, invited.partnership(session), changed)
    assert [fault.place for fault in caught.value.faults] == ["area", "sub_sectors"]
    assert "locked since Monday, June 1, 2026, 09:00 MDT" in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"decision": "whether to wait"}, {"results_date": "2026-07-01"}, {"company_count": 120},
        {"places": ["Weld"]}, {"min_employees": 50}, {"industries": ["Metal"]}, {"min_wage": 20},
    ],
)  # fmt: skip
def test_what_no_question_shows_stays_free(invited: Office, change: dict[str, Any]) -> None:
    with invited.act() as session:
        partnerships.set_facts(
            session, invited.clock, invited.partnership(session), {**FACTS, **change}
        )
    with invited.world.reading() as session:
        setup = queries.setup(session, invited.wave(session))
        assert setup.area == FACTS["area"]
        assert invited.partnership(session).facts.items() >= change.items()


@pytest.mark.parametrize(
    "organizations",
    [
        FACTS["organizations"][:1],
        [*FACTS["organizations"], {"name": "New Body"}],
        FACTS["organizations"][::-1],
        [{**FACTS["organizations"][0], "kind": "convening"}, FACTS["organizations"][1]],
    ],
)
@pytest.mark.fault("L14")
def test_L14_organizations_are_locked_with_the_rest(
    invited: Office, organizations: list[Mapping[str, Any]]
) -> None:
    with invited.act() as session, pytest.raises(Refused, match="organizations"):
        partnerships.set_facts(
            session,
            invited.clock,
            invited.partnership(session),
            {**FACTS, "organizations": organizations},
        )


def test_the_same_facts_again_are_no_change(invited: Office) -> None:
    with invited.act() as session:
        partnerships.set_facts(session, invited.clock, invited.partnership(session), FACTS)


def test_facts_are_free_before_the_first_link_and_after_the_close(office: Office) -> None:
    office.open()
    with office.act() as session:
        changed = {**FACTS, "area": "Weld only"}
        partnerships.set_facts(session, office.clock, office.partnership(session), changed)
    office.invite()
    with office.act() as session:
        waves.close(session, office.clock, office.wave(session))
        changed = {**FACTS, "area": "After"}
        partnerships.set_facts(session, office.clock, office.partnership(session), changed)
    with office.world.reading() as session:
        wave = office.wave(session)
        assert queries.setup(session, wave).area == "Weld only"
        assert queries.wave_facts(session, wave).setup.area == "Weld only"
        assert queries.wave_facts(session, wave, set_up_now=True).setup.area == "After"


# --- Reminders ------------------------------------------------------------------------------


@pytest.mark.fault("M24")
def test_M24_a_second_mail_waits_72_hours_and_a_third_reminder_never_comes(
    invited: Office,
) -> None:
    invited.deliver()
    invited.later(hours=10)
    assert invited.remind() == ALL
    first = messages(invited, "reminder")[0].due_at
    assert first >= messages(invited, "invitation")[0].accepted_at + timedelta(hours=72)  # type: ignore[operator]
    assert invited.remind() == 0
    invited.clock.at = first
    invited.deliver()
    invited.later(hours=10)
    assert invited.remind() == 0
    invited.later(hours=62)
    assert invited.remind() == ALL
    invited.later(hours=72)
    invited.deliver()
    with invited.act() as session:
        waves.extend(session, invited.clock, invited.wave(session), "2026-07-31T17:00")
    invited.later(days=10)
    assert invited.remind() == 0
    assert len(messages(invited, "reminder")) == 2 * ALL


@pytest.mark.fault("M23")
def test_M23_nobody_is_reminded_who_is_done_or_was_never_invited(office: Office) -> None:
    office.open()
    office.invite("partner")
    office.invite("champion")
    office.deliver()
    office.later(hours=80)
    office.answered("ann@alpha.example")
    office.answered("x1@one.example", "draft")
    with office.act() as session:
        office.invitation(session, "x2@two.example").bounced_at = office.clock.now()
    assert office.remind() == 2
    with office.world.reading() as session:
        invitations = {one.invitation_id for one in messages(office, "reminder")}
        assert invitations == {
            office.invitation(session, "bob@beta.example").id,
            office.invitation(session, "x1@one.example").id,
        }


def test_no_reminder_is_queued_that_would_come_after_the_close(invited: Office) -> None:
    invited.deliver()
    invited.clock.at = datetime(2026, 6, 12, 22, 59, 30, tzinfo=UTC)
    assert invited.remind() == ALL
    invited.later(minutes=1)
    with pytest.raises(Refused, match="closed Friday, June 12, 2026, 17:00 MDT"):
        invited.remind()


def test_paused_reminders_are_refused(invited: Office) -> None:
    with invited.act() as session:
        invited.wave(session).reminders_paused = True
    with pytest.raises(Refused, match="paused"):
        invited.remind()


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2026-06-02T15:00", "2026-06-02T15:00"),  # Tuesday 09:00
        ("2026-06-02T08:00", "2026-06-02T13:30"),  # Tuesday 02:00
        ("2026-06-02T23:00", "2026-06-03T13:30"),  # Tuesday 17:00
        ("2026-06-05T23:30", "2026-06-08T13:30"),  # Friday evening
        ("2026-06-06T16:00", "2026-06-08T13:30"),  # Saturday
        ("2026-06-07T16:00", "2026-06-08T13:30"),  # Sunday
        ("2026-11-01T07:30", "2026-11-02T14:30"),  # Sunday on which the clocks go back
        ("2027-03-14T08:30", "2027-03-15T13:30"),  # Sunday on which they go forward
    ],
)
@pytest.mark.fault("M25", "S03")
def test_M25_S03_reminders_go_in_working_hours_of_the_partnership(moment: str, goes: str) -> None:
    found = waves.next_working_hour(
        datetime.fromisoformat(moment).replace(tzinfo=UTC), "America/Denver"
    )
    assert found == datetime.fromisoformat(goes).replace(tzinfo=UTC)
    wall = to_wall(found, "America/Denver")
    assert wall.weekday() < 5
    assert "07:30" <= f"{wall:%H:%M}" < "17:00"


# --- Steps ----------------------------------------------------------------------------------


def act(office: Office, step: str) -> None:
    with office.act() as session:
        wave = office.wave(session)
        match step:
            case "extend":
                waves.extend(session, office.clock, wave, "2026-06-20T17:00")
            case "cancel":
                waves.cancel(session, office.clock, wave)
            case "close":
                waves.close(session, office.clock, wave)
            case "invite":
                waves.invite(session, office.clock, wave)
            case "remind":
                waves.remind(session, office.clock, wave)
            case "link":
                waves.hand_link(session, office.clock, office.invitation(session, "x1@one.example"))


STEPS = ("extend", "cancel", "close", "invite", "remind", "link")


@pytest.mark.parametrize("state", ["closing", "closed", "canceled", "draft"])
@pytest.mark.parametrize("step", STEPS)
@pytest.mark.fault("L12")
def test_L12_only_legal_steps_are_taken(office: Office, state: str, step: str) -> None:
    office.open()
    with office.act() as session:
        office.wave(session).state = state
    if (state, step) == ("draft", "cancel"):
        act(office, step)
        return
    with pytest.raises(Refused, match=f"the wave is {state}"):
        act(office, step)
    with office.world.reading() as session:
        assert office.wave(session).state == state


@pytest.mark.fault("L12")
def test_L12_a_wave_is_extended_until_it_closes_and_never_shortened(office: Office) -> None:
    office.open()
    act(office, "extend")
    with office.act() as session, pytest.raises(Refused, match="must be later than"):
        waves.extend(session, office.clock, office.wave(session), "2026-06-19T17:00")
    office.clock.at = datetime(2026, 6, 20, 23, 0, tzinfo=UTC)
    with office.act() as session, pytest.raises(Refused, match="the wave closed"):
        waves.extend(session, office.clock, office.wave(session), "2026-06-30T17:00")


@pytest.mark.fault("L10")
def test_L10_answers_are_taken_for_15_minutes_after_the_clock_and_not_after_a_close_by_hand(
    office: Office,
) -> None:
    office.open()
    with office.world.reading() as session:
        wave = office.wave(session)
        assert wave.takes_answers(wave.closes_at + timedelta(minutes=15))
        assert not wave.takes_answers(wave.closes_at + timedelta(minutes=16))
    with office.world.reading() as session:
        office.clock.at = datetime(2026, 6, 12, 23, 14, tzinfo=UTC)
        assert not queries.due_to_close(session, office.clock)
        office.later(minutes=2)
        assert [one.id for one in queries.due_to_close(session, office.clock)] == [office.wave_id]
    act(office, "close")
    with office.world.reading() as session:
        wave = office.wave(session)
        assert (wave.state, wave.closing_at) == ("closing", wave.closes_at)
        assert not wave.takes_answers(office.clock.now())
        assert [one.id for one in queries.due_to_finish(session)] == [office.wave_id]


def test_a_canceled_wave_sends_no_mail_that_waited(invited: Office) -> None:
    act(invited, "cancel")
    assert not messages(invited, "invitation")


@pytest.mark.fault("O07")
def test_O07_every_step_is_in_the_audit_list(invited: Office) -> None:
    act(invited, "extend")
    act(invited, "link")
    act(invited, "close")
    with invited.world.reading() as session:
        entries = session.execute(
            select(AuditEntry.action, AuditEntry.actor, AuditEntry.details).order_by(AuditEntry.id)
        ).all()
    assert [entry.action for entry in entries] == [
        "add user", "create partnership", "set facts", "import roster", "open wave", "invite",
        "extend wave", "hand link", "close wave",
    ]  # fmt: skip
    assert {entry.actor for entry in entries} == {"command line"}
    assert entries[5].details["queued"] == ALL


# --- What is shown --------------------------------------------------------------------------


def test_the_status_names_every_state(invited: Office) -> None:
    invited.deliver()
    invited.answered("ann@alpha.example")
    invited.answered("bob@beta.example", "draft")
    invited.answered("cora@board.example", "withdrawn")
    with invited.act() as session:
        invited.invitation(session, "x1@one.example").declined_at = invited.clock.now()
        invited.invitation(session, "x2@two.example").bounced_at = invited.clock.now()
    with invited.world.reading() as session:
        status = queries.wave_status(session, invited.wave(session))
    assert status["closes_at"] == "2026-06-12T23:00:00Z"
    assert {one["email"]: one["state"] for one in status["invitations"]} == {
        "cora@board.example": "withdrawn", "ann@alpha.example": "sent",
        "bob@beta.example": "started", "x1@one.example": "declined", "x2@two.example": "bounced",
    }  # fmt: skip
    assert {one["mail"] for one in status["invitations"]} == {"accepted"}
    assert status["response"] == {
        "convener": {"invited": 1, "started": 0, "sent": 0, "declined": 0},
        "partner": {"invited": 2, "started": 2, "sent": 1, "declined": 0},
        "champion": {"invited": 2, "started": 0, "sent": 0, "declined": 1},
    }


@pytest.mark.fault("T11")
def test_T11_being_looked_at_shows_nothing(invited: Office) -> None:
    invited.deliver()
    assert set(invited.states().values()) == {"invited"}
    with invited.world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Wave)) == 1


def test_the_record_for_the_gate_holds_roles_ids_and_users(invited: Office) -> None:
    with invited.world.reading() as session:
        record = queries.wave_facts(session, invited.wave(session))
    by_role = [(one.role, one.organization, one.status, one.is_user) for one in record.invited]
    assert by_role[0][0] == "convener"
    assert by_role[0][3] is True
    assert by_role[1] == ("partner", "alpha", "", False)
    assert by_role[3][2] == "said_yes"
    assert set(record.organization_names.values()) == {
        "Workforce Board", "Alpha Alliance", "Beta Council", "Gamma College", "One Machining",
        "Two Electronics",
    }  # fmt: skip
    assert [one.name for one in record.setup.organizations] == [
        "Alpha Alliance", "Gamma College", "Beta Council",
    ]  # fmt: skip
    assert record.setup.champions == ("Xena One, One Machining",)
    assert record.people_names[0] == "Cora Convener"
