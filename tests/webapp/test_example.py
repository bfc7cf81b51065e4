"""The example: opened with one button, labeled everywhere, never mailed, deleted whole."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import func, select

from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from webapp import queries
from webapp.clock import FixedClock
from webapp.database import Base
from webapp.faults import Refused
from webapp.mail import outbox, transport
from webapp.mail.sending import Sender
from webapp.models import (
    AuditEntry,
    EndedLink,
    Invitation,
    Link,
    Membership,
    Message,
    Partnership,
    Response,
    Snapshot,
    User,
    Wave,
)
from webapp.operations import deleting, example, waves
from webapp.operations.example.cast import characters
from webapp.worker import Worker


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def post(client, path: str, **form: str):
    token = csrf_token(client.get("/partnerships"))
    return client.post(path, data={"csrf_token": token, **form})


def opened(story: Story, who: str = "owner") -> str:
    """The id of the example, opened with the button."""
    answer = post(story.signed_in(who), "/partnerships/example")
    assert answer.status_code == 303
    return answer.location.rpartition("/")[2]


def wave_of(story: Story, partnership: str) -> Wave:
    with story.world.reading() as session:
        return session.scalars(select(Wave).where(Wave.partnership_id == partnership)).one()


def test_one_button_opens_it_closed_with_everyone_s_answers(story: Story) -> None:
    made = opened(story)
    wave = wave_of(story, made)
    assert wave.state == "closing"
    with story.world.reading() as session:
        states = session.scalars(
            select(Response.state).join(Invitation).where(Invitation.wave_id == wave.id)
        ).all()
        assert states == ["sent"] * len(characters())
        assert session.get_one(Partnership, made).is_example
        assert (
            session.scalars(
                select(Link)
                .join(Invitation)
                .where(Invitation.wave_id == wave.id, Link.revoked_at.is_(None))
            ).all()
            == []
        )
    client = story.signed_in("owner")
    assert "results are being prepared" in client.get(f"/partnerships/{made}").text


def test_the_worker_makes_its_results_and_the_page_shows_them(story: Story) -> None:
    made = opened(story)
    client = story.signed_in("owner")
    path = f"/waves/{wave_of(story, made).id}/results"
    assert "being prepared" in client.get(path).text
    world = story.world
    Worker(world.database, world.settings, world.clock, name="w").run_once()
    with world.reading() as session:
        snapshot = session.scalars(
            select(Snapshot).where(Snapshot.wave_id == wave_of(story, made).id)
        ).one()
        assert snapshot.body["verdict"]["outcome"] == "nearly"
    assert client.get(path).status_code == 200
    assert "All five steps are done" in client.get(f"/partnerships/{made}").text


class Ticking(FixedClock):
    """A clock of which no two looks show the same."""

    def now(self) -> datetime:
        self.move(microseconds=1)
        return self.at


def test_on_a_clock_that_moves_the_results_are_made_too(story: Story) -> None:
    """Time passes between two looks at the clock, as it does outside of tests."""
    made = opened(story)
    world = story.world
    clock = Ticking(world.clock.now())
    done = Worker(world.database, world.settings, clock, name="w").run_once()
    assert done.finished >= 1
    assert wave_of(story, made).state == "closed"


def test_it_is_labeled_on_every_page(story: Story) -> None:
    made = opened(story)
    wave = wave_of(story, made).id
    client = story.signed_in("owner")
    pages = [
        f"/partnerships/{made}{page}"
        for page in ("", "/setup", "/roster", "/scope", "/team", "/history")
    ]
    for path in [*pages, f"/waves/{wave}", f"/waves/{wave}/results", f"/waves/{wave}/setup"]:
        page = client.get(path)
        assert page.status_code == 200, path
        assert '<span class="is-example">Example</span>' in page.text, path
        assert "Example: Front Range" in page.text, path
    assert '<span class="is-example">' not in client.get(f"/partnerships/{story.partnership}").text


def test_a_second_press_opens_the_same_one(story: Story) -> None:
    client = story.signed_in("owner")
    first, second = (post(client, "/partnerships/example").location for _ in range(2))
    assert first == second
    assert "Open the example" not in client.get("/partnerships").text
    assert "Open the example" in story.signed_in("viewer").get("/partnerships").text


def test_nobody_else_sees_it(story: Story) -> None:
    made = opened(story)
    assert story.signed_in("viewer").get(f"/partnerships/{made}").status_code == 404


def test_no_mail_is_ever_queued_for_it(world: World) -> None:
    story = tell(world)
    made = opened(story)
    Worker(world.database, world.settings, world.clock, name="w").run_once()
    with world.writing() as session:
        partnership = session.get_one(Partnership, made)
        wave = session.scalars(select(Wave).where(Wave.partnership_id == made)).one()
        invitation = queries.invitations(session, wave)[0]
        owner = session.get_one(User, story.users["owner"])
        about = [
            {"invitation": invitation},
            {"wave": wave, "user": owner},
            {"partnership": partnership},
        ]
        for number, of in enumerate(about):
            assert not outbox.enqueue(session, world.clock, "invitation", key=f"k{number}", **of)
        session.commit()
        about = (Message.wave_id == wave.id) | (Message.partnership_id == made)
        assert session.scalars(select(Message).where(about)).all() == []


def test_a_mail_that_stands_in_the_outbox_all_the_same_is_dropped(world: World) -> None:
    """Whatever put it there, the worker asks once more before it sends."""
    story = tell(world)
    made = opened(story)
    with world.writing() as session:
        wave = session.scalars(select(Wave).where(Wave.partnership_id == made)).one()
        wave.state = "open"
        invitation = queries.invitations(session, wave)[0]
        session.delete(invitation.response)
        now = world.clock.now()
        session.add_all(
            [
                Message(
                    key="a", kind="invitation", wave_id=wave.id, invitation_id=invitation.id,
                    queued_at=now, due_at=now,
                ),
                Message(
                    key="b", kind="conveners", wave_id=wave.id, user_id=story.users["owner"],
                    queued_at=now, due_at=now,
                ),
            ]
        )  # fmt: skip
        session.commit()
    way = transport.make(world.settings, world.clock)
    Sender(world.database, world.settings, world.clock, "w", way, lambda: False).drain()
    assert list((world.settings.instance / "outbox").glob("*.eml")) == []
    with world.reading() as session:
        assert session.scalars(select(Message)).all() == []
        dropped = session.scalars(select(AuditEntry).where(AuditEntry.action == "mail dropped"))
        assert {one.details["reason"] for one in dropped} == {"no mail leaves for an example"}


def test_nobody_of_it_can_be_invited_or_reminded(story: Story) -> None:
    made = opened(story)
    with story.world.writing() as session:
        partnership = session.get_one(Partnership, made)
        clock = story.world.clock
        wave = waves.open_wave(
            session, clock, partnership, closes=example.closing_day(clock, partnership.timezone)
        )
        with pytest.raises(Refused, match="No mail ever leaves"):
            waves.invite(session, clock, wave)
        with pytest.raises(Refused, match="No mail ever leaves"):
            waves.remind(session, clock, wave)


def test_deleting_it_leaves_nothing_of_it(world: World) -> None:
    story = tell(world)
    with world.reading() as session:
        before = {table: count(session, table) for table in Base.metadata.sorted_tables}
    made = opened(story)
    Worker(world.database, world.settings, world.clock, name="w").run_once()
    wave = wave_of(story, made).id
    client = story.signed_in("owner")
    assert post(client, f"/partnerships/{made}/delete").location == "/partnerships"
    assert "is deleted, with everything in it" in client.get("/partnerships").text
    assert client.get(f"/partnerships/{made}").status_code == 404
    with world.reading() as session:
        after = {table: count(session, table) for table in Base.metadata.sorted_tables}
        entry = session.scalars(select(AuditEntry).where(AuditEntry.partnership_id == made)).one()
    changed = {table.name for table in after if after[table] != before[table]}
    # Signing in, the ended links, the one entry that says so, and what the worker did meanwhile.
    signing_in, worked = {"sign_in_links", "user_sessions"}, {"workers", "messages"}
    assert changed <= {"audit", "ended_links"} | signing_in | worked
    assert not any(wave in row for row in story.rows() if row.startswith("messages"))
    assert entry.action == "delete partnership"
    assert entry.details == {"people": 17, "example": True}


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_real_partnership_is_deleted_by_its_owner_who_types_its_name(world: World) -> None:
    story = tell(world)
    path = f"/partnerships/{story.partnership}/delete"
    owner = story.signed_in("owner")
    for name in ("", "Two Rivers", "yes"):
        answer = post(owner, path, name=name)
        assert answer.status_code == 422
        assert 'href="#name"' in answer.text
    assert post(story.signed_in("editor"), path, name="Two Rivers Manufacturing").status_code == 403
    assert post(owner, path, name=" two rivers  MANUFACTURING ").status_code == 303
    with world.reading() as session:
        assert session.get(Partnership, story.partnership) is None
        assert session.get(Wave, story.wave) is None
        assert (
            session.scalars(
                select(Membership).where(Membership.partnership_id == story.partnership)
            ).all()
            == []
        )
        assert len(session.scalars(select(Partnership)).all()) == 1
        entry = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "delete partnership")
        ).one()
    assert entry.actor == story.users["owner"]
    assert entry.details == {"people": 3, "example": False}


def test_links_of_a_deleted_partnership_say_that_they_have_ended(story: Story) -> None:
    with story.world.writing() as session:
        partnership = session.get_one(Partnership, story.partnership)
        invitation = session.scalars(
            select(Invitation).where(Invitation.wave_id == story.open_wave)
        ).first()
        from webapp import links

        token = links.mint(session, story.world.clock, invitation, links.MAILED)
        owner = session.get_one(User, story.users["owner"])
        deleting.delete_partnership(
            session, story.world.clock, partnership, owner, typed=partnership.name
        )
        session.commit()
        assert session.get(EndedLink, links.digest(token)) is not None
    page = story.world.client().get(f"/s/{token}")
    assert page.status_code == 410
    assert "Two Rivers" not in page.text
