"""The one clock, and the way between UTC and the wall clock of a partnership."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from webapp.database import UNREACHABLE, Database
from webapp.faults import Refused


class Clock(Protocol):
    """Anything that tells the present moment."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DatabaseClock:
    """The database's clock, by which all processes on all machines decide what is due and over.

    It is the machine's clock, moved by how far that is off; measured once, when it is first asked
    while the database can be reached. A database in a file has the machine's own clock.
    """

    def __init__(self, database: Database, machine: Clock | None = None) -> None:
        self._database = database
        self._machine = machine or SystemClock()
        self._off = timedelta(0) if database.sqlite else None

    def now(self) -> datetime:
        if self._off is None:
            self._off = self._measured()
        return self._machine.now() + (self._off or timedelta(0))

    def _measured(self) -> timedelta | None:
        before = self._machine.now()
        try:
            there = self._database.now()
        except UNREACHABLE:
            return None
        after = self._machine.now()
        return there - (before + (after - before) / 2)


class FixedClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, at: datetime) -> None:
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def move(self, **step: float) -> None:
        self.at += timedelta(**step)


def from_wall(wall: datetime, zone: str) -> datetime:
    """The moment at which the clocks of ``zone`` show ``wall`` (the first of two in autumn).

    Raises ``Refused`` for a time that the clocks of the zone skip in spring.
    """
    moment = wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(fold=0):
        raise Refused(
            f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d} in {zone}: the clocks change. "
            "Choose another time."
        )
    return moment


def comes_twice(moment: datetime, zone: str) -> bool:
    """Whether the clocks of ``zone`` show the same time once more within a day of ``moment``."""
    wall = moment.astimezone(ZoneInfo(zone))
    return wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()


def to_wall(moment: datetime, zone: str) -> datetime:
    """What the clocks of ``zone`` show at ``moment``."""
    return moment.astimezone(ZoneInfo(zone))


def spoken(moment: datetime, zone: str) -> str:
    """A moment as people read it: ``Friday, December 11, 2026, 17:00 MST``."""
    wall = to_wall(moment, zone)
    return f"{wall:%A, %B} {wall.day}, {wall:%Y, %H:%M %Z}"
