"""Pages: the team of a partnership, who may do what, and who is asked to join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webapp import auth, queries
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Fault, Refused
from webapp.mail import leaving
from webapp.models import MemberInvitation, Membership, Partnership
from webapp.operations import members

blueprint = Blueprint("team", __name__, url_prefix="/partnerships/<partnership_id>/team")

FIELDS: Final = ("email", "level")
WRONG: Final = 422


@blueprint.get("")
@auth.on_partnership("see")
def listing(partnership: Partnership) -> str:
    """Everyone who works on the partnership, and everyone who was asked to."""
    return _listing(partnership)


def _listing(
    partnership: Partnership,
    faults: Sequence[Fault] = (),
    typed: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "team/listing.html",
        partnership=partnership,
        members=queries.members(session(), partnership),
        invited=queries.invited_colleagues(session(), shared().clock, partnership),
        me=auth.user(),
        may_let_in=auth.allowed(partnership.id, "let_in"),
        mail=leaving.describe(session(), shared().settings),
        faults=faults,
        typed=typed or {},
    )


def _done(partnership: Partnership, news: str) -> Response:
    commit()
    flash(news)
    return redirect(url_for("team.listing", partnership_id=partnership.id), code=303)


@blueprint.post("/invite")
@limiter.limit("30 per 10 minutes")
@auth.on_partnership("let_in")
def invite(partnership: Partnership) -> tuple[str, int] | Response:
    """Have an invitation mailed to a colleague."""
    if any(len(request.form.getlist(field)) > 1 for field in FIELDS):
        abort(400)
    typed = {field: request.form.get(field, "") for field in FIELDS}
    try:
        invited = members.invite(session(), shared().clock, partnership, auth.user(), **typed)
    except Refused as error:
        return _listing(partnership, error.faults, typed), WRONG
    return _done(partnership, f"An invitation to {invited.email} is on its way.")


@blueprint.post("/invitations/<invitation_id>")
@limiter.limit("30 per 10 minutes")
@auth.on_partnership("let_in")
def change_invitation(partnership: Partnership, invitation_id: str) -> tuple[str, int] | Response:
    """Send an invitation again, or withdraw it."""
    invited = queries.member_invitation(session(), partnership, invitation_id)
    if invited is None:
        abort(404)
    try:
        news = _act_on_invitation(partnership, invited)
    except Refused as error:
        return _listing(partnership, error.faults), WRONG
    return _done(partnership, news)


def _act_on_invitation(partnership: Partnership, invited: MemberInvitation) -> str:
    given = (session(), shared().clock, partnership, invited, auth.user())
    act = request.form.getlist("act")
    if act == ["resend"]:
        members.resend(*given)
        return f"The invitation to {invited.email} is on its way again."
    if act == ["withdraw"]:
        members.withdraw(*given)
        return f"The invitation to {invited.email} is withdrawn. Its link opens nothing now."
    raise BadRequest


@blueprint.post("/members/<user_id>")
@auth.on_partnership("let_in")
def change_member(partnership: Partnership, user_id: str) -> tuple[str, int] | Response:
    """Change what a member may do, or take the member out."""
    member = queries.member(session(), partnership, user_id)
    if member is None:
        abort(404)
    try:
        news = _act_on_member(partnership, member)
    except Refused as error:
        return _listing(partnership, error.faults), WRONG
    return _done(partnership, news)


def _act_on_member(partnership: Partnership, member: Membership) -> str:
    clock, by, who = shared().clock, auth.user(), member.user.name or member.user.email
    act = request.form.getlist("act")
    if act == ["level"]:
        level = request.form.get("level", "")
        members.change_level(session(), clock, partnership, member, level, by)
        return f"{who} is now {'a' if level == 'viewer' else 'an'} {level}."
    if act == ["remove"]:
        members.remove(session(), clock, partnership, member, by)
        return f"{who} is out of the team and sees nothing of it any more."
    raise BadRequest


@blueprint.post("/leave")
@auth.on_partnership("see")
def leave(partnership: Partnership) -> tuple[str, int] | Response:
    """Take oneself out of the team, after a second look."""
    if request.form.get("leave") != "yes":
        fault = Fault("leave", "tick the box first, if you want to leave")
        return _listing(partnership, [fault]), WRONG
    member = queries.member(session(), partnership, auth.user().id)
    if member is None:
        abort(404)
    try:
        members.remove(session(), shared().clock, partnership, member, auth.user())
    except Refused as error:
        return _listing(partnership, error.faults), WRONG
    commit()
    flash(f"You have left {partnership.name}.")
    return redirect(url_for("partnerships.listing"), code=303)
