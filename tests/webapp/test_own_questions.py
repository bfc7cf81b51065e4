"""Own questions from the convener's page to the respondent's, and on to the results."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.browsing import fields, signed_in
from tests.webapp.office import CLOSES, Office
from tests.webapp.test_scope_page import plain
from webapp.faults import Refused
from webapp.mail import messages
from webapp.models import Response, Wave
from webapp.operations import exporting, waves
from webapp.operations.take_snapshot import take_snapshot

STATEMENT = {"roles": ["partner", "champion"], "kind": "agree", "wording": "We have a room."}
MONTH = {
    "roles": ["partner"],
    "kind": "single",
    "wording": "Which month suits you?",
    "options": "May\nJune\n\nJuly",
}
REMARK = {"roles": ["partner"], "kind": "text", "wording": "What should we ask next?"}


@pytest.fixture
def office(sqlite_world: World) -> Office:
    made = Office(sqlite_world)
    made.enroll()
    with made.act() as session:
        made.wave_id = waves.draft(
            session, made.clock, made.partnership(session), waves.Rules(CLOSES)
        ).id
    return made


@pytest.fixture
def cora(office: Office) -> CheckingClient:
    return signed_in(office.world, "cora@board.example")


def page(office: Office) -> str:
    return f"/waves/{office.wave_id}/questions"


def add(office: Office, cora: CheckingClient, **typed: object):
    return cora.post(page(office), data=fields(cora.get(page(office))) | typed)


def stored(office: Office) -> Wave:
    with office.world.reading() as session:
        return office.wave(session)


def test_questions_are_added_seen_as_people_meet_them_and_taken_away(
    office: Office, cora: CheckingClient
) -> None:
    for question in (STATEMENT, MONTH, REMARK):
        assert add(office, cora, **question).status_code == 303
    seen = cora.get(page(office))
    text = plain(seen)
    for words in ("We have a room.", "Strongly agree", "Which month suits you?", "July"):
        assert words in text
    assert 'name="own_2"' in seen.get_data(as_text=True)
    assert "Strategic partners 3 of 5 29" in text
    assert "Champions 1 of 5 21" in text
    gone = cora.post(
        f"{page(office)}/remove", data=fields(seen, f"{page(office)}/remove") | {"place": "2"}
    )
    assert gone.status_code == 303
    assert [one["wording"] for one in stored(office).own_questions] == [
        "We have a room.", "What should we ask next?",
    ]  # fmt: skip
    nothing = cora.post(
        f"{page(office)}/remove", data=fields(seen, f"{page(office)}/remove") | {"place": "9"}
    )
    assert nothing.status_code == 422


def test_faults_are_named_and_what_was_typed_stays(office: Office, cora: CheckingClient) -> None:
    answer = add(office, cora, kind="single", wording="Which <b>month</b>?", options="May")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    for target in ("roles", "options"):
        assert f'href="#{target}"' in text
        assert f'id="{target}"' in text
    assert 'value="Which &lt;b&gt;month&lt;/b&gt;?"' in text
    assert "give 2 to 10, one a line" in text
    assert stored(office).own_questions == []
    for _ in range(5):
        assert add(office, cora, **REMARK).status_code == 303
    full = add(office, cora, **STATEMENT)
    assert full.status_code == 422
    assert "each partner has 5 questions of your own already" in plain(full)


@pytest.mark.fault("L14")
def test_L14_they_lock_with_the_first_link(office: Office, cora: CheckingClient) -> None:
    add(office, cora, **STATEMENT)
    with office.act() as session:
        waves.open_draft(session, office.clock, office.wave(session))
    assert office.invite() == 5
    seen = cora.get(page(office))
    assert "Add a question" not in plain(seen)
    assert "Locked since Monday, June 1, 2026, 09:00 MDT" in plain(seen)
    with office.act() as session, pytest.raises(Refused, match="locked since"):
        waves.remove_question(session, office.clock, office.wave(session), place=1)


def test_they_are_asked_saved_checked_printed_and_reported(
    office: Office, cora: CheckingClient
) -> None:
    for question in (STATEMENT, MONTH, REMARK):
        assert add(office, cora, **question).status_code == 303
    with office.act() as session:
        waves.open_draft(session, office.clock, office.wave(session))
    office.invite()
    with office.act() as session:
        invitation = office.invitation(session, "ann@alpha.example")
        mail = messages.preview(
            session, office.world.settings, office.clock, "invitation", invitation
        )
        token = waves.hand_link(session, office.clock, invitation)
    assert "28 questions" in mail.written.text
    ann = office.world.client(cookies=False)
    assert "28 questions" in plain(ann.get(f"/s/{token}"))
    section = ann.get(f"/s/{token}/own")
    assert "Questions of the team" in plain(section)
    assert "May" in plain(section)
    wrong = ann.post(f"/s/{token}/own", data=fields_of(section) | {"own_2": "o9"})
    assert wrong.status_code == 422
    sent = ann.post(
        f"/s/{token}/own",
        data=fields_of(section) | {"own_1": "5", "own_2": "o2", "own_3": "Ask about rooms."},
    )
    assert sent.location.endswith("/check")
    for place in ("check", "print"):
        assert "Which month suits you?" in plain(ann.get(f"/s/{token}/{place}"))
    with office.world.reading() as session:
        (saved,) = session.scalars(select(Response.answers)).all()
    assert saved == {"own_1": "5", "own_2": "o2", "own_3": "Ask about rooms."}
    tables = closed_with_everybody_sent(office)
    assert b"own_1" in tables["items.csv"]
    assert b"We have a room." in tables["codebook.csv"]
    assert b"Which month suits you?" in tables["codebook.csv"]
    results = plain(cora.get(f"/waves/{office.wave_id}/results/answers"))
    assert "We have a room." in results


def fields_of(page) -> dict:
    return fields(page, page.request.path)


def closed_with_everybody_sent(office: Office) -> dict[str, bytes]:
    """Everybody sent and the round is closed; the files of its export."""
    for email in ("bob@beta.example", "x1@one.example", "x2@two.example"):
        office.answered(email)
    with office.act() as session:
        session.execute(
            update(Response).values(
                state="sent", sent_at=office.clock.now(), answers={"own_1": "4", "own_2": "o1"}
            )
        )
        wave = office.wave(session)
        waves.close(session, office.clock, wave)
        snapshot = take_snapshot(session, office.clock, wave, "final")
        return exporting.files(session, snapshot)
