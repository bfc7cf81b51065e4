"""The newest snapshot of a round, joined with what its pages need to show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, render_template

from surveys import loader
from webapp import auth, queries
from webapp.extensions import session
from webapp.models import Snapshot, Wave
from webapp.views import detail, reading


def snapshot(wave: Wave) -> Snapshot:
    """The newest snapshot; without one there is no such page."""
    found = queries.snapshot(session(), wave)
    if found is None:
        abort(404)
    return found


def document(wave: Wave) -> dict[str, Any]:
    """What pages show of the newest snapshot; without one there is no such page."""
    return queries.brief_document(session(), snapshot(wave))


def page(template: str, wave: Wave, document: Mapping[str, Any], **more: Any) -> str:
    """One page of results, made of the stored document alone."""
    return render_template(
        template,
        wave=wave,
        doc=document,
        questionnaire=loader.load(document["wave"]["questionnaire"]),
        reading=reading,
        detail=detail,
        may_change=auth.allowed(wave.partnership_id, "set_up"),
        **more,
    )
