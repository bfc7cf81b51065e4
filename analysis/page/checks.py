"""The words of milestones and criteria: names, what was found, the next step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.criteria import CRITERIA, Outcome
from analysis.criteria.outcome import Criterion, key_of
from analysis.criteria.verdict import MUST_SEE, Milestone
from analysis.disclosure import POOLED
from analysis.page.verdict import Judged
from surveys.texts import Texts


def sentence(found: Outcome, texts: Texts) -> str:
    """What was found for one criterion."""
    return " ".join(one.words(texts) for one in found.found)


def criteria_words(outcomes: Sequence[Outcome], texts: Texts) -> dict[str, dict[str, Any]]:
    """For each criterion: name, rule, source, what would turn it, the next step."""
    known = {criterion.id: criterion for criterion in CRITERIA}
    return {found.id: _criterion_words(known[found.id], found, texts) for found in outcomes}


def _criterion_words(criterion: Criterion, found: Outcome, texts: Texts) -> dict[str, Any]:
    key = f"criterion.{key_of(found.id)}"
    must_see = found.must_see.words(texts) if found.must_see else None
    return {
        "name": texts.say(f"{key}.name"),
        "rule": texts.say(f"{key}.rule"),
        "source": texts.say(f"source.{criterion.source}"),
        "outcome": texts.say(f"outcome.{found.outcome}"),
        "turn": found.turn.words(texts) if found.turn and found.outcome != "yes" else None,
        "advice": _advice(found, texts),
        "decided_by": _voices(found.decided_by, texts),
        "must_see": must_see,
        "asks": texts.say(f"must_see_asks.{key_of(found.id)}") if found.id in MUST_SEE else None,
    }


def _advice(found: Outcome, texts: Texts) -> str | None:
    if found.advice is not None:
        return found.advice.words(texts)
    if found.outcome == "yes":
        return texts.say("advice.keep", value=sentence(found, texts).removesuffix("."))
    return None


def _voices(roles: Sequence[str], texts: Texts) -> str | None:
    words = [_voice(role, texts) for role in roles]
    if len(words) > 1 and POOLED in roles:
        # "Partners and champions together" holds an "and" of its own.
        return texts.say("list.and_both", first=texts.listed(words[:-1]), last=words[-1])
    return texts.listed(words) or None


def _voice(role: str, texts: Texts) -> str:
    return texts.say("role.setup.inside" if role == "setup" else f"role.{role}.inside")


def milestone_words(judged: Judged, texts: Texts) -> dict[str, dict[str, Any]]:
    """For each milestone: name, question, and, once the round is closed, how it stands."""
    return {
        one.id: {
            "name": texts.say(f"milestone.{one.id}.name"),
            "question": texts.say(f"milestone.{one.id}.question"),
            "sentence": _standing(one, texts) if judged.closed else None,
        }
        for one in judged.verdict.milestones
    }


def _standing(one: Milestone, texts: Texts) -> str:
    if one.because is not None:
        return texts.say(f"milestone_because.{one.because}")
    counts = {"y": one.yes, "t": one.total}
    if one.spare:
        return texts.say("milestone_spare.some", spare=one.spare, **counts)
    return texts.say("milestone_spare.none", **counts)
