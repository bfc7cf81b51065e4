"""Not taking part, no more mail, not me, and the newest link once more."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for

from webapp import links
from webapp.extensions import commit, session, shared
from webapp.faults import Refused
from webapp.operations import declining
from webapp.views.respond import ends, guard, visit
from webapp.views.respond.visit import Visit

VERBS = {
    "decline": declining.decline,
    "come_back": declining.come_back,
    "opt_out": declining.opt_out,
}


@guard.opened
def ask(found: Visit) -> Any:
    """Two honest ways out, and what each one does."""
    return render_template("respond/stop.html", visit=found, address=_own(found), live=found.live)


@guard.stepping_back
def do(found: Visit) -> Any:
    """Do what was chosen; without a choice, no more mail."""
    if not found.trial:
        _step_back(found)
    return redirect(_own(found), 303)


def _own(found: Visit) -> str:
    return url_for("respond.stop", token=found.token)


def _step_back(found: Visit) -> None:
    verb = VERBS.get(request.form.get("how", ""), declining.opt_out)
    verb(session(), shared().clock, found.link)
    commit()


def ask_stop(token: str) -> Any:
    """The page of an opt-out link from a mail; opening it changes nothing."""
    found = _stop_visit(token)
    return _stop_page(found) if found else guard.nothing_there(visit.mended(token))


def do_stop(token: str) -> Any:
    """Opt out by the link of a mail: by the button, or by the mail program itself.

    Answers 200 without a redirect and without any token, as one-click unsubscribing wants it.
    """
    found = _stop_visit(token)
    if found is None:
        return guard.nothing_there(visit.mended(token))
    _step_back(found)
    return _stop_page(found)


def _stop_visit(token: str) -> Visit | None:
    whole = visit.mended(token)
    link = links.resolve(session(), whole, (links.STOP,))
    return Visit(whole, link) if link else None


def _stop_page(found: Visit) -> str:
    address = url_for("respond.opt_out", token=found.token)
    return render_template("respond/stop.html", visit=found, address=address, live=False)


@guard.opened
def ask_not_you(found: Visit) -> Any:
    """Whoever is not the person meant can say so without seeing anything."""
    return render_template("respond/not_you.html", visit=found, told=False)


@guard.stepping_back
def not_you(found: Visit) -> Any:
    """Tell the conveners that the link went astray."""
    if found.trial:
        return render_template("respond/not_you.html", visit=found, told=True)
    declining.report_wrong_person(session(), shared().clock, found.link)
    commit()
    return render_template("respond/not_you.html", visit=found, told=True)


def newest_link(token: str) -> Any:
    """Mail a fresh link to its own person; the page is the same for any token."""
    whole = visit.mended(token)
    link = links.resolve(session(), whole, links.ANSWERING)
    if link is None and not guard.guess_allowed():
        return ends.too_many()
    declining.ask_newest_link(session(), shared().clock, link)
    commit()
    return _asked()


def ask_by_address() -> Any:
    """Ask for the newest link with the address that is invited."""
    return render_template("respond/find_link.html", visit=None, problem="")


def by_address() -> Any:
    """Mail a fresh link to the typed address if it is invited; the page never tells."""
    typed = request.form.get("email", "").strip()
    if not guard.guess_allowed():
        return ends.too_many()
    try:
        declining.ask_newest_link_by_address(session(), shared().clock, typed)
    except Refused:
        page = render_template(
            "respond/find_link.html", visit=None, problem="Type your email address", typed=typed
        )
        return make_response(page, 422)
    commit()
    return _asked()


def _asked() -> Any:
    return render_template("respond/link_asked.html", visit=None)
