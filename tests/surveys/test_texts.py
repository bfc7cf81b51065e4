"""The sentences: blanks are filled to the letter, every key used is there, all of it reads well."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pyphen
import pytest

from surveys import readability
from surveys.texts import Texts, load_texts, read_texts

ROOT = Path(__file__).parents[2]
TEXTS = load_texts()
CRITERIA = {
    "1_1": "Scope is written down",
    "1_2": "Data and local knowledge both used",
    "1_3": "Leaders recognize the area",
    "1_4": "Others can apply the definition",
    "1_5": "Neighboring kinds of business settled",
    "1_6": "Enough companies to invite",
    "2_1": "Groups that bring employers together are known",
    "2_2": "Partners understand who decides",
    "2_3": "Partners have committed",
    "2_4": "The bodies leaders listen to are in",
    "3_1": "CEOs will sign the letter",
    "3_2": "CEOs will welcome people",
    "3_3": "Champions cover the sub-sectors",
    "3_4": "Champions will invite their peers",
    "4_1": "Enough staff time",
    "4_2": "Staff time paid for six months",
    "4_3": "A person is named, parts are agreed",
    "4_4": "Partners will run meetings, introduce, advise",
    "4_5": "Partners and champions trust the team",
}


def test_blanks_are_filled():
    assert TEXTS.say("turn.one", next="Ready", a="one more yes") == (
        "One change would make this Ready: one more yes."
    )


def test_a_key_there_is_not_is_named():
    with pytest.raises(KeyError, match=r"turn\.zero"):
        TEXTS.say("turn.zero")


def test_a_missing_blank_is_named():
    with pytest.raises(KeyError, match=r"turn\.one.* next"):
        TEXTS.say("turn.one", a="x")


def test_a_blank_the_sentence_does_not_have_is_named():
    with pytest.raises(ValueError, match=r"turn\.one.* b"):
        TEXTS.say("turn.one", next="Ready", a="x", b="y")


def test_braces_in_what_is_filled_in_stay():
    texts = Texts({"a": "{x} and {y}"})
    assert texts.say("a", x="{y}", y="{o:ab}") == "{y} and {o:ab}"


def test_one_and_many_are_two_sentences():
    assert TEXTS.count("unit.person", 1) == "1 person"
    assert TEXTS.count("unit.person", 3) == "3 people"
    assert TEXTS.count("criterion.2_3.turn", 1) == (
        "one more partner ready to give time or introductions"
    )
    assert TEXTS.count("criterion.2_3.turn", 2, gap=2).startswith("2 more partners")


def test_things_are_listed_as_people_say_them():
    assert TEXTS.listed([]) == ""
    assert TEXTS.listed(["a"]) == "a"
    assert TEXTS.listed(["a", "b"]) == "a and b"
    assert TEXTS.listed(iter("abc")) == "a, b and c"


def test_keys_and_blanks_can_be_asked_for():
    assert TEXTS.has("verdict.ready")
    assert not TEXTS.has("verdict")
    assert TEXTS.keys("ask.polite.") == ("ask.polite.1", "ask.polite.2", "ask.polite.3")
    assert TEXTS.blanks("weakest.scope") == {"y", "t"}


@pytest.mark.parametrize("language", ["xx", "../en", "EN", ""])
def test_a_language_without_texts_is_named(language):
    with pytest.raises(LookupError, match=re.escape(repr(language))):
        load_texts(language)


def test_what_is_no_sentence_is_refused(tmp_path):
    path = tmp_path / "texts.en.toml"
    path.write_text("[a]\nb = 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.b: 3"):
        read_texts(path)


def test_every_criterion_has_its_name_rule_phrase_and_next_steps():
    for number, name in CRITERIA.items():
        assert TEXTS.say(f"criterion.{number}.name") == name
        assert TEXTS.has(f"criterion.{number}.rule")
        assert TEXTS.keys(f"criterion.{number}.turn")
        for outcome in ("partly", "no", "unknown"):
            key = f"advice.{number}.{outcome}"
            assert TEXTS.has(key) or TEXTS.has(f"{key}.many"), key


def test_every_kind_of_difference_has_three_questions():
    for kind in ("between", "self_others", "within", "unsure", "claimed_confirmed", "polite"):
        assert len(TEXTS.keys(f"ask.{kind}.")) == 3


def test_one_of_a_pair_never_stands_alone():
    keys = set(TEXTS.keys())
    singles = [
        key
        for key in keys
        if key.endswith(".one") and f"{key[:-3]}many" not in keys and key != "turn.one"
    ]
    assert singles == []


def test_the_promise_is_the_agreed_one_to_the_letter():
    assert TEXTS.say("promise.protected.full", k=3) == (
        "Commitments are shown with your organization's name. Views on scope, model and timing "
        "are shown as counts, however few reply. Views on people, and on whether this is worth "
        "your time, only as figures for at least 3 people together. Remarks are listed without "
        "names. Anyone shown the result sees this too. I can see that you replied. If everyone "
        "answers alike, that shows."
    )
    assert TEXTS.count("promise.convener.full", 2) == (
        "The convening team sees each convener's figures. There are 2 of you, so colleagues may "
        "recognize your answers."
    )
    assert TEXTS.say("promise.named.full") == "The conveners see every answer with your name."


@pytest.mark.parametrize(
    ("key", "blanks", "sentence"),
    [
        (
            "verdict.ready",
            {"yes": 15},
            (
                "Ready to launch. 15 of 19 checks are a yes, with most of the checks in every "
                "milestone."
            ),
        ),
        (
            "weakest.champions",
            {"y": 1, "t": 4},
            "Champions are the weakest part: 1 of 4. Leaders come when other leaders ask.",
        ),
        (
            "difference.between_strong",
            {
                "A": "Conveners",
                "B": "Champions",
                "statement": '"It is so."',
                "ma": "4.5",
                "mb": "2.3",
                "people": "2 and 3 people",
            },
            (
                'Conveners and Champions do not see this alike: "It is so." Conveners 4.5, '
                "Champions 2.3 (2 and 3 people). A gap this clear is rare when groups agree."
            ),
        ),
        (
            "statement.standing",
            {},
            "the convening team can be trusted with this",
        ),
        (
            "roster_advice.two_champions",
            {},
            "With two champions every answer counts. Three or four is safer.",
        ),
        (
            "advice.at_close",
            {},
            "This shows when the round closes.",
        ),
    ],
)
def test_sentences_read_as_agreed(key, blanks, sentence):
    assert TEXTS.say(key, **blanks) == sentence


def test_all_sentences_are_plain_by_a_second_count_of_syllables():
    # The product counts groups of vowels; a hyphenation dictionary must come to the same verdict.
    hyphens = pyphen.Pyphen(lang="en_US")
    for prefix in ("advice.", "verdict.", "difference.", "map.", "ask.", "promise."):
        sentences = [TEXTS.say(key, **dict.fromkeys(TEXTS.blanks(key), "it")) for key in
                     TEXTS.keys(prefix)]  # fmt: skip
        ends = sum(len(readability.sentences(one)) for one in sentences)
        words = [word for one in sentences for word in re.findall(r"[A-Za-z']+", one)]
        syllables = sum(hyphens.inserted(word).count("-") + 1 for word in words)
        grade = 0.39 * len(words) / ends + 11.8 * syllables / len(words) - 15.59
        assert grade <= 9, prefix


def test_texts_have_no_straight_dashes_exclamations_or_percent():
    for key in TEXTS.keys(""):
        text = TEXTS.say(key, **dict.fromkeys(TEXTS.blanks(key), "it"))
        assert not re.search(r"!|%| -- |significant", text), key


# --- Keys and the code that says them -------------------------------------------------------


def python_files() -> Iterator[Path]:
    for package in ("surveys", "analysis", "webapp"):
        yield from (ROOT / package).rglob("*.py")


def literals(node: ast.AST) -> Iterator[str]:
    """A pattern for every text the code could name a key with."""
    for one in ast.walk(node):
        if isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield re.escape(one.value)
        elif isinstance(one, ast.JoinedStr):
            yield "".join(
                re.escape(part.value)
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
                else r"\w+(?:\.\w+)*"
                for part in one.values
            )


def said() -> Iterator[tuple[str, str, str]]:
    """Where, how, and with what literal key a sentence is asked for."""
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"say", "count"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
                and isinstance(node.args[0].value, str)
                and "." in node.args[0].value
            ):
                yield f"{path.name}:{node.lineno}", node.func.attr, node.args[0].value


def in_templates() -> Iterator[str]:
    for path in (ROOT / "webapp" / "templates").rglob("*"):
        if path.is_file():
            yield from re.findall(r"""["']([a-z][\w]*(?:\.\w+)+)["']""", path.read_text("utf-8"))


def test_every_key_the_code_says_is_there():
    missing = [
        f"{where} {how} {key}"
        for where, how, key in said()
        if not TEXTS.has(key) and not (how == "count" and TEXTS.has(f"{key}.many"))
    ]
    assert missing == []


# Words for pages that are not all built: each prefix leaves this list when its page says it.
OFFERED = (
    "bands.",
    "class.",
    "hidden.",
    "landing.who_sees",
    "milestone_outcome.",
    "state.",
    "verdict.name.",
)


def test_no_sentence_lies_unused():
    named = {pattern for path in python_files() for pattern in literals(_tree(path))}
    named |= {re.escape(key) for key in in_templates()}
    # A name that begins with a blank could be any key and proves nothing.
    used = re.compile("|".join(sorted(one for one in named if re.match(r"[a-z_]+\\\.", one))))
    unused = [
        key
        for key in TEXTS.keys("")
        if not any(used.fullmatch(name) for name in _name_and_groups(key))
        and not key.startswith(OFFERED)
    ]
    assert unused == []


def _name_and_groups(key: str) -> Iterator[str]:
    """The key and the groups it lies in, such as ``ask.polite`` for ``ask.polite.1``."""
    parts = key.split(".")
    return (".".join(parts[:length]) for length in range(len(parts), 1, -1))


def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))
