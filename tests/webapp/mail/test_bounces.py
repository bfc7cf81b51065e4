"""Mail that came back: which reports count, what they change, and what nobody believes."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.webapp.mail.dovecot import CERTIFICATES, Dovecot
from tests.webapp.mail.stage import Stage, settings_for
from webapp import queries
from webapp.config import Settings
from webapp.database import Database
from webapp.mail import bounces, mailboxes, outbox
from webapp.mail.bounces import Tally
from webapp.models import AuditEntry, Invitation, MailEvent, Message, Person, Wave
from webapp.worker import Worker

NEVER_SENT = "<m123456789@mail.example.org>"


@pytest.fixture
def database(each_database: Database) -> Database:
    """Everything here runs on both engines."""
    return each_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    mailbox.Maildir(tmp_path / "bounces")
    return settings_for(tmp_path, bounces_url=f"maildir:{tmp_path / 'bounces'}")


@pytest.fixture
def sent(stage: Stage, settings: Settings) -> Stage:
    """The invitations have left."""
    stage.invite()
    assert Worker(stage.database, settings, stage.clock).run_once().accepted == 8
    return stage


def report(
    about: str,
    to: str,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 no such user",
    parts: str = "text/rfc822-headers",
) -> bytes:
    """A report as mail servers write it."""
    headers = f"Message-ID: {about}\r\nTo: Alex <{to}>\r\nSubject: Your view\r\n\r\n"
    body = "" if parts == "text/rfc822-headers" else "Your answers are wanted.\r\n"
    return (
        "From: MAILER-DAEMON@relay.example.net\r\nTo: muster@mail.example.org\r\n"
        "Subject: Undelivered Mail\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not arrive.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; relay.example.net\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {said}\r\n\r\n"
        f"--b\r\nContent-Type: {parts}\r\n\r\n{headers}{body}--b--\r\n"
    ).encode()


def about(stage: Stage, key: str, **values: str) -> bytes:
    """A report about the mail to one person."""
    return report(str(stage.row(key).message_id), f"{key}@example.org", **values)


def complaint(stage: Stage, key: str) -> bytes:
    """What a mail service sends when someone presses its button against unwanted mail."""
    return (
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n"
        "--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nUser-Agent: Some/1\r\nVersion: 1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {stage.row(key).message_id}\r\nTo: {key}@example.org\r\n\r\nText\r\n"
        "--b--\r\n"
    ).encode()


def arrive(settings: Settings, *contents: bytes) -> None:
    box = mailbox.Maildir(settings.instance / "bounces")
    for content in contents:
        box.add(content)


def read(stage: Stage, settings: Settings, *contents: bytes) -> Tally:
    arrive(settings, *contents)
    return bounces.read_all(stage.database, settings, stage.clock)


def invitation(stage: Stage, key: str) -> Invitation:
    with stage.database.reading() as session:
        return session.get_one(Invitation, stage.invitations[key])


def events(stage: Stage) -> list[tuple[str, str]]:
    with stage.database.reading() as session:
        return [(one.kind, one.status) for one in session.scalars(select(MailEvent).order_by("id"))]


def actions(stage: Stage) -> list[tuple[str, str]]:
    """Who did what about mail, as the audit says."""
    with stage.database.reading() as session:
        return [(one.actor, one.action) for one in session.scalars(select(AuditEntry))]


@pytest.mark.parametrize("parts", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.fault("M14")
def test_M14_an_address_that_does_not_work_ends_mail_to_it(
    sent: Stage, settings: Settings, parts: str
) -> None:
    tally = read(sent, settings, about(sent, "champion1", parts=parts))
    assert tally == Tally(bounced=1)
    assert events(sent) == [("bounced", "5.1.1")]
    row = sent.row("champion1")
    assert (row.state, row.server_said) == ("failed", "came back: 550 5.1.1 no such user")
    assert invitation(sent, "champion1").bounced_at == sent.clock.now()
    assert actions(sent) == [("mail server", "mail bounced")]
    sent.clock.move(days=6)
    sent.invite(kind="reminder")
    Worker(sent.database, settings, sent.clock).run_once()
    reminded = [one for one in sent.rows() if (one.kind, one.state) == ("reminder", "accepted")]
    assert len(reminded) == 7
    with sent.database.reading() as session:
        wave = session.get_one(Wave, sent.wave)
        states = {one.email: one.state for one in queries.monitor(session, wave)}
    assert states["champion1@example.org"] == "bounced", "the convener is asked for a new one"
    assert states["champion2@example.org"] == "invited"


@pytest.mark.parametrize(
    ("status", "said", "hard"),
    [
        ("5.1.1", "550 5.1.1 no such user", True),
        ("5.1.10", "550 5.1.10 RecipientNotFound", True),
        ("5.4.4", "Host not found", True),
        ("5.0.0", "550 user unknown", True),
        ("", "550 5.1.1 no such user", True),
        ("", "550 nobody here", True),
        ("5.2.2", "552 5.2.2 mailbox full", False),
        ("5.7.1", "550 5.7.1 looks like spam", False),
        ("5.4.7", "554 5.4.7 expired", False),
        ("4.4.7", "451 4.4.7 gave up after 5 days", False),
        ("", "gave up", False),
    ],
)
@pytest.mark.fault("M14")
def test_M14_only_a_fault_of_the_address_itself_is_held_against_it(
    sent: Stage, settings: Settings, status: str, said: str, hard: bool
) -> None:
    assert read(sent, settings, about(sent, "champion1", status=status, said=said)).bounced == 1
    assert (invitation(sent, "champion1").bounced_at is not None) is hard
    assert sent.row("champion1").state == "failed", "it did not arrive, whoever's fault that is"


@pytest.mark.fault("M15")
def test_M15_a_mail_that_is_delayed_is_still_on_its_way(sent: Stage, settings: Settings) -> None:
    delayed = about(sent, "champion1", action="delayed", status="4.2.1", said="450 busy")
    assert read(sent, settings, delayed) == Tally(delayed=1)
    assert events(sent) == [("delayed", "4.2.1")]
    assert sent.row("champion1").state == "accepted"
    assert invitation(sent, "champion1").bounced_at is None


@pytest.mark.fault("M16")
def test_M16_a_report_about_a_mail_that_was_never_sent_is_ignored_and_logged(
    sent: Stage, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    forged = report(NEVER_SENT, "champion1@example.org")
    assert read(sent, settings, forged) == Tally(ignored=1)
    assert events(sent) == []
    assert invitation(sent, "champion1").bounced_at is None
    assert "a report about a mail that was never sent is ignored" in caplog.text


@pytest.mark.fault("M16")
def test_M16_a_report_that_cannot_be_read_is_left_to_a_person(
    sent: Stage, settings: Settings
) -> None:
    nameless = about(sent, "champion1").replace(b"Message-ID:", b"X-Lost:")
    hostile = b"Content-Type: multipart/report; report-type=\xff\xfe; boundary=\r\n\r\n--\x00"
    broken = about(sent, "champion2")[:330]
    tally = read(sent, settings, nameless, hostile, broken)
    assert (tally.bounced, tally.left + tally.ignored) == (0, 3)
    assert events(sent) == []


@pytest.mark.fault("M17")
def test_M17_a_report_twice_counts_once_and_the_first_final_one_stands(
    sent: Stage, settings: Settings
) -> None:
    failed = about(sent, "champion1")
    late = about(sent, "champion1", action="delayed", status="4.2.1")
    assert read(sent, settings, failed, failed).bounced == 1
    first = invitation(sent, "champion1").bounced_at
    sent.clock.move(hours=1)
    assert read(sent, settings, late, about(sent, "champion1", status="5.7.1")).ignored == 2
    assert events(sent) == [("bounced", "5.1.1")]
    assert invitation(sent, "champion1").bounced_at == first


@pytest.mark.fault("M17")
def test_M17_delayed_and_then_failed_are_two_events(sent: Stage, settings: Settings) -> None:
    late = about(sent, "champion1", action="delayed", status="4.2.1")
    read(sent, settings, late, late)
    assert read(sent, settings, about(sent, "champion1")).bounced == 1
    assert events(sent) == [("delayed", "4.2.1"), ("bounced", "5.1.1")]


@pytest.mark.fault("M18")
def test_M18_a_report_that_overtakes_our_own_commit_is_read_again(
    sent: Stage, settings: Settings
) -> None:
    with sent.database.writing() as session:
        row = session.get_one(Message, sent.row("champion1").id)
        row.state, row.accepted_at = "sending", None
        session.commit()
    early = about(sent, "champion1")
    assert read(sent, settings, early) == Tally(early=1)
    assert events(sent) == []
    with sent.database.writing() as session:
        row = session.get_one(Message, sent.row("champion1").id)
        row.state, row.accepted_at = "accepted", sent.clock.now()
        session.commit()
    assert read(sent, settings) == Tally(bounced=1)


@pytest.mark.parametrize(
    ("action", "state", "said"),
    [
        ("failed", "failed", "came back: 550 5.1.1 no such user"),
        ("delayed", "accepted", "on its way: 550 5.1.1 no such user"),
    ],
)
@pytest.mark.fault("M18")
def test_M18_a_report_tells_what_became_of_a_mail_whose_fate_was_unknown(
    sent: Stage, settings: Settings, action: str, state: str, said: str
) -> None:
    with sent.database.writing() as session:
        row = session.get_one(Message, sent.row("champion1").id)
        row.state, row.accepted_at = "unknown", None
        session.commit()
    read(sent, settings, about(sent, "champion1", action=action))
    row = sent.row("champion1")
    assert (row.state, row.server_said) == (state, said)


@pytest.mark.fault("M19")
def test_M19_an_out_of_office_note_is_no_bounce_and_an_answer_waits_for_a_person(
    sent: Stage, settings: Settings
) -> None:
    row = sent.row("champion1")
    away, answer = EmailMessage(), EmailMessage()
    for mail in (away, answer):
        mail["From"] = "champion1@example.org"
        mail["In-Reply-To"] = row.message_id
        mail.set_content("I am away until Monday.")
    away["Auto-Submitted"] = "auto-replied (vacation)"
    tally = read(sent, settings, away.as_bytes(), answer.as_bytes())
    assert tally == Tally(ignored=1, left=1)
    assert events(sent) == []
    assert sent.row("champion1").state == "accepted"
    flags = {one.get_flags() for one in mailbox.Maildir(settings.instance / "bounces")}
    assert flags == {"S", "FS"}, "both are kept, the answer is flagged"
    assert read(sent, settings) == Tally()


@pytest.mark.fault("M21")
def test_M21_whoever_complains_is_not_mailed_any_more(sent: Stage, settings: Settings) -> None:
    twice = complaint(sent, "champion1")
    assert read(sent, settings, twice, twice) == Tally(complaint=1, ignored=1)
    assert invitation(sent, "champion1").opted_out_at == sent.clock.now()
    assert ("mail server", "mail complaint") in actions(sent)
    sent.clock.move(days=6)
    sent.invite("champion1", kind="reminder")
    assert Worker(sent.database, settings, sent.clock).run_once().accepted == 0


def test_a_report_about_an_address_that_was_mended_since_changes_nothing(
    sent: Stage, settings: Settings
) -> None:
    old = about(sent, "champion1")
    with sent.database.writing() as session:
        person = session.get_one(Person, invitation(sent, "champion1").person_id)
        person.email = person.folded_email = "alex@new.example"
        session.commit()
    read(sent, settings, old)
    assert invitation(sent, "champion1").bounced_at is None
    assert sent.row("champion1").state == "accepted"


def test_a_mail_that_is_sent_again_may_come_back_again(sent: Stage, settings: Settings) -> None:
    read(sent, settings, about(sent, "champion1"))
    sent.clock.move(hours=1)
    sent.change("champion1", bounced_at=None)
    with sent.database.writing() as session:
        outbox.send_again(session, sent.clock, session.get_one(Message, sent.row("champion1").id))
        session.commit()
    assert Worker(sent.database, settings, sent.clock).run_once().accepted == 1
    assert read(sent, settings, about(sent, "champion1")).bounced == 1
    assert invitation(sent, "champion1").bounced_at == sent.clock.now()


def test_killed_between_the_commit_and_the_mark_a_report_is_read_again_without_harm(
    sent: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    arrive(settings, about(sent, "champion1"), about(sent, "champion2"))
    with monkeypatch.context() as patched:
        patched.setattr(mailboxes.Maildir, "mark", killed)
        with pytest.raises(KeyboardInterrupt):
            bounces.read_all(sent.database, settings, sent.clock)
    assert len(events(sent)) == 1
    assert read(sent, settings) == Tally(bounced=1, ignored=1)
    assert len(events(sent)) == 2


def test_the_worker_reads_by_itself_every_few_minutes(
    sent: Stage, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(sent.database, settings, sent.clock)
    worker.run_once()
    arrive(settings, about(sent, "champion1"))
    worker.run_once()
    assert events(sent) == []
    sent.clock.move(minutes=5)
    assert worker.run_once().well
    assert events(sent) == [("bounced", "5.1.1")]
    (settings.instance / "bounces" / "new").rename(settings.instance / "gone")
    sent.clock.move(minutes=5)
    assert not worker.run_once().well
    assert "mail that came back cannot be read" in caplog.text


# --- Mailboxes ------------------------------------------------------------------------------


BOXES: dict[str, Callable[[Path], mailbox.Mailbox[mailbox.Message]]] = {
    "maildir": mailbox.Maildir,
    "mbox": mailbox.mbox,
}


@pytest.mark.parametrize("name", BOXES)
def test_what_was_read_is_marked_and_kept(sent: Stage, tmp_path: Path, name: str) -> None:
    settings = settings_for(tmp_path, bounces_url=f"{name}:{tmp_path / 'box'}")
    for key in ("champion1", "champion2"):
        with closing(BOXES[name](tmp_path / "box")) as box:
            box.add(about(sent, key))
        assert bounces.read_all(sent.database, settings, sent.clock) == Tally(bounced=1)
        assert bounces.read_all(sent.database, settings, sent.clock) == Tally()
    with closing(BOXES[name](tmp_path / "box")) as box:
        kept = [one.as_string() for one in box]
    assert len(kept) == 2
    assert all("no such user" in one for one in kept)


def test_reports_are_read_over_imap(
    sent: Stage, tmp_path: Path, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = EmailMessage()
    answer["From"] = "champion3@example.org"
    answer.set_content("Whom should I call?")
    with Dovecot(short_path / "dovecot") as server:
        settings = settings_for(tmp_path, bounces_url=server.url())
        server.arrive(about(sent, "champion1"), about(sent, "champion2"), answer.as_bytes())
        with pytest.raises(mailboxes.Unreadable, match="certificate verify failed"):
            bounces.read_all(sent.database, settings, sent.clock)
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "ca.pem"))
        refused = settings_for(tmp_path, bounces_url=server.url("wrong"))
        with pytest.raises(mailboxes.Unreadable, match="AUTHENTICATIONFAILED"):
            bounces.read_all(sent.database, refused, sent.clock)
        assert bounces.read_all(sent.database, settings, sent.clock) == Tally(bounced=2, left=1)
        assert bounces.read_all(sent.database, settings, sent.clock) == Tally()
        flags = sorted(path.name.partition(":2,")[2] for path in (server.mail / "cur").iterdir())
        assert flags == ["FS", "S", "S"]
    assert len(events(sent)) == 2


@pytest.mark.parametrize(
    "url", ["maildir:", "mbox:", "imaps://mail.example.org", "imap://a:b@c.org", "pop3://a", "x"]
)
def test_unusable_places_are_refused(url: str) -> None:
    with pytest.raises(mailboxes.Refused, match="MUSTER_BOUNCES_URL"):
        mailboxes.make(url)


@pytest.mark.parametrize("url", ["maildir:{}/none", "mbox:{}/none", "imaps://a:b@127.0.0.1:1"])
def test_a_mailbox_that_is_not_there_is_said(tmp_path: Path, url: str) -> None:
    box = mailboxes.make(url.format(tmp_path))
    with pytest.raises(mailboxes.Unreadable):
        list(box.unread())
    box.close()
