"""A wave from its draft to its close: what is settled, who is asked, what locks, when it ends."""

from __future__ import annotations

from webapp.mail.eligibility import next_working_hour
from webapp.operations.waves.asking import hand_link, hold_open, invite, invite_roster, lock, remind
from webapp.operations.waves.calling import Call, call_list, mark_declined, note_called
from webapp.operations.waves.correcting import correct_address, mail_link
from webapp.operations.waves.ending import cancel, close, extend
from webapp.operations.waves.launching import (
    Check,
    Launch,
    ListMoved,
    acknowledge_sender,
    checklist,
    goes_at,
    invite_more,
    plan_launch,
    reschedule,
    send,
    take_back,
    to_be_asked,
    try_by_mail,
    try_pages,
)
from webapp.operations.waves.own_questions import add_question, remove_question
from webapp.operations.waves.reminders import (
    Planned,
    carry_out,
    is_due,
    next_reminder,
    pause,
    plan_of,
    proposed,
    set_plan,
)
from webapp.operations.waves.resolving import send_again, take_as_arrived
from webapp.operations.waves.setting_up import (
    LEAST_K,
    MOST_K,
    Rules,
    change_draft,
    draft,
    open_draft,
    open_wave,
    rules_of,
    wall_time,
    warnings,
)

__all__ = [
    "LEAST_K",
    "MOST_K",
    "Call",
    "Check",
    "Launch",
    "ListMoved",
    "Planned",
    "Rules",
    "acknowledge_sender",
    "add_question",
    "call_list",
    "cancel",
    "carry_out",
    "change_draft",
    "checklist",
    "close",
    "correct_address",
    "draft",
    "extend",
    "goes_at",
    "hand_link",
    "hold_open",
    "invite",
    "invite_more",
    "invite_roster",
    "is_due",
    "lock",
    "mail_link",
    "mark_declined",
    "next_reminder",
    "next_working_hour",
    "note_called",
    "open_draft",
    "open_wave",
    "pause",
    "plan_launch",
    "plan_of",
    "proposed",
    "remind",
    "remove_question",
    "reschedule",
    "rules_of",
    "send",
    "send_again",
    "set_plan",
    "take_as_arrived",
    "take_back",
    "to_be_asked",
    "try_by_mail",
    "try_pages",
    "wall_time",
    "warnings",
]
