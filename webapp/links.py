"""Personal links: minted from the system's randomness, kept as hashes, told apart by purpose.

A token is 256 random bits and means nothing by itself: no id, no address, no role. Only its hash
is stored, so whoever reads the database or its backups cannot answer for anyone.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Insert, String, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from webapp.clock import Clock
from webapp.database import Base, UtcDateTime
from webapp.models import (
    EndedLink,
    Invitation,
    Link,
    MemberInvitation,
    Partnership,
    Person,
    Response,
    SignInLink,
    TrialLink,
    User,
    Wave,
)

MAILED: Final = "mailed"
HANDED: Final = "handed"
STOP: Final = "stop"
# What opens the pages for answering; ``stop`` opens only its own page.
ANSWERING: Final = (MAILED, HANDED)

TRIAL_LASTS: Final = timedelta(days=7)

# The row of a link.
Made = dict[str, Any]

_KEEP: Final = insert(Base.metadata.tables["links"])
# The same for rows that come as columns, on PostgreSQL.
_HASHES: Final = func.unnest(bindparam("hashes", type_=ARRAY(String)))
_PURPOSES: Final = func.unnest(bindparam("purposes", type_=ARRAY(String)))
_BYTES: Final = 32
# Where a session notes which link it holds, and in which transaction.
_HOLDS: Final = "held link"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def digest(token: str) -> str:
    """What is stored in place of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """256 random bits, 43 characters that are safe in an address."""
    return secrets.token_urlsafe(_BYTES)


def looks_whole(token: str) -> bool:
    """Whether a token has the shape of one; a cut-off address has not."""
    return _TOKEN.fullmatch(token) is not None


def mint(
    session: Session,
    clock: Clock,
    invitation: Invitation,
    purpose: str,
    message_id: str | None = None,
) -> str:
    """Make one more link of an invitation and give back its token, which is not kept anywhere.

    ``purpose`` is ``mailed``, ``handed`` or ``stop``; ``message_id`` names the mail that carries
    it. Links minted before stay good until they are revoked.
    """
    token, link = new_link(clock, invitation, purpose, message_id)
    session.flush()
    keep(session, [link])
    return token


def new_link(
    clock: Clock, invitation: Invitation, purpose: str, message_id: str | None = None
) -> tuple[str, Made]:
    """A token and the row by which it is known, for ``keep``."""
    token = new_token()
    return token, {
        "token_hash": digest(token),
        "invitation_id": invitation.id,
        "purpose": purpose,
        "message_id": message_id,
        "created_at": clock.now(),
    }


def keep(session: Session, made: Sequence[Made]) -> None:
    """Write the rows of new links, all at once."""
    if made:
        session.execute(_KEEP, made)


def keep_those_of(
    invitation_id: ColumnElement[str | None], message_id: ColumnElement[str]
) -> Insert:
    """Writes the links of a mail that the same statement begins; only PostgreSQL can do that.

    The two columns are that mail's; ``columns`` and ``now`` are the values.
    """
    moment = bindparam("now", type_=UtcDateTime)
    return _KEEP.from_select(
        ["token_hash", "purpose", "invitation_id", "message_id", "created_at"],
        select(_HASHES, _PURPOSES, invitation_id, message_id, moment),
    )


def columns(made: Sequence[Made]) -> dict[str, list[str]]:
    """What tells the links of one mail apart, for ``keep_those_of``."""
    return {
        "hashes": [link["token_hash"] for link in made],
        "purposes": [link["purpose"] for link in made],
    }


def end(session: Session, clock: Clock, made: Iterable[Made]) -> None:
    """End links that surely nobody has got."""
    session.execute(
        update(Link)
        .where(
            Link.token_hash.in_([link["token_hash"] for link in made]), Link.revoked_at.is_(None)
        )
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


# What the pages of a link show of whatever it opens.
_SHOWN: Final[Mapping[type[Base], tuple[str, ...]]] = {
    Link: ("purpose", "revoked_at"),
    Invitation: ("id", "wave_id", "role", "organization_id", "declined_at", "opted_out_at"),
    Person: ("name", "title", "organization_name", "introduced_by"),
    Wave: (
        "id", "state", "mode", "k", "questionnaire", "own_questions", "closes_at", "closing_at",
        "locked_setup",
    ),
    Partnership: ("id", "name", "timezone", "facts", "is_example"),
    Response: (
        "id", "state", "answers", "sections", "handed", "notice", "started_at", "saved_at",
        "sent_at", "receipt",
    ),
}  # fmt: skip
_LINKS, _INVITED, _PEOPLE, _WAVES, _PARTNERSHIPS, _RESPONSES = (
    Base.metadata.tables[model.__tablename__] for model in _SHOWN
)
_REVOKE: Final = (
    update(_LINKS)
    .where(
        _LINKS.c.invitation_id == bindparam("of"),
        _LINKS.c.purpose.in_(bindparam("ended", expanding=True)),
        _LINKS.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("now"))
)
# Every page of a link names its person, round and partnership, and most show what was saved: one
# question to the database, built once. Of tables, not of objects: that is half of its cost.
_LOOKED_UP: Final = (
    select(*(model.__table__.c[name] for model, names in _SHOWN.items() for name in names))
    .select_from(_LINKS)
    .join(_INVITED, _INVITED.c.id == _LINKS.c.invitation_id)
    .join(_PEOPLE, _PEOPLE.c.id == _INVITED.c.person_id)
    .join(_WAVES, _WAVES.c.id == _INVITED.c.wave_id)
    .join(_PARTNERSHIPS, _PARTNERSHIPS.c.id == _WAVES.c.partnership_id)
    .outerjoin(_RESPONSES, _RESPONSES.c.invitation_id == _INVITED.c.id)
    .where(_LINKS.c.token_hash == bindparam("token_hash"))
)


def look_up(session: Session, token: str, purposes: Collection[str]) -> Link | None:
    """The link of a token with its invitation, person, round, partnership and response.

    A revoked link is found too, as by ``resolve``. All of it belongs to no session: it holds what
    pages show and cannot be changed, and anything else that is asked of it is an error.
    """
    if not looks_whole(token):
        return None
    found = session.execute(_LOOKED_UP, {"token_hash": digest(token)}).one_or_none()
    if found is None or found.purpose not in purposes:
        return None
    link: Link
    values = iter(found)
    link, invitation, person, wave, partnership, response = (
        _unbound(model, dict(zip(names, values, strict=False))) for model, names in _SHOWN.items()
    )
    saved = None if response.state is None else response
    wave.__dict__["partnership"] = partnership
    invitation.__dict__.update(person=person, wave=wave, response=saved)
    link.__dict__["invitation"] = invitation
    return link


def _unbound(model: type[Base], values: Mapping[str, Any]) -> Any:
    """An object of a table without what SQLAlchemy keeps beside it to write it back."""
    made = object.__new__(model)
    made.__dict__.update(values)
    return made


# The round is shared by all who answer; two saves of one person take turns.
_HOLD: Final = (
    select(_INVITED.c.id)
    .select_from(_LINKS)
    .join(_INVITED, _INVITED.c.id == _LINKS.c.invitation_id)
    .join(_WAVES, _WAVES.c.id == _INVITED.c.wave_id)
    .where(_LINKS.c.token_hash == bindparam("token_hash"))
    .with_for_update(read=True, of=_WAVES)
    .suffix_with("FOR NO KEY UPDATE OF invitations", dialect="postgresql")
)


def hold(session: Session, token: str, purposes: Collection[str]) -> Link | None:
    """The link of a token as ``look_up`` finds it, so that answers can be changed under it.

    Round, invitation and response are kept still until the transaction ends. Two saves of one
    person wait for each other here, so that two first saves make one response; the round cannot
    close between the question whether it is open and the commit.
    """
    # SQLite lets nobody else write from the first question on. Elsewhere whoever is waited for may
    # just have saved, so that looking comes after.
    if looks_whole(token) and session.get_bind().dialect.name != "sqlite":
        session.execute(_HOLD, {"token_hash": digest(token)})
    link = look_up(session, token, purposes)
    if link is not None:
        session.info[_HOLDS] = (session.get_transaction(), link)
    return link


def resolve(session: Session, token: str, purposes: Collection[str]) -> Link | None:
    """The link a token belongs to if it has one of ``purposes``, else nothing.

    A revoked link is found too, so that its page can say that it has ended: whoever calls must
    look at ``revoked_at`` before anything else.
    """
    link = session.get(Link, digest(token)) if looks_whole(token) else None
    return link if link is not None and link.purpose in purposes else None


def must_be_held(session: Session, link: Link) -> None:
    """Raise ``RuntimeError`` where a link was not found by ``hold`` in this transaction."""
    if session.info.get(_HOLDS) != (session.get_transaction(), link):
        raise RuntimeError("answers are changed under a link that is held")


def has_ended(session: Session, token: str) -> bool:
    """Whether a token was a link of someone who has been erased since; nobody knows whose."""
    return looks_whole(token) and session.get(EndedLink, digest(token)) is not None


def revoke(
    session: Session,
    clock: Clock,
    invitation: Invitation,
    purposes: Iterable[str] = ANSWERING,
    message_id: str | None = None,
) -> None:
    """End the live links of an invitation, or those that one mail carried."""
    query = _REVOKE if message_id is None else _REVOKE.where(_LINKS.c.message_id == message_id)
    session.execute(query, {"of": invitation.id, "ended": tuple(purposes), "now": clock.now()})


def mint_trial(session: Session, clock: Clock, wave: Wave, person: Person, user: User) -> str:
    """Make a link by which a user walks through a person's pages; nothing is kept under it."""
    token = new_token()
    session.add(
        TrialLink(
            token_hash=digest(token),
            wave_id=wave.id,
            user_id=user.id,
            person_id=person.id,
            created_at=clock.now(),
            expires_at=clock.now() + TRIAL_LASTS,
        )
    )
    session.flush()
    return token


def trial(session: Session, token: str) -> TrialLink | None:
    """The trial link of a token, also when it is over, so that its page can say so."""
    return session.get(TrialLink, digest(token)) if looks_whole(token) else None


def mint_sign_in(session: Session, clock: Clock, user: User, life: timedelta) -> str:
    """Make a single-use sign-in link and give back its token; the user's older ones end."""
    end_sign_in(session, clock, user)
    token = new_token()
    session.add(
        SignInLink(
            token_hash=digest(token),
            user_id=user.id,
            created_at=clock.now(),
            expires_at=clock.now() + life,
        )
    )
    session.flush()
    return token


def end_sign_in(session: Session, clock: Clock, user: User) -> None:
    """End every sign-in link of a user that was not used yet."""
    session.execute(
        update(SignInLink)
        .where(SignInLink.user_id == user.id, SignInLink.ended_at.is_(None))
        .values(ended_at=clock.now())
    )


def live_sign_in(session: Session, clock: Clock, token: str) -> SignInLink | None:
    """The sign-in link of a token if it can still be used."""
    if not looks_whole(token):
        return None
    return session.scalar(
        select(SignInLink).where(
            SignInLink.token_hash == digest(token),
            SignInLink.ended_at.is_(None),
            SignInLink.expires_at > clock.now(),
        )
    )


def mint_let_in(session: Session, invited: MemberInvitation) -> str:
    """Make the single-use link by which a colleague joins a team; an older one ends."""
    token = new_token()
    invited.token_hash = digest(token)
    session.flush()
    return token


def live_let_in(session: Session, clock: Clock, token: str) -> MemberInvitation | None:
    """The invitation of a token if a colleague can still join by it."""
    if not looks_whole(token):
        return None
    return session.scalar(
        select(MemberInvitation).where(
            MemberInvitation.token_hash == digest(token),
            MemberInvitation.accepted_at.is_(None),
            MemberInvitation.ended_at.is_(None),
            MemberInvitation.expires_at > clock.now(),
        )
    )
