"""Small waves made in memory: answers by role, with what the gate would publish of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis.answers import AnswerTable, Respondent
from analysis.comparison import Comparison, Difference, compare
from analysis.disclosure import Published, Rules, publish
from analysis.facts import Invited, WaveFacts
from surveys.loader import load
from surveys.questionnaire import Value
from surveys.setup import Organization, Person, Setup
from surveys.texts import load_texts

ROLES = ("convener", "partner", "champion")
START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

# What everybody answers where a test says nothing: kind, committed, of one mind.
USUAL: dict[str, Value] = {
    "who_decides": "leaders",
    "types_missing": "none",
    "launch_timing": "yes",
    "c_evidence": ["lmi", "partners", "leaders"],
    "c_company_count": 120,
    "c_org_understands": "yes",
    "c_org_commit": "4",
    "c_champ_spread": "yes",
    "c_model": "one",
    "c_fte": 0.5,
    "c_fte_months": 12,
    "c_fte_named": "yes",
    "c_help_facilitate": "agreed",
    "c_help_broker": "agreed",
    "c_help_advise": "agreed",
    "p_org": "as listed",
    "p_convenes": "regularly",
    "p_ceo_ties": "4_10",
    "commit_level": "4",
    "p_help_facilitate": "named",
    "p_help_broker": "named",
    "p_help_advise": "named",
    "x_as": "self",
    "x_subsector": "s1",
    "x_sign": "yes",
    "x_welcome": "yes",
    "x_spread": "3_5",
    "weight": "some",
}
Answers = Mapping[str, Value]


@dataclass(frozen=True)
class Wave:
    """A wave with the comparison of its groups."""

    table: AnswerTable
    facts: WaveFacts
    published: Published

    @property
    def comparison(self) -> Comparison:
        return compare(self.table, self.facts, self.published, load_texts())

    @property
    def differences(self) -> dict[str, Difference]:
        return {one.id: one for one in self.comparison.differences}


def wave(
    conveners: Sequence[Answers] = (),
    partners: Sequence[Answers] = (),
    champions: Sequence[Answers] = (),
    *,
    status: Sequence[str] = (),
    silent_champions: Sequence[str] = (),
    silent_partners: int = 0,
    criteria: tuple[str, ...] = ("job_quality",),
    employers: int | None = None,
    company_count: int | None = None,
    closed: bool = True,
    named: bool = False,
    k: int = 3,
) -> Wave:
    """Each person's answers differ from the usual by what is given; each has an organization.

    ``status`` is what the roster claims of each champion; ``silent_champions`` are claims about
    champions who have not sent. Partner organizations are called a, b, c and so on.
    """
    letters = "abcdefghijklmnopqrstuvwxyz"
    count = len(partners) + silent_partners
    organizations = tuple(
        Organization(letters[place] if count <= 26 else f"o{place}", f"Group {place}", "other")
        for place in range(count)
    )
    setup = Setup(
        area="Five counties",
        sector_definition="Makers of things",
        sub_sectors=("Metal", "Food"),
        criteria=criteria,
        organizations=organizations,
        has_employer_list=employers is not None,
        company_count=company_count,
        champions=("Ada",),
        show_champions=True,
    )
    people: list[Respondent] = []
    invited: list[Invited] = []
    for role, group in zip(ROLES, (conveners, partners, champions), strict=True):
        for place, given in enumerate(group):
            own = _organization(role, place, organizations)
            key = f"{role}{place:03d}"
            answers = filled(setup, role, own, given)
            people.append(Respondent(key, role, own, answers))
            said = status[place] if role == "champion" and place < len(status) else ""
            invited.append(Invited(key, role, own, said, "sent"))
    for place, said in enumerate(silent_champions):
        invited.append(Invited(f"silent{place}", "champion", f"quiet{place}", said, "invited"))
    silent = organizations[len(partners) :]
    invited += [Invited(f"silent-{one.id}", "partner", one.id) for one in silent]
    questionnaire = load()
    table = AnswerTable.of(questionnaire, setup, people)
    facts = WaveFacts(
        wave="w1",
        partnership="Makers",
        region="Valley",
        sector="Making",
        questionnaire=questionnaire.id,
        opened_at=START,
        closes_at=START,
        closed_at=START if closed else None,
        timezone="UTC",
        k=k,
        mode="named" if named else "protected",
        setup=setup,
        employers_fit=employers,
        invited=tuple(invited),
    )
    return Wave(table, facts, publish(table, Rules(k=k, named=named, closed=closed)))


def _organization(role: str, place: int, organizations: Sequence[Organization]) -> str:
    return organizations[place].id if role == "partner" else f"{role}{place}co"


def filled(setup: Setup, role: str, organization: str, given: Answers) -> dict[str, Value]:
    """A whole form: what is given by field or question, else the usual, else "agree"."""
    answers: dict[str, Value] = {}
    pages = load().asked(Person(role=role, organization=organization), setup)
    for asked in (one for page in pages for one in page.asked):
        question = asked.question
        value = given.get(asked.field, given.get(question.id))
        if value is None:
            value = "4" if question.kind == "agreement" else USUAL.get(question.id)
        if value not in {None, ""} if not isinstance(value, list) else True:
            answers[asked.field] = value
    return answers


def judged(answer: object, *questions: str) -> dict[str, Value]:
    """The same answer to several questions."""
    return {question: str(answer) for question in questions}


SCOPE_FIT = ("geo_fit", "def_clear", "size_right")
BUY_IN = ("worth_it", "can_deliver", "stay_with")
STANDING = ("convener_standing", "follows_industry", "keeps_word")
