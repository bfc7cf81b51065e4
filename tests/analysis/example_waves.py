"""Three small rounds with known answers: one ready, one nearly, one not yet.

Three bodies are listed (an association A, a convening body B, another body C), each with one
partner; there is one convener. Everybody answers as ``DEFAULTS`` of ``tests.analysis.waves``
says, with the changes written here, so that every figure can be worked out on paper.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.answers import Respondent
from analysis.facts import Invited, WaveFacts
from tests.analysis.waves import BODIES, SETUP, facts, person, rated

THREE = replace(
    SETUP,
    organizations=BODIES[:3],
    sub_sectors=("Castings", "Machining"),
)


def ready() -> tuple[list[Respondent], WaveFacts]:
    """Everything is in place; partners see the launch a little less brightly than champions."""
    people = [
        person("c1", "convener", "board", c_org_commit=rated(A="4", B="4", C="4")),
        person("p1", "partner", "orgA", commit_level="5", weight=rated(B="some", C="some")),
        person("p2", "partner", "orgB", commit_level="4", geo_fit="3",
               weight=rated(A="lot", C="some")),
        person("p3", "partner", "orgC", commit_level="4", worth_it="3",
               weight=rated(A="lot", B="lot")),
        person("x1", "champion", "acme", keeps_word="5",
               weight=rated(A="lot", B="lot", C="some")),
        person("x2", "champion", "bolt", x_subsector="s2", worth_it="5",
               weight=rated(A="lot", B="some", C="little")),
        person("x3", "champion", "cast", x_sign="after_wording",
               weight=rated(A="some", B="lot", C="some")),
    ]  # fmt: skip
    claims = dict.fromkeys(("x1", "x2", "x3"), "said_yes")
    return people, facts(people, setup=THREE, statuses=claims, employers_fit=112)


def nearly() -> tuple[list[Respondent], WaveFacts]:
    """As ready, but one champion only says a plain yes to the letter, and one partner is silent."""
    people, _ = ready()
    changed = [
        replace(one, answers={**one.answers, "x_sign": "not_yet"}) if one.id == "x2" else one
        for one in people
        if one.id != "p2"
    ]
    silent = [Invited("p2", "partner", "orgB", state="started", started=True)]
    claims = dict.fromkeys(("x1", "x2", "x3"), "said_yes")
    return changed, facts(changed, setup=THREE, statuses=claims, silent=silent, employers_fit=112)


def not_yet() -> tuple[list[Respondent], WaveFacts]:
    """Two people answered of six; the list is short and the staff time thin."""
    people = [
        person("c1", "convener", "board", c_fte=0.2, c_fte_months=2, c_fte_named="no",
               c_org_commit=rated(A="3", B="2", C="4"), weight=rated(A="lot", B="some", C="some")),
        person("x1", "champion", "acme", x_sign="not_yet", x_welcome="if_date", x_spread="1_2",
               who_decides="convener", launch_timing="later",
               weight=rated(A="lot", B="dk", C="some")),
    ]  # fmt: skip
    silent = [
        Invited("p1", "partner", "orgA"),
        Invited("p2", "partner", "orgB", state="bounced"),
        Invited("p3", "partner", "orgC", state="declined"),
        Invited("x2", "champion", "bolt", "said_yes"),
    ]
    about = facts(people, setup=THREE, statuses={"x1": "said_yes"}, silent=silent, employers_fit=60)
    names = {**about.organization_names, "bolt": "Company bolt"}
    return people, replace(about, organization_names=names)
