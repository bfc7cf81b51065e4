"""Backups and moves: every row arrives, on either engine, whatever goes on meanwhile."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.analysis.waves import worked_example
from tests.conftest import Postgres, World
from tests.webapp.kept import answered, empty_url, migrated
from tests.webapp.test_take_snapshot import tell
from webapp import queries, safekeeping, schema
from webapp.database import Base, Database
from webapp.faults import Refused
from webapp.mail import outbox
from webapp.models import AuditEntry, Employer, Invitation, Message, Snapshot, Wave
from webapp.safekeeping import rows


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path):
    """A world whose tables were made by the migrations, as on a real machine."""
    made = migrated(empty_url(request.param, request, tmp_path / "kept.db"), tmp_path)
    yield made
    made.database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path):
    """Another database without tables."""
    made = Database(empty_url(request.param, request, tmp_path / "elsewhere" / "muster.db"))
    yield made
    made.dispose()


def everything(database: Database) -> dict[str, list[bytes]]:
    """Every row of every table there is, written down here and not by what is tested."""
    assert set(rows.TABLES) == set(Base.metadata.sorted_tables), "no table is left behind"
    with database.reading() as session:
        found = {
            table.name: sorted(
                orjson.dumps(dict(row), default=bytes.hex, option=orjson.OPT_SORT_KEYS)
                for row in session.execute(select(table)).mappings()
            )
            for table in Base.metadata.sorted_tables
        }
    return {name: lines for name, lines in found.items() if lines}


def counts(database: Database) -> dict[str, int]:
    return {name: len(lines) for name, lines in everything(database).items()}


def nothing(*_: object) -> None:
    """What follows a restore is told in its own tests."""


@pytest.mark.fault("D02")
def test_D02_a_backup_is_restored_on_either_engine_row_by_row(
    kept: World, elsewhere: Database, tmp_path: Path
) -> None:
    answered(kept)
    file = tmp_path / "muster.backup"
    backed_up = safekeeping.back_up(kept.database, file, kept.clock.now())
    restored = safekeeping.restore(file, elsewhere, nothing)
    assert restored.made_at == kept.clock.now()
    assert restored.rows == backed_up == counts(kept.database)
    assert everything(elsewhere) == everything(kept.database)
    assert schema.check(elsewhere) == ()
    with elsewhere.writing() as session:
        session.add(AuditEntry(at=kept.clock.now(), actor="worker", action="a new row"))
        session.commit()


@pytest.mark.fault("D02", "D14")
def test_D02_D14_the_checksum_sees_every_value_that_is_kept(kept: World) -> None:
    answered(kept)
    with kept.writing() as session:
        seen = {rows.checksum(session)}
        for table, change in (
            ("charts", {"content": b"another picture"}),
            ("audit", {"details": {"n": 2}}),
            ("invitations", {"called_at": kept.clock.now()}),
            ("messages", {"server_said": "250 taken"}),
            ("responses", {"answers": {"geo_fit": "1"}}),
        ):
            before = len(seen)
            session.execute(update(Base.metadata.tables[table]).values(change))
            seen.add(rows.checksum(session))
            assert len(seen) == before + 1, table
        session.execute(delete(Employer))
        assert rows.checksum(session) not in seen


def test_rules_about_new_mails_do_not_stop_old_ones_and_hold_again_afterwards(
    kept: World, elsewhere: Database, tmp_path: Path
) -> None:
    """The first of two reminders was written last: it comes after the second."""
    asked = answered(kept, closed=False)
    with kept.writing() as session:
        invitation = session.get_one(Invitation, asked.invitations["champion"])
        enqueue(session, kept, "second", invitation, 10)
        session.execute(update(Message).where(Message.key == "r").values(server_said="late"))
        session.commit()
    file = tmp_path / "muster.backup"
    safekeeping.back_up(kept.database, file, kept.clock.now())
    safekeeping.restore(file, elsewhere, nothing)
    assert everything(elsewhere) == everything(kept.database)
    with elsewhere.writing() as session:
        invitation = session.get_one(Invitation, asked.invitations["champion"])
        with pytest.raises(DBAPIError, match="two reminders"):
            enqueue(session, kept, "third", invitation, 20)


def enqueue(session: Session, world: World, key: str, invitation: Invitation, days: int) -> None:
    due = world.clock.now() + timedelta(days=days)
    outbox.enqueue(session, world.clock, "reminder", key=key, invitation=invitation, due_at=due)


@pytest.mark.fault("D02")
def test_D02_pg_dump_and_pg_restore_bring_every_row_back(
    postgres: Postgres, tmp_path: Path, short_path: Path
) -> None:
    url = postgres.fresh(empty=True)
    world = migrated(url, tmp_path)
    source = world.database
    answered(world)
    server = Postgres(_folder(short_path))
    try:
        target_url = server.fresh(empty=True)
        plain = [one.replace("postgresql+psycopg", "postgresql") for one in (url, target_url)]
        dump = tmp_path / "muster.dump"
        run = [str(postgres.bin / "pg_dump"), "--format=custom", f"--file={dump}", plain[0]]
        subprocess.run(run, check=True)
        subprocess.run(
            [str(server.bin / "pg_restore"), f"--dbname={plain[1]}", str(dump)], check=True
        )
        target = Database(target_url)
        assert everything(target) == everything(source)
        assert schema.check(target) == ()
        target.dispose()
    finally:
        server.stop()
        world.database.dispose()


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "another-server"
    folder.mkdir()
    return folder


@pytest.mark.fault("D01")
def test_D01_a_backup_under_write_load_is_whole_and_of_one_moment(
    kept: World, tmp_path: Path
) -> None:
    """Every transaction writes a pair: a backup with half of one would hold an odd number."""
    answered(kept)
    stop = threading.Event()
    written: list[int] = []

    def load() -> None:
        while not stop.is_set():
            with kept.writing() as session:
                for _ in range(2):
                    session.add(AuditEntry(at=kept.clock.now(), actor="load", action="pair"))
                    session.flush()
                session.commit()
            written.append(1)

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        files = [tmp_path / f"{number}.backup" for number in range(4)]
        before = len(written)
        for file in files:
            safekeeping.back_up(kept.database, file, kept.clock.now())
        assert len(written) > before, "nobody could write while a backup was made"
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for file in files:
        with closing(sqlite3.connect(file)) as backup:
            assert backup.execute("pragma integrity_check").fetchone() == ("ok",)
            pairs = backup.execute("select count(*) from audit where actor = 'load'").fetchone()[0]
            assert pairs % 2 == 0
            assert backup.execute("select count(*) from responses").fetchone() == (2,)


@pytest.mark.fault("D13")
def test_D13_a_backup_is_one_file_that_only_its_owner_reads(kept: World, tmp_path: Path) -> None:
    answered(kept)
    folder = tmp_path / "backups"
    folder.mkdir()
    file = folder / "muster.backup"
    safekeeping.back_up(kept.database, file, kept.clock.now())
    assert [one.name for one in folder.iterdir()] == ["muster.backup"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    with pytest.raises(Refused, match="overwrites nothing"):
        safekeeping.back_up(kept.database, file, kept.clock.now())
    assert file.read_bytes() == before
    target = Database(f"sqlite:///{tmp_path / 'drill.db'}")
    safekeeping.restore(file, target, lambda *_: None)
    target.dispose()
    assert stat.S_IMODE((tmp_path / "drill.db").stat().st_mode) == 0o600


def test_a_backup_that_breaks_leaves_no_file(
    kept: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safekeeping, "_seal", broken)
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(OSError, match="No space"):
        safekeeping.back_up(kept.database, folder / "muster.backup", kept.clock.now())
    assert list(folder.iterdir()) == []


def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(
    kept: World, elsewhere: Database, tmp_path: Path
) -> None:
    answered(kept)
    whole = tmp_path / "whole"
    safekeeping.back_up(kept.database, whole, kept.clock.now())
    torn = tmp_path / "torn"
    torn.write_bytes(whole.read_bytes()[:-20_000])
    text = tmp_path / "text"
    text.write_text("a shopping list")
    other = tmp_path / "other"
    with closing(sqlite3.connect(other)) as database:
        database.execute("create table t (x)")
    for file in (torn, text, other):
        with pytest.raises(Refused, match=r"not a backup of Muster|damaged"):
            safekeeping.restore(file, elsewhere, nothing)
    safekeeping.restore(whole, elsewhere, nothing)
    with pytest.raises(Refused, match="only an empty one is filled"):
        safekeeping.restore(whole, elsewhere, nothing)


def test_a_restore_that_breaks_leaves_the_database_empty(
    kept: World, elsewhere: Database, tmp_path: Path
) -> None:
    answered(kept)
    file = tmp_path / "muster.backup"
    safekeeping.back_up(kept.database, file, kept.clock.now())

    def broken(*_: object) -> None:
        raise RuntimeError("pulled the plug")

    with pytest.raises(RuntimeError):
        safekeeping.restore(file, elsewhere, broken)
    assert everything(elsewhere) == {}
    safekeeping.restore(file, elsewhere, nothing)
    assert everything(elsewhere) == everything(kept.database)


def test_changes_left_over_from_another_file_are_never_mixed_in(tmp_path: Path) -> None:
    world = migrated(f"sqlite:///{tmp_path / 'kept.db'}", tmp_path)
    file = tmp_path / "muster.backup"
    safekeeping.back_up(world.database, file, world.clock.now())
    folder = tmp_path / "moved away"
    folder.mkdir()
    (folder / "muster.db-wal").write_bytes(b"left over")
    target = Database(f"sqlite:///{folder / 'muster.db'}")
    with pytest.raises(Refused, match=r"muster\.db-wal belongs to the file"):
        safekeeping.restore(file, target, nothing)
    assert not (folder / "muster.db").exists()
    target.dispose()
    world.database.dispose()


@pytest.mark.fault("D14")
def test_D14_from_sqlite_to_postgresql_with_identical_results(
    sqlite_world: World, postgres: Postgres, tmp_path: Path
) -> None:
    told = tell(sqlite_world, worked_example())
    told.close()
    target = Database(postgres.fresh(empty=True))
    counts = safekeeping.move(sqlite_world.database, target)
    assert counts["responses"] == len(worked_example())
    assert everything(target) == everything(sqlite_world.database)
    documents = []
    for database in (sqlite_world.database, target):
        with database.reading() as session:
            taken = queries.final_snapshot(session, session.get_one(Wave, told.wave))
            documents.append(
                (
                    queries.document(session, taken),
                    {(one.name, one.format): one.content for one in taken.charts},
                )
            )
    assert documents[0] == documents[1]
    assert documents[0][0]["differences"], "there are flags to compare"
    with pytest.raises(Refused, match="only an empty one is filled"):
        safekeeping.move(sqlite_world.database, target)
    assert retaken(target, told.wave, sqlite_world) == retaken(
        sqlite_world.database, told.wave, sqlite_world
    )
    target.dispose()


def retaken(database: Database, wave_id: str, world: World) -> dict[str, object]:
    """The results computed anew from the answers, as the other engine holds them."""
    from webapp.operations.take_snapshot import FINAL, take_snapshot

    with database.writing() as session:
        wave = session.get_one(Wave, wave_id)
        for one in session.scalars(select(Snapshot).where(Snapshot.wave_id == wave_id)):
            session.delete(one)
        session.flush()
        made = take_snapshot(session, world.clock, wave, FINAL)
        return {name: part for name, part in made.body.items() if name != "snapshot"}


def test_a_database_cannot_be_copied_onto_itself(sqlite_world: World) -> None:
    with pytest.raises(Refused, match="kept in already"):
        safekeeping.move(sqlite_world.database, sqlite_world.database)
    with pytest.raises(Refused, match="address of the database"):
        safekeeping.named("nonsense")
