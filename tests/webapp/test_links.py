"""Personal links: random, hashed, told apart by purpose, ended one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import UnmappedInstanceError

from tests.conftest import World
from tests.webapp.office import Office
from webapp import links
from webapp.faults import Refused
from webapp.models import Invitation, Link
from webapp.operations import accounts, waves

PURPOSES = (links.MAILED, links.HANDED, links.STOP)


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    made.open()
    return made


@pytest.fixture
def session(office: Office) -> Iterator[Session]:
    with office.act() as opened:
        yield opened


@pytest.fixture
def invitation(office: Office, session: Session) -> Invitation:
    return office.invitation(session, "ann@alpha.example")


@pytest.mark.fault("T02")
def test_T02_tokens_are_256_random_bits_and_all_different() -> None:
    tokens = {links.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(token) for token in tokens} == {43}
    assert all(links.looks_whole(token) for token in tokens)


@pytest.mark.fault("T03")
def test_T03_only_the_hash_of_a_token_is_stored(
    office: Office, session: Session, invitation: Invitation
) -> None:
    token = links.mint(session, office.clock, invitation, links.MAILED)
    session.commit()
    folder = office.world.settings.instance
    files = list(folder.glob("muster.db*"))
    assert files
    assert not any(token.encode() in file.read_bytes() for file in files)
    assert session.get_one(Link, links.digest(token)).invitation_id == invitation.id


@pytest.mark.parametrize(("minted", "asked"), list(permutations(PURPOSES, 2)))
@pytest.mark.fault("T07")
def test_T07_a_link_opens_nothing_but_its_own_purpose(
    office: Office, session: Session, invitation: Invitation, minted: str, asked: str
) -> None:
    token = links.mint(session, office.clock, invitation, minted)
    for find in (links.resolve, links.look_up):
        assert find(session, token, (minted,)) is not None
        assert find(session, token, (asked,)) is None


def test_a_link_that_is_looked_at_shows_what_it_opens_and_cannot_be_changed(
    office: Office, session: Session, invitation: Invitation
) -> None:
    token = links.mint(session, office.clock, invitation, links.MAILED)
    seen = links.look_up(session, token, links.ANSWERING)
    found = links.resolve(session, token, links.ANSWERING)
    assert seen is not None
    assert found is not None
    assert _shown(seen) == _shown(found)
    with pytest.raises(AttributeError):
        seen.revoked_at = office.clock.now()
    with pytest.raises(UnmappedInstanceError):
        assert seen.invitation.messages
    with pytest.raises(UnmappedInstanceError):
        session.add(seen)


def _shown(link: Link) -> list[object]:
    asked = link.invitation
    wave, person, partnership = asked.wave, asked.person, asked.wave.partnership
    return [
        *(link.purpose, link.revoked_at, asked.id, asked.role, asked.declined_at, asked.response),
        *(person.name, person.title, person.organization_name, person.introduced_by),
        *(wave.state, wave.mode, wave.k, wave.closes_at, wave.closing_at, wave.locked_setup),
        *(partnership.id, partnership.name, partnership.timezone, partnership.facts),
    ]


@pytest.mark.fault("T07")
def test_T07_sign_in_and_survey_links_are_strangers(
    office: Office, session: Session, invitation: Invitation
) -> None:
    user = accounts.existing_user(session, "cora@board.example")
    sign_in = links.mint_sign_in(session, office.clock, user, timedelta(minutes=15))
    survey = links.mint(session, office.clock, invitation, links.MAILED)
    assert links.resolve(session, sign_in, PURPOSES) is None
    assert links.live_sign_in(session, office.clock, survey) is None


@pytest.mark.fault("T08")
def test_T08_a_revoked_link_is_found_and_says_so_and_others_live(
    office: Office, session: Session, invitation: Invitation
) -> None:
    first = links.mint(session, office.clock, invitation, links.MAILED, "m1")
    second = links.mint(session, office.clock, invitation, links.MAILED, "m2")
    links.revoke(session, office.clock, invitation, message_id="m1")
    session.expire_all()
    found = links.resolve(session, first, links.ANSWERING)
    assert found is not None
    assert found.revoked_at == office.clock.now()
    other = links.resolve(session, second, links.ANSWERING)
    assert other is not None
    assert other.revoked_at is None


@pytest.mark.parametrize(
    "token", ["", "x", "x" * 42, "x" * 44, "x" * 42 + ".", "' or 1=1 --", "é" * 43]
)
@pytest.mark.fault("I08")
def test_I08_a_token_of_another_shape_is_nothing(session: Session, token: str) -> None:
    assert links.resolve(session, token, PURPOSES) is None
    assert links.look_up(session, token, PURPOSES) is None


def test_a_handed_link_locks_the_wave_and_is_no_longer_given_once_an_answer_is_saved(
    office: Office,
) -> None:
    with office.act() as session:
        token = waves.hand_link(session, office.clock, office.invitation(session, "x1@one.example"))
        assert office.wave(session).locked_at == office.clock.now()
        found = links.resolve(session, token, links.ANSWERING)
        assert found is not None
        assert found.purpose == links.HANDED
    assert office.states()["x1@one.example"] == "invited"
    office.answered("x1@one.example", "draft")
    with office.act() as session, pytest.raises(Refused, match="has saved answers"):
        waves.hand_link(session, office.clock, office.invitation(session, "x1@one.example"))
