"""Everything that is kept, with rows in every table that people's doings fill."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Postgres, World, make_world
from tests.webapp.respond.asked import Asked, tell
from webapp import schema
from webapp.database import Database
from webapp.mail import outbox
from webapp.models import AuditEntry, Employer, Export, Invitation, Membership, PlanItem, Wave
from webapp.operations import waves
from webapp.operations.take_snapshot import FINAL, take_snapshot


def migrated(url: str, folder: Path) -> World:
    """A world whose tables were made by the migrations, as on a real machine."""
    database = Database(url)
    schema.upgrade(database)
    database.dispose()
    return make_world(url, folder)


def empty_url(engine: str, request: pytest.FixtureRequest, file: Path) -> str:
    """The address of a database without tables."""
    if engine == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        return server.fresh(empty=True)
    return f"sqlite:///{file}"


def answered(world: World, *, mode: str = "protected", closed: bool = True) -> Asked:
    """A round that two champions answered; closed, its results taken and asked for as a file."""
    asked = tell(world, mode=mode)
    asked.send("champion")
    asked.send("second")
    with world.writing() as session:
        invitation = session.get_one(Invitation, asked.invitations["champion"])
        outbox.enqueue(session, world.clock, "reminder", key="r", invitation=invitation)
        session.add(Employer(partnership_id=asked.partnership, row=1, cells={"company": "A"}))
        session.add(
            PlanItem(
                partnership_id=asked.partnership, what="Call", owner="Dana Kim",
                created_at=world.clock.now(), changed_at=world.clock.now(),
            )
        )  # fmt: skip
        session.add(AuditEntry(at=world.clock.now(), actor="worker", action="x", details={"n": 1}))
        session.commit()
    if closed:
        close(asked)
    return asked


def close(asked: Asked) -> None:
    world = asked.world
    with world.writing() as session:
        wave = session.get_one(Wave, asked.wave)
        waves.close(session, world.clock, wave)
        world.clock.move(seconds=1)
        taken = take_snapshot(session, world.clock, wave, FINAL)
        owner = session.query(Membership).filter_by(partnership_id=asked.partnership).one()
        session.add(
            Export(
                snapshot_id=taken.id, user_id=owner.user_id, kind="zip", content=b"old",
                asked_at=world.clock.now(), made_at=world.clock.now() + timedelta(seconds=1),
            )
        )  # fmt: skip
        session.commit()
