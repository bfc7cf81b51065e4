"""The headers of every mail: who, to whom, which mail it is, and how to end such mails."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any, Final, Self

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


# Headers that many mails share word for word; no token ever stands in one.
_SHARED: Final = frozenset(
    {
        "from",
        "reply-to",
        "date",
        "auto-submitted",
        "list-unsubscribe-post",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)
# Headers in which an address in angle brackets must not be broken.
_WHOLE: Final = frozenset({"list-unsubscribe", "message-id"})
# The line between text and HTML, parsed once.
_BOUNDARY: Final = f"=={secrets.token_hex(16)}=="


class _Registry(HeaderRegistry):
    """Makes the class of a header once, and once what many mails share."""

    def __init__(self) -> None:
        super().__init__()
        self._class = lru_cache(64)(super().__getitem__)
        self._shared = lru_cache(64)(self._made)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._class(name)

    def __call__(self, name: str, value: Any) -> BaseHeader:
        shared = isinstance(value, str) and name.lower() in _SHARED
        return self._shared(name, value) if shared else self._made(name, value)

    def _made(self, name: str, value: Any) -> BaseHeader:
        return self[name](name, value)


class _Policy(EmailPolicy):
    """Folds headers as usual, but never breaks an address, and once only what many mails share."""

    def clone(self, **changed: Any) -> Self:
        same = all(getattr(self, name) == value for name, value in changed.items())
        return self if same else super().clone(**changed)

    def fold(self, name: str, value: Any) -> str:
        if name.lower() in _WHOLE:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.lower() in _WHOLE:
            return self.fold(name, value).encode("ascii")
        return _folded(self, name, value) if name.lower() in _SHARED else self.folded(name, value)

    def folded(self, name: str, value: Any) -> bytes:
        return bytes(super().fold_binary(name, value))


_folded = lru_cache(256)(_Policy.folded)
POLICY: Final = _Policy(utf8=False, cte_type="8bit", header_factory=_Registry())


def email_of(settings: Settings, draft: Draft, now: datetime, own_id: str) -> EmailMessage:
    """The whole mail. Raises ``Unwritable`` for what no header can carry."""
    email = EmailMessage(policy=POLICY)
    email["From"] = _shared_address("From", draft.from_name, sender_address(settings))
    email["To"] = address(draft.to_name, draft.to)
    if draft.reply_to:
        email["Reply-To"] = _shared_address("Reply-To", "", draft.reply_to)
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
    # Whoever has had a mail knows it, and could give a name to a partnership.
    known = _BOUNDARY in written.text or _BOUNDARY in written.html
    email.make_alternative(None if known else _BOUNDARY)
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


@lru_cache(64)
def _shared_address(header: str, name: str, spec: str) -> BaseHeader:
    made: BaseHeader = POLICY.header_factory(header, address(name, spec))
    return made


def sender_address(settings: Settings) -> str:
    """The address all mail comes from, on our own domain."""
    return parseaddr(settings.mail_from)[1] or settings.mail_from


def message_id(settings: Settings, row: str) -> str:
    """The Message-ID of a row: the same at every attempt, so that a second copy can be told."""
    domain = sender_address(settings).rpartition("@")[2] or "localhost"
    return f"<{row}@{domain}>"
