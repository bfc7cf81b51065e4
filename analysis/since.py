"""What moved since the round before: only differences of two figures that were both let out.

A change is told where both rounds show the same groups at the same level. Of protected views it is
told only where nobody came or went in between, or at least k people did: beside an unchanged
group, a figure that moved would give away the one who joined it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.answers import AnswerTable, Respondent
from analysis.comparison import Difference
from analysis.criteria import Outcome
from analysis.criteria.outcome import key_of
from analysis.criteria.verdict import Verdict
from analysis.disclosure import PROTECTED_ROLES, Figure, Published
from analysis.influence import BuyIn, Place
from surveys.questionnaire import PROTECTED, ROLES, Questionnaire
from surveys.setup import Setup
from surveys.texts import Texts

Document = Mapping[str, Any]

BUY_IN: Final = "buy_in"
STANDING: Final = "standing"
WEIGHT: Final = "weight"
# The checks that rest on protected views, and the measure behind each.
PROTECTED_CHECKS: Final[Mapping[str, str]] = {"4.5": STANDING, "2.4": WEIGHT}
RANKS: Final = ("no", "partly", "yes")
BETTER: Final = "better"
WORSE: Final = "worse"
SAME: Final = "same"
CHANGED: Final = "changed"
NOT_COMPARABLE: Final = "not_comparable"


@dataclass(frozen=True)
class Before:
    """The round before: its final results document and the answers of it that still exist."""

    body: Document
    questionnaire: Questionnaire
    setup: Setup
    respondents: Sequence[Respondent]


@dataclass(frozen=True)
class Rounds:
    """Two rounds side by side, and which of their figures may be compared."""

    body: Document
    then: AnswerTable
    now: AnswerTable
    published: Published
    places: Sequence[Place]
    k: int

    @classmethod
    def of(
        cls,
        before: Before,
        now: AnswerTable,
        published: Published,
        places: Sequence[Place],
        k: int,
    ) -> Rounds:
        then = AnswerTable.of(before.questionnaire, before.setup, before.respondents)
        return cls(before.body, then, now, published, places, k)

    def comparable(self, measure: str, roles: Iterable[str] = PROTECTED_ROLES) -> bool:
        """Whether the change of a measure may be told for these groups."""
        if not self._protected(measure):
            return True
        if measure == WEIGHT:
            return self._map_comparable()
        return all(
            self._figures_comparable(measure, side, None)
            for side in self._sides(measure, [one for one in roles if one != "convener"])
        )

    def _protected(self, measure: str) -> bool:
        known = self.now.questionnaire
        if measure in known.constructs:
            return known.constructs[measure].item_class == PROTECTED
        question = known.questions.get(measure)
        return question is not None and question.item_class == PROTECTED

    def _sides(self, measure: str, roles: Sequence[str]) -> tuple[str, ...]:
        """The groups whose figures stand behind a difference; all others are both."""
        asked = PROTECTED_ROLES if "pooled" in roles else tuple(roles)
        return ("pooled",) if self.published.level(measure) == "pooled" else asked

    def _map_comparable(self) -> bool:
        then = {one["id"]: one["credibility_from"] for one in self.body["organizations"]}
        now = {one.organization.id: one for one in self.places}
        if then.keys() != now.keys():
            return False
        for key, place in now.items():
            source = place.credibility_from
            if source != then[key]:
                return False
            if source in ("champion", "pooled", "partner"):
                side = "pooled" if self.published.figure(WEIGHT, "pooled", key) else str(source)
                if not self._figures_comparable(WEIGHT, side, key):
                    return False
        return True

    def _figures_comparable(self, measure: str, side: str, about: str | None) -> bool:
        before = self._before(measure, side, about)
        now = self.published.figure(measure, side, about)
        if before is None or now is None or before["level"] != now.level:
            return False
        return now.level == "named" or self._same_people(measure, side, about, before["n"])

    def _before(self, measure: str, side: str, about: str | None) -> Document | None:
        """The figure of the round before, with its level."""
        whole = self.body["page"]["constructs"].get(measure)
        if whole is not None:
            found: Document | None = whole.get(side)
            return found
        level = {"pooled": "pooled"}.get(side, "parts")
        if self.body["snapshot"]["mode"] == "named":
            level = "named"
        return next(
            (
                {"n": one["n"], "level": level}
                for one in self.body["items"]
                if (one["id"], one["role"], one["about"]) == (measure, side, about)
                and one["mean"] is not None
            ),
            None,
        )

    def _same_people(self, measure: str, side: str, about: str | None, n: int) -> bool:
        roles = PROTECTED_ROLES if side == "pooled" else (side,)
        then = _people(self.then, measure, roles, about)
        now = _people(self.now, measure, roles, about)
        if len(then) != n:
            # Somebody's answers were deleted since: who made up the old figure is not known.
            return False
        apart = {unit for key, unit in {**then, **now}.items() if (key in then) != (key in now)}
        moved = any((key in then) != (key in now) for key in {**then, **now})
        return not moved or len(apart - {None}) >= self.k


def _people(
    table: AnswerTable, measure: str, roles: Iterable[str], about: str | None
) -> dict[str, str | None]:
    """Who has a score, each with what counts as one of k: the organization, nothing for users."""
    found = {}
    for key in table.scores(measure, *roles, about=about):
        one = table.by_id[key]
        found[one.person or one.id] = None if one.is_user else one.organization or one.id
    return found


def moved(
    rounds: Rounds,
    outcomes: Sequence[Outcome],
    buy_in: BuyIn,
    differences: Sequence[Difference],
    verdict: Verdict,
    texts: Texts,
) -> dict[str, Any]:
    """What the page says of the round before: verdict, checks, buy-in and differences."""
    body = rounds.body
    return {
        "wave": body["wave"]["id"],
        "closed_at": body["wave"]["closed_at"],
        "verdict": headline(body["verdict"]["outcome"], body["verdict"]["yes"], verdict, texts),
        "criteria": dict(_criteria(rounds, outcomes, texts)),
        "buy_in": list(_buy_in(rounds, buy_in, texts)),
        "differences": list(_differences(rounds, differences, texts)),
        "note": texts.say("since.note"),
    }


def headline(before: str, before_yes: int, verdict: Verdict, texts: Texts) -> dict[str, Any]:
    """Both verdicts in one sentence, with what is needed to say it again."""
    return {
        "before": before,
        "before_yes": before_yes,
        "sentence": texts.say(
            "since.headline",
            before=texts.say(f"verdict.name.{before}"),
            before_yes=before_yes,
            now=texts.say(f"verdict.name.{verdict.outcome}"),
            now_yes=verdict.yes,
        ),
    }


def refreshed(
    told: Document, again: Sequence[Outcome], verdict: Verdict, texts: Texts
) -> dict[str, Any]:
    """The parts that change when some checks are judged again after the set-up was mended."""
    criteria = dict(told["criteria"])
    for found in again:
        if found.id in criteria:
            criteria[found.id] = check(criteria[found.id]["before"], found, texts)
    was = told["verdict"]
    return {
        "criteria": criteria,
        "verdict": headline(was["before"], was["before_yes"], verdict, texts),
    }


def _criteria(
    rounds: Rounds, outcomes: Sequence[Outcome], texts: Texts
) -> Iterator[tuple[str, dict[str, Any]]]:
    then = {one["id"]: one for one in rounds.body["criteria"]}
    for found in outcomes:
        before = then.get(found.id)
        if before is None:
            continue
        measure = PROTECTED_CHECKS.get(found.id)
        known = before["reason"] != "hidden" and found.reason != "hidden"
        comparable = known and (measure is None or rounds.comparable(measure))
        yield found.id, check(before["outcome"] if comparable else None, found, texts)


def check(before: str | None, found: Outcome, texts: Texts) -> dict[str, Any]:
    """One check against what it was, ``None`` where that may not be compared."""
    direction = NOT_COMPARABLE if before is None else _direction(before, found.outcome)
    blanks = {} if before is None else {"before": texts.say(f"outcome.{before}").lower()}
    key = f"since.check.{direction}"
    return {
        "before": before,
        "moved": direction,
        "words": texts.say(key, **{one: blanks[one] for one in texts.blanks(key)}),
        "sentence": texts.say(
            "since.check_line",
            name=texts.say(f"criterion.{key_of(found.id)}.name"),
            before=texts.say(f"outcome.{before}").lower(),
            now=texts.say(f"outcome.{found.outcome}").lower(),
        )
        if direction in (BETTER, WORSE, CHANGED)
        else None,
    }


def _direction(before: str, now: str) -> str:
    if before == now:
        return SAME
    if before not in RANKS or now not in RANKS:
        return CHANGED
    return BETTER if RANKS.index(now) > RANKS.index(before) else WORSE


def _buy_in(rounds: Rounds, found: BuyIn, texts: Texts) -> Iterator[dict[str, Any]]:
    told = rounds.body["buy_in"]
    sides: list[tuple[str, Figure | None, Document | None]] = [
        (role, found.by_role.get(role), told["by_role"].get(role)) for role in ROLES
    ]
    sides.append(("others", found.overall, told["overall"]))
    for role, now, before in sides:
        if now is None and before is None:
            continue
        groups = PROTECTED_ROLES if role == "others" else (role,)
        comparable = (
            now is not None
            and before is not None
            and now.level == before["level"]
            and (role == "convener" or rounds.comparable(BUY_IN, groups))
        )
        group = texts.say(f"role.{role}.group")
        if not comparable or now is None or before is None:
            sentence, change = texts.say("since.buy_in_not", group=group), None
        else:
            sentence = texts.say(
                "since.buy_in",
                group=group,
                before=_mean(before["mean"], before["bound"], texts),
                now=_mean(now.mean, now.bound, texts),
            )
            change = _change(before, now)
            if not before["bound"] and not now.bound:
                sentence = f"{sentence} {_change_words(change, texts)}"
        yield {"role": role, "change": change, "sentence": sentence}


def _change_words(change: float, texts: Texts) -> str:
    """How far two figures lie apart; with a figure that is a bound it is not known."""
    if not change:
        return texts.say("since.change.none")
    key = "since.change.up" if change > 0 else "since.change.down"
    return texts.say(key, change=f"{abs(change):.1f}")


def _change(before: Document, now: Figure) -> float:
    """The difference of two published means in steps of the scale; no negative zero."""
    return round((now.mean or 0.0) - (before["mean"] or 0.0), 1) + 0.0


def _mean(mean: float | None, bound: str | None, texts: Texts) -> str:
    return texts.say(f"mean.{bound or 'plain'}", mean=f"{mean or 0.0:.1f}")


def _differences(
    rounds: Rounds, found: Sequence[Difference], texts: Texts
) -> Iterator[dict[str, Any]]:
    words = rounds.body["page"]["differences"]
    then = {one["id"]: one for one in rounds.body["differences"]}
    now = {one.id: one for one in found}
    for key in dict.fromkeys((*now, *then)):
        one, before = now.get(key), then.get(key)
        measure = one.measure if one else before["measure"] if before else ""
        roles = one.roles if one else before["roles"] if before else ()
        title = one.title if one else words.get(key, {}).get("title", "")
        state = (
            NOT_COMPARABLE
            if not rounds.comparable(measure, roles)
            else "new"
            if before is None
            else "gone"
            if one is None
            else "still"
        )
        yield {"id": key, "state": state, "sentence": _line(state, title, before, one, texts)}


def _line(
    state: str, title: str, before: Document | None, now: Difference | None, texts: Texts
) -> str:
    told = now.kind if now else before["kind"] if before else ""
    kind = texts.say(f"difference_kind.{told}").lower()
    if state == "still" and before and now and before["size"] is not None and now.size is not None:
        return texts.say(
            "since.difference.still_apart",
            title=title,
            kind=kind,
            before=f"{abs(before['size']):.1f}",
            now=f"{abs(now.size):.1f}",
        )
    return texts.say(f"since.difference.{state}", title=title, kind=kind)
