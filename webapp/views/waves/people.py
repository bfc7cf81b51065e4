"""One person of a round: where they stand, the mails they got, and what a convener can do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from webapp import auth, queries
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Invitation, Message, Wave
from webapp.operations import waves

UNREADABLE = 422


@auth.on_wave("see")
def show(wave: Wave, invitation_id: str) -> str:
    """Where one person stands; never what they answered."""
    return _page(_invitation(wave, invitation_id))


def _invitation(wave: Wave, invitation_id: str) -> Invitation:
    found = queries.invitation_of(session(), wave, invitation_id)
    if found is None:
        abort(404)
    return found


def _page(invitation: Invitation, faults: Sequence[Fault] = (), typed: str | None = None) -> str:
    wave = invitation.wave
    response = invitation.response
    return render_template(
        "waves/person.html",
        wave=wave,
        invitation=invitation,
        person=invitation.person,
        state=queries.state(invitation),
        out_of_reach=queries.invited_now(invitation).out_of_reach,
        mails=sorted(invitation.messages, key=lambda one: (one.queued_at, one.id)),
        saved=response is not None and response.state != "withdrawn",
        sent_at=response.sent_at if response is not None and response.state == "sent" else None,
        running=wave.is_running(shared().clock.now()),
        may_send=auth.allowed(wave.partnership_id, "send"),
        faults=faults,
        typed={"email": invitation.person.email if typed is None else typed},
    )


def _do(wave: Wave, invitation_id: str, verb: Callable[[Invitation], str]) -> Any:
    """Do one thing and say so; if it cannot be, the page comes back with the reason."""
    try:
        news = verb(_invitation(wave, invitation_id))
    except Refused as error:
        session().rollback()
        page = _page(_invitation(wave, invitation_id), error.faults, request.form.get("email"))
        return page, UNREADABLE
    commit()
    flash(news)
    address = url_for("waves.person", wave_id=wave.id, invitation_id=invitation_id)
    return redirect(address, code=303)


@auth.on_wave("send")
def correct_address(wave: Wave, invitation_id: str) -> Any:
    """Reach the person under another address; links that went to the old one end at once."""

    def verb(invitation: Invitation) -> str:
        typed = request.form.get("email", "")
        queued = waves.correct_address(session(), shared().clock, invitation, typed, auth.user())
        went = " The invitation goes to it now." if queued else ""
        return f"The address is corrected.{went} Links that went to the old one have ended."

    return _do(wave, invitation_id, verb)


@auth.on_wave("send")
def mail_link(wave: Wave, invitation_id: str) -> Any:
    """Mail a new link, and end the earlier ones if asked to."""

    def verb(invitation: Invitation) -> str:
        end_old = request.form.get("end_old") == "yes"
        waves.mail_link(session(), shared().clock, invitation, auth.user(), end_old=end_old)
        return f"A new link is on its way.{' Earlier links have ended.' if end_old else ''}"

    return _do(wave, invitation_id, verb)


@auth.on_wave("send")
def hand_link(wave: Wave, invitation_id: str) -> Any:
    """Make a link to pass on by hand: shown here once, kept nowhere."""
    invitation = _invitation(wave, invitation_id)
    try:
        token = waves.hand_link(session(), shared().clock, invitation, auth.user())
    except Refused as error:
        session().rollback()
        return _page(_invitation(wave, invitation_id), error.faults), UNREADABLE
    commit()
    address = f"{shared().settings.public_url}/s/{token}"
    return render_template("waves/handed.html", wave=wave, invitation=invitation, address=address)


@auth.on_wave("send")
def note(wave: Wave, invitation_id: str) -> Any:
    """Note a call or a refusal that a convener heard, or take the note back."""
    return _do(wave, invitation_id, _note)


def _note(invitation: Invitation) -> str:
    what, clock, name = request.form.get("what", ""), shared().clock, invitation.person.name
    if what in {"called", "not_called"}:
        called = what == "called"
        waves.note_called(session(), clock, invitation, auth.user(), called=called)
        return f"Noted: you spoke to {name}." if called else "The call is no longer noted."
    if what in {"declined", "not_declined"}:
        declined = what == "declined"
        waves.mark_declined(session(), clock, invitation, auth.user(), declined=declined)
        if declined:
            return f"Noted: {name} would rather not take part. No more reminders go."
        return f"{name} is asked again, and reminders go."
    raise Refused("Choose what to note")


@auth.on_wave("send")
def resolve(wave: Wave, invitation_id: str) -> Any:
    """Say what became of a mail that nobody knows about, or send it once more."""

    def verb(invitation: Invitation) -> str:
        message = _message(invitation)
        if request.form.get("how") == "arrived":
            waves.take_as_arrived(session(), shared().clock, wave, message, auth.user())
            return "Noted: that mail has arrived."
        waves.send_again(session(), shared().clock, wave, message, auth.user())
        return "That mail goes once more."

    return _do(wave, invitation_id, verb)


def _message(invitation: Invitation) -> Message:
    found = queries.message_of(invitation, request.form.get("mail", ""))
    if found is None:
        raise Refused("Choose a mail of this person")
    return found
