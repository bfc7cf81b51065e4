"""Upgrading a database that holds answers: every row stays, whatever happens on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from tests.conftest import World
from tests.webapp.kept import answered, empty_url, migrated
from tests.webapp.test_cli import Terminal
from webapp import schema
from webapp.database import Base, Database
from webapp.safekeeping import rows

ROOT = Path(__file__).parents[2]
VERSIONS = ROOT / "webapp" / "migrations" / "versions"
PAST = sorted(file.name.partition("_")[0] for file in VERSIONS.glob("[0-9]*.py"))[:-1]
DIES = """
import os, signal, sys
from webapp import schema
from webapp.database import Database
real = schema.command.upgrade
def dies(*arguments):
    real(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
schema.command.upgrade = dies
schema.upgrade(Database(sys.argv[1]))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def today(tmp_path: Path) -> Iterator[World]:
    """What a version holds after a round: rows in nearly every table."""
    world = migrated(f"sqlite:///{tmp_path / 'today.db'}", tmp_path)
    answered(world)
    yield world
    world.database.dispose()


@pytest.fixture(params=PAST)
def past(
    request: pytest.FixtureRequest, engine: str, today: World, tmp_path: Path
) -> Iterator[Database]:
    """The same rows in the tables of a past version, as far as it had them."""
    made = Database(empty_url(engine, request, tmp_path / "past.db"))
    config = schema._config()
    with schema._alone(made) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, request.param)
        with today.reading() as session:
            _pour(session.connection(), connection)
    yield made
    made.dispose()


def _pour(source: sa.Connection, target: sa.Connection) -> None:
    """Every column that the older tables have, from the newer ones."""
    there = sa.inspect(target)
    for table in Base.metadata.sorted_tables:
        if not there.has_table(table.name):
            continue
        had = {column["name"] for column in there.get_columns(table.name)}
        columns = [column for column in table.columns if column.name in had]
        found = [dict(row) for row in source.execute(sa.select(*columns)).mappings()]
        if found:
            older = sa.table(table.name, *(sa.column(one.name, one.type) for one in columns))
            target.execute(sa.insert(older), found)


def kept(database: Database, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """All rows of the columns that were there before, in an order of their own."""
    with database.reading() as session:
        return {
            name: sorted(
                str(tuple(row))
                for row in session.execute(
                    sa.select(*[Base.metadata.tables[name].c[one] for one in names])
                )
            )
            for name, names in columns.items()
        }


def old_columns(database: Database) -> dict[str, list[str]]:
    there = sa.inspect(database.engine)
    return {
        table.name: sorted(
            {column["name"] for column in there.get_columns(table.name)} & set(table.c.keys())
        )
        for table in Base.metadata.sorted_tables
        if there.has_table(table.name)
    }


@pytest.mark.fault("D05", "D06")
def test_D05_D06_every_row_and_every_answer_outlives_an_upgrade(past: Database) -> None:
    columns = old_columns(past)
    before = kept(past, columns)
    assert len(before["responses"]) == 2
    assert before["snapshots"]
    schema.upgrade(past)
    assert schema.check(past) == ()
    assert kept(past, columns) == before
    with past.reading() as session:
        assert rows.counted(session)["responses"] == 2


@pytest.mark.fault("D06")
def test_D06_rebuilding_a_parent_table_leaves_its_children(today: World) -> None:
    """SQLite rebuilds a table by dropping the old one, which would delete every answer below."""
    database = today.database
    with today.reading() as session:
        before = rows.checksum(session)
    with schema._alone(database) as connection:
        operations = Operations(MigrationContext.configure(connection))
        for parent in ("partnerships", "waves", "people", "invitations"):
            with operations.batch_alter_table(parent, recreate="always"):
                pass
    with today.reading() as session:
        assert rows.checksum(session) == before
        assert session.execute(sa.text("pragma foreign_keys")).scalar() == 1
    with today.writing() as session, pytest.raises(sa.exc.IntegrityError):
        session.execute(sa.text("update responses set invitation_id = 'nobody'"))


@pytest.mark.fault("D07")
def test_D07_killed_in_the_middle_of_an_upgrade_nothing_has_changed(past: Database) -> None:
    columns = old_columns(past)
    before = kept(past, columns)
    revision = schema.current(past)
    url = past.url.render_as_string(hide_password=False)
    past.dispose()
    killed = subprocess.run(
        [sys.executable, "-c", DIES, url], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )  # fmt: skip
    assert killed.returncode == -9
    assert schema.current(past) == revision
    assert old_columns(past) == columns
    assert kept(past, columns) == before
    schema.upgrade(past)
    assert kept(past, columns) == before
    assert schema.check(past) == ()


@pytest.mark.fault("D08")
@pytest.mark.parametrize(
    "words",
    [["serve"], ["web"], ["worker", "--once"], ["db", "upgrade"], ["db", "check"], ["backup", "f"],
     ["purge"]],
    ids=" ".join,
)  # fmt: skip
def test_D08_no_command_of_an_older_version_touches_newer_tables(
    tmp_path: Path, words: list[str]
) -> None:
    terminal = Terminal(tmp_path)
    terminal.done("db", "upgrade")
    database = Database(f"sqlite:///{tmp_path / 'instance' / 'muster.db'}")
    with database.writing() as session:
        session.execute(sa.text("update alembic_version set version_num = '9999'"))
        session.commit()
    database.dispose()
    ended = terminal.run(*words)
    assert ended.returncode in {1, 2}
    assert "newer version of Muster" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
