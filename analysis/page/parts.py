"""The words of the map, of what is hidden, of the launch date and of the questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from analysis.answers import AnswerTable
from analysis.disclosure import CHAMPION, PARTNER, PROTECTED_ROLES, Figure, Hidden, Published
from analysis.facts import WaveFacts
from analysis.influence import BuyIn, Place
from analysis.page.turnout import one_of
from surveys.marks import mark
from surveys.questionnaire import Questionnaire
from surveys.setup import Setup
from surveys.texts import Texts

QUARTERS: Final = ("build_on", "win_over", "support", "keep_informed")
LATER: Final = frozenset({"later", "not_sure"})


def timing(table: AnswerTable, texts: Texts) -> str | None:
    """Who would rather launch later, once a third of champions or of partners would."""
    launch = table.setup.launch_date
    said = []
    for role in reversed(PROTECTED_ROLES):
        codes = list(table.codes("launch_timing", role).values())
        late = sum(code in LATER for code in codes)
        if not codes or 3 * late < len(codes):
            continue
        blanks: dict[str, object] = {"k": late, "group": texts.say(f"role.{role}.inside")}
        if len(codes) == 1:
            blanks = {"group": texts.say(one_of(role, texts))}
        if launch is not None:
            blanks["launch_date"] = f"{launch:%B} {launch.day}, {launch.year}"
        key = "verdict.timing" if launch is not None else "verdict.timing_no_date"
        said.append(texts.count(key, len(codes), **blanks))
    return " ".join(said) or None


def organization_words(places: Iterable[Place], texts: Texts) -> dict[str, dict[str, Any]]:
    """For each organization: the suggested move, what to know of its place, its credibility."""
    return {
        place.organization.id: {
            "move": _move(place, texts),
            "notes": _notes(place, texts),
            "credibility": _credibility(place.credibility, texts),
        }
        for place in places
    }


def _move(place: Place, texts: Texts) -> str | None:
    """The move of its quarter; where the quarter is a guess, what to find out first."""
    if place.quarter is None:
        return None
    is_known = {
        "win_over": place.solid_up,
        "build_on": place.solid_up and place.solid_across,
        "support": place.solid_across,
        "keep_informed": True,
    }[place.quarter]
    key = f"map.{place.quarter}" if is_known else f"map.{place.quarter}_guess"
    return texts.say(key, org=mark(place.organization.id))


def _notes(place: Place, texts: Texts) -> list[str]:
    org = mark(place.organization.id)
    notes = []
    if place.quarter is None:
        notes.append(texts.say("map.not_placed", org=org))
    if place.buy_in_from == "convener":
        notes.append(texts.say("map.hollow", org=org))
    if place.known is False:
        notes.append(texts.say("map.unknown_to_leaders", org=org))
    elif place.credibility is not None and not place.solid_up:
        notes.append(texts.say("map.hollow_credibility", org=org))
    return notes


def _credibility(figure: Figure | None, texts: Texts) -> str | None:
    if figure is None or figure.mean is None:
        return None
    return texts.say(f"mean.{figure.bound or 'plain'}", mean=f"{figure.mean:.1f}")


def quarter_words(texts: Texts) -> dict[str, dict[str, Any]]:
    """The name of each quarter of the map and the one move it suggests."""
    return {
        quarter: {
            "name": texts.say(f"map.quarter.{quarter}"),
            "move": texts.say(f"map.quarter_move.{quarter}"),
        }
        for quarter in QUARTERS
    }


def hidden_words(
    published: Published, hidden: Sequence[Hidden], questionnaire: Questionnaire, texts: Texts
) -> list[str]:
    """What is not shown and why: one line for all that is hidden of the same groups alike.

    What is shown of the groups together is said to be hidden of each alone.
    """
    whole = {(one.measure, one.role) for one in hidden if one.measure in questionnaire.constructs}
    parts = {(item, role) for key, role in whole for item in questionnaire.constructs[key].items}
    told = [one for one in hidden if (one.measure, one.role) not in parts]
    # What is hidden as a whole needs no word on its parts.
    pooled = {(one.measure, one.about) for one in told if one.role == "pooled"}
    groups: dict[tuple[tuple[str, ...], str, str], list[str]] = {}
    by_measure: dict[tuple[str, str | None, str], list[str]] = {}
    for one in told:
        by_measure.setdefault((one.measure, one.about, one.reason), []).append(one.role)
    for (measure, about, reason), roles in by_measure.items():
        who = ("pooled",) if (measure, about) in pooled else tuple(roles)
        together = published.figure(measure, "pooled", about) is not None
        line = "hidden.alone" if together else "hidden.line"
        label = _label(measure, about, questionnaire, texts)
        groups.setdefault((who, reason, line), []).append(label)
    return [
        texts.say(
            line,
            groups=texts.listed(
                texts.say(f"role.{role}.{'group' if place == 0 else 'inside'}")
                for place, role in enumerate(who)
            ),
            what="; ".join(dict.fromkeys(labels)),
            reason=reason,
        )
        for (who, reason, line), labels in groups.items()
    ]


def _label(measure: str, about: str | None, questionnaire: Questionnaire, texts: Texts) -> str:
    if texts.has(f"measure.{measure}"):
        return texts.say(f"measure.{measure}").lower()
    if about is not None:
        return texts.say("hidden.listening", org=mark(about))
    question = questionnaire.questions.get(measure)
    if question is not None and question.kind == "long_text":
        return texts.say("hidden.remarks")
    wording = question.stated() if question else measure
    return texts.say("hidden.quoted", wording=wording)


def item_words(questionnaire: Questionnaire, setup: Setup) -> dict[str, dict[str, Any]]:
    """For each question: its type, its wording by role, the words and the scores of its codes."""
    sub_sectors = {f"s{place}": name for place, name in enumerate(setup.sub_sectors, 1)}
    return {
        question.id: {
            "type": question.kind,
            "wording": {role: question.worded(role, setup) for role in question.roles},
            "required": {role: question.required[role] for role in question.roles},
            "codes": (sub_sectors if question.kind == "sub_sector" else {})
            | {option.code: option.label for option in question.options},
            "scores": {
                option.code: option.score for option in question.options if option.score is not None
            },
        }
        for question in questionnaire.questions.values()
    }


def buy_in_words(found: BuyIn, texts: Texts) -> str:
    """Buy-in of partners and champions in one sentence."""
    if found.overall is None:
        return texts.say("headline.buy_in_hidden")
    mean = _credibility(found.overall, texts)
    return texts.say("headline.buy_in", mean=mean, n=found.overall.n)


def response_words(table: AnswerTable, facts: WaveFacts, texts: Texts) -> list[str]:
    """Who answered, and what partners and champions said that is shown as counts only."""
    sent = len(table.people())
    said = [texts.count("headline.who", sent, invited=max(len(_invited(facts)), sent))]
    spread = list(table.codes("x_spread", CHAMPION).values())
    if spread:
        some = sum(code != "0" for code in spread)
        said.append(_how_many("headline.spread", some, len(spread), texts))
    convenes = list(table.codes("p_convenes", PARTNER).values())
    if convenes:
        often = sum(code == "regularly" for code in convenes)
        said.append(_how_many("map.convenes", often, len(convenes), texts))
    return said


def _how_many(key: str, some: int, asked: int, texts: Texts) -> str:
    """So many of so many; of one alone what the one said."""
    if asked == 1:
        return texts.say(f"{key}.single" if some else f"{key}.single_not")
    return texts.count(key, some, asked=asked)


def _invited(facts: WaveFacts) -> list[str]:
    return [one.invitation for one in facts.invited if one.state != "not_sent"]


def method_words(*, closed: bool, texts: Texts) -> list[str]:
    """How the figures are to be read."""
    said = [texts.say("mean.one_scale"), texts.say("map.stands_beside")]
    return said if closed else [*said, texts.say("map.interim")]
