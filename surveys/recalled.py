"""The page a form came from, recalled from its own field names where nothing else can be asked.

Only for giving typed words back: no name of a round is known here, so that blanks of a wording
that a round fills in are filled with plain words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from surveys import loader
from surveys.question_types import type_of
from surveys.questionnaire import ROLES, AskedSection
from surveys.setup import MOST_SUB_SECTORS, Organization, Person, Setup

# A field that carries an organization's name beside the questions about it.
CALLED: Final = "called--"
_TEAM: Final = "the convening team"


def page(section: str, posted: Mapping[str, str]) -> AskedSection | None:
    """The section of that id, of whichever questionnaire and role fits the fields best."""
    setup = Setup(
        sub_sectors=tuple(
            f"Number {place} of the list" for place in range(1, MOST_SUB_SECTORS + 1)
        ),
        convening_team=_TEAM,
        organizations=tuple(
            Organization(name.removeprefix(CALLED), words)
            for name, words in posted.items()
            if name.startswith(CALLED)
        ),
        champions=("the champions",),
        show_champions=True,
    )
    found = [
        one
        for key in reversed(loader.published())
        for role in ROLES
        for one in loader.load(key).asked(Person(role), setup)
        if one.section.id == section
    ]
    return max(found, key=lambda one: len(known(one) & posted.keys()), default=None)


def known(page: AskedSection) -> frozenset[str]:
    """The names of all form fields of a page."""
    return frozenset(name for one in page.asked for name in type_of(one.question).fields(one))
