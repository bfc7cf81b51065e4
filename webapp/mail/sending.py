"""One sender: takes claimed mails one by one through the dialogue with the mail server.

What happens between two commits may be lost at any moment, and each commit says how far a mail
has got: claimed, sending, and how it ended. In a run of mails that the server accepts, and where
none has to wait, one commit says that a mail was accepted and that the next one is sending.
"""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from webapp import links
from webapp.clock import Clock
from webapp.config import Settings
from webapp.database import UNREACHABLE, Database
from webapp.mail import claiming, messages, outbox, pausing, setting_out, words
from webapp.mail.rendering import Unwritable
from webapp.mail.transport import Misconfigured, NotReady, Outcome, Throttled, Transport
from webapp.models import Message

# What many mails of a round have in common is read anew after this time.
SHARED_FOR: Final = timedelta(minutes=1)
SHORT_WAIT: Final = timedelta(seconds=30)
FIRST_SLOWDOWN: Final = timedelta(minutes=1)
LONGEST_SLOWDOWN: Final = timedelta(minutes=30)

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass
class Tally:
    """How many mails ended how; ``problem`` says why none could be sent at all."""

    accepted: int = 0
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    problem: str = ""


class Sender:
    """Sends what is due over one transport; ``name`` is unique among all senders alive."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Clock,
        name: str,
        transport: Transport,
        stopped: Callable[[], bool],
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock
        self.name = name
        self.transport = transport
        self.stopped = stopped
        self.not_before = clock.now()
        self.slowdown = FIRST_SLOWDOWN
        self.session = database.writing()
        self.renewed_at = clock.now()
        self.kept = words.Kept()

    def drain(self) -> Tally:
        """Send until nothing is due, the server wants a pause, or the worker is told to stop."""
        tally = Tally()
        self.kept, kept_since = words.Kept(), self.clock.now()
        while self.clock.now() >= self.not_before and not self.stopped():
            self.session = self.database.writing()
            if self.clock.now() - kept_since > SHARED_FOR:
                self.kept, kept_since = words.Kept(), self.clock.now()
            claimed = self._do(self._claim)
            tally.unknown += claimed.unknown
            tally.problem = tally.problem or claimed.held_back
            if not claimed.found:
                break
            if claimed.mails:
                self._send_all(claimed.mails, tally)
        return tally

    def _claim(self, session: Session) -> claiming.Claimed:
        held_back = pausing.why_not(session, self.clock, self.settings)
        if held_back is None:
            return claiming.claim(session, self.clock, self.name)
        return claiming.hold_back(session, self.clock, held_back)

    def let_go(self) -> None:
        """Give back what is claimed and close the connection."""
        try:
            self._do(lambda session: claiming.give_back(session, self.name))
        finally:
            self.transport.close()

    def _do(self, work: Callable[[Session], T]) -> T:
        """One transaction; nothing is read outside of one."""
        with self.session.begin():
            return work(self.session)

    def _send_all(self, claimed: Sequence[claiming.Mail], tally: Tally) -> None:
        mails = deque(claimed)
        self.renewed_at = self.clock.now()
        try:
            self.transport.ready()
            while mails and not self.stopped():
                if self._lease_wears_off():
                    self.renewed_at = self.clock.now()
                    self._do(lambda session: claiming.renew(session, self.clock, self.name))
                # Nothing is lost and no try is counted if the server turns out not to be ready.
                self.transport.ready()
                begun = self._begin(mails.popleft(), tally)
                while begun is not None:
                    begun = self._send(begun, mails, tally)
        except NotReady as error:
            self._stand_back(error, tally)
        self._do(lambda session: claiming.give_back(session, self.name))

    def _lease_wears_off(self) -> bool:
        return self.clock.now() - self.renewed_at > outbox.LEASE / 4

    def _stand_back(self, error: NotReady, tally: Tally) -> None:
        """Leave the server alone for a while, each time in the way that its answer asks for."""
        words, now = str(error), self.clock.now()
        if isinstance(error, Throttled):
            log.info("the mail server wants fewer mails: %s", words)
            self.not_before = due_at = now + self.slowdown
            self.slowdown = min(self.slowdown * 2, LONGEST_SLOWDOWN)
            tally.waiting += self._do(lambda s: claiming.give_back(s, self.name, due_at))
            return
        tally.problem = words
        if isinstance(error, Misconfigured):
            if self._do(lambda s: pausing.pause(s, self.clock, words, self.settings)):
                log.error("no mail leaves until the settings are mended: %s", words)
            return
        log.warning("the mail server cannot be reached: %s", words)
        self.not_before = now + SHORT_WAIT
        states = self._do(lambda s: outbox.put_all_off(s, self.clock, self.name, words))
        tally.failed += states.count("failed")
        tally.waiting += len(states) - states.count("failed")

    def _send(
        self, begun: messages.Composed, mails: deque[claiming.Mail], tally: Tally
    ) -> messages.Composed | None:
        """Hand a mail over and commit how it ended.

        Returns the first of ``mails``, taken out, if the same commit says that it is on its way.
        """
        ahead: list[messages.Composed] = []

        def write_ahead() -> None:
            ahead.extend(self._written_ahead(mails))

        try:
            outcome = self.transport.deliver(begun.letter, write_ahead)
        except Misconfigured as error:
            self._untried(begun, str(error), self.clock.now())
            raise
        if outcome.end != "accepted":
            self._settle(begun, outcome, tally)
            return None
        goes_on = (
            bool(ahead)
            and self._nothing_waits()
            and self._pass_on(begun, outcome.words, mails[0], ahead[0])
        )
        if goes_on:
            mails.popleft()
        else:
            self._do(lambda session: self._accept(session, begun, outcome.words))
        self.slowdown = FIRST_SLOWDOWN
        tally.accepted += 1
        return ahead[0] if goes_on else None

    def _written_ahead(self, mails: Sequence[claiming.Mail]) -> list[messages.Composed]:
        """The next mail of a round, written while the server takes another one; else nothing."""
        if not mails or not mails[0].known:
            return []
        try:
            return [self._do(lambda session: self._composed(session, mails[0].message))]
        except Exception:  # noqa: BLE001 - it is written anew in its turn, and faults are told then
            return []

    def _nothing_waits(self) -> bool:
        """Whether the next mail may begin right now."""
        return self.transport.at_once() and not self.stopped() and not self._lease_wears_off()

    def _accept(self, session: Session, begun: messages.Composed, words: str) -> None:
        outbox.accepted(session, self.clock, self.name, begun.letter.id, words)

    def _pass_on(
        self,
        begun: messages.Composed,
        words: str,
        mail: claiming.Mail,
        following: messages.Composed,
    ) -> bool:
        """One commit for both: a mail was taken, and the next one is on its way.

        False if the next one is not so simple, or could not be begun: then the first commit may
        not have happened, and is to be made by itself.
        """
        taken = setting_out.Taken(begun.letter.id, words)
        try:
            with self.database.brief() as session, session.begin():
                return setting_out.pass_on(session, self.clock, self.name, taken, mail, following)
        except Exception as error:  # noqa: BLE001 - whatever it is, the mail before was taken
            log.warning("mail %s was not begun at once: %s", mail.id, type(error).__name__)
            return False

    def _begin(self, mail: claiming.Mail, tally: Tally) -> messages.Composed | None:
        """Write the mail and commit that it is on its way, if it is still ours to send."""
        try:
            return self._do(lambda session: self._begun(session, mail))
        except Unwritable as error:
            log.warning("mail %s cannot be written: %s", mail.id, error)
            reason = f"cannot be written: {error}"
        except UNREACHABLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            # A fault in one text must not hold up everyone else's mail.
            reason = f"cannot be written ({type(error).__name__})"
            # The text of the error may hold an address with a token; its place does not.
            place = "".join(traceback.format_tb(error.__traceback__))
            log.error("mail %s %s\n%s", mail.id, reason, place)  # noqa: TRY400
        self._do(lambda session: outbox.not_written(session, self.name, mail.id, reason))
        tally.failed += 1
        return None

    def _begun(self, session: Session, mail: claiming.Mail) -> messages.Composed | None:
        if claiming.goes_unchanged(session, self.clock, mail):
            composed = self._composed(session, mail.message)
            if setting_out.begin(session, self.clock, self.name, mail.message, composed, mail.seen):
                return composed
        message = claiming.look_again(session, self.clock, self.name, mail.id)
        if message is None:
            return None
        composed = self._composed(session, message)
        goes = setting_out.begin(session, self.clock, self.name, message, composed)
        return composed if goes else None

    def _composed(self, session: Session, message: Message) -> messages.Composed:
        return messages.compose(session, self.settings, self.clock, message, self.kept)

    def _settle(self, begun: messages.Composed, outcome: Outcome, tally: Tally) -> None:
        """Commit how a mail ended that was not accepted."""
        key, words = begun.letter.id, outcome.words
        if outcome.end == "unknown":
            self._do(lambda s: outbox.unknown(s, self.name, key, words))
            tally.unknown += 1
        elif outcome.end == "throttled":
            self._untried(begun, words, self.clock.now() + self.slowdown)
            tally.waiting += 1
            raise Throttled(words)
        else:
            state = self._do(lambda s: self._unsent(s, begun, outcome))
            tally.failed += state == "failed"
            tally.waiting += state != "failed"

    def _unsent(self, session: Session, begun: messages.Composed, outcome: Outcome) -> str:
        """The mail surely did not leave: its links end, and it waits or fails."""
        key, words = begun.letter.id, outcome.words
        links.end(session, self.clock, begun.links)
        if outcome.end == "rejected":
            outbox.failed(session, self.name, key, words)
            return "failed"
        state = "queued" if outcome.end == "not_sent" else "retry"
        return outbox.put_off(session, self.clock, self.name, key, words, state)

    def _untried(self, begun: messages.Composed, words: str, due_at: datetime) -> None:
        def put_back(session: Session) -> None:
            outbox.untried(session, self.name, begun.letter.id, due_at, words)
            links.end(session, self.clock, begun.links)

        self._do(put_back)
