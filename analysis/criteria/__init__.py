"""The readiness criteria, four milestones of them, and the verdict they make together."""

from __future__ import annotations

from typing import Final

from analysis.criteria.champions import CHAMPIONS
from analysis.criteria.convener import CONVENER_TEAM
from analysis.criteria.outcome import Criterion, Evidence, Outcome, Phrase
from analysis.criteria.partners import PARTNERS
from analysis.criteria.scope import SCOPE
from analysis.criteria.verdict import MILESTONES, Verdict, judge

__all__ = [
    "CRITERIA",
    "MILESTONES",
    "Criterion",
    "Evidence",
    "Outcome",
    "Phrase",
    "Verdict",
    "judge",
    "outcomes",
    "words",
]

CRITERIA: Final[tuple[Criterion, ...]] = (*SCOPE, *PARTNERS, *CHAMPIONS, *CONVENER_TEAM)


def outcomes(evidence: Evidence) -> tuple[Outcome, ...]:
    """Judge every criterion, in the order of the checklist."""
    return tuple(criterion.judge(evidence) for criterion in CRITERIA)


def words(found: tuple[Outcome, ...]) -> dict[str, str]:
    """The word of each criterion by its id."""
    return {one.id: one.outcome for one in found}
