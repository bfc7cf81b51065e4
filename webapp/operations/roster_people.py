"""One person of the roster at a time: add someone, change what is known about someone."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from webapp import addresses, queries
from webapp.clock import Clock
from webapp.faults import Fault, Refused
from webapp.models import Partnership, Person
from webapp.operations import audit, roster
from webapp.uploads import Row, Table

ROW = 1


def add(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    values: Mapping[str, str],
    actor: audit.Actor,
) -> None:
    """Put one person on the roster; ``values`` by ``roster.FIELDS``.

    Raises ``Refused`` whose places are fields, also when the address is on the roster already.
    """
    planned = _plan(session, partnership, values)
    if planned.count("added") != 1:
        raise Refused([Fault("email", "somebody on the roster has this address already")])
    roster.apply(session, clock, partnership, planned, actor=actor)


def change(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    person: Person,
    values: Mapping[str, str],
    actor: audit.Actor,
) -> None:
    """Change what is known about one person; nothing changes when ``Refused`` is raised.

    The address can change until the person is on the list of a round.
    """
    kept = dict(values) | {"email": person.email}
    planned = _plan(session, partnership, kept)
    _readdress(session, partnership, person, values["email"])
    if planned.count("changed"):
        # The plan knows the person by the address of before.
        (one,) = planned.planned
        given = dict(one.values) | {"email": person.email}
        moved = roster.Planned(ROW, given, person.folded_email, one.outcome, one.changes)
        planned = roster.Plan((moved,), (), 0)
    roster.apply(session, clock, partnership, planned, actor=actor)


def _readdress(session: Session, partnership: Partnership, person: Person, text: str) -> None:
    address = addresses.parse(text, "email")
    if address.written == person.email:
        return
    if queries.has_been_invited(session, person):
        reason = "is on the list of a round; correct the address on the page of the round"
        raise Refused([Fault("email", reason)])
    others = queries.people(session, partnership)
    if any(one.folded_email == address.folded and one.id != person.id for one in others):
        raise Refused([Fault("email", "somebody on the roster has this address already")])
    person.email, person.folded_email = address.written, address.folded
    session.flush()


def _plan(session: Session, partnership: Partnership, values: Mapping[str, str]) -> roster.Plan:
    cells = tuple(values.get(name, "") for name in roster.FIELDS)
    planned = roster.plan(session, partnership, Table(roster.FIELDS, (Row(ROW, cells),), ROW))
    if planned.faults:
        raise Refused(
            Fault(one.place.removeprefix(f"row {ROW}: "), one.reason) for one in planned.faults
        )
    return planned
