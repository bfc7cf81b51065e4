"""Safekeeping: backups, and moving everything into another database.

A backup is one SQLite file, whichever engine it was made from: it can be looked into with nothing
installed, brought to a newer version's tables, and restored into either engine.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from webapp import schema
from webapp.database import Database
from webapp.faults import Fault, Refused
from webapp.safekeeping import rows

# Written into the header of a backup, so that a file can be told from any other: "MUST".
_MARK: Final = 0x4D555354


@dataclass(frozen=True)
class Restored:
    """What was put back: rows by table, and when the backup was made, where the file says so."""

    rows: dict[str, int]
    made_at: datetime | None


def named(url: str) -> Database:
    """The database at an address. Raises ``Refused`` for what is no such address."""
    try:
        return Database(url)
    except (ArgumentError, ImportError) as error:
        raise Refused([Fault("the address of the database", str(error))]) from error


def back_up(database: Database, file: Path, at: datetime) -> dict[str, int]:
    """Write everything, as it is at one moment, into a new file that only its owner can read.

    Nobody waits for it: people go on answering. Returns the number of rows by table. Raises
    ``Refused`` if the file exists; a file that is not whole never gets the name.
    """
    if file.exists():
        raise Refused(f"{file} exists already; a backup overwrites nothing")
    part = file.with_name(f".{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if database.sqlite:
            _copy_online(Path(str(database.url.database)), part)
        else:
            _pour_into(database, part)
        found = _counted(part)
        _seal(part, at)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)
    return found


def restore(file: Path, target: Database, after: Callable[[Session, Restored], None]) -> Restored:
    """Put a backup into an empty database; ``after`` sees to what must not simply go on.

    An older version's backup is brought to this version's tables first, in a copy. All of it is
    restored or nothing. Raises ``Refused`` for a file that is no whole backup, and for a database
    that holds rows.
    """
    with _opened(file) as (source, made_at):
        schema.upgrade(source)
        _make_ready(target)
        with target.writing() as session:
            rows.pour(source, session)
            restored = Restored(rows.counted(session), made_at)
            after(session, restored)
            session.commit()
    return restored


def move(source: Database, target: Database) -> dict[str, int]:
    """Copy everything into another, empty database and compare; returns rows by table.

    Raises ``Refused`` if the target holds rows.
    """
    if source.url == target.url:
        raise Refused("that is the database everything is kept in already")
    _make_ready(target)
    with target.writing() as session:
        rows.pour(source, session)
        with source.reading() as original:
            if rows.checksum(original) != rows.checksum(session):
                raise Refused("something was changed while it was copied; stop Muster first")
        session.commit()
        return rows.counted(session)


def _make_ready(target: Database) -> None:
    if target.sqlite:
        path = Path(str(target.url.database))
        path.parent.mkdir(parents=True, exist_ok=True)
        _refuse_leftovers(path)
        # It will hold names and answers: nobody but its owner reads it.
        path.touch(0o600)
    schema.upgrade(target)
    with target.reading() as session:
        held = rows.counted(session)
    if held:
        number = sum(held.values())
        raise Refused(f"the database holds {number:,} rows already; only an empty one is filled")


def _refuse_leftovers(path: Path) -> None:
    """Changes left over from another file of the same name would be mixed into the new one."""
    if path.exists():
        return
    for ending in ("-wal", "-shm", "-journal"):
        left = path.with_name(path.name + ending)
        if left.exists():
            raise Refused(f"{left} belongs to the file that was here: move it away with that one")


def _copy_online(source: Path, part: Path) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(part)) as copy:
        original.backup(copy)


def _pour_into(source: Database, part: Path) -> None:
    made = Database(f"sqlite:///{part}")
    try:
        schema.upgrade(made)
        with made.writing() as session:
            rows.pour(source, session)
            session.commit()
    finally:
        made.dispose()


def _seal(part: Path, at: datetime) -> None:
    """Make it one file, mark it, and see that it is whole and on the disk."""
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("pragma journal_mode=delete")
        copy.execute(f"pragma application_id={_MARK}")
        copy.execute(f"pragma user_version={int(at.timestamp())}")
        copy.commit()
        _check_whole(copy)
    descriptor = os.open(part, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _check_whole(copy: sqlite3.Connection) -> None:
    faults = [line for (line,) in copy.execute("pragma integrity_check") if line != "ok"]
    orphans = copy.execute("pragma foreign_key_check").fetchall()
    if faults or orphans:
        raise Refused(
            f"the file is damaged: {faults[0] if faults else f'{len(orphans)} rows lead nowhere'}"
        )


def _counted(file: Path) -> dict[str, int]:
    made = Database(f"sqlite:///{file}")
    try:
        with made.reading() as session:
            return rows.counted(session)
    finally:
        made.dispose()


@contextmanager
def _opened(file: Path) -> Iterator[tuple[Database, datetime | None]]:
    """A copy of a backup that may be changed, and when the backup was made."""
    with tempfile.TemporaryDirectory(prefix="muster-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(file, copy)
        made_at = _recognized(copy, file)
        made = Database(f"sqlite:///{copy}")
        try:
            yield made, made_at
        finally:
            made.dispose()


def _recognized(copy: Path, file: Path) -> datetime | None:
    try:
        with closing(sqlite3.connect(copy)) as opened:
            _check_whole(opened)
            opened.execute("select version_num from alembic_version").fetchone()
            opened.execute("select count(*) from waves")
            (mark,) = opened.execute("pragma application_id").fetchone()
            (seconds,) = opened.execute("pragma user_version").fetchone()
    except sqlite3.DatabaseError as error:
        raise Refused(f"{file} is not a backup of Muster ({error})") from error
    return datetime.fromtimestamp(seconds, UTC) if mark == _MARK and seconds else None
