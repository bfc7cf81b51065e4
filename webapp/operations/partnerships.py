"""Set a partnership up: make it, and keep what its team has agreed on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from surveys import setup as surveys_setup
from webapp import folding, queries
from webapp.clock import Clock, spoken
from webapp.database import hold
from webapp.faults import Fault, Refused
from webapp.models import Membership, Partnership, Wave
from webapp.operations import accounts, audit, organizations, zones

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
    texts, faults = _names(name=name, region=region, sector=sector, timezone=timezone)
    try:
        user = accounts.user_for(session, clock, owner, actor=actor)
    except Refused as error:
        faults += [Fault("owner", fault.reason) for fault in error.faults]
    if faults:
        raise Refused(faults)
    partnership = Partnership(
        **texts,
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


def rename(
    session: Session,
    clock: Clock,
    partnership: Partnership,
    *,
    name: str,
    region: str,
    sector: str,
    timezone: str,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> zones.Moved:
    """Change what a partnership is called, where it is, and by which clocks it goes.

    Returns what a new time zone moved. Raises ``Refused`` with every fault, among them a round
    that would close in the past, or earlier than people were told.
    """
    hold(session, partnership)
    texts, faults = _names(name=name, region=region, sector=sector, timezone=timezone)
    if faults:
        raise Refused(faults)
    moved = zones.change(session, clock, partnership, texts.pop("timezone"), actor)
    changed = " ".join(key for key, text in texts.items() if text != getattr(partnership, key))
    for key, text in texts.items():
        setattr(partnership, key, text)
    if changed:
        audit.record(
            session, clock, actor, "rename partnership", partnership=partnership, changed=changed
        )
    session.flush()
    return moved


def _names(timezone: str, **given: str) -> tuple[dict[str, str], list[Fault]]:
    faults: list[Fault] = []
    texts = {key: _text(key, value, faults) for key, value in given.items()}
    if not timezone:
        faults.append(Fault("timezone", "is not chosen"))
    elif not is_zone(timezone):
        faults.append(
            Fault("timezone", f"{timezone!r} is no time zone; use a name like America/Denver")
        )
    return texts | {"timezone": timezone}, faults


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
    listed = organizations.matched(session, partnership, given)
    faults = organizations.resolve_rated(session, partnership, facts, listed)
    if locked is not None:
        faults += _locked_changes(partnership, locked, facts, listed)
    if faults:
        raise Refused(faults)
    organizations.store(session, partnership, listed)
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
    kept = dict(partnership.facts) | {"organizations": organizations.as_facts(partnership)}
    set_facts(session, clock, partnership, kept | dict(changes), actor)


def _faults(error: ValueError) -> list[Fault]:
    found = getattr(error, "faults", None)
    if not found:
        return [Fault("facts", line) for line in str(error).splitlines()]
    return [Fault(getattr(one, "place", ""), getattr(one, "reason", str(one))) for one in found]


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
