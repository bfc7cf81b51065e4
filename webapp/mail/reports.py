"""What a mail that came back says: which mail it is about, and what became of it.

Mail servers report by RFC 3464 (delivery status) and RFC 5965 (complaints). Anyone can write such
a mail, so nothing in it is believed but the Message-ID of a mail that we did send.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.utils import parseaddr
from typing import Final, Literal

Kind = Literal["bounced", "delayed", "complaint"]

MOST_WORDS: Final = 300
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_REPLY: Final = re.compile(r"\b[245]\d\d\b")
_ID: Final = re.compile(r"<[^<>\s]+@[^<>\s]+>")
# A refusal that says nothing against the address: full, too big, network, policy, out of time.
_NOT_THE_ADDRESS: Final = re.compile(r"5\.(2\.[234]|3\.\d+|7\.\d+|4\.7)")


@dataclass(frozen=True)
class Report:
    """What a mail server says about the mail with the Message-ID ``about``, sent to ``to``.

    ``hard`` means that the address itself does not work.
    """

    kind: Kind
    about: str
    to: str
    status: str = ""
    words: str = ""

    @property
    def hard(self) -> bool:
        return self.status.startswith("5.") and not _NOT_THE_ADDRESS.fullmatch(self.status)


def read(content: bytes) -> Report | None:
    """The report in a mail, or nothing if it is none: an answer, an out-of-office note, spam.

    Raises ``ValueError`` for a report that says too little to be used.
    """
    mail: EmailMessage = email.message_from_bytes(content, policy=email.policy.default)
    if mail.get_content_type() != "multipart/report":
        return None
    kind = str(mail.get_param("report-type", "")).casefold()
    if kind == "delivery-status":
        return _delivery(mail)
    return _complaint(mail) if kind == "feedback-report" else None


def automatic(content: bytes) -> bool:
    """Whether a program wrote this mail by itself, such as an out-of-office note (RFC 3834)."""
    mail = email.message_from_bytes(content, policy=email.policy.compat32)
    submitted = str(mail.get("Auto-Submitted", "no")).partition(";")[0].strip().casefold()
    return (
        submitted != "no"
        or "X-Autoreply" in mail
        or str(mail.get("Precedence", "")).strip().casefold() == "auto_reply"
    )


def _delivery(mail: EmailMessage) -> Report | None:
    for fields in _fields(mail, "message/delivery-status"):
        action = _first(fields, "Action").casefold()
        if action not in {"failed", "delayed"}:
            continue
        words = _first(fields, "Diagnostic-Code").partition(";")[2] or _first(fields, "Status")
        about, to = _original(mail)
        if not to:
            named = _first(fields, "Original-Recipient") or _first(fields, "Final-Recipient")
            to = named.rpartition(";")[2].strip()
        return Report(
            kind="bounced" if action == "failed" else "delayed",
            about=about,
            to=to,
            status=_status(fields, words),
            words=" ".join(words.split())[:MOST_WORDS],
        )
    return None


def _status(fields: Message, words: str) -> str:
    """The status by its number; from the server's reply where a program left the number out."""
    given = _STATUS.search(_first(fields, "Status")) or _STATUS.search(words)
    if given:
        return given[0]
    reply = _REPLY.search(words)
    return f"{reply[0][0]}.0.0" if reply else ""


def _complaint(mail: EmailMessage) -> Report | None:
    for fields in _fields(mail, "message/feedback-report"):
        if _first(fields, "Feedback-Type").casefold() in {"abuse", "fraud", "opt-out"}:
            about, to = _original(mail)
            return Report("complaint", about, to)
    return None


def _fields(mail: EmailMessage, wanted: str) -> Iterator[Message]:
    """The groups of fields in the part of a report that programs read."""
    for part in mail.walk():
        if part.get_content_type() == wanted and part.is_multipart():
            for inner in part.get_payload():
                if isinstance(inner, Message):
                    yield inner


def _first(fields: Message, name: str) -> str:
    return str(fields.get(name, "")).strip()


def _original(mail: EmailMessage) -> tuple[str, str]:
    """The Message-ID and the address of the mail that came back."""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            return _of_headers(email.message_from_string(part.get_content()))
        if kind == "message/rfc822" and part.is_multipart():
            return _of_headers(part.get_payload(0))  # type: ignore[arg-type]
    known = _ID.search(str(mail.get("In-Reply-To", "")))
    if known is None:
        raise ValueError("it does not say which mail it is about")
    return known[0], ""


def _of_headers(original: Message) -> tuple[str, str]:
    known = _ID.search(str(original.get("Message-ID", "")))
    if known is None:
        raise ValueError("it does not say which mail it is about")
    return known[0], parseaddr(str(original.get("To", "")))[1]
