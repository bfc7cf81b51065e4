"""What would turn a verdict, done: the words of a change are read and the answers changed so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from analysis.answers import AnswerTable, Respondent
from analysis.criteria import CRITERIA, Evidence, Outcome, words
from analysis.criteria.verdict import word_for
from analysis.disclosure import Rules, publish
from analysis.influence import missing, places
from surveys.loader import load
from surveys.setup import Organization, Setup
from surveys.texts import load_texts
from tests.analysis.waves import BODIES, SETUP, facts, person

JOBS: Final = ("facilitate", "broker", "advise")
# Somebody new says nothing of what is protected and stands in nobody's way.
SILENT: Final = dict.fromkeys(
    ("worth_it", "can_deliver", "stay_with", "convener_standing", "follows_industry",
     "keeps_word", "capacity_enough", "p_overlap"), "dk",
)  # fmt: skip
NUMBER: Final = r"(one|a|two|\d+)"
MISSING_KINDS: Final = ("association", "other_body")


@dataclass(frozen=True)
class Round:
    """The people of a wave, its set-up and how many companies its list has."""

    people: tuple[Respondent, ...]
    setup: Setup = SETUP
    companies: int = 120

    @cached_property
    def evidence(self) -> Evidence:
        about = facts(self.people, setup=self.setup, employers_fit=self.companies)
        table = AnswerTable.of(load(), self.setup, self.people)
        shown = publish(table, Rules(about.k))
        return Evidence(table, about, shown, places(table, shown, about.k))

    @cached_property
    def outcomes(self) -> Mapping[str, Outcome]:
        return {one.id: one.judge(self.evidence) for one in CRITERIA}

    @property
    def missing(self) -> list[str]:
        """What people named as lacking on the map."""
        return [one.name for one in missing(self.evidence.table)]

    @property
    def verdict(self) -> str:
        return word_for(words(tuple(self.outcomes.values())))

    def asks(self, check: str) -> str:
        """The words of what would make a check a yes."""
        turn = self.outcomes[check].turn
        assert turn is not None
        return turn.words(load_texts())

    def of(self, role: str) -> list[Respondent]:
        return [one for one in self.people if one.role == role]

    def saying(self, who: Iterable[str], **answers: Any) -> Round:
        """The same, some people saying something else."""
        them = set(who)
        return replace(
            self,
            people=tuple(
                replace(one, answers={**one.answers, **answers}) if one.id in them else one
                for one in self.people
            ),
        )

    def joined(self, *more: Respondent) -> Round:
        return replace(self, people=(*self.people, *more))


def number(text: str, pattern: str) -> int:
    """The number in front of some words, 0 where they are not said."""
    found = re.search(f"{NUMBER} {pattern}", text)
    return {"one": 1, "a": 1, "two": 2}.get(found[1]) or int(found[1]) if found else 0


def done(before: Round, check: str, less: int = 0) -> Round | None:
    """The round after what a check asks for, short of the last ``less`` of it; ``None`` where the
    words say nothing that can be counted out, or the wave has nobody to do it."""
    said = before.asks(check)
    change = CHANGES.get(check)
    return change(before, said, less) if change else None


def _bodies(before: Round) -> dict[str, list[Respondent]]:
    found: dict[str, list[Respondent]] = {}
    for one in before.of("partner"):
        found.setdefault(one.organization or one.id, []).append(one)
    return found


def _new_partner(before: Round, organization: str | None = None, **answers: Any) -> Respondent:
    key = f"new{len(before.people)}"
    given = {**SILENT, "p_explain": "5", "commit_level": "5", **answers}
    helps = {f"p_help_{job}": answers.get(f"p_help_{job}", "no") for job in JOBS}
    return person(key, "partner", organization or key, **{**given, **helps})


def _new_champion(before: Round, **answers: Any) -> Respondent:
    key = f"new{len(before.people)}"
    given = {**SILENT, "x_sign": "no", "x_welcome": "no", "x_spread": "0", "x_as": "self"}
    return person(key, "champion", key, **{**given, "x_subsector": "other", **answers})


def _named(prefix: str, said: str, *keys: str) -> list[str]:
    """Which of some words of the catalog a change names."""
    return [key for key in keys if load_texts().say(f"{prefix}.{key}") in said]


def _written(before: Round, said: str, less: int) -> Round:
    parts = _named("missing", said, "area", "definition", "test")
    typed = {
        "area": {"area": "Two Rivers"},
        "definition": {"sector_definition": "Companies that make metal parts"},
        "test": {"criteria": ("common_focus",)},
    }
    for part in parts[: len(parts) - less]:
        before = replace(before, setup=replace(before.setup, **typed[part]))
    return before


def _sources(before: Round, said: str, less: int) -> Round:
    wanted = _named("missing", said, "data", "partners", "leaders")
    first = before.of("convener")[0]
    codes = {"data": "lmi", "partners": "partners", "leaders": "leaders"}
    more = {codes[one] for one in wanted[: len(wanted) - less]}
    ticked = first.answers.get("c_evidence")
    kept = set(ticked) if isinstance(ticked, list) else set()
    return before.saying([first.id], c_evidence=sorted((kept - {"none"}) | more))


def _definition(before: Round, _said: str, less: int) -> Round | None:
    asked = [before.of("partner"), before.of("champion")]
    if less or any(len(group) < 2 for group in asked):
        return None
    return before.saying([one.id for group in asked for one in group], def_clear="4")


def _neighbors(before: Round, said: str, less: int) -> Round:
    views = number(said, "more partners? or champions?")
    persuaded = number(said, "of the people who want")
    asking = [
        one.id
        for one in (*before.of("partner"), *before.of("champion"))
        if one.answers.get("types_missing") in ("some", "too_many")
    ]
    steps = ["decide"] * ("decide" in said) + ["hear"] * views + asking[:persuaded]
    for step in steps[: len(steps) - less]:
        if step == "decide":
            before = replace(before, setup=replace(before.setup, ancillary_decided="yes"))
        elif step == "hear":
            before = before.joined(_new_champion(before, types_missing="none"))
        else:
            before = before.saying([step], types_missing="none")
    return before


def _on_the_map(before: Round, said: str, less: int) -> Round:
    names = before.missing
    wanted = [
        *_named("missing", said, "association", "other_body"),
        *(n for n in names if n in said),
    ]
    for name in wanted[: len(wanted) - less]:
        key = f"new{len(before.setup.organizations)}"
        kind = "association" if name == "association" else "other"
        body = Organization(key, key if name in MISSING_KINDS else name, kind, "training")
        before = replace(
            before,
            setup=replace(before.setup, organizations=(*before.setup.organizations, body)),
        )
        if name == "other_body":
            before = before.joined(_new_partner(before, key, p_ceo_ties="more"))
    return before


def _scope(before: Round, said: str, less: int) -> Round | None:
    against = [one.id for one in before.of("champion") if one.answers.get("geo_fit") in ("1", "2")]
    if not re.search("see it differently|sees it differently", said) or less:
        return None
    return before.saying(against, geo_fit="4")


def _companies(before: Round, said: str, less: int) -> Round:
    more = number(said, "more compan")
    return replace(before, companies=before.companies + more - less)


def _understood(before: Round, said: str, less: int) -> Round | None:
    after, left = before, less
    for pattern, field, good, value in (
        ("more partners? who (?:can explain)", "p_explain", ("4", "5"), "5"),
        ("more partners? who knows? that", "who_decides", ("leaders",), "leaders"),
    ):
        more = number(said, pattern)
        cut = min(more, left)
        left -= cut
        short = [
            people
            for people in _bodies(before).values()
            if 2 * sum(one.answers.get(field) in good for one in people) <= len(people)
        ]
        if len(short) < more - cut:
            return None
        for people in short[: more - cut]:
            after = after.saying([one.id for one in people], **{field: value})
    return after


def _committed(before: Round, said: str, less: int) -> Round | None:
    more = number(said, "more partners? ready") - less
    short = [
        people
        for people in _bodies(before).values()
        if min(int(str(one.answers.get("commit_level", 0))) for one in people) < 4
    ]
    for people in short[:more]:
        before = before.saying([one.id for one in people], commit_level="4")
    return before if len(short) >= more else None


def _on_board(before: Round, said: str, less: int) -> Round | None:
    first = [one.id for one in BODIES if f"{{o:{one.id}}}" in said]
    winning = [
        one.organization.id
        for one in before.evidence.places
        if one.quarter == "win_over" and one.solid_up
    ]
    rest = [one for one in winning if one not in first]
    more = number(said, "more bod")
    wanted = [*first, *rest[:more]]
    if len(wanted) < len(first) + more:
        return None
    people = _bodies(before)
    for body in wanted[: len(wanted) - less]:
        if body in people:
            before = before.saying([one.id for one in people[body]], commit_level="5")
        else:
            before = before.joined(_new_partner(before, body))
    return before


def _plain_yes(pattern: str, **answers: Any) -> Any:
    def change(before: Round, said: str, less: int) -> Round:
        for _ in range(number(said, pattern) - less):
            before = before.joined(_new_champion(before, **answers))
        return before

    return change


def _covered(before: Round, said: str, less: int) -> Round | None:
    names = before.setup.sub_sectors
    named = [f"s{n}" for n, name in enumerate(names, 1) if re.search(rf"\b{name}\b", said)]
    yes = {
        one.answers.get("x_subsector")
        for one in before.of("champion")
        if one.answers.get("x_as") == "self"
        and "yes" in (one.answers.get("x_sign"), one.answers.get("x_welcome"))
    }
    lacking = [f"s{n}" for n in range(1, len(names) + 1) if f"s{n}" not in yes]
    more = max(number(said, "champions? from one more"), number(said, "more sub-sector"))
    wanted = named or lacking[:more]
    if not wanted:
        return None
    for code in wanted[: len(wanted) - less]:
        before = before.joined(_new_champion(before, x_subsector=code, x_sign="yes"))
    return before


def _amount(field: str, pattern: str, step: float) -> Any:
    def change(before: Round, said: str, less: int) -> Round | None:
        more = 1.0 if said.startswith("one") else float(re.match(r"[\d.]*", said)[0] or 0)
        if not more or not re.search(pattern, said):
            return None
        given = {one.id: float(str(one.answers[field])) for one in before.of("convener")}
        enough = round(min(given.values()) + more - step * less, 2)
        low = [one for one, amount in given.items() if amount < enough]
        return before.saying(low, **{field: enough})

    return change


def _parts(before: Round, said: str, less: int) -> Round:
    answers: dict[str, Any] = {}
    if "named person" in said:
        answers["c_fte_named"] = "yes"
    if "agreed parts" in said:
        answers["c_model"] = "several_agreed"
    for field in list(answers)[:less]:
        del answers[field]
    return before.saying([one.id for one in before.of("convener")], **answers)


def _help(before: Round, said: str, less: int) -> Round:
    texts = load_texts()
    names = {job: texts.say(f"job.{job}") for job in JOBS}
    jobs = [job for job, name in names.items() if name in said] or list(names)
    partners = 2 if "two partners" in said else int(" partner for " in said or "second" in said)
    a_name = "named person" in said
    if less and not a_name:
        partners -= 1
    for place in range(partners):
        promised = jobs[:1] if place else jobs
        new = _new_partner(before, **{f"p_help_{job}": "open" for job in promised})
        before = before.joined(new)
    return _with_a_name(before) if a_name and not less else before


def _with_a_name(before: Round) -> Round:
    """Somebody of a body that confirms a job names who will do it."""
    for people in _bodies(before).values():
        for job in JOBS:
            if all(one.answers.get(f"p_help_{job}") in ("named", "open") for one in people):
                return before.saying([people[0].id], **{f"p_help_{job}": "named"})
    return before


# Left out is 4.5 alone: its words name no amount. Trust is protected, and how far it is from 4.0
# would tell of the few who doubt; it grows with time, not with a number of steps.
CHANGES: Final[Mapping[str, Any]] = {
    "1.1": _written,
    "1.2": _sources,
    "1.3": _scope,
    "1.4": _definition,
    "1.5": _neighbors,
    "1.6": _companies,
    "2.1": _on_the_map,
    "2.2": _understood,
    "2.3": _committed,
    "2.4": _on_board,
    "3.1": _plain_yes("more plain yes(?:es)? to the letter", x_sign="yes"),
    "3.2": _plain_yes("more plain yes(?:es)? to the welcome", x_welcome="yes"),
    "3.3": _covered,
    "3.4": _plain_yes("more champions? who", x_spread="3_5"),
    "4.1": _amount("c_fte", "more of a full-time person", 0.05),
    "4.2": _amount("c_fte_months", "more months? of", 1),
    "4.3": _parts,
    "4.4": _help,
}
# The checks whose words say how much is needed, and not only what: a description is reworded until
# people can use it, an area settled with everybody who sees it differently.
MEASURED: Final = tuple(check for check in CHANGES if check not in ("1.3", "1.4"))


def all_done(before: Round, checks: Sequence[str]) -> Round | None:
    """The round after everything that several checks ask for."""
    after: Round | None = before
    for check in checks:
        if after is None or after.outcomes[check].outcome == "yes":
            continue
        after = done(after, check)
    return after
