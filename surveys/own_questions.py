"""Questions of a convening team's own: at most five for each role, asked before the check page.

They are kept with the wave as plain entries, become questions of the item bank's types, are
protected for partners and champions, and never decide a check.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from surveys import readability, setup, typed_text
from surveys.questionnaire import PROTECTED, ROLES, Option, Question, Questionnaire, Section
from surveys.texts import load_texts

SECTION: Final = "own"
MOST: Final = 5
LONGEST_WORDING: Final = 200
LONGEST_OPTION: Final = 80
FEWEST_OPTIONS: Final = 2
MOST_OPTIONS: Final = 10
LONGEST_TEXT: Final = 500
# The types a team may choose, by the types of the item bank.
KINDS: Final[Mapping[str, str]] = {
    "agree": "agreement",
    "yes_no": "yes_partly_no",
    "single": "single_choice",
    "several": "several_choices",
    "text": "long_text",
}
CHOSEN: Final = frozenset({"single", "several"})
Entry = Mapping[str, Any]


def checked(
    roles: Sequence[str], kind: str, wording: str, options: Sequence[str]
) -> dict[str, Any]:
    """One question as it is kept. Raises ``setup.FactsError`` with every fault by its field."""
    faults: list[setup.FactFault] = []
    words = typed_text.one_line(wording)
    asked = [role for role in ROLES if role in roles]
    if not asked:
        faults.append(setup.FactFault("roles", "choose who is asked"))
    if kind not in KINDS:
        faults.append(setup.FactFault("kind", "choose how it is answered"))
    if not words:
        faults.append(setup.FactFault("wording", "is empty"))
    if len(words) > LONGEST_WORDING:
        faults.append(_too_long("wording", words, LONGEST_WORDING))
    if "{" in words or "}" in words:
        faults.append(setup.FactFault("wording", "has a brace in it; leave it out"))
    listed = [line for one in options if (line := typed_text.one_line(one))]
    faults += _option_faults(kind, listed)
    if faults:
        raise setup.FactsError(faults)
    return {
        "roles": asked,
        "kind": kind,
        "wording": words,
        "options": listed if kind in CHOSEN else [],
    }


def _too_long(place: str, text: str, most: int) -> setup.FactFault:
    return setup.FactFault(place, f"has {len(text)} characters; {most} is the most")


def _option_faults(kind: str, listed: Sequence[str]) -> list[setup.FactFault]:
    if kind not in CHOSEN:
        return []
    faults = [
        _too_long("options", one, LONGEST_OPTION) for one in listed if len(one) > LONGEST_OPTION
    ]
    if not FEWEST_OPTIONS <= len(listed) <= MOST_OPTIONS:
        reason = f"has {len(listed)} answers; give {FEWEST_OPTIONS} to {MOST_OPTIONS}, one a line"
        faults.append(setup.FactFault("options", reason))
    if len(set(map(setup.folded, listed))) < len(listed):
        faults.append(setup.FactFault("options", "has the same answer twice"))
    return faults


def hard_to_read(wording: str) -> tuple[str, ...]:
    """What makes a wording hard to read; a warning, never a fault."""
    found = []
    if any(readability.too_long(wording)):
        found.append(f"a sentence has more than {readability.MOST_WORDS} words")
    if readability.grade([wording]) > readability.HIGHEST_GRADE:
        found.append("the words are long; shorter ones are answered more often")
    if " and " in f" {wording} " and wording.rstrip().endswith("?"):
        found.append("it may ask two things at once")
    return tuple(found)


def asked_of(entries: Sequence[Entry], role: str) -> tuple[Entry, ...]:
    """The entries that one role is asked, in order."""
    return tuple(one for one in entries if role in one["roles"])


def extended(questionnaire: Questionnaire, entries: Sequence[Entry]) -> Questionnaire:
    """A questionnaire with own questions, ``own_1`` and so on, in a section of their own.

    It stands behind the main pages of each role that is asked, so that the check page follows it.
    """
    if not entries:
        return questionnaire
    added = [_question(place, entry, questionnaire) for place, entry in enumerate(entries, 1)]
    return replace(
        questionnaire,
        questions={**questionnaire.questions, **{one.id: one for one in added}},
        sections={
            role: _with_own(sections, tuple(one.id for one in added if role in one.roles))
            for role, sections in questionnaire.sections.items()
        },
    )


def _with_own(sections: tuple[Section, ...], questions: tuple[str, ...]) -> tuple[Section, ...]:
    if not questions:
        return sections
    words = load_texts()
    own = Section(SECTION, words.say("own.title"), words.say("own.reason"), questions)
    main = tuple(one for one in sections if not one.optional)
    return (*main, own, *(one for one in sections if one.optional))


def _question(place: int, entry: Entry, bank: Questionnaire) -> Question:
    kind = KINDS[entry["kind"]]
    written = kind == "long_text"
    roles = [role for role in ROLES if role in entry["roles"]]
    return Question(
        id=f"{SECTION}_{place}",
        kind=kind,
        item_class=PROTECTED,
        wording={role: str(entry["wording"]) for role in roles},
        required=dict.fromkeys(roles, False),
        options=_options(entry, bank),
        hint=load_texts().say("own.text_hint") if written else "",
        limit=LONGEST_TEXT if written else None,
    )


def _options(entry: Entry, bank: Questionnaire) -> tuple[Option, ...]:
    if entry["kind"] in CHOSEN:
        return tuple(Option(f"o{place}", one) for place, one in enumerate(entry["options"], 1))
    kind = KINDS[entry["kind"]]
    of_kind = (one for one in bank.questions.values() if one.kind == kind and not one.reversed)
    return next((one.options for one in of_kind), ())
