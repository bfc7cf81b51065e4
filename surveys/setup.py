"""Set-up: what the convening team agrees on together and the questions show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

MOST_RATED_ORGANIZATIONS: Final = 12
MOST_RATED_BY_CHAMPIONS: Final = 5


@dataclass(frozen=True)
class Organization:
    """A body that brings employers together or has ties to company leaders."""

    id: str
    name: str
    kind: str | None = None
    around: str | None = None


@dataclass(frozen=True)
class Setup:
    """The facts of a partnership as they stand for one wave."""

    area: str = ""
    sector_definition: str = ""
    naics: tuple[str, ...] = ()
    sub_sectors: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    min_employees: int | None = None
    min_wage: float | None = None
    places: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    ancillary_decided: str | None = None
    launch_date: date | None = None
    decision: str = ""
    results_date: date | None = None
    company_count: int | None = None
    convening_team: str = ""
    letter_draft: str = ""
    show_champions: bool = False
    rate_organizations: tuple[str, ...] = ()
    organizations: tuple[Organization, ...] = ()
    # What the partnership holds beside its facts.
    has_employer_list: bool = False
    champions: tuple[str, ...] = ()

    @property
    def rated_by_champions(self) -> tuple[Organization, ...]:
        """The at most five bodies that champions rate: those chosen, else the first five."""
        chosen = {one.id: one for one in self.organizations}
        if self.rate_organizations:
            return tuple(chosen[key] for key in self.rate_organizations if key in chosen)[
                :MOST_RATED_BY_CHAMPIONS
            ]
        return self.organizations[:MOST_RATED_BY_CHAMPIONS]


@dataclass(frozen=True)
class Person:
    """Who is asked, as far as the questions depend on it."""

    role: str
    organization: str | None = None
    organization_name: str = ""
    blanks: Mapping[str, str] = field(default_factory=dict)
