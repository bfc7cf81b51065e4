"""Questionnaire files: what is read, and every fault with its line."""

from __future__ import annotations

import re

import pytest

from surveys.catalog_file import catalog_file
from surveys.instrument import as_text
from surveys.loader import CatalogError, check, load, read

GOOD = """\
id = "small"

[scales]
agreement = [
  { code = "1", label = "No", score = 1 },
  { code = "5", label = "Yes", score = 5 },
  { code = "dk", label = "I don't know", unsure = true },
]

[constructs]
liking = ["like_it"]

[[questions]]
id = "like_it"
kind = "agreement"
class = "P"
roles = ["convener", "partner", "champion"]
required = true
wording = "I like it."

[[questions]]
id = "hear_about"
kind = "rating"
class = "P"
roles = ["partner"]
required = ["partner"]
about = "organization"
row = "{organization}"
scale = "agreement"
wording = "Do you hear about each of these?"

[[sections.convener]]
id = "one"
title = "One"
reason = "We ask this first."
questions = ["like_it"]
why = "What else?"

[[sections.partner]]
id = "one"
title = "One"
reason = "We ask this first."
questions = ["like_it", "hear_about"]

[[sections.champion]]
id = "one"
title = "One"
reason = "We ask this first."
questions = ["like_it"]
"""


@pytest.fixture
def faults(tmp_path):
    """The faults of a questionnaire in which texts were replaced, as ``line: place: reason``."""

    def found(*replacements, name="small.toml"):
        text = GOOD
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return [f"{one.line}: {one.place}: {one.reason}" for one in check([path])]

    return found


def line_of(words, text=GOOD):
    return 1 + [words in line for line in text.splitlines()].index(True)


def test_a_good_file_has_no_fault_and_is_read(tmp_path, faults):
    assert faults() == []
    found = read(tmp_path / "small.toml")
    assert list(found.questions) == ["like_it", "hear_about", "why--one"]
    assert found.constructs["liking"].item_class == "P"


def test_the_same_questionnaire_is_read_once():
    assert load("readiness-1") is load("readiness-1")


@pytest.mark.parametrize("name", ["readiness-0", "../readiness-1", "texts.en", ""])
def test_a_questionnaire_there_is_not_is_named(name):
    with pytest.raises(LookupError, match=re.escape(repr(name))):
        load(name)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('kind = "agreement"', 'kind = "agree"', "like_it: no kind of question is called 'agree'"),
        ('class = "P"', 'class = "Q"', "like_it: class: input should be 'C', 'O' or 'P'"),
        ("required = true\n", "", "like_it: required: is missing"),
        (
            "required = true",
            "requried = true\nrequired = true",
            "like_it: requried: is no known key",
        ),
        (
            'wording = "I like it."',
            "wording = 3",
            "like_it: wording: input should be a valid string",
        ),
        ("score = 5", "score = 6", "scales.agreement: score: input should be less than or equal"),
        ('id = "like_it"', 'id = "text"', "text: 'text' cannot be an id"),
        ('id = "like_it"', 'id = "42"', "42: '42' cannot be an id"),
        ('id = "like_it"', 'id = "like__it"', "like__it: 'like__it' cannot be an id"),
        ('id = "hear_about"', 'id = "like_it"', "like_it: comes twice"),
        ('code = "1"', 'code = "a b"', "like_it: 'a b' cannot be a code"),
        ('code = "1"', 'code = "5"', "like_it: code '5' comes twice"),
        ("unsure = true", "unsure = true, score = 3", "like_it: 'dk' says that someone does not"),
        ('scale = "agreement"', 'scale = "liking"', "hear_about: no scale is called 'liking'"),
        ('liking = ["like_it"]', 'liking = ["love_it"]', "liking: no question is called 'love_it'"),
        (
            '"like_it", "hear_about"',
            '"like_it", "gone"',
            "partner one: no question is called 'gone'",
        ),
        (
            'questions = ["like_it"]\nwhy',
            'questions = ["like_it", "hear_about"]\nwhy',
            "convener one: hear_about has no wording for convener",
        ),
        ('"like_it", "hear_about"', '"hear_about"', "like_it: stands in no section of partner"),
        (
            '"like_it", "hear_about"',
            '"like_it", "hear_about", "like_it"',
            "partner one: like_it is asked twice",
        ),
        ('id = "one"', 'id = "check"', "convener check: 'check' cannot be a section's id"),
        ('row = "{organization}"\n', "", "hear_about: does not say which organization"),
        ('about = "organization"\n', "", "hear_about: is only for questions about organizations"),
        ("I like it.", "I like it by {launch_date}.", "like_it: there are no words for a launch"),
        ("I like it.", "I like {it}.", "like_it: no fact fills the blank {it}"),
        ("I like it.", "I like the labour.", "like_it: 'labour' is British spelling"),
        (
            "I like it.",
            "I like it " + "very " * 18 + "much.",
            "like_it: 22 words in a sentence, 20 is the most",
        ),
        (
            "We ask this first.",
            "Organizational capabilities necessitate interdisciplinary considerations.",
            "convener one: reads at grade",
        ),
        (
            'why = "What else?"',
            "optional = true",
            "convener one: like_it is required in an optional",
        ),
        ('row = "', 'only_if = "rain"\nrow = "', "hear_about: no condition is called 'rain'"),
        ('row = "', 'step = 1\nrow = "', "hear_about: rating has no bounds"),
    ],
)
def test_a_fault_is_found_and_named(faults, old, new, expected):
    found = faults((old, new))
    assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('kind = "agreement"', 'kind = "agree"', 'kind = "agreement"'),
        ('wording = "Do', 'wrding = 1\nwording = "Do', 'wording = "Do'),
        ('"like_it", "hear_about"', '"like_it", "gone"', '"like_it", "hear_about"'),
        (
            'class = "P"\nroles = ["partner"]',
            'class = "Z"\nroles = ["partner"]',
            'id = "hear_about"',
        ),
    ],
)
def test_a_fault_names_its_line(faults, old, new, words):
    wanted = line_of(words) + (2 if '"Z"' in new else 0)
    assert wanted in {int(one.split(":")[0]) for one in faults((old, new))}


def test_every_fault_is_listed_not_only_the_first(faults):
    found = faults(
        ("I like it.", "I like the labour."),
        ('scale = "agreement"', 'scale = "gone"'),
        ('id = "one"', 'id = "send"'),
    )
    assert len(found) == 3


def test_a_file_must_bear_the_id_it_holds(faults):
    assert faults(name="other.toml") == ["1: small: is not the file's name, other"]


def test_a_file_that_is_no_toml_is_named_with_its_line(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text('id = "small"\nquestions = [\n', encoding="utf-8")
    (fault,) = check([path])
    assert str(fault).startswith(f"{path}:")
    assert fault.line == 2


def test_files_that_cannot_be_read_are_faults_beside_the_others(tmp_path):
    broken = tmp_path / "small.toml"
    broken.write_bytes(b'id = "sm\xe4ll"\n')
    found = check([tmp_path / "none.toml", broken, catalog_file("readiness-1.toml")])
    assert [(one.file, one.reason) for one in found] == [
        (str(tmp_path / "none.toml"), "No such file or directory"),
        (str(broken), "byte 9 is not UTF-8"),
    ]


def test_a_file_with_faults_is_never_built(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(GOOD.replace('"like_it", "hear_about"', '"like_it", "gone"'), encoding="utf-8")
    with pytest.raises(CatalogError, match="no question is called 'gone'"):
        read(path)


def test_texts_are_checked_too(tmp_path):
    path = tmp_path / "texts.en.toml"
    path.write_text('[a]\nlong = "' + "word " * 21 + 'end."\nempty = " "\n', encoding="utf-8")
    assert [one.reason for one in check([path])] == ["a.empty: ' ' is no sentence"]
    path.write_text('[a]\nlong = "' + "so " * 21 + 'on."\nb = "A centre."\n', encoding="utf-8")
    assert [(one.line, one.place) for one in check([path])] == [(2, "a.long"), (3, "a.b")]


@pytest.mark.parametrize("role", ["convener", "partner", "champion"])
def test_a_form_can_be_read_as_plain_text(role):
    form = load()
    text = as_text(form, role)
    for section in form.sections[role]:
        assert section.reason in text
        for key in section.questions:
            assert form.questions[key].wording[role] in text
            for option in form.questions[key].options:
                assert f"( ) {option.label}" in text


def test_all_forms_stand_one_after_the_other():
    text = as_text(load())
    assert all(f"readiness-1: {name}" in text for name in ("convener", "strategic", "champion"))
    with pytest.raises(ValueError, match="no role is called 'boss'"):
        as_text(load(), "boss")
