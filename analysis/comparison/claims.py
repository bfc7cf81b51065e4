"""What was expected and what was confirmed: person by person, organization by organization.

All of it is made of commitments, which are shown with the organization's name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from analysis.answers import DONT_KNOW
from analysis.comparison.difference import CONVENER, Difference, Source
from analysis.criteria.champions import in_person
from analysis.criteria.outcome import first_few, spoken
from analysis.disclosure import CHAMPION, PARTNER, POOLED, PROTECTED_ROLES
from analysis.facts import Invited
from analysis.influence import commitments
from surveys.marks import mark
from surveys.questionnaire import Question

SAID_YES: Final = "said_yes"
# Claims that promise less; a roster that claims nothing of a champion cannot be surprised.
LESS: Final = ("in_talks", "prospect")
GIVES_TIME: Final = 4
COMMIT: Final = "commit_level"
JOBS: Final = ("facilitate", "broker", "advise")
# The claim of a job in steps: agreed, in talks, no.
AGREED: Final = 5
CONFIRMED: Final = ("named", "open")
KEY: Final = "difference.claimed"


def facts(source: Source) -> Iterator[Difference]:
    """The letter, the partners' commitment, the three jobs, and the tests for who belongs."""
    yield from _letter(source)
    yield from _partners(source)
    for job in JOBS:
        yield from _help(source, job)
    yield from _tests(source)


def _difference(
    source: Source, measure: str, role: str, n: int, sentences: Sequence[str]
) -> Difference:
    return Difference(
        kind="claimed_confirmed",
        measure=measure,
        roles=(role,),
        n=(n,),
        strength="fact",
        sentence=" ".join(sentences),
        title=source.title(measure),
        ask="ask.claimed_confirmed",
        feeds=("1.1",) if measure == "criteria" else source.feeds(measure),
    )


# What one organization's line says: the key of its text and what fills its blanks.
Line = tuple[str, tuple[tuple[str, str], ...]]


def _line(key: str, **blanks: str) -> Line:
    return key, tuple(blanks.items())


def _lines(source: Source, found: Iterable[tuple[str, Line]]) -> list[str]:
    """One sentence for all organizations of which the same is said, in the order they come."""
    groups: dict[Line, dict[str, None]] = {}
    for organization, line in found:
        groups.setdefault(line, {})[mark(organization)] = None
    said = []
    for (key, blanks), marks in groups.items():
        if len(marks) == 1:
            said.append(source.texts.say(f"{KEY}.{key}", org=next(iter(marks)), **dict(blanks)))
        else:
            orgs = spoken(first_few(list(marks)), source.texts)
            said.append(source.texts.say(f"{KEY}.{key}_several", orgs=orgs, **dict(blanks)))
    return said


# The letter: the roster's claim against each champion's answer


def _letter(source: Source) -> Iterator[Difference]:
    names = source.facts.organization_names
    champions = sorted(
        source.facts.invited_as(CHAMPION),
        key=lambda one: (names.get(one.organization or "", ""), one.invitation),
    )
    codes = source.table.codes("x_sign", CHAMPION)
    answers = {one.invitation: _signature(source, one.invitation, codes) for one in champions}
    claimed = [one for one in champions if one.status == SAID_YES]
    worse = [one for one in claimed if answers[one.invitation] != "plain"]
    better = [one for one in champions if one.status in LESS and answers[one.invitation] == "plain"]
    said = _lines(
        source,
        [
            (one.organization, _champion(source, one, answers[one.invitation]))
            for one in [*worse, *better]
            if one.organization
        ],
    )
    if claimed and (worse or better):
        said.insert(0, _letter_counts(source, [answers[one.invitation] for one in claimed]))
    if said:
        yield _difference(source, "x_sign", CHAMPION, len(champions), said)


def _signature(source: Source, person: str, codes: Mapping[str, str]) -> str:
    """plain, conditional, not_yet, no or silent; someone else's yes is a conditional one."""
    code = codes.get(person)
    if code is None:
        return "silent"
    if code == "yes" and _is_delegate(source, person):
        return "conditional"
    return {"yes": "plain", "after_wording": "conditional"}.get(code, code)


def _is_delegate(source: Source, person: str) -> bool:
    one = source.table.by_id.get(person)
    return one is not None and not in_person(source.table, one)


def _letter_counts(source: Source, answers: Sequence[str]) -> str:
    counts = Counter(answers)
    parts = [
        source.texts.say(f"{KEY}.champions_{answer}", n=counts[answer])
        for answer in ("plain", "conditional", "not_yet", "no")
        if counts[answer]
    ]
    if counts["silent"]:
        parts.append(source.texts.count(f"{KEY}.champions_silent", counts["silent"]))
    claimed = len(answers)
    listed = source.texts.listed(parts)
    return source.counted(f"{KEY}.champions", claimed, claimed=claimed, parts=listed)


def _champion(source: Source, one: Invited, answer: str) -> Line:
    claimed = source.texts.say(f"{KEY}.{SAID_YES}")
    if answer == "silent":
        return _line("champion_silent", claimed=claimed)
    code = source.table.codes("x_sign", CHAMPION)[one.invitation]
    label = source.label("x_sign", code)
    if one.status != SAID_YES:
        return _line("champion_better", confirmed=label)
    key = "champion_delegate" if _is_delegate(source, one.invitation) else "champion"
    return _line(key, claimed=claimed, confirmed=label)


# Partners: where most conveners place an organization against what it says itself


def _partners(source: Source) -> Iterator[Difference]:
    invited = {one.organization for one in source.facts.invited_as(PARTNER)}
    listed = [one.id for one in source.facts.setup.organizations if one.id in invited]
    views = {key: _placed(source, key) for key in listed}
    placed = [key for key in listed if views[key] is not None]
    said_so = commitments(source.table)
    claimed = [key for key in placed if _claims_time(views[key] or ())]
    confirmed = [key for key in claimed if said_so.get(key, 0) >= GIVES_TIME]
    worse = [key for key in claimed if key not in confirmed]
    better = [key for key in placed if key not in claimed and said_so.get(key, 0) >= GIVES_TIME]
    if not worse and not better:
        return
    lines = [(key, _partner(source, views[key] or (), said_so.get(key))) for key in worse]
    lines += [
        (key, _line("better", confirmed=source.label(COMMIT, f"{said_so[key]:g}")))
        for key in better
    ]
    said = _lines(source, lines)
    # Of one alone the sentence about it says everything.
    if claimed and len(placed) > 1:
        said.insert(0, _partner_counts(source, len(claimed), len(confirmed), len(placed)))
    yield _difference(source, COMMIT, PARTNER, len(placed), said)


def _placed(source: Source, organization: str) -> tuple[float, ...] | None:
    """The steps at which conveners placed an organization; ``None`` if none said anything."""
    cells = source.table.asked("c_org_commit", CONVENER, about=organization).values()
    if not any(cell.score is not None or cell.state == DONT_KNOW for cell in cells):
        return None
    return tuple(sorted(cell.score for cell in cells if cell.score is not None))


def _claims_time(steps: Sequence[float]) -> bool:
    return 2 * sum(step >= GIVES_TIME for step in steps) > len(steps)


def _partner_counts(source: Source, claimed: int, confirmed: int, n: int) -> str:
    return source.texts.say(f"{KEY}.partners", claimed=claimed, confirmed=confirmed, n=n)


def _partner(source: Source, steps: Sequence[float], answer: float | None) -> Line:
    # The highest step that most conveners would stand by.
    highest = max(one for one in steps if 2 * sum(step >= one for step in steps) > len(steps))
    claimed = source.label(COMMIT, f"{highest:g}")
    if answer is None:
        return _line("champion_silent", claimed=claimed)
    return _line("partner", claimed=claimed, confirmed=source.label(COMMIT, f"{answer:g}"))


# Help: the conveners' most careful word on each job against the partners' promises


def _help(source: Source, job: str) -> Iterator[Difference]:
    claims = source.table.scores(f"c_help_{job}", CONVENER).values()
    if not claims:
        return
    measure = f"p_help_{job}"
    organizations = source.table.by_organization(measure, PARTNER)
    confirming = _confirming(source, measure)
    name = source.texts.say(f"job.{job}")
    if min(claims) >= AGREED:
        said = [] if confirming else [source.texts.say(f"{KEY}.help", job=name)]
    else:
        lines = [
            (one, _line("help_better", job=name, confirmed=source.label(measure, code)))
            for one, code in confirming.items()
        ]
        said = _lines(source, lines)
    if said:
        yield _difference(source, measure, PARTNER, len(organizations), said)


def _confirming(source: Source, measure: str) -> dict[str, str]:
    """Organizations all of whose people promise a job, with the weakest of their promises."""
    found = {}
    for organization, people in sorted(source.table.by_organization(measure, PARTNER).items()):
        codes = [str(cell.value) for cell in people.values() if cell.value is not None]
        if codes and all(code in CONFIRMED for code in codes):
            found[organization] = max(codes, key=CONFIRMED.index)
    return found


# Who belongs: the tests the team has adopted against those that others would use


def _tests(source: Source) -> Iterator[Difference]:
    ticked = _ticked(source)
    question = source.question("criteria_wanted")
    if len(ticked) < 2 or question is None:
        return
    adopted = set(source.facts.setup.criteria)
    said = [line for line in _test_lines(source, question, adopted, ticked) if line]
    if said:
        yield _difference(source, "criteria", POOLED, len(ticked), said)


def _ticked(source: Source) -> list[set[str]]:
    """What each partner or champion who ticked any test ticked."""
    answers = source.table.values("criteria_wanted", *PROTECTED_ROLES)
    return [set(codes) for codes in answers.values() if isinstance(codes, list) and codes]


def _test_lines(
    source: Source, question: Question, adopted: set[str], ticked: Sequence[set[str]]
) -> Iterator[str]:
    for option in question.options:
        wanted = sum(option.code in codes for codes in ticked)
        if option.code in adopted and 2 * (len(ticked) - wanted) > len(ticked):
            yield source.texts.say(f"{KEY}.criteria_adopted", test=option.label)
        if option.code not in adopted and 2 * wanted > len(ticked):
            yield source.texts.say(f"{KEY}.criteria_wanted", test=option.label)
