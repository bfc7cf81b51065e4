"""Whoever opens a personal link: the person, the round, the questions, what is saved so far."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import ClassVar, Final

from flask import url_for

from surveys import asking
from surveys.asking import Asking
from surveys.questionnaire import Answers, AskedSection
from surveys.setup import Setup
from webapp import drafts, links, queries
from webapp.database import OpenSession
from webapp.extensions import session, shared
from webapp.mail import letterhead
from webapp.mail.letterhead import Letterhead
from webapp.models import Invitation, Link, Partnership, Person, Response, TrialLink, Wave
from webapp.operations import answering
from webapp.operations.answering import Phase

TOKEN_LENGTH: Final = 43
_NOT_IN_A_TOKEN: Final = re.compile(r"[^A-Za-z0-9_-]")
_INVISIBLE: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+|%20|%0[AaDd]|=\r?\n")
# How the link of a token is found: to be looked at, held, or changed.
Find = Callable[[OpenSession, str, Collection[str]], Link | None]
# What we tell people about their answers; a new number asks everyone again.
NOTICE: Final = "1"


@dataclass
class Visit:
    """One opening of one personal link."""

    token: str
    link: Link
    # A convener walks through these pages: nothing that is typed is kept.
    trial: ClassVar[bool] = False

    @property
    def invitation(self) -> Invitation:
        return self.link.invitation

    @property
    def wave(self) -> Wave:
        return self.invitation.wave

    @property
    def partnership(self) -> Partnership:
        return self.wave.partnership

    @property
    def person(self) -> Person:
        return self.invitation.person

    @property
    def role(self) -> str:
        return self.invitation.role

    @cached_property
    def alike(self) -> int:
        """How many people are asked in the same role."""
        return queries.asked_in_role(session(), self.invitation.wave_id, self.role)

    @property
    def zone(self) -> str:
        return self.partnership.timezone

    @property
    def revoked(self) -> bool:
        return self.link.revoked_at is not None

    @cached_property
    def phase(self) -> Phase:
        return answering.phase(self.wave, shared().clock.now())

    @property
    def live(self) -> bool:
        """Whether the page may name the person: not once the link has ended."""
        return not self.revoked and self.phase not in {"ended", "canceled"}

    @property
    def grace_ends(self) -> datetime:
        return answering.answers_end(self.wave)

    @property
    def closed_at(self) -> datetime:
        """When the round closed, as people were told or as it was done by hand."""
        return min(self.wave.closing_at or self.wave.closes_at, self.wave.closes_at)

    @property
    def response(self) -> Response | None:
        return drafts.find(self.link)

    @property
    def sent(self) -> bool:
        return self.response is not None and self.response.state == "sent"

    @property
    def shows(self) -> bool:
        """Whether saved answers may stand on the page."""
        return self.link.purpose == links.MAILED

    @property
    def shown_answers(self) -> Answers:
        return drafts.shown(self.link, self.response)

    @cached_property
    def setup(self) -> Setup:
        return queries.setup(session(), self.wave)

    @cached_property
    def asking(self) -> Asking:
        """What decides which questions this person gets."""
        wave, person = self.wave, queries.asked_person(self.invitation)
        return asking.asking(wave.questionnaire, wave.own_questions, person, self.setup)

    @cached_property
    def pages(self) -> tuple[AskedSection, ...]:
        return asking.pages(self.asking)

    @cached_property
    def address(self) -> str:
        """Where the pages of this link begin."""
        return url_for("respond.landing", token=self.token)

    def section_address(self, section: str, *, back: bool = False) -> str:
        """The address of a section; ``back`` leads to the check page after saving."""
        return f"{self.address}/{section}{'?back=check' if back else ''}"

    @cached_property
    def main_pages(self) -> tuple[AskedSection, ...]:
        return drafts.main_pages(self.pages)

    def page(self, section: str) -> AskedSection | None:
        return next((page for page in self.pages if page.section.id == section), None)

    @property
    def notice(self) -> str:
        """The version of the promise this person reads now."""
        return f"{NOTICE}/{self.wave.mode}/{self.wave.k}"

    @property
    def new_notice(self) -> bool:
        """Whether the person agreed to an older promise."""
        response = self.response
        if response is None or response.state == "withdrawn":
            return False
        return answering.notice_of(response) != self.notice

    @cached_property
    def head(self) -> Letterhead:
        """In whose name the person was asked, and who answers questions; as in the mails."""
        return letterhead.of(session(), self.partnership, self.person.introduced_by)

    @property
    def whom(self) -> str:
        """Who is asked, as the page names them: name, title, organization."""
        parts = (self.person.name, self.person.title, self.person.organization_name)
        return ", ".join(part for part in parts if part)

    @property
    def first_name(self) -> str:
        return self.person.name.split()[0] if self.person.name.strip() else ""

    @property
    def initials(self) -> str:
        """The person as a stranger may read it: ``D. K. at Acme``."""
        letters = " ".join(f"{part[0]}." for part in self.person.name.split())
        where = self.person.organization_name
        return f"{letters} at {where}" if where else letters


def mended(token: str) -> str:
    """A token as it was mailed, from what a mail program made of it.

    Line breaks and invisible marks inside go; whatever hangs on at the end goes too.
    """
    whole = _INVISIBLE.sub("", token)
    return _NOT_IN_A_TOKEN.split(whole.lstrip("<(\"'"), maxsplit=1)[0][:TOKEN_LENGTH]


@dataclass
class Trial(Visit):
    """A convener's walk through the pages of someone who will be asked."""

    trial: ClassVar[bool] = True
    sent_now: bool = False

    @cached_property
    def alike(self) -> int:
        people = queries.people(session(), self.partnership)
        return sum(one.role == self.role for one in people)

    @cached_property
    def phase(self) -> Phase:
        return "open"

    @property
    def response(self) -> Response | None:
        """Nothing is ever saved; after sending, what a receipt would say is shown."""
        now = shared().clock.now()
        if not self.sent_now:
            return None
        receipt = "TRIAL-00000"
        return Response(
            state="sent", answers={}, sections={}, saved_at=now, sent_at=now, receipt=receipt
        )


def enter(token: str, find: Find) -> Visit | None:
    """The visit that a personal link opens; ended links open one too, marked ``revoked``."""
    link = find(session(), token, links.ANSWERING)
    if link is not None:
        return Visit(token, link)
    trial = links.trial(session(), token)
    return _trial(token, trial) if trial else None


def _trial(token: str, trial: TrialLink) -> Trial:
    """A trial looks like a mailed link of that person, which is in no table."""
    link = queries.trial_link(trial)
    if trial.expires_at <= shared().clock.now() or trial.wave.state not in {"draft", "open"}:
        link.revoked_at = trial.expires_at
    return Trial(token, link)
