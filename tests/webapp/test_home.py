"""The start page of a partnership: five steps that say how they stand, and fold away when done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.conftest import World
from tests.webapp.office import Office
from tests.webapp.story import Story, tell
from webapp import queries
from webapp.models import Wave
from webapp.operations import waves


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def steps(office: Office) -> dict[str, queries.Step]:
    with office.world.reading() as session:
        return {one.id: one for one in queries.steps(session, office.partnership(session))}


def test_the_steps_follow_what_is_done(office: Office) -> None:
    assert steps(office)["people"] == queries.Step("people", False, "Nobody yet.")
    assert steps(office)["round"].state == "No round yet."
    office.enroll()
    assert steps(office)["people"].done
    assert steps(office)["people"].state == "1 convener, 2 partners, 2 champions."
    office.open()
    assert steps(office)["round"].done
    assert steps(office)["round"].state.startswith("Open. It closes ")
    assert not steps(office)["send"].done
    office.invite()
    found = steps(office)
    assert found["send"].done
    assert found["send"].state.endswith("invitations have gone.")
    assert found["send"].state.startswith("0 of ")
    assert found["test"] == queries.Step("test", True, "Left out. The round has begun.")
    office.deliver()
    gone = steps(office)["send"].state
    assert gone.split()[0] == gone.split()[2]


def test_what_the_partnership_lacks_is_named(office: Office) -> None:
    found = steps(office)["partnership"]
    assert found == queries.Step("partnership", False, "Still open: the launch date.")
    with office.act() as session:
        facts = dict(office.partnership(session).facts)
        office.partnership(session).facts = facts | {"launch_date": "2026-09-01"}
    assert steps(office)["partnership"] == queries.Step("partnership", True, "Set up.")


def test_a_test_to_oneself_is_noted(office: Office) -> None:
    office.enroll()
    office.open()
    with office.act() as session:
        office.wave(session).tested_at = office.clock.now()
    assert steps(office)["test"].done
    assert steps(office)["test"].state.startswith("Sent ")


def test_a_canceled_round_is_not_what_the_steps_are_about(office: Office) -> None:
    office.enroll()
    office.open()
    with office.act() as session:
        waves.cancel(session, office.clock, office.wave(session))
    assert steps(office)["round"].state == "No round yet."


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def page(story: Story, who: str = "owner") -> str:
    return story.signed_in(who).get(f"/partnerships/{story.partnership}").text


def test_the_list_of_partnerships_leads_to_the_start_page(story: Story) -> None:
    client = story.signed_in("viewer")
    assert f'href="/partnerships/{story.partnership}"' in client.get("/partnerships").text
    assert "Five steps to the first invitation" in page(story, "viewer")


def test_without_mail_the_last_step_says_what_is_missing(story: Story) -> None:
    text = page(story)
    assert "Invitations cannot leave yet. You can do everything up to here." in text
    assert "Set MUSTER_MAIL_URL" in text
    assert "Whoever runs Muster can change that" in text


def test_when_all_is_done_the_steps_fold_away(story: Story) -> None:
    with story.world.writing() as session:
        partnership = session.get_one(Wave, story.wave).partnership
        partnership.facts = {
            "area": "Weld",
            "sub_sectors": ["Machining"],
            "launch_date": date(2026, 9, 1).isoformat(),
            "letter_draft": "Dear neighbor",
        }
        session.get_one(Wave, story.open_wave).locked_at = story.world.clock.now()
        session.get_one(Wave, story.open_wave).created_at += timedelta(seconds=1)
        session.commit()
    text = page(story)
    assert "4 of 5 done" in text
    assert "Still open: the organizations." in text
    add_organization(story)
    text = page(story)
    assert "<summary>All five steps are done</summary>" in text
    assert "Five steps to the first" not in text


def add_organization(story: Story) -> None:
    from webapp.models import Organization

    with story.world.writing() as session:
        session.add(
            Organization(
                partnership_id=story.partnership,
                name="Alliance",
                folded_name="alliance",
                in_facts=True,
            )
        )
        session.commit()
