"""The organizations of a partnership: each keeps its id, whoever names it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from webapp import folding, queries
from webapp.faults import Fault, Refused
from webapp.models import (
    Invitation,
    Organization,
    Partnership,
    Person,
    Wave,
    short_id,
)


def as_facts(partnership: Partnership) -> list[dict[str, str]]:
    """The organizations of the facts as a facts file would give them."""
    return [
        {key: getattr(one, key) for key in ("id", "name", "kind", "around") if getattr(one, key)}
        for one in partnership.organizations
        if one.in_facts
    ]


def matched(
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


def resolve_rated(
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


def store(session: Session, partnership: Partnership, listed: list[dict[str, Any]]) -> None:
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
            # No name begins with a space once it is folded.
            organization.folded_name = f" {organization.id}"
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


class Register:
    """The organizations of a partnership by name, read once for many people."""

    def __init__(self, session: Session, partnership: Partnership) -> None:
        self._session = session
        self._partnership = partnership
        stored = session.scalars(
            select(Organization).where(Organization.partnership_id == partnership.id)
        )
        self._by_name = {one.folded_name: one for one in stored}

    def named(self, name: str) -> Organization | None:
        """The organization of a name, made when there is none; nothing for an empty name."""
        folded = folding.name(name)
        if folded and folded not in self._by_name:
            made = Organization(
                partnership_id=self._partnership.id,
                id=short_id("o"),
                name=name,
                folded_name=folded,
                position=len(self._by_name),
            )
            self._session.add(made)
            self._by_name[folded] = made
        return self._by_name.get(folded)
