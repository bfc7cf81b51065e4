"""The headers of every mail: who, to whom, which mail it is, and how to end such mails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any, Final

from webapp.config import Settings
from webapp.mail.rendering import Unwritable, Written, one_line


@dataclass(frozen=True)
class Draft:
    """One mail before it has headers of its own.

    ``name`` is the text it was made from; ``stop`` the address that ends such mails, if any.
    """

    name: str
    written: Written
    to_name: str
    to: str
    from_name: str
    reply_to: str = ""
    stop: str = ""


class _Whole(EmailPolicy):
    """Folds headers as usual, but never breaks an address in angle brackets."""

    WHOLE: Final = frozenset({"list-unsubscribe", "message-id"})

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in self.WHOLE:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in self.WHOLE:
            return self.fold(name, value).encode("ascii")
        return bytes(super().fold_binary(name, value))


POLICY: Final = _Whole(utf8=False, cte_type="8bit")


def email_of(settings: Settings, draft: Draft, now: datetime, own_id: str) -> EmailMessage:
    """The whole mail. Raises ``Unwritable`` for what no header can carry."""
    email = EmailMessage(policy=POLICY)
    email["From"] = address(draft.from_name, sender_address(settings))
    email["To"] = address(draft.to_name, draft.to)
    if draft.reply_to:
        email["Reply-To"] = address("", draft.reply_to)
    email["Subject"] = one_line(draft.written.subject, "the subject")
    email["Date"] = format_datetime(now)
    email["Message-ID"] = own_id
    email["Auto-Submitted"] = "auto-generated"
    if draft.stop:
        email["List-Unsubscribe"] = f"<{draft.stop}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    set_parts(email, draft.written)
    return email


def set_parts(email: EmailMessage, written: Written) -> None:
    """Text first, then HTML; never quoted-printable, which breaks an address over two lines."""
    email.set_content(written.text, cte=_encoding(written.text))
    email.add_alternative(written.html, subtype="html", cte=_encoding(written.html))
    for part in email.iter_parts():
        del part["MIME-Version"]


def _encoding(text: str) -> str:
    return "7bit" if text.isascii() else "8bit"


def address(name: str, spec: str) -> Address:
    """One name and address. Raises ``Unwritable`` for what cannot stand in a header."""
    one_line(name, "the name")
    one_line(spec, "the address")
    try:
        return Address(name, addr_spec=spec)
    except (ValueError, IndexError) as error:
        raise Unwritable(f"{spec!r} is no address: {error}") from error


def sender_address(settings: Settings) -> str:
    """The address all mail comes from, on our own domain."""
    return parseaddr(settings.mail_from)[1] or settings.mail_from


def message_id(settings: Settings, row: str) -> str:
    """The Message-ID of a row: the same at every attempt, so that a second copy can be told."""
    domain = sender_address(settings).rpartition("@")[2] or "localhost"
    return f"<{row}@{domain}>"
