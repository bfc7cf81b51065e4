"""Every row of every table: counted, told apart, and poured from one database into another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import orjson
from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.orm import Session

from webapp import models
from webapp.database import Database

# Importing the models has filled it; parents stand before their children.
TABLES: Final = tuple(models.Partnership.metadata.sorted_tables)
_BATCH: Final = 500


def counted(session: Session) -> dict[str, int]:
    """How many rows each table holds, empty ones left out."""
    found = ((table.name, _count(session, table)) for table in TABLES)
    return {name: count for name, count in found if count}


def _count(session: Session, table: Table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def checksum(session: Session) -> str:
    """One number for everything that is kept: the same on both engines for the same rows."""
    whole = hashlib.sha256()
    for table in TABLES:
        rows = sorted(_digest(dict(row)) for row in session.execute(select(table)).mappings())
        whole.update(table.name.encode() + b"".join(rows))
    return whole.hexdigest()


def _digest(row: dict[str, Any]) -> bytes:
    written = orjson.dumps(row, default=_plain, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(written).digest()


def _plain(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    raise TypeError(type(value).__name__)


def pour(source: Database, target: Session) -> None:
    """Put every row of ``source``, as it is at one moment, into the empty tables of ``target``."""
    with source.reading() as session, _rules_at_rest(target):
        if not source.sqlite:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        for table in TABLES:
            batch: list[dict[str, Any]] = []
            for row in _read(session, table):
                batch.append(row)
                if len(batch) == _BATCH:
                    target.execute(insert(table), batch)
                    batch = []
            if batch:
                target.execute(insert(table), batch)
    if target.get_bind().dialect.name == "postgresql":
        _count_on(target)


@contextmanager
def _rules_at_rest(target: Session) -> Iterator[None]:
    """Rules about new rows look at the rows before them; these come in any order, and are old."""
    connection = target.connection()
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.exec_driver_sql(f'alter table "{table.name}" disable trigger user')
        yield
        for table in TABLES:
            connection.exec_driver_sql(f'alter table "{table.name}" enable trigger user')
        return
    query = "select name, sql from sqlite_master where type = 'trigger'"
    rules = connection.exec_driver_sql(query).all()
    for name, _ in rules:
        connection.exec_driver_sql(f'drop trigger "{name}"')
    yield
    for _, rule in rules:
        connection.exec_driver_sql(rule)


def _read(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    query = select(table).execution_options(yield_per=_BATCH)
    for row in session.execute(query).mappings():
        yield dict(row)


def _count_on(target: Session) -> None:
    """PostgreSQL numbers new rows by counters of its own: they go on after the last row."""
    for table in TABLES:
        for column in table.primary_key.columns:
            if not isinstance(column.type, Integer) or column.autoincrement is False:
                continue
            if len(table.primary_key.columns) == 1:
                last = target.scalar(select(func.max(column)))
                if last is not None:
                    target.execute(
                        text("select setval(pg_get_serial_sequence(:of, :name), :last)"),
                        {"of": table.name, "name": column.name, "last": last},
                    )
