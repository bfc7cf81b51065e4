"""Pages: the scope. Bring an employer list, set the tests, watch the count, take the list along."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from webapp import auth, exports, labor_market, queries, uploads
from webapp.employers import FIELDS, fields
from webapp.extensions import commit, session, shared
from webapp.faults import Fault, Refused
from webapp.models import Partnership
from webapp.operations import employers, partnerships
from webapp.views import receiving

blueprint = Blueprint("scope", __name__, url_prefix="/partnerships/<partnership_id>/scope")
receiving.take_tables(blueprint)

FIRST_ROWS: Final = 10
UNREADABLE: Final = 422
FROM_TWO_COLUMNS: Final = "*"
LISTS: Final = ("places", "industries", "naics")
NUMBERS: Final = ("min_employees", "min_wage")


@blueprint.get("")
@auth.on_partnership("see")
def overview(partnership: Partnership) -> str:
    """The tests, the count against the number wanted, and the ways to widen it."""
    return _overview(partnership)


def _overview(
    partnership: Partnership,
    faults: Sequence[Fault] = (),
    typed: Mapping[str, str] | None = None,
    way: str = "",
) -> str:
    return render_template(
        "scope/overview.html",
        partnership=partnership,
        report=queries.scope_report(session(), partnership),
        wanted=queries.WANTED,
        tests=typed if typed is not None and way == "tests" else _tests_as_typed(partnership.facts),
        may_change=auth.allowed(partnership.id, "set_up"),
        faults=faults,
        typed=typed or {},
        way=way,
    )


def _tests_as_typed(facts: Mapping[str, Any]) -> dict[str, str]:
    found = {key: "\n".join(facts.get(key) or ()) for key in LISTS}
    return found | {key: str(facts[key]) if key in facts else "" for key in NUMBERS}


@blueprint.post("/tests")
@auth.on_partnership("set_up")
def tests(partnership: Partnership) -> Answer | tuple[str, int]:
    """Keep what a company must pass."""
    typed = {key: request.form.get(key, "") for key in (*LISTS, *NUMBERS)}
    try:
        partnerships.set_tests(
            session(), shared().clock, partnership, _tests(typed), actor=auth.user()
        )
    except Refused as error:
        session().rollback()
        faults = [Fault(re.split(r"\W", one.place)[0], one.reason) for one in error.faults]
        return _overview(partnership, faults, typed, "tests"), UNREADABLE
    commit()
    return _to_overview(partnership)


def _tests(typed: Mapping[str, str]) -> dict[str, Any]:
    """The form as facts: lists by line, NAICS also by comma and space, numbers as numbers."""
    found: dict[str, Any] = {}
    for key in LISTS:
        between = r"[\s,;]+" if key == "naics" else r"[\r\n]+"
        found[key] = [one.strip() for one in re.split(between, typed[key]) if one.strip()]
    faults = []
    for key in NUMBERS:
        plain = typed[key].replace(",", "").replace("$", "").strip()
        if plain and not re.fullmatch(r"\d{1,9}(\.\d+)?", plain):
            faults.append(Fault(key, f"{typed[key].strip()!r} is not a number"))
        elif plain:
            found[key] = float(plain) if "." in plain else int(plain)
    if faults:
        raise Refused(faults)
    return found


@blueprint.post("/check")
@auth.on_partnership("set_up")
def check(partnership: Partnership) -> str | tuple[str, int]:
    """What a list holds and which column is read as what. Nothing is kept here."""
    try:
        table = receiving.table()
    except Refused as error:
        way = "file" if "file" in request.files else "paste"
        return _overview(partnership, error.faults, request.form, way), UNREADABLE
    return _preview(partnership, table)


def _preview(partnership: Partnership, table: uploads.Table) -> str | tuple[str, int]:
    chosen = _chosen_columns()
    faults: Sequence[Fault] = ()
    planned = None
    try:
        planned = employers.plan(partnership, table, chosen)
    except Refused as error:
        faults = error.faults
    mapped = {field: planned.mapped.headings.get(field, "") for field in FIELDS} if planned else {}
    page = render_template(
        "scope/preview.html",
        partnership=partnership,
        table=uploads.written(table),
        header=[name for name in dict.fromkeys(table.header) if name],
        fields=FIELDS,
        mapped=mapped or chosen,
        in_two=FROM_TWO_COLUMNS if planned and _joins_names(planned) else "",
        planned=planned,
        first=planned.rows[:FIRST_ROWS] if planned else (),
        has_list=queries.has_employer_list(session(), partnership),
        wanted=queries.WANTED,
        faults=faults,
    )
    return page if planned else (page, UNREADABLE)


def _joins_names(planned: employers.Plan) -> bool:
    """Whether the contact stands in two columns, first and last name."""
    return "contact" in fields(planned.mapped) and "contact" not in planned.mapped.columns


def _chosen_columns() -> dict[str, str]:
    given = {field: request.form.get(f"column--{field}") for field in FIELDS}
    return {key: one for key, one in given.items() if one is not None and one != FROM_TWO_COLUMNS}


@blueprint.post("/import")
@auth.on_partnership("set_up")
def confirm(partnership: Partnership) -> Answer | str | tuple[str, int]:
    """Keep the list in the place of the one before."""
    try:
        table = receiving.table()
    except Refused as error:
        return _overview(partnership, error.faults, request.form, "paste"), UNREADABLE
    try:
        planned = employers.plan(partnership, table, _chosen_columns())
    except Refused:
        return _preview(partnership, table)
    scope = employers.apply(session(), shared().clock, partnership, planned, actor=auth.user())
    commit()
    flash(f"Kept: {scope.rows:,} rows, {scope.companies:,} companies.")
    return _to_overview(partnership)


def _to_overview(partnership: Partnership) -> Answer:
    return redirect(url_for("scope.overview", partnership_id=partnership.id), code=303)


@blueprint.get("/invite-list.csv")
@auth.on_partnership("export")
def invite_list(partnership: Partnership) -> Response:
    """The companies that fit, with how complete the contact of each is."""
    found = queries.invite_list_with_contacts(session(), partnership)
    if found is None:
        abort(404)
    answer = Response(exports.csv_bytes(found), mimetype="text/csv")
    answer.headers["Content-Disposition"] = "attachment; filename=invite_list.csv"
    return answer


@blueprint.get("/labor-market")
@auth.on_partnership("see")
def labor(partnership: Partnership) -> str:
    """Where a published labor-market file can be looked at beside the list."""
    return _labor(partnership)


@blueprint.post("/labor-market")
@auth.on_partnership("set_up")
def look_at_labor(partnership: Partnership) -> str | tuple[str, int]:
    """What a labor-market file says of the chosen areas and industries. Nothing is kept."""
    try:
        table = receiving.table()
        cells = labor_market.read(table.header, table.rows)
    except Refused as error:
        return _labor(partnership, faults=error.faults), UNREADABLE
    areas = request.form.getlist("area")
    industries = request.form.getlist("industry")
    looked = "looked" in request.form
    if not looked:
        known = {code for code, _ in labor_market.industries(cells)}
        wanted = [labor_market.folded_code(one) for one in partnership.facts.get("naics") or ()]
        industries = [code for code in wanted if code in known]
        only = labor_market.areas(cells)
        areas = [only[0][0]] if len(only) == 1 else []
    given: dict[str, Any] = {
        "table": uploads.written(table),
        "areas": labor_market.areas(cells),
        "industries": labor_market.industries(cells),
        "chosen": {"area": areas, "industry": industries},
    }
    if not looked and not (areas and industries):
        return _labor(partnership, **given)
    try:
        summary = labor_market.summary(cells, areas, industries)
    except Refused as error:
        return _labor(partnership, **given, faults=error.faults), UNREADABLE
    return _labor(partnership, **given, summary=summary)


def _labor(partnership: Partnership, **given: Any) -> str:
    return render_template(
        "scope/labor_market.html",
        partnership=partnership,
        scope=queries.employer_scope(session(), partnership),
        may_change=auth.allowed(partnership.id, "set_up"),
        **({"faults": ()} | given),
    )
