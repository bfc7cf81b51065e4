"""The action plan: from a finding to a line with owner and day, kept, printed and taken along."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from tests.conftest import Served, World
from tests.pages import follow, press
from tests.webapp.sample_document import sample_document
from tests.webapp.story import Story, csrf_token, store_snapshot, tell
from webapp.models import AuditEntry, PlanItem, Wave

LINE = {"what": "Visit the college", "owner": "Dana Kim", "due": "2026-06-20", "state": "open"}


def plan(story: Story) -> str:
    return f"/partnerships/{story.partnership}/plan"


def put(story: Story, level: str = "editor", path: str = "/new", **fields: str) -> Any:
    client = story.signed_in(level)
    form = {"csrf_token": csrf_token(client.get(plan(story) + "/new")), **fields}
    return client.post(plan(story) + path, data=form)


def items(story: Story) -> list[PlanItem]:
    with story.world.reading() as session:
        return list(session.scalars(select(PlanItem).order_by(PlanItem.position)))


def test_an_empty_plan_suggests_three_lines_from_the_last_result(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    document = sample_document()
    page = story.signed_in("viewer").get(plan(story)).text
    first = document["page"]["overview"][0]
    assert document["page"]["differences"][first]["start"] in page
    assert page.count('class="plan-item"') == 3
    assert "Put this on the plan" not in page, "a viewer only looks"
    assert story.signed_in("editor").get(plan(story)).text.count("Put this on the plan") == 3


def test_a_finding_becomes_a_line_that_leads_back_to_it(world: World) -> None:
    story = tell(world)
    source = f"difference:{sample_document()['page']['overview'][0]}"
    client = story.signed_in("editor")
    detail = client.get(f"/waves/{story.wave}/results/differences/{source.split(':')[1]}").text
    address = re.search(r'href="([^"]+/plan/new[^"]+)"', detail)
    assert address
    form = client.get(address[1].replace("&amp;", "&"))
    assert "until everyone means the same thing" in form.text
    answer = client.post(
        plan(story) + "/new", data={"csrf_token": csrf_token(form), "source": source, **LINE}
    )
    assert answer.status_code == 303
    page = client.get(plan(story)).text
    assert "It is on the plan." in page
    assert "Visit the college" in page
    assert "Saturday, June 20, 2026" in page
    assert f"/waves/{story.wave}/results/differences/{source.split(':')[1]}" in page
    kept = items(story)[0]
    assert (kept.source, kept.wave_id, kept.state) == (source, story.wave, "open")


def test_a_made_up_source_is_no_source(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    assert put(story, source="difference:<b>", **LINE).status_code == 303
    assert (items(story)[0].source, items(story)[0].wave_id) == ("", None)


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({"what": "  "}, "what", "write what is to be done"),
        ({"what": "x" * 601}, "what", "600 characters or fewer. You used 601"),
        ({"due": "20 June"}, "due", "enter a day"),
        ({"due": "2026-02-30"}, "due", "enter a day"),
        ({"state": "maybe"}, "state", "choose one of the states"),
        ({"owner": "x" * 121}, "owner", "120 characters"),
    ],
)
def test_bad_input_is_named_and_comes_back(
    sqlite_world: World, wrong: dict[str, str], field: str, reason: str
) -> None:
    story = tell(sqlite_world)
    answer = put(story, **{**LINE, "evidence": "the letter of May 3", **wrong})
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "There is a problem" in answer.text
    assert f'href="#{field}"' in answer.text
    assert reason in answer.text
    assert "the letter of May 3" in answer.text
    assert 'value="2026-06-20"' in answer.text or field == "due"
    assert items(story) == []


def test_a_line_is_changed_done_and_taken_off(world: World) -> None:
    story = tell(world)
    put(story, **LINE)
    kept = items(story)[0]
    done = {**LINE, "state": "done", "evidence": "https://college.example/letter"}
    assert put(story, path=f"/{kept.id}", **done).status_code == 303
    page = story.signed_in("viewer").get(plan(story)).text
    assert "1 of 1 done" in page
    assert '<a href="https://college.example/letter" rel="noopener noreferrer">' in page
    assert put(story, path=f"/{kept.id}/remove").status_code == 303
    assert items(story) == []
    with world.reading() as session:
        acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [one for one in acts if one.startswith("plan")] == [
        "plan add", "plan change", "plan remove",
    ]  # fmt: skip


def test_lines_stand_by_day_and_late_ones_say_so(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    for what, due in (("No day", ""), ("Later", "2026-07-01"), ("Late", "2026-05-31")):
        put(story, **{**LINE, "what": what, "due": due})
    page = story.signed_in("viewer").get(plan(story)).text
    assert page.index(">Late<") < page.index(">Later<") < page.index(">No day<")
    assert page.count("Overdue") == 1
    assert "0 of 3 done, 1 overdue" in page


def test_the_day_is_that_of_the_partnership(sqlite_world: World) -> None:
    """In Chicago it is still June 1 when it is June 2 in UTC."""
    story = tell(sqlite_world)
    put(story, **{**LINE, "due": "2026-06-01"})
    sqlite_world.clock.move(hours=10)
    assert "Overdue" not in story.signed_in("viewer").get(plan(story)).text
    sqlite_world.clock.move(hours=10)
    assert "Overdue" in story.signed_in("viewer").get(plan(story)).text


@pytest.mark.fault("I03")
def test_the_file_runs_nothing_and_holds_every_line(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    put(story, **{**LINE, "what": "=1+1", "owner": "@Dana"})
    answer = story.signed_in("viewer").get(plan(story) + ".csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [
        {"what": "'=1+1", "owner": "'@Dana", "due": "2026-06-20", "status": "Not begun",
         "evidence": "", "came_from": "", "round": ""}
    ]  # fmt: skip


def test_the_next_round_shows_the_check_then_and_now(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    document = sample_document()
    check = next(one for one in document["criteria"] if one["id"] == "1.3")
    put(story, source="criterion:1.3", **LINE)
    assert "<dt>Then</dt>" not in story.signed_in("viewer").get(plan(story)).text
    with sqlite_world.writing() as session:
        wave = session.get(Wave, story.open_wave)
        now = sample_document()
        now["wave"]["id"] = wave.id
        for one in now["criteria"]:
            if one["id"] == "1.3":
                one["sentence"] = "In agreement: 5 of 5."
        now["page"]["criteria"]["1.3"]["outcome"] = "Yes"
        wave.state, wave.open_slot = "closed", None
        wave.closed_at = sqlite_world.clock.now() + timedelta(days=1)
        store_snapshot(session, sqlite_world, wave, now)
        session.commit()
    page = story.signed_in("viewer").get(plan(story)).text
    assert f"<dt>Then</dt><dd>Partly. {check['sentence']}</dd>" in page
    assert "<dt>Now</dt><dd>Yes. In agreement: 5 of 5.</dd>" in page


def test_another_partnerships_line_is_not_there(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    put(story, **LINE)
    kept = items(story)[0]
    assert story.signed_in("stranger").get(f"{plan(story)}/{kept.id}").status_code == 404
    assert story.signed_in("editor").get(f"{plan(story)}/nothing").status_code == 404
    assert story.signed_in("viewer").get(f"{plan(story)}/{kept.id}").status_code == 403


@pytest.mark.browser
def test_a_line_is_planned_on_a_phone_without_script(served: Served, chromium: Browser) -> None:
    story = tell(served.world)
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    page = context.new_page()
    page.goto(f"{served.url}/sign-in/{story.link(story.users['editor'])}")
    press(page, "Sign in")
    page.goto(f"{served.url}{plan(story)}")
    follow(page, "Put this on the plan")
    assert page.get_by_label("What is to be done?").input_value()
    page.get_by_label("Who sees to it?").fill("Dana Kim")
    press(page, "Put it on the plan")
    assert page.url == f"{served.url}{plan(story)}"
    assert page.get_by_text("Dana Kim").count() == 1
    context.close()
