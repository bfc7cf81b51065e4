"""The page about mail: what is set, what is missing, and a real test message."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import make_world, sqlite_url
from tests.webapp.mail.stage import Postbox, check_password
from tests.webapp.story import Story, csrf_token, tell
from webapp.models import AuditEntry, User


@pytest.fixture
def begin(tmp_path: Path):
    """Begin an installation with these settings, where the owner runs it."""
    made = []

    def begin(**given: str) -> Story:
        world = make_world(sqlite_url(tmp_path), tmp_path, **given)
        made.append(world)
        story = tell(world)
        with world.writing() as session:
            session.get_one(User, story.users["owner"]).is_admin = True
            session.commit()
        return story

    yield begin
    for world in made:
        world.database.dispose()


def press(story: Story):
    client = story.signed_in("owner")
    form = {"csrf_token": csrf_token(client.get("/settings/mail"))}
    answer = client.post("/settings/mail/test", data=form)
    return client.get(answer.location) if answer.status_code == 303 else answer


def test_a_real_message_leaves_and_the_page_gives_the_servers_words(begin) -> None:
    with Postbox() as postbox:
        story = begin(mail_url=postbox.url, mail_from="muster@mail.example.org")
        page = press(story)
        assert postbox.recipients() == ["owner@example.org"]
        assert postbox.taken[0].mail["Subject"] == "Muster can send mail"
    assert page.status_code == 200
    assert "250 2.0.0 kept as 1" in page.text
    assert "Look in the mailbox of owner@example.org" in page.text
    with story.world.reading() as session:
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "send test mail")
        ).one()
    assert entry.actor == story.users["owner"]


def test_a_refusal_stands_on_the_page_in_the_servers_words(begin) -> None:
    with Postbox() as postbox:
        postbox.script["owner@example.org"] = ["550 5.7.1 we do not relay for you"]
        page = press(begin(mail_url=postbox.url))
        assert postbox.taken == []
    assert page.status_code == 422
    assert "<title>Error: Mail settings" in page.text
    assert "550 5.7.1 we do not relay for you" in page.text


def test_a_wrong_password_is_told_and_never_shown(begin) -> None:
    with Postbox(auth_require_tls=False, authenticator=check_password) as postbox:
        story = begin(mail_url=f"smtp://post:wrong%2Fword@{postbox.host}?tls=none")
        page = press(story)
    assert page.status_code == 422
    assert "535" in page.text
    assert "Signs in as" in page.text
    assert "wrong/word" not in page.text
    assert "wrong%2Fword" not in page.text


def test_a_server_that_is_not_there_is_told(begin) -> None:
    page = press(begin(mail_url="smtp://127.0.0.1:9"))
    assert page.status_code == 422
    assert "127.0.0.1:9" in page.text
    assert "refused" in page.text


def test_without_a_server_the_message_lies_in_the_folder_and_the_page_says_so(begin) -> None:
    story = begin()
    page = press(story)
    folder = story.world.settings.instance / "outbox"
    (written,) = folder.glob("*.eml")
    assert f"written to {written.name}" in page.text
    assert "It was not sent to anyone" in page.text
    assert str(folder) in page.text
    assert "Set MUSTER_MAIL_URL" in page.text


def test_everything_that_is_missing_is_named(begin) -> None:
    client = begin(mail_url="smtp://mail.example.org").signed_in("owner")
    text = client.get("/settings/mail").text
    assert "Set MUSTER_MAIL_FROM" in text
    assert "Set MUSTER_PUBLIC_URL" in text
    assert "Set MUSTER_MAIL_URL" not in text


def test_settings_that_work_are_said_to(begin) -> None:
    story = begin(
        mail_url="smtps://post:secret@mail.example.org",
        mail_from="muster@mail.example.org",
        public_url="https://127.0.0.1",
    )
    client = story.world.client()
    client.environ_base["wsgi.url_scheme"] = "https"
    signed = story.link(story.users["owner"])
    assert story.sign_in(client, signed).status_code == 303
    text = client.get("/settings/mail").text
    assert "mail.example.org:465" in text
    assert "encrypted from the start" in text
    assert "secret" not in text


@pytest.mark.fault("A03")
def test_A03_only_who_runs_the_installation_sees_it(begin) -> None:
    story = begin()
    editor = story.signed_in("editor")
    refused = editor.get("/settings/mail")
    assert refused.status_code == 403
    assert "This page is for whoever runs the installation" in refused.text
    assert 'href="/partnerships"' in refused.text
    assert "Mail settings" not in editor.get("/account").text
    assert "Mail settings" in story.signed_in("owner").get("/account").text
