"""The roster: read a table of people, show what an import would do, do it; nobody is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from surveys import typed_text
from webapp import addresses, folding, queries
from webapp.clock import Clock
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import Invitation, Partnership, Person, Response, Wave
from webapp.operations import audit, organizations
from webapp.uploads import Columns, Row, Table, find_columns

MOST_PEOPLE: Final = 500
FIELDS: Final = (
    "name", "email", "role", "organization", "title", "sub_sector", "introduced_by", "phone",
    "language", "status",
)  # fmt: skip
STATUSES: Final = ("prospect", "in_talks", "said_yes")
LIMITS: Final[Mapping[str, int]] = {
    "name": 120, "organization": 120, "title": 120, "sub_sector": 80, "introduced_by": 120,
    "phone": 40, "language": 40, "status": 40,
}  # fmt: skip
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "full name", "person", "contact", "contact name", "contact person",
             "participant", "respondent", "invitee"),
    "first": ("first name", "first", "given name", "forename"),
    "last": ("last name", "last", "surname", "family name"),
    "email": ("email", "email address", "mail", "contact email", "work email", "business email"),
    "role": ("role", "group", "type", "stakeholder group", "stakeholder", "stakeholder role",
             "category", "part"),
    "organization": ("organization", "organization name", "org", "company", "company name",
                     "employer", "business", "agency", "institution", "firm", "body"),
    "title": ("title", "job title", "position", "job"),
    "sub_sector": ("sub sector", "subsector", "segment", "industry", "sector"),
    "introduced_by": ("introduced by", "introducer", "introduction", "intro by", "referred by",
                      "referral", "known by", "who knows them"),
    "phone": ("phone", "phone number", "telephone", "telephone number", "tel", "mobile", "cell",
              "cell phone", "direct line"),
    "language": ("language", "lang"),
    "status": ("status", "champion status", "stage"),
}  # fmt: skip
ROLES: Final[Mapping[str, frozenset[str]]] = {
    "convener": frozenset(
        {"convener", "co_convener", "coconvener", "convenor", "co_convenor", "convening_team",
         "convening_team_member", "convening_partner", "lead_convener", "host", "intermediary",
         "backbone", "team", "team_member"}
    ),
    "partner": frozenset(
        {"partner", "strategic_partner", "support_partner", "supporting_partner",
         "public_partner", "community_partner", "institutional_partner", "key_partner"}
    ),
    "champion": frozenset(
        {"champion", "champion_ceo", "ceo_champion", "ceo", "industry_champion",
         "business_champion", "employer_champion", "industry_leader", "business_leader",
         "company_leader", "business_owner", "owner", "employer", "executive"}
    ),
}  # fmt: skip
STATUS_WORDS: Final[Mapping[str, str]] = {"yes": "said_yes", "talking": "in_talks"}


@dataclass(frozen=True)
class Planned:
    """One row that can be imported: what the person would be, and what that changes.

    ``outcome`` is ``added``, ``changed`` or ``unchanged``; ``changes`` names the fields.
    """

    row: int
    values: Mapping[str, str]
    folded_email: str
    outcome: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """What an import did, in rows of the table."""

    added: int
    changed: int
    unchanged: int
    failed: int

    def __str__(self) -> str:
        return (
            f"added {self.added} changed {self.changed} "
            f"unchanged {self.unchanged} failed {self.failed}"
        )


@dataclass(frozen=True)
class Plan:
    """What an import would do, row by row, before anything is done.

    ``faults`` name rows that cannot be imported; ``notices`` are worth reading and stop nothing;
    ``missing`` are people of the roster whom the table does not name: they stay.
    """

    planned: tuple[Planned, ...]
    faults: tuple[Fault, ...]
    failed: int
    notices: tuple[Fault, ...] = ()
    missing: tuple[str, ...] = ()

    def count(self, outcome: str) -> int:
        return sum(one.outcome == outcome for one in self.planned)

    @property
    def counts(self) -> Counts:
        """What importing the good rows would come to."""
        return Counts(
            self.count("added"), self.count("changed"), self.count("unchanged"), self.failed
        )


@dataclass
class _Reading:
    """What is known while rows are read one after another."""

    partnership: Partnership
    columns: Columns
    width: int
    stored: Mapping[str, Person]
    answered: frozenset[str]
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)


def plan(session: Session, partnership: Partnership, table: Table) -> Plan:
    """Work out what importing a table would do; nothing changes.

    Raises ``Refused`` when the table as a whole cannot be a roster: columns are missing, or it
    has too many rows.
    """
    columns = find_columns(table.header, SYNONYMS)
    _check_header(table, columns)
    stored = {one.folded_email: one for one in queries.people(session, partnership)}
    reading = _Reading(
        partnership, columns, len(table.header), stored, _answered(session, partnership)
    )
    planned: list[Planned] = []
    faults: list[Fault] = []
    failed = 0
    for row in table.rows:
        found = _planned(reading, row)
        if isinstance(found, Planned):
            planned.append(found)
        else:
            failed += 1
            faults += found
    added = sum(one.outcome == "added" for one in planned)
    if len(stored) + added > MOST_PEOPLE:
        raise Refused(
            f"the roster would have {len(stored) + added} people; {MOST_PEOPLE} is the most"
        )
    named = {one.folded_email for one in planned} | set(reading.seen)
    return Plan(
        tuple(planned),
        tuple(faults),
        failed,
        tuple(_notices(session, partnership, planned)),
        tuple(person.name for key, person in stored.items() if key not in named),
    )


def _check_header(table: Table, columns: Columns) -> None:
    missing = [name for name in ("email", "role") if name not in columns]
    if not any(name in columns for name in ("name", "first", "last")):
        missing.insert(0, "name")
    if missing:
        found = ", ".join(filter(None, table.header)) or "nothing"
        raise Refused(
            Fault(f"row {table.header_row}", f"no column for {name}; the columns are: {found}")
            for name in missing
        )
    if not table.rows:
        raise Refused("there are no people below the header")
    if len(table.rows) > MOST_PEOPLE * 2:
        raise Refused(f"has {len(table.rows):,} rows; a roster has at most {MOST_PEOPLE} people")


def _answered(session: Session, partnership: Partnership) -> frozenset[str]:
    """The people with saved answers in a wave that is not over."""
    return frozenset(
        session.scalars(
            select(Invitation.person_id)
            .join(Wave, Wave.id == Invitation.wave_id)
            .join(Response, Response.invitation_id == Invitation.id)
            .where(
                Wave.partnership_id == partnership.id,
                Wave.state.in_(("open", "closing")),
                Response.state != "withdrawn",
            )
        )
    )


def _planned(reading: _Reading, row: Row) -> Planned | list[Fault]:
    place = f"row {row.number}"
    faults: list[Fault] = []
    if len(row.cells) > reading.width:
        faults.append(Fault(place, "has more cells than the header; is a comma not quoted?"))
    values = _values(reading, row, place, faults)
    role = _role(values["role"])
    if role is None and f"{place}: role" not in {fault.place for fault in faults}:
        faults.append(Fault(f"{place}: role", _bad_role(values["role"])))
    values["role"] = role or ""
    values["status"] = _status(values["status"], place, faults)
    if role == "partner" and not values["organization"]:
        faults.append(Fault(f"{place}: organization", "a partner needs one"))
    address = _address(reading, values["email"], role, row.number, faults)
    if faults or address is None:
        return faults
    values["email"] = address.written
    return _compared(reading, row.number, values, address)


def _values(reading: _Reading, row: Row, place: str, faults: list[Fault]) -> dict[str, str]:
    raw = {name: reading.columns.cell(row, name) for name in (*FIELDS, "first", "last")}
    if not raw["name"].strip():
        raw["name"] = " ".join(filter(None, (raw["first"].strip(), raw["last"].strip())))
    values = {}
    for name in FIELDS:
        try:
            values[name] = folding.line(raw[name]) if name != "email" else raw[name]
        except ValueError as error:
            values[name] = typed_text.one_line(raw[name])
            faults.append(Fault(f"{place}: {name}", str(error)))
            continue
        if len(values[name]) > LIMITS.get(name, 400):
            faults.append(Fault(f"{place}: {name}", f"is longer than {LIMITS[name]} letters"))
        if name == "name" and not values[name]:
            faults.append(Fault(f"{place}: name", "is empty"))
    return values


def _role(text: str) -> str | None:
    code = folding.code(text)
    for role, words in ROLES.items():
        if code in words or code.removesuffix("s") in words:
            return role
    return None


def _bad_role(text: str) -> str:
    said = f"{text!r} is none" if text else "is empty"
    return f"{said}; use convener, partner or champion"


def _status(text: str, place: str, faults: list[Fault]) -> str:
    code = folding.code(text)
    code = STATUS_WORDS.get(code, code)
    if code and code not in STATUSES:
        faults.append(
            Fault(f"{place}: status", f"{text!r} is none; use prospect, in talks or said yes")
        )
        return ""
    return code


def _address(
    reading: _Reading, text: str, role: str | None, number: int, faults: list[Fault]
) -> addresses.Address | None:
    place = f"row {number}: email"
    try:
        address = addresses.parse(text, place)
    except Refused as error:
        faults += error.faults
        return None
    first, first_role = reading.seen.setdefault(address.folded, (number, role or ""))
    if first != number:
        faults.append(Fault(place, f"already {first_role} in row {first}".replace("  ", " ")))
    return address


def _compared(
    reading: _Reading, number: int, values: dict[str, str], address: addresses.Address
) -> Planned | list[Fault]:
    person = reading.stored.get(address.folded)
    if person is None:
        return Planned(number, values, address.folded, "added")
    # A table without a column says nothing about it: what is known stays.
    given = {name for name in FIELDS if name in reading.columns} | {"name", "email", "role"}
    before = _as_values(person)
    if folding.name(values["organization"]) == folding.name(before["organization"]):
        given.discard("organization")
    values = {name: values[name] if name in given else before[name] for name in FIELDS}
    changes = tuple(name for name in FIELDS if values[name] != before[name])
    if person.id in reading.answered:
        faults = []
        if "role" in changes:
            reason = f"already {person.role} and has answered; the role stays until the close"
            faults.append(Fault(f"row {number}: role", reason))
        if "organization" in changes:
            reason = "has answered; the organization stays until the close"
            faults.append(Fault(f"row {number}: organization", reason))
        if faults:
            return faults
    return Planned(number, values, address.folded, "changed" if changes else "unchanged", changes)


def _as_values(person: Person) -> dict[str, str]:
    values = {name: getattr(person, name) for name in FIELDS if name != "organization"}
    return values | {"organization": person.organization_name}


def _notices(
    session: Session, partnership: Partnership, planned: Iterable[Planned]
) -> Iterable[Fault]:
    wave = queries.open_wave(session, partnership)
    frozen = wave.locked_setup if wave is not None else None
    listed = {folding.name(one["name"]) for one in frozen["organizations"]} if frozen else None
    for one in planned:
        place = f"row {one.row}"
        if addresses.Address(one.values["email"], one.folded_email).shared:
            yield Fault(f"{place}: email", "looks like a mailbox that several people read")
        if one.values["role"] == "champion" and not one.values["organization"]:
            yield Fault(f"{place}: organization", "is empty; a commitment needs a company's name")
        body = folding.name(one.values["organization"])
        if listed is not None and one.values["role"] == "partner" and body not in listed:
            yield Fault(
                f"{place}: organization",
                "is not among those of the open round: its people are asked, nobody rates it",
            )


def apply(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    of: Plan,
    *,
    partial: bool = False,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> Counts:
    """Import what was planned. Without ``partial``, one fault means that nothing is imported.

    Raises ``Refused`` with the plan's faults in that case.
    """
    if of.faults and not partial:
        raise Refused(of.faults)
    # Two imports at once take turns: the second finds the people of the first.
    hold(session, partnership)
    stored = {one.folded_email: one for one in queries.people(session, partnership)}
    position = max((one.position for one in stored.values()), default=-1)
    register = organizations.Register(session, partnership)
    for one in of.planned:
        person = stored.get(one.folded_email)
        if one.outcome == "unchanged":
            continue
        if person is None:
            position += 1
            person = Person(
                partnership_id=partnership.id, folded_email=one.folded_email, position=position
            )
        _write(session, register, person, one.values)
        session.add(person)
    session.flush()
    session.expire(partnership, ["people", "organizations"])
    counts = of.counts
    audit.record(
        session,
        clock,
        actor,
        "import roster",
        partnership=partnership,
        added=counts.added,
        changed=counts.changed,
        failed=counts.failed,
    )
    session.flush()
    return counts


def _write(
    session: Session,
    register: organizations.Register,
    person: Person,
    values: Mapping[str, str],
) -> None:
    organization = register.named(values["organization"])
    for name in FIELDS:
        if name != "organization":
            setattr(person, name, values[name])
    person.organization_id = organization.id if organization else None
    person.organization_name = organization.name if organization else ""
    if person.id is not None:
        _follow(session, person)


def _follow(session: Session, person: Person) -> None:
    """Nobody has answered yet in the role of before: the open wave asks in the new one."""
    open_invitations = session.scalars(
        select(Invitation)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(
            Invitation.person_id == person.id,
            Wave.state == "open",
            ~exists().where(Response.invitation_id == Invitation.id, Response.state != "withdrawn"),
        )
    )
    for invitation in open_invitations:
        invitation.role = person.role
        invitation.organization_id = person.organization_id
