"""How mail leaves: into a folder, or to an SMTP server over a verified connection.

The one file that speaks SMTP. A transport tells exactly how far a mail got, because what may be
tried again depends on it: until the server has been given the final dot nothing was sent; after
it, only the server knows until it answers.
"""

from __future__ import annotations

import os
import re
import smtplib  # noqa: TID251 - the one file that may
import ssl
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import Policy
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, Protocol, Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from webapp.clock import Clock
from webapp.config import Settings, is_loopback
from webapp.faults import Fault, Refused

SECONDS: Final = 30.0
# A server may count mails by connection, and a firewall may forget a silent one.
MOST_ON_ONE_CONNECTION: Final = 100
QUIET_SECONDS: Final = 10.0
# A worker that is told to stop waits for the pace, so the pace has a bound too.
LEAST_PER_MINUTE: Final = 10
_WHOLE: Final = re.compile(r"[0-9]{1,5}")
_CRLF: Final = "\r\n"
_THROTTLED: Final = frozenset({421, 454})
_NOT_LET_IN: Final = frozenset({530, 534, 535, 538})
_TOO_BIG: Final = 552

End = Literal["accepted", "rejected", "deferred", "throttled", "not_sent", "unknown"]


@dataclass(frozen=True)
class Letter:
    """One mail ready to go: ``to`` and ``sender`` are the addresses on the envelope."""

    id: str
    kind: str
    to: str
    sender: str
    email: EmailMessage


@dataclass(frozen=True)
class Outcome:
    """How the attempt ended, with the server's own words.

    ``rejected`` is for good and about this mail; ``deferred`` may be tried again; ``throttled``
    asks to slow down; ``not_sent`` lost the connection before the mail was handed over;
    ``unknown`` lost it afterwards.
    """

    end: End
    words: str


class NotReady(Exception):  # noqa: N818 - it is how the server is, not a breakdown
    """No mail can be handed over at present, which is no fault of any one mail."""


class Unreachable(NotReady):
    """The server does not answer; it may in a moment."""


class Throttled(NotReady):
    """The server wants fewer mails."""


class Misconfigured(NotReady):
    """The settings do not work: trying again is useless until a person mends them."""


def nothing() -> None:
    """What is done meanwhile where nothing is to be done."""


class Transport(Protocol):
    """A way for mail to leave, for one thread."""

    def ready(self) -> None:
        """Be able to deliver, or raise ``NotReady``; nothing has been sent by then."""

    def deliver(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> Outcome:
        """Hand one mail over, after ``ready``. Raises ``Misconfigured`` if we may not send.

        ``meanwhile`` is done while the server takes the mail; it must not raise anything.
        """

    def at_once(self) -> bool:
        """Whether the next mail may follow the last one with no wait and no new connection."""

    def close(self) -> None:
        """Let go of the connection."""


def make(settings: Settings, clock: Clock) -> Transport:
    """The transport of the settings. Raises ``Refused`` when ``MUSTER_MAIL_URL`` is unusable."""
    scheme, _, rest = settings.mail_url.partition(":")
    made: Transport
    if scheme == "file":
        made = Folder(Path(unquote(rest.removeprefix("//")) or "outbox"), clock)
    else:
        domain = parseaddr(settings.mail_from)[1].rpartition("@")[2] or "localhost"
        made = Smtp(Server.of(settings.mail_url), domain)
    return Selected(made, settings.mail_only_to) if settings.mail_only_to else made


class Selected:
    """Lets mail through to listed addresses and ``@domains`` only; for trying things out."""

    def __init__(self, inner: Transport, only_to: Collection[str]) -> None:
        self.inner = inner
        self.only_to = {entry.casefold() for entry in only_to}

    def ready(self) -> None:
        self.inner.ready()

    def deliver(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> Outcome:
        to = letter.to.casefold()
        if not {to, "@" + to.rpartition("@")[2]} & self.only_to:
            return Outcome("rejected", f"not sent: MUSTER_MAIL_ONLY_TO does not list {letter.to}")
        return self.inner.deliver(letter, meanwhile)

    def at_once(self) -> bool:
        return self.inner.at_once()

    def close(self) -> None:
        self.inner.close()


class Folder:
    """Writes each mail as one ``.eml`` file, whole or not at all."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.folder = folder
        self.clock = clock

    def ready(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Misconfigured(f"{self.folder}: {error.strerror}") from error

    def deliver(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> Outcome:
        meanwhile()
        try:
            path = self._write(letter, letter.email.as_bytes())
        except OSError as error:
            return Outcome("deferred", f"{self.folder}: {error.strerror}")
        return Outcome("accepted", f"written to {path.name}")

    def at_once(self) -> bool:
        return True

    def _write(self, letter: Letter, content: bytes) -> Path:
        descriptor, unfinished = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return self._keep(letter, Path(unfinished))
        finally:
            Path(unfinished).unlink(missing_ok=True)

    def _keep(self, letter: Letter, written: Path) -> Path:
        """Give the finished file a name that tells what it is and that no other file has."""
        safe = "".join(one if one.isalnum() or one in ".+-_" else "_" for one in letter.to)
        name = f"{self.clock.now():%Y%m%dT%H%M%SZ}-{letter.kind}-{safe[:80]}-{letter.id}"
        for copy in range(1, 1000):
            path = self.folder / (f"{name}.eml" if copy == 1 else f"{name}-{copy}.eml")
            try:
                os.link(written, path)
            except FileExistsError:
                continue
            return path
        raise FileExistsError(17, f"too many files are called {name}")

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True)
class Server:
    """One SMTP server as ``MUSTER_MAIL_URL`` names it; the password is never shown."""

    host: str
    port: int
    tls: Literal["none", "starttls", "from_start"]
    user: str = ""
    password: str = field(default="", repr=False)
    # The most mails in a minute over one connection; 0 is no bound.
    per_minute: int = 0

    @classmethod
    def of(cls, url: str) -> Self:
        """Read ``smtp://user:password@host:587?tls=starttls`` or ``smtps://...``."""
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = 0
        wrong = _wrong_in(parts, port)
        if wrong:
            raise Refused([Fault("MUSTER_MAIL_URL", wrong)])
        tls: Literal["none", "starttls", "from_start"] = "none"
        options = parse_qs(parts.query)
        asked = options.get("tls", [""])[0]
        # A password must not cross a network in the clear because somebody forgot a word.
        private = bool(parts.username) and not is_loopback(parts.hostname or "")
        if parts.scheme == "smtps":
            tls = "from_start"
        elif asked == "starttls" or (asked == "" and (private or port == 587)):
            tls = "starttls"
        standard = {"from_start": 465, "starttls": 587, "none": 25}[tls]
        return cls(
            host=parts.hostname or "",
            port=port or standard,
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            per_minute=int(options.get("per_minute", ["0"])[0]),
        )


def _wrong_in(parts: SplitResult, port: int | None) -> str:
    if not parts.hostname:
        return "names no mail server"
    if port == 0:
        return "the port must be a number from 1 to 65535"
    if parts.path not in {"", "/"}:
        return f"{parts.path} does not belong there"
    return _wrong_option(parts)


def _wrong_option(parts: SplitResult) -> str:
    options = parse_qs(parts.query, keep_blank_values=True)
    tls, pace = options.pop("tls", []), options.pop("per_minute", ["60"])
    if options:
        return f"{', '.join(sorted(options))} is not known; only tls and per_minute are"
    if tls and (tls not in (["starttls"], ["none"]) or parts.scheme == "smtps"):
        return "tls must be starttls or none; smtps:// needs no tls"
    if len(pace) > 1 or not _WHOLE.fullmatch(pace[0]) or int(pace[0]) < LEAST_PER_MINUTE:
        return f"per_minute must be a whole number, {LEAST_PER_MINUTE} or more"
    return ""


class Smtp:
    """One kept connection to an SMTP server."""

    def __init__(self, server: Server, domain: str) -> None:
        self.server = server
        self.domain = domain
        self.connection: smtplib.SMTP | None = None
        self.sent = 0
        self.clean = True
        self.used_at = 0.0
        self.next_at = 0.0

    def ready(self) -> None:
        early = self.next_at - time.monotonic()
        if early > 0:
            time.sleep(early)
        if self.sent >= MOST_ON_ONE_CONNECTION or not self._lives():
            self.close()
        if self.connection is None:
            self.connection = self._connect()
            self.sent = 0
            self._used()

    def _lives(self) -> bool:
        """Whether the kept connection can be used; the server is asked only where it may not."""
        if self.connection is None:
            return False
        if self.clean and time.monotonic() - self.used_at < QUIET_SECONDS:
            return True
        try:
            code, _ = self.connection.rset()
        except (OSError, smtplib.SMTPException):
            return False
        self._used()
        return code == 250

    def _used(self, *, clean: bool = True) -> None:
        self.clean = clean
        self.used_at = time.monotonic()

    def _connect(self) -> smtplib.SMTP:
        """A connection that is greeted, encrypted where asked for, and signed in."""
        connection: smtplib.SMTP | None = None
        try:
            connection = self._dial()
            connection.ehlo_or_helo_if_needed()
            if self.server.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if self.server.user:
                connection.login(self.server.user, self.server.password)
        except BaseException as error:
            if connection is not None:
                connection.close()
            raise self._why(error) from error
        return connection

    def _dial(self) -> smtplib.SMTP:
        host, port = self.server.host, self.server.port
        if self.server.tls == "from_start":
            return smtplib.SMTP_SSL(
                host,
                port,
                local_hostname=self.domain,
                timeout=SECONDS,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(host, port, local_hostname=self.domain, timeout=SECONDS)

    def _why(self, error: BaseException) -> BaseException:
        """What it means that no connection could be made."""
        place = f"{self.server.host}:{self.server.port}"
        if isinstance(error, smtplib.SMTPResponseException):
            words = f"{place}: {said(error.smtp_code, error.smtp_error)}"
            if error.smtp_code in _THROTTLED:
                return Throttled(words)
            signing_in = isinstance(error, smtplib.SMTPAuthenticationError)
            settled = signing_in or error.smtp_code in _NOT_LET_IN
            return Misconfigured(words) if settled else Unreachable(words)
        if isinstance(error, ssl.SSLCertVerificationError):
            return Misconfigured(f"{place}: the certificate is not good: {error.verify_message}")
        if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
            return Misconfigured(f"{place}: no secure connection: {_plain(error)}")
        if isinstance(error, OSError | smtplib.SMTPException):
            return Unreachable(f"{place}: {_plain(error)}")
        return error

    def deliver(self, letter: Letter, meanwhile: Callable[[], None] = nothing) -> Outcome:
        if not letter.to.isascii():
            return Outcome("rejected", f"{letter.to}: an address needs plain letters")
        connection = self.connection
        if connection is None:
            return Outcome("not_sent", "there is no connection")
        self.sent += 1
        if self.server.per_minute:
            self.next_at = time.monotonic() + 60 / self.server.per_minute
        self._used(clean=False)
        try:
            refusal = self._envelope(connection, letter)
            content = _content(letter.email, eight_bits=connection.has_extn("8bitmime"))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome("not_sent", _plain(error))
        return refusal or self._hand_over(connection, content, meanwhile)

    def at_once(self) -> bool:
        paced = time.monotonic() < self.next_at
        used_up = self.sent >= MOST_ON_ONE_CONNECTION
        return self.connection is not None and self.clean and not paced and not used_up

    def _envelope(self, connection: smtplib.SMTP, letter: Letter) -> Outcome | None:
        """Say who writes to whom and that a mail follows; an outcome if the server says no."""
        options = ["body=8bitmime"] if connection.has_extn("8bitmime") else []
        code, words = connection.mail(letter.sender, options)
        if code != 250:
            if code >= 500 and code != _TOO_BIG:
                self.close()
                raise Misconfigured(f"the server refuses the sender: {said(code, words)}")
            return self._no(code, words)
        code, words = connection.rcpt(letter.to)
        if code not in {250, 251}:
            return self._no(code, words)
        code, words = connection.docmd("DATA")
        return None if code == 354 else self._no(code, words)

    def _hand_over(
        self, connection: smtplib.SMTP, content: bytes, meanwhile: Callable[[], None]
    ) -> Outcome:
        try:
            connection.send(content)
            meanwhile()
            code, words = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            return Outcome("unknown", f"no answer after the mail was handed over: {_plain(error)}")
        if code == 250:
            self._used()
            return Outcome("accepted", said(code, words))
        return self._no(code, words)

    def _no(self, code: int, words: bytes | str) -> Outcome:
        if code == -1:
            self.close()
            return Outcome("not_sent", "the server closed the connection")
        if code in _THROTTLED:
            self.close()
            return Outcome("throttled", said(code, words))
        if code in _NOT_LET_IN:
            self.close()
            raise Misconfigured(said(code, words))
        return Outcome("rejected" if code >= 500 else "deferred", said(code, words))

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is None:
            return
        try:
            connection.quit()
        except (OSError, smtplib.SMTPException):
            connection.close()


def said(code: int, words: bytes | str) -> str:
    """A server's answer on one line, as it gave it."""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())[:500]


def _plain(error: BaseException) -> str:
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"no answer within {SECONDS:.0f} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _content(email: EmailMessage, *, eight_bits: bool) -> bytes:
    """The mail as it crosses the wire: dots doubled, the final dot at its end."""
    written = email.as_bytes(policy=_on_the_wire(email.policy, "8bit" if eight_bits else "7bit"))
    if not written.endswith(b"\r\n"):
        written += b"\r\n"
    return written.replace(b"\r\n.", b"\r\n..") + b".\r\n"


@lru_cache(8)
def _on_the_wire(policy: Policy, cte: str) -> Policy:
    return policy.clone(linesep=_CRLF, cte_type=cte)
