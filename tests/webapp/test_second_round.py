"""A second round of the same partnership, from the tables to the page: what moved since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from analysis.answers import Respondent
from tests.analysis.waves import WORTH, worked_example
from tests.conftest import World
from tests.webapp.story import Story
from tests.webapp.test_take_snapshot import Told, tell
from webapp import queries
from webapp.models import (
    Invitation,
    Membership,
    Response,
    Snapshot,
    SnapshotText,
    User,
    Wave,
)
from webapp.operations.take_snapshot import refresh_setup


def again(told: Told, people: list[Respondent]) -> Told:
    """The same people are asked once more, a month later; these answer."""
    world = told.world
    world.clock.move(days=30)
    now = world.clock.now()
    with world.writing() as session:
        first = session.get_one(Wave, told.wave)
        wave = Wave(
            partnership_id=first.partnership_id,
            state="open",
            open_slot=first.partnership_id,
            closes_wall="2026-07-20T17:00",
            closes_at=now + timedelta(days=11),
            created_at=now,
            opened_at=now,
        )
        session.add(wave)
        session.flush()
        invitations = {}
        for place, one in enumerate(people):
            earlier = session.get_one(Invitation, told.invitations[one.id])
            invitation = Invitation(
                wave_id=wave.id,
                person_id=earlier.person_id,
                role=one.role,
                organization_id=one.organization,
                created_at=now,
            )
            session.add(invitation)
            session.flush()
            invitations[one.id] = invitation.id
            session.add(
                Response(
                    invitation_id=invitation.id,
                    state="sent",
                    answers=dict(one.answers),
                    started_at=now,
                    saved_at=now,
                    sent_at=now,
                    receipt=f"{wave.id}-{place}",
                )
            )
        session.commit()
        return Told(world, wave.id, invitations)


def eager(people: list[Respondent]) -> list[Respondent]:
    answers = dict.fromkeys(WORTH, "5") | {"geo_fit": "5"}
    return [
        Respondent(one.id, one.role, one.organization, {**one.answers, **answers})
        if one.role == "champion"
        else one
        for one in people
    ]


def document(told: Told) -> dict[str, Any]:
    with told.world.reading() as session:
        wave = session.get_one(Wave, told.wave)
        return queries.document(session, queries.snapshot(session, wave))


def champions(told: Told) -> Any:
    since = document(told)["page"]["since"]
    return next(one for one in since["buy_in"] if one["role"] == "champion")


def page(told: Told) -> str:
    """The results page as a convener sees it."""
    world = told.world
    with world.writing() as session:
        wave = session.get_one(Wave, told.wave)
        user = User(
            email="dana@example.org",
            folded_email="dana@example.org",
            created_at=world.clock.now(),
        )
        session.add(user)
        session.flush()
        session.add(
            Membership(
                user_id=user.id,
                partnership_id=wave.partnership_id,
                level="owner",
                created_at=world.clock.now(),
            )
        )
        session.commit()
        story = Story(world, wave.partnership_id, told.wave, told.wave, {"owner": user.id})
    return story.signed_in("owner").get(f"/waves/{told.wave}/results").text


def test_the_second_result_shows_what_moved(world: World) -> None:
    first = tell(world, worked_example())
    first.close()
    assert document(first)["page"]["since"] is None
    second = again(first, eager(worked_example()))
    second.close()
    since = document(second)["page"]["since"]
    assert since["wave"] == first.wave
    assert since["criteria"]["1.3"]["words"] == "Up from partly"
    assert champions(second)["sentence"] == "Champions: 4.0 last time, at least 4.7 now."
    text = page(second)
    for said in (
        "Since last time",
        since["verdict"]["sentence"],
        since["criteria"]["1.3"]["sentence"],
        champions(second)["sentence"],
        "<td>Up from partly</td>",
        since["note"],
    ):
        assert said in text
    assert f"/waves/{first.wave}/results" in text


def test_checks_that_one_round_could_not_judge_stand_in_one_sentence(sqlite_world: World) -> None:
    first = tell(sqlite_world, worked_example())
    first.close()
    second = again(first, [one for one in worked_example() if one.id in ("c1", "p1", "x1")])
    second.close()
    text = page(second)
    assert "Judged in one of the two rounds only: Leaders recognize the area; " in text
    assert "Leaders recognize the area: partly last time, unknown now." not in text
    assert "CEOs will sign the letter: yes last time, partly now." in text


@pytest.mark.fault("P06")
def test_P06_after_one_was_replaced_or_erased_the_page_says_no_change(world: World) -> None:
    first = tell(world, worked_example())
    first.close()
    with world.writing() as session:
        session.execute(delete(Response).where(Response.invitation_id == first.invitations["x3"]))
        session.commit()
    second = again(first, eager(worked_example()))
    second.close()
    assert champions(second)["change"] is None
    text = page(second)
    assert "Champions: cannot be compared with last time." in text
    assert "<td>Not comparable</td>" in text
    assert "<td>Up from partly</td>" in text, "open counts may be compared"


@pytest.mark.fault("P11")
def test_P11_a_comment_stays_hidden_when_the_set_up_is_checked_again(world: World) -> None:
    said = ["Said about somebody.", "Said one.", "Said two."]
    people = [
        replace(one, answers={**one.answers, "why--scope": said.pop()})
        if one.role == "partner" and one.organization != "orgA" and said
        else one
        for one in worked_example()
    ]
    told = tell(world, people)
    told.close()
    with world.writing() as session:
        rows = session.scalars(select(SnapshotText).where(SnapshotText.kind == "comment")).all()
        next(one for one in rows if "somebody" in one.content["text"]).hidden_at = world.clock.now()
        session.commit()
    world.clock.move(minutes=5)
    with world.writing() as session:
        key = refresh_setup(session, world.clock, session.get_one(Wave, told.wave)).id
        session.commit()
    assert document(told)["snapshot"]["id"] == key
    assert {one["text"] for one in document(told)["comments"]} == {"Said one.", "Said two."}
    with world.reading() as session:
        kept = queries.comments(session, session.get_one(Snapshot, key))
        hidden = [one.content["text"] for one in kept if one.hidden_at]
    assert len(kept) == 3
    assert hidden == ["Said about somebody."]
