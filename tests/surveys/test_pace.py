"""How long the forms take by the time model."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from surveys import pace
from surveys.loader import load
from surveys.questionnaire import Section
from surveys.setup import Organization, Person, Setup

NAMES = (
    "Front Range Manufacturers Alliance",
    "Poudre Valley Chamber of Commerce",
    "Greeley Area Chamber",
    "Weld County Economic Development Council",
    "Cache Community College",
    "Larimer Technical Institute",
    "High Plains Small Business Center",
    "Northern Machinists Guild",
)
SETUP = Setup(
    sub_sectors=("Machining and tooling", "Electronics", "Plastics", "Food equipment"),
    organizations=tuple(Organization(f"body{n}x", name) for n, name in enumerate(NAMES)),
    convening_team="the Larimer-Weld Workforce Board and the Growth Office",
    launch_date=date(2027, 5, 4),
    show_champions=True,
    champions=("Ana Ruiz, Ruiz Tool", "Bo Lee, Lee Plastics", "Cy Stone, Stone Foods"),
    letter_draft="Dear neighbor, " + "come and join us. " * 60,
)
FORM = load()


def pages(role, setup=SETUP):
    return FORM.asked(Person(role), setup)


def seconds(role):
    return sum(pace.seconds(page) for page in pages(role) if not page.section.optional)


def test_a_champion_needs_at_most_five_minutes_with_five_bodies_to_rate():
    assert seconds("champion") <= 5 * 60
    assert pace.minutes(pages("champion")) <= 5


def test_a_champion_answers_seventeen_questions_and_five_ratings_then_three_more_if_willing():
    assert pace.count(pages("champion")) == 17 + 5
    assert pace.count(pages("champion", replace(SETUP, organizations=()))) == 17
    assert pace.count_more(pages("champion")) == 3


def test_a_partner_needs_at_most_eight_minutes_with_eight_organizations():
    assert seconds("partner") <= 8 * 60
    assert pace.count_more(pages("partner")) == 4


def test_a_convener_needs_at_most_fifteen_minutes_with_eight_organizations():
    assert seconds("convener") <= 15 * 60


def test_minutes_are_rounded_up_and_never_zero():
    assert pace.minutes(()) == 1
    assert pace.minutes(pages("champion")) >= seconds("champion") / 60


def test_optional_pages_are_counted_apart():
    more = [page for page in pages("partner") if page.section.optional]
    assert pace.count(more) == 0
    assert pace.count_more(more) == 4


@pytest.mark.parametrize("role", ["convener", "partner"])
def test_open_boxes_are_no_questions(role):
    boxes = sum(one.question.why for page in pages(role) for one in page.asked)
    asked = sum(len(page.asked) for page in pages(role) if not page.section.optional)
    assert boxes > 0
    assert pace.count(pages(role)) == asked - boxes


def test_a_tap_takes_three_seconds_and_200_words_a_minute():
    (page,) = [one for one in pages("champion") if one.section.id == "you"]
    who = replace(page, asked=page.asked[:1], title="", section=Section("you", "", "", ()))
    # "Who is answering?" and its two options: 3 + 7 + 7 words.
    assert pace.seconds(who) == pytest.approx(17 / (200 / 60) + 3)


def test_a_folded_letter_costs_no_time_but_names_shown_do():
    part = {page.section.id: pace.seconds(page) for page in pages("champion")}
    bare = {
        page.section.id: pace.seconds(page)
        for page in pages("champion", replace(SETUP, letter_draft=""))
    }
    assert part == bare
    team = [one for one in pages("partner") if one.section.id == "team"]
    long = replace(SETUP, champions=SETUP.champions * 5)
    longer = [one for one in pages("partner", long) if one.section.id == "team"]
    assert pace.seconds(longer[0]) > pace.seconds(team[0])
