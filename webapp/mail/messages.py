"""A row of the outbox becomes a mail: its text, its links, its headers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any, Final

from sqlalchemy.orm import Session

from webapp import folding, links
from webapp.clock import Clock
from webapp.config import Settings
from webapp.mail import words
from webapp.mail.text import Written, write
from webapp.models import Invitation, Message

ASKING: Final = frozenset({"invitation", "reminder", "newest_link"})
SIGN_IN_LIFE: Final = timedelta(minutes=15)
PREVIEW_TOKEN: Final = "x" * 43


@dataclass(frozen=True)
class Composed:
    """A mail ready to hand over: for whom, and the version of its text."""

    mail: EmailMessage
    to: str
    version: str


def compose(session: Session, clock: Clock, settings: Settings, message: Message) -> Composed:
    """Write the mail of a row; its links are made now, and only their hashes are kept.

    Raises ``ValueError`` for a name or address that no header can carry, and
    ``jinja2.UndefinedError`` for a text with a blank that nobody fills.
    """
    if message.invitation is not None:
        return _of_round(session, clock, settings, message, message.invitation)
    return _of_account(session, clock, settings, message)


def preview(
    session: Session, clock: Clock, settings: Settings, invitation: Invitation, kind: str
) -> Written:
    """What a person would be sent, with a link that leads nowhere."""
    name, blanks = words.of_round(session, clock, invitation, kind)
    return write(name, blanks | _addresses(settings, PREVIEW_TOKEN, PREVIEW_TOKEN))


def _of_round(
    session: Session,
    clock: Clock,
    settings: Settings,
    message: Message,
    invitation: Invitation,
) -> Composed:
    name, blanks = words.of_round(session, clock, invitation, message.kind)
    stop = None
    if message.kind in ASKING:
        token = links.mint(session, clock, invitation, links.MAILED, message.id)
        stop = links.mint(session, clock, invitation, links.STOP, message.id)
        blanks |= _addresses(settings, token, stop)
    written = write(name, blanks)
    person = invitation.person
    partnership = invitation.wave.partnership
    from_whom = words.sender(partnership, person.introduced_by)
    mail = _mail(clock, settings, message, written)
    mail["From"] = _address(f"{from_whom.name}, {partnership.name}", settings.mail_from)
    mail["To"] = _address(person.name, person.email)
    if from_whom.reply_to:
        mail["Reply-To"] = _address("", from_whom.reply_to)
    if stop is not None:
        mail["List-Unsubscribe"] = f"<{settings.public_url}/stop/{stop}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return Composed(mail, person.email, written.version)


def _of_account(session: Session, clock: Clock, settings: Settings, message: Message) -> Composed:
    user = message.user
    if user is None:
        raise ValueError("the account this mail was for is gone")
    blanks: dict[str, Any] = {**message.details}
    if message.kind == "sign_in":
        token = links.mint_sign_in(session, clock, user, SIGN_IN_LIFE)
        blanks["link"] = f"{settings.public_url}/sign-in/{token}"
        blanks["minutes"] = int(SIGN_IN_LIFE.total_seconds() // 60)
    written = write(message.kind, blanks)
    mail = _mail(clock, settings, message, written)
    mail["From"] = _address("Muster", settings.mail_from)
    mail["To"] = _address(user.name, user.email)
    return Composed(mail, user.email, written.version)


def _addresses(settings: Settings, token: str, stop: str) -> dict[str, str]:
    return {
        "link": f"{settings.public_url}/s/{token}",
        "optout_link": f"{settings.public_url}/stop/{stop}",
    }


def _mail(clock: Clock, settings: Settings, message: Message, written: Written) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = folding.line(written.subject)
    mail["Date"] = clock.now()
    mail["Message-ID"] = message_id(settings, message)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(written.plain, cte=_encoding(written.plain))
    mail.add_alternative(written.page, subtype="html", cte=_encoding(written.page))
    return mail


def message_id(settings: Settings, message: Message) -> str:
    """The same for every copy of one mail, so that a mail program can tell."""
    return f"<{message.id}@{settings.mail_from.rpartition('@')[2]}>"


def _encoding(text: str) -> str:
    """Addresses stay whole: seven bits where they suffice, never quoted-printable."""
    return "7bit" if text.isascii() else "base64"


def _address(name: str, email: str) -> Address:
    return Address(display_name=folding.line(name), addr_spec=email)
