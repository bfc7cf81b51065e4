"""The newest snapshot of a round, joined with what its pages need to show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template

from surveys import loader
from webapp import auth, queries
from webapp.extensions import session
from webapp.models import Wave
from webapp.views import detail, newest, reading


def document(wave: Wave) -> dict[str, Any]:
    """What pages show of the newest snapshot; without one there is no such page."""
    return queries.brief_document(session(), newest.snapshot(wave))


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
