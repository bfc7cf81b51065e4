"""The mailbox in which mail that came back arrives: a Maildir, an mbox file or an IMAP folder.

What has been read is marked and stays where it is: nothing is deleted, and what a person must
look at is flagged.
"""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from webapp.faults import Fault, Refused

PLACE: Final = "MUSTER_BOUNCES_URL"
SECONDS: Final = 15.0
IMAPS_PORT: Final = 993


class Unreadable(Exception):  # noqa: N818 - it is how the mailbox is, not a breakdown
    """The mailbox cannot be read at present."""


@dataclass(frozen=True)
class Arrived:
    """One unread mail and where it lies."""

    key: str
    content: bytes


class Mailbox(Protocol):
    """A place where mail arrives."""

    def unread(self) -> Iterator[Arrived]:
        """The mails nobody has marked. Raises ``Unreadable``."""

    def mark(self, arrived: Arrived, *, flag: bool) -> None:
        """Note that a mail has been read; ``flag`` asks a person to look at it."""

    def close(self) -> None:
        """Let go of the mailbox."""


def make(url: str) -> Mailbox:
    """The mailbox that ``MUSTER_BOUNCES_URL`` names. Raises ``Refused`` if it names none."""
    scheme, _, rest = url.partition(":")
    path = Path(unquote(rest.removeprefix("//")))
    if scheme in {"maildir", "mbox"} and not rest:
        raise Refused([Fault(PLACE, "names no place")])
    if scheme == "maildir":
        return Maildir(path)
    if scheme == "mbox":
        return Mbox(path)
    if scheme == "imaps" and urlsplit(url).hostname and urlsplit(url).username:
        return Imap(url)
    raise Refused(
        [Fault(PLACE, "must be maildir:FOLDER, mbox:FILE or imaps://user:password@host/FOLDER")]
    )


class Maildir:
    """One file for each mail; its flags stand in its name, so marking is one renaming."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def unread(self) -> Iterator[Arrived]:
        try:
            paths = [
                path
                for place in ("new", "cur")
                for path in sorted((self.folder / place).iterdir())
                if "S" not in _flags(path)
            ]
        except OSError as error:
            raise Unreadable(f"{self.folder}: {error.strerror}") from error
        for path in paths:
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                # Somebody else has just read it.
                continue
            yield Arrived(str(path), content)

    def mark(self, arrived: Arrived, *, flag: bool) -> None:
        path = Path(arrived.key)
        flags = "".join(sorted({*_flags(path), "S", *("F" if flag else "")}))
        read = self.folder / "cur" / f"{path.name.partition(':2,')[0]}:2,{flags}"
        # Another worker may have been quicker.
        with suppress(FileNotFoundError):
            path.rename(read)

    def close(self) -> None:
        """Nothing is held open."""


def _flags(path: Path) -> str:
    return path.name.partition(":2,")[2]


class Mbox:
    """All mails in one file, which is locked only while it is read and while it is marked."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.marked: dict[str, bool] = {}

    def unread(self) -> Iterator[Arrived]:
        if not self.file.is_file():
            raise Unreadable(f"{self.file}: no such file")
        box = mailbox.mbox(self.file, create=False)
        try:
            box.lock()
            found = [
                Arrived(str(key), box.get_bytes(key))
                for key, one in box.iteritems()
                if "R" not in one.get_flags()
            ]
        except (OSError, mailbox.Error) as error:
            raise Unreadable(f"{self.file}: {error}") from error
        finally:
            box.close()
        yield from found

    def mark(self, arrived: Arrived, *, flag: bool) -> None:
        self.marked[arrived.key] = flag

    def close(self) -> None:
        """Mark in one go: mails are only ever added at the end, so their numbers still hold."""
        if not self.marked:
            return
        box = mailbox.mbox(self.file, create=False)
        try:
            box.lock()
            for key, flag in self.marked.items():
                one = box[int(key)]  # type: ignore[index]
                one.add_flag("RF" if flag else "R")
                box[int(key)] = one  # type: ignore[index]
            box.flush()
            self.marked.clear()
        except (OSError, mailbox.Error) as error:
            raise Unreadable(f"{self.file}: {error}") from error
        finally:
            box.close()


class Imap:
    """A folder on an IMAP server, over a verified connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "", parts.port or IMAPS_PORT
        self.user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self.folder = unquote(parts.path.strip("/")) or "INBOX"
        self.connection: imaplib.IMAP4_SSL | None = None

    def unread(self) -> Iterator[Arrived]:
        try:
            connection = self._opened()
            _, found = connection.uid("SEARCH", "UNSEEN")
            for key in found[0].decode().split():
                _, parts = connection.uid("FETCH", key, "(BODY.PEEK[])")
                yield from (Arrived(key, part[1]) for part in parts if isinstance(part, tuple))
        except (OSError, imaplib.IMAP4.error) as error:
            raise self._unreadable(error) from error

    def _opened(self) -> imaplib.IMAP4_SSL:
        connection = imaplib.IMAP4_SSL(
            self.host, self.port, ssl_context=ssl.create_default_context(), timeout=SECONDS
        )
        self.connection = connection
        connection.login(self.user, self._password)
        quoted = self.folder.replace("\\", "\\\\").replace('"', '\\"')
        code, said = connection.select(f'"{quoted}"')
        if code != "OK":
            raise imaplib.IMAP4.error(said[0])
        return connection

    def _unreadable(self, error: Exception) -> Unreadable:
        said = error.args[0] if error.args else error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
        return Unreadable(f"{self.host}:{self.port}: {words}")

    def mark(self, arrived: Arrived, *, flag: bool) -> None:
        if self.connection is None:
            return
        try:
            flags = r"(\Seen \Flagged)" if flag else r"(\Seen)"
            self.connection.uid("STORE", arrived.key, "+FLAGS.SILENT", flags)
        except (OSError, imaplib.IMAP4.error) as error:
            raise self._unreadable(error) from error

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is None:
            return
        try:
            connection.logout()
        except (OSError, imaplib.IMAP4.error):
            connection.shutdown()
