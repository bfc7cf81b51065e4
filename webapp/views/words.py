"""How pages say moments: weekday, date, time and zone, never a bare number."""

from __future__ import annotations

from datetime import datetime

from flask import Flask

from webapp.clock import spoken, to_wall


def spoken_day(moment: datetime, zone: str) -> str:
    """A day as people read it: ``Tuesday, June 9``."""
    wall = to_wall(moment, zone)
    return f"{wall:%A, %B} {wall.day}"


def wall_day(moment: datetime, zone: str) -> str:
    """The same for machines, without the time: ``2026-06-09``."""
    return f"{to_wall(moment, zone):%Y-%m-%d}"


def init_app(app: Flask) -> None:
    """Give the templates these words."""
    app.add_template_filter(spoken, "spoken")
    app.add_template_filter(spoken_day, "spoken_day")
    app.add_template_filter(wall_day, "wall_day")
    app.add_template_filter(datetime.fromisoformat, "as_moment")
