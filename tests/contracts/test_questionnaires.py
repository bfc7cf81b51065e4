"""The questionnaire readiness-1 says what was agreed, item by item.

The expected tables are written out here, not derived from the file under test.
"""

from __future__ import annotations

from datetime import date

import pytest

from surveys.loader import check, load, published
from surveys.question_types import TYPES
from surveys.questionnaire import ROLES
from surveys.setup import Organization, Person, Setup

A5 = [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5), ("dk", None)]
A5_REVERSED = [("1", 5), ("2", 4), ("3", 3), ("4", 2), ("5", 1), ("dk", None)]
Y3 = [("yes", 5), ("partly", 3), ("no", 1), ("not_sure", None)]
COMMIT = [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)]
CLAIMED = [("agreed", 5), ("in_talks", 3), ("no", 1)]
PROMISED = [("named", 5), ("open", 4), ("perhaps", 3), ("no", 1)]


def unscored(*codes):
    return [(code, None) for code in codes]


# id: roles, class, roles that must answer, codes with scores (in order), wording.
ITEMS = {
    "who_decides": (
        "CPX",
        "O",
        "CPX",
        [
            ("convener", 1),
            ("everyone", 3),
            ("leaders", 5),
            ("trainers", 1),
            ("funders", 1),
            ("not_sure", None),
        ],
        "As you understand it, who will choose what this partnership works on?",
    ),
    "geo_fit": (
        "CPX",
        "O",
        "CPX",
        A5,
        (
            "Asked to draw the home of their industry on a map, company leaders would draw about "
            "this area."
        ),
    ),
    "def_clear": (
        "CPX",
        "O",
        "CPX",
        A5,
        "With this description I could tell if a company is in or out.",
    ),
    "size_right": (
        "CPX",
        "O",
        "CPX",
        A5,
        "Area and industry together are about the right size: not too small, not too wide.",
    ),
    "types_missing": (
        "CPX",
        "O",
        "CPX",
        unscored("none", "some", "too_many", "not_sure"),
        (
            "Does the description leave out kinds of business that should be in, such as suppliers "
            "or services?"
        ),
    ),
    "criteria_wanted": (
        "CPX",
        "O",
        "",
        unscored("job_quality", "common_focus", "firm_size", "located_here", "other"),
        "What should decide whether a company belongs? Choose all that matter.",
    ),
    "worth_it": (
        "CPX",
        "P",
        "CPX",
        A5,
        (
            "Working on shared needs in a group led by companies is a good use of my "
            "organization's time."
        ),
    ),
    "can_deliver": (
        "CPX",
        "P",
        "CPX",
        A5,
        (
            "A group led by companies could do something here in the next year that none of us "
            "could do alone."
        ),
    ),
    "stay_with": (
        "CPX",
        "P",
        "CPX",
        A5,
        "I expect my organization to still be taking part a year after the launch.",
    ),
    "weight": (
        "CPX",
        "P",
        "CP",
        [("lot", 5), ("some", 3), ("little", 1), ("dk", None)],
        "When each of these speaks, how much do company leaders in this industry listen?",
    ),
    "other_orgs": (
        "CPX",
        "O",
        "",
        [],
        "Who else do company leaders in this industry listen to? Name up to three organizations.",
    ),
    "convener_standing": (
        "CPX",
        "P",
        "CPX",
        A5,
        "Companies that compete with each other would trust the convening team to be fair.",
    ),
    "follows_industry": (
        "CPX",
        "P",
        "CPX",
        A5,
        (
            "If company leaders pick a goal the convening team would not have picked, the team "
            "will still work on it."
        ),
    ),
    "keeps_word": (
        "CPX",
        "P",
        "CPX",
        A5,
        "When the convening team says it will do something, it does it.",
    ),
    "capacity_enough": (
        "CP",
        "P",
        "CP",
        A5,
        (
            "The convening team has enough staff time to keep this going for six months after the "
            "launch."
        ),
    ),
    "champions_pull": (
        "CP",
        "P",
        "",
        A5,
        "Other company leaders would come because these champions ask them.",
    ),
    "launch_timing": (
        "CPX",
        "O",
        "CPX",
        unscored("yes", "yes_if", "later", "not_sure"),
        "The launch is planned for {launch_date}. Should it go ahead then?",
    ),
    "biggest_risk": ("CPX", "P", "", [], "What is most likely to make this fizzle out?"),
    "c_evidence": (
        "C",
        "O",
        "C",
        unscored("lmi", "employer_list", "partners", "leaders", "none"),
        "What is this scope based on? Choose all that apply.",
    ),
    "c_company_count": (
        "C",
        "O",
        "C",
        [],
        (
            "About how many companies fit this description and could be invited? Count companies, "
            "not sites."
        ),
    ),
    "c_org_understands": (
        "C",
        "O",
        "C",
        Y3,
        "{organization}: does it understand how a sector partnership works?",
    ),
    "c_org_commit": (
        "C",
        "O",
        "C",
        [*COMMIT, ("dk", None)],
        "{organization}: how far would it go today?",
    ),
    "c_map_complete": (
        "C",
        "O",
        "",
        A5,
        "We know every group that brings these employers together.",
    ),
    "c_champ_spread": ("C", "O", "C", Y3, "Will the champions ask their peers to come?"),
    "c_model": (
        "C",
        "O",
        "C",
        unscored("one", "several_agreed", "several_open"),
        "Is there one convener, or several?",
    ),
    "c_fte": (
        "C",
        "O",
        "C",
        [],
        (
            "How much staff time does the whole convening team have for project management and "
            "administration? Add up all its organizations. 1 = one full-time person, 0.5 = "
            "half-time."
        ),
    ),
    "c_fte_months": (
        "C",
        "O",
        "C",
        [],
        "For how many months after the launch is this staff time paid for?",
    ),
    "c_fte_named": ("C", "O", "C", Y3, "Is there a named person who will do this work?"),
    "c_help_facilitate": ("C", "O", "C", CLAIMED, "Has a partner agreed to run meetings?"),
    "c_help_broker": (
        "C",
        "O",
        "C",
        CLAIMED,
        "Has a partner agreed to open doors to company leaders?",
    ),
    "c_help_advise": ("C", "O", "C", CLAIMED, "Has a partner agreed to advise on strategy?"),
    "p_org": ("P", "C", "P", [], "Your organization"),
    "p_convenes": (
        "P",
        "O",
        "P",
        unscored("regularly", "sometimes", "no"),
        "Do you already bring these employers to one table?",
    ),
    "p_ceo_ties": (
        "P",
        "O",
        "P",
        unscored("0", "1_3", "4_10", "more"),
        "How many CEOs or owners in this industry would take your call this week?",
    ),
    "p_explain": (
        "P",
        "O",
        "P",
        A5,
        (
            "I could explain to a business owner, in two minutes, how this differs from an "
            "advisory board."
        ),
    ),
    "commit_level": ("P", "C", "P", COMMIT, "How far is your organization ready to go today?"),
    "p_overlap": (
        "P",
        "P",
        "P",
        A5_REVERSED,
        "This would compete with something we already run.",
    ),
    "p_help_facilitate": (
        "P",
        "C",
        "P",
        PROMISED,
        "In the first six months, will you help run meetings?",
    ),
    "p_help_broker": (
        "P",
        "C",
        "P",
        PROMISED,
        "In the first six months, will you introduce company leaders to the team?",
    ),
    "p_help_advise": (
        "P",
        "C",
        "P",
        PROMISED,
        "In the first six months, will you advise the team on strategy?",
    ),
    "p_hours": ("P", "C", "", [], "About how many staff hours a month could you give?"),
    "p_need": ("P", "P", "", [], "What would it take for you to do more?"),
    "x_as": ("X", "C", "X", unscored("self", "delegate"), "Who is answering?"),
    "x_subsector": ("X", "C", "X", unscored("other"), "Which is closest to your business?"),
    "x_sign": (
        "X",
        "C",
        "X",
        unscored("yes", "after_wording", "not_yet", "no"),
        (
            "The invitation to the launch is a letter from champions to other company leaders. "
            "Will you sign it?"
        ),
    ),
    "x_welcome": (
        "X",
        "C",
        "X",
        unscored("yes", "if_date", "not_yet", "no"),
        "Will you say a few words of welcome at the launch on {launch_date}?",
    ),
    "x_spread": (
        "X",
        "C",
        "X",
        unscored("0", "1_2", "3_5", "6_more"),
        "How many leaders of other companies will you invite in person?",
    ),
}

LABELS = {
    "who_decides": [
        "The convening organization",
        "Everyone around the table",
        "Business leaders in it",
        "Training providers",
        "Public agencies that fund it",
        "Not sure",
    ],
    "geo_fit": [
        "Strongly disagree",
        "Disagree",
        "Neither",
        "Agree",
        "Strongly agree",
        "I don't know",
    ],
    "types_missing": [
        "No, it is about right",
        "Yes, some are missing",
        "No, it already takes in too many",
        "Not sure",
    ],
    "criteria_wanted": [
        "Pay and chances to move up",
        "A shared market, product or process",
        "Number of employees",
        "Being located in the area",
        "Something else",
    ],
    "weight": ["A lot", "Some", "Little", "I don't know it"],
    "launch_timing": ["Yes", "Yes, once one thing is fixed", "Later", "Not sure"],
    "c_evidence": [
        "Published labor-market data",
        "A list of employers",
        "What partners know",
        "Talks with at least three company leaders",
        "None of these",
    ],
    "c_org_understands": ["Yes", "Partly", "No", "Not sure"],
    "c_org_commit": [
        "Nothing for now",
        "Be kept informed",
        "Come to meetings",
        "Give staff time or make introductions",
        "Do that and say so in public",
        "Not sure",
    ],
    "c_champ_spread": ["Yes", "Some of them", "No", "Not sure"],
    "c_model": [
        "One",
        "Several, and who does what is agreed",
        "Several, and who does what is not agreed yet",
    ],
    "c_fte_named": ["Yes", "For part of it", "No", "Not sure"],
    "c_help_broker": ["Agreed", "In talks", "No"],
    "p_convenes": ["Yes, regularly", "Now and then", "No"],
    "p_ceo_ties": ["0", "1 to 3", "4 to 10", "More"],
    "p_help_advise": ["Yes, and I know who", "Yes, person not chosen yet", "Perhaps", "No"],
    "x_as": ["I run the company or this site", "I answer for the person who does"],
    "x_sign": ["Yes", "Yes, once I have seen the wording", "Not yet", "No"],
    "x_welcome": ["Yes", "Yes, if the date works", "Not yet", "No"],
    "x_spread": ["0", "1 or 2", "3 to 5", "6 or more"],
}

SECTIONS = {
    "convener": [
        (
            "scope",
            "who_decides geo_fit def_clear size_right types_missing c_evidence c_company_count",
        ),
        ("partners", "c_org_understands c_org_commit c_map_complete"),
        ("champions", "c_champ_spread champions_pull"),
        (
            "team",
            (
                "c_model c_fte c_fte_months c_fte_named capacity_enough convener_standing "
                "follows_industry keeps_word"
            ),
        ),
        ("help", "c_help_facilitate c_help_broker c_help_advise"),
        ("worth", "worth_it can_deliver stay_with"),
        ("weights", "weight"),
        ("closing", "launch_timing"),
        ("more", "criteria_wanted other_orgs biggest_risk"),
    ],
    "partner": [
        ("you", "p_org p_convenes p_ceo_ties"),
        ("scope", "who_decides p_explain geo_fit def_clear size_right types_missing"),
        (
            "part",
            "commit_level p_help_facilitate p_help_broker p_help_advise p_hours launch_timing",
        ),
        ("worth", "worth_it can_deliver stay_with p_overlap"),
        ("team", "convener_standing follows_industry keeps_word capacity_enough champions_pull"),
        ("weights", "weight"),
        ("more", "criteria_wanted other_orgs p_need biggest_risk"),
    ],
    "champion": [
        ("you", "x_as x_subsector"),
        ("scope", "who_decides geo_fit def_clear size_right types_missing"),
        ("part", "x_sign x_welcome x_spread launch_timing"),
        ("worth", "worth_it can_deliver stay_with"),
        ("team", "convener_standing follows_industry keeps_word"),
        ("weights", "weight"),
        ("more", "criteria_wanted other_orgs biggest_risk"),
    ],
}
CHAMPION_TITLES = {
    "scope": "The area and the companies",
    "part": "Your part",
    "worth": "Is it worth your time?",
    "team": "The convening team: {convening_team}",
}
LETTERS = {"convener": "C", "partner": "P", "champion": "X"}

READINESS = load("readiness-1")
SETUP = Setup(
    sub_sectors=("Metal", "Food"),
    organizations=(Organization("guild", "Guild"), Organization("bank", "Bank")),
    convening_team="the Workforce Board",
    launch_date=date(2027, 5, 4),
)


def wordings(role, setup=SETUP, organization=None):
    pages = READINESS.asked(Person(role, organization), setup)
    return {one.field: one for page in pages for one in page.asked}


def test_the_item_bank_has_every_item_and_no_other():
    bank = [key for key, question in READINESS.questions.items() if not question.why]
    assert bank == list(ITEMS)


@pytest.mark.parametrize("item", ITEMS)
def test_item_is_asked_of_its_roles_in_its_words_with_its_codes(item):
    roles, item_class, required, codes, wording = ITEMS[item]
    question = READINESS.questions[item]
    assert "".join(LETTERS[role] for role in question.roles) == roles
    assert question.item_class == item_class
    needed = "".join(LETTERS[role] for role in question.roles if question.required[role])
    assert needed == required
    assert [(option.code, option.score) for option in question.options] == codes
    first = question.roles[0]
    assert question.wording[first] == wording
    assert question.kind in TYPES


@pytest.mark.parametrize("item", LABELS)
def test_options_stand_in_their_order_and_words(item):
    assert [option.label for option in READINESS.questions[item].options] == LABELS[item]


def test_every_agreement_and_help_item_shares_its_scale():
    for key, (_, _, _, codes, _) in ITEMS.items():
        labels = [option.label for option in READINESS.questions[key].options]
        if codes is A5 or codes is A5_REVERSED:
            assert labels == LABELS["geo_fit"], key
        if codes is PROMISED:
            assert labels == LABELS["p_help_advise"], key


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (
            "worth_it",
            "Working on shared needs in a group led by companies is a good use of my time.",
        ),
        ("stay_with", "I expect my company to still be taking part a year after the launch."),
        ("weight", "When each of these speaks, how much do you listen?"),
    ],
)
def test_champions_read_their_own_words(item, words):
    question = READINESS.questions[item]
    assert question.wording["champion"] == words
    assert question.wording["convener"] == question.wording["partner"] != words


@pytest.mark.parametrize("role", ROLES)
def test_sections_and_their_questions_stand_in_order(role):
    found = [
        (section.id, " ".join(key for key in section.questions if not key.startswith("why--")))
        for section in READINESS.sections[role]
    ]
    assert found == SECTIONS[role]
    assert [section.id for section in READINESS.sections[role] if section.optional] == ["more"]
    for section in READINESS.sections[role]:
        assert section.title
        assert section.reason.endswith((".", "?"))


def test_champion_sections_have_the_agreed_titles():
    found = {section.id: section.title for section in READINESS.sections["champion"]}
    assert {key: found[key] for key in CHAMPION_TITLES} == CHAMPION_TITLES


def test_an_open_box_ends_every_main_section_but_not_the_champions():
    for role in ("convener", "partner"):
        for section in READINESS.sections[role]:
            boxes = [key for key in section.questions if key.startswith("why--")]
            assert boxes == ([] if section.optional else [f"why--{section.id}"])
            for key in boxes:
                box = READINESS.questions[key]
                assert section.questions[-1] == key
                assert (box.item_class, box.limit, box.required[role]) == ("P", 500, False)
    assert not any(
        key.startswith("why--")
        for section in READINESS.sections["champion"]
        for key in section.questions
    )


def test_constructs_are_the_three_agreed():
    found = {key: (one.items, one.item_class) for key, one in READINESS.constructs.items()}
    assert found == {
        "scope_fit": (("geo_fit", "def_clear", "size_right"), "O"),
        "buy_in": (("worth_it", "can_deliver", "stay_with"), "P"),
        "standing": (("convener_standing", "follows_industry", "keeps_word"), "P"),
    }
    for key, (items, _) in found.items():
        assert all(READINESS.questions[item].construct == key for item in items)


def test_who_decides_comes_before_anything_that_could_give_it_away():
    giveaway = ("led by companies", "advisory board", "leaders pick", "leaders choose")
    for role in ROLES:
        before = []
        for page in READINESS.asked(Person(role), SETUP):
            before += [page.title, page.section.reason]
            stop = [one for one in page.asked if one.question.id == "who_decides"]
            if stop:
                break
            before += [one.wording for one in page.asked]
        assert stop
        assert not [text for text in before for words in giveaway if words in text.lower()]
        assert page.asked[0].question.id == "who_decides"


def test_numbers_have_their_bounds():
    found = {
        key: (question.least, question.most, question.step, question.unknown)
        for key, question in READINESS.questions.items()
        if question.kind == "number"
    }
    assert found == {
        "c_company_count": (0, 100_000, 1, True),
        "c_fte": (0, 10, 0.05, True),
        "c_fte_months": (0, 60, 1, True),
        "p_hours": (0, 1000, 0.5, False),
    }


def test_side_fields_belong_to_their_options():
    sides = {
        (key, option.code, "text" if option.text else "number")
        for key, question in READINESS.questions.items()
        for option in question.options
        if option.text or option.number
    }
    assert sides == {
        ("types_missing", "some", "text"),
        ("launch_timing", "yes_if", "text"),
        ("p_convenes", "sometimes", "text"),
        ("criteria_wanted", "firm_size", "number"),
    }
    excluding = [
        (key, option.code)
        for key, question in READINESS.questions.items()
        for option in question.options
        if option.excludes
    ]
    assert excluding == [("c_evidence", "none")]


def test_codes_for_not_knowing_are_never_scored():
    unsure = {
        option.code: option.score
        for question in READINESS.questions.values()
        for option in question.options
        if option.unsure
    }
    assert unsure == {"dk": None, "not_sure": None}
    assert not [
        (question.id, option.code)
        for question in READINESS.questions.values()
        for option in question.options
        if option.code in ("dk", "not_sure") and not option.unsure
    ]


def test_a_launch_date_is_named_and_its_absence_has_its_own_words():
    dated = wordings("champion")
    assert dated["launch_timing"].wording == (
        "The launch is planned for May 4, 2027. Should it go ahead then?"
    )
    assert dated["x_welcome"].wording == (
        "Will you say a few words of welcome at the launch on May 4, 2027?"
    )
    undated = wordings("champion", Setup())
    assert undated["launch_timing"].wording == (
        "Should the launch go ahead in the next three months?"
    )
    assert undated["x_welcome"].wording == "Will you say a few words of welcome at the launch?"


def test_the_published_questionnaires_have_no_fault():
    assert check() == []
    assert published() == ("readiness-1",)
