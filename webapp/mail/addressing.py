"""The personal addresses in a mail: made when it goes, or shown in a preview and never real."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Protocol

from sqlalchemy.orm import Session

from webapp import links
from webapp.clock import Clock
from webapp.models import Invitation, MemberInvitation, Person, User, Wave

SIGN_IN_LASTS: Final = timedelta(minutes=15)


class Addresses(Protocol):
    """Whatever knows the addresses that a mail shows."""

    def answering(self, invitation: Invitation) -> str:
        """Where the person answers."""

    def stopping(self, invitation: Invitation) -> str:
        """Where the person ends the mails."""

    def signing_in(self, user: User) -> str:
        """Where the user signs in, once."""

    def letting_in(self, invited: MemberInvitation) -> str:
        """Where a colleague joins the team, once."""

    def trying(self, wave: Wave, person: Person, user: User) -> str:
        """Where a user walks through the pages of a person, and nothing is kept."""


class Minted:
    """Real addresses for one attempt to send one mail; only hashes of their tokens are kept.

    Those of a person of a round are in ``made``, for ``links.keep``.
    """

    def __init__(self, session: Session, clock: Clock, public_url: str, message_id: str) -> None:
        self.session = session
        self.clock = clock
        self.public_url = public_url
        self.message_id = message_id
        self.made: list[links.Made] = []

    def answering(self, invitation: Invitation) -> str:
        return f"{self.public_url}/s/{self._mint(invitation, links.MAILED)}"

    def stopping(self, invitation: Invitation) -> str:
        return f"{self.public_url}/stop/{self._mint(invitation, links.STOP)}"

    def signing_in(self, user: User) -> str:
        token = links.mint_sign_in(self.session, self.clock, user, SIGN_IN_LASTS)
        return f"{self.public_url}/sign-in/{token}"

    def letting_in(self, invited: MemberInvitation) -> str:
        return f"{self.public_url}/join/{links.mint_let_in(self.session, invited)}"

    def trying(self, wave: Wave, person: Person, user: User) -> str:
        token = links.mint_trial(self.session, self.clock, wave, person, user)
        return f"{self.public_url}/s/{token}"

    def _mint(self, invitation: Invitation, purpose: str) -> str:
        token, link = links.new_link(self.clock, invitation, purpose, self.message_id)
        self.made.append(link)
        return token


class Shown:
    """Addresses for looking at; they open nothing."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url

    def answering(self, invitation: Invitation) -> str:  # noqa: ARG002 - the same for everyone
        return f"{self.public_url}/s/the-personal-link-is-made-when-the-mail-goes"

    def stopping(self, invitation: Invitation) -> str:  # noqa: ARG002 - as above
        return f"{self.public_url}/stop/made-when-the-mail-goes"

    def signing_in(self, user: User) -> str:  # noqa: ARG002 - as above
        return f"{self.public_url}/sign-in/made-when-the-mail-goes"

    def letting_in(self, invited: MemberInvitation) -> str:  # noqa: ARG002 - as above
        return f"{self.public_url}/join/made-when-the-mail-goes"

    def trying(self, wave: Wave, person: Person, user: User) -> str:  # noqa: ARG002 - as above
        return f"{self.public_url}/s/the-personal-link-is-made-when-the-mail-goes"
