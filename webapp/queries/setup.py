"""The set-up of a partnership, as it stands now or as a wave froze it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from surveys import loader, own_questions
from surveys import setup as surveys_setup
from surveys.questionnaire import Questionnaire
from surveys.setup import Setup
from webapp.clock import to_wall
from webapp.models import Employer, Invitation, Organization, Partnership, Person, Wave
from webapp.queries import lists

# What questions show: frozen when the first link of a wave exists.
LOCKED_FACTS: Final = (
    "area",
    "sector_definition",
    "naics",
    "sub_sectors",
    "criteria",
    "ancillary_decided",
    "organizations",
    "launch_date",
    "letter_draft",
    "convening_team",
    "show_champions",
    "rate_organizations",
)


def listed_organizations(session: Session, partnership: Partnership) -> Sequence[Organization]:
    """The bodies that people are asked about: those of the facts and those of partner rows."""
    # Asked once for all: a question for each organization would cost people times organizations.
    with_partner = select(Person.organization_id).where(
        Person.partnership_id == partnership.id,
        Person.role == "partner",
        Person.organization_id.is_not(None),
    )
    return session.scalars(
        select(Organization)
        .where(
            Organization.partnership_id == partnership.id,
            or_(Organization.in_facts, Organization.id.in_(with_partner)),
        )
        .order_by(Organization.in_facts.desc(), Organization.position, Organization.id)
    ).all()


def facts_of(partnership: Partnership, wave: Wave | None = None) -> dict[str, Any]:
    """The facts as they stand, with what ``wave`` froze in their place where it did."""
    facts = dict(partnership.facts)
    if wave is not None and wave.locked_setup is not None:
        frozen = wave.locked_setup["facts"]
        for key in LOCKED_FACTS:
            facts.pop(key, None)
        facts |= {key: frozen[key] for key in LOCKED_FACTS if key in frozen}
    return facts


def setup(session: Session, wave: Wave) -> Setup:
    """What the people of a wave are asked about; frozen once the wave is locked."""
    frozen = wave.locked_setup
    if frozen is None:
        return setup_now(session, wave.partnership)
    facts = facts_of(wave.partnership, wave)
    return _setup(
        # This one is shown beside the criteria, so it stays what people read.
        facts | {"min_employees": frozen["facts"].get("min_employees")},
        frozen["organizations"],
        has_employer_list=frozen["has_employer_list"],
        champions=frozen["champions"],
    )


def results_day(wave: Wave, setup: Setup) -> date | None:
    """By which day people hear the results; none if the round closes after it.

    The set-up may still hold the day of an earlier round, or people were given more time.
    """
    day = setup.results_date
    return day if day and day >= closing_day(wave) else None


def closing_day(wave: Wave) -> date:
    """The day on which a round closes, on the clocks of its partnership."""
    return to_wall(wave.closes_at, wave.partnership.timezone).date()


def setup_now(session: Session, partnership: Partnership) -> Setup:
    """The set-up of a partnership at this moment."""
    frozen = freeze(session, partnership)
    return _setup(
        partnership.facts,
        frozen["organizations"],
        has_employer_list=frozen["has_employer_list"],
        champions=frozen["champions"],
    )


def freeze(session: Session, partnership: Partnership) -> dict[str, Any]:
    """Everything that questions show, as one document that a wave can keep."""
    return {
        "facts": {
            key: value
            for key, value in partnership.facts.items()
            if key in LOCKED_FACTS or key == "min_employees"
        },
        "organizations": [
            {"id": one.id, "name": one.name, "kind": one.kind, "around": one.around}
            for one in listed_organizations(session, partnership)
        ],
        "has_employer_list": bool(
            session.scalar(select(exists().where(Employer.partnership_id == partnership.id)))
        ),
        "champions": [
            f"{one.name}, {one.organization_name}" if one.organization_name else one.name
            for one in lists.people(session, partnership)
            if one.role == "champion" and one.status == "said_yes"
        ],
    }


def _setup(
    facts: Mapping[str, Any],
    organizations: Sequence[Mapping[str, Any]],
    *,
    has_employer_list: bool,
    champions: Sequence[str],
) -> Setup:
    return surveys_setup.setup_from(
        {key: value for key, value in facts.items() if value is not None},
        tuple(surveys_setup.Organization(**one) for one in organizations),
        has_employer_list,
        tuple(champions),
    )


def questionnaire(wave: Wave) -> Questionnaire:
    """What is asked in a wave, the team's own questions included."""
    return own_questions.extended(loader.load(wave.questionnaire), wave.own_questions)


def asked_person(invitation: Invitation) -> surveys_setup.Person:
    """Who is asked, as far as the questions depend on it."""
    return surveys_setup.Person(
        role=invitation.role,
        organization=invitation.organization_id,
        organization_name=invitation.person.organization_name,
    )
