"""The tables of the database: bring them to this version, and say whether they are.

Loads Alembic, which web processes must not; they compare numbers instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection

from webapp import models
from webapp.database import MODE, Database
from webapp.faults import Refused

# Importing the models has filled it.
METADATA = models.Partnership.metadata
# Any number will do as long as every process takes the same.
_MIGRATING = 7_265_001


def _config() -> Config:
    config = Config()
    # Brackets of a path would be read as blanks.
    folder = str(resources.files("webapp") / "migrations").replace("%", "%%")
    config.set_main_option("script_location", folder)
    config.set_main_option("path_separator", "os")
    return config


def newest() -> str:
    """The number of this version's newest migration."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("this installation holds no migrations")
    return head


def current(database: Database) -> str | None:
    """The number of the newest migration that ran in a database."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(database: Database) -> tuple[str | None, str]:
    """Run the migrations that are missing; returns the number before and after.

    One process at a time migrates, all steps or none. Raises ``Refused`` for tables that a newer
    version of Muster made.
    """
    with _alone(database) as connection:
        before = MigrationContext.configure(connection).get_current_revision()
        _refuse_newer(before)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return before, newest()


def check(database: Database) -> tuple[str, ...]:
    """What is wrong with the tables; nothing when they are those of this version."""
    found = current(database)
    _refuse_newer(found)
    if found is None:
        return ("the database has no tables yet; run: muster db upgrade",)
    if found != newest():
        return (
            f"the tables are at {found}, this version needs {newest()}; run: muster db upgrade",
        )
    return tuple(
        f"differs from this version: {_told(difference)}" for difference in differences(database)
    )


def differences(database: Database) -> list[object]:
    """How the tables differ from the models, as Alembic tells it."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


def _told(difference: object) -> str:
    parts = difference if isinstance(difference, tuple) else (difference,)
    return " ".join(str(part) for part in parts)


def _refuse_newer(found: str | None) -> None:
    if found is not None and found > newest():
        raise Refused(
            f"the tables were made by a newer version of Muster ({found}, here {newest()}): "
            "install that version"
        )


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """One transaction that keeps every other process from migrating."""
    with database.engine.execution_options(**{MODE: "write"}).connect() as connection:
        if database.sqlite:
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():
                if not database.sqlite:
                    connection.execute(
                        text("select pg_advisory_xact_lock(:number)"), {"number": _MIGRATING}
                    )
                yield connection
                if database.sqlite:
                    _check_references(connection)
        finally:
            if database.sqlite:
                _foreign_keys(connection, on=True)


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    """Off while tables are rebuilt: else dropping the old one deletes what refers to it.

    It can be said between transactions only, so it goes past SQLAlchemy, which would begin one.
    """
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")
    cursor.close()


def _check_references(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise RuntimeError(f"{len(orphans)} rows would refer to nothing")
