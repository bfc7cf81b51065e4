"""Comments: read, hidden, shown again; a hidden one is on no page and in no file."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import World
from tests.webapp.sample_document import sample_document
from tests.webapp.story import Story, csrf_token, tell
from webapp.models import AuditEntry, Export, Snapshot, SnapshotText, User
from webapp.operations import ask_for_files, exporting, reporting

SAID = "Only Acme would complain about the plant in Greeley."
KEPT = "Too few people know what this is for."
WHY = "why--scope"


@pytest.fixture
def story(world: World) -> Story:
    document = sample_document()
    document["comments"] = [{"question": WHY, "role": None, "text": text} for text in (SAID, KEPT)]
    return tell(world, comments=document["comments"])


def key_of(story: Story, text: str) -> int:
    with story.world.reading() as session:
        rows = session.scalars(select(SnapshotText).where(SnapshotText.kind == "comment"))
        return next(row.id for row in rows if row.content["text"] == text)


def act(story: Story, deed: str, text: str, level: str = "editor") -> Any:
    client = story.signed_in(level)
    token = csrf_token(client.get("/partnerships"))
    return client.post(
        f"/waves/{story.wave}/results/comments/{key_of(story, text)}/{deed}",
        data={"csrf_token": token},
    )


def pages(story: Story) -> str:
    client = story.signed_in("owner")
    difference = sample_document()["differences"][0]["id"]
    paths = ("", "/comments", f"/differences/{difference}", "/answers", ".json")
    return "".join(client.get(f"/waves/{story.wave}/results{path}").text for path in paths)


def files(story: Story) -> str:
    """Everything in the file that a convener downloads and in the report, as one text."""
    with story.world.writing() as session:
        snapshot = session.scalars(select(Snapshot)).one()
        made = exporting.files(session, snapshot)
        report = reporting.article(session, snapshot).decode()
    texts = [
        content.decode("utf-8-sig")
        for name, content in made.items()
        if name.endswith(("csv", "json", "txt"))
    ]
    with zipfile.ZipFile(io.BytesIO(made["tables.xlsx"])) as book:
        texts += [book.read(name).decode() for name in book.namelist() if name.endswith("xml")]
    return "\n".join([*texts, report])


@pytest.mark.fault("P11")
def test_P11_a_hidden_comment_is_on_no_page_and_in_no_file(story: Story) -> None:
    assert pages(story).count(SAID) >= 4, "overview, comments, the difference it fits, JSON"
    assert SAID in files(story)
    assert act(story, "hide", SAID).status_code == 303
    assert SAID not in pages(story)
    assert SAID not in files(story)
    assert KEPT in pages(story)
    assert "1 comment, 1 hidden" in pages(story)
    assert act(story, "show", SAID).status_code == 303
    assert pages(story).count(SAID) >= 4
    rows = list(
        csv.DictReader(io.StringIO(files(story)[files(story).index("question,role,text") :]))
    )
    assert SAID in [row["text"] for row in rows]


@pytest.mark.fault("P11")
def test_P11_each_step_is_noted_without_the_words(story: Story) -> None:
    act(story, "hide", SAID)
    act(story, "hide", SAID)
    act(story, "show", SAID)
    with story.world.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.wave_id == story.wave)).all()
    assert [one.action for one in noted] == ["comment hide", "comment show"]
    assert {one.actor for one in noted} == {story.users["editor"]}
    assert all("Acme" not in str(one.details) for one in noted)
    assert noted[0].details["comment"] == key_of(story, SAID)


def test_files_made_before_are_thrown_away(story: Story) -> None:
    with story.world.writing() as session:
        snapshot = session.scalars(select(Snapshot)).one()
        owner = session.get_one(User, story.users["owner"])
        made = ask_for_files.ask(session, story.world.clock, owner, snapshot)
        made.content, made.made_at = SAID.encode(), story.world.clock.now()
        session.commit()
    act(story, "hide", SAID)
    with story.world.reading() as session:
        assert session.scalars(select(Export)).all() == []


def test_viewers_read_and_hide_nothing(story: Story) -> None:
    page = story.signed_in("viewer").get(f"/waves/{story.wave}/results/comments").text
    assert SAID in page
    assert "Hide" not in page.replace("Hidden", "")
    assert act(story, "hide", SAID, "viewer").status_code == 403
    assert SAID in pages(story)


@pytest.mark.parametrize("key", ["x", "0", "99999999999999999999", "1e3", "²"])
def test_what_is_no_comment_is_not_there(story: Story, key: str) -> None:
    client = story.signed_in("editor")
    token = csrf_token(client.get("/partnerships"))
    address = f"/waves/{story.wave}/results/comments/{key}/hide"
    assert client.post(address, data={"csrf_token": token}).status_code == 404


@pytest.mark.fault("P10")
def test_P10_a_comment_shows_its_group_only_as_the_gate_let_it_and_never_a_time(
    sqlite_world: World,
) -> None:
    document = sample_document()
    document["comments"] = [
        {"question": WHY, "role": None, "text": SAID},
        {"question": "types_missing", "role": "champion", "text": KEPT},
    ]
    story = tell(sqlite_world, comments=document["comments"])
    page = story.signed_in("viewer").get(f"/waves/{story.wave}/results/comments").text
    entries = page[page.index('id="comment-') :]
    ours = entries[: entries.index("</ul>")]
    assert "Champions" not in ours
    assert "Partners" not in ours
    assert "Champions" in entries
    assert "<time" not in entries
