"""What in a round needs its conveners: the counts of the mail that goes to them, and of banners."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, Self

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.models import AuditEntry, Invitation, Message, Snapshot, Wave
from webapp.queries.progress import invitations, state

CLOSING_SOON: Final = timedelta(days=3)
# Results are news for this long; after that whoever wanted to know has looked.
NEWS: Final = timedelta(days=7)
# As the list of deeds has them: somebody else got the link, the address was corrected.
_REPORTED: Final = "reported as the wrong person"
_CORRECTED: Final = "correct address"
MAY_STILL_SEND: Final = frozenset({"not_sent", "invited", "started", "bounced"})


@dataclass(frozen=True)
class Needs:
    """How many addresses do not work, how many mails failed or may have arrived, and the rest.

    ``short_of_k`` names the groups that one more reply would let be shown.
    """

    bounced: int = 0
    failed: int = 0
    unknown: int = 0
    closing: bool = False
    short_of_k: tuple[str, ...] = ()
    results_ready: bool = False

    def beyond(self, told: Needs) -> bool:
        """Whether there is anything here that ``told`` does not say."""
        return (
            self.bounced > told.bounced
            or self.failed > told.failed
            or self.unknown > told.unknown
            or self.closing > told.closing
            or bool(set(self.short_of_k) - set(told.short_of_k))
            or self.results_ready > told.results_ready
        )

    def as_details(self) -> dict[str, Any]:
        return asdict(self) | {"short_of_k": list(self.short_of_k)}

    @classmethod
    def of_details(cls, details: dict[str, Any]) -> Self:
        known = {name: details[name] for name in cls.__dataclass_fields__ if name in details}
        return cls(**known | {"short_of_k": tuple(details.get("short_of_k", ()))})


def needs(session: Session, clock: Clock, wave: Wave) -> Needs:
    """What needs the conveners of an open or just closed round at this moment."""
    if wave.state != "open":
        final = select(Snapshot.id).where(Snapshot.wave_id == wave.id, Snapshot.kind == "final")
        ready = wave.state == "closed" and session.scalar(final.limit(1)) is not None
        return Needs(results_ready=ready)
    asked = invitations(session, wave)
    still = [one for one in asked if state(one) in MAY_STILL_SEND]
    mail = [_newest(one.messages) for one in still if state(one) != "bounced"]
    closing = clock.now() < wave.closes_at <= clock.now() + CLOSING_SOON
    return Needs(
        bounced=len(still) - len(mail),
        failed=mail.count("failed"),
        unknown=mail.count("unknown"),
        closing=closing and bool(still),
        short_of_k=_short(wave, asked, still) if closing else (),
    )


def misdirected(session: Session, wave: Wave) -> frozenset[str]:
    """The invitations whose link reached somebody else who said so, until it is mended."""
    entries = session.execute(
        select(AuditEntry.action, AuditEntry.details)
        .where(AuditEntry.wave_id == wave.id, AuditEntry.action.in_((_REPORTED, _CORRECTED)))
        .order_by(AuditEntry.id)
    )
    newest = {details["invitation"]: action for action, details in entries}
    return frozenset(key for key, action in newest.items() if action == _REPORTED)


def recent_waves(session: Session, clock: Clock) -> Sequence[Wave]:
    """The rounds whose conveners may have to be told something."""
    news = Wave.closed_at > clock.now() - NEWS
    query = select(Wave).where(or_(Wave.state == "open", and_(Wave.state == "closed", news)))
    return session.scalars(query.order_by(Wave.id)).all()


def _newest(messages: Collection[Message]) -> str:
    newest = max(messages, key=lambda one: (one.queued_at, one.id), default=None)
    return newest.state if newest else ""


def _short(
    wave: Wave, asked: Collection[Invitation], still: Collection[Invitation]
) -> tuple[str, ...]:
    """The protected groups in which one reply is missing and somebody could give it."""
    if wave.mode == "named":
        return ()
    return tuple(
        role
        for role in ("partner", "champion")
        if any(one.role == role for one in still)
        and sum(one.role == role and state(one) == "sent" for one in asked) == wave.k - 1
    )
