"""Waves for tests of the gate: people with default answers, changed where a test says so."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from analysis.answers import Respondent
from analysis.facts import Invited, WaveFacts
from analysis.since import Before
from analysis.snapshot import Snapshot, take_snapshot
from surveys.loader import load
from surveys.questionnaire import Asked, Option, Questionnaire, Value
from surveys.setup import Organization, Person, Setup
from surveys.texts import load_texts

OPENED = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
CLOSED = datetime(2026, 6, 12, 22, 0, tzinfo=UTC)

BODIES = (
    Organization("orgA", "Metal Trades Association", "association", "training"),
    Organization("orgB", "River Valley Chamber", "convening", "trade"),
    Organization("orgC", "County Economic Development", "other", "sites"),
    Organization("orgD", "State College", "other", "courses"),
    Organization("orgE", "Machinists Local 12", "other", "wages"),
)
SETUP = Setup(
    area="Two Rivers",
    sector_definition="Companies that make metal parts",
    sub_sectors=("Castings", "Machining"),
    criteria=("common_focus",),
    ancillary_decided="yes",
    launch_date=date(2026, 9, 15),
    organizations=BODIES,
    has_employer_list=True,
    champions=(),
)

AGREE = ("geo_fit", "def_clear", "size_right")
WORTH = ("worth_it", "can_deliver", "stay_with")
TRUST = ("convener_standing", "follows_industry", "keeps_word")
SHARED: dict[str, Value] = {
    "who_decides": "leaders",
    **dict.fromkeys((*AGREE, *WORTH, *TRUST), "4"),
    "types_missing": "none",
    "launch_timing": "yes",
}
DEFAULTS: dict[str, dict[str, Value]] = {
    "convener": {
        **SHARED,
        "c_evidence": ["lmi", "partners", "leaders"],
        "c_champ_spread": "yes",
        "c_model": "one",
        "c_fte": 0.5,
        "c_fte_months": 9,
        "c_fte_named": "yes",
        "c_help_facilitate": "agreed",
        "c_help_broker": "agreed",
        "c_help_advise": "agreed",
        "capacity_enough": "4",
    },
    "partner": {
        **SHARED,
        "p_convenes": "sometimes",
        "p_ceo_ties": "4_10",
        "p_explain": "4",
        "commit_level": "4",
        "p_help_facilitate": "named",
        "p_help_broker": "open",
        "p_help_advise": "open",
        "p_overlap": "2",
        "capacity_enough": "4",
    },
    "champion": {
        **SHARED,
        "x_as": "self",
        "x_subsector": "s1",
        "x_sign": "yes",
        "x_welcome": "yes",
        "x_spread": "3_5",
    },
}


def person(key: str, role: str, organization: str | None = None, /, **answers: Any) -> Respondent:
    """One person who sent: the defaults of the role, changed; ``None`` leaves a question blank.

    ``weight`` given as a mapping rates organizations by id.
    """
    given: dict[str, Any] = {**DEFAULTS[role], **answers}
    for question in ("weight", "c_org_commit", "c_org_understands"):
        rated = given.pop(question, None)
        if isinstance(rated, Mapping):
            given |= {f"{question}--{about}": code for about, code in rated.items()}
    kept = {field: value for field, value in given.items() if value is not None}
    return Respondent(key, role, organization, kept)


def facts(
    people: Sequence[Respondent],
    *,
    setup: Setup = SETUP,
    silent: Sequence[Invited] = (),
    statuses: Mapping[str, str] | None = None,
    **members: Any,
) -> WaveFacts:
    """The facts of a wave in which these people sent and the silent ones did not."""
    claims = statuses or {}
    invited = tuple(
        Invited(one.id, one.role, one.organization, claims.get(one.id, ""), "sent", True)
        for one in people
    )
    names = {one.id: one.name for one in setup.organizations}
    companies = {one.organization for one in people if one.role == "champion"}
    names |= {key: f"Company {key}" for key in companies if key}
    known = WaveFacts(
        wave="w1",
        partnership="Two Rivers Metal",
        region="Two Rivers",
        sector="Metal",
        questionnaire="readiness-1",
        opened_at=OPENED,
        closes_at=CLOSED,
        closed_at=CLOSED,
        timezone="America/Chicago",
        k=3,
        mode="protected",
        setup=setup,
        employers_fit=120,
        invited=(*invited, *silent),
        organization_names=names,
    )
    return replace(known, **members)


def snapshot(
    people: Sequence[Respondent],
    about: WaveFacts | None = None,
    *,
    kind: str = "final",
    snapshot_id: str = "s1",
    previous: Snapshot | None = None,
    before: Before | None = None,
    questionnaire: Questionnaire | None = None,
    **members: Any,
) -> Snapshot:
    """The snapshot of some people's answers."""
    return take_snapshot(
        questionnaire or load(),
        load_texts(),
        about or facts(people, **members),
        people,
        snapshot_id=snapshot_id,
        taken_at=CLOSED,
        kind=kind,
        previous=previous,
        before=before,
    )


def rated(**codes: str) -> Any:
    """Ratings of organizations by the letter of the worked example: ``rated(A="lot")``."""
    return {f"org{letter}": code for letter, code in codes.items()}


def worked_example() -> list[Respondent]:
    """The wave W of the questionnaire's worked example: 2 conveners, 6 partners, 3 CEOs."""
    return [
        person("c1", "convener", "board"),
        person("c2", "convener", "board", c_fte=0.6),
        *_partners(),
        *_champions(),
    ]


def _partners() -> list[Respondent]:
    # Standing: person means 5.00, 4.00, 4.00, 3.67, 3.33, 3.33 make 23.33 of 6 people.
    trusts = [("5", "5", "5"), ("4", "4", "4"), ("4", "4", "4")]
    trusts += [("4", "4", "3"), ("4", "3", "3"), ("4", "3", "3")]
    rows = [
        ("p1", "orgA", "5", "leaders", "4", "4"),
        ("p2", "orgA", "3", "everyone", "5", "4"),
        ("p3", "orgB", "4", "leaders", "4", "5"),
        ("p4", "orgC", "4", "leaders", "4", "4"),
        ("p5", "orgD", "2", "not_sure", "3", "3"),
        ("p6", "orgE", "5", "leaders", "5", "4"),
    ]
    # The row of C as its five other partners rate it: 3, 3, 5, 3, 1.
    of_c = {"p1": "some", "p2": "some", "p3": "lot", "p5": "some", "p6": "little"}
    people = []
    for (key, body, commit, decides, explain, clear), trust in zip(rows, trusts, strict=True):
        weight: Any = {one.id: "some" for one in BODIES if one.id != body}
        if key in of_c:
            weight["orgC"] = of_c[key]
        answers: dict[str, Any] = dict(zip(TRUST, trust, strict=True))
        people.append(
            person(
                key,
                "partner",
                body,
                commit_level=commit,
                who_decides=decides,
                p_explain=explain,
                def_clear=clear,
                weight=weight,
                **answers,
            )
        )
    return people


def _champions() -> list[Respondent]:
    high = {"convener_standing": "5", "follows_industry": "4", "keeps_word": "4"}
    even = dict.fromkeys(TRUST, "4")
    return [
        person("x1", "champion", "acme", geo_fit="4", def_clear="4",
               weight=rated(A="lot", B="some", C="lot", D="lot", E="some"), **high),
        person("x2", "champion", "bolt", geo_fit="5", def_clear="4", x_subsector="s2",
               weight=rated(A="lot", B="some", C="some", D="lot", E="some"), **high),
        person("x3", "champion", "cast", geo_fit="2", def_clear="dk",
               weight=rated(A="some", B="little", C="dk", D="lot", E="lot"), **even),
    ]  # fmt: skip


def random_people(
    chance: random.Random,
    sizes: tuple[int, int, int] = (2, 6, 4),
    *,
    setup: Setup = SETUP,
    unsure: float = 0.1,
    users: float = 0.05,
    leans: Sequence[float] = (1.5, 3.0, 4.2),
    questionnaire: Questionnaire | None = None,
) -> list[Respondent]:
    """People who answer everything by chance; ``unsure`` of the answers that can be are "dk".

    Some people are mild, some stern: each one's scores stay around one of ``leans``. ``users`` of
    them can sign in.

    Partners stand for the listed bodies in turn, so two of them may share one; two champions in
    ten share a company.
    """
    people = []
    for role, prefix, n in zip(("convener", "partner", "champion"), "cpx", sizes, strict=True):
        for place in range(n):
            organization = {
                "convener": "board",
                "partner": BODIES[place % len(BODIES)].id,
                "champion": f"co{place if chance.random() < 0.8 else max(0, place - 1)}",
            }[role]
            lean = chance.choice(leans)
            asked = _asked(questionnaire or load(), role, organization, setup)
            answers = _random_answers(chance, role, asked, unsure, lean)
            handed, is_user = chance.random() < 0.2, chance.random() < users
            people.append(
                Respondent(f"{prefix}{place}", role, organization, answers, handed, is_user)
            )
    return people


def _asked(questionnaire: Questionnaire, role: str, organization: str, setup: Setup) -> list[Asked]:
    pages = questionnaire.asked(Person(role, organization), setup)
    return [asked for page in pages for asked in page.asked]


def _random_answers(
    chance: random.Random, role: str, form: Sequence[Asked], unsure: float, lean: float
) -> dict[str, Value]:
    answers: dict[str, Value] = {}
    for asked in form:
        kind = asked.question.kind
        if kind == "number":
            answers[asked.field] = chance.choice((0, 3, 5, 9)) / (
                1 if asked.question.step == 1 else 10
            )
        elif kind == "several_choices":
            codes = [one.code for one in asked.options if not one.excludes]
            answers[asked.field] = sorted(chance.sample(codes, chance.randint(1, len(codes))))
        elif kind == "lines":
            answers[f"{asked.field}--1"] = chance.choice(("Guild", "River Valley  chamber"))
        elif kind in ("long_text", "short_text"):
            answers[asked.field] = f"Text of {role} {chance.randint(0, 9)}"
        else:
            answers[asked.field] = _random_code(chance, asked.options, lean, unsure)
    return answers


def _random_code(
    chance: random.Random, options: Sequence[Option], lean: float, unsure: float
) -> str:
    doubts = [one.code for one in options if one.unsure]
    if doubts and chance.random() < unsure:
        return doubts[0]
    rest = [one for one in options if not one.unsure]
    if all(one.score is not None for one in rest):
        near = sorted(rest, key=lambda one: abs((one.score or 0) - lean + chance.gauss(0, 0.9)))
        return near[0].code
    return chance.choice(rest).code
