"""Every question type: empty, least, greatest, nonsense, and the way to a score and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from surveys.loader import load
from surveys.question_types import KINDS, TYPES, type_of
from surveys.questionnaire import Asked, Option
from surveys.setup import Organization

FORM = load()
BODY = Organization("guild", "Northern Guild")
SUB_SECTORS = tuple(Option(f"s{number}", f"Part {number}") for number in range(1, 13))

# One question of each kind, with its least and its greatest answer as a browser sends them, and
# what is stored of each.
CASES = {
    "single_choice": (
        "who_decides",
        ({"who_decides": ["convener"]}, {"who_decides": "convener"}),
        ({"who_decides": ["leaders"]}, {"who_decides": "leaders"}),
    ),
    "several_choices": (
        "criteria_wanted",
        ({"criteria_wanted": ["other"]}, {"criteria_wanted": ["other"]}),
        (
            {
                "criteria_wanted": [
                    "other",
                    "located_here",
                    "firm_size",
                    "common_focus",
                    "job_quality",
                ],
                "criteria_wanted--number": ["100,000"],
            },
            {
                "criteria_wanted": [
                    "job_quality",
                    "common_focus",
                    "firm_size",
                    "located_here",
                    "other",
                ],
                "criteria_wanted--number": 100_000,
            },
        ),
    ),
    "agreement": (
        "geo_fit",
        ({"geo_fit": ["1"]}, {"geo_fit": "1"}),
        ({"geo_fit": ["5"]}, {"geo_fit": "5"}),
    ),
    "yes_partly_no": (
        "c_org_understands",
        ({"c_org_understands--guild": ["no"]}, {"c_org_understands--guild": "no"}),
        ({"c_org_understands--guild": ["yes"]}, {"c_org_understands--guild": "yes"}),
    ),
    "ladder": (
        "commit_level",
        ({"commit_level": ["1"]}, {"commit_level": "1"}),
        ({"commit_level": ["5"]}, {"commit_level": "5"}),
    ),
    "rating": (
        "weight",
        ({"weight--guild": ["little"]}, {"weight--guild": "little"}),
        ({"weight--guild": ["lot"]}, {"weight--guild": "lot"}),
    ),
    "sub_sector": (
        "x_subsector",
        ({"x_subsector": ["s1"]}, {"x_subsector": "s1"}),
        ({"x_subsector": ["other"]}, {"x_subsector": "other"}),
    ),
    "choice_with_text": (
        "types_missing",
        ({"types_missing": ["none"]}, {"types_missing": "none"}),
        (
            {"types_missing": ["some"], "types_missing--text": ["w" * 300]},
            {"types_missing": "some", "types_missing--text": "w" * 300},
        ),
    ),
    "number": (
        "c_fte",
        ({"c_fte": ["0"]}, {"c_fte": 0.0}),
        ({"c_fte": ["10"]}, {"c_fte": 10.0}),
    ),
    "short_text": (
        "p_org",
        ({"p_org": ["A"]}, {"p_org": "A"}),
        ({"p_org": ["A" * 120]}, {"p_org": "A" * 120}),
    ),
    "long_text": (
        "biggest_risk",
        ({"biggest_risk": ["?"]}, {"biggest_risk": "?"}),
        ({"biggest_risk": ["a\r\nb" * 250]}, {"biggest_risk": "a\nb" * 250}),
    ),
    "lines": (
        "other_orgs",
        ({"other_orgs--2": ["Guild"]}, {"other_orgs--2": "Guild"}),
        (
            {f"other_orgs--{number}": ["G" * 120] for number in (1, 2, 3)},
            {f"other_orgs--{number}": "G" * 120 for number in (1, 2, 3)},
        ),
    ),
}

# Answers no page offers, by kind; each is refused at the field named.
NONSENSE = {
    "single_choice": [
        ("who_decides", ["nobody"]),
        ("who_decides", ["leaders", "leaders"]),
        ("who_decides", ["Leaders"]),
    ],
    "several_choices": [
        ("criteria_wanted", ["job_quality", "wages"]),
        ("criteria_wanted", ["other", "other"]),
        ("criteria_wanted", ["other", ""]),
    ],
    "agreement": [
        ("geo_fit", ["0"]),
        ("geo_fit", ["6"]),
        ("geo_fit", ["4.5"]),
        ("geo_fit", [" 5"]),
        ("geo_fit", ["[5]"]),
        ("geo_fit", ["5", "1"]),
        ("geo_fit", ["not_sure"]),
    ],
    "yes_partly_no": [("c_org_understands--guild", ["dk"])],
    "ladder": [("commit_level", ["dk"]), ("commit_level", ["0"])],
    "rating": [("weight--guild", ["5"]), ("weight--guild", ["lot", "some"])],
    "sub_sector": [("x_subsector", ["s13"]), ("x_subsector", ["s0"])],
    "choice_with_text": [
        ("types_missing", ["maybe"]),
        ("types_missing--text", ["w" * 301]),
        ("types_missing--text", ["a", "b"]),
    ],
    "number": [
        ("c_fte", ["half"]),
        ("c_fte", ["-0.5"]),
        ("c_fte", ["10.05"]),
        ("c_fte", ["0.33"]),
        ("c_fte", ["1e1"]),
        ("c_fte", ["nan"]),
        ("c_fte", ["0,5"]),
        ("c_fte", ["."]),
        ("c_fte", ["٣"]),
        ("c_fte", ["1", "2"]),
        ("c_fte--dk", ["on"]),
    ],
    "short_text": [("p_org", ["A" * 121]), ("p_org", ["A", "B"])],
    "long_text": [("biggest_risk", ["A" * 1001]), ("biggest_risk", ["A", "B"])],
    "lines": [("other_orgs--3", ["A" * 121]), ("other_orgs--1", ["A", "B"])],
}


def asked_as(kind, **changes):
    question = FORM.questions[CASES[kind][0]]
    role = question.roles[0]
    return Asked(
        question=replace(question, **changes),
        role=role,
        about=BODY if question.about else None,
        wording=question.wording[role],
        options=SUB_SECTORS + question.options if kind == "sub_sector" else question.options,
        required=True,
    )


def optional(asked):
    return replace(asked, required=False)


def posted(asked, sent):
    form = BaseForm(type_of(asked.question).fields(asked))
    form.process(MultiDict([(name, one) for name, values in sent.items() for one in values]))
    form.validate()
    return form


def stored(asked, sent):
    form = posted(asked, sent)
    assert form.errors == {}
    return type_of(asked.question).stored(asked, form.data)


def test_every_type_is_tried_here():
    assert [kind.name for kind in KINDS] == list(TYPES) == list(CASES) == list(NONSENSE)


@pytest.mark.parametrize("kind", CASES)
def test_nothing_is_missing_and_stored_as_nothing(kind):
    asked = optional(asked_as(kind))
    kind_of = type_of(asked.question)
    blank = {name: [""] for name in kind_of.fields(asked)}
    for sent in ({}, blank):
        if kind != "several_choices" or sent is not blank:
            assert stored(asked, sent) == {}
    assert kind_of.state(asked.question, asked.field, {}) == "missing"
    assert kind_of.words(asked, {}) == ""


@pytest.mark.parametrize("kind", CASES)
def test_nothing_is_refused_where_an_answer_is_needed(kind):
    asked = asked_as(kind)
    form = posted(asked, {})
    messages = [message for errors in form.errors.values() for message in errors]
    assert len(messages) == 1
    assert messages[0].split()[0] in {"Choose", "Enter", "Write"}
    blank = posted(asked, {name: [" "] for name in form.data})
    assert blank.errors


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("which", [1, 2])
def test_least_and_greatest_are_stored_and_come_back(kind, which):
    asked = asked_as(kind)
    sent, kept = CASES[kind][which]
    assert stored(asked, sent) == kept
    kind_of = type_of(asked.question)
    assert kind_of.state(asked.question, asked.field, kept) == "answered"
    assert kind_of.words(asked, kept)
    again = {
        name: value if isinstance(value, list) else [value]
        for name, value in kind_of.typed(asked, kept).items()
        if value not in ("", [])
    }
    assert stored(asked, again) == kept


@pytest.mark.parametrize(
    ("kind", "field", "values"),
    [(kind, field, values) for kind, tries in NONSENSE.items() for field, values in tries],
)
@pytest.mark.fault("I20", "W15")
def test_I20_W15_nonsense_is_refused_at_its_field_and_kept(kind, field, values):
    asked = asked_as(kind)
    good = {name: values for name, values in CASES[kind][1][0].items() if name != field}
    form = posted(asked, {**good, field: values})
    assert list(form.errors) == [field]
    assert len(form.errors[field]) == 1
    assert form.data[field] == (values if kind == "several_choices" else values[0])
    message = form.errors[field][0].lower()
    assert not any(word in message for word in ("please", "sorry", "valid", "oops"))


@pytest.mark.parametrize("key", [key for key, one in FORM.questions.items() if one.scored])
def test_every_scored_option_goes_to_its_score_and_no_other_does(key):
    question = FORM.questions[key]
    kind = type_of(question)
    scores = {option.code: kind.score(question, option.code) for option in question.options}
    assert {code for code, score in scores.items() if score is None} == {
        option.code for option in question.options if option.unsure
    }
    assert max(one for one in scores.values() if one is not None) == 5
    assert min(one for one in scores.values() if one is not None) == 1
    assert kind.score(question, None) is None
    assert kind.score(question, "no such code") is None
    assert kind.score(question, ["1"]) is None


def test_agreeing_with_an_overlap_scores_low():
    question = FORM.questions["p_overlap"]
    assert type_of(question).score(question, "5") == 1
    assert type_of(question).score(question, "2") == 4
    assert type_of(question).score(question, "dk") is None


@pytest.mark.parametrize(
    ("key", "code"),
    [("geo_fit", "dk"), ("who_decides", "not_sure"), ("weight", "dk"), ("c_org_commit", "dk")],
)
def test_not_knowing_is_an_answer_without_a_score(key, code):
    question = FORM.questions[key]
    kind = type_of(question)
    assert kind.state(question, key, {key: code}) == "dont_know"
    assert kind.score(question, code) is None


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("agreement", 'Choose an answer, or "I don\'t know"'),
        ("yes_partly_no", 'Choose an answer, or "Not sure"'),
        ("rating", 'Choose an answer, or "I don\'t know it"'),
        ("ladder", "Choose an answer"),
        ("several_choices", "Choose at least one answer"),
        ("number", 'Enter a number, such as 0.5, or choose "I don\'t know"'),
        ("short_text", "Write an answer"),
    ],
)
def test_a_gap_says_what_to_do(kind, message):
    assert list(posted(asked_as(kind), {}).errors.values()) == [[message]]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("half", "Enter a number, such as 0.5"),
        ("11", "Enter a number between 0 and 10"),
        ("-1", "Enter a number between 0 and 10"),
        ("0.12", "Enter a number in steps of 0.05, such as 0.5"),
    ],
)
def test_a_number_refused_names_bounds_or_shows_one(typed, message):
    assert posted(asked_as("number"), {"c_fte": [typed]}).errors == {"c_fte": [message]}


@pytest.mark.parametrize(
    ("typed", "number"), [("0.5", 0.5), (".5", 0.5), (" 1 ", 1.0), ("0.15", 0.15), ("+2", 2.0)]
)
def test_a_number_is_taken_as_people_write_it(typed, number):
    assert stored(asked_as("number"), {"c_fte": [typed]}) == {"c_fte": number}


@given(st.integers(min_value=0, max_value=200))
def test_every_step_of_staff_time_can_be_given(twentieths):
    typed = f"{twentieths / 20:.2f}"
    assert stored(asked_as("number"), {"c_fte": [typed]}) == {"c_fte": float(typed)}


def test_whole_numbers_are_asked_for_as_such():
    question = FORM.questions["c_company_count"]
    asked = Asked(question, "convener", None, "How many?", (), required=True)
    assert stored(asked, {"c_company_count": ["1,250"]}) == {"c_company_count": 1250}
    assert posted(asked, {"c_company_count": ["12.5"]}).errors == {
        "c_company_count": ["Enter a whole number, such as 120"]
    }
    assert posted(asked, {"c_company_count": ["100001"]}).errors == {
        "c_company_count": ["Enter a number between 0 and 100,000"]
    }


def test_not_knowing_a_number_is_stored_in_its_own_field():
    asked = asked_as("number")
    kept = stored(asked, {"c_fte--dk": ["dk"]})
    assert kept == {"c_fte--dk": "dk"}
    kind = type_of(asked.question)
    assert kind.state(asked.question, "c_fte", kept) == "dont_know"
    assert kind.words(asked, kept) == "I don't know"
    assert kind.typed(asked, kept) == {"c_fte": "", "c_fte--dk": "dk"}


def test_a_number_and_not_knowing_it_together_are_refused():
    form = posted(asked_as("number"), {"c_fte": ["0.5"], "c_fte--dk": ["dk"]})
    assert form.errors == {"c_fte": ['Enter a number or choose "I don\'t know", not both']}
    assert form.data == {"c_fte": "0.5", "c_fte--dk": "dk"}


def test_none_of_these_rules_out_the_rest():
    question = FORM.questions["c_evidence"]
    asked = Asked(question, "convener", None, "?", question.options, required=True)
    assert stored(asked, {"c_evidence": ["none"]}) == {"c_evidence": ["none"]}
    both = posted(asked, {"c_evidence": ["lmi", "none"]})
    assert both.errors == {"c_evidence": ['Choose "None of these" alone, or take it away']}


def test_a_company_size_needs_its_tick():
    asked = optional(asked_as("several_choices"))
    form = posted(asked, {"criteria_wanted": ["other"], "criteria_wanted--number": ["50"]})
    assert form.errors == {
        "criteria_wanted--number": ['Choose "Number of employees" too, or clear the number']
    }
    words = TYPES["several_choices"].words(
        asked, {"criteria_wanted": ["job_quality", "firm_size"], "criteria_wanted--number": 50}
    )
    assert words == "Pay and chances to move up; Number of employees (50)"


def test_ticks_are_stored_in_the_order_of_the_questionnaire():
    asked = asked_as("several_choices")
    one = stored(asked, {"criteria_wanted": ["other", "job_quality"]})
    other = stored(asked, {"criteria_wanted": ["job_quality", "other"]})
    assert one == other == {"criteria_wanted": ["job_quality", "other"]}


def test_what_was_written_beside_another_answer_is_not_lost():
    asked = asked_as("choice_with_text")
    kept = stored(asked, {"types_missing": ["none"], "types_missing--text": ["Foundries"]})
    assert kept == {"types_missing": "none", "types_missing--text": "Foundries"}
    assert type_of(asked.question).words(asked, kept) == "No, it is about right: Foundries"


@pytest.mark.fault("I11")
def test_I11_invisible_characters_are_stripped_from_texts():
    asked = asked_as("long_text")
    text = "a\x00b\u200bc\u202ed\ud800e\ufefff\x07 \U0001f600"
    assert stored(asked, {"biggest_risk": [text]}) == {"biggest_risk": "abcdef \U0001f600"}
    only_noise = posted(asked, {"biggest_risk": ["\u200b\x00"]})
    assert only_noise.errors == {"biggest_risk": ["Write an answer"]}


def test_lengths_are_counted_after_cleaning_and_named():
    asked = asked_as("short_text")
    assert stored(asked, {"p_org": ["A " + "\u200b" * 200 + " B"]}) == {"p_org": "A B"}
    form = posted(asked, {"p_org": ["x" * 130]})
    assert form.errors == {"p_org": ["Use 120 characters or fewer. You used 130."]}


def test_a_filled_in_name_is_shown_until_something_is_stored():
    asked = replace(asked_as("short_text"), prefill="Guild of X")
    kind = type_of(asked.question)
    assert kind.typed(asked, {}) == {"p_org": "Guild of X"}
    assert kind.typed(asked, {"p_org": "Other"}) == {"p_org": "Other"}


def test_a_chosen_answer_is_gone_once_a_form_comes_without_it():
    asked = optional(asked_as("agreement"))
    form = BaseForm(type_of(asked.question).fields(asked))
    form.process(None, data={"geo_fit": "4"})
    assert form["geo_fit"].data == "4"
    for sent in ([], [("revision", "1")]):
        form.process(MultiDict(sent), data={"geo_fit": "4"})
        assert form["geo_fit"].data == ""


@pytest.mark.parametrize("kind", CASES)
@given(typed=st.lists(st.text(max_size=40), max_size=3))
def test_whatever_is_sent_is_refused_or_stored_and_never_breaks(kind, typed):
    asked = optional(asked_as(kind))
    kind_of = type_of(asked.question)
    form = posted(asked, dict.fromkeys(kind_of.fields(asked), typed))
    if form.errors:
        return
    kept = kind_of.stored(asked, form.data)
    again = {
        name: value if isinstance(value, list) else [value]
        for name, value in kind_of.typed(asked, kept).items()
        if value not in ("", [])
    }
    assert stored(asked, again) == kept
    assert kind_of.state(asked.question, asked.field, kept) in {"answered", "dont_know", "missing"}


@pytest.mark.parametrize("kind", CASES)
def test_every_type_takes_time(kind):
    asked = asked_as(kind)
    assert type_of(asked.question).seconds(asked) >= 3
