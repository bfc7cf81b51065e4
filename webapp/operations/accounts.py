"""Accounts without passwords: add a user, mint and spend sign-in links, begin and end sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp import addresses, folding, links, queries
from webapp.clock import Clock
from webapp.faults import Fault, Refused
from webapp.mail import outbox
from webapp.models import Installation, Message, SignInLink, User, UserSession
from webapp.operations import audit

# A link that someone with the command line prints, and one that travels by mail.
PRINTED: Final = timedelta(hours=24)
MAILED: Final = timedelta(minutes=15)
SIGNED_IN: Final = timedelta(hours=12)
WAITING: Final = ("queued", "claimed", "retry")
MOST_LETTERS: Final = 200


class SetUpAlready(Refused):
    """Somebody has set this installation up: the first account exists."""


@dataclass(frozen=True)
class Begun:
    """A session that has begun: the token for the cookie, and whose it is."""

    token: str
    user: User


def set_up(session: Session, clock: Clock, *, name: str, email: str) -> User:
    """Make the first account, which may run the installation, and have its sign-in link mailed.

    Raises ``Refused`` for what was typed, and ``SetUpAlready`` when an account exists or when
    somebody else makes one at the same moment: the installation's one row lets one person through.
    """
    faults: list[Fault] = []
    try:
        if not _name(name):
            faults.append(Fault("name", "is empty"))
    except Refused as error:
        faults += error.faults
    try:
        address = addresses.parse(email, "email")
    except Refused as error:
        raise Refused([*faults, *error.faults]) from None
    if faults:
        raise Refused(faults)
    if queries.is_set_up(session) or not _mark_set_up(session, clock):
        raise SetUpAlready("Somebody has set this installation up already.")
    user = _add(session, clock, address, name, admin=True, actor=audit.VISITOR)
    _mail_sign_in_link(session, clock, user)
    return user


def _mark_set_up(session: Session, clock: Clock) -> bool:
    """Note that an account exists; true for the one who notes it first."""
    try:
        with session.begin_nested():
            session.add(Installation(id=1))
    except IntegrityError:
        session.expire_all()
    noted = session.scalar(
        update(Installation)
        .where(Installation.set_up_at.is_(None))
        .values(set_up_at=clock.now())
        .returning(Installation.id)
        .execution_options(synchronize_session=False)
    )
    return noted is not None


def add_user(
    session: Session,
    clock: Clock,
    email: str,
    *,
    name: str = "",
    admin: bool = False,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> User:
    """Make an account. Raises ``Refused`` for an unusable address or one that has an account."""
    address = addresses.parse(email, "email")
    if queries.user_by_email(session, address.folded) is not None:
        raise Refused([Fault("email", f"{address.written} has an account already")])
    return _add(session, clock, address, name, admin=admin, actor=actor)


def user_for(
    session: Session,
    clock: Clock,
    email: str,
    *,
    name: str = "",
    actor: audit.Actor = audit.COMMAND_LINE,
) -> User:
    """The account of an address, made when there is none."""
    address = addresses.parse(email, "email")
    found = queries.user_by_email(session, address.folded)
    return found or _add(session, clock, address, name, admin=False, actor=actor)


def _add(
    session: Session,
    clock: Clock,
    address: addresses.Address,
    name: str,
    *,
    admin: bool,
    actor: audit.Actor,
) -> User:
    shown = _name(name)
    _mark_set_up(session, clock)
    user = User(
        email=address.written,
        folded_email=address.folded,
        name=shown,
        is_admin=admin,
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        raise Refused([Fault("email", f"{address.written} has an account already")]) from None
    audit.record(session, clock, actor, "add user", user=user.id, admin=admin)
    return user


def _name(typed: str) -> str:
    try:
        shown = folding.line(typed)
    except ValueError as error:
        raise Refused([Fault("name", str(error))]) from None
    if len(shown) > MOST_LETTERS:
        raise Refused([Fault("name", f"is longer than {MOST_LETTERS} letters")])
    return shown


def existing_user(session: Session, email: str) -> User:
    """The account of an address. Raises ``Refused`` when there is none."""
    address = addresses.parse(email, "email")
    found = queries.user_by_email(session, address.folded)
    if found is None:
        raise Refused([Fault("email", f"nobody with the address {address.written} has an account")])
    return found


def mint_sign_in_link(
    session: Session,
    clock: Clock,
    user: User,
    life: timedelta = PRINTED,
    actor: audit.Actor = audit.COMMAND_LINE,
) -> str:
    """The token of a new single-use link; the user's older ones end."""
    token = links.mint_sign_in(session, clock, user, life)
    audit.record(session, clock, actor, "mint sign-in link", user=user.id)
    return token


def ask_sign_in_link(session: Session, clock: Clock, email: str) -> None:
    """Have a link mailed to an address if it has an account; older ones end at once.

    Whoever asks cannot tell whether it has. The worker mints the link when it sends the mail.
    """
    try:
        address = addresses.parse(email, "email")
    except Refused:
        return
    user = queries.user_by_email(session, address.folded)
    if user is None:
        return
    links.end_sign_in(session, clock, user)
    if not _link_waits(session, user):
        _mail_sign_in_link(session, clock, user)


def _mail_sign_in_link(session: Session, clock: Clock, user: User) -> None:
    key = f"sign_in:{user.id}:{clock.now().timestamp():.6f}"
    outbox.enqueue(session, clock, "sign_in", key=key, user=user)


def _link_waits(session: Session, user: User) -> bool:
    waiting = select(Message.id).where(
        Message.user_id == user.id, Message.kind == "sign_in", Message.state.in_(WAITING)
    )
    return session.scalar(waiting.limit(1)) is not None


def sign_in(session: Session, clock: Clock, token: str) -> Begun:
    """Spend a sign-in link and begin a session of twelve hours.

    Raises ``Refused`` when the link is unknown, spent, ended or too old.
    """
    link = links.live_sign_in(session, clock, token)
    # Of two who press the button at once, the row lets one through.
    spent = session.scalar(
        update(SignInLink)
        .where(SignInLink.id == (link.id if link else ""), SignInLink.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(SignInLink.user_id)
        .execution_options(synchronize_session=False)
    )
    if link is None or spent is None:
        raise Refused("This sign-in link has ended. Ask for a new one.")
    return begin(session, clock, link.user)


def begin(session: Session, clock: Clock, user: User) -> Begun:
    """Begin a session of twelve hours for someone who has shown who they are."""
    cookie = links.new_token()
    session.add(
        UserSession(
            token_hash=links.digest(cookie),
            user_id=user.id,
            created_at=clock.now(),
            expires_at=clock.now() + SIGNED_IN,
        )
    )
    audit.record(session, clock, user, "sign in")
    session.flush()
    return Begun(cookie, user)


def sign_out(session: Session, token: str) -> None:
    """End one browser's session for good."""
    session.execute(delete(UserSession).where(UserSession.token_hash == links.digest(token)))


def sign_out_everywhere(session: Session, clock: Clock, user: User) -> int:
    """End every session and every sign-in link of a user; returns how many sessions ended."""
    ended = session.scalars(
        delete(UserSession)
        .where(UserSession.user_id == user.id)
        .returning(UserSession.token_hash)
        .execution_options(synchronize_session=False)
    ).all()
    links.end_sign_in(session, clock, user)
    audit.record(session, clock, user, "sign out everywhere", sessions=len(ended))
    return len(ended)


def rename(session: Session, clock: Clock, user: User, name: str) -> None:
    """Change how pages and mails call a user. Raises ``Refused`` for what is no name."""
    user.name = _name(name)
    audit.record(session, clock, user, "change own name")
    session.flush()
