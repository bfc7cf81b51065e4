"""Mail addresses: checked, written as they can be sent to, folded so that equal ones are equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from email_validator import EmailNotValidError, validate_email

from webapp import folding
from webapp.faults import Fault, Refused

MOST_LETTERS: Final = 254
# Read by several people or by nobody in particular, so a personal link is not personal there.
SHARED: Final = frozenset(
    {"info", "office", "admin", "contact", "hello", "mail", "sales", "support", "team", "hr",
     "reception", "frontdesk", "noreply", "no-reply", "webmaster", "marketing"}
)  # fmt: skip


@dataclass(frozen=True)
class Address:
    """One address: as it is written and sent to, and as it is compared."""

    written: str
    folded: str

    @property
    def shared(self) -> bool:
        """Whether it looks like a mailbox that several people read."""
        return self.folded.partition("@")[0] in SHARED


def parse(text: str, place: str) -> Address:
    """The address in a text; a domain in other letters becomes its ASCII form.

    Raises ``Refused`` at ``place`` for what no mail server takes. Nothing is looked up.
    """
    try:
        plain = folding.line(text).removeprefix("mailto:").removeprefix("<").removesuffix(">")
        if not plain:
            raise Refused([Fault(place, "is empty")])
        found = validate_email(
            plain.replace(" ", "") if plain.count("@") == 1 else plain,
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
            strict=True,
        )
    except EmailNotValidError as error:
        raise Refused([Fault(place, _plainly(str(error)))]) from None
    except ValueError as error:
        raise Refused([Fault(place, str(error))]) from None
    ascii_form = found.ascii_email or found.normalized
    if len(ascii_form) > MOST_LETTERS:
        raise Refused([Fault(place, f"is longer than {MOST_LETTERS} letters")])
    if "." not in found.ascii_domain and found.ascii_domain != "localhost":
        raise Refused([Fault(place, f"{plain!r} has no dot in its domain")])
    return Address(ascii_form, ascii_form.casefold())


def _plainly(reason: str) -> str:
    reason = reason.replace("email address", "address").rstrip(".")
    return reason[:1].lower() + reason[1:]
