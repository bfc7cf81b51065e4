"""Every read but answers; objects are fetched through the person who asks for them."""

from __future__ import annotations

from webapp.queries.access import (
    membership,
    partnership_by_id,
    partnership_for,
    partnerships_of,
    sign_in_link_works,
    signed_in,
    user_by_email,
    wave_by_id,
    wave_for,
)
from webapp.queries.facts import InvitedRecord, WaveRecord, wave_facts
from webapp.queries.lists import (
    employer_rows,
    employer_scope,
    has_employer_list,
    invite_list,
    people,
)
from webapp.queries.progress import (
    InvitedNow,
    invitation_by_id,
    invitation_of,
    monitor,
    response_counts,
    wave_status,
)
from webapp.queries.results import (
    chart,
    document,
    export,
    final_snapshot,
    pending_exports,
    snapshot,
)
from webapp.queries.service import (
    message_counts,
    schema_revision,
    worker_seen,
    worker_silent,
)
from webapp.queries.setup import (
    LOCKED_FACTS,
    asked_person,
    facts_of,
    freeze,
    listed_organizations,
    setup,
    setup_now,
)
from webapp.queries.waves import due_to_close, due_to_finish, open_wave, open_waves

__all__ = [
    "LOCKED_FACTS",
    "InvitedNow",
    "InvitedRecord",
    "WaveRecord",
    "asked_person",
    "chart",
    "document",
    "due_to_close",
    "due_to_finish",
    "employer_rows",
    "employer_scope",
    "export",
    "facts_of",
    "final_snapshot",
    "freeze",
    "has_employer_list",
    "invitation_by_id",
    "invitation_of",
    "invite_list",
    "listed_organizations",
    "membership",
    "message_counts",
    "monitor",
    "open_wave",
    "open_waves",
    "partnership_by_id",
    "partnership_for",
    "partnerships_of",
    "pending_exports",
    "people",
    "response_counts",
    "schema_revision",
    "setup",
    "setup_now",
    "sign_in_link_works",
    "signed_in",
    "snapshot",
    "user_by_email",
    "wave_by_id",
    "wave_facts",
    "wave_for",
    "wave_status",
    "worker_seen",
    "worker_silent",
]
