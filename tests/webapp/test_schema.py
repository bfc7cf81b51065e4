"""The migrations make exactly the tables of the models, on both engines, one process at a time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from webapp import queries, schema
from webapp.database import Base, Database
from webapp.faults import Refused
from webapp.models import REMINDER_RULES


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without any table."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").fresh(empty=True)
    else:
        url = f"sqlite:///{tmp_path / 'with space' / 'muster.db'}"
        (tmp_path / "with space").mkdir()
    made = Database(url)
    yield made
    made.dispose()


def test_migrations_and_models_agree(empty: Database) -> None:
    assert schema.upgrade(empty) == (None, schema.newest())
    assert schema.differences(empty) == []
    assert schema.check(empty) == ()
    assert schema.upgrade(empty) == (schema.newest(), schema.newest())


def _shape(database: Database) -> dict[str, object]:
    """Every constraint and index by name, which the comparison above does not look at."""
    found = sa.inspect(database.engine)
    shape: dict[str, object] = {}
    for table in sorted(Base.metadata.tables):
        checks = [(one["name"], one["sqltext"]) for one in found.get_check_constraints(table)]
        uniques = [
            (one["name"], one["column_names"]) for one in found.get_unique_constraints(table)
        ]
        references = [
            (one["name"], one["constrained_columns"], one["options"].get("ondelete"))
            for one in found.get_foreign_keys(table)
        ]
        indexes = [(one["name"], one["column_names"]) for one in found.get_indexes(table)]
        columns = [
            (one["name"], str(one["type"]), one["nullable"]) for one in found.get_columns(table)
        ]
        key = found.get_pk_constraint(table)["constrained_columns"]
        parts = (checks, uniques, references, indexes)
        shape[table] = (*(sorted(part, key=str) for part in parts), columns, key)
    return shape


def test_migrations_make_every_constraint_of_the_models(empty: Database, database_url: str) -> None:
    made = Database(database_url)
    if made.sqlite != empty.sqlite:
        made.dispose()
        return
    schema.upgrade(empty)
    assert _shape(empty) == _shape(made)
    made.dispose()


@pytest.mark.fault("D09")
def test_D09_of_several_that_migrate_at_once_one_does(empty: Database) -> None:
    url = empty.url.render_as_string(hide_password=False)

    def migrate(_number: int) -> str | None:
        database = Database(url)
        before, _ = schema.upgrade(database)
        database.dispose()
        return before

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(migrate, range(4)))
    assert sorted(found, key=str) == sorted([None, *[schema.newest()] * 3], key=str)


@pytest.mark.fault("D07")
def test_D07_a_migration_that_breaks_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_options: object) -> None:
        real(*_arguments, **_options)
        raise RuntimeError("pulled the plug")

    real = schema.command.upgrade
    monkeypatch.setattr(schema.command, "upgrade", broken)
    with pytest.raises(RuntimeError, match="pulled the plug"):
        schema.upgrade(empty)
    assert schema.current(empty) is None
    assert sa.inspect(empty.engine).get_table_names() == []
    monkeypatch.undo()
    assert schema.upgrade(empty) == (None, schema.newest())


@pytest.mark.fault("D08")
def test_D08_tables_of_a_newer_version_are_left_alone(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.writing() as session:
        session.execute(sa.text("update alembic_version set version_num = '9999'"))
        session.commit()
    with pytest.raises(Refused, match="newer version"):
        schema.upgrade(empty)
    with pytest.raises(Refused, match="newer version"):
        schema.check(empty)


def test_missing_tables_and_changed_ones_are_told(empty: Database) -> None:
    assert schema.check(empty) == ("the database has no tables yet; run: muster db upgrade",)
    schema.upgrade(empty)
    with empty.writing() as session:
        session.execute(sa.text("drop table charts"))
        session.commit()
    assert any("charts" in line for line in schema.check(empty))


def test_foreign_keys_hold_again_after_a_migration(empty: Database) -> None:
    schema.upgrade(empty)
    orphan = sa.text(
        "insert into memberships (user_id, partnership_id, level, created_at) "
        "values ('u', 'p', 'owner', '2026-01-01')"
    )
    with empty.writing() as session, pytest.raises(sa.exc.IntegrityError):
        session.execute(orphan)


def test_the_numbers_of_pages_and_of_alembic_agree() -> None:
    assert queries.newest_revision() == schema.newest()


def test_web_processes_do_not_load_alembic() -> None:
    program = "import sys, webapp, webapp.views; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_migrations_make_the_rules_for_reminders(empty: Database) -> None:
    schema.upgrade(empty)
    query = (
        "select sql from sqlite_master where type = 'trigger'"
        if empty.sqlite
        else "select prosrc from pg_proc where proname = 'reminders_within_bounds'"
    )
    with empty.engine.connect() as connection:
        (made,) = connection.exec_driver_sql(query).scalars()
    dialect = empty.engine.dialect.name
    (rule, *_) = [text for name, text in REMINDER_RULES if name == dialect]
    assert made.strip()[-400:] in rule
