"""A wave from its draft to its close: what is settled, who is asked, what locks, when it ends."""

from __future__ import annotations

from webapp.mail.eligibility import next_working_hour
from webapp.operations.waves.asking import hand_link, hold_open, invite, invite_roster, lock, remind
from webapp.operations.waves.ending import cancel, close, extend
from webapp.operations.waves.own_questions import add_question, remove_question
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
    "Rules",
    "add_question",
    "cancel",
    "change_draft",
    "close",
    "draft",
    "extend",
    "hand_link",
    "hold_open",
    "invite",
    "invite_roster",
    "lock",
    "next_working_hour",
    "open_draft",
    "open_wave",
    "remind",
    "remove_question",
    "rules_of",
    "wall_time",
    "warnings",
]
