"""Facts of the set-up: what is taken, how it is cleaned, and every fault at once."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime

import pytest

from surveys.setup import FactsError, Organization, fact_names, parse_facts, setup_from

EVERYTHING = """
area = "Larimer and   Weld counties"
sector_definition = "Makers of parts."
naics = ["326", "31-33"]
sub_sectors = ["Metal", "Food"]
criteria = ["Job Quality", "common-focus", "firm_size"]
min_employees = 10
min_wage = 21.5
places = ["Weld"]
industries = ["332"]
ancillary_decided = "Partly"
launch_date = 2027-05-04
decision = "whether we launch in May"
results_date = "2027-04-01"
company_count = 140
convening_team = "the Board"
letter_draft = "Dear neighbor,\\n\\nCome."
show_champions = true
rate_organizations = ["guild"]

[[organizations]]
id = "guild"
name = "Guild of X"
kind = "Association"
around = "Talent"

[[organizations]]
name = "Bank"
kind = ""
"""


def faults_of(**facts):
    with pytest.raises(FactsError) as caught:
        parse_facts(facts)
    return [str(fault) for fault in caught.value.faults]


def test_every_fact_is_taken_and_cleaned():
    clean = parse_facts(tomllib.loads(EVERYTHING))
    assert set(clean) == set(fact_names())
    assert json.loads(json.dumps(clean)) == clean
    assert clean["area"] == "Larimer and Weld counties"
    assert clean["criteria"] == ["job_quality", "common_focus", "firm_size"]
    assert clean["ancillary_decided"] == "partly"
    assert clean["launch_date"] == "2027-05-04"
    assert clean["letter_draft"] == "Dear neighbor,\n\nCome."
    assert clean["organizations"] == [
        {"id": "guild", "name": "Guild of X", "kind": "association", "around": "Talent"},
        {"name": "Bank"},
    ]


def test_clean_facts_stay_as_they_are():
    clean = parse_facts(tomllib.loads(EVERYTHING))
    assert parse_facts(clean) == clean


def test_facts_make_a_set_up():
    clean = parse_facts(tomllib.loads(EVERYTHING))
    bodies = (Organization("guild", "Guild of X"),)
    setup = setup_from(clean, bodies, True, ["Ana Ruiz"])
    assert setup.launch_date == date(2027, 5, 4)
    assert setup.results_date == date(2027, 4, 1)
    assert setup.sub_sectors == ("Metal", "Food")
    assert setup.organizations == bodies
    assert setup.has_employer_list is True
    assert setup.champions == ("Ana Ruiz",)
    assert setup.rated_by_champions == bodies


def test_nothing_typed_is_an_empty_set_up():
    assert parse_facts({}) == {}
    assert setup_from({}, (), False, ()).area == ""


def test_blank_facts_are_absent_but_no_and_zero_are_facts():
    clean = parse_facts(
        {
            "area": "  ",
            "naics": [],
            "launch_date": None,
            "ancillary_decided": "",
            "show_champions": False,
            "company_count": 0,
        }
    )
    assert clean == {"show_champions": False, "company_count": 0}


def test_unknown_facts_are_named_with_the_known_ones():
    (fault,) = faults_of(aera="Weld")
    assert fault.startswith("aera: is not a fact; known facts are area, sector_definition")


def test_all_faults_come_at_once_with_their_place():
    found = faults_of(
        area=3,
        naics=["326", "abc", "1"],
        criteria=["wages"],
        launch_date="May 4",
        show_champions="yes",
        company_count=-1,
        organizations=[{"name": "A", "kind": "club"}, {"kind": "other"}, "B"],
    )
    assert found == [
        "area: must be a text",
        "naics 2: 'abc' is no NAICS code of 2 to 6 digits",
        "naics 3: '1' is no NAICS code of 2 to 6 digits",
        (
            "criteria 1: 'wages' must be one of job_quality, common_focus, firm_size, "
            "located_here, other, none"
        ),
        "launch_date: 'May 4' must be a date such as 2027-05-04",
        "show_champions: 'yes' must be true or false",
        "company_count: -1 must be between 0 and 100,000",
        "organizations 1: kind: 'club' must be one of association, convening, other",
        "organizations 2: name: is missing",
        "organizations 3: must be a table with a name",
    ]


@pytest.mark.parametrize("name", ["text", "number", "dk", "42", "a--b", "a b", "", "DK", "ä"])
def test_an_id_that_would_break_a_form_field_is_refused(name):
    (fault,) = faults_of(organizations=[{"name": "A", "id": name}])
    assert fault.startswith("organizations 1: id: ")


def test_two_organizations_of_one_name_or_id_are_refused():
    found = faults_of(
        organizations=[
            {"name": "Guild of X", "id": "a"},
            {"name": "guild  of x", "id": "b"},
            {"name": "C", "id": "a"},
        ]
    )
    assert found == [
        "organizations 2: name: 'guild  of x' is also that of organization 1",
        "organizations 3: id: 'a' is also that of organization 1",
    ]


def test_an_unknown_key_of_an_organization_is_named():
    assert faults_of(organizations=[{"name": "A", "type": "other"}]) == [
        "organizations 1: type: is not known; use name, kind, id, around"
    ]


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("sub_sectors", [f"Part {n}" for n in range(13)], "has 13 entries; 12 is the most"),
        ("rate_organizations", list("abcdef"), "has 6 entries; 5 is the most"),
        ("sub_sectors", "Metal", "must be a list"),
        ("criteria", ["none", "other"], "'none' stands alone"),
        ("launch_date", datetime(2027, 5, 4, 9, tzinfo=UTC), "must be a date such as 2027-05-04"),
        ("launch_date", "2027-02-30", "must be a date such as 2027-05-04"),
        ("min_employees", 2.5, "2.5 must be a whole number"),
        ("min_employees", True, "True must be a whole number"),
        ("min_wage", float("nan"), "nan must be a number"),
        ("area", "x" * 501, "has 501 characters; 500 is the most"),
        ("ancillary_decided", "maybe", "'maybe' must be one of yes, partly, no"),
    ],
)
def test_a_fact_out_of_its_bounds_is_refused(key, value, reason):
    (fault,) = faults_of(**{key: value})
    assert fault.startswith(f"{key}: ")
    assert reason in fault


def test_an_entry_that_comes_twice_or_is_blank_is_refused():
    assert faults_of(sub_sectors=["Metal", " metal", ""]) == [
        "sub_sectors 2: 'metal' comes twice",
        "sub_sectors 3: is blank",
    ]


@pytest.mark.fault("I11")
def test_I11_invisible_characters_are_stripped_from_facts():
    clean = parse_facts({"area": "We\u200bld\x00 \u202eCounty\n", "sub_sectors": ["Me\ufefftal"]})
    assert clean == {"area": "Weld County", "sub_sectors": ["Metal"]}
