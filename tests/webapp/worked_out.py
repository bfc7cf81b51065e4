"""Figures worked out from the raw answers of a small round, in the plainest way there is.

Nothing here comes from the analysis: codes and scores are written down, means are sums over people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal

from analysis.answers import Respondent

GROUPS = {
    "convener": "Conveners",
    "partner": "Partners",
    "champion": "Champions",
    "pooled": "Partners and champions together",
}
ROLES_OF = {"pooled": ("partner", "champion")}
AGREEMENT = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}
YES_PARTLY_NO = {"yes": 5, "partly": 3, "no": 1}
CLAIMED_HELP = {"agreed": 5, "in_talks": 3, "no": 1}
HELP = {"named": 5, "open": 4, "perhaps": 3, "no": 1}
SHARED_VIEWS = ("geo_fit", "def_clear", "size_right", "worth_it", "can_deliver", "stay_with",
                "convener_standing", "follows_industry", "keeps_word")  # fmt: skip
SCORES = {
    **dict.fromkeys((*SHARED_VIEWS, "capacity_enough", "c_map_complete", "p_explain"), AGREEMENT),
    # Turned round: who sees no overlap is counted high.
    "p_overlap": {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1},
    "who_decides": {"leaders": 5, "everyone": 3, "convener": 1, "trainers": 1, "funders": 1},
    "weight": {"lot": 5, "some": 3, "little": 1},
    "commit_level": AGREEMENT,
    "c_org_commit": AGREEMENT,
    **dict.fromkeys(("c_org_understands", "c_champ_spread", "c_fte_named"), YES_PARTLY_NO),
    **dict.fromkeys(("c_help_facilitate", "c_help_broker", "c_help_advise"), CLAIMED_HELP),
    **dict.fromkeys(("p_help_facilitate", "p_help_broker", "p_help_advise"), HELP),
}
UNSURE = ("dk", "not_sure")
# Views on people and on whether this is worth the time: means only, with a bound near the ends.
PROTECTED = {*SHARED_VIEWS[3:], "capacity_enough", "p_overlap", "weight"}
STEP = {"weight": 2}


def of(people: Sequence[Respondent], group: str) -> list[Respondent]:
    return [one for one in people if one.role in ROLES_OF.get(group, (group,))]


def given(people: Iterable[Respondent], question: str, about: str = "") -> list[object]:
    """What each person answered, ``None`` for nothing."""
    field = f"{question}--{about}" if about else question
    return [one.answers.get(field) for one in people]


def rounded(total: float, n: int) -> str:
    """A mean half up to one decimal."""
    mean = Decimal(str(total)) / n
    return f"{mean.quantize(Decimal('0.1'), ROUND_HALF_UP)}"


def mean(people: Sequence[Respondent], group: str, question: str, about: str = "") -> str:
    """The mean of a group in words, empty without a score."""
    answers = given(of(people, group), question, about)
    scores = [SCORES[question][str(one)] for one in answers if str(one) in SCORES[question]]
    if not scores:
        return ""
    return bounded(sum(scores), len(scores), question, group)


def bounded(total: float, n: int, question: str, group: str) -> str:
    """A mean as it may be said: near either end of few people's scale, how far it is at least."""
    if question in PROTECTED and group != "convener" and n < 10:
        near = STEP.get(question, 1) / n
        if total / n >= 5 - near:
            return f"at least {rounded(5 * n - near * n, n)}"
        if total / n <= 1 + near:
            return f"at most {rounded(n + near * n, n)}"
    return rounded(total, n)


def views(people: Sequence[Respondent], group: str, question: str, about: str = "") -> int:
    answers = given(of(people, group), question, about)
    return sum(one is not None and one not in UNSURE for one in answers)


def unsure(people: Sequence[Respondent], group: str, question: str, about: str = "") -> int:
    return sum(one in UNSURE for one in given(of(people, group), question, about) if one)


def construct(people: Sequence[Respondent], group: str, items: Sequence[str]) -> tuple[str, int]:
    """The mean of each person's mean over some statements, and how many people it rests on."""
    own = []
    for one in of(people, group):
        scores = [SCORES[item][str(one.answers[item])] for item in items]
        own.append(sum(scores) / len(scores))
    return (bounded(sum(own), len(own), items[0], group), len(own)) if own else ("", 0)
