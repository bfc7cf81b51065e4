"""Pages: the roster. Bring people in from a table, look before importing, change one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from webapp import auth, exports, queries, uploads
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Partnership, Person
from webapp.operations import roster, roster_advice, roster_people
from webapp.views import receiving

blueprint = Blueprint("roster", __name__, url_prefix="/partnerships/<partnership_id>/roster")
receiving.take_tables(blueprint)

FIRST_ROWS: Final = 10
SHOWN: Final = ("first", "errors", "all")
UNREADABLE: Final = 422


@dataclass(frozen=True)
class Line:
    """One row of the table as the preview shows it."""

    number: int
    cells: tuple[str, ...]
    outcome: str
    changes: tuple[str, ...]
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]


@blueprint.get("")
@auth.on_partnership("see")
def listing(partnership: Partnership) -> str:
    """Everyone on the roster, the sizes of the groups, and the ways to bring people in."""
    return _listing(partnership)


def _listing(
    partnership: Partnership,
    faults: Sequence[Fault] = (),
    typed: Mapping[str, str] | None = None,
    way: str = "",
) -> str:
    return render_template(
        "roster/listing.html",
        partnership=partnership,
        people=queries.people(session(), partnership),
        groups=roster_advice.groups(session(), partnership),
        twice=roster_advice.named_twice(session(), partnership),
        conveners=_conveners(partnership),
        may_change=auth.allowed(partnership.id, "set_up"),
        faults=faults,
        typed=typed or {},
        way=way,
    )


@blueprint.get("/template.csv")
@auth.on_partnership("see")
def template(partnership: Partnership) -> Response:  # noqa: ARG001 - the same for every roster
    """An empty roster with the headings."""
    answer = Response(exports.csv_bytes((roster.FIELDS, ())), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=roster.csv"
    return answer


@blueprint.post("/check")
@auth.on_partnership("set_up")
def check(partnership: Partnership) -> str | tuple[str, int]:
    """What a table would do to the roster. Nothing is imported here."""
    try:
        table = receiving.table()
        planned = roster.plan(session(), partnership, table)
    except Refused as error:
        way = "file" if "file" in request.files else "paste"
        return _listing(partnership, error.faults, request.form, way), UNREADABLE
    return _preview(partnership, table, planned)


def _preview(
    partnership: Partnership, table: uploads.Table, planned: roster.Plan, *, moved: bool = False
) -> str:
    columns = uploads.find_columns(table.header, roster.SYNONYMS)
    lines = _lines(table, planned)
    show = request.form.get("show", "errors" if planned.faults else "first")
    chosen = {
        "errors": [one for one in lines if one.faults],
        "first": lines[:FIRST_ROWS],
        "all": lines,
    }
    return render_template(
        "roster/preview.html",
        partnership=partnership,
        table=uploads.written(table),
        header=table.header,
        used={at: field for field, at in columns.places.items()},
        planned=planned,
        lines=chosen.get(show, lines[:FIRST_ROWS]),
        total=len(lines),
        show=show if show in SHOWN else "first",
        groups=roster_advice.groups(session(), partnership, planned),
        twice=roster_advice.named_twice(session(), partnership, planned),
        moves=roster_advice.moves(session(), partnership, planned),
        moved=moved,
    )


def _lines(table: uploads.Table, planned: roster.Plan) -> list[Line]:
    outcomes = {one.row: one for one in planned.planned}
    faults = _by_row(planned.faults)
    notices = _by_row(planned.notices)
    return [
        Line(
            row.number,
            row.cells,
            outcomes[row.number].outcome if row.number in outcomes else "failed",
            outcomes[row.number].changes if row.number in outcomes else (),
            tuple(faults.get(row.number, ())),
            tuple(notices.get(row.number, ())),
        )
        for row in table.rows
    ]


def _by_row(faults: Sequence[Fault]) -> dict[int, list[Fault]]:
    """Faults by the row they speak of; the place then says the column only."""
    found: dict[int, list[Fault]] = {}
    for one in faults:
        row, _, column = one.place.partition(": ")
        found.setdefault(int(row.removeprefix("row ")), []).append(Fault(column, one.reason))
    return found


@blueprint.post("/import")
@auth.on_partnership("set_up")
def confirm(partnership: Partnership) -> str | Answer | tuple[str, int]:
    """Import what the preview showed; if the roster moved meanwhile, show it again."""
    try:
        table = receiving.table()
        planned = roster.plan(session(), partnership, table)
    except Refused as error:
        return _listing(partnership, error.faults, request.form, "paste"), UNREADABLE
    counts = planned.counts
    if counts.added or counts.changed:
        if request.form.get("seen") != str(counts):
            return _preview(partnership, table, planned, moved=True)
        roster.apply(
            session(), shared().clock, partnership, planned, partial=True, actor=auth.user()
        )
        commit()
        flash(f"Imported: {counts.added} added, {counts.changed} changed.")
    else:
        flash("Nothing to import: these people are on the roster as the table has them.")
    return redirect(url_for("roster.listing", partnership_id=partnership.id), code=303)


@blueprint.post("/add")
@auth.on_partnership("set_up")
def add(partnership: Partnership) -> Answer | tuple[str, int]:
    """One person more."""
    values = _values()
    try:
        roster_people.add(session(), shared().clock, partnership, values, auth.user())
    except Refused as error:
        session().rollback()
        return _listing(partnership, error.faults, values, "add"), UNREADABLE
    commit()
    flash(f"{values['name'].strip()} is on the roster.")
    return redirect(url_for("roster.listing", partnership_id=partnership.id), code=303)


@blueprint.get("/<person_id>")
@auth.on_partnership("set_up")
def person(partnership: Partnership, person_id: str) -> str:
    """What is known about one person, to be changed."""
    found = _person(partnership, person_id)
    values = {name: getattr(found, name, "") for name in roster.FIELDS}
    return _person_page(partnership, found, values | {"organization": found.organization_name})


@blueprint.post("/<person_id>")
@auth.on_partnership("set_up")
def change(partnership: Partnership, person_id: str) -> Answer | tuple[str, int]:
    """Keep what was changed about one person."""
    found = _person(partnership, person_id)
    values = _values() | {"language": found.language}
    try:
        roster_people.change(session(), shared().clock, partnership, found, values, auth.user())
    except Refused as error:
        session().rollback()
        return _person_page(partnership, found, values, error.faults), UNREADABLE
    commit()
    flash(f"{values['name'].strip()}: saved.")
    return redirect(url_for("roster.listing", partnership_id=partnership.id), code=303)


def _values() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in roster.FIELDS}


def _person(partnership: Partnership, person_id: str) -> Person:
    found = queries.person(session(), partnership, person_id)
    if found is None:
        abort(404)
    return found


def _conveners(partnership: Partnership) -> list[str]:
    """Who can be chosen as the one who introduces somebody."""
    return [one.name for one in queries.people(session(), partnership) if one.role == "convener"]


def _person_page(
    partnership: Partnership,
    found: Person,
    typed: Mapping[str, Any],
    faults: Sequence[Fault] = (),
) -> str:
    return render_template(
        "roster/person.html",
        partnership=partnership,
        person=found,
        invited=queries.has_been_invited(session(), found),
        conveners=_conveners(partnership),
        typed=typed,
        faults=faults,
    )
