"""From stored answers to a stored snapshot, and who of the answers gets there."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import timedelta

import orjson
import pytest
from sqlalchemy import func, select

from analysis.answers import Respondent
from surveys.marks import fill, marks_in
from tests.analysis.waves import BODIES, worked_example
from tests.conftest import World
from webapp import answers, queries
from webapp.faults import Refused
from webapp.models import (
    AuditEntry,
    Chart,
    Invitation,
    Membership,
    Organization,
    Partnership,
    Person,
    Response,
    Snapshot,
    SnapshotText,
    User,
    Wave,
)
from webapp.operations import waves
from webapp.operations.take_snapshot import refresh_setup, take_snapshot

NAMES = {one.id: one.name for one in BODIES}


@dataclass
class Told:
    world: World
    wave: str
    invitations: dict[str, str]

    def close(self) -> str:
        """Close the round and take its final snapshot; its id."""
        with self.world.writing() as session:
            wave = session.get_one(Wave, self.wave)
            if wave.state == "open":
                waves.close(session, self.world.clock, wave)
            taken = take_snapshot(session, self.world.clock, wave, "final").id
            session.commit()
        return taken


def tell(world: World, people: list[Respondent], **columns: object) -> Told:
    """An open round in which these people have sent."""
    now = world.clock.now()
    with world.writing() as session:
        partnership = Partnership(
            name="Two Rivers Metal",
            region="Two Rivers",
            sector="Metal",
            timezone="America/Chicago",
            created_at=now,
            facts={
                "area": "Two Rivers",
                "sector_definition": "Companies that make metal parts",
                "sub_sectors": ["Castings", "Machining"],
                "criteria": ["common_focus"],
                "ancillary_decided": "yes",
                "launch_date": "2026-09-15",
            },
        )
        session.add(partnership)
        session.flush()
        companies = sorted({one.organization or "" for one in people} - NAMES.keys() - {""})
        for place, key in enumerate([*NAMES, *companies]):
            found = next((one for one in BODIES if one.id == key), None)
            name = NAMES.get(key, f"Company {key}")
            session.add(
                Organization(
                    partnership_id=partnership.id,
                    id=key,
                    name=name,
                    folded_name=name.casefold(),
                    kind=found.kind if found else None,
                    around=found.around if found else None,
                    in_facts=found is not None,
                    position=place,
                )
            )
        wave = Wave(
            partnership_id=partnership.id,
            state="open",
            open_slot=partnership.id,
            closes_wall="2026-06-12T17:00",
            closes_at=now + timedelta(days=11),
            created_at=now,
            opened_at=now,
            **columns,
        )
        session.add(wave)
        session.flush()
        invitations = {}
        for place, one in enumerate(people):
            person = Person(
                partnership_id=partnership.id,
                name=f"Person {one.id}",
                email=f"{one.id}@example.com",
                folded_email=f"{one.id}@example.com",
                role=one.role,
                organization_id=one.organization,
                organization_name=NAMES.get(one.organization or "", ""),
                status="said_yes" if one.role == "champion" else "",
                position=place,
            )
            session.add(person)
            session.flush()
            invitation = Invitation(
                wave_id=wave.id,
                person_id=person.id,
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


def response_of(session, told: Told, key: str) -> Response:
    return session.scalars(
        select(Response).where(Response.invitation_id == told.invitations[key])
    ).one()


def test_the_worked_example_comes_out_of_the_tables_as_it_does_on_paper(world: World) -> None:
    told = tell(world, worked_example())
    told.close()
    with world.reading() as session:
        wave = session.get_one(Wave, told.wave)
        document = queries.document(session, queries.snapshot(session, wave))
    outcomes = {one["id"]: one["outcome"] for one in document["criteria"]}
    for key in ("1.3", "1.4", "2.2", "2.3", "2.4", "4.5"):
        assert outcomes[key] == "partly", key
    standing = next(one for one in document["criteria"] if one["id"] == "4.5")
    assert (standing["value"], standing["decided_by"]) == (3.9, ["partner"])
    on_map = {one["id"]: one for one in document["organizations"]}
    assert on_map["orgA"]["buy_in"] == 3
    assert on_map["orgA"]["name"] == NAMES["orgA"]
    assert {key: one["quarter"] for key, one in on_map.items()} == {
        "orgA": "win_over",
        "orgB": "support",
        "orgC": "support",
        "orgD": "win_over",
        "orgE": "build_on",
    }


def test_closing_is_one_deed_with_snapshot_pictures_and_audit(world: World) -> None:
    told = tell(world, worked_example())
    taken = told.close()
    with world.reading() as session:
        wave = session.get_one(Wave, told.wave)
        assert wave.state == "closed"
        assert wave.open_slot is None
        assert wave.closed_at == world.clock.now()
        charts = session.execute(
            select(Chart.name, Chart.format).where(Chart.snapshot_id == taken)
        ).all()
        names = {"readiness", "agreement", "gaps", "map", "response"}
        wide = {(name, form) for name in names for form in ("svg", "png")}
        narrow = {(f"{name}-narrow", "svg") for name in names}
        assert {tuple(row) for row in charts} == wide | narrow
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["close wave", "snapshot final"]


def test_a_failure_while_drawing_leaves_nothing_behind(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tell(sqlite_world, worked_example())

    def broken(_document: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("webapp.operations.take_snapshot.draw_all", broken)
    with pytest.raises(OSError, match="no space"):
        told.close()
    with sqlite_world.reading() as session:
        assert session.get_one(Wave, told.wave).state == "open"
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 0
    monkeypatch.undo()
    told.close()


def test_a_round_has_one_final_snapshot_however_often_it_is_asked_for(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    assert told.close() == told.close()


def test_two_workers_at_once_make_one_final_snapshot(world: World) -> None:
    told = tell(world, worked_example())
    with world.writing() as session:
        waves.close(session, world.clock, session.get_one(Wave, told.wave))
        session.commit()
    taken: list[str] = []
    workers = [threading.Thread(target=lambda: taken.append(told.close())) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(taken) == 2
    assert len(set(taken)) == 1
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Snapshot)) == 1


def test_names_lie_beside_the_figures(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    told.close()
    with sqlite_world.reading() as session:
        row = session.scalars(select(Snapshot)).one()
        stored = orjson.dumps(row.body).decode()
        canonical = orjson.dumps(row.body, option=orjson.OPT_SORT_KEYS)
        assert row.digest == hashlib.sha256(canonical).hexdigest()
        assert not any(name in stored for name in NAMES.values())
        assert set(NAMES) <= set(marks_in(row.body))
        kept = {text.key for text in row.texts if text.kind == "name"}
    assert set(NAMES) <= kept


@pytest.mark.fault("L13")
def test_L13_drafts_and_withdrawn_answers_are_not_read(world: World) -> None:
    told = tell(world, worked_example())
    with world.writing() as session:
        response_of(session, told, "x1").state = "draft"
        response_of(session, told, "p1").state = "withdrawn"
        session.commit()
    with world.reading() as session:
        rows = answers.rows(session, session.get_one(Wave, told.wave))
    left_out = {told.invitations["x1"], told.invitations["p1"]}
    assert {one.id for one in rows} == set(told.invitations.values()) - left_out


def test_answers_come_back_as_they_were_stored(world: World) -> None:
    told = tell(world, worked_example())
    with world.writing() as session:
        response_of(session, told, "x1").handed = True
        session.commit()
    with world.reading() as session:
        rows = {one.id: one for one in answers.rows(session, session.get_one(Wave, told.wave))}
    for one in worked_example():
        found = rows[told.invitations[one.id]]
        assert found.answers == dict(one.answers)
        assert (found.role, found.organization) == (one.role, one.organization)
        assert found.handed == (one.id == "x1")
        assert not found.is_user


@pytest.mark.fault("P07")
def test_P07_people_who_can_sign_in_to_this_partnership_are_marked(world: World) -> None:
    told = tell(world, worked_example())
    now = world.clock.now()
    with world.writing() as session:
        wave = session.get_one(Wave, told.wave)
        for key, partnership in (("p1", wave.partnership_id), ("p2", None)):
            user = User(
                email=f"{key}@example.com", folded_email=f"{key}@example.com", created_at=now
            )
            session.add(user)
            session.flush()
            if partnership:
                session.add(
                    Membership(
                        user_id=user.id, partnership_id=partnership, level="viewer", created_at=now
                    )
                )
        session.commit()
    with world.reading() as session:
        rows = answers.rows(session, session.get_one(Wave, told.wave))
    assert [one.id for one in rows if one.is_user] == [told.invitations["p1"]]


def test_answers_of_another_round_are_not_read(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    other = tell(sqlite_world, worked_example()[:3])
    with sqlite_world.reading() as session:
        rows = answers.rows(session, session.get_one(Wave, other.wave))
    assert {one.id for one in rows} == set(other.invitations.values())
    assert told.wave != other.wave


def test_a_look_while_the_round_is_open_closes_nothing(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    with sqlite_world.writing() as session:
        wave = session.get_one(Wave, told.wave)
        row = take_snapshot(session, sqlite_world.clock, wave, "interim")
        session.commit()
        assert row.kind == "interim"
        assert row.body["verdict"]["outcome"] is None
        assert wave.state == "open"
        assert row.body["buy_in"]["overall"] is None


def test_a_final_snapshot_waits_until_nothing_is_written_any_more(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    with sqlite_world.writing() as session, pytest.raises(Refused, match="still takes answers"):
        take_snapshot(session, sqlite_world.clock, session.get_one(Wave, told.wave), "final")
    sqlite_world.clock.move(days=11, minutes=14)
    with sqlite_world.writing() as session, pytest.raises(Refused, match="still takes answers"):
        take_snapshot(session, sqlite_world.clock, session.get_one(Wave, told.wave), "final")
    sqlite_world.clock.move(minutes=2)
    with sqlite_world.writing() as session:
        take_snapshot(session, sqlite_world.clock, session.get_one(Wave, told.wave), "final")


@pytest.mark.parametrize(("state", "kind"), [("canceled", "final"), ("closed", "interim")])
def test_rounds_that_take_no_snapshot_say_why(sqlite_world: World, state: str, kind: str) -> None:
    told = tell(sqlite_world, worked_example())
    with sqlite_world.writing() as session:
        session.get_one(Wave, told.wave).state = state
        session.commit()
    with sqlite_world.writing() as session, pytest.raises(Refused):
        take_snapshot(session, sqlite_world.clock, session.get_one(Wave, told.wave), kind)


def test_the_set_up_is_judged_again_and_all_else_is_copied(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    first = told.close()
    sqlite_world.clock.move(days=1)
    with sqlite_world.writing() as session:
        wave = session.get_one(Wave, told.wave)
        hidden = SnapshotText(
            snapshot_id=first,
            kind="comment",
            position=99,
            content={"question": "biggest_risk", "role": None, "text": "Hidden since"},
            hidden_at=sqlite_world.clock.now(),
        )
        session.add(hidden)
        facts = dict(wave.partnership.facts)
        facts["area"] = ""
        wave.partnership.facts = facts
        session.commit()
    with sqlite_world.writing() as session:
        wave = session.get_one(Wave, told.wave)
        again = refresh_setup(session, sqlite_world.clock, wave)
        session.commit()
        before = session.get_one(Snapshot, first)
        assert again.id != first
        assert queries.snapshot(session, wave).id == again.id
        old = {one["id"]: one for one in before.body["criteria"]}
        new = {one["id"]: one for one in again.body["criteria"]}
        assert (old["1.1"]["outcome"], new["1.1"]["outcome"]) == ("yes", "partly")
        for key in old.keys() - {"1.1", "1.6"}:
            assert old[key] == new[key]
        assert again.body["items"] == before.body["items"]
        # What a convener hid can be shown again, and until then nobody sees it.
        assert "Hidden since" not in str(queries.document(session, again))
        assert all(
            text.hidden_at for text in again.texts if text.content.get("text") == "Hidden since"
        )
        assert len(again.charts) == len(before.charts)


def test_the_set_up_cannot_be_judged_again_before_the_close(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example())
    with sqlite_world.writing() as session, pytest.raises(Refused):
        refresh_setup(session, sqlite_world.clock, session.get_one(Wave, told.wave))


def test_in_a_named_round_the_answers_lie_beside_the_snapshot(sqlite_world: World) -> None:
    told = tell(sqlite_world, worked_example(), mode="named")
    taken = told.close()
    with sqlite_world.reading() as session:
        row = session.get_one(Snapshot, taken)
        kinds = [text.kind for text in row.texts]
    assert kinds.count("answer") > 100


def test_marks_are_filled_and_missing_names_read_removed() -> None:
    document = {"a": ["{o:x1} and {o:y}", 3], "b": {"c": "{o:x1}", "d": None}, "e": "{x1}"}
    assert fill(document, {"x1": "Acme {o:y} Inc."}) == {
        "a": ["Acme {o:y} Inc. and [removed]", 3],
        "b": {"c": "Acme {o:y} Inc.", "d": None},
        "e": "{x1}",
    }
    assert sorted(marks_in(document)) == ["x1", "x1", "y"]
