"""Milestone 4, convening team: is there staff time to follow through, and help from outside?"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from analysis.criteria.outcome import (
    Criterion,
    Evidence,
    Outcome,
    Phrase,
    Word,
    both,
    counted_phrase,
    phrase,
    unknown,
)
from analysis.disclosure import CHAMPION, PARTNER, POOLED, PROTECTED_ROLES, Figure
from analysis.influence import CONVENER

ENOUGH_STAFF: Final = 0.4
NEARLY_ENOUGH_STAFF: Final = 0.25
# The checklist asks for 0.4 to 0.6; more is noted, never marked down.
PLENTY_OF_STAFF: Final = 0.6
ENOUGH_MONTHS: Final = 6
NEARLY_ENOUGH_MONTHS: Final = 3
TRUSTED: Final = 4.0
DOUBTED_BELOW: Final = 3.0
ENOUGH_PARTNERS: Final = 2
JOBS: Final = ("facilitate", "broker", "advise")
STANDING: Final = "standing"


def _amounts(evidence: Evidence, question: str) -> list[float]:
    given = evidence.table.values(question, CONVENER).values()
    return sorted(float(one) for one in given if isinstance(one, int | float))


def _range(amounts: list[float]) -> tuple[Phrase, ...]:
    if amounts[0] == amounts[-1]:
        return ()
    return (phrase("criterion_value.range", low=amounts[0], high=amounts[-1]),)


def enough_staff(evidence: Evidence) -> Outcome:
    """4.1: at least 0.4 of a full-time person, by the lowest figure a convener gives."""
    amounts = _amounts(evidence, "c_fte")
    if not amounts:
        turn = phrase("criterion.4_1.turn_unknown")
        must_see = phrase("must_see.staff_unknown")
        return unknown("4.1", "no_data", ENOUGH_STAFF, turn, must_see=must_see)
    value = amounts[0]
    word: Word = (
        "yes" if value >= ENOUGH_STAFF else "partly" if value >= NEARLY_ENOUGH_STAFF else "no"
    )
    gap = round(max(0.0, ENOUGH_STAFF - value), 2)
    key = "fte_above" if value > PLENTY_OF_STAFF else "fte"
    advice = {
        "partly": phrase("advice.4_1.partly", fte=value),
        "no": phrase("advice.4_1.no"),
    }
    return Outcome(
        "4.1",
        word,
        value=value,
        threshold=ENOUGH_STAFF,
        decided_by=(CONVENER,),
        n=len(amounts),
        low=amounts[0],
        high=amounts[-1],
        found=(phrase(f"criterion_value.{key}", fte=value), *_range(amounts)),
        turn=phrase("criterion.4_1.turn", gap=gap),
        advice=advice.get(word),
        must_see=None if word == "yes" else phrase("must_see.staff", fte=value),
    )


def months_paid(evidence: Evidence) -> Outcome:
    """4.2: paid for at least six months after the launch, by the lowest figure."""
    amounts = _amounts(evidence, "c_fte_months")
    if not amounts:
        turn = phrase("criterion.4_2.turn_unknown")
        must_see = phrase("must_see.months_unknown")
        return unknown("4.2", "no_data", ENOUGH_MONTHS, turn, must_see=must_see)
    value = int(amounts[0])
    word: Word = (
        "yes" if value >= ENOUGH_MONTHS else "partly" if value >= NEARLY_ENOUGH_MONTHS else "no"
    )
    gap = max(0, ENOUGH_MONTHS - value)
    advice = {
        "partly": phrase("advice.4_2.partly", m=value),
        "no": phrase("advice.4_2.no"),
    }
    lacks = (
        counted_phrase("must_see.months", value, n=value)
        if value
        else phrase("must_see.months_none")
    )
    return Outcome(
        "4.2",
        word,
        value=value,
        threshold=ENOUGH_MONTHS,
        decided_by=(CONVENER,),
        n=len(amounts),
        low=amounts[0],
        high=amounts[-1],
        found=(counted_phrase("criterion_value.months", value, n=value), *_range(amounts)),
        turn=counted_phrase("criterion.4_2.turn", gap, gap=gap),
        advice=advice.get(word),
        must_see=None if word == "yes" else lacks,
    )


def parts_agreed(evidence: Evidence) -> Outcome:
    """4.3: a named person will do the work, and who does what is agreed; the worst answer."""
    named = set(map(str, evidence.table.values("c_fte_named", CONVENER).values()))
    models = set(map(str, evidence.table.values("c_model", CONVENER).values()))
    person, parts = named == {"yes"}, bool(models) and "several_open" not in models
    turn = phrase(f"criterion.4_3.turn{'_parts' if person else '_person' if parts else ''}")
    if not named and not models:
        return unknown("4.3", "no_data", turn=turn)
    value = int(person) + int(parts)
    word: Word = "yes" if value == 2 else "partly" if value else "no"
    return Outcome(
        "4.3",
        word,
        value=value,
        decided_by=(CONVENER,),
        n=len(evidence.table.codes("c_model", CONVENER)),
        found=(phrase("criterion_value.settled", n=value),),
        turn=turn,
        advice=None if word == "yes" else phrase(f"advice.4_3.{word}"),
    )


def help_promised(evidence: Evidence) -> Outcome:
    """4.4: all three jobs confirmed, by two organizations, with at least one person named.

    An organization confirms a job when all of its people who sent will do it; the person may be
    named by any of them.
    """
    sent = {one.organization or one.id for one in evidence.table.people(PARTNER)}
    helpers: dict[str, set[str]] = {}
    named = False
    for job in JOBS:
        promises = evidence.table.by_organization(f"p_help_{job}", PARTNER)
        helpers[job] = set()
        for organization, people in promises.items():
            codes = {str(cell.value) for cell in people.values()}
            if codes <= {"named", "open"}:
                helpers[job].add(organization)
                named = named or "named" in codes
    open_jobs = tuple(phrase(f"job.{job}") for job in JOBS if not helpers[job])
    who = set().union(*helpers.values())
    turn = _help_turn(open_jobs, len(who), named=named)
    if not sent:
        return unknown("4.4", "no_data", turn=turn)
    value = len(JOBS) - len(open_jobs)
    enough = not open_jobs and named and len(who) >= ENOUGH_PARTNERS
    word: Word = "yes" if enough else "partly" if value else "no"
    advice = {
        "partly": phrase("advice.4_4.partly", missing=open_jobs)
        if open_jobs
        else phrase("advice.4_4.one_partner"),
        "no": phrase("advice.4_4.no"),
    }
    return Outcome(
        "4.4",
        word,
        value=value,
        decided_by=(PARTNER,),
        n=len(sent),
        found=(counted_phrase("criterion_value.jobs", value, n=value),),
        turn=turn,
        advice=advice.get(word),
    )


def _help_turn(open_jobs: tuple[Phrase, ...], partners: int, *, named: bool) -> Phrase:
    """What is missing of three jobs, two partners and one named person."""
    key = "criterion.4_4.turn"
    alone = partners < ENOUGH_PARTNERS
    if not open_jobs and alone and not named:
        return phrase(f"{key}_second")
    wanted = []
    if open_jobs:
        form = ("_two", "_other", "")[min(partners, ENOUGH_PARTNERS)]
        every = len(open_jobs) == len(JOBS)
        missing = (phrase("missing.all_jobs"),) if every else open_jobs
        wanted.append(phrase(f"{key}{form}", missing=missing))
    elif alone:
        wanted.append(phrase(f"{key}_partner"))
    if not named:
        wanted.append(phrase(f"{key}_person"))
    return both(wanted or [phrase(key, missing=open_jobs)])


def team_trusted(evidence: Evidence) -> Outcome:
    """4.5: partners and champions each trust the team, 4.0 or more; pooled it is partly at best."""
    turn = phrase("criterion.4_5.turn")
    if not evidence.closed:
        return unknown("4.5", "at_close", TRUSTED, turn)
    published = evidence.published
    parts = {role: published.figure(STANDING, role) for role in PROTECTED_ROLES}
    pooled = published.figure(STANDING, POOLED)
    shown = {role: figure for role, figure in parts.items() if figure is not None}
    if len(shown) == len(PROTECTED_ROLES):
        role = min(shown, key=lambda one: shown[one].mean or 0)
        said = phrase(
            "criterion_value.trust_parts",
            partner=mean_words(shown[PARTNER]),
            champion=mean_words(shown[CHAMPION]),
        )
        return _trust(role, shown[role], said, turn)
    if pooled is None and shown:
        # One group is left with a figure, as where everything is shown by name.
        role, pooled = next(iter(shown.items()))
        return _trust(role, pooled, _pooled_words(pooled), turn, apart=False)
    if pooled is not None:
        return _trust(POOLED, pooled, _pooled_words(pooled), turn, apart=False)
    answered = bool(evidence.table.scores(STANDING, *PROTECTED_ROLES))
    found = unknown("4.5", "hidden" if answered else "no_data", TRUSTED, turn)
    # It is only hidden once the round has closed: calling people then helps no more.
    return replace(found, advice=phrase("advice.4_5.unknown"))


def _trust(role: str, figure: Figure, said: Phrase, turn: Phrase, *, apart: bool = True) -> Outcome:
    mean = figure.mean or 0
    # Both groups together may hide that one of them doubts: never more than partly.
    word: Word = "yes" if apart and mean >= TRUSTED else "partly" if mean >= DOUBTED_BELOW else "no"
    advice = {
        "partly": phrase("advice.4_5.partly" if apart else "advice.4_5.partly_pooled"),
        "no": phrase("advice.4_5.no"),
    }
    return Outcome(
        "4.5",
        word,
        value=figure.mean,
        bound=figure.bound,
        threshold=TRUSTED,
        decided_by=(role,),
        n=figure.n,
        found=(said,),
        turn=turn,
        advice=advice.get(word),
    )


def _pooled_words(figure: Figure) -> Phrase:
    return phrase("criterion_value.trust_pooled", pooled=mean_words(figure))


def mean_words(figure: Figure) -> Phrase:
    """A mean with one decimal and its bound, "at least 4.7"."""
    return phrase(f"mean.{figure.bound or 'plain'}", mean=f"{figure.mean or 0:.1f}")


CONVENER_TEAM: Final = (
    Criterion("4.1", "convener", enough_staff),
    Criterion("4.2", "convener", months_paid),
    Criterion("4.3", "convener", parts_agreed, "ours"),
    Criterion("4.4", "convener", help_promised),
    Criterion("4.5", "convener", team_trusted, "ours"),
)
