"""Reads: objects through the person, documents without what was erased, ids nobody has."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.webapp.office import Office
from webapp import employers, queries, uploads
from webapp.models import Chart, Export, Membership, Snapshot, SnapshotText, User
from webapp.operations import accounts
from webapp.operations import employers as employer_lists


@pytest.fixture
def office(world: World) -> Office:
    made = Office(world)
    made.enroll()
    made.open()
    return made


def user(office: Office, email: str) -> User:
    with office.act() as session:
        return accounts.user_for(session, office.clock, email)


@pytest.mark.parametrize("key", ["", "nope", "a\0b", "é", "x" * 10_000, "' or 1=1 --", "\ud800"])
@pytest.mark.fault("I08", "I11")
def test_I08_I11_an_id_that_nobody_has_finds_nothing(office: Office, key: str) -> None:
    owner = user(office, "cora@board.example")
    with office.world.reading() as session:
        assert queries.wave_for(session, owner, key) is None
        assert queries.partnership_for(session, owner, key) is None
        assert queries.wave_by_id(session, key) is None
        assert queries.partnership_by_id(session, key) is None
        assert queries.invitation_by_id(session, key) is None
        assert queries.signed_in(session, office.clock, key) is None
        assert not queries.sign_in_link_works(session, office.clock, key)


@pytest.mark.fault("A01")
def test_A01_objects_are_found_through_their_people_only(office: Office) -> None:
    owner, stranger = user(office, "cora@board.example"), user(office, "ann@alpha.example")
    other = Office(office.world)
    with office.world.reading() as session:
        assert queries.wave_for(session, owner, office.wave_id) is not None
        assert queries.wave_for(session, stranger, office.wave_id) is None
        assert queries.partnership_for(session, stranger, office.partnership_id) is None
        assert queries.membership(session, stranger, office.partnership_id) is None
        found = queries.partnerships_of(session, owner)
        assert {one.id for one in found} == {office.partnership_id, other.partnership_id}
        rounds = {one.id: one.rounds for one in found}
        assert [(one.wave.id, one.invited, one.sent) for one in rounds[office.partnership_id]] == [
            (office.wave_id, 5, 0)
        ]
        assert rounds[other.partnership_id] == ()
    other.enroll()
    other.open()
    with office.act() as session:
        invitation = office.invitation(session, "ann@alpha.example")
        assert queries.invitation_of(session, other.wave(session), invitation.id) is None
        assert queries.invitation_of(session, office.wave(session), invitation.id) is invitation
        session.add(
            Membership(
                user_id=stranger.id,
                partnership_id=office.partnership_id,
                level="viewer",
                created_at=office.clock.now(),
            )
        )
    with office.world.reading() as session:
        assert queries.wave_for(session, stranger, office.wave_id) is not None


def keep_snapshot(office: Office, kind: str = "interim") -> str:
    with office.act() as session:
        made = Snapshot(
            wave_id=office.wave_id,
            kind=kind,
            taken_at=office.clock.now(),
            body={"sentence": "{o:alpha} and {o:gone}", "comments": []},
            digest="",
            texts=[
                SnapshotText(kind="name", key="alpha", position=0, content={"name": "Alpha"}),
                SnapshotText(kind="comment", position=1, content={"text": "one"}),
                SnapshotText(
                    kind="comment",
                    position=2,
                    content={"text": "two"},
                    hidden_at=office.clock.now(),
                ),
            ],
            charts=[Chart(name="map", format="svg", content=b"<svg/>", digest="d")],
        )
        session.add(made)
        session.flush()
        return made.id


def test_a_document_joins_what_is_left_of_names_and_remarks(office: Office) -> None:
    keep_snapshot(office)
    with office.world.reading() as session:
        found = queries.snapshot(session, office.wave(session))
        assert found is not None
        assert queries.document(session, found) == {
            "sentence": "Alpha and [removed]",
            "comments": [{"text": "one"}],
        }
        assert found.body["sentence"] == "{o:alpha} and {o:gone}"
        chart = queries.chart(session, office.wave(session), "map", "svg")
        assert chart is not None
        assert chart.content == b"<svg/>"
        assert queries.chart(session, office.wave(session), "map\0", "svg") is None
        assert queries.chart(session, office.wave(session), "gaps", "svg") is None


def test_the_newest_snapshot_stands(office: Office) -> None:
    with office.world.reading() as session:
        assert queries.snapshot(session, office.wave(session)) is None
    keep_snapshot(office)
    office.later(minutes=1)
    newest = keep_snapshot(office, "final")
    with office.world.reading() as session:
        wave = office.wave(session)
        found, final = queries.snapshot(session, wave), queries.final_snapshot(session, wave)
        assert found is not None
        assert final is not None
        assert (found.id, final.id) == (newest, newest)


@pytest.mark.fault("A02")
def test_A02_a_file_is_given_to_the_person_who_asked_for_it(office: Office) -> None:
    owner, other = user(office, "cora@board.example"), user(office, "ann@alpha.example")
    snapshot = keep_snapshot(office)
    with office.act() as session:
        session.add(
            Export(snapshot_id=snapshot, user_id=owner.id, kind="zip", asked_at=office.clock.now())
        )
    with office.world.reading() as session:
        of = queries.snapshot(session, office.wave(session))
        assert of is not None
        assert queries.export(session, owner, of) is not None
        assert queries.export(session, other, of) is None
        assert len(queries.pending_exports(session)) == 1


def test_the_invite_list_holds_the_mapped_columns_of_what_fits(office: Office) -> None:
    text = "Company,Town,County,Size\nA,Greeley,Weld,60\nB,Denver,Denver,90\nC,Evans,Weld,7\n"
    with office.act() as session:
        partnership = office.partnership(session)
        partnership.facts = {"places": ["weld"], "min_employees": 50}
        planned = employer_lists.plan(partnership, uploads.read(text.encode()))
        employer_lists.apply(session, office.clock, partnership, planned)
    with office.world.reading() as session:
        partnership = office.partnership(session)
        assert queries.invite_list(session, partnership) == (
            ("company", "city", "county", "employees"),
            (("A", "Greeley", "Weld", "60"),),
        )
        record = queries.wave_facts(session, office.wave(session))
        assert (record.employers_fit, record.employers_unknown) == (1, 0)


def test_the_last_import_wins_and_columns_mapped_by_hand_are_remembered(office: Office) -> None:
    first = uploads.read(b"Firm,Heads\nA,60\nB,90\n")
    second = uploads.read(b"Heads,Firm\n10,C\n")
    for table, columns in ((first, {"employees": "Heads"}), (second, None)):
        with office.act() as session:
            partnership = office.partnership(session)
            planned = employer_lists.plan(partnership, table, columns)
            employer_lists.apply(session, office.clock, partnership, planned)
    with office.world.reading() as session:
        assert queries.employer_rows(session, office.partnership(session)) == (
            employers.Row(2, {"company": "C", "employees": "10"}),
        )


def test_without_a_list_nothing_is_counted(office: Office) -> None:
    with office.world.reading() as session:
        partnership = office.partnership(session)
        assert queries.employer_scope(session, partnership) is None
        assert queries.invite_list(session, partnership) is None
        assert not queries.setup(session, office.wave(session)).has_employer_list
