"""The one clock, and the way between UTC and the wall clock of a partnership."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from webapp.faults import Refused


class Clock(Protocol):
    """Anything that tells the present moment."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's clock, moved by ``offset`` so that it agrees with the database's."""

    def __init__(self, offset: timedelta = timedelta(0)) -> None:
        self.offset = offset

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset


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
