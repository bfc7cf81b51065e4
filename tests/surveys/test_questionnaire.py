"""What one person is asked, as the set-up has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from surveys.loader import load
from surveys.setup import Organization, Person, Setup

FORM = load()
BODIES = tuple(Organization(f"body{letter}", f"Body {letter}") for letter in "abcdefghijklmn")


def asked(role, setup, organization=None, name=""):
    pages = FORM.asked(Person(role, organization, name), setup)
    return {one.field: one for page in pages for one in page.asked}


def sections(role, setup):
    return [page.section.id for page in FORM.asked(Person(role), setup)]


def test_a_role_there_is_not_is_refused():
    with pytest.raises(ValueError, match="no role is called 'ceo'"):
        FORM.asked(Person("ceo"), Setup())


def test_rows_stand_for_each_organization_with_one_lead():
    rows = [
        one
        for one in asked("partner", Setup(organizations=BODIES[:3])).values()
        if one.question.id == "weight"
    ]
    assert [one.field for one in rows] == ["weight--bodya", "weight--bodyb", "weight--bodyc"]
    assert [one.wording for one in rows] == ["Body a", "Body b", "Body c"]
    assert [bool(one.lead) for one in rows] == [True, False, False]
    assert rows[0].lead.startswith("When each of these speaks")


def test_the_own_row_is_hidden_and_the_lead_stays():
    setup = Setup(organizations=BODIES[:3])
    rows = [one for one in asked("partner", setup, "bodya").values() if one.about]
    assert [one.about.id for one in rows] == ["bodyb", "bodyc"]
    assert rows[0].lead


def test_conveners_judge_every_organization_even_their_own():
    setup = Setup(organizations=BODIES[:2])
    fields = asked("convener", setup, "bodya")
    assert "c_org_commit--bodya" in fields
    assert "weight--bodya" not in fields


def test_at_most_twelve_are_rated_and_by_champions_the_first_five():
    setup = Setup(organizations=BODIES)
    partner = [field for field in asked("partner", setup) if field.startswith("weight--")]
    champion = [field for field in asked("champion", setup) if field.startswith("weight--")]
    assert len(partner) == 12
    assert champion == [f"weight--body{letter}" for letter in "abcde"]


def test_champions_rate_the_bodies_chosen_for_them():
    setup = Setup(organizations=BODIES, rate_organizations=("bodyh", " body B", "gone"))
    champion = [field for field in asked("champion", setup) if field.startswith("weight--")]
    assert champion == ["weight--bodyh", "weight--bodyb"]


def test_champions_rate_the_first_five_when_none_of_the_chosen_is_there():
    setup = Setup(organizations=BODIES, rate_organizations=("gone",))
    assert len(setup.rated_by_champions) == 5


def test_sections_without_questions_are_left_out():
    assert "weights" not in sections("champion", Setup())
    assert "weights" in sections("champion", Setup(organizations=BODIES[:1]))
    # An open box alone is no section.
    assert "weights" not in sections("partner", Setup())


def test_company_count_is_asked_only_without_an_employer_list():
    assert "c_company_count" in asked("convener", Setup())
    assert "c_company_count" not in asked("convener", Setup(has_employer_list=True))


def test_sub_sectors_are_options_in_set_up_order():
    setup = Setup(sub_sectors=("Metal", "Food"))
    options = asked("champion", setup)["x_subsector"].options
    assert [(one.code, one.label) for one in options] == [
        ("s1", "Metal"),
        ("s2", "Food"),
        ("other", "Other"),
    ]
    assert "x_subsector" not in asked("champion", Setup())


def test_champions_names_are_shown_to_partners_only_if_the_team_agrees():
    hidden = Setup(champions=("Ana Ruiz", "Bo Lee"))
    shown = replace(hidden, show_champions=True)
    assert "champions_pull" not in asked("partner", hidden)
    assert asked("partner", shown)["champions_pull"].reveal.paragraphs == ("Ana Ruiz", "Bo Lee")
    assert asked("convener", hidden)["champions_pull"].reveal.paragraphs == ("Ana Ruiz", "Bo Lee")
    assert "champions_pull" not in asked("convener", Setup(show_champions=True))


def test_the_letter_is_folded_under_the_question_about_it():
    one = asked("champion", Setup(letter_draft="Dear neighbor,\n\nCome.\n"))["x_sign"]
    assert one.reveal.paragraphs == ("Dear neighbor,", "Come.")
    assert one.reveal.folded
    assert asked("champion", Setup())["x_sign"].reveal is None


def test_the_organization_name_is_filled_in():
    assert asked("partner", Setup(), name="Guild of X")["p_org"].prefill == "Guild of X"


def test_braces_in_names_stay_as_they_were_typed():
    body = Organization("odd", "{launch_date} {x} Club")
    setup = Setup(organizations=(body,), launch_date=date(2027, 5, 4))
    assert asked("partner", setup)["weight--odd"].wording == "{launch_date} {x} Club"


def test_the_team_title_reads_well_without_a_team_name():
    titles = {page.section.id: page.title for page in FORM.asked(Person("champion"), Setup())}
    assert titles["team"] == "The convening team"
    named = FORM.asked(Person("champion"), Setup(convening_team="the Board"))
    assert [page.title for page in named if page.section.id == "team"] == [
        "The convening team: the Board"
    ]


def test_a_section_carries_the_label_most_of_its_questions_have():
    pages = {page.section.id: page for page in FORM.asked(Person("partner"), Setup())}
    assert pages["scope"].item_class == "O"
    assert pages["part"].item_class == "C"
    assert pages["worth"].item_class == "P"


def test_forms_differ_between_people_only_by_their_own_row():
    setup = Setup(organizations=BODIES[:3])
    first, second = asked("partner", setup, "bodya"), asked("partner", setup, "bodyb")
    assert set(first) ^ set(second) == {"weight--bodya", "weight--bodyb"}
