"""The roster: what is read from a table, what a re-import does, what is refused by row."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from tests.conftest import World
from tests.webapp.office import ROSTER, Office
from webapp import queries
from webapp.faults import Refused
from webapp.models import Organization, Person

HEADER = "name,email,role,organization,status\n"


@pytest.fixture
def office(sqlite_world: World) -> Office:
    return Office(sqlite_world)


def people(office: Office) -> dict[str, Person]:
    with office.world.reading() as session:
        found = queries.people(session, office.partnership(session))
        return {one.email: one for one in found}


def faults(office: Office, rows: str, header: str = HEADER) -> list[str]:
    return [str(fault) for fault in office.plan(header + rows).faults]


def test_a_roster_is_imported_in_file_order(world: World) -> None:
    office = Office(world)
    assert str(office.enroll()) == "added 5 changed 0 unchanged 0 failed 0"
    found = people(office)
    assert list(found) == [line.split(",")[1] for line in ROSTER.splitlines()[1:]]
    assert found["x1@one.example"].status == "said_yes"
    assert found["ann@alpha.example"].organization_id == "alpha"


@pytest.mark.fault("M07")
def test_M07_the_same_file_twice_changes_nothing(office: Office) -> None:
    office.enroll()
    before = {key: one.id for key, one in people(office).items()}
    assert str(office.enroll()) == "added 0 changed 0 unchanged 5 failed 0"
    assert {key: one.id for key, one in people(office).items()} == before


def test_a_reimport_changes_and_adds_but_never_deletes(office: Office) -> None:
    office.enroll()
    text = HEADER + (
        "Ann Alpha-Lee,ANN@alpha.example,partner,alpha  ALLIANCE,\n"
        "Dee Delta,dee@delta.example,partner,Delta Bank,\n"
    )
    planned = office.plan(text)
    assert [(one.outcome, one.changes) for one in planned.planned] == [
        ("changed", ("name", "email")),
        ("added", ()),
    ]
    assert planned.missing == ("Cora Convener", "Bob Beta", "Xena One", "Xavi Two")
    assert str(office.enroll(text)) == "added 1 changed 1 unchanged 0 failed 0"
    found = people(office)
    assert len(found) == 6
    assert found["ANN@alpha.example"].organization_name == "Alpha Alliance"


def test_a_column_that_the_table_lacks_leaves_what_is_known(office: Office) -> None:
    office.enroll()
    text = "name,email,role\nXena One,x1@one.example,champion\n"
    assert str(office.enroll(text)) == "added 0 changed 0 unchanged 1 failed 0"
    assert people(office)["x1@one.example"].organization_name == "One Machining"


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("Convener", "convener"), ("co-convener", "convener"), ("Co Conveners", "convener"),
        ("Strategic Partner", "partner"), ("strategic_partners", "partner"),
        ("PARTNER", "partner"), ("CEO", "champion"), ("champion CEO", "champion"),
        ("Champions", "champion"), ("industry-champion", "champion"),
    ],
)  # fmt: skip
def test_roles_go_by_the_words_offices_use(office: Office, written: str, role: str) -> None:
    planned = office.plan(f"{HEADER}Ann,ann@x.example,{written},X,\n")
    assert [one.values["role"] for one in planned.planned] == [role], planned.faults


def test_headings_are_found_in_any_order_and_by_other_names(office: Office) -> None:
    text = (
        "COMPANY;Referred by;E-mail Address;Last Name;Job Title;First name;Stakeholder group\n"
        "Acme;Cora;ann@acme.example;Lee;Owner;Ann;CEO\n"
    )
    planned = office.plan(text)
    assert not planned.faults
    assert dict(planned.planned[0].values) == {
        "name": "Ann Lee", "email": "ann@acme.example", "role": "champion",
        "organization": "Acme", "title": "Owner", "sub_sector": "", "introduced_by": "Cora",
        "phone": "", "language": "", "status": "",
    }  # fmt: skip


@pytest.mark.parametrize("status", ["said yes", "Said-Yes", "SAID_YES", " said  yes ", "yes"])
def test_status_codes_are_folded(office: Office, status: str) -> None:
    planned = office.plan(f"{HEADER}Ann,ann@x.example,CEO,X,{status}\n")
    assert planned.planned[0].values["status"] == "said_yes"


def test_every_fault_of_every_row_is_named_by_its_spreadsheet_row(office: Office) -> None:
    rows = (
        "Ann,not an address,boss,X,maybe\n"
        ",b@x.example,partner,,\n"
        "Good,good@x.example,partner,X,\n"
        "Long,c@x.example,partner,X,,,surplus\n"
    )
    found = faults(office, rows)
    assert "row 2: role: 'boss' is none; use convener, partner or champion" in found
    assert "row 2: status: 'maybe' is none; use prospect, in talks or said yes" in found
    assert any(one.startswith("row 2: email: ") for one in found)
    assert "row 3: name: is empty" in found
    assert "row 3: organization: a partner needs one" in found
    assert "row 5: has more cells than the header; is a comma not quoted?" in found
    assert len(found) == 6
    assert office.plan(HEADER + rows).failed == 3


def test_one_faulty_row_imports_nothing_unless_partial(office: Office) -> None:
    rows = HEADER + "Ann,ann@x.example,partner,X,\nBob,nope,partner,X,\n"
    with pytest.raises(Refused, match="row 3: email"):
        office.enroll(rows)
    assert not people(office)
    assert str(office.enroll(rows, partial=True)) == "added 1 changed 0 unchanged 0 failed 1"
    assert list(people(office)) == ["ann@x.example"]


@pytest.mark.fault("M07")
def test_M07_duplicates_by_case_spaces_and_domain_letters_are_one_address(office: Office) -> None:
    rows = (
        "Cora,cora@board.example,convener,B,\n"
        "Cora, CORA@Board.Example ,partner,B,\n"
        "Cora,co ra@board.example,convener,B,\n"
        "Zoë,zoe@bücher.example,partner,B,\n"
        "Zoe,zoe@xn--bcher-kva.example,partner,B,\n"
        "Cora,cora@board.example\u200b,champion,B,\n"
    )
    assert faults(office, rows) == [
        "row 3: email: already convener in row 2",
        "row 4: email: already convener in row 2",
        "row 6: email: already partner in row 5",
        "row 7: email: already convener in row 2",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "o'brien@example.org", "ann+muster@example.org", "ann@bücher.example",
        "<ann@example.org>", "mailto:ann@example.org", "a.b-c_d@sub.example.co",
    ],
)  # fmt: skip
@pytest.mark.fault("M32")
def test_M32_unusual_addresses_that_work_are_taken(office: Office, address: str) -> None:
    planned = office.plan(f"{HEADER}Ann,{address},convener,X,\n")
    assert not planned.faults
    assert planned.planned[0].values["email"].isascii()


@pytest.mark.parametrize(
    "address",
    [
        "", "ann", "ann@", "@example.org", "ann@example", "ann@@example.org", "añn@example.org",
        "ann@exam ple..org", "a" * 65 + "@example.org", "ann@" + "a." * 160 + "org",
        "Ann Lee <ann@example.org>", "ann@example.org; bob@example.org", "ann@[10.0.0.1]",
    ],
)  # fmt: skip
@pytest.mark.fault("M32")
def test_M32_addresses_that_no_server_takes_are_refused_at_import(
    office: Office, address: str
) -> None:
    found = faults(office, f'Ann,"{address}",convener,X,\n')
    assert len(found) == 1
    assert found[0].startswith("row 2: email: ")


@pytest.mark.parametrize("breaking", ["\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028"])
@pytest.mark.fault("I09", "I10")
def test_I09_I10_line_breaks_in_a_name_are_refused(office: Office, breaking: str) -> None:
    found = faults(office, f'"Ann{breaking}Bcc: x@y.example",ann@x.example,convener,X,\n')
    assert found == ["row 2: name: has a line break in it"]


@pytest.mark.fault("I11")
def test_I11_invisible_characters_are_taken_out(office: Office) -> None:
    rows = "\u202eAnn\u200b \x00Lee\u2066,an\u200bn@x.example,con\u200bvener,X\ufeffY,\n"
    planned = office.plan(HEADER + rows)
    assert not planned.faults
    values = planned.planned[0].values
    assert (values["name"], values["email"]) == ("Ann Lee", "ann@x.example")
    assert (values["role"], values["organization"]) == ("convener", "XY")


@pytest.mark.fault("I11")
def test_I11_emoji_stay(office: Office) -> None:
    planned = office.plan(f"{HEADER}Ann 👩‍🔧 Lee,ann@x.example,convener,X,\n")
    assert planned.planned[0].values["name"] == "Ann 👩‍🔧 Lee"


@pytest.mark.parametrize("name", ["Null", "NA", "None", "True", "nan", "007"])
@pytest.mark.fault("I14")
def test_I14_people_with_awkward_names_survive(office: Office, name: str) -> None:
    office.enroll(f"{HEADER}{name},ann@x.example,partner,{name},\n")
    person = people(office)["ann@x.example"]
    assert (person.name, person.organization_name) == (name, name)


def test_missing_columns_are_named_with_those_found(office: Office) -> None:
    with pytest.raises(Refused) as caught:
        office.plan("who,mail\nAnn,ann@x.example\n")
    assert [str(fault) for fault in caught.value.faults] == [
        "row 1: no column for name; the columns are: who, mail",
        "row 1: no column for role; the columns are: who, mail",
    ]


def test_the_roster_is_capped_at_500_people(office: Office) -> None:
    rows = "".join(f"P{n},p{n}@x.example,champion,X,\n" for n in range(501))
    with pytest.raises(Refused, match="would have 501 people; 500 is the most"):
        office.plan(HEADER + rows)


def test_shared_mailboxes_and_nameless_companies_are_noticed_and_stop_nothing(
    office: Office,
) -> None:
    planned = office.plan(f"{HEADER}Ann,info@x.example,champion,,\n")
    assert not planned.faults
    assert [str(one) for one in planned.notices] == [
        "row 2: email: looks like a mailbox that several people read",
        "row 2: organization: is empty; a commitment needs a company's name",
    ]


def test_organizations_come_from_partner_rows_and_are_listed(office: Office) -> None:
    office.enroll()
    with office.world.reading() as session:
        listed = queries.listed_organizations(session, office.partnership(session))
        assert [one.name for one in listed] == ["Alpha Alliance", "Gamma College", "Beta Council"]
        everything = session.scalars(select(Organization.name)).all()
        assert {"One Machining", "Workforce Board"} <= set(everything)


@pytest.mark.fault("L15")
def test_L15_role_and_organization_stay_once_someone_has_answered(office: Office) -> None:
    office.enroll()
    office.open()
    office.answered("ann@alpha.example")
    found = faults(office, "Ann Alpha,ann@alpha.example,champion,Other Body,\n")
    assert found == [
        "row 2: role: already partner and has answered; the role stays until the close",
        "row 2: organization: has answered; the organization stays until the close",
    ]
    assert str(office.enroll(f"{HEADER}Ann A.,ann@alpha.example,partner,Alpha Alliance,\n")) == (
        "added 0 changed 1 unchanged 0 failed 0"
    )


@pytest.mark.fault("L15")
def test_L15_before_any_answer_the_open_wave_follows_a_corrected_role(office: Office) -> None:
    office.enroll()
    office.open()
    office.enroll(f"{HEADER}Ann Alpha,ann@alpha.example,champion,One Machining,\n")
    with office.world.reading() as session:
        invitation = office.invitation(session, "ann@alpha.example")
        assert invitation.role == "champion"
        assert invitation.organization_id == invitation.person.organization_id != "alpha"


def test_late_organizations_are_noticed_once_the_wave_is_locked(office: Office) -> None:
    office.enroll()
    office.open()
    office.invite()
    planned = office.plan(f"{HEADER}Dee,dee@delta.example,partner,Delta Bank,\n")
    assert "is not among those of the open round" in str(planned.notices[0])


def test_a_long_import_asks_the_database_no_more_than_a_short_one(sqlite_world: World) -> None:
    office = Office(sqlite_world)

    def asked(people: range) -> int:
        rows = [f"P{n},p{n}@o{n}.example,partner,Body {n}" for n in people]
        statements: list[str] = []
        event.listen(
            sqlite_world.database.engine,
            "before_cursor_execute",
            lambda *given: statements.append(given[2]),
        )
        office.enroll("\n".join(["name,email,role,organization", *rows]))
        return sum(one.lstrip().upper().startswith("SELECT") for one in statements)

    assert asked(range(200)) <= asked(range(200, 205)) + 2
