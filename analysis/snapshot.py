"""The gate: answers and facts in, one frozen snapshot out.

Everything shown, drawn or exported comes from a snapshot. It holds figures, sentences and opaque
ids; names, remarks and (in a named wave) answers lie beside it, so that they can be erased without
any figure being computed again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from analysis import charts, page, remarks
from analysis.answers import AnswerTable, Respondent
from analysis.choices import with_choices
from analysis.comparison import compare
from analysis.criteria import Evidence, Outcome, outcomes
from analysis.criteria.scope import companies_on_list, written_down
from analysis.criteria.verdict import provisional_because
from analysis.disclosure import (
    NOT_ENOUGH_NEW,
    PROTECTED_ROLES,
    Hidden,
    Rules,
    publish,
)
from analysis.document import (
    Made,
    body,
    criterion_entry,
    judged_from,
    moment,
    verdict_members,
    verdict_page,
)
from analysis.facts import WaveFacts
from analysis.influence import places
from analysis.interim import look
from analysis.robustness import fragile
from analysis.since import Before, refreshed
from surveys.marks import fill, mark
from surveys.questionnaire import OPEN, Questionnaire
from surveys.texts import Texts, load_texts

FINAL: Final = "final"
INTERIM: Final = "interim"
NAMED: Final = "named"


@dataclass(frozen=True)
class Snapshot:
    """What the gate let out, frozen.

    ``body`` is the results document with organizations named by marks; ``names`` fills the
    marks. ``comments`` are the remarks, ``answers`` the answers of a named wave. ``basis`` is
    what the next interim snapshot needs to know, and is never shown.
    """

    body: dict[str, Any]
    names: Mapping[str, str] = field(default_factory=dict)
    comments: tuple[dict[str, Any], ...] = ()
    answers: tuple[dict[str, Any], ...] = ()
    basis: dict[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The results document: names and remarks joined to the figures."""
        joined: dict[str, Any] = fill(self.body, self.names)
        joined["comments"] = [dict(one) for one in self.comments]
        return joined

    def to_json(self) -> bytes:
        """The whole snapshot as JSON: equal snapshots give equal bytes."""
        return json.dumps(
            {
                "body": self.body,
                "names": dict(self.names),
                "comments": self.comments,
                "answers": self.answers,
                "basis": self.basis,
            },
            sort_keys=True,
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_json(cls, stored: bytes | str) -> Snapshot:
        """The inverse of ``to_json``."""
        parts = json.loads(stored)
        return cls(
            parts["body"],
            parts["names"],
            tuple(parts["comments"]),
            tuple(parts["answers"]),
            parts["basis"],
        )


def take_snapshot(
    questionnaire: Questionnaire,
    texts: Texts,
    facts: WaveFacts,
    respondents: Sequence[Respondent],
    *,
    snapshot_id: str,
    taken_at: datetime,
    kind: str,
    previous: Snapshot | None = None,
    before: Before | None = None,
) -> Snapshot:
    """Make the snapshot of a wave from the people who sent.

    ``kind`` is ``interim`` while the wave is open, else ``final``. ``previous`` is the last
    snapshot of the wave, whose ``basis`` an interim one needs; ``before`` is the round before,
    which a final one is compared with. The same answers in any order
    give the same bytes. Raises ``ValueError`` for another kind or two respondents with one id.
    """
    if kind not in (INTERIM, FINAL):
        raise ValueError(f"a snapshot is interim or final, not {kind!r}")
    closed = kind == FINAL
    basis: dict[str, Any] = {}
    held: frozenset[str] = frozenset()
    if closed:
        table = AnswerTable.of(questionnaire, facts.setup, respondents)
    else:
        seen = look(
            questionnaire, facts.setup, respondents, facts.k, previous.basis if previous else {}
        )
        table, held, basis = seen.table, seen.held, seen.basis
    rules = Rules(facts.k, named=closed and facts.mode == NAMED, closed=closed)
    made = _make(table, facts, rules, held, texts)
    compared = compare(table, facts, made.published, texts, _short(made.outcomes))
    written, withheld = remarks.comments(table, rules, facts.people_names, snapshot_id)
    made = replace(made, hidden=(*made.hidden, *withheld), before=before)
    names = {key: name for key, name in facts.organization_names.items() if name}
    snapshot = Snapshot(
        _plain(body(made, compared, snapshot_id, taken_at, kind)),
        names,
        tuple(dict(one) for one in written),
        tuple(_answers(table)) if rules.named else (),
        basis,
    )
    return _with_charts(snapshot)


def _make(
    table: AnswerTable, facts: WaveFacts, rules: Rules, held: frozenset[str], texts: Texts
) -> Made:
    published = with_choices(publish(table, rules), table, rules)
    on_map = places(table, published, facts.k)
    evidence = Evidence(table, facts, published, on_map, rules.closed, held)
    return Made(
        facts,
        table,
        rules,
        published,
        on_map,
        outcomes(evidence),
        (*published.hidden, *_held_back(table, held)),
        provisional_because(table, facts, closed=rules.closed),
        page.timing(table, texts),
        fragile(evidence, rules) if rules.closed else None,
        texts,
    )


def _held_back(table: AnswerTable, held: frozenset[str]) -> list[Hidden]:
    return [
        Hidden(question.id, None, role, NOT_ENOUGH_NEW)
        for question in table.questionnaire.questions.values()
        for role in PROTECTED_ROLES
        if role in held and role in question.roles and question.item_class == OPEN
    ]


def _short(found: Sequence[Outcome]) -> tuple[str, ...]:
    return tuple(one.id for one in found if one.outcome != "yes")


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as JSON has it, so that what is stored and what is read back are equal."""
    plain: dict[str, Any] = json.loads(json.dumps(document, allow_nan=False))
    return plain


def _answers(table: AnswerTable) -> Iterator[dict[str, Any]]:
    """Every answer of a named wave, one row each."""
    for one in table.respondents:
        for (question, about), cell in table.cells[one.id].items():
            yield {
                "respondent": one.id,
                "role": one.role,
                "organization": mark(one.organization) if one.organization else None,
                "question": question,
                "about": about,
                "value": cell.value,
                "score": cell.score,
                "state": cell.state,
                "sent_at": moment(one.sent_at) if one.sent_at else None,
            }


def _with_charts(snapshot: Snapshot) -> Snapshot:
    """The snapshot with the words of its pictures.

    They are told of the body, in which organizations are marks: a name never meets the words.
    """
    described = charts.describe_all(snapshot.body)
    return replace(snapshot, body={**snapshot.body, "charts": described})


def refresh_setup(
    questionnaire: Questionnaire,
    texts: Texts,
    facts: WaveFacts,
    before: Snapshot,
    *,
    snapshot_id: str,
    taken_at: datetime,
) -> Snapshot:
    """A new snapshot from an old one after the set-up was mended.

    Judges the written scope (1.1) and, with an employer list, the number of companies (1.6)
    again; everything else is copied, and the verdict follows from the outcomes.
    """
    table = AnswerTable.of(questionnaire, facts.setup, ())
    evidence = Evidence(table, facts, publish(table, Rules(facts.k)), ())
    again = [written_down(evidence)]
    if facts.employers_fit is not None:
        again.append(companies_on_list(facts.employers_fit))
    document = copy.deepcopy(before.body)
    document["snapshot"] |= {"id": snapshot_id, "taken_at": moment(taken_at)}
    by_id = {one.id: one for one in again}
    document["criteria"] = [
        criterion_entry(by_id[one["id"]], texts) if one["id"] in by_id else one
        for one in document["criteria"]
    ]
    document["page"]["criteria"] |= page.criteria_words(again, texts)
    judged = judged_from(document)
    document |= verdict_members(judged, texts)
    document["page"] |= verdict_page(judged, texts)
    if document["page"].get("since"):
        document["page"]["since"] |= refreshed(
            document["page"]["since"], again, judged.verdict, texts
        )
    return _with_charts(replace(before, body=_plain(document), basis={}))


def rederive(document: Mapping[str, Any], texts: Texts | None = None) -> dict[str, Any]:
    """The members ``verdict`` and ``milestones`` of a document, from its 19 outcomes alone."""
    return verdict_members(judged_from(document), texts or load_texts())
