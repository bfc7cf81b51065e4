"""What people type, and every time that is shown, on the pages before and around a round."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from sqlalchemy import select

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.browsing import fields, signed_in
from tests.webapp.office import Office
from tests.webapp.story import csrf_token
from tests.webapp.test_scope_page import plain
from webapp.mail import messages
from webapp.models import Partnership, Wave
from webapp.operations import waves

# Names of characters to their bytes as a browser, or a program that is none, would send them.
ODD = {
    "NUL": b"\x00",
    "lone surrogate": b"\xed\xa0\x80",
    "RTL override": "\u202e".encode(),
    "zero width": "\u200b\ufeff".encode(),
    "emoji": "👩‍🔧".encode(),
    "no UTF-8": b"\xff\xfe",
}


# What follows a time: its zone, or the rest of a span of the day and then the zone.
WITH_ZONE = re.compile(r"\s*(MDT|MST)\b|( to \d\d:\d\d)?, Mountain time \(Denver\)")


@pytest.fixture
def office(world: World) -> Office:
    world.app.config["RATELIMIT_ENABLED"] = False
    made = Office(world)
    made.enroll()
    return made


@pytest.fixture
def cora(office: Office) -> CheckingClient:
    return signed_in(office.world, "cora@board.example")


def send(client: CheckingClient, address: str, form: dict[str, object]) -> int:
    """Post fields whose values may be any bytes."""
    pairs = [
        (name, one)
        for name, value in form.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    body = "&".join(f"{quote(name)}={quote(one)}" for name, one in pairs)
    kind = "application/x-www-form-urlencoded"
    return client.post(address, data=body, content_type=kind).status_code


@pytest.mark.parametrize("name", ODD)
@pytest.mark.fault("I11")
def test_I11_odd_characters_in_any_field_are_taken_out_or_refused(
    office: Office, cora: CheckingClient, name: str
) -> None:
    with office.act() as session:
        wave = waves.draft(
            session, office.clock, office.partnership(session), waves.Rules("2026-06-12T17:00")
        )
        office.wave_id = wave.id
    odd = b"A" + ODD[name] + b"B"
    at = f"/partnerships/{office.partnership_id}"
    forms = {
        f"{at}/setup": cora.get(f"{at}/setup"),
        f"{at}/setup/names": cora.get(f"{at}/setup"),
        f"/waves/{wave.id}/setup": cora.get(f"/waves/{wave.id}/setup"),
        f"/waves/{wave.id}/questions": cora.get(f"/waves/{wave.id}/questions"),
    }
    for address, page in forms.items():
        form = fields(page, address if address.endswith("names") else "")
        for field in [key for key in form if key not in {"csrf_token", "shown"}]:
            assert send(cora, address, form | {field: odd}) in {303, 400, 422}, (address, field)
    page = cora.get(f"{at}/setup")
    assert send(cora, f"{at}/setup", fields(page) | {"area": odd, "launch_date": ""}) in {303, 422}
    with office.world.reading() as session:
        stored = office.partnership(session)
        for text in (stored.name, stored.facts["area"], stored.facts["decision"]):
            assert not set(text) & set("\x00\u202e\u200b\ufeff")
            text.encode()


@pytest.mark.parametrize("breaking", ["\r\nBcc: x@y.example", "\u2028x", "\x0bx", "\x85x"])
@pytest.mark.fault("I09", "I10")
def test_I09_I10_a_name_that_could_start_a_header_is_refused(
    office: Office, cora: CheckingClient, breaking: str
) -> None:
    address = f"/partnerships/{office.partnership_id}/setup/names"
    page = cora.get(f"/partnerships/{office.partnership_id}/setup")
    answer = cora.post(address, data=fields(page, address) | {"name": f"Metal{breaking}"})
    assert answer.status_code == 422
    assert "Name: has a line break in it" in plain(answer)
    new = {"region": "R", "sector": "S", "timezone": "America/Denver", "name": f"M{breaking}"}
    token = {"csrf_token": csrf_token(cora.get("/partnerships/new"))}
    assert cora.post("/partnerships/new", data=new | token).status_code == 422
    with office.world.reading() as session:
        assert [one.name for one in session.scalars(select(Partnership))] == ["Adams Metal"]


@pytest.mark.fault("I09")
def test_I09_the_purpose_of_a_round_is_one_line_of_the_mail(
    office: Office, cora: CheckingClient
) -> None:
    address = f"/partnerships/{office.partnership_id}/rounds/new"
    form = fields(cora.get(address)) | {
        "closes_on": "2026-06-12",
        "decision": "whether we launch\r\nBcc: x@y.example",
    }
    assert cora.post(address, data=form).status_code in {303, 422}
    with office.world.reading() as session:
        assert "\n" not in office.partnership(session).facts["decision"]


@pytest.mark.fault("I07")
def test_I07_what_was_typed_is_shown_and_never_run(office: Office, cora: CheckingClient) -> None:
    bad = "<script>alert(1)</script>"
    at = f"/partnerships/{office.partnership_id}"
    form = fields(cora.get(f"{at}/setup"))
    refused = cora.post(f"{at}/setup", data=form | {"area": bad, "naics": bad})
    kept = cora.post(f"{at}/setup", data=form | {"area": bad, "organization-3-name": bad})
    assert (refused.status_code, kept.status_code) == (422, 303)
    for page in (refused, cora.get(f"{at}/setup"), cora.get(f"{at}/rounds/new")):
        assert "<script>alert" not in page.get_data(as_text=True)
    assert "&lt;script&gt;alert(1)" in refused.get_data(as_text=True)


@pytest.mark.fault("I19")
def test_I19_fields_that_are_not_on_the_page_are_passed_over(
    office: Office, cora: CheckingClient
) -> None:
    address = f"/partnerships/{office.partnership_id}/rounds/new"
    extra = {"state": "open", "locked_at": "2026-01-01", "open_slot": "x", "k--2": "3"}
    form = fields(cora.get(address)) | {"closes_on": "2026-06-12"} | extra
    assert cora.post(address, data=form).status_code == 303
    with office.world.reading() as session:
        wave = session.scalars(select(Wave)).one()
    assert (wave.state, wave.locked_at, wave.open_slot) == ("draft", None, None)


@pytest.mark.fault("S05")
def test_S05_no_page_and_no_mail_shows_a_time_without_its_zone(
    office: Office, cora: CheckingClient
) -> None:
    office.open()
    office.invite()
    office.deliver()
    with office.act() as session:
        invitation = office.invitation(session, "ann@alpha.example")
        token = waves.hand_link(session, office.clock, invitation)
        kinds = list(messages.OF_A_ROUND)
        mails = [
            messages.preview(session, office.world.settings, office.clock, kind, invitation)
            for kind in kinds
        ]
    ann = office.world.client(cookies=False)
    at = f"/partnerships/{office.partnership_id}"
    shown = [
        *(mail.written.subject + " " + mail.written.text for mail in mails),
        *(plain(ann.get(f"/s/{token}{end}")) for end in ("", "/scope", "/check", "/stop")),
        *(
            plain(cora.get(address))
            for address in (
                "/partnerships", at, f"{at}/setup", f"{at}/roster",
                f"/waves/{office.wave_id}", f"/waves/{office.wave_id}/setup",
                f"/waves/{office.wave_id}/send", f"/waves/{office.wave_id}/extend",
                f"/waves/{office.wave_id}/reminders",
            )
        ),
    ]  # fmt: skip
    times = 0
    for text in shown:
        for found in re.finditer(r"(?<![\d:])\d{1,2}:\d{2}(?![\d:])(?=(.{0,40}))", text):
            times += 1
            around = text[max(0, found.start() - 60) : found.end() + 20]
            assert WITH_ZONE.match(found[1]), around
            assert not found[0].startswith(("0:00", "00:00", "24:00"))
        assert "midnight" not in text
    assert times > len(mails)
    closing = "Friday, June 12, 2026, 17:00 MDT"
    assert sum(closing in text for text in shown) >= 8
