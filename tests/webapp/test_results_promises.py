"""What people were promised holds on every page; one number is one number everywhere."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from analysis import tables as analysis_tables
from analysis.answers import Respondent
from analysis.facts import WaveFacts
from analysis.snapshot import take_snapshot
from surveys.loader import load
from surveys.texts import load_texts
from tests.analysis import example_waves
from tests.analysis.waves import CLOSED, facts, random_people
from tests.conftest import World
from tests.webapp.overview_text import caption_of, tables
from tests.webapp.story import Story, tell
from webapp.models import Response, Snapshot, Wave

PROTECTED = ("worth_it", "can_deliver", "stay_with", "convener_standing", "follows_industry",
             "keeps_word")  # fmt: skip
MEANS = "Mean of each statement, scale from 1 to 5, with the number of people"


def document(people: Sequence[Respondent], about: WaveFacts) -> dict[str, Any]:
    return take_snapshot(
        load(), load_texts(), about, people, snapshot_id="s1", taken_at=CLOSED, kind="final"
    ).document()


def read(story: Story, path: str = "") -> str:
    answer = story.signed_in("viewer").get(f"/waves/{story.wave}/results{path}")
    assert answer.status_code == 200
    return answer.text


def means(html: str, question: str) -> list[str]:
    """What the means table says of a statement: conveners, partners, champions, both."""
    wording = load().questions[question].stated()
    row = next(one for one in tables(html)[MEANS] if one.startswith(wording))
    cells = [cell.strip() for cell in row.removeprefix(wording).split("|")][1:]
    return [*cells, "", "", ""][:4]


def pages(story: Story, found: dict[str, Any]) -> dict[str, str]:
    paths = ["", "/answers", "/map", "/comments", "/differences"]
    paths += [f"/differences/{one['id']}" for one in found["differences"]]
    return {path: read(story, path) for path in paths}


@pytest.mark.fault("P01", "P03")
def test_P01_P03_a_group_of_two_and_the_group_beside_it_have_no_figure_of_their_own(
    sqlite_world: World,
) -> None:
    """With two partners and three champions, champions alone beside both would give partners."""
    people, about = example_waves.nearly()
    found = document(people, about)
    story = tell(sqlite_world, **found)
    shown = pages(story, found)
    for question in PROTECTED:
        convener, partner, champion, both = means(shown[""], question)
        assert (partner, champion) == ("", "")
        assert convener.endswith("(1)")
        assert both.endswith("(5)")
        rows = tables(shown["/answers"])[caption_of(question)][1:]
        groups = [row.split(" | ")[0] for row in rows]
        assert groups == ["Conveners", "Partners and champions together"]
    assert "Partners</span> <strong>" not in shown[""]
    assert "Champions</span> <strong>" not in shown[""]
    polite = next(one["id"] for one in found["differences"] if one["kind"] == "polite")
    detail = shown[f"/differences/{polite}"]
    assert "Partners alone: not shown (too few scored answers)." in detail
    assert "Champions alone: not shown (too few scored answers)." in detail
    assert "What is not shown, and why" in shown[""]
    assert re.findall(r'class="mark-letter"[^>]*>([^<]+)<', detail)[:2] == ["C", "PX"]
    assert "The mark PX stands for one figure: partners (P) and champions (X)" in detail


@pytest.mark.fault("P02")
def test_P02_a_group_of_exactly_three_is_shown(sqlite_world: World) -> None:
    people, about = example_waves.ready()
    html = read(tell(sqlite_world, **document(people, about)))
    for question in PROTECTED:
        assert [cell[-3:] for cell in means(html, question)] == ["(1)", "(3)", "(3)", ""]


@pytest.mark.fault("P04")
def test_P04_no_filter_cuts_a_group_smaller(sqlite_world: World) -> None:
    """Nothing in the address chooses among people: every page is the one the gate let out."""
    people, about = example_waves.ready()
    found = document(people, about)
    story = tell(sqlite_world, **found)
    for path in ("", "/answers", "/map", "/comments"):
        cut = read(story, f"{path}?role=partner&organization=orgA&county=Weld&size=small")
        assert without_tokens(cut) == without_tokens(read(story, path)), path


@pytest.mark.fault("P05")
def test_P05_one_more_answer_changes_no_page(sqlite_world: World) -> None:
    people, about = example_waves.ready()
    found = document(people, about)
    story = tell(sqlite_world, **found)
    before = pages(story, found)
    with sqlite_world.writing() as session:
        for response in session.scalars(select(Response)):
            response.answers = {**response.answers, "worth_it": "1"}
            response.state, response.saved_at = "sent", sqlite_world.clock.now()
        session.commit()
    after = pages(story, found)
    for path, html in before.items():
        assert without_tokens(after[path]) == without_tokens(html), path


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", html)


@pytest.mark.fault("P09")
def test_P09_below_ten_people_a_protected_view_is_a_mean_with_one_decimal(
    sqlite_world: World,
) -> None:
    people, about = example_waves.ready()
    found = document(people, about)
    shown = pages(tell(sqlite_world, **found), found)
    every = tables(shown["/answers"])
    for question in PROTECTED:
        for row in every[caption_of(question)][1:]:
            group, asked, mean, views, *rest = (cell.strip() for cell in row.split("|"))
            if group != "Conveners":
                assert (asked, views) == ("3", "3")
                assert re.fullmatch(r"(at least |at most )?\d\.\d", mean)
                assert set(rest[2:]) <= {""}, "no count of any answer"
    for html in shown.values():
        words = re.sub(r"<[^>]+>", " ", html)
        assert not re.search(
            r"\b(median|standard deviation|variance|r_?wg)\b", words, re.IGNORECASE
        )
        assert "%" not in words, "no percentage where fewer than twenty answered"


@pytest.mark.fault("P14")
def test_P14_the_map_places_organizations_and_no_person(sqlite_world: World) -> None:
    people, about = example_waves.ready()
    found = document(people, about)
    story = tell(sqlite_world, **found)
    html = read(story, "/map")
    listed = {one["name"] for one in found["organizations"]}
    assert listed == {"Metal Trades Association", "River Valley Chamber",
                      "County Economic Development"}  # fmt: skip
    assert all(name in html for name in listed)
    for person in ("Dana Kim", "Sam", "Rita Sol", "Company acme", "Company bolt"):
        assert person not in html
    rows = tables(html)["The map in numbers, on the scale from 1 to 5"]
    assert len(rows) == 1 + len(listed)


def test_the_map_says_what_is_hollow_not_known_and_missing(sqlite_world: World) -> None:
    """Nobody of B answered; all three champions do not know C; two people named the Guild."""
    people, about = example_waves.nearly()
    changed = [
        Respondent(
            one.id, one.role, one.organization,
            {**one.answers, "other_orgs--1": "Iron Guild"}
            | ({"weight--orgC": "dk"} if one.role == "champion" else {}),
        )
        if one.role != "convener"
        else one
        for one in people
    ]  # fmt: skip
    found = document(changed, about)
    html = read(tell(sqlite_world, **found), "/map")
    assert "River Valley Chamber has not answered. Its place on the map is the conveners" in html
    assert "Half or more of the champions do not know County Economic Development" in html
    assert "Iron Guild (named by 5 people)" in html
    ties = tables(html)["Do you already bring these employers to one table?"]
    assert ties[1] == "Partners | 0 | 2 | 0"
    assert html.index('class="quarters"') < html.index("<img")


def test_an_empty_map_and_a_map_of_guesses_say_so(sqlite_world: World) -> None:
    people, about = example_waves.not_yet()
    story = tell(sqlite_world, **document(people, about))
    assert "Every place on the map is the conveners’ guess." in read(story, "/map")


def test_a_map_without_organizations_is_empty(sqlite_world: World) -> None:
    people, about = example_waves.not_yet()
    found = document(people, about)
    found["organizations"] = []
    assert "The map is still empty" in read(tell(sqlite_world, **found), "/map")


@pytest.mark.fault("L18")
def test_L18_one_number_is_the_same_on_every_page_and_in_the_tables(sqlite_world: World) -> None:
    people = random_people(random.Random(5), (2, 8, 6))
    found = document(people, facts(people))
    story = tell(sqlite_world, **found)
    shown = pages(story, found)
    csv = {
        (row[0], row[1], row[2]): row for row in analysis_tables.tables(found, load())["items"].rows
    }
    overview, answers = tables(shown[""])[MEANS], tables(shown["/answers"])
    compared = 0
    for item in found["items"]:
        if item["mean"] is None or item["about"] is not None:
            continue
        said = f"{item['mean']:.1f}"
        row = csv[item["id"], item["about"], item["role"]]
        assert (row[5], row[8]) == (item["n"], item["mean"])
        rows = answers[caption_of(item["id"])]
        question = load().questions[item["id"]]
        if question.kind == "single_choice":
            # A mean of different things would be read as one: the page has their counts.
            assert not any(re.search(r"\d\.\d", cell) for cell in rows[1:]), item["id"]
        else:
            assert any(said in cell and f"| {item['n']} |" in cell for cell in rows), item["id"]
        wording = question.stated()
        here = [one for one in overview if one.startswith(wording)]
        if here:
            assert f"{said} ({item['n']})" in here[0]
            compared += 1
        for path, html in shown.items():
            for caption, lines in tables(html).items():
                if path.startswith("/differences/") and caption.startswith("Mean of each group"):
                    for line in lines[1:]:
                        if line.startswith(wording):
                            assert f"{said} ({item['n']})" in line
    assert compared > 20


@pytest.mark.fault("O10")
def test_O10_two_hundred_people_are_read_in_a_fifth_of_a_second(sqlite_world: World) -> None:
    people = random_people(random.Random(1), (4, 120, 76))
    story = tell(sqlite_world, **document(people, facts(people)))
    client = story.signed_in("viewer")
    client.get(f"/waves/{story.wave}/results")
    environ = {"method": "GET", "path": f"/waves/{story.wave}/results"}
    spent = []
    for _ in range(5):
        begun = time.perf_counter()
        # The checks of the checking client are no part of the page.
        answer = super(type(client), client).open(**environ)
        spent.append(time.perf_counter() - begun)
        assert answer.status_code == 200
    assert min(spent) < 0.2, spent


def test_every_group_hidden_leaves_who_answered(sqlite_world: World) -> None:
    """One partner and one champion: no protected figure anywhere, and the page still reads well."""
    people, about = example_waves.not_yet()
    found = document(people, about)
    html = read(tell(sqlite_world, **found))
    assert "Buy-in cannot be shown: too few people answered." in html
    assert "Who is missing" in html
    assert "3 of 3 partners have not answered" in html
    assert means(html, "worth_it") == ["4.0 (1)", "", "", ""]


def test_no_difference_is_said_with_the_closest_call(sqlite_world: World) -> None:
    people, about = example_waves.ready()
    html = read(tell(sqlite_world, **document(people, about)))
    assert "We found no clear disagreement. With 7 people, only large gaps can be seen." in html


def test_an_older_look_says_that_answers_have_come_since(sqlite_world: World) -> None:
    people, about = example_waves.ready()
    found = take_snapshot(
        load(), load_texts(), about, people, snapshot_id="s1", taken_at=CLOSED, kind="interim"
    ).document()
    story = tell(sqlite_world, **found)
    with sqlite_world.writing() as session:
        session.scalars(select(Snapshot)).one().kind = "interim"
        session.get(Wave, story.wave).state = "open"
        session.commit()
    assert "since this look" not in read(story)
    sqlite_world.clock.move(hours=1)
    with sqlite_world.writing() as session:
        for response in session.scalars(select(Response).where(Response.state == "sent")):
            response.saved_at = sqlite_world.clock.now()
        session.commit()
    html = read(story)
    assert "1 answer has come or changed since this look." in html
    assert "<h1>So far: " in html
    assert "Action plan" not in html, "a look while the round is open is no base for a plan"
