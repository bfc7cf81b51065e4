"""The newest snapshot of a round, joined with what its pages need to show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, render_template, request

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


def numbered(total: int, each: int) -> tuple[int, int]:
    """Which page of a long list is asked for, and how many it has; beyond the last is nothing."""
    number, pages = max(request.args.get("page", 1, type=int), 1), -(-total // each)
    if number > max(pages, 1):
        abort(404)
    return number, pages
