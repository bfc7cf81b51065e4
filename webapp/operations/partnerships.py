"""Set a partnership up: make it, and keep what its team has agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from surveys import setup as surveys_setup
from webapp import folding, queries
from webapp.clock import Clock, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import (
    Invitation,
    Membership,
    Organization,
    Partnership,
    Person,
    Wave,
    short_id,
)
from webapp.operations import accounts, audit

DEFAULT_ZONE: Final = "America/Denver"
MOST_LETTERS: Final = 200
INCLUSION_TESTS: Final = ("places", "industries", "naics", "min_employees", "min_wage")


def create(
    session: Session,
    clock: Clock,
    *,
    name: str,
    region: str,
    sector: str,
    owner: str,
    timezone: str = DEFAULT_ZONE,
    is_example: bool = False,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> Partnership:
    """Make a partnership whose owner is the person with the address ``owner``.

    The owner gets an account when there is none. Raises ``Refused`` with every fault.
    """
    faults: list[Fault] = []
    texts = {
        key: _text(key, value, faults)
        for key, value in (("name", name), ("region", region), ("sector", sector))
    }
    if not is_zone(timezone):
        faults.append(
            Fault("timezone", f"{timezone!r} is no time zone; use a name like America/Denver")
        )
    try:
        user = accounts.user_for(session, clock, owner, actor=actor)
    except Refused as error:
        faults += [Fault("owner", fault.reason) for fault in error.faults]
    if faults:
        raise Refused(faults)
    partnership = Partnership(
        **texts,
        timezone=timezone,
        facts={},
        employer_columns={},
        is_example=is_example,
        created_at=clock.now(),
    )
    session.add(partnership)
    session.flush()
    session.add(
        Membership(
            user_id=user.id,
            partnership_id=partnership.id,
            level="owner",
            created_at=clock.now(),
        )
    )
    audit.record(
        session, clock, actor, "create partnership", partnership=partnership, owner=user.id
    )
    session.flush()
    return partnership


def _text(place: str, value: str, faults: list[Fault]) -> str:
    try:
        found = folding.line(value)
    except ValueError as error:
        faults.append(Fault(place, str(error)))
        return ""
    if not found:
        faults.append(Fault(place, "is empty"))
    if len(found) > MOST_LETTERS:
        faults.append(Fault(place, f"is longer than {MOST_LETTERS} letters"))
    return found


def is_zone(name: str) -> bool:
    """Whether a name is a time zone of the IANA list."""
    if name != "UTC" and "/" not in name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def set_facts(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    raw: Mapping[str, Any],
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Replace the facts of a partnership by those of a facts file.

    Organizations keep their ids: they are matched by id, else by folded name. Raises ``Refused``
    with every fault; among them each fact that an open wave has locked and that would change.
    """
    try:
        facts = surveys_setup.parse_facts(raw)
    except ValueError as error:
        raise Refused(_faults(error)) from error
    given = facts.pop("organizations", None) or []
    hold(session, partnership)
    wave = queries.open_wave(session, partnership)
    if wave is not None:
        # The first link of the wave waits, or its lock is seen here.
        hold(session, wave)
    locked = wave if wave is not None and wave.locked_at is not None else None
    listed = _matched(session, partnership, given)
    faults = _resolve_rated(session, partnership, facts, listed)
    if locked is not None:
        faults += _locked_changes(partnership, locked, facts, listed)
    if faults:
        raise Refused(faults)
    _store_organizations(session, partnership, listed)
    changed = sorted(
        key
        for key in facts.keys() | partnership.facts.keys()
        if facts.get(key) != partnership.facts.get(key)
    )
    partnership.facts = facts
    audit.record(
        session,
        clock,
        actor,
        "set facts",
        partnership=partnership,
        changed=" ".join(changed),
        organizations=len(listed),
    )
    session.flush()


def set_tests(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    tests: Mapping[str, Any],
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Replace some facts, by ``INCLUSION_TESTS``; every other fact stays as it is.

    Raises ``Refused`` as ``set_facts`` does.
    """
    changes = {key: tests.get(key) for key in INCLUSION_TESTS}
    change_facts(session, clock, partnership, changes, actor)


def change_facts(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    changes: Mapping[str, Any],
    actor: audit.Actor = audit.COMMAND_LINE,
) -> None:
    """Change some facts; every other fact stays as it is.

    Raises ``Refused`` as ``set_facts`` does.
    """
    kept = dict(partnership.facts) | {"organizations": organizations_as_facts(partnership)}
    set_facts(session, clock, partnership, kept | dict(changes), actor)


def organizations_as_facts(partnership: Partnership) -> list[dict[str, str]]:
    """The organizations of the facts as a facts file would give them."""
    return [
        {key: getattr(one, key) for key in ("id", "name", "kind", "around") if getattr(one, key)}
        for one in partnership.organizations
        if one.in_facts
    ]


def _faults(error: ValueError) -> list[Fault]:
    found = getattr(error, "faults", None)
    if not found:
        return [Fault("facts", line) for line in str(error).splitlines()]
    return [Fault(getattr(one, "place", ""), getattr(one, "reason", str(one))) for one in found]


def _matched(
    session: Session, partnership: Partnership, given: list[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The organizations of a facts file, each with the id it has or will have."""
    stored = session.scalars(
        select(Organization).where(Organization.partnership_id == partnership.id)
    )
    by_name = {one.folded_name: one.id for one in stored}
    return [
        {
            "id": one.get("id") or by_name.get(folding.name(one["name"])) or short_id("o"),
            "name": one["name"],
            "kind": one.get("kind"),
            "around": one.get("around"),
        }
        for one in given
    ]


def _resolve_rated(
    session: Session,
    partnership: Partnership,
    facts: dict[str, Any],
    listed: list[dict[str, Any]],
) -> list[Fault]:
    """Names among the ids of ``rate_organizations`` become ids; the rest must be known ids."""
    others = queries.listed_organizations(session, partnership)
    ids = {one["id"] for one in listed} | {one.id for one in others}
    by_name = {one.folded_name: one.id for one in others}
    by_name |= {folding.name(one["name"]): one["id"] for one in listed}
    given = facts.get("rate_organizations") or []
    found = [key if key in ids else by_name.get(folding.name(key)) for key in given]
    if given:
        facts["rate_organizations"] = found
    return [
        Fault("rate_organizations", f"no organization has the id {key!r}")
        for key, one in zip(given, found, strict=True)
        if one is None
    ]


def _locked_changes(
    partnership: Partnership,
    wave: Wave,
    facts: Mapping[str, Any],
    listed: list[dict[str, Any]],
) -> list[Fault]:
    frozen = (wave.locked_setup or {})["facts"]
    since = spoken(wave.locked_at or wave.created_at, partnership.timezone)
    reason = f"people are answering questions that show it; locked since {since}"
    faults = [
        Fault(key, reason)
        for key in queries.LOCKED_FACTS
        if key != "organizations" and (facts.get(key) or None) != (frozen.get(key) or None)
    ]
    before = {one.id: one for one in partnership.organizations if one.in_facts}
    same = [one["id"] for one in listed] == list(before) and all(
        (one["name"], one["kind"], one["around"])
        == (before[one["id"]].name, before[one["id"]].kind, before[one["id"]].around)
        for one in listed
    )
    return faults if same else [*faults, Fault("organizations", reason)]


def _store_organizations(
    session: Session, partnership: Partnership, listed: list[dict[str, Any]]
) -> None:
    stored = {one.id: one for one in partnership.organizations}
    _rename_ids(session, partnership, stored, listed)
    kept = {one["id"] for one in listed}
    for key, organization in list(stored.items()):
        if organization.in_facts and key not in kept:
            organization.in_facts = False
            if not _someone_is_from(session, partnership, key):
                session.delete(stored.pop(key))
    session.flush()
    _free_names(session, stored, listed)
    for position, one in enumerate(listed):
        organization = stored.get(one["id"]) or Organization(
            partnership_id=partnership.id, id=one["id"]
        )
        organization.name = one["name"]
        organization.folded_name = folding.name(one["name"])
        organization.kind = one["kind"]
        organization.around = one["around"]
        organization.in_facts = True
        organization.position = position
        session.add(organization)
        session.execute(
            update(Person)
            .where(Person.partnership_id == partnership.id, Person.organization_id == one["id"])
            .values(organization_name=one["name"])
        )
    session.flush()
    session.expire(partnership, ["organizations"])


def _free_names(
    session: Session, stored: Mapping[str, Organization], listed: list[dict[str, Any]]
) -> None:
    """Two organizations may swap names: neither may stand in the way of the other."""
    for one in listed:
        organization = stored.get(one["id"])
        if organization is not None and organization.folded_name != folding.name(one["name"]):
            organization.folded_name = f"\0{organization.id}"
    session.flush()


def _rename_ids(
    session: Session,
    partnership: Partnership,
    stored: dict[str, Organization],
    listed: list[dict[str, Any]],
) -> None:
    """A facts file may give an id to a body that a roster brought in before: one body stays one."""
    by_name = {one.folded_name: one for one in stored.values()}
    faults = []
    for one in listed:
        other = by_name.get(folding.name(one["name"]))
        if (
            other is None
            or other.id == one["id"]
            or any(another["id"] == other.id for another in listed)
        ):
            continue
        if one["id"] in stored or _was_locked(session, partnership):
            faults.append(
                Fault(f"organizations: {one['name']}", f"has the id {other.id!r}; keep it")
            )
            continue
        stored[one["id"]] = stored.pop(other.id)
        _rename(session, partnership, other, one["id"])
    if faults:
        raise Refused(faults)


def _rename(
    session: Session, partnership: Partnership, organization: Organization, new: str
) -> None:
    waves = select(Wave.id).where(Wave.partnership_id == partnership.id)
    old = organization.id
    session.execute(
        update(Person)
        .where(Person.partnership_id == partnership.id, Person.organization_id == old)
        .values(organization_id=new)
    )
    session.execute(
        update(Invitation)
        .where(Invitation.wave_id.in_(waves), Invitation.organization_id == old)
        .values(organization_id=new)
    )
    organization.id = new
    session.flush()


def _was_locked(session: Session, partnership: Partnership) -> bool:
    locked = exists().where(Wave.partnership_id == partnership.id, Wave.locked_at.is_not(None))
    return bool(session.scalar(select(locked)))


def _someone_is_from(session: Session, partnership: Partnership, organization_id: str) -> bool:
    found = exists().where(
        Person.partnership_id == partnership.id, Person.organization_id == organization_id
    )
    return bool(session.scalar(select(found)))


def organization_named(
    session: Session, partnership: Partnership, name: str
) -> Organization | None:
    """The organization of a name, made when there is none; nothing for an empty name."""
    folded = folding.name(name)
    if not folded:
        return None
    found = session.scalar(
        select(Organization).where(
            Organization.partnership_id == partnership.id, Organization.folded_name == folded
        )
    )
    if found is None:
        found = Organization(
            partnership_id=partnership.id,
            name=name,
            folded_name=folded,
            position=len(partnership.organizations),
        )
        session.add(found)
        session.flush()
        session.expire(partnership, ["organizations"])
    return found
