"""Who may be shown a figure, and at which level: both groups apart, together, or not at all."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal

from analysis import statistics
from analysis.answers import AnswerTable, Key
from analysis.disclosure.constructs import side_figures
from analysis.disclosure.figures import (
    HIGHEST,
    LOWEST,
    Figure,
    Level,
    exact_mean,
    figure_of,
    near_end,
    step_of,
)
from surveys.questionnaire import OPEN, PROTECTED, ROLES

POOLED: Final = "pooled"
PARTNER: Final = "partner"
CHAMPION: Final = "champion"
PROTECTED_ROLES: Final = (PARTNER, CHAMPION)
TOO_FEW: Final = "too few scored answers"
AT_CLOSE: Final = "shown when the round closes"
NOT_ENOUGH_NEW: Final = "too few new answers since the last look"

Shown = Literal["parts", "pooled"]


@dataclass(frozen=True)
class Hidden:
    """One figure that is not shown: of which measure, of which role, and why."""

    measure: str
    about: str | None
    role: str
    reason: str


@dataclass(frozen=True)
class Published:
    """Every figure that may be shown, and at which level; nothing else is ever known of it."""

    figures: Mapping[tuple[str, str, str | None], Figure] = field(default_factory=dict)
    levels: Mapping[tuple[str, str | None], Shown] = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
    named: bool = False

    def figure(self, measure: str, role: str, about: str | None = None) -> Figure | None:
        """The figure of an item or construct for convener, partner, champion or pooled."""
        return self.figures.get((measure, role, about))

    def level(self, measure: str, about: str | None = None) -> Shown | None:
        """Whether a protected measure is shown in parts, pooled or not at all (``None``)."""
        return self.levels.get((measure, about))


@dataclass(frozen=True)
class Rules:
    """How strict the gate is: ``closed`` is false for an interim snapshot, which shows no
    protected view; ``named`` is the final snapshot of a wave that hides nothing. ``held`` keeps
    the choice of parts or pooled made earlier and asks for no number of people again."""

    k: int
    named: bool = False
    closed: bool = True
    held: Mapping[tuple[str, str | None], Shown] | None = None


def counted(table: AnswerTable, people: Iterable[str]) -> int:
    """How many people count towards k: one per organization, and nobody who can sign in."""
    units = set()
    for person in people:
        one = table.by_id[person]
        if not one.is_user:
            units.add(one.organization or person)
    return len(units)


# A measure and what it is about; a family shares one decision.
Family = tuple[Key, ...]


def families(table: AnswerTable) -> Iterator[tuple[Family, tuple[str, ...]]]:
    """Every protected family with the protected roles that are asked."""
    questionnaire = table.questionnaire
    in_construct: set[str] = set()
    for construct in questionnaire.constructs.values():
        if construct.item_class == PROTECTED:
            in_construct.update(construct.items)
            members = ((construct.id, None), *((item, None) for item in construct.items))
            yield members, PROTECTED_ROLES
    for key in _asked_keys(table, PROTECTED_ROLES):
        question = questionnaire.questions[key[0]]
        if question.item_class == PROTECTED and question.scored and question.id not in in_construct:
            yield (key,), tuple(role for role in PROTECTED_ROLES if key in table.forms[role])


def _asked_keys(table: AnswerTable, roles: Iterable[str]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(table.forms[role] for role in roles)))


def publish(table: AnswerTable, rules: Rules, only: Container[str] | None = None) -> Published:
    """Decide and round every figure; ``only`` limits the work to some measures.

    Parameters are the answers and the rules; the result holds one figure for each measure and
    role that may be shown, and one ``Hidden`` for each that may not. A construct in ``only``
    comes without its items.
    """
    figures: dict[tuple[str, str, str | None], Figure] = {}
    levels: dict[tuple[str, str | None], Shown] = {}
    hidden: list[Hidden] = []
    for measure, role, about in _open_measures(table):
        if only is None or measure in only:
            scores = table.scores(measure, role, about=about)
            if scores:
                level: Level = "named" if rules.named else "open"
                step = step_of(table.questionnaire.questions.get(measure))
                figures[measure, role, about] = figure_of(scores.values(), level, step)
    for family, roles in families(table):
        if only is not None and family[0][0] not in only:
            continue
        shown = _level(table, family, roles, rules)
        if shown is not None:
            levels.update(dict.fromkeys(family, shown))
        wanted = family if only is None else family[:1]
        found, missing = _family_figures(table, wanted, roles, shown, rules)
        figures.update(found)
        hidden.extend(missing)
    return Published(figures, levels, tuple(hidden), rules.named)


def _open_measures(table: AnswerTable) -> Iterator[tuple[str, str, str | None]]:
    """Measures shown at any number of people: conveners' own, and all that is not protected."""
    questionnaire = table.questionnaire
    for construct in questionnaire.constructs.values():
        for role in ROLES:
            if role == "convener" or construct.item_class == OPEN:
                yield construct.id, role, None
    for role in ROLES:
        for question_id, about in table.forms[role]:
            question = questionnaire.questions[question_id]
            if question.scored and (role == "convener" or question.item_class != PROTECTED):
                yield question_id, role, about


def _level(
    table: AnswerTable, family: Family, roles: tuple[str, ...], rules: Rules
) -> Shown | None:
    if rules.held is not None:
        return rules.held.get(family[0])
    if not rules.closed:
        return None
    sizes = {role: _smallest(table, family, (role,), rules) for role in roles}
    least = 1 if rules.named else rules.k
    if all(n >= least for n in sizes.values()) and _safe(table, family, roles, rules, "parts"):
        return "parts"
    together = _smallest(table, family, roles, rules)
    if len(roles) > 1 and together >= least and _safe(table, family, roles, rules, POOLED):
        return POOLED
    return None


def _smallest(table: AnswerTable, family: Family, roles: tuple[str, ...], rules: Rules) -> int:
    if rules.named:
        # Nothing is hidden by name; a group without any score has nothing to show.
        return len(table.scores(family[0][0], *roles, about=family[0][1]))
    return min(counted(table, table.scores(m, *roles, about=about)) for m, about in family)


def _safe(
    table: AnswerTable, family: Family, roles: tuple[str, ...], rules: Rules, shown: Shown
) -> bool:
    """Whether no smaller group's mean follows from what would be shown."""
    if rules.named:
        return True
    sides = [(role,) for role in roles] if shown == "parts" else [roles]
    for measure, about in family:
        sizes = {r: counted(table, table.scores(measure, r, about=about)) for r in roles}
        if statistics.derivable(sizes, [list(side) for side in sides], rules.k):
            return False
        if any(_given_away(table, measure, about, side) for side in sides):
            return False
    return True


def _given_away(
    table: AnswerTable, measure: str, about: str | None, roles: tuple[str, ...]
) -> bool:
    """Whether one who can sign in and answered here could subtract their own answer and find
    that all the others gave the same end answer, although the mean of all does not tell."""
    scores = table.scores(measure, *roles, about=about)
    known = [score for person, score in scores.items() if table.by_id[person].is_user]
    others = [score for person, score in scores.items() if not table.by_id[person].is_user]
    if not others or not known:
        return False
    step = step_of(table.questionnaire.questions.get(measure))
    bound = near_end(exact_mean(scores.values()), len(scores), step)
    if bound is not None:
        # At most one answer stands off the end; whoever gave it knows all the others.
        end = HIGHEST if bound == "at_least" else LOWEST
        return any(score != end for score in known)
    return near_end(exact_mean(others), len(others), step) is not None


def _family_figures(
    table: AnswerTable,
    family: Family,
    roles: tuple[str, ...],
    shown: Shown | None,
    rules: Rules,
) -> tuple[dict[tuple[str, str, str | None], Figure], list[Hidden]]:
    figures: dict[tuple[str, str, str | None], Figure] = {}
    reason = TOO_FEW if rules.closed else AT_CLOSE
    hidden: list[Hidden] = []
    if shown != "parts" and not rules.named:
        hidden = [Hidden(m, about, role, reason) for m, about in family for role in roles]
        if shown is None and len(roles) > 1:
            hidden += [Hidden(m, about, POOLED, reason) for m, about in family]
    if shown is None:
        return figures, hidden
    sides = {role: (role,) for role in roles} if shown == "parts" else {POOLED: roles}
    level: Level = "named" if rules.named else shown
    steps = {m: step_of(table.questionnaire.questions.get(m)) for m, _ in family}
    for name, side in sides.items():
        scores = {(m, about): table.scores(m, *side, about=about) for m, about in family}
        known = [one.id for one in table.people(*side) if one.is_user]
        found = side_figures(scores, steps, level, known)
        for key in family:
            if key in found:
                figures[key[0], name, key[1]] = found[key]
            elif scores[key]:
                hidden.append(Hidden(key[0], key[1], name, reason))
    return figures, hidden
