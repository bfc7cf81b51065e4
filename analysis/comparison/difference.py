"""A difference, what it is found in, and the words that name groups, means and statements."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from analysis.answers import AnswerTable
from analysis.disclosure import POOLED, Figure, Published
from analysis.facts import WaveFacts
from surveys.questionnaire import ROLES, Question
from surveys.texts import Texts

Kind = Literal["between", "within", "unsure", "claimed_confirmed", "polite"]
Strength = Literal["strong", "worth_asking", "fact"]

CONVENER: Final = "convener"
SCOPE_FIT: Final = "scope_fit"
BUY_IN: Final = "buy_in"
STANDING: Final = "standing"
# The answer on an agreement scale from which a person agrees, and up to which one disagrees.
AGREES: Final = 4
DISAGREES: Final = 2


@dataclass(frozen=True)
class Difference:
    """One thing to talk about.

    ``roles`` and ``n`` have one or two members, ``size`` is the first published mean minus the
    second in steps of the scale, for differences between groups only. ``title`` names what it is
    about; ``ask`` is the key of its three questions for the meeting.
    """

    kind: Kind
    measure: str
    roles: tuple[str, ...]
    n: tuple[int, ...]
    strength: Strength
    sentence: str
    title: str
    ask: str
    feeds: tuple[str, ...] = ()
    size: float | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}--{self.measure}--{'-'.join(self.roles)}"

    @property
    def size_points(self) -> float | None:
        return None if self.size is None else round(25 * self.size, 1)

    def entry(self) -> dict[str, Any]:
        """The member of the results document."""
        return {
            "id": self.id,
            "kind": self.kind,
            "measure": self.measure,
            "roles": list(self.roles),
            "n": list(self.n),
            "size": self.size,
            "size_points": self.size_points,
            "strength": self.strength,
            "sentence": self.sentence,
        }

    def questions(self, texts: Texts) -> tuple[str, ...]:
        """The three questions for the meeting."""
        return tuple(texts.say(f"{self.ask}.{place}") for place in (1, 2, 3))


@dataclass(frozen=True)
class Source:
    """What differences are found in, and how they are worded."""

    table: AnswerTable
    facts: WaveFacts
    published: Published
    texts: Texts

    def question(self, measure: str) -> Question | None:
        return self.table.questionnaire.questions.get(measure)

    def items(self, measure: str) -> tuple[str, ...]:
        """The items behind a measure: those of a construct, or the item itself."""
        construct = self.table.questionnaire.constructs.get(measure)
        return construct.items if construct else (measure,)

    def item_class(self, measure: str) -> str:
        construct = self.table.questionnaire.constructs.get(measure)
        if construct:
            return construct.item_class
        return self.table.questionnaire.questions[measure].item_class

    def figure(self, measure: str, role: str) -> Figure | None:
        """A published figure that has a mean."""
        figure = self.published.figure(measure, role)
        return figure if figure and figure.mean is not None else None

    def feeds(self, measure: str) -> tuple[str, ...]:
        """The ids of the criteria that a measure feeds."""
        questions = self.table.questionnaire.questions
        given = {questions[item].feeds for item in self.items(measure) if item in questions}
        found = {"2.4"} if "map" in given else set()
        return tuple(sorted(found | {one for one in given if one[:1].isdigit()}))

    @cached_property
    def roles_of(self) -> dict[str, tuple[str, ...]]:
        """Whose answers a published side stands for."""
        return {POOLED: ("partner", "champion"), **{role: (role,) for role in ROLES}}

    def counted(self, key: str, many: int, /, **blanks: object) -> str:
        """The form of a sentence for one or for many; it need not say every number in figures."""
        form = f"{key}.one" if many == 1 else f"{key}.many"
        wanted = self.texts.blanks(form)
        return self.texts.say(form, **{name: blanks[name] for name in wanted})

    def group(self, role: str) -> str:
        """A group at the start of a sentence: "Partners"."""
        return self.texts.say(f"role.{role}.group")

    def people(self, role: str) -> str:
        """A group inside a sentence: "partners"."""
        short = f"role.{role}.short_many"
        return self.texts.say(short if self.texts.has(short) else f"role.{role}.many")

    def person(self, role: str) -> str:
        """One of a group: "partner"."""
        short = f"role.{role}.short_one"
        return self.texts.say(short if self.texts.has(short) else f"role.{role}.one")

    def mean(self, figure: Figure) -> str:
        """A published mean with its bound: "4.1", "at least 4.7"."""
        key = f"mean.{figure.bound or 'plain'}"
        return self.texts.say(key, mean=f"{figure.mean:.1f}")

    def title(self, measure: str) -> str:
        return self.texts.say(f"measure.{measure}")

    def statement(self, measure: str, role: str) -> str:
        """What people were asked to agree to: the item's wording, or the construct's sense."""
        question = self.question(measure)
        if question is None:
            said = self.texts.say(f"statement.{measure}")
            return self.texts.say("difference.construct", statement=said)
        return self.texts.say("difference.quoted", statement=self.wording(question, role))

    def wording(self, question: Question, role: str) -> str:
        """How a question is put to a group, or to the first that is asked."""
        return question.stated(role)

    def label(self, question_id: str, code: str) -> str:
        """The words of one option."""
        question = self.table.questionnaire.questions[question_id]
        option = question.option(code)
        return option.label if option else code
