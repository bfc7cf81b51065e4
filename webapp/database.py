"""Engines and sessions: SQLite to begin with, PostgreSQL to grow on.

Every writing transaction on SQLite begins with ``BEGIN IMMEDIATE`` behind one lock per process, so
that threads wait for each other fairly and a read can never be overtaken. Reading sessions have
connections of their own that cannot write at all, on either engine: a page that is fetched changes
nothing.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import orjson
from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

# The name of a session where SQLAlchemy is not named.
OpenSession = Session

MODE = "muster_mode"
LOCK_SECONDS = 30.0
# What is raised when the database cannot be reached, is full, has been busy for too long, or takes
# nothing new: a stand-by of PostgreSQL calls that an internal error.
UNREACHABLE: Final = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeoutError,
    TimeoutError,
)
# The same and tables that are not there.
BROKEN: Final = (DBAPIError, PoolTimeoutError, TimeoutError)

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on the way in, UTC in the table, aware on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy passes it
    ) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of Muster."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


class Database:
    """One database: its engine, and sessions that read or write."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._connected()
        self._writing = self.engine.execution_options(**{MODE: "write"})
        self._brief = (
            self._writing
            if self.sqlite
            else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        # On PostgreSQL nothing is begun only to be read in: a page is two questions, not four.
        self._reading = self._connected(
            **({} if self.sqlite else {"isolation_level": "AUTOCOMMIT"})
        )
        event.listen(self._reading, "connect", self._only_read)

    def _connected(self, **more: Any) -> Engine:
        # An error that is logged must not carry an answer, so it never carries parameters.
        engine = create_engine(
            self.url, hide_parameters=True, json_deserializer=orjson.loads, **more
        )
        prepare = _prepare_sqlite if self.sqlite else _prepare_postgresql
        prepare(engine)
        return engine

    def _only_read(self, connection: Any, _record: Any) -> None:
        read_only = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        connection.execute("PRAGMA query_only=1" if self.sqlite else read_only)
        connection.commit()

    def reading(self) -> Session:
        """A session that cannot write."""
        return Session(self._reading, expire_on_commit=False)

    def writing(self) -> Session:
        """A session that may write; on SQLite it waits for its turn at the first statement."""
        return Session(self._writing, expire_on_commit=False)

    def brief(self) -> Session:
        """A session that may write, for what is one statement on PostgreSQL.

        There each statement commits itself, without a question to begin and one to end with; on
        SQLite, where they cost nothing, it is like any other.
        """
        return Session(self._brief, expire_on_commit=False)

    def now(self) -> datetime:
        """What the clock of the machine shows on which the database runs."""
        with self.reading() as session:
            return session.scalars(select(func.now(type_=UtcDateTime()))).one()

    def dispose(self) -> None:
        self.engine.dispose()
        self._reading.dispose()


def hold(session: Session, row: Base) -> None:
    """Read a row afresh and keep it still until the transaction ends: two who change it take turns.

    What was changed on it in this session is written first, not lost.
    """
    session.flush()
    session.refresh(row, with_for_update=True)


def _prepare_sqlite(engine: Engine) -> None:
    lock = threading.Lock()

    def release(info: dict[Any, Any]) -> None:
        if info.pop("holds_lock", False):
            lock.release()

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(MODE) != "write":
            connection.exec_driver_sql("BEGIN")
            return
        if not lock.acquire(timeout=LOCK_SECONDS):
            raise TimeoutError("another transaction has been writing for too long")
        connection.info["holds_lock"] = True
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            release(connection.info)
            raise

    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", begin)
    # The lock goes back when the transaction is over: the "commit" event fires ahead of COMMIT.
    event.listen(engine, "checkin", lambda _connection, record: release(record.info))


def _set_pragmas(connection: Any, _record: Any) -> None:
    # Python's own transaction handling stays out of the way: BEGIN is said by the begin event.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(engine: Engine) -> None:
    """Notice connections that were cut off while they rested, before a question goes astray.

    The empty question is a third of the work of the driver's own: it passes by all that rows need.
    """
    driver: Any = engine.dialect.loaded_dbapi

    def ask(connection: Any, _record: Any, _proxy: Any) -> None:
        try:
            answered = connection.pgconn.exec_(b"").status == driver.pq.ExecStatus.EMPTY_QUERY
        except driver.Error as error:
            raise DisconnectionError from error
        if not answered:
            raise DisconnectionError

    event.listen(engine, "checkout", ask)
