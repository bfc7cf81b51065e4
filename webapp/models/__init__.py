"""The tables, their constraints and their states; small derived properties only."""

from __future__ import annotations

from sqlalchemy.orm import configure_mappers

from webapp.models.accounts import (
    Installation,
    MemberInvitation,
    Membership,
    SignInLink,
    User,
    UserSession,
)
from webapp.models.outbox import MailEvent, Message
from webapp.models.partnerships import Employer, Organization, Partnership, Person
from webapp.models.plans import PlanItem
from webapp.models.reminding import REMINDER_RULES
from webapp.models.results import Chart, Export, Snapshot, SnapshotBrief, SnapshotText
from webapp.models.rounds import EndedLink, Invitation, Link, Response, TrialLink, Wave
from webapp.models.upkeep import AuditEntry, WorkerSeen
from webapp.models.values import (
    ALPHABET,
    GRACE,
    ITEM_STATES,
    LEVELS,
    MAIL_EVENTS,
    MAIL_STATES,
    MODES,
    RESPONSE_STATES,
    ROLES,
    WAVE_STATES,
    short_id,
)

__all__ = [
    "ALPHABET",
    "GRACE",
    "ITEM_STATES",
    "LEVELS",
    "MAIL_EVENTS",
    "MAIL_STATES",
    "MODES",
    "REMINDER_RULES",
    "RESPONSE_STATES",
    "ROLES",
    "WAVE_STATES",
    "AuditEntry",
    "Chart",
    "Employer",
    "EndedLink",
    "Export",
    "Installation",
    "Invitation",
    "Link",
    "MailEvent",
    "MemberInvitation",
    "Membership",
    "Message",
    "Organization",
    "Partnership",
    "Person",
    "PlanItem",
    "Response",
    "SignInLink",
    "Snapshot",
    "SnapshotBrief",
    "SnapshotText",
    "TrialLink",
    "User",
    "UserSession",
    "Wave",
    "WorkerSeen",
    "short_id",
]

# All tables are known here. What reads the attributes of an object is made now, not when the first
# one is loaded: webapp/links.py makes objects past SQLAlchemy.
configure_mappers()
