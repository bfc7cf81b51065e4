"""A real test message, to see whether the settings for mail work."""

from __future__ import annotations

import secrets
from typing import Final

from webapp.clock import Clock, spoken
from webapp.config import Settings
from webapp.faults import Fault, Refused
from webapp.mail import headers, transport
from webapp.mail.headers import Draft
from webapp.mail.rendering import write

PLACE: Final = "MUSTER_MAIL_URL"


def check(settings: Settings, clock: Clock, to: str, zone: str = "UTC") -> str:
    """Send a test message to ``to`` at once and give back the mail server's own words.

    Raises ``Refused`` with those words if it could not be sent.
    """
    said = {
        "host": settings.public_url.partition("://")[2],
        "sent_at": spoken(clock.now(), zone),
    }
    draft = Draft("trial", write("trial", said), to_name="", to=to, from_name="Muster")
    key = f"test-{secrets.token_hex(6)}"
    email = headers.email_of(settings, draft, clock.now(), headers.message_id(settings, key))
    letter = transport.Letter(key, "test", to, headers.sender_address(settings), email)
    way = transport.make(settings, clock)
    try:
        way.ready()
        outcome = way.deliver(letter)
    except transport.NotReady as error:
        raise Refused([Fault(PLACE, str(error))]) from error
    finally:
        way.close()
    if outcome.end != "accepted":
        raise Refused([Fault(PLACE, outcome.words)])
    return outcome.words
