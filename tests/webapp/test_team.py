"""The team of a partnership: invited by mail, changed, removed; an owner always stays."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from webapp.faults import Refused
from webapp.mail import transport
from webapp.mail.sending import Sender
from webapp.models import (
    AuditEntry,
    MemberInvitation,
    Membership,
    Message,
    Partnership,
    User,
    UserSession,
)
from webapp.operations import members

NEW = "new@board.example"


@pytest.fixture
def story(world: World) -> Story:
    return tell(world)


@pytest.fixture
def small(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def post(story: Story, client: CheckingClient, path: str, **form: object):
    team = f"/partnerships/{story.partnership}/team"
    token = csrf_token(client.get("/partnerships"))
    return client.post(f"{team}{path}", data={"csrf_token": token, **form})


def page(story: Story, client: CheckingClient) -> str:
    return client.get(f"/partnerships/{story.partnership}/team").text


def deliver(story: Story) -> None:
    world = story.world
    way = transport.make(world.settings, world.clock)
    Sender(world.database, world.settings, world.clock, "w", way, lambda: False).drain()


def mailed(story: Story) -> list[str]:
    folder = story.world.settings.instance / "outbox"
    return [
        message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[attr-defined]
        .get_body(("plain",))
        .get_content()
        for path in sorted(folder.glob("*let_in*.eml"), key=lambda path: path.stat().st_mtime_ns)
    ]


def tokens(story: Story) -> list[str]:
    return [re.findall(r"/join/(\S+)", text)[0] for text in mailed(story)]


def invite(story: Story, email: str = NEW, level: str = "editor") -> str:
    """Invite somebody and give back the token of the mail."""
    answer = post(story, story.signed_in("owner"), "/invite", email=email, level=level)
    assert answer.status_code == 303
    deliver(story)
    return tokens(story)[-1]


def join(story: Story, client: CheckingClient, token: str, name: str = "Nia New"):
    shown = client.get(f"/join/{token}")
    form = csrf_token(shown) if shown.status_code == 200 else csrf_token(client.get("/sign-in"))
    return client.post(f"/join/{token}", data={"csrf_token": form, "name": name})


def level_of(story: Story, email: str) -> str | None:
    with story.world.reading() as session:
        return session.scalar(
            select(Membership.level)
            .join(User)
            .where(User.email == email, Membership.partnership_id == story.partnership)
        )


def invitation(story: Story) -> MemberInvitation:
    with story.world.reading() as session:
        return session.scalars(select(MemberInvitation)).one()


def test_a_colleague_is_invited_by_mail_and_joins(story: Story) -> None:
    token = invite(story)
    (text,) = mailed(story)
    assert "owner@example.org asks you to join the team of Two Rivers Manufacturing" in text
    assert NEW in text
    client = story.world.client()
    assert join(story, client, token).location == "/partnerships"
    assert "Two Rivers Manufacturing" in client.get("/partnerships").text
    assert level_of(story, NEW) == "editor"
    with story.world.reading() as session:
        user = session.scalars(select(User).where(User.email == NEW)).one()
        assert user.name == "Nia New"
        assert not user.is_admin
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in actions if one in {"invite colleague", "join team"}] == [
        "invite colleague",
        "join team",
    ]
    assert NEW not in page(story, client).partition("Who has been invited")[2]


def test_somebody_with_an_account_joins_without_typing_a_name(story: Story) -> None:
    token = invite(story, "stranger@example.org", "viewer")
    client = story.world.client()
    assert "Your name" not in client.get(f"/join/{token}").text
    assert join(story, client, token, name="").status_code == 303
    assert level_of(story, "stranger@example.org") == "viewer"


def test_a_new_colleague_without_a_name_is_told_so_and_the_link_stays_good(small: Story) -> None:
    token = invite(small)
    client = small.world.client()
    answer = join(small, client, token, name=" ")
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert join(small, client, token).status_code == 303


def test_the_token_is_kept_as_a_hash_only(small: Story) -> None:
    token = invite(small)
    assert not any(token in row for row in small.rows())


@pytest.mark.fault("A08")
def test_A08_opening_an_invitation_spends_nothing(small: Story) -> None:
    token = invite(small)
    before = small.rows()
    for _ in range(5):
        assert small.world.client().get(f"/join/{token}").status_code == 200
    assert small.rows() == before


@pytest.mark.fault("A08")
def test_A08_an_invitation_works_once(story: Story) -> None:
    token = invite(story)
    assert join(story, story.world.client(), token).status_code == 303
    thief = story.world.client()
    assert join(story, thief, token).status_code == 410
    assert thief.get("/partnerships").status_code == 303


@pytest.mark.fault("A08")
def test_A08_of_two_presses_at_once_one_joins(story: Story) -> None:
    token = invite(story)

    def press(_number: int) -> bool:
        with story.world.writing() as session:
            try:
                members.accept(session, story.world.clock, token, name="Nia")
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(press, range(4))) == 1
    with story.world.reading() as session:
        assert len(session.scalars(select(UserSession).join(User).where(User.email == NEW)).all())


@pytest.mark.fault("A08")
def test_A08_an_invitation_lasts_seven_days(small: Story) -> None:
    token = invite(small)
    small.world.clock.move(days=6, hours=23)
    client = small.world.client()
    assert client.get(f"/join/{token}").status_code == 200
    small.world.clock.move(hours=1)
    late = join(small, client, token)
    assert late.status_code == 410
    assert "This invitation has ended" in late.text
    assert "The link ended" in page(small, small.signed_in("owner"))
    assert level_of(small, NEW) is None


@pytest.mark.fault("A08")
def test_A08_a_withdrawn_invitation_opens_nothing(small: Story) -> None:
    token = invite(small)
    client = small.signed_in("owner")
    path = f"/invitations/{invitation(small).id}"
    assert post(small, client, path, act="withdraw").status_code == 303
    assert join(small, small.world.client(), token).status_code == 410
    assert "is withdrawn" in page(small, client)
    assert NEW not in page(small, client)
    assert post(small, client, path, act="resend").status_code == 422
    assert post(small, client, "/invite", email=NEW, level="viewer").status_code == 303


@pytest.mark.fault("A08")
def test_A08_a_withdrawn_invitation_that_waits_is_never_mailed(story: Story) -> None:
    client = story.signed_in("owner")
    post(story, client, "/invite", email=NEW, level="viewer")
    post(story, client, f"/invitations/{invitation(story).id}", act="withdraw")
    deliver(story)
    assert mailed(story) == []


@pytest.mark.fault("A08")
def test_A08_someone_signed_in_with_another_address_is_refused(small: Story) -> None:
    token = invite(small)
    stranger = small.signed_in("stranger")
    shown = stranger.get(f"/join/{token}")
    assert shown.status_code == 403
    assert f"It is for {NEW}. You are signed in as stranger@example.org." in shown.text
    form = {"csrf_token": csrf_token(stranger.get("/partnerships")), "name": "Eve"}
    assert stranger.post(f"/join/{token}", data=form).status_code == 403
    assert level_of(small, NEW) is None
    assert level_of(small, "stranger@example.org") is None
    assert join(small, small.world.client(), token).status_code == 303


@pytest.mark.fault("A08")
def test_A08_sent_again_only_the_newest_link_works(small: Story) -> None:
    first = invite(small)
    small.world.clock.move(days=8)
    client = small.signed_in("owner")
    path = f"/invitations/{invitation(small).id}"
    assert post(small, client, path, act="resend").status_code == 303
    assert post(small, client, path, act="resend").status_code == 422
    assert small.world.client().get(f"/join/{first}").status_code == 410
    deliver(small)
    assert len(mailed(small)) == 2
    assert small.world.client().get(f"/join/{first}").status_code == 410
    assert small.world.client().get(f"/join/{tokens(small)[-1]}").status_code == 200


@pytest.mark.fault("A06")
def test_A06_joining_replaces_session_and_form_token(small: Story) -> None:
    client = small.world.client()
    token = invite(small)
    form = csrf_token(client.get(f"/join/{token}"))
    before = client.get_cookie("muster").value
    client.post(f"/join/{token}", data={"csrf_token": form, "name": "Nia"})
    assert client.get_cookie("muster").value != before
    assert client.post("/sign-out", data={"csrf_token": form}).status_code == 400


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"email": "nobody", "level": "viewer"}, "email"),
        ({"email": "", "level": "viewer"}, "email"),
        ({"email": NEW}, "level"),
        ({"email": NEW, "level": "admin"}, "level"),
        ({"email": "Viewer@Example.org", "level": "editor"}, "email"),
        ({"email": "x@y.example\r\nBcc: z@y.example", "level": "viewer"}, "email"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_named(small: Story, form, place: str) -> None:
    before = small.rows()
    client = small.signed_in("owner")
    signed = small.rows()
    answer = post(small, client, "/invite", **form)
    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert small.rows() == signed != before


def test_nobody_is_invited_twice(small: Story) -> None:
    invite(small)
    answer = post(small, small.signed_in("owner"), "/invite", email=NEW.upper(), level="viewer")
    assert answer.status_code == 422
    assert "has been invited already" in answer.text


def test_two_owners_who_invite_the_same_person_make_one_invitation(story: Story) -> None:
    def press(_number: int) -> bool:
        with story.world.writing() as session:
            partnership = session.get_one(Partnership, story.partnership)
            by = session.get_one(User, story.users["owner"])
            try:
                members.invite(
                    session, story.world.clock, partnership, by, email=NEW, level="viewer"
                )
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(press, range(3))) == 1
    deliver(story)
    assert len(mailed(story)) == 1


def test_a_level_is_changed_and_what_may_be_done_with_it(story: Story) -> None:
    viewer = story.signed_in("viewer")
    form = {"email": NEW, "level": "viewer"}
    assert post(story, viewer, "/invite", **form).status_code == 403
    path = f"/members/{story.users['viewer']}"
    changed = post(story, story.signed_in("owner"), path, act="level", level="owner")
    assert changed.status_code == 303
    assert post(story, viewer, "/invite", **form).status_code == 303
    with story.world.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "change level")).one()
    assert entry.actor == story.users["owner"]
    assert entry.details == {
        "member": story.users["viewer"],
        "before": "viewer",
        "level": "owner",
    }


@pytest.mark.fault("A04")
def test_A04_who_is_removed_finds_nothing_at_the_next_request(story: Story) -> None:
    editor = story.signed_in("editor")
    assert editor.get(f"/waves/{story.wave}/results").status_code == 200
    path = f"/members/{story.users['editor']}"
    assert post(story, story.signed_in("owner"), path, act="remove").status_code == 303
    assert editor.get(f"/waves/{story.wave}/results").status_code == 404
    assert editor.get(f"/partnerships/{story.partnership}/team").status_code == 404
    assert "Two Rivers" not in editor.get("/partnerships").text


@pytest.mark.fault("A14")
@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/members/{owner}", {"act": "remove"}),
        ("/members/{owner}", {"act": "level", "level": "editor"}),
        ("/leave", {"leave": "yes"}),
    ],
)
def test_A14_the_last_owner_stays(story: Story, path: str, form: dict[str, str]) -> None:
    client = story.signed_in("owner")
    answer = post(story, client, path.format(owner=story.users["owner"]), **form)
    assert answer.status_code == 422
    assert "A partnership needs an owner" in answer.text
    assert level_of(story, "owner@example.org") == "owner"


@pytest.mark.fault("A14")
def test_A14_of_two_owners_who_leave_at_once_one_stays(story: Story) -> None:
    with story.world.writing() as session:
        session.get_one(Membership, (story.users["editor"], story.partnership)).level = "owner"
        session.commit()

    def press(name: str) -> bool:
        with story.world.writing() as session:
            partnership = session.get_one(Partnership, story.partnership)
            user = session.get_one(User, story.users[name])
            member = session.get_one(Membership, (user.id, partnership.id))
            try:
                members.remove(session, story.world.clock, partnership, member, user)
            except Refused:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(press, ("owner", "editor"))) == 1


def test_a_member_leaves_after_a_second_look(story: Story) -> None:
    viewer = story.signed_in("viewer")
    assert post(story, viewer, "/leave").status_code == 422
    left = post(story, viewer, "/leave", leave="yes")
    assert left.location == "/partnerships"
    assert "You have left Two Rivers Manufacturing" in viewer.get("/partnerships").text
    assert level_of(story, "viewer@example.org") is None
    with story.world.reading() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.action == "leave team")).one()


@pytest.mark.parametrize("act", [[], ["level", "remove"], ["promote"]])
@pytest.mark.fault("W15")
def test_W15_an_act_is_named_once(small: Story, act: list[str]) -> None:
    client = small.signed_in("owner")
    path = f"/members/{small.users['viewer']}"
    before = small.rows()
    assert post(small, client, path, act=act, level="owner").status_code == 400
    assert small.rows() == before


@pytest.mark.fault("A01")
def test_A01_members_and_invitations_of_others_are_not_there(small: Story) -> None:
    client = small.signed_in("owner")
    path = f"/members/{small.users['stranger']}"
    assert post(small, client, path, act="remove").status_code == 404
    with small.world.writing() as session:
        theirs = session.scalars(
            select(Partnership).where(Partnership.id != small.partnership)
        ).one()
        by = session.get_one(User, small.users["stranger"])
        row = members.invite(
            session, small.world.clock, theirs, by, email="x@y.example", level="viewer"
        )
        session.commit()
    for act in ("resend", "withdraw"):
        assert post(small, client, f"/invitations/{row.id}", act=act).status_code == 404


@pytest.mark.fault("I01")
def test_I01_names_in_the_team_are_text(small: Story) -> None:
    with small.world.writing() as session:
        session.get_one(User, small.users["viewer"]).name = "<script>alert(1)</script>"
        session.get_one(Partnership, small.partnership).name = '"><img src=x onerror=alert(1)>'
        session.commit()
    shown = page(small, small.signed_in("owner"))
    assert "<script>alert" not in shown
    assert "<img" not in shown


def test_no_mail_is_ever_queued_for_an_example(small: Story) -> None:
    with small.world.writing() as session:
        session.get_one(Partnership, small.partnership).is_example = True
        session.commit()
    answer = post(small, small.signed_in("owner"), "/invite", email=NEW, level="viewer")
    assert answer.status_code == 422
    with small.world.reading() as session:
        assert session.scalars(select(Message)).all() == []


@pytest.mark.fault("W08")
def test_W08_an_invitation_leads_to_our_own_address_whatever_the_host_says(small: Story) -> None:
    client = small.signed_in("owner")
    page = client.get("/partnerships", base_url="http://localhost")
    form = {"csrf_token": csrf_token(client.get("/partnerships")), "email": NEW, "level": "viewer"}
    assert page.status_code in {200, 303}
    path = f"/partnerships/{small.partnership}/team/invite"
    before = small.rows()
    for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}):
        assert client.post(path, data=form, headers=headers).status_code == 400
        assert client.get(f"/join/{'x' * 43}", headers=headers).status_code == 400
    assert small.rows() == before
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert client.post(path, data=form, headers=forwarded).status_code == 303
    deliver(small)
    (text,) = mailed(small)
    assert f"{small.world.settings.public_url}/join/" in text
    assert "evil" not in text


@pytest.mark.fault("I19")
def test_I19_more_fields_than_the_form_has_change_nothing(small: Story) -> None:
    with small.world.reading() as session:
        theirs = session.scalars(
            select(Partnership.id).where(Partnership.id != small.partnership)
        ).one()
    more = {"partnership_id": theirs, "accepted_at": "2026-01-01", "token_hash": "x", "id": "v1"}
    answer = post(small, small.signed_in("owner"), "/invite", email=NEW, level="viewer", **more)
    assert answer.status_code == 303
    row = invitation(small)
    assert (row.partnership_id, row.accepted_at, row.token_hash) == (small.partnership, None, None)
    assert row.id != "v1"


@pytest.mark.fault("I01", "I03")
def test_I01_I03_names_in_the_invitation_are_text(small: Story) -> None:
    with small.world.writing() as session:
        session.get_one(User, small.users["owner"]).name = "<b>Olga</b> {{ 7 * 7 }}"
        session.get_one(Partnership, small.partnership).name = "<img src=x> {% raw %}"
        session.commit()
    invite(small)
    folder = small.world.settings.instance / "outbox"
    (file,) = folder.glob("*let_in*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    html = mail.get_body(("html",)).get_content()  # type: ignore[attr-defined]
    assert "<b>" not in html
    assert "<img" not in html
    assert "{{ 7 * 7 }}" in html
    assert "{% raw %}" in html
