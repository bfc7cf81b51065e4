"""Pages: the action plan of a partnership, to look at, to keep, to print and to take along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from webapp import auth, exports, queries
from webapp.clock import to_wall
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Partnership, PlanItem, Snapshot, Wave
from webapp.operations import plan
from webapp.views import starting

blueprint = Blueprint("plan", __name__, url_prefix="/partnerships/<partnership_id>")

UNREADABLE: Final = 422
STATES: Final = {"open": "Not begun", "doing": "Under way", "done": "Done"}
COLUMNS: Final = ("what", "owner", "due", "status", "evidence", "came_from", "round")


@blueprint.get("/plan")
@auth.on_partnership("see")
def listing(partnership: Partnership) -> str:
    """The plan: what is to be done, by whom and by when; what became of it."""
    items = queries.plan(session(), partnership)
    newest = queries.newest_result(session(), partnership)
    document = queries.brief_document(session(), newest) if newest else None
    return render_template(
        "plan/listing.html",
        partnership=partnership,
        items=items,
        wave_id=newest.wave_id if newest else None,
        suggested=starting.suggested(document) if document and not items else [],
        since=_since(items, document) if document else {},
        today=_today(partnership),
        states=STATES,
        day=_day,
        may_change=auth.allowed(partnership.id, "set_up"),
    )


def _since(items: Sequence[PlanItem], now: Mapping[str, Any]) -> dict[str, starting.Check]:
    """By line, how the check it came from stood in its own round and stands in the newest."""
    of_waves: dict[str, dict[str, Any] | None] = {now["wave"]["id"]: dict(now)}
    found = {}
    for item in items:
        if not item.wave_id:
            continue
        if item.wave_id not in of_waves:
            of_waves[item.wave_id] = _result(item.wave_id)
        then = of_waves[item.wave_id]
        moved = starting.since(then, now, item.source) if then else None
        if moved is not None:
            found[item.id] = moved
    return found


def _result(wave_id: str) -> dict[str, Any] | None:
    wave = queries.wave_by_id(session(), wave_id)
    taken = queries.final_snapshot(session(), wave) if wave else None
    return queries.brief_document(session(), taken) if taken else None


@blueprint.get("/plan/new")
@auth.on_partnership("set_up")
def new(partnership: Partnership) -> str:
    """An empty line, or one that begins with the words of a finding."""
    begun = _starter(partnership, request.args.get("source", ""))
    return _form(partnership, {"what": begun.what if begun else ""}, begun=begun)


@blueprint.post("/plan/new")
@auth.on_partnership("set_up")
def add(partnership: Partnership) -> Answer | tuple[str, int]:
    """Put a line on the plan."""
    begun = _starter(partnership, request.form.get("source", ""))
    try:
        plan.add(
            session(),
            shared().clock,
            partnership,
            request.form,
            auth.user(),
            source=begun.source if begun else "",
            wave=_wave_of(partnership) if begun else None,
        )
    except Refused as error:
        session().rollback()
        return _form(partnership, request.form, error.faults, begun=begun), UNREADABLE
    commit()
    flash("It is on the plan.")
    return _to_listing(partnership)


def _starter(partnership: Partnership, source: str) -> starting.Starter | None:
    newest = queries.newest_result(session(), partnership) if source else None
    return starting.starter(queries.brief_document(session(), newest), source) if newest else None


def _wave_of(partnership: Partnership) -> Wave | None:
    newest: Snapshot | None = queries.newest_result(session(), partnership)
    return queries.wave_by_id(session(), newest.wave_id) if newest else None


@blueprint.get("/plan/<item_id>")
@auth.on_partnership("set_up")
def item(partnership: Partnership, item_id: str) -> str:
    """One line, to be changed."""
    found = _item(partnership, item_id)
    typed = {name: getattr(found, name) for name in plan.FIELDS}
    return _form(partnership, typed, of=found)


@blueprint.post("/plan/<item_id>")
@auth.on_partnership("set_up")
def change(partnership: Partnership, item_id: str) -> Answer | tuple[str, int]:
    """Keep what was changed in a line."""
    found = _item(partnership, item_id)
    try:
        plan.change(session(), shared().clock, partnership, found, request.form, auth.user())
    except Refused as error:
        session().rollback()
        return _form(partnership, request.form, error.faults, of=found), UNREADABLE
    commit()
    flash("Saved.")
    return _to_listing(partnership)


@blueprint.post("/plan/<item_id>/remove")
@auth.on_partnership("set_up")
def remove(partnership: Partnership, item_id: str) -> Answer:
    """Take a line off the plan."""
    plan.remove(session(), shared().clock, partnership, _item(partnership, item_id), auth.user())
    commit()
    flash("The line is off the plan.")
    return _to_listing(partnership)


@blueprint.get("/plan.csv")
@auth.on_partnership("export")
def as_csv(partnership: Partnership) -> Response:
    """The plan as a table."""
    table = exports.csv_bytes((COLUMNS, list(_rows(partnership))))
    answer = Response(table, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="plan-{partnership.id}.csv"'
    return answer


def _rows(partnership: Partnership) -> Iterator[Sequence[exports.Cell]]:
    for one in queries.plan(session(), partnership):
        yield (
            one.what,
            one.owner,
            one.due,
            STATES[one.state],
            one.evidence,
            one.source,
            one.wave_id or "",
        )


def _item(partnership: Partnership, item_id: str) -> PlanItem:
    found = queries.plan_item(session(), partnership, item_id)
    if found is None:
        abort(404)
    return found


def _form(
    partnership: Partnership,
    typed: Mapping[str, Any],
    faults: Sequence[Fault] = (),
    *,
    of: PlanItem | None = None,
    begun: starting.Starter | None = None,
) -> str:
    return render_template(
        "plan/item.html",
        partnership=partnership,
        item=of,
        typed=typed,
        faults=faults,
        begun=begun,
        states=STATES,
    )


def _to_listing(partnership: Partnership) -> Answer:
    return redirect(url_for("plan.listing", partnership_id=partnership.id), code=303)


def _today(partnership: Partnership) -> str:
    return f"{to_wall(shared().clock.now(), partnership.timezone):%Y-%m-%d}"


def _day(written: str) -> str:
    """A day of the calendar as people say it."""
    known = date.fromisoformat(written)
    return f"{known:%A, %B} {known.day}, {known.year}"
