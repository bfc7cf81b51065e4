"""The results document: what the gate let out, member by member, as everyone reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from analysis import commitments, items, page
from analysis.answers import AnswerTable
from analysis.comparison import Comparison
from analysis.comparison.difference import Source
from analysis.criteria import CRITERIA, Outcome, words
from analysis.criteria.verdict import judge
from analysis.disclosure import POOLED, Figure, Hidden, Published, Rules
from analysis.facts import WaveFacts
from analysis.influence import BuyIn, Place, buy_in, missing
from analysis.page.checks import sentence
from analysis.remarks import redact
from analysis.robustness import would_turn
from analysis.since import Before, Rounds, moved
from surveys.marks import mark
from surveys.questionnaire import ROLES
from surveys.texts import Texts


@dataclass(frozen=True)
class Made:
    """Everything computed once and worded or written down afterwards."""

    facts: WaveFacts
    table: AnswerTable
    rules: Rules
    published: Published
    places: tuple[Place, ...]
    outcomes: tuple[Outcome, ...]
    hidden: tuple[Hidden, ...]
    provisional: tuple[str, ...]
    timing: str | None
    fragile: bool | None
    texts: Texts
    before: Before | None = None


def body(
    made: Made, compared: Comparison, snapshot_id: str, taken_at: datetime, kind: str
) -> dict[str, Any]:
    """The whole document but for names, remarks and charts."""
    facts, texts = made.facts, made.texts
    reasons = {one.id: one.reason for one in made.outcomes}
    checks = page.criteria_words(made.outcomes, texts)
    judged = _judged(made, checks, reasons)
    influence = buy_in(made.published)
    return {
        "wave": _wave(facts),
        "snapshot": {
            "id": snapshot_id,
            "taken_at": moment(taken_at),
            "kind": kind,
            "k": facts.k,
            "mode": facts.mode,
        },
        **verdict_members(judged, texts),
        "criteria": [criterion_entry(one, texts) for one in made.outcomes],
        "buy_in": _buy_in(influence, made.places),
        "items": items.rows(made.table, made.published),
        "differences": [one.entry() for one in compared.differences],
        "organizations": [_organization(one) for one in made.places],
        "commitments": commitments.rows(made.table, facts),
        "comments": [],
        "named_missing": _named_missing(made),
        "charts": [],
        "hidden": [
            {"what": _what(one), "role": one.role, "reason": one.reason} for one in made.hidden
        ],
        "response": _response(facts, made.table),
        "page": _page(made, compared, judged, influence),
    }


def _judged(
    made: Made, checks: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str | None]
) -> page.Judged:
    found, facts = words(made.outcomes), made.facts
    return page.Judged(
        judge(found, reasons),
        made.rules.closed,
        found,
        checks,
        made.provisional,
        _sent(facts, made.table),
        made.timing,
        made.fragile,
        would_turn(found) if made.rules.closed else (),
    )


def verdict_members(judged: page.Judged, texts: Texts) -> dict[str, Any]:
    """The members ``verdict`` and ``milestones`` of the document."""
    verdict, closed = judged.verdict, judged.closed
    return {
        "verdict": {
            "outcome": verdict.outcome if closed else None,
            "literal_most": verdict.literal_most,
            "provisional": bool(judged.provisional),
            "provisional_because": list(judged.provisional),
            "yes": verdict.yes,
            "total": len(CRITERIA),
            "visible": verdict.visible,
            "weakest_milestone": verdict.weakest if closed else None,
            "must_see": list(verdict.must_see),
            "would_turn": [
                {"criteria": list(one), "sentence": page.turn_sentence(judged, one, texts)}
                for one in judged.turn
            ],
            "timing": judged.timing,
            "fragile": judged.fragile,
        },
        "milestones": [
            {
                "id": one.id,
                "yes": one.yes,
                "total": one.total,
                "outcome": ("short" if one.short else "met") if closed else None,
                "because": one.because if closed else None,
                "spare": one.spare if closed else None,
            }
            for one in verdict.milestones
        ],
    }


def judged_from(document: Mapping[str, Any]) -> page.Judged:
    """The verdict derived again from the outcomes of a document, and what its words need."""
    closed = document["snapshot"]["kind"] == "final"
    found = {one["id"]: one["outcome"] for one in document["criteria"]}
    reasons = {one["id"]: one["reason"] for one in document["criteria"]}
    told = document["verdict"]
    return page.Judged(
        judge(found, reasons),
        closed,
        found,
        document["page"]["criteria"],
        tuple(told["provisional_because"]),
        {role: (counts[0], counts[1]) for role, counts in document["page"]["sent"].items()},
        told["timing"],
        told["fragile"],
        would_turn(found) if closed else (),
    )


def _wave(facts: WaveFacts) -> dict[str, Any]:
    return {
        "id": facts.wave,
        "partnership": facts.partnership,
        "region": facts.region,
        "sector": facts.sector,
        "questionnaire": facts.questionnaire,
        "opened_at": moment(facts.opened_at),
        "closes_at": moment(facts.closes_at),
        "closed_at": moment(facts.closed_at) if facts.closed_at else None,
        "timezone": facts.timezone,
    }


def moment(when: datetime) -> str:
    """A moment in UTC; one without a zone is taken to be in UTC."""
    known = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return known.strftime("%Y-%m-%dT%H:%M:%SZ")


def criterion_entry(found: Outcome, texts: Texts) -> dict[str, Any]:
    """The member of ``criteria`` for one outcome."""
    return {
        "id": found.id,
        "outcome": found.outcome,
        "reason": found.reason,
        "value": found.value,
        "bound": found.bound,
        "threshold": found.threshold,
        "decided_by": list(found.decided_by),
        "n": found.n,
        "low": found.low,
        "high": found.high,
        "strong": found.strong,
        "sentence": sentence(found, texts),
    }


def _figure(figure: Figure | None) -> dict[str, Any] | None:
    return None if figure is None else asdict(figure)


def _buy_in(found: BuyIn, on_map: Sequence[Place]) -> dict[str, Any]:
    return {
        "overall": _figure(found.overall),
        "by_role": {role: _figure(figure) for role, figure in found.by_role.items()},
        "by_organization": {
            one.organization.id: {"value": one.buy_in, "from": one.buy_in_from}
            for one in on_map
            if one.buy_in is not None
        },
    }


def _organization(place: Place) -> dict[str, Any]:
    figure = place.credibility
    rated = place.credibility_from is not None
    return {
        "id": place.organization.id,
        "name": mark(place.organization.id),
        "kind": place.organization.kind,
        "around": place.organization.around,
        "buy_in": place.buy_in,
        "buy_in_from": place.buy_in_from,
        "credibility": figure.mean if figure else None,
        "credibility_from": place.credibility_from,
        "credibility_n": figure.n if figure else 0 if rated else None,
        "known_to_leaders": place.known,
        "quarter": place.quarter,
    }


def _named_missing(made: Made) -> list[dict[str, Any]]:
    people = made.facts.people_names
    return [
        # A typed name must not be read as the mark of a listed organization.
        {"name": redact(one.name, people).replace("{o:", "{ o:"), "count": one.count}
        for one in missing(made.table)
    ]


def _what(one: Hidden) -> str:
    return one.measure if one.about is None else f"{one.measure}--{one.about}"


def _response(facts: WaveFacts, table: AnswerTable) -> dict[str, dict[str, int]]:
    response: dict[str, dict[str, int]] = {}
    for role in ROLES:
        invited = facts.invited_as(role)
        states = [one.state for one in invited]
        response[role] = {
            "invited": len(invited),
            "started": sum(one.started or one.state in ("started", "sent") for one in invited),
            "sent": len(table.people(role)),
            "declined": states.count("declined"),
            "bounced": states.count("bounced"),
        }
    return response


def _sent(facts: WaveFacts, table: AnswerTable) -> dict[str, tuple[int, int]]:
    """How many of how many have sent: people, and organizations for partners."""
    found = {}
    for role in ROLES:
        sent, invited = table.people(role), facts.invited_as(role)
        if role == "partner":
            who = {one.organization or one.id for one in sent}
            asked = {one.organization or one.invitation for one in invited}
        else:
            who = {one.id for one in sent}
            asked = {one.invitation for one in invited}
        found[str(role)] = (len(who), len(asked | who))
    return found


def _page(
    made: Made, compared: Comparison, judged: page.Judged, influence: BuyIn
) -> dict[str, Any]:
    texts, table = made.texts, made.table
    return {
        **verdict_page(judged, texts),
        "criteria": judged.checks,
        "sent": judged.sent,
        "agreements": list(compared.agreements),
        "unsure": list(compared.unsure),
        "untold": list(compared.untold),
        "overview": list(compared.overview),
        "none_found": compared.none_found,
        "differences": page.difference_words(
            compared.differences, Source(table, made.facts, made.published, texts)
        ),
        "organizations": page.organization_words(made.places, texts),
        "quarters": page.quarter_words(texts),
        "constructs": _constructs(made),
        "hidden": page.hidden_words(made.published, made.hidden, table.questionnaire, texts),
        "buy_in": page.buy_in_words(influence, texts),
        "buy_in_note": texts.say("map.stands_beside"),
        "since": _since(made, compared, judged, influence),
        "answered": page.answered_words(table, made.facts, texts),
        "missing": page.missing_words(made.facts, texts),
        "response": page.response_words(table, made.facts, texts),
        "items": page.item_words(table.questionnaire, table.setup),
        "method": page.method_words(closed=made.rules.closed, texts=texts),
    }


def _since(
    made: Made, compared: Comparison, judged: page.Judged, influence: BuyIn
) -> dict[str, Any] | None:
    """What moved since the round before; an interim snapshot tells nothing of it."""
    if made.before is None or not judged.closed:
        return None
    rounds = Rounds.of(made.before, made.table, made.published, made.places, made.facts.k)
    return moved(rounds, made.outcomes, influence, compared.differences, judged.verdict, made.texts)


def verdict_page(judged: page.Judged, texts: Texts) -> dict[str, Any]:
    """The parts of the page that follow from the verdict."""
    return {
        "headline": page.headline(judged, texts),
        "weakest": page.weakest(judged.verdict, texts) if judged.closed else None,
        "turn": page.turn_words(judged, texts),
        "literal_most": page.literal(judged.verdict, texts) if judged.closed else None,
        "interim": None if judged.closed else texts.say("provisional.interim"),
        "provisional": [texts.say(f"provisional.{one}") for one in judged.provisional],
        "milestones": page.milestone_words(judged, texts),
    }


def _constructs(made: Made) -> dict[str, dict[str, Any]]:
    """The published figures of each construct by role."""
    return {
        key: {
            role: _figure(figure)
            for role in (*ROLES, POOLED)
            if (figure := made.published.figure(key, role)) is not None
        }
        for key in made.table.questionnaire.constructs
    }
