"""Answering: save a section, send, change, take back.

A response that was sent stays sent when a section is saved again: the section gets a new revision
and the results use what is stored last, so nobody who changes one word falls out of the count for
want of a second "send". For the same reason a section of a sent response is only taken whole.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from surveys.questionnaire import AskedSection, Value
from webapp import drafts, links
from webapp.clock import Clock
from webapp.database import Base
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.models import ALPHABET, GRACE, Link, Response, Wave
from webapp.operations import forgetting

VIEWING: Final = timedelta(days=30)
LAST_DAY: Final = timedelta(hours=24)

_RESPONSES, _INVITATIONS = (Base.metadata.tables[name] for name in ("responses", "invitations"))
_BEGIN: Final = insert(_RESPONSES)
_CHANGE: Final = update(_RESPONSES).where(_RESPONSES.c.id == bindparam("row"))
_TAKES_PART: Final = (
    update(_INVITATIONS).where(_INVITATIONS.c.id == bindparam("row")).values(declined_at=None)
)

Phase = Literal["not_open", "open", "last_day", "grace", "closed", "ended", "canceled"]
WRITABLE: Final = frozenset({"open", "last_day", "grace"})


class TooLate(Refused):
    """The round takes no answers any more (or not yet)."""

    def __init__(self, phase: Phase) -> None:
        super().__init__("The round takes no answers now.")
        self.phase = phase


class Overtaken(Refused):
    """The section was saved elsewhere since this copy was opened."""

    def __init__(self, saved: Mapping[str, Value], revision: int, saved_at: datetime) -> None:
        super().__init__("This section was changed elsewhere.")
        self.saved = saved
        self.revision = revision
        self.saved_at = saved_at


class Incomplete(Refused):
    """Required questions have no answer; each fault's place is the form field."""

    def __init__(self, gaps: Sequence[tuple[AskedSection, Any]]) -> None:
        super().__init__(Fault(one.field, "has no answer") for _, one in gaps)
        self.gaps = tuple(gaps)


@dataclass(frozen=True)
class Copy:
    """One posted copy of a section: what it holds and which saved one it began from.

    ``revision`` is ``None`` where the form did not say; ``partial`` is true when the person stops
    here for now, so that gaps may stay; ``notice`` is the version of the promise on the page.
    """

    values: Mapping[str, Value]
    revision: int | None
    partial: bool
    notice: str


def phase(wave: Wave, now: datetime) -> Phase:
    """Where the round stands for someone who answers.

    A scheduled close leaves a quarter of an hour for what is on its way; "close now" ends writing
    at once. After it, people can look at what they sent for 30 days.
    """
    if wave.state == "draft":
        return "not_open"
    if wave.state == "canceled":
        return "canceled"
    if wave.takes_answers(now):
        if now >= wave.closes_at:
            return "grace"
        return "last_day" if now >= wave.closes_at - LAST_DAY else "open"
    return "closed" if now < answers_end(wave) + VIEWING else "ended"


def answers_end(wave: Wave) -> datetime:
    """The last moment at which answers are taken, or were."""
    latest = wave.closes_at + GRACE
    return min(wave.closing_at or latest, latest)


def save_section(
    session: Session, clock: Clock, link: Link, page: AskedSection, copy: Copy
) -> None:
    """Store one section of the person of a held link; the same copy twice is stored once.

    Raises ``TooLate``, ``Overtaken`` or ``Incomplete``; nothing has changed then.
    """
    links.must_be_held(session, link)
    invitation, response = link.invitation, drafts.find(link)
    now = _in_time(invitation.wave, clock)
    saved = drafts.part(drafts.stored(response), page.asked)
    values = _with_hidden(link, page, saved, copy.values)
    number = drafts.revision(response, page.section.id)
    same = bool(number) and values == saved
    if response and not same and copy.revision is not None and copy.revision < number:
        raise Overtaken(saved, number, _saved_at(response, page.section.id))
    found = drafts.gaps([page], values)
    if found and not (copy.partial and may_stop_here(response)):
        raise Incomplete(found)
    changes = _noted(link, response, copy.notice, now)
    if not same:
        changes |= _changed(response, page, values, number + 1, now)
        if invitation.declined_at is not None:
            session.execute(_TAKES_PART, {"row": invitation.id})
    if response is None:
        first = {"invitation_id": invitation.id, "started_at": now}
        session.execute(_BEGIN, first | changes)
    else:
        _change(session, response, changes)
    if _ends_handed(link, response, page):
        links.revoke(session, clock, invitation, (links.HANDED,))


def _changed(
    response: Response | None,
    page: AskedSection,
    values: Mapping[str, Value],
    revision: int,
    now: datetime,
) -> dict[str, Any]:
    """What is another in a response once a section is saved."""
    saved = {page.section.id: {"revision": revision, "saved_at": now.isoformat()}}
    found = {
        "answers": drafts.merged(drafts.stored(response), page, values),
        "sections": (response.sections if response else {}) | saved,
        "saved_at": now,
    }
    withdrawn = response is not None and response.state == "withdrawn"
    return found | {"state": "draft"} if withdrawn else found


def _ends_handed(link: Link, response: Response | None, page: AskedSection) -> bool:
    """Whether handed links may be left: once an answer is saved, none is handed out any more."""
    if link.purpose == links.HANDED:
        return False
    return response is None or response.handed or set(response.sections) <= {page.section.id}


def _change(session: Session, response: Response, changes: Mapping[str, Any]) -> None:
    if changes:
        session.execute(_CHANGE, {"row": response.id, **changes})


def may_stop_here(response: Response | None) -> bool:
    """Whether a section may be saved with gaps: not once the answers count."""
    return response is None or response.state != "sent"


def _in_time(wave: Wave, clock: Clock) -> datetime:
    now = clock.now()
    found = phase(wave, now)
    if found not in WRITABLE:
        raise TooLate(found)
    return now


def _with_hidden(
    link: Link, page: AskedSection, saved: Mapping[str, Value], values: Mapping[str, Value]
) -> dict[str, Value]:
    """What a copy means: where saved answers were not shown, an empty question keeps its own."""
    found = dict(values)
    if link.purpose == links.MAILED:
        return found
    for one in page.asked:
        names = drafts.fields(one)
        if not any(name in found for name in names):
            found.update({name: saved[name] for name in names if name in saved})
    return found


def _saved_at(response: Response, section: str) -> datetime:
    return datetime.fromisoformat(response.sections[section]["saved_at"])


def _noted(link: Link, response: Response | None, notice: str, now: datetime) -> dict[str, Any]:
    """Which promise the person agreed to, and through what kind of link, where that is new."""
    found: dict[str, Any] = {}
    if notice_of(response) != notice:
        found["notice"] = f"{notice} {now.isoformat()}"
    if link.purpose == links.HANDED and not (response and response.handed):
        found["handed"] = True
    return found


def notice_of(response: Response | None) -> str:
    """The version of the promise the person agreed to with the first save, or later."""
    return response.notice.partition(" ")[0] if response else ""


def send_answers(session: Session, clock: Clock, link: Link, pages: Sequence[AskedSection]) -> None:
    """Count the answers of a held link's person from now on; a second time changes nothing.

    Raises ``TooLate``, or ``Incomplete`` with every required question that has no answer.
    """
    links.must_be_held(session, link)
    invitation, response = link.invitation, drafts.find(link)
    now = _in_time(invitation.wave, clock)
    found = drafts.gaps(drafts.main_pages(pages), drafts.stored(response))
    if found or response is None:
        raise Incomplete(found)
    if response.state == "sent":
        return
    receipt = response.receipt or _receipt()
    _change(session, response, {"state": "sent", "sent_at": now, "receipt": receipt})
    outbox.enqueue(session, clock, "receipt", key=f"receipt:{invitation.id}", invitation=invitation)


def _receipt() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10)).upper()
    return f"{letters[:5]}-{letters[5:]}"


def withdraw(session: Session, clock: Clock, link: Link) -> bool:
    """Take the answers under a held link back: they are deleted and leave the next computation.

    What snapshots show of them by name or word goes too; after the close no figure is computed
    again. False where there was nothing to take back. Raises ``TooLate`` when the round is over
    for good or has not begun.
    """
    links.must_be_held(session, link)
    invitation, response = link.invitation, drafts.find(link)
    found = phase(invitation.wave, clock.now())
    if found in {"ended", "not_open"}:
        raise TooLate(found)
    if response is None or response.state == "withdrawn":
        return False
    forgetting.forget(session, invitation, response)
    changes: dict[str, Any] = {"answers": {}, "sections": {}, "state": "withdrawn"}
    _change(session, response, {**changes, "sent_at": None, "saved_at": clock.now()})
    return True
