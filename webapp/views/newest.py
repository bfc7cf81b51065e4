"""The newest result of a round, for every page that shows, prints or hands one out."""

from __future__ import annotations

from flask import abort

from webapp import queries
from webapp.extensions import session
from webapp.models import Snapshot, Wave


def snapshot(wave: Wave) -> Snapshot:
    """The newest snapshot; without one there is no such page."""
    found = queries.snapshot(session(), wave)
    if found is None:
        abort(404)
    return found
