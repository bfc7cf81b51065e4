"""The mails: what each one says, to whom, and in whose name.

A new mail is one function here, its entry in ``KINDS``, and its text in ``templates/mail``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy.orm import Session

from webapp import links, queries
from webapp.clock import Clock, spoken, to_wall
from webapp.config import Settings
from webapp.mail import headers, words
from webapp.mail.addressing import SIGN_IN_LASTS, Addresses, Minted, Shown
from webapp.mail.headers import Draft
from webapp.mail.rendering import Unwritable, Written, write
from webapp.mail.transport import Letter
from webapp.models import Invitation, MemberInvitation, Message, Partnership, Person, User, Wave
from webapp.queries import Needs

PRODUCT: Final = "Muster"
# The last note goes one working day before the close: Friday's for a close on Monday.
_FRIDAY: Final = 4


@dataclass(frozen=True)
class Desk:
    """What a mail is written from."""

    session: Session
    settings: Settings
    clock: Clock
    addresses: Addresses
    kept: words.Kept


@dataclass(frozen=True)
class Composed:
    """A mail ready to go, the version of its text, and the rows of the links it carries."""

    letter: Letter
    version: str
    links: list[links.Made]


def compose(
    session: Session,
    settings: Settings,
    clock: Clock,
    message: Message,
    kept: words.Kept | None = None,
) -> Composed:
    """Write the mail of a row of the outbox; links that it carries are good once they are kept.

    ``kept`` is what mails that go together share.

    Raises ``Unwritable`` where a name or an address cannot stand in a mail.
    """
    minted = Minted(session, clock, settings.public_url, message.id)
    draft = _draft(Desk(session, settings, clock, minted, kept or words.Kept()), message)
    message_id = message.message_id or headers.message_id(settings, message.id)
    email = headers.email_of(settings, draft, clock.now(), message_id)
    letter = Letter(message.id, message.kind, draft.to, headers.sender_address(settings), email)
    return Composed(letter, draft.written.version, minted.made)


def preview(
    session: Session, settings: Settings, clock: Clock, kind: str, invitation: Invitation
) -> Draft:
    """The exact mail a person of a round would get now, with addresses that open nothing."""
    desk = Desk(session, settings, clock, Shown(settings.public_url), words.Kept())
    return OF_A_ROUND[kind](desk, invitation)


def heads_up(
    session: Session, settings: Settings, clock: Clock, invited: Invitation, goes_on: date
) -> Written:
    """A note without a link, for a convener to send from their own mailbox before ``goes_on``."""
    kept = words.Kept()
    said = words.of_round(session, clock, invited, kept) | {
        "weekday": f"{goes_on:%A}",
        "from_name": kept.head(session, invited).shown,
        "sender_address": headers.sender_address(settings),
    }
    return write("heads_up", said)


def _draft(desk: Desk, message: Message) -> Draft:
    if message.kind in OF_A_ROUND and message.invitation is not None:
        return OF_A_ROUND[message.kind](desk, message.invitation)
    if message.kind in TO_A_COLLEAGUE:
        invited = desk.session.get(MemberInvitation, message.details["member_invitation"])
        if invited is not None:
            return TO_A_COLLEAGUE[message.kind](desk, invited)
    user = desk.session.get(User, message.user_id) if message.user_id else None
    if message.kind in OF_AN_ACCOUNT and user is not None:
        return OF_AN_ACCOUNT[message.kind](desk, user, message)
    raise Unwritable(f"there is no mail of the kind {message.kind!r} for nobody")


# --- Mails to the people of a round ---------------------------------------------------------


def _to_invited(desk: Desk, invitation: Invitation, name: str, *, link: bool = True) -> Draft:
    person, head = invitation.person, desk.kept.head(desk.session, invitation)
    said = words.of_round(desk.session, desk.clock, invitation, desk.kept)
    stop = desk.addresses.stopping(invitation)
    shown = {"optout_link": stop}
    if link:
        shown["link"] = desk.addresses.answering(invitation)
    return Draft(
        name=name,
        written=write(name, said | shown, shown.values()),
        to_name=person.name,
        to=person.email,
        from_name=head.shown,
        reply_to=head.reply_to,
        stop=stop,
    )


def invitation(desk: Desk, invited: Invitation) -> Draft:
    """The first mail: who asks, why, how long, who sees what, and the personal link."""
    return _to_invited(desk, invited, "invitation")


def reminder(desk: Desk, invited: Invitation) -> Draft:
    """The next mail, worded by where the person and the round stand when it goes."""
    if invited.response is not None and invited.response.state == "draft":
        return started(desk, invited)
    if _last_working_day(desk.clock, invited.wave):
        return last_call(desk, invited)
    return _to_invited(desk, invited, "reminder")


def _last_working_day(clock: Clock, wave: Wave) -> bool:
    """Whether no working day lies between today and the day the round closes."""
    zone = wave.partnership.timezone
    today, last = (to_wall(at, zone).date() for at in (clock.now(), wave.closes_at))
    days = (last - today).days
    return days <= 1 or (today.weekday() >= _FRIDAY and days <= 7 - today.weekday())


def started(desk: Desk, invited: Invitation) -> Draft:
    """For someone who has saved answers and not sent them."""
    return _to_invited(desk, invited, "started")


def last_call(desk: Desk, invited: Invitation) -> Draft:
    """The last note, on the working day before the round closes."""
    return _to_invited(desk, invited, "last_call")


def receipt(desk: Desk, invited: Invitation) -> Draft:
    """Thanks, with the reference; no answer and no link stands in it, assistants read mail."""
    return _to_invited(desk, invited, "receipt", link=False)


def newest_link(desk: Desk, invited: Invitation) -> Draft:
    """The link once more, for whoever asked on a page."""
    return _to_invited(desk, invited, "newest_link")


OF_A_ROUND: Final[Mapping[str, Callable[[Desk, Invitation], Draft]]] = {
    "invitation": invitation,
    "reminder": reminder,
    "started": started,
    "last_call": last_call,
    "receipt": receipt,
    "newest_link": newest_link,
}


# --- Mails to those who sign in -------------------------------------------------------------


def sign_in(desk: Desk, user: User, message: Message) -> Draft:  # noqa: ARG001 - needs no details
    """A link by which a user signs in, once."""
    link = desk.addresses.signing_in(user)
    said = {
        "link": link,
        "email": user.email,
        "minutes": int(SIGN_IN_LASTS.total_seconds() // 60),
        "host": desk.settings.public_url.partition("://")[2],
    }
    return _to_user(user, "sign_in", said, [link], PRODUCT)


def trial_invitation(desk: Desk, user: User, message: Message) -> Draft:
    """The invitation of a person of the roster, to a user: every word as that person reads it.

    Its link opens the same pages, and nothing is kept there.
    """
    person = desk.session.get(Person, message.details.get("person", ""))
    if message.wave is None or person is None:
        raise Unwritable("the round or the person is gone")
    invited = queries.as_invited(message.wave, person)
    head = desk.kept.head(desk.session, invited)
    link = desk.addresses.trying(message.wave, person, user)
    shown = {"link": link, "optout_link": f"{link}/stop"}
    said = words.of_round(desk.session, desk.clock, invited, desk.kept) | shown
    return Draft(
        name="invitation",
        written=write("invitation", said, shown.values()),
        to_name=user.name,
        to=user.email,
        from_name=head.shown,
        reply_to=head.reply_to,
        stop=shown["optout_link"],
    )


def conveners(desk: Desk, user: User, message: Message) -> Draft:
    """What in a round needs a convener: at most once a day, and only if something does."""
    wave = message.wave
    if wave is None:
        raise Unwritable("the round is gone")
    needs = Needs.of_details(message.details)
    page = "/results" if needs.results_ready else ""
    link = f"{desk.settings.public_url}/waves/{wave.id}{page}"
    said = needs.as_details() | {
        "first_name": words.first_name(user.name),
        "partnership_short": wave.partnership.name,
        "closes": words.closing_time(wave),
        "link": link,
        "short_of_k": words.groups(needs.short_of_k),
        "k": wave.k,
    }
    return _to_user(user, "conveners", said, [link], f"{PRODUCT}, {wave.partnership.name}")


def _to_user(
    user: User, name: str, said: Mapping[str, Any], addresses: list[str], from_name: str
) -> Draft:
    return Draft(
        name=name,
        written=write(name, said, addresses),
        to_name=user.name,
        to=user.email,
        from_name=from_name,
    )


OF_AN_ACCOUNT: Final[Mapping[str, Callable[[Desk, User, Message], Draft]]] = {
    "sign_in": sign_in,
    "conveners": conveners,
    "trial_invitation": trial_invitation,
}


# --- Mails to those who may have no account yet ---------------------------------------------

_AS: Final = {
    "owner": "an owner: you set up, send, and decide who is in the team",
    "editor": "an editor: you set up and send",
    "viewer": "a viewer: you see the results and take files away",
}


def let_in(desk: Desk, invited: MemberInvitation) -> Draft:
    """A link by which a colleague joins the team of a partnership, once."""
    partnership = desk.session.get_one(Partnership, invited.partnership_id)
    by = desk.session.get(User, invited.invited_by) if invited.invited_by else None
    inviter = (by.name or by.email) if by else f"The team of {partnership.name}"
    link = desk.addresses.letting_in(invited)
    said = {
        "inviter": inviter,
        "partnership": partnership.name,
        "partnership_short": partnership.name,
        "as_what": _AS[invited.level],
        "link": link,
        "email": invited.email,
        "until": spoken(invited.expires_at, partnership.timezone),
    }
    return Draft(
        name="let_in",
        written=write("let_in", said, [link]),
        to_name="",
        to=invited.email,
        from_name=f"{inviter}, {partnership.name}" if by else partnership.name,
        reply_to=by.email if by else "",
    )


TO_A_COLLEAGUE: Final[Mapping[str, Callable[[Desk, MemberInvitation], Draft]]] = {"let_in": let_in}
KINDS: Final = (*OF_A_ROUND, *OF_AN_ACCOUNT, *TO_A_COLLEAGUE)
