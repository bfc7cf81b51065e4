"""How mail leaves: into a folder, or to an SMTP server over a connection that is kept."""

from __future__ import annotations

import os
import re
import smtplib  # noqa: TID251 - this is the one file that may
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from webapp.config import Settings
from webapp.faults import Fault, Refused

SECONDS: Final = 30
_SAFE: Final = re.compile(r"[^A-Za-z0-9@.+-]+")
_DOT: Final = re.compile(rb"(?m)^\.")


class MailError(Exception):
    """A mail that was not taken; the words are the server's own."""


class Later(MailError):  # noqa: N818 - says when, not what
    """Refused for now: try this one again."""


class Never(MailError):  # noqa: N818 - as above
    """Refused for good."""


class Halted(MailError):  # noqa: N818 - as above
    """The server takes nothing from us at present: no mail's fault."""


class Unsure(MailError):  # noqa: N818 - as above
    """The connection broke after the whole mail was handed over."""


class Transport(Protocol):
    """Anything that takes one mail for one person."""

    def send(self, message: EmailMessage, sender: str, to: str) -> str:
        """Hand the mail over; returns the server's words. Raises a ``MailError`` otherwise."""

    def close(self) -> None:
        """Let go of the connection."""


def make(settings: Settings) -> Transport:
    """The transport that ``MUSTER_MAIL_URL`` names.

    Raises ``Refused`` for an address that names none.
    """
    scheme, _, rest = settings.mail_url.partition(":")
    if scheme == "file":
        return FolderTransport(Path(rest.removeprefix("//")))
    return SmtpTransport(_server(settings.mail_url))


class FolderTransport:
    """One ``.eml`` file for each mail; a file appears only when it is whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, sender: str, to: str) -> str:  # noqa: ARG002
        self.folder.mkdir(parents=True, exist_ok=True)
        name = _SAFE.sub("-", f"{message['Message-ID']}".strip("<>").partition("@")[0])
        path = self.folder / f"{_SAFE.sub('-', to)}-{name}.eml"
        draft = path.with_suffix(".part")
        with draft.open("wb") as file:
            file.write(message.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        return f"kept as {path.name}"

    def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True)
class Server:
    """Where and how to hand mail over."""

    host: str
    port: int
    user: str
    password: str
    tls: str


def _server(url: str) -> Server:
    parts = urlsplit(url)
    tls = "always" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", [""])[0]
    if not parts.hostname:
        raise Refused([Fault("MUSTER_MAIL_URL", "names no mail server")])
    if tls not in {"", "starttls", "always"}:
        raise Refused([Fault("MUSTER_MAIL_URL", f"tls={tls} is not known; use tls=starttls")])
    return Server(
        host=parts.hostname,
        port=parts.port or (465 if tls == "always" else 587 if tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
    )


class SmtpTransport:
    """An SMTP server; with TLS asked for, there is no way back to plain text."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._kept: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, sender: str, to: str) -> str:
        connection = self._connected()
        try:
            self._check(*connection.mail(sender))
            self._check(*connection.rcpt(to))
            self._check(*connection.docmd("DATA"), wanted=354)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise Halted(
                f"the connection broke before the mail was handed over: {error}"
            ) from error
        try:
            connection.send(_on_the_wire(message))
            code, words = connection.getreply()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise Unsure(f"the connection broke while the mail was taken: {error}") from error
        self._check(code, words)
        return f"{code} {_plain(words)}"

    def _check(self, code: int, words: bytes, wanted: int = 250) -> None:
        if code == wanted or (wanted == 250 and 200 <= code < 300):
            return
        told = f"{code} {_plain(words)}"
        if code == 421:
            self.close()
            raise Halted(told)
        self._reset()
        if 400 <= code < 500:
            raise Later(told)
        raise Never(told)

    def _reset(self) -> None:
        try:
            if self._kept is not None:
                self._kept.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _connected(self) -> smtplib.SMTP:
        if self._kept is not None:
            try:
                if self._kept.noop()[0] == 250:
                    return self._kept
            except (smtplib.SMTPException, OSError):
                pass
            self.close()
        try:
            self._kept = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            told = _plain(error.smtp_error)
            raise Halted(f"the server refused our name or password: {told}") from error
        except smtplib.SMTPResponseException as error:
            raise Halted(f"{error.smtp_code} {_plain(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError) as error:
            where = f"{self.server.host}:{self.server.port}"
            raise Halted(f"no connection to {where}: {error}") from error
        return self._kept

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if server.tls == "always":
            connection = smtplib.SMTP_SSL(
                server.host, server.port, timeout=SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                connection.starttls(context=context)
                connection.ehlo()
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        kept, self._kept = self._kept, None
        if kept is None:
            return
        try:
            kept.quit()
        except (smtplib.SMTPException, OSError):
            kept.close()


def _on_the_wire(message: EmailMessage) -> bytes:
    """The bytes of a mail between DATA and its final dot."""
    body = _DOT.sub(b"..", message.as_bytes(policy=WIRE.clone(max_line_length=None)))
    return body.rstrip(b"\r\n") + b"\r\n.\r\n"


def _plain(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(text.split())[:300]


def allowed(settings: Settings, address: str) -> bool:
    """Whether this installation may send mail to an address."""
    folded = address.casefold()
    rules = [rule.casefold() for rule in settings.mail_only_to]
    return not rules or any(
        folded == rule or (rule.startswith("@") and folded.endswith(rule)) for rule in rules
    )
