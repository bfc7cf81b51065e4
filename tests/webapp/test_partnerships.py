"""A partnership is made with its owner; its facts keep organizations and their ids."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.webapp.office import FACTS, Office
from webapp import queries
from webapp.faults import Refused
from webapp.models import Membership, Organization, Person, User
from webapp.operations import partnerships


@pytest.fixture
def office(sqlite_world: World) -> Office:
    return Office(sqlite_world)


def create(office: Office, **given: str) -> str:
    values = {
        "name": "N", "region": "R", "sector": "S", "owner": "o@x.example",
        "timezone": "America/Chicago",
    }  # fmt: skip
    with office.act() as session:
        return partnerships.create(session, office.clock, **(values | given)).id


def set_facts(office: Office, **facts: Any) -> None:
    with office.act() as session:
        partnerships.set_facts(session, office.clock, office.partnership(session), facts)


def listed(office: Office) -> list[tuple[str, str]]:
    with office.world.reading() as session:
        found = queries.listed_organizations(session, office.partnership(session))
        return [(one.id, one.name) for one in found]


def test_the_owner_gets_an_account_once(world: World) -> None:
    office = Office(world)
    create(office, owner="Cora@Board.example")
    with office.world.reading() as session:
        users = session.scalars(select(User)).all()
        assert [user.email for user in users] == ["cora@board.example"]
        levels = session.scalars(select(Membership.level)).all()
        assert list(levels) == ["owner", "owner"]


def test_every_fault_is_named_and_nothing_is_made(office: Office) -> None:
    with pytest.raises(Refused) as caught:
        create(office, name=" ", region="a\nb", timezone="Mars/Base", owner="nobody")
    assert [fault.place for fault in caught.value.faults] == ["name", "region", "timezone", "owner"]
    with office.world.reading() as session:
        assert len(session.scalars(select(User)).all()) == 1


@pytest.mark.parametrize(
    ("zone", "known"),
    [
        ("America/Denver", True), ("UTC", True), ("US/Mountain", True), ("MST7MDT", False),
        ("", False), ("../../etc/passwd", False), ("/etc/passwd", False), ("America/", False),
        ("denver", False), ("America/Denver\n", False),
    ],
)  # fmt: skip
def test_only_names_of_zones_are_zones(zone: str, known: bool) -> None:
    assert partnerships.is_zone(zone) is known


def test_facts_replace_facts(office: Office) -> None:
    set_facts(office, area="Weld", min_employees=50)
    with office.world.reading() as session:
        assert office.partnership(session).facts == {"area": "Weld", "min_employees": 50}


def test_unknown_facts_and_wrong_kinds_are_named_together(office: Office) -> None:
    with pytest.raises(Refused) as caught:
        set_facts(office, areas="Weld", min_employees="fifty", naics="332")
    assert len(caught.value.faults) == 3
    with office.world.reading() as session:
        assert office.partnership(session).facts["area"] == FACTS["area"]


def test_organizations_without_ids_keep_the_ids_they_got(office: Office) -> None:
    set_facts(office, organizations=[{"name": "One"}, {"name": "Two"}])
    before = {name: key for key, name in listed(office)}
    set_facts(office, organizations=[{"name": "two "}, {"name": "ONE"}, {"name": "Three"}])
    after = listed(office)
    assert [name for _, name in after] == ["two", "ONE", "Three"]
    assert [key for key, _ in after[:2]] == [before["Two"], before["One"]]


def test_a_body_that_the_facts_drop_stays_as_long_as_a_partner_is_from_it(office: Office) -> None:
    office.enroll()
    set_facts(office, organizations=[])
    assert [name for _, name in listed(office)] == ["Alpha Alliance", "Beta Council"]
    with office.world.reading() as session:
        assert session.get(Organization, (office.partnership_id, "gamma")) is None


def test_facts_may_name_a_body_that_the_roster_brought_in(office: Office) -> None:
    office.enroll()
    given = [{"id": "beta", "name": "BETA council", "kind": "convening"}]
    set_facts(office, organizations=[*FACTS["organizations"], *given])
    assert ("beta", "BETA council") in listed(office)
    with office.world.reading() as session:
        person = session.scalars(select(Person).where(Person.email == "bob@beta.example")).one()
        assert person.organization_id == "beta"
        assert len(session.scalars(select(Organization)).all()) == 6


def test_an_id_that_answers_already_refer_to_is_kept(office: Office) -> None:
    office.enroll()
    office.open()
    office.invite()
    with office.act() as session:
        office.wave(session).state = "closed"
        office.wave(session).open_slot = None
    with pytest.raises(Refused, match="keep it"):
        set_facts(office, organizations=[{"id": "beta", "name": "Beta Council"}])


def test_two_bodies_may_swap_names(office: Office) -> None:
    swapped = [
        {"id": "alpha", "name": "Gamma College"},
        {"id": "gamma", "name": "Alpha Alliance"},
    ]
    set_facts(office, organizations=swapped)
    assert listed(office) == [("alpha", "Gamma College"), ("gamma", "Alpha Alliance")]


def test_bodies_to_rate_are_named_by_id_or_name(office: Office) -> None:
    set_facts(office, **(FACTS | {"rate_organizations": ["gamma", "alpha alliance"]}))
    with office.world.reading() as session:
        setup = queries.setup_now(session, office.partnership(session))
        assert [one.id for one in setup.rated_by_champions] == ["gamma", "alpha"]
    with pytest.raises(Refused, match="no organization has the id 'nobody'"):
        set_facts(office, **(FACTS | {"rate_organizations": ["nobody"]}))
