"""A named wave: the conveners see every answer with its name, nobody else and nowhere else."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from tests.analysis.waves import worked_example
from tests.conftest import World
from tests.webapp.story import Story
from tests.webapp.test_take_snapshot import Told, tell
from webapp import brief
from webapp.models import Membership, Snapshot, SnapshotBrief, SnapshotText, User, Wave


def convener(told: Told) -> Story:
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
                level="viewer",
                created_at=world.clock.now(),
            )
        )
        session.commit()
        return Story(world, wave.partnership_id, told.wave, told.wave, {"viewer": user.id})


def test_every_answer_stands_with_its_name_and_what_was_erased_is_gone(world: World) -> None:
    told = tell(world, worked_example(), mode="named")
    told.close()
    client = convener(told).signed_in("viewer")
    address = f"/waves/{told.wave}/results"
    assert f"{address}/by-name" in client.get(address).text
    html = client.get(f"{address}/by-name").text
    assert "Person p5, State College" in html
    entry = html[html.index("Person p5") :].split("</details>")[0]
    assert "<dd>Be kept informed</dd>" in entry
    assert "<dd>Not sure</dd>" in entry
    assert '<span class="quiet">County Economic Development</span></dt><dd>Some</dd>' in entry
    with world.writing() as session:
        key = told.invitations["p5"]
        rows = session.scalars(select(SnapshotText).where(SnapshotText.kind == "answer")).all()
        gone = [row.id for row in rows if row.content["respondent"] == key]
        session.execute(delete(SnapshotText).where(SnapshotText.id.in_(gone)))
        session.commit()
    assert "Person p5" not in client.get(f"{address}/by-name").text


@pytest.mark.parametrize("kind", ["protected", "look"])
def test_a_protected_wave_and_a_look_have_no_such_page(sqlite_world: World, kind: str) -> None:
    told = tell(
        sqlite_world, worked_example(), mode="protected" if kind == "protected" else "named"
    )
    told.close()
    if kind == "look":
        with sqlite_world.writing() as session:
            row = session.scalars(select(Snapshot)).one()
            row.body = {**row.body, "snapshot": {**row.body["snapshot"], "kind": "interim"}}
            row.brief = SnapshotBrief(content=brief.brief(row.body))
            session.commit()
    client = convener(told).signed_in("viewer")
    address = f"/waves/{told.wave}/results"
    assert client.get(f"{address}/by-name").status_code == 404
    assert f"{address}/by-name" not in client.get(address).text
    assert "Person p5" not in client.get(address).text
