"""Milestone 1, scope: is it clear which companies and which area this is for?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

from analysis.answers import ANSWERED, DONT_KNOW
from analysis.criteria.outcome import (
    Criterion,
    Evidence,
    Outcome,
    Phrase,
    Word,
    both,
    counted_phrase,
    phrase,
    share,
    unknown,
)
from analysis.disclosure import CHAMPION, PROTECTED_ROLES
from analysis.influence import CONVENER

ENOUGH_COMPANIES: Final = 100
NEARLY_ENOUGH: Final = 75
# With this many views, one in eight may disagree with a yes.
MANY_VIEWS: Final = 8
# Fewer views than this say nothing.
FEWEST_VIEWS: Final = 2
SETUP: Final = "setup"


def written_down(evidence: Evidence) -> Outcome:
    """1.1: area, definition and at least one adopted test are typed in."""
    setup = evidence.facts.setup
    parts = {
        "area": bool(setup.area.strip()),
        "definition": bool(setup.sector_definition.strip()),
        "test": any(code != "none" for code in setup.criteria),
    }
    missing = tuple(phrase(f"missing.{part}") for part, there in parts.items() if not there)
    turn = phrase("criterion.1_1.turn", missing=missing)
    if not any(parts.values()) and not setup.criteria:
        return unknown("1.1", "no_data", turn=turn, facts=True)
    value = sum(parts.values())
    word: Word = "yes" if value == 3 else "partly" if value == 2 else "no"
    advice = {
        "partly": phrase("advice.1_1.partly", missing=missing),
        "no": phrase("advice.1_1.no"),
    }
    return Outcome(
        "1.1",
        word,
        value=value,
        decided_by=(SETUP,),
        found=(phrase("criterion_value.parts", value=value),),
        turn=turn,
        advice=advice.get(word),
    )


def sources_used(evidence: Evidence) -> Outcome:
    """1.2: published data or a list, what partners know, and talks with leaders."""
    answers = evidence.table.values("c_evidence", CONVENER)
    ticked = {code for codes in answers.values() if isinstance(codes, list) for code in codes}
    sources = {
        "data": bool(ticked & {"lmi", "employer_list"}),
        "partners": "partners" in ticked,
        "leaders": "leaders" in ticked,
    }
    missing = tuple(phrase(f"missing.{one}") for one, used in sources.items() if not used)
    turn = phrase("criterion.1_2.turn", missing=missing)
    if not answers:
        return unknown("1.2", "no_data", turn=turn)
    value = sum(sources.values())
    word: Word = "yes" if value == 3 else "partly" if value == 2 else "no"
    have = tuple(phrase(f"have.{one}") for one, used in sources.items() if used)
    advice = {
        "partly": phrase("advice.1_2.partly", have=have, missing=missing),
        "no": phrase("advice.1_2.no"),
    }
    return Outcome(
        "1.2",
        word,
        value=value,
        decided_by=(CONVENER,),
        n=len(answers),
        found=(counted_phrase("criterion_value.sources", value, n=value),),
        turn=turn,
        advice=advice.get(word),
    )


@dataclass(frozen=True)
class Count:
    """How a group stands to a statement, and what the count rule makes of it."""

    role: str
    agree: int
    disagree: int
    views: int
    unsure: int
    asked: int

    @property
    def word(self) -> Word:
        """Yes: two thirds of the views agree, (almost) nobody disagrees, and fewer than a third
        of those asked could not say. Partly: half agree. Unknown: fewer than two views."""
        if self.views < FEWEST_VIEWS:
            return "unknown"
        few_against = self.disagree == 0 or (
            self.views >= MANY_VIEWS and 8 * self.disagree <= self.views
        )
        if 3 * self.agree >= 2 * self.views and few_against and 3 * self.unsure < self.asked:
            return "yes"
        return "partly" if 2 * self.agree >= self.views else "no"

    @property
    def found(self) -> Phrase:
        if self.unsure:
            return phrase(
                "criterion_value.share_agree_dont_know",
                k=self.agree,
                n=self.views,
                u=self.unsure,
                asked=self.asked,
            )
        return phrase("criterion_value.share_agree", k=self.agree, n=self.views)


def count(evidence: Evidence, question: str, role: str) -> Count:
    """How many of a role agree, disagree and could not say."""
    cells = evidence.table.asked(question, role).values()
    scores = [cell.score for cell in cells if cell.state == ANSWERED and cell.score is not None]
    return Count(
        role,
        agree=sum(score >= 4 for score in scores),
        disagree=sum(score <= 2 for score in scores),
        views=len(scores),
        unsure=sum(cell.state == DONT_KNOW for cell in cells),
        asked=len(cells),
    )


def area_recognized(evidence: Evidence) -> Outcome:
    """1.3: the count rule on champions and the area."""
    found = count(evidence, "geo_fit", CHAMPION)
    agreed = replace(found, agree=found.agree + found.disagree, disagree=0)
    turn = (
        counted_phrase("criterion.1_3.turn", found.disagree, d=found.disagree)
        if found.disagree and agreed.word == "yes"
        else phrase("criterion.1_3.turn_unsure")
    )
    if CHAMPION in evidence.held:
        return unknown("1.3", "hidden", share(2, 3), turn)
    if found.word == "unknown":
        return unknown("1.3", "no_data", share(2, 3), turn, some=found.asked > 0)
    return _by_count("1.3", found, turn)


def definition_applies(evidence: Evidence) -> Outcome:
    """1.4: the count rule on partners and on champions; the worse of the two decides."""
    turn = phrase("criterion.1_4.turn")
    if evidence.held:
        return unknown("1.4", "hidden", share(2, 3), turn)
    groups = [count(evidence, "def_clear", role) for role in PROTECTED_ROLES]
    if any(group.word == "unknown" for group in groups):
        some = any(group.asked for group in groups)
        return unknown("1.4", "no_data", share(2, 3), turn, some=some)
    order = ("no", "partly", "yes")
    # Shares are compared as fractions: agree / views, by cross products of small numbers.
    worse = min(groups, key=lambda one: (order.index(one.word), one.agree / one.views))
    return _by_count("1.4", worse, turn)


def _by_count(criterion: str, found: Count, turn: Phrase) -> Outcome:
    advice = f"advice.{criterion.replace('.', '_')}.{found.word}"
    return Outcome(
        criterion,
        found.word,
        value=share(found.agree, found.views),
        threshold=share(2, 3),
        decided_by=(found.role,),
        n=found.views,
        found=(found.found,),
        turn=turn,
        advice=None if found.word == "yes" else phrase(advice),
    )


def neighbors_settled(evidence: Evidence) -> Outcome:
    """1.5: the team has decided, and few partners and champions want a change."""
    decided = evidence.facts.setup.ancillary_decided
    if evidence.held:
        return unknown("1.5", "hidden", share(1, 3), phrase("criterion.1_5.turn"))
    answers = evidence.table.values("types_missing", *PROTECTED_ROLES)
    codes = Counter(str(code) for code in answers.values())
    views, change = sum(codes.values()), codes["some"] + codes["too_many"]
    turn = _settling(decided, views, change)
    sides = []
    if decided:
        sides.append(decided == "yes")
    if views >= FEWEST_VIEWS:
        sides.append(3 * change < views)
    if not sides or (len(sides) == 1 and not sides[0]):
        some = bool(evidence.table.asked("types_missing", *PROTECTED_ROLES))
        return unknown("1.5", "no_data", share(1, 3), turn, facts=not decided, some=some)
    settled = phrase(f"criterion_value.decided_{decided or 'unset'}")
    if views >= FEWEST_VIEWS:
        found = phrase("criterion_value.share_change", k=change, n=views, decided=settled)
    else:
        found = phrase("criterion_value.no_change_side", decided=settled)
    word: Word = "yes" if sides == [True, True] else "partly" if any(sides) else "no"
    roles = {evidence.table.by_id[person].role for person in answers}
    voices = [role for role in PROTECTED_ROLES if role in roles and views >= FEWEST_VIEWS]
    # Where the team has decided and nobody was heard, there is no case to close: ask.
    advice = word if views >= FEWEST_VIEWS else "unknown"
    return Outcome(
        "1.5",
        word,
        value=share(change, views) if views >= FEWEST_VIEWS else None,
        threshold=share(1, 3),
        decided_by=(*((SETUP,) if decided else ()), *voices),
        n=views if views >= FEWEST_VIEWS else None,
        found=(found,),
        turn=turn,
        advice=None if word == "yes" else phrase(f"advice.1_5.{advice}"),
    )


def _settling(decided: str | None, views: int, change: int) -> Phrase | None:
    """What 1.5 lacks: the team's word, somebody's view, or people who want no change any more."""
    unheard = max(0, FEWEST_VIEWS - views)
    # Fewer than a third of the views may want a change.
    against = change - (max(views, FEWEST_VIEWS) - 1) // 3
    parts = []
    if decided != "yes":
        parts.append(phrase("criterion.1_5.turn"))
    if unheard:
        parts.append(counted_phrase("criterion.1_5.turn_views", unheard, gap=unheard))
    if against > 0:
        parts.append(counted_phrase("criterion.1_5.turn_change", against, gap=against))
    return reduce(lambda first, second: both([first, second]), parts) if parts else None


def enough_companies(evidence: Evidence) -> Outcome:
    """1.6: 100 companies on an employer list; an estimate is partly at best."""
    facts = evidence.facts
    if facts.employers_fit is not None:
        return companies_on_list(facts.employers_fit)
    given = evidence.table.values("c_company_count", CONVENER).values()
    guesses = sorted(int(one) for one in given if isinstance(one, int | float))
    low, high = (guesses[0], guesses[-1]) if guesses else (None, None)
    turn = phrase("criterion.1_6.turn_estimate")
    if facts.setup.company_count is not None:
        value, voice, n = facts.setup.company_count, SETUP, None
    elif low is not None:
        value, voice, n = low, CONVENER, len(guesses)
    else:
        must_see = phrase("must_see.companies_unknown")
        return unknown("1.6", "no_data", ENOUGH_COMPANIES, turn, must_see=must_see)
    word: Word = "partly" if value >= NEARLY_ENOUGH else "no"
    found = [counted_phrase("criterion_value.companies_estimate", value, n=value)]
    if low != high:
        found.append(phrase("criterion_value.range", low=low, high=high))
    return Outcome(
        "1.6",
        word,
        value=value,
        threshold=ENOUGH_COMPANIES,
        decided_by=(voice,),
        n=n,
        low=low,
        high=high,
        found=tuple(found),
        turn=turn,
        advice=phrase("advice.1_6.estimate")
        if word == "partly"
        else counted_phrase("advice.1_6.no", value, n=value),
        must_see=phrase("must_see.companies_estimate")
        if word == "partly"
        else counted_phrase("must_see.companies", value, n=value),
    )


def companies_on_list(value: int) -> Outcome:
    """1.6 with an employer list: how many of its companies fit the scope."""
    word: Word = (
        "yes" if value >= ENOUGH_COMPANIES else "partly" if value >= NEARLY_ENOUGH else "no"
    )
    gap = max(0, ENOUGH_COMPANIES - value)
    advice = {
        "partly": phrase("advice.1_6.partly", n=value),
        "no": counted_phrase("advice.1_6.no", value, n=value),
    }
    return Outcome(
        "1.6",
        word,
        value=value,
        threshold=ENOUGH_COMPANIES,
        decided_by=(SETUP,),
        found=(counted_phrase("criterion_value.companies_list", value, n=value),),
        turn=counted_phrase("criterion.1_6.turn", gap, gap=gap),
        advice=advice.get(word),
        must_see=None if word == "yes" else counted_phrase("must_see.companies", value, n=value),
    )


SCOPE: Final = (
    Criterion("1.1", "scope", written_down),
    Criterion("1.2", "scope", sources_used),
    Criterion("1.3", "scope", area_recognized),
    Criterion("1.4", "scope", definition_applies, "ours"),
    Criterion("1.5", "scope", neighbors_settled),
    Criterion("1.6", "scope", enough_companies),
)
