"""A round before anyone is asked: drafted, changed, opened or refused with every reason."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.conftest import World
from tests.webapp.office import CLOSES, Office
from webapp import queries
from webapp.faults import Refused
from webapp.operations import waves

ALL = 5


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    return made


def draft(office: Office, closes: str = CLOSES, decision: str | None = None) -> None:
    with office.act() as session:
        office.wave_id = waves.draft(
            session,
            office.clock,
            office.partnership(session),
            waves.Rules(closes),
            decision=decision,
        ).id


def change(office: Office, rules: waves.Rules, decision: str | None = None) -> None:
    with office.act() as session:
        waves.change_draft(session, office.clock, office.wave(session), rules, decision=decision)


def open_draft(office: Office) -> int:
    with office.act() as session:
        return waves.open_draft(session, office.clock, office.wave(session))


def test_a_draft_asks_nobody_until_it_is_opened(world: World) -> None:
    office = Office(world)
    office.enroll()
    draft(office, decision="whether we launch in May")
    with world.reading() as session:
        wave = office.wave(session)
        assert (wave.state, wave.open_slot, wave.opened_at) == ("draft", None, None)
        assert not queries.invitations(session, wave)
        assert queries.draft_wave(session, wave.partnership) is wave
        assert wave.partnership.facts["decision"] == "whether we launch in May"
        assert wave.partnership.facts["area"] == "Adams and Weld counties"
    assert open_draft(office) == ALL
    with world.reading() as session:
        wave = office.wave(session)
        assert (wave.state, wave.opened_at) == ("open", office.clock.now())
        assert queries.draft_wave(session, wave.partnership) is None
        assert queries.open_wave(session, wave.partnership) is wave
    assert set(office.states().values()) == {"not_sent"}


def test_a_draft_can_be_changed_and_every_fault_is_named(office: Office) -> None:
    draft(office)
    change(office, waves.Rules("2026-06-19T12:00", "named", 4), decision="whether to wait")
    with office.world.reading() as session:
        wave = office.wave(session)
        assert waves.rules_of(wave) == waves.Rules("2026-06-19T12:00", "named", 4)
        assert wave.closes_at == datetime(2026, 6, 19, 18, 0, tzinfo=UTC)
        assert wave.partnership.facts["decision"] == "whether to wait"
    with pytest.raises(Refused) as caught:
        change(office, waves.Rules("tomorrow", "secret", 2, "xx"))
    assert [fault.place for fault in caught.value.faults] == ["mode", "k", "language", "closes"]


def test_a_partnership_has_one_draft_at_a_time(world: World) -> None:
    office = Office(world)

    def attempt(_number: int) -> bool:
        try:
            draft(office)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_a_draft_can_wait_while_another_round_is_open(office: Office) -> None:
    office.open()
    opened = office.wave_id
    draft(office, "2026-07-10T17:00")
    with pytest.raises(Refused, match=f"the wave {opened} of this partnership is open"):
        open_draft(office)


def test_a_draft_whose_closing_time_is_over_is_not_opened(office: Office) -> None:
    draft(office)
    office.later(days=30)
    with pytest.raises(Refused) as caught:
        open_draft(office)
    assert [str(fault) for fault in caught.value.faults] == [
        "closes: Friday, June 12, 2026, 17:00 MDT is over"
    ]


def test_a_draft_is_opened_once(world: World) -> None:
    office = Office(world)
    office.enroll()
    draft(office)

    def attempt(_number: int) -> int:
        try:
            return open_draft(office)
        except Refused:
            return 0

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [0, 0, 0, ALL]


@pytest.mark.fault("P12")
def test_P12_the_promise_is_not_weakened_once_a_link_exists(office: Office) -> None:
    draft(office)
    open_draft(office)
    change(office, waves.Rules(CLOSES, "named"))
    change(office, waves.Rules(CLOSES, k=4))
    assert office.invite() == ALL
    with pytest.raises(Refused, match=r"the round is locked since Monday, June 1, 2026, 09:00 MDT"):
        change(office, waves.Rules(CLOSES, "named"))
    with office.world.reading() as session:
        assert waves.rules_of(office.wave(session)) == waves.Rules(CLOSES, k=4)


@pytest.mark.parametrize("state", ["closing", "closed", "canceled"])
def test_a_round_that_is_over_is_not_changed(office: Office, state: str) -> None:
    draft(office)
    with office.act() as session:
        office.wave(session).state = state
    with pytest.raises(Refused, match=f"the wave is {state}"):
        change(office, waves.Rules(CLOSES, k=4))
    with pytest.raises(Refused, match=f"the wave is {state}"):
        open_draft(office)
