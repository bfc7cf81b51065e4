"""What the gate is told about a wave besides its answers: dates, rules, set-up, who was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from surveys.setup import Setup


@dataclass(frozen=True)
class Invited:
    """One person asked to answer, as the wave stands now.

    ``organization`` is the id of the listed body, or of the champion's company. ``state`` is one
    of not_sent, invited, started, sent, withdrawn, declined, bounced and opted_out. ``status`` is
    what the roster claims of a champion: prospect, in_talks, said_yes or nothing. ``is_user``
    marks people who can sign in to this partnership.
    """

    invitation: str
    role: str
    organization: str | None
    status: str = ""
    state: str = "invited"
    started: bool = False
    is_user: bool = False


@dataclass(frozen=True)
class WaveFacts:
    """One wave of a partnership: its rules, its set-up and its roster.

    ``employers_fit`` counts the companies of the employer list that pass the set-up's tests, or
    is ``None`` without a list; ``employers_unknown`` counts those that could not be tested.
    ``organization_names`` covers listed bodies and champions' companies; ``people_names`` are
    the names of the roster, which the gate takes out of remarks.
    """

    wave: str
    partnership: str
    region: str
    sector: str
    questionnaire: str
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    timezone: str
    k: int
    mode: str
    setup: Setup
    employers_fit: int | None = None
    employers_unknown: int = 0
    invited: tuple[Invited, ...] = ()
    organization_names: Mapping[str, str] = field(default_factory=dict)
    people_names: tuple[str, ...] = ()
    own_questions: tuple[object, ...] = ()

    def invited_as(self, role: str) -> tuple[Invited, ...]:
        """The people asked in one role, by mail or by a link handed to them."""
        return tuple(one for one in self.invited if one.role == role and one.state != "not_sent")
