"""What the mails say: the words of both parts, the promise, the headers, and hostile names."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from jinja2 import UndefinedError
from sqlalchemy import select, update

from surveys import readability
from tests.webapp.mail.stage import Stage, filed, parts, tell
from webapp import links
from webapp.clock import FixedClock
from webapp.config import Settings
from webapp.database import Database
from webapp.mail import messages, outbox, rendering
from webapp.mail.rendering import write
from webapp.models import Invitation, Link, Membership, Message, Partnership, Person, User, Wave
from webapp.worker import Worker

ADDRESS = re.compile(r"https?://\S+")
OF_A_ROUND = tuple(messages.OF_A_ROUND)
PROTECTED = (
    "Commitments are shown with your organization's name. Views on scope, model and timing are "
    "shown as counts, however few reply. Views on people, and on whether this is worth your time, "
    "only as figures for at least 3 people together. Remarks are listed without names. Anyone "
    "shown the result sees this too. I can see that you replied. If everyone answers alike, that "
    "shows."
)


class Words(HTMLParser):
    """The words a reader sees in an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.hidden = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag == "head"

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag == "head"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.seen += data.split()


def shown(stage: Stage, settings: Settings, kind: str, key: str) -> tuple[str, str, str]:
    """Subject, text on one line, and HTML of the mail this person would get."""
    with stage.database.reading() as session:
        invitation = session.get_one(Invitation, stage.invitations[key])
        written = messages.preview(session, settings, stage.clock, kind, invitation).written
    return written.subject, " ".join(written.text.split()), written.html


def change(stage: Stage, model: Any, where: Any, **values: Any) -> None:
    with stage.database.writing() as session:
        session.execute(update(model).where(where).values(**values))
        session.commit()


def of_person(stage: Stage, key: str, **values: Any) -> None:
    change(stage, Person, Person.email == f"{key}@example.org", **values)


def send(stage: Stage, settings: Settings) -> Any:
    return Worker(stage.database, settings, stage.clock).run_once()


# --- Words ----------------------------------------------------------------------------------


def test_the_invitation_to_a_champion_says_what_it_must(stage: Stage, settings: Settings) -> None:
    of_person(stage, "champion1", name="Rosa Delgado", introduced_by="Ellen Sorrell")
    subject, text, _ = shown(stage, settings, "invitation", "champion1")
    assert re.fullmatch(r"Rosa, your view on Front Range Makers \(\d minutes\)", subject)
    assert text.startswith("Rosa, You are one of 3 champions in Front Range Makers. ")
    assert "Before we decide whether we launch in May, I need to know how it looks" in text
    assert re.search(r" \d+ questions, about \d minutes, fine on a phone\. ", text)
    assert "It closes Friday, June 12, 2026, 17:00 MDT." in text
    assert f"Who sees what: {PROTECTED} The link is yours alone." in text
    assert "Questions? Reply and it reaches me. Dana Whitfield, 970-555-0110 You got" in text
    assert "You got this because Ellen Sorrell gave us your address. Prefer not to" in text


def test_the_invitation_to_a_partner_counts_organizations(stage: Stage, settings: Settings) -> None:
    change(stage, Invitation, Invitation.role == "partner", organization_id="o1")
    stage.change("partner3", organization_id="o2")
    _, text, _ = shown(stage, settings, "invitation", "partner1")
    assert "You speak for one of 2 organizations that make this partnership work." in text
    assert PROTECTED in text


def test_the_invitation_to_a_convener_says_that_colleagues_may_recognize_answers(
    stage: Stage, settings: Settings
) -> None:
    _, text, _ = shown(stage, settings, "invitation", "convener2")
    assert "You help run this partnership." in text
    assert "There are 2 of you, so colleagues may recognize your answers." in text
    assert "figures for at least" not in text


@pytest.mark.parametrize("role", ["convener", "partner", "champion"])
@pytest.mark.fault("P13")
def test_P13_in_a_named_round_every_role_reads_that_answers_are_shown_with_names(
    database: Database, clock: FixedClock, settings: Settings, role: str
) -> None:
    stage = tell(database, clock, mode="named")
    for kind in ("invitation", "reminder"):
        _, text, _ = shown(stage, settings, kind, f"{role}1")
        assert "The conveners see every answer with your name." in text
        assert "shown as counts" not in text


@pytest.mark.fault("P13")
def test_P13_the_promise_says_the_k_of_the_round(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, k=5)
    assert "for at least 5 people together" in shown(stage, settings, "invitation", "partner1")[1]
    assert (
        "only together with others, 5 or more" in shown(stage, settings, "reminder", "partner1")[1]
    )


def test_what_is_not_known_leaves_no_hole(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, facts={}, champions=1, conveners=1, partners=1)
    of_person(stage, "convener1", phone="")
    for role in ("convener", "partner", "champion"):
        _, text, _ = shown(stage, settings, "invitation", f"{role}1")
        assert "Before we go on, I need to know" in text
        assert "Reply and it reaches me. Dana Whitfield You got this" in text
        giver = "you help run this partnership"
        giver = giver if role == "convener" else "Dana Whitfield gave us your address"
        assert f"You got this because {giver}. Prefer" in text
        assert " 1 champions" not in text
        assert " 1 organizations" not in text
        assert "There are 1" not in text


def test_a_reminder_is_worded_by_where_the_person_and_the_round_stand(
    stage: Stage, settings: Settings
) -> None:
    stage.answer("partner1", state="draft")
    stage.clock.move(days=6)
    subject, text, _ = shown(stage, settings, "reminder", "partner2")
    assert subject.startswith("Still time: Front Range Makers, ")
    assert "Your answers would change what we can say about strategic partners." in text
    subject, text, _ = shown(stage, settings, "reminder", "partner1")
    assert subject == "Your answers to Front Range Makers are saved but not sent"
    assert re.search(r"You have saved 1 of \d pages\. They count only once you press", text)
    stage.clock.move(days=3)
    subject, text, _ = shown(stage, settings, "reminder", "partner2")
    assert subject == "Closes tomorrow 17:00 MDT: your view on Front Range Makers"
    assert "This is the last note. It closes Friday, June 12, 2026, 17:00 MDT." in text


def test_the_last_note_before_a_close_on_monday_goes_on_friday_and_names_the_day(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, closes=timedelta(days=6, hours=8))
    clock.move(days=2)
    assert shown(stage, settings, "reminder", "partner1")[0].startswith("Still time")
    clock.move(days=1)
    subject, _, _ = shown(stage, settings, "reminder", "partner1")
    assert subject.startswith("Closes Monday 17:00 MDT")


@pytest.mark.parametrize(
    ("answered", "said"),
    [(0, ""), (2, ""), (3, "3 people have answered."), (5, "5 people have answered."),
     (6, "Others have answered."), (7, "Others have answered.")],
)  # fmt: skip
def test_the_number_of_replies_points_at_nobody(
    stage: Stage, settings: Settings, answered: int, said: str
) -> None:
    """Eight are asked and k is 3: the number is said while three or more are on each side."""
    for key in list(stage.invitations)[:answered]:
        stage.answer(key)
    _, text, _ = shown(stage, settings, "reminder", "champion3")
    assert f"Alex, {said + ' Yours' if said else 'Your answers'} would change what" in text
    _, text, _ = shown(stage, settings, "reminder", "convener2")
    assert f"Alex, {said} Your view is compared".replace("  ", " ") in text


@pytest.mark.fault("P24")
def test_P24_the_receipt_holds_no_answer_and_no_link_to_one(
    stage: Stage, settings: Settings
) -> None:
    stage.answer("champion1")
    subject, text, _ = shown(stage, settings, "receipt", "champion1")
    assert subject == "Received: your answers for Front Range Makers"
    assert "Your answers came in Tuesday, June 2, 2026, 09:00 MDT. The reference is ABCDE" in text
    assert "You can change them until Friday, June 12, 2026, 17:00 MDT" in text
    assert "I will share the group picture once the round has closed." in text
    assert ADDRESS.search(text) is None
    change(stage, Partnership, Partnership.id == stage.partnership,
           facts={"results_date": "2026-06-19"})  # fmt: skip
    assert "picture by Friday, June 19." in shown(stage, settings, "receipt", "champion1")[1]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2025-12-18", "once the round has closed"),
        ("2026-06-11", "once the round has closed"),
        ("2026-06-12", "by Friday, June 12"),
    ],
)
def test_a_receipt_promises_no_day_that_comes_before_the_close(
    stage: Stage, settings: Settings, day: str, said: str
) -> None:
    """The set-up of a second round may still hold the day of the first one."""
    stage.answer("champion1")
    change(stage, Partnership, Partnership.id == stage.partnership, facts={"results_date": day})
    text = shown(stage, settings, "receipt", "champion1")[1]
    assert f"I will share the group picture {said}." in text


def test_the_heads_up_has_no_link_and_says_what_is_coming(stage: Stage, settings: Settings) -> None:
    with stage.database.reading() as session:
        invitation = session.get_one(Invitation, stage.invitations["champion1"])
        written = messages.heads_up(
            session, settings, stage.clock, invitation, goes_on=date(2026, 6, 9)
        )
    assert re.fullmatch(r"\d minutes for Front Range Makers, coming Tuesday", written.subject)
    text = " ".join(written.text.split())
    assert 'an email from "Dana Whitfield, Front Range Makers" at muster@mail.example.org.' in text
    assert "://" not in written.text + written.html


@pytest.mark.parametrize("kind", OF_A_ROUND)
@pytest.mark.parametrize("role", ["convener", "partner", "champion"])
def test_both_parts_say_the_same_and_read_easily(
    stage: Stage, settings: Settings, kind: str, role: str
) -> None:
    stage.answer(f"{role}1", state="sent" if kind == "receipt" else "draft")
    subject, text, html = shown(stage, settings, kind, f"{role}1")
    assert Words(html).seen == text.split()
    assert len(subject) < 70
    assert "!" not in subject + text
    plain = ADDRESS.sub("", text)
    assert readability.grade([plain]) <= 9
    html5lib.HTMLParser(strict=True).parse(html)


@pytest.mark.parametrize("role", ["convener", "partner", "champion"])
def test_the_invitation_has_at_most_170_words(stage: Stage, settings: Settings, role: str) -> None:
    assert len(shown(stage, settings, "invitation", f"{role}1")[1].split()) <= 170


@pytest.mark.fault("M31")
def test_M31_no_picture_nothing_to_load_and_small(stage: Stage, settings: Settings) -> None:
    stage.invite()
    send(stage, settings)
    for mail in filed(settings.instance):
        _, html = parts(mail)
        assert len(mail.as_bytes()) < 60_000
        assert not re.search(r"<(img|link|script|iframe|form|style)\b|url\(|src=", html)
        for address in re.findall(r'href="([^"]+)"', html):
            assert urlsplit(address).netloc == "muster.example.org"
            assert f">{address}<" in html, "the whole address is what one reads"


def test_a_name_that_a_text_misses_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UndefinedError):
        write("newest_link", {"first_name": "Rosa"})


def test_a_fault_in_one_text_fails_that_mail_and_no_other(
    stage: Stage, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = rendering.write

    def broken(name: str, words: Any, addresses: Any = ()) -> Any:
        if words["first_name"] == "Rosa":
            words = {key: value for key, value in words.items() if key != "promise"}
        return written(name, words, addresses)

    monkeypatch.setattr(messages, "write", broken)
    of_person(stage, "champion1", name="Rosa Delgado")
    stage.invite()
    result = send(stage, settings)
    assert (result.accepted, result.failed) == (7, 1)
    row = stage.row("champion1")
    assert (row.state, row.server_said) == ("failed", "cannot be written (UndefinedError)")


# --- Headers --------------------------------------------------------------------------------


@pytest.mark.fault("M28")
def test_M28_mail_comes_from_our_domain_in_the_owners_name(
    stage: Stage, settings: Settings
) -> None:
    stage.invite("champion1")
    send(stage, settings)
    (mail,) = filed(settings.instance)
    (sender,) = mail["From"].addresses
    assert sender.display_name == "Dana Whitfield, Front Range Makers"
    assert sender.addr_spec == "muster@mail.example.org"
    assert str(mail["Reply-To"]) == "convener1@example.org"
    assert mail["To"].addresses[0].addr_spec == "champion1@example.org"


@pytest.mark.parametrize(
    ("introducer", "reply_to", "reaches"),
    [
        ("alex  CONVENER2", "convener2@example.org", "reaches alex CONVENER2."),
        ("Vera Viewer", "vera@example.org", "reaches Vera Viewer."),
        ("Alex Partner1", "convener1@example.org", "reaches me."),
        ("Somebody Else", "convener1@example.org", "reaches me."),
        ("Dana Whitfield", "convener1@example.org", "reaches me."),
        ("", "convener1@example.org", "reaches me."),
    ],
)
@pytest.mark.fault("M28")
def test_M28_replies_reach_the_introducer_if_that_is_one_of_the_team(
    stage: Stage, settings: Settings, introducer: str, reply_to: str, reaches: str
) -> None:
    with stage.database.writing() as session:
        vera = User(
            email="vera@example.org",
            folded_email="vera@example.org",
            name="Vera Viewer",
            created_at=stage.clock.now(),
        )
        session.add(vera)
        session.flush()
        membership = Membership(
            user_id=vera.id,
            partnership_id=stage.partnership,
            level="viewer",
            created_at=stage.clock.now(),
        )
        session.add(membership)
        session.commit()
    of_person(stage, "champion1", introduced_by=introducer)
    stage.invite("champion1")
    send(stage, settings)
    (mail,) = filed(settings.instance)
    assert str(mail["Reply-To"]) == reply_to
    assert reaches in " ".join(parts(mail)[0].split())


@pytest.mark.parametrize("kind", OF_A_ROUND)
@pytest.mark.fault("M19")
def test_M19_every_mail_of_a_round_can_be_stopped_and_answers_to_it_are_not_automatic(
    stage: Stage, settings: Settings, kind: str
) -> None:
    stage.invite("champion1")
    send(stage, settings)
    stage.clock.move(days=7)
    if kind == "receipt":
        stage.answer("champion1")
    stage.invite("champion1", kind=kind, ordinal=2)
    send(stage, settings)
    mail = filed(settings.instance)[-1]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = str(mail["List-Unsubscribe"])
    token = stop.removeprefix("<https://muster.example.org/stop/").removesuffix(">")
    with stage.database.reading() as session:
        link = links.resolve(session, token, (links.STOP,))
        assert link is not None
        assert link.invitation_id == stage.invitations["champion1"]
    assert mail["X-Mailer"] is None
    assert mail["Date"].datetime == stage.clock.now()


@pytest.mark.fault("M30")
def test_M30_addresses_stay_whole_for_the_simplest_reader(stage: Stage, settings: Settings) -> None:
    of_person(stage, "champion1", name="Zoë Müller-Lüdenscheid")
    stage.invite("champion1")
    send(stage, settings)
    (path,) = (settings.instance / "outbox").glob("*.eml")
    raw = path.read_bytes().decode("utf-8")
    found = re.findall(r"https://muster\.example\.org/s/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_=-])", raw)
    assert len(found) == 3, "once in the text, twice in the HTML"
    assert len(set(found)) == 1
    assert re.search(r"(?m)^https://muster\.example\.org/s/[\w-]{43}$", raw)
    assert "quoted-printable" not in raw
    assert all(len(line) < 998 for line in raw.splitlines())
    token = found[0].rpartition("/")[2]
    with stage.database.reading() as session:
        link = links.resolve(session, token, links.ANSWERING)
        assert link is not None
        assert link.purpose == links.MAILED
        assert link.message_id == stage.row("champion1").id


@pytest.mark.fault("T10")
def test_T10_addresses_have_at_most_90_characters(stage: Stage, settings: Settings) -> None:
    stage.invite()
    send(stage, settings)
    for mail in filed(settings.instance):
        for address in ADDRESS.findall(parts(mail)[0]):
            assert len(address) <= 90


@pytest.mark.fault("T02")
def test_T02_a_thousand_tokens_are_random_unlike_and_say_nothing(
    stage: Stage, settings: Settings
) -> None:
    tokens = set()
    with stage.database.writing() as session:
        invitation = session.get_one(Invitation, stage.invitations["champion1"])
        for _ in range(1000):
            tokens.add(links.mint(session, stage.clock, invitation, links.MAILED))
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert not any(stage.invitations["champion1"] in token for token in tokens)


@pytest.mark.fault("T03", "T04")
def test_T03_T04_no_token_is_kept_or_logged(
    stage: Stage, settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    stage.invite()
    with stage.database.writing() as session:
        user = session.get_one(User, stage.owner)
        outbox.enqueue(session, stage.clock, "sign_in", key="s", user=user)
        session.commit()
    send(stage, settings)
    tokens = {
        address.rpartition("/")[2]
        for mail in filed(settings.instance)
        for address in ADDRESS.findall(parts(mail)[0])
    }
    assert len(tokens) == 2 * 8 + 1
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("muster.db*"))
    for token in tokens:
        assert token.encode() not in kept
        assert links.digest(token).encode() in kept
        assert token not in caplog.text


def test_the_sign_in_mail_holds_a_link_for_fifteen_minutes(
    stage: Stage, settings: Settings
) -> None:
    with stage.database.writing() as session:
        user = session.get_one(User, stage.owner)
        outbox.enqueue(session, stage.clock, "sign_in", key="s", user=user)
        session.commit()
    send(stage, settings)
    (mail,) = filed(settings.instance)
    assert mail["Subject"] == "Your sign-in link for Muster"
    assert mail["To"].addresses[0].addr_spec == "convener1@example.org"
    plain, html = parts(mail)
    assert Words(html).seen == plain.split()
    found = re.search(r"https://muster\.example\.org/sign-in/([\w-]{43})", plain)
    assert found
    with stage.database.reading() as session:
        assert links.live_sign_in(session, stage.clock, found[1]) is not None
        stage.clock.move(minutes=15)
        assert links.live_sign_in(session, stage.clock, found[1]) is None


@pytest.mark.parametrize(
    ("details", "subject", "said"),
    [
        ({"results_ready": True}, "The results are ready", "The round has closed"),
        ({"bounced": 1}, "Some mail needs you", "1 address does not work."),
        ({"unknown": 2, "failed": 1}, "Some mail needs you", "2 emails may or may not have"),
        ({"closing": True}, "The round closes soon", "closes Friday, June 12, 2026, 17:00 MDT."),
        ({"short_of_k": ["champion"]}, "One reply is missing", "One more reply from champions"),
    ],
)
def test_the_mail_to_conveners_says_what_needs_them(
    stage: Stage, settings: Settings, details: dict[str, Any], subject: str, said: str
) -> None:
    with stage.database.writing() as session:
        user, wave = session.get_one(User, stage.owner), session.get_one(Wave, stage.wave)
        outbox.enqueue(
            session, stage.clock, "conveners", key="c", user=user, wave=wave, details=details
        )
        session.commit()
    send(stage, settings)
    (mail,) = filed(settings.instance, "conveners")
    plain, html = parts(mail)
    assert Words(html).seen == plain.split()
    assert str(mail["Subject"]).startswith(subject)
    assert said in " ".join(plain.split())
    assert f"https://muster.example.org/waves/{stage.wave}" in plain
    assert readability.grade([ADDRESS.sub("", plain)]) <= 9


# --- Hostile and unusual content ------------------------------------------------------------

HOSTILE = '<script>alert(1)</script> "x" & {{ config }} {% raw %} <a href="//evil">'


@pytest.mark.fault("I01", "I03")
def test_I01_I03_hostile_names_are_inert(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, name=f"P {HOSTILE}", facts={"decision": HOSTILE})
    of_person(stage, "champion1", name=f"{HOSTILE}", introduced_by=HOSTILE)
    stage.invite("champion1")
    assert send(stage, settings).well
    (mail,) = filed(settings.instance)
    plain, html = parts(mail)
    assert "{{ config }}" in plain
    assert "<script" not in html
    assert 'href="//evil' not in html
    assert html.count("<a ") == 2
    assert Words(html).seen == plain.split()


@pytest.mark.fault("I11")
def test_I11_whoever_knows_the_line_between_the_parts_breaks_no_mail_with_it(
    stage: Stage, settings: Settings
) -> None:
    stage.invite("champion1")
    send(stage, settings)
    (known,) = filed(settings.instance)
    line = known.get_boundary()
    facts = {"decision": f"{'x' * 60} --{line} --{line}--"}
    change(stage, Partnership, Partnership.id == stage.partnership, facts=facts)
    stage.invite("champion2")
    assert send(stage, settings).well
    mail = filed(settings.instance)[-1]
    plain, html = parts(mail)
    assert f"\n--{line}\n" in plain, "on a line of its own"
    assert Words(html).seen == plain.split()
    assert mail.get_boundary() != line


@pytest.mark.parametrize("mark", ["\r\nBcc: all@example.org", "\n", "\x00", "\x85", "\u2028"])
@pytest.mark.parametrize("field", ["name", "email", "introduced_by"])
@pytest.mark.fault("I09", "I10", "I11")
def test_I09_I10_I11_a_line_break_in_a_name_fails_that_mail_only(
    stage: Stage, settings: Settings, mark: str, field: str
) -> None:
    start = "champion1@example.org" if field == "email" else "Rosa"
    of_person(stage, "champion1", **{field: start + mark})
    stage.invite()
    result = send(stage, settings)
    assert (result.accepted, result.failed) == (7, 1)
    row = stage.row("champion1")
    assert row.state == "failed"
    assert "has a line break or an invisible character in it" in row.server_said
    assert not any(mail["Bcc"] for mail in filed(settings.instance))


@pytest.mark.parametrize(
    "name",
    ["Zoë Müller", "李 雷", "نور", "Conan O'Brien", 'Rosa "Rose" Delgado', "J, Dr.", "🙂 Smile",
     "Rosa (CEO)", "a@b", "=?utf-8?q?x?=", "X" * 120],
)  # fmt: skip
@pytest.mark.fault("I11")
def test_I11_names_of_all_kinds_survive(stage: Stage, settings: Settings, name: str) -> None:
    of_person(stage, "champion1", name=name)
    stage.invite("champion1")
    assert send(stage, settings).well
    (mail,) = filed(settings.instance)
    assert name.split(maxsplit=1)[0] in parts(mail)[0]
    assert mail["To"].addresses[0].addr_spec == "champion1@example.org"
    assert mail["To"].defects == ()


@pytest.mark.parametrize(
    "email", ["o'hara+tag@example.org", "rosa@xn--mnchen-3ya.example", f"{'a' * 64}@example.org"]
)
@pytest.mark.fault("M32")
def test_M32_unusual_addresses_are_written_to(stage: Stage, settings: Settings, email: str) -> None:
    of_person(stage, "champion1", email=email)
    stage.invite("champion1")
    assert send(stage, settings).well
    (mail,) = filed(settings.instance)
    assert mail["To"].addresses[0].addr_spec == email


def test_a_long_name_gives_way_so_that_the_subject_keeps_its_end(
    database: Database, clock: FixedClock, settings: Settings
) -> None:
    stage = tell(database, clock, name="Northern Front Range and Foothills Advanced Manufacturing")
    subject, text, _ = shown(stage, settings, "invitation", "champion1")
    assert len(subject) < 70
    assert re.fullmatch(r"Alex, your view on Northern Front Range.*\.\.\. \(\d minutes\)", subject)
    assert "Northern Front Range and Foothills Advanced Manufacturing" in text


def test_a_preview_makes_no_link(stage: Stage, settings: Settings) -> None:
    shown(stage, settings, "invitation", "champion1")
    with stage.database.reading() as session:
        assert session.scalars(select(Link)).all() == []
        assert session.scalars(select(Message)).all() == []


def test_an_unknown_kind_of_mail_fails_with_its_name(stage: Stage, settings: Settings) -> None:
    stage.invite("champion1", kind="poem")
    assert send(stage, settings).failed == 1
    assert "'poem'" in stage.row("champion1").server_said
