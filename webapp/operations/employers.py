"""The employer list of a partnership: look at a file, then keep it; the last import stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from webapp import employers, queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import Employer, Partnership
from webapp.operations import audit
from webapp.uploads import Table

SAMPLE: Final = 200


@dataclass(frozen=True)
class Plan:
    """A list as it would be kept: its columns, its rows, and how it stands against the tests."""

    mapped: employers.Mapped
    rows: tuple[employers.Row, ...]
    faults: tuple[Fault, ...]
    scope: employers.Scope
    unused: tuple[str, ...]
    notices: tuple[Fault, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields the list has."""
        return employers.fields(self.mapped)


def plan(
    partnership: Partnership, table: Table, overrides: Mapping[str, str] | None = None
) -> Plan:
    """Read a table as an employer list; nothing changes.

    ``overrides`` map fields to headings; without them, headings that were mapped by hand at the
    last import are used again where the table has them. Raises ``Refused`` when no column holds
    the companies' names or no row does.
    """
    given = dict(overrides or {}) or _remembered(partnership, table)
    sample = [row.cells for row in table.rows[:SAMPLE]]
    mapped = employers.map_columns(table.header, sample, given)
    rows, faults = employers.read_rows(mapped, table.rows)
    if not rows:
        raise Refused("no row of the list names a company")
    fields = employers.fields(mapped)
    used = set(mapped.columns.values()) | {mapped.first_name, mapped.last_name}
    tests = employers.Conditions.of(partnership.facts)
    return Plan(
        mapped,
        rows,
        faults,
        employers.scope(rows, tests, fields),
        tuple(name for at, name in enumerate(table.header) if name and at not in used),
        tuple(Fault(key, why) for key, why in employers.left_out(tests, fields).items()),
    )


def _remembered(partnership: Partnership, table: Table) -> dict[str, str]:
    return {
        field: heading
        for field, heading in partnership.employer_columns.items()
        if heading and heading in table.header
    }


def apply(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    of: Plan,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> employers.Scope:
    """Keep a list in the place of the one before, and say how it stands against the tests."""
    # Two imports at once take turns: the last one stands, whole.
    hold(session, partnership)
    session.execute(delete(Employer).where(Employer.partnership_id == partnership.id))
    session.execute(
        insert(Employer),
        [
            {"partnership_id": partnership.id, "row": row.number, "cells": dict(row.cells)}
            for row in of.rows
        ],
    )
    partnership.employer_columns = {field: of.mapped.headings.get(field, "") for field in of.fields}
    audit.record(
        session,
        clock,
        actor,
        "import employers",
        partnership=partnership,
        rows=of.scope.rows,
        companies=of.scope.companies,
    )
    session.flush()
    return of.scope


def count(session: Session, partnership: Partnership) -> employers.Scope | None:
    """The kept list against the facts as they stand now."""
    return queries.employer_scope(session, partnership)
