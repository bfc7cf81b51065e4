"""Pages: who did what in a partnership, in words; never an answer."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from webapp import auth, queries
from webapp.extensions import session
from webapp.models import Partnership
from webapp.queries import Deed
from webapp.views.history.sentences import NOBODY, sentence

blueprint = Blueprint("history", __name__)


@blueprint.get("/partnerships/<partnership_id>/history")
@auth.on_partnership("see")
def listing(partnership: Partnership) -> str:
    """The deeds of a partnership, newest first, a page at a time."""
    page = request.args.get("page", 1, type=int)
    found = queries.history(session(), partnership, page)
    return render_template(
        "history/listing.html",
        partnership=partnership,
        history=found,
        lines=[(deed, _who(deed), sentence(deed.action, deed.details)) for deed in found.deeds],
    )


def _who(deed: Deed) -> str:
    if deed.is_user:
        return deed.who
    return NOBODY.get(deed.who, "Somebody whose account is gone")
