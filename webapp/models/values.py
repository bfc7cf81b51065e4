"""Ids, states and limits that tables share."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import CheckConstraint

ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH: Final = 9

LEVELS: Final = ("owner", "editor", "viewer")
WAVE_STATES: Final = ("draft", "open", "closing", "closed", "canceled")
MODES: Final = ("protected", "named")
RESPONSE_STATES: Final = ("draft", "sent", "withdrawn")
MAIL_STATES: Final = ("queued", "claimed", "sending", "accepted", "retry", "failed", "unknown")
MAIL_EVENTS: Final = ("bounced", "delayed", "complaint")
ITEM_STATES: Final = ("open", "doing", "done")
ROLES: Final = ("convener", "partner", "champion")
# Answers on their way when the round closes by the clock are still taken for this long.
GRACE: Final = timedelta(minutes=15)


def short_id(prefix: str) -> str:
    """A short opaque id that is safe in a shell and an address; it always begins with letters."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The rule that a column holds one of these words."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({allowed})", name=column)
