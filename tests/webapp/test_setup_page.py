"""Set-up in the browser: a partnership is made, its facts are kept, locked and moved in time."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.browsing import fields, signed_in
from tests.webapp.office import CLOSES, FACTS, Office
from tests.webapp.story import csrf_token
from tests.webapp.test_scope_page import plain
from webapp import queries
from webapp.models import Membership, Message, Partnership
from webapp.operations import accounts, waves

NEW = {
    "name": "Two Rivers Metal",
    "region": "Adams and Weld",
    "sector": "Metal",
    "timezone": "America/Denver",
}


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    return made


@pytest.fixture
def cora(office: Office) -> CheckingClient:
    return signed_in(office.world, "cora@board.example")


def page(office: Office) -> str:
    return f"/partnerships/{office.partnership_id}/setup"


def stored(office: Office) -> Partnership:
    with office.world.reading() as session:
        found = office.partnership(session)
        assert found.organizations is not None
        return found


# --- A new partnership ----------------------------------------------------------------------


def test_whoever_makes_a_partnership_owns_it(world: World) -> None:
    with world.writing() as session:
        accounts.user_for(session, world.clock, "new@board.example")
        session.commit()
    client = signed_in(world, "new@board.example")
    form = client.get("/partnerships/new")
    answer = client.post("/partnerships/new", data=NEW | {"csrf_token": csrf_token(form)})
    assert answer.status_code == 303
    with world.reading() as session:
        made = session.scalars(select(Partnership)).one()
        member = session.scalars(select(Membership)).one()
    assert answer.location == f"/partnerships/{made.id}/setup"
    assert (made.name, made.timezone, member.level) == (NEW["name"], "America/Denver", "owner")
    assert "you are its owner" in plain(client.get(answer.location))


def test_what_is_wrong_with_a_new_partnership_is_named_and_kept(world: World) -> None:
    with world.writing() as session:
        accounts.user_for(session, world.clock, "new@board.example")
        session.commit()
    client = signed_in(world, "new@board.example")
    form = {"csrf_token": csrf_token(client.get("/partnerships/new"))}
    answer = client.post("/partnerships/new", data=NEW | form | {"region": " ", "timezone": ""})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "<title>Error: New partnership</title>" in text
    assert 'value="Two Rivers Metal"' in text
    assert "Region: is empty" in text
    assert "Time zone: is not chosen" in text
    wrong = client.post("/partnerships/new", data=NEW | form | {"timezone": "Mars/Base"})
    assert wrong.status_code == 422
    with world.reading() as session:
        assert session.scalars(select(Partnership)).first() is None


# --- Facts ----------------------------------------------------------------------------------


def test_a_form_sent_back_as_it_came_changes_nothing(office: Office, cora: CheckingClient) -> None:
    before = stored(office)
    assert cora.post(page(office), data=fields(cora.get(page(office)))).status_code == 303
    after = stored(office)
    given = {key: value for key, value in after.facts.items() if value is not False}
    assert given == before.facts
    assert [(one.id, one.name, one.kind) for one in after.organizations] == [
        (one.id, one.name, one.kind) for one in before.organizations
    ]


def test_a_form_without_fields_changes_nothing(office: Office, cora: CheckingClient) -> None:
    before = stored(office).facts
    form = {"csrf_token": csrf_token(cora.get(page(office)))}
    assert cora.post(page(office), data=form).status_code == 303
    assert stored(office).facts == before


def test_facts_of_every_kind_are_kept(office: Office, cora: CheckingClient) -> None:
    form = fields(cora.get(page(office))) | {
        "area": "Weld county",
        "naics": "332, 3364",
        "sub_sectors": "Machining\nTool making\n",
        "criteria": ["job_quality", "firm_size"],
        "min_employees": "50",
        "min_wage": "$22.50",
        "company_count": "1,200",
        "ancillary_decided": "partly",
        "launch_date": "2027-05-04",
        "letter_draft": "Dear colleague,\n\nwill you join us?",
        "show_champions": "on",
    }
    assert cora.post(page(office), data=form).status_code == 303
    facts = stored(office).facts
    assert facts["naics"] == ["332", "3364"]
    assert facts["sub_sectors"] == ["Machining", "Tool making"]
    assert facts["criteria"] == ["job_quality", "firm_size"]
    assert (facts["min_employees"], facts["min_wage"], facts["company_count"]) == (50, 22.5, 1200)
    assert facts["launch_date"] == "2027-05-04"
    assert facts["show_champions"] is True
    assert facts["decision"] == "whether we launch"
    text = plain(cora.get(page(office))).replace(" ,", ",").replace(" .", ".")
    assert "8 of 11 parts are filled in." in text
    assert (
        "Still open: which companies belong, when people hear the result, "
        "name of the convening team." in text
    )


def test_organizations_are_added_named_moved_and_removed(
    office: Office, cora: CheckingClient
) -> None:
    form = fields(cora.get(page(office))) | {
        "organization-1-place": "2",
        "organization-2-place": "1",
        "organization-2-name": "Gamma Community College",
        "organization-2-rated": "on",
        "organization-3-name": "Delta Bank",
        "organization-3-kind": "other",
        "organization-3-around": "talent",
        "organization-3-rated": "on",
    }
    assert cora.post(page(office), data=form).status_code == 303
    found = [one for one in stored(office).organizations if one.in_facts]
    assert [one.name for one in found] == [
        "Gamma Community College", "Alpha Alliance", "Delta Bank",
    ]  # fmt: skip
    assert (found[0].id, found[1].id, found[2].around) == ("gamma", "alpha", "talent")
    assert stored(office).facts["rate_organizations"] == ["gamma", found[2].id]
    again = fields(cora.get(page(office))) | {"organization-1-remove": "on"}
    assert cora.post(page(office), data=again).status_code == 303
    left = [one.name for one in stored(office).organizations if one.in_facts]
    assert left == ["Alpha Alliance", "Delta Bank"]


def test_a_fault_is_named_at_its_field_and_nothing_is_lost(
    office: Office, cora: CheckingClient
) -> None:
    form = fields(cora.get(page(office))) | {
        "area": "x" * 501,
        "naics": "332, abc",
        "organization-2-name": "",
        "organization-3-name": "alpha  ALLIANCE",
        "launch_date": "May 4",
    }
    answer = cora.post(page(office), data=form)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    summary = text.split('id="error-title"')[1].split("</ul>")[0]
    for target in ("area", "naics", "organization-2-name", "organization-3-name", "launch_date"):
        assert f'href="#{target}"' in summary
        assert f'id="{target}"' in text
    assert "x" * 501 in text
    assert 'value="332, abc"' in text
    assert "is also that of organization 1" in text
    assert stored(office).facts["area"] == FACTS["area"]
    number = cora.post(page(office), data=form | {"min_employees": "fifty"})
    assert "is not a number" in plain(number)


def test_nobody_writes_over_what_they_never_saw(office: Office, cora: CheckingClient) -> None:
    mine = fields(cora.get(page(office)))
    theirs = fields(cora.get(page(office))) | {"area": "Weld county"}
    assert cora.post(page(office), data=theirs).status_code == 303
    answer = cora.post(page(office), data=mine | {"launch_date": "2027-05-04"})
    assert answer.status_code == 422
    assert "The set-up was changed after you opened this page" in plain(answer)
    assert 'value="2027-05-04"' in answer.get_data(as_text=True)
    assert stored(office).facts["area"] == "Weld county"
    again = fields(answer) | {"area": "Weld county"}
    assert cora.post(page(office), data=again).status_code == 303
    facts = stored(office).facts
    assert (facts["area"], facts["launch_date"]) == ("Weld county", "2027-05-04")


@pytest.mark.fault("L14")
def test_L14_locked_facts_are_shown_with_reason_and_date_and_are_not_lost(
    office: Office, cora: CheckingClient
) -> None:
    early = fields(cora.get(page(office)))
    office.open()
    office.invite()
    seen = cora.get(page(office))
    text = plain(seen)
    assert "Some facts are locked since Monday, June 1, 2026, 09:00 MDT" in text
    assert "Adams and Weld counties" in text
    # A page that was opened before the lock is refused, with what was typed.
    late = cora.post(page(office), data=early | {"area": "Somewhere else"})
    assert late.status_code == 422
    assert "Not changed: people are answering questions that show it" in plain(late)
    assert "You typed: Somewhere else" in plain(late)
    assert stored(office).facts["area"] == FACTS["area"]
    form = fields(seen)
    assert "area" not in form
    assert "organization-1-name" not in form
    assert cora.post(page(office), data=form | {"decision": "whether to wait"}).status_code == 303
    facts = stored(office).facts
    assert (facts["decision"], facts["area"]) == ("whether to wait", FACTS["area"])
    assert facts["sub_sectors"] == FACTS["sub_sectors"]


def test_a_viewer_reads_and_changes_nothing(office: Office, cora: CheckingClient) -> None:
    with office.act() as session:
        session.scalars(select(Membership)).one().level = "viewer"
    seen = cora.get(page(office))
    assert seen.status_code == 200
    assert "Save the set-up" not in seen.get_data(as_text=True)
    assert "Adams and Weld counties" in plain(seen)


# --- The time zone --------------------------------------------------------------------------


def move(office: Office, cora: CheckingClient, zone: str) -> TestResponse:
    action = f"{page(office)}/names"
    return cora.post(action, data=fields(cora.get(page(office)), action) | {"timezone": zone})


@pytest.mark.fault("S04")
def test_S04_a_new_zone_moves_what_is_planned_and_says_so(office: Office) -> None:
    office.open()
    office.invite()
    office.deliver()
    office.later(hours=80)
    assert office.remind() == 5
    cora = signed_in(office.world, "cora@board.example")
    answer = move(office, cora, "America/Los_Angeles")
    assert answer.status_code == 303
    told = plain(cora.get(page(office)))
    assert "The open round now closes Friday, June 12, 2026, 17:00 PDT." in told
    assert "5 mails that wait go from Friday, June 5, 2026, 07:30 PDT on." in told
    with office.world.reading() as session:
        wave = office.wave(session)
        assert wave.closes_wall == CLOSES
        assert wave.closes_at.isoformat() == "2026-06-13T00:00:00+00:00"
        due = {
            one.due_at.isoformat()
            for one in session.scalars(select(Message).where(Message.kind == "reminder"))
        }
    assert due == {"2026-06-05T14:30:00+00:00"}


@pytest.mark.fault("S04")
def test_S04_a_new_zone_never_closes_a_round_earlier_than_people_were_told(
    office: Office, cora: CheckingClient
) -> None:
    office.open()
    office.invite()
    answer = move(office, cora, "America/New_York")
    assert answer.status_code == 422
    assert "earlier than people were told, Friday, June 12, 2026, 17:00 MDT" in plain(answer)
    assert stored(office).timezone == "America/Denver"


@pytest.mark.fault("S01", "S04")
def test_S01_S04_a_closing_time_that_the_new_clocks_skip_is_asked_again(
    office: Office, cora: CheckingClient
) -> None:
    with office.act() as session:
        waves.draft(
            session, office.clock, office.partnership(session), waves.Rules("2027-03-28T02:30")
        )
    answer = move(office, cora, "Europe/Berlin")
    assert answer.status_code == 422
    assert "02:30 does not exist on 2027-03-28 in Europe/Berlin" in plain(answer)
    with office.world.reading() as session:
        draft = queries.draft_wave(session, office.partnership(session))
        assert draft is not None
        assert draft.closes_at.isoformat() == "2027-03-28T08:30:00+00:00"
