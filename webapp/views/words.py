"""How pages say moments: weekday, date, time and zone, never a bare number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from flask import Flask

from webapp.clock import spoken, to_wall

# What most teams need, by the words they use; every other zone of the IANA list has its own name.
USUAL_ZONES: Final[Mapping[str, str]] = {
    "America/New_York": "Eastern time (New York)",
    "America/Chicago": "Central time (Chicago)",
    "America/Denver": "Mountain time (Denver)",
    "America/Phoenix": "Arizona time (Phoenix)",
    "America/Los_Angeles": "Pacific time (Los Angeles)",
    "America/Anchorage": "Alaska time (Anchorage)",
    "Pacific/Honolulu": "Hawaii time (Honolulu)",
    "America/Puerto_Rico": "Atlantic time (Puerto Rico)",
}


def spoken_day(moment: datetime, zone: str) -> str:
    """A day as people read it: ``Tuesday, June 9``."""
    wall = to_wall(moment, zone)
    return f"{wall:%A, %B} {wall.day}"


def wall_day(moment: datetime, zone: str) -> str:
    """The same for machines, without the time: ``2026-06-09``."""
    return f"{to_wall(moment, zone):%Y-%m-%d}"


def zone_name(zone: str) -> str:
    """A time zone by the words under which it is chosen: ``Mountain time (Denver)``."""
    return USUAL_ZONES.get(zone, zone.replace("_", " "))


def init_app(app: Flask) -> None:
    """Give the templates these words."""
    app.add_template_filter(spoken, "spoken")
    app.add_template_filter(spoken_day, "spoken_day")
    app.add_template_filter(wall_day, "wall_day")
    app.add_template_filter(zone_name, "zone_name")
    app.add_template_filter(datetime.fromisoformat, "as_moment")
