"""How mail leaves this installation, in words for people, and what keeps it from arriving.

The password of the mail server is never part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from sqlalchemy.orm import Session

from webapp import queries
from webapp.config import Settings
from webapp.faults import Refused
from webapp.mail.headers import sender_address
from webapp.mail.transport import Server

ENCRYPTED: Final = {
    "none": "not encrypted",
    "starttls": "encrypted with STARTTLS",
    "from_start": "encrypted from the start",
}


@dataclass(frozen=True)
class Leaving:
    """``folder`` is where mail is written instead of being sent, ``server`` who takes it."""

    sender: str
    folder: Path | None = None
    server: str = ""
    encryption: str = ""
    user: str = ""
    missing: tuple[str, ...] = ()

    @property
    def arrives(self) -> bool:
        """Whether a mail that is sent now can reach somebody else's mailbox."""
        return not self.missing


def describe(session: Session, settings: Settings) -> Leaving:
    """How mail leaves as the settings stand, and every reason why it would not arrive."""
    sender = sender_address(settings)
    if settings.mail_url.startswith("file:"):
        rest = settings.mail_url.removeprefix("file:").removeprefix("//")
        folder = Path(unquote(rest) or "outbox").resolve()
        return Leaving(
            sender,
            folder=folder,
            missing=(_FOLDER, *_addresses(settings, sender), *_paused(session)),
        )
    try:
        server = Server.of(settings.mail_url)
    except Refused as error:
        return Leaving(sender, missing=(f"{error}.",))
    return Leaving(
        sender,
        server=f"{server.host}:{server.port}",
        encryption=ENCRYPTED[server.tls],
        user=server.user,
        missing=(*_addresses(settings, sender), *_paused(session)),
    )


_FOLDER: Final = (
    "No mail server is set, so each mail is written into a folder and reaches nobody. "
    "Set MUSTER_MAIL_URL to something like smtp://user:password@mail.example.org:587."
)


def _addresses(settings: Settings, sender: str) -> list[str]:
    found = []
    if sender.rpartition("@")[2] == "localhost":
        found.append(
            f"The sender's address is {sender}, which no mail server believes. "
            "Set MUSTER_MAIL_FROM to an address on your own domain."
        )
    if settings.loopback:
        found.append(
            f"Links in mails would begin with {settings.public_url}, which opens on this machine "
            "only. Set MUSTER_PUBLIC_URL to the address people reach Muster at."
        )
    return found


def _paused(session: Session) -> list[str]:
    paused = queries.mail_paused(session)
    if paused is None:
        return []
    ends = (
        "It goes by itself once the mail settings are mended."
        if paused.settings
        else "It goes again after the command muster mail release."
    )
    return [f"Mail is paused. The reason is: {paused.because.rstrip('.')}. {ends}"]
