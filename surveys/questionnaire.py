"""Questionnaire, section, question, option: frozen values, and what one person is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from surveys.setup import Organization, Person, Setup

Role = Literal["convener", "partner", "champion"]
ROLES: Final[tuple[Role, ...]] = ("convener", "partner", "champion")
COMMITMENT: Final = "C"
OPEN: Final = "O"
PROTECTED: Final = "P"
MOST_RATED_ORGANIZATIONS: Final = 12

# A stored answer: a code, several codes, a number or a text; keyed by form field name.
Value = str | list[str] | int | float
Answers = Mapping[str, Value]


@dataclass(frozen=True)
class Option:
    """One answer to choose: its code, its words, and its score if it has one.

    ``unsure`` marks "I don't know" and "Not sure": never scored, always counted. ``text`` and
    ``number`` name a side field that belongs to the option. ``excludes`` rules out the rest.
    """

    code: str
    label: str
    score: float | None = None
    unsure: bool = False
    text: str | None = None
    number: str | None = None
    excludes: bool = False


@dataclass(frozen=True)
class Question:
    """One question of the item bank.

    ``kind`` names a question type; ``wording`` is per role, for the roles that are asked.
    ``about`` is ``organization`` when it is asked once for each organization. ``only_if`` names
    the condition of the set-up under which it is asked. ``limit`` is a text's longest length;
    ``least``, ``most`` and ``step`` bound a number.
    """

    id: str
    kind: str
    item_class: str
    wording: Mapping[Role, str]
    required: Mapping[Role, bool]
    options: tuple[Option, ...] = ()
    about: str | None = None
    construct: str | None = None
    only_if: str | None = None
    reversed: bool = False
    hint: str = ""
    limit: int | None = None
    least: float | None = None
    most: float | None = None
    step: float | None = None
    unknown: bool = False
    lines: int = 1
    feeds: str = ""

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in ROLES if role in self.wording)

    @property
    def scored(self) -> bool:
        return any(option.score is not None for option in self.options)

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True)
class Section:
    """One page of one role's form; an optional one is offered after the check page."""

    id: str
    title: str
    reason: str
    questions: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True)
class Asked:
    """One question as it stands before one person: about which organization, in which words."""

    question: Question
    role: Role
    about: Organization | None
    wording: str
    options: tuple[Option, ...]
    required: bool

    @property
    def field(self) -> str:
        """The name of the form field: the id, or ``<id>--<organization id>``."""
        return self.question.id if self.about is None else f"{self.question.id}--{self.about.id}"


@dataclass(frozen=True)
class AskedSection:
    """A section with what one person is asked in it."""

    section: Section
    title: str
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Construct:
    """Several items that measure one thing, such as buy-in."""

    id: str
    items: tuple[str, ...]
    item_class: str


@dataclass(frozen=True)
class Questionnaire:
    """A published version of the questions of all three roles; never edited once published."""

    id: str
    questions: Mapping[str, Question]
    sections: Mapping[Role, tuple[Section, ...]]
    constructs: Mapping[str, Construct] = field(default_factory=dict)

    def asked(self, person: Person, setup: Setup) -> tuple[AskedSection, ...]:
        """The pages one person gets, in order; a page without questions is left out."""
        role = _role(person.role)
        pages = []
        for section in self.sections[role]:
            asked = tuple(self._asked_in(section, role, person, setup))
            if asked:
                pages.append(AskedSection(section, _filled(section.title, setup), asked))
        return tuple(pages)

    def _asked_in(
        self, section: Section, role: Role, person: Person, setup: Setup
    ) -> Iterator[Asked]:
        for key in section.questions:
            question = self.questions[key]
            if not _condition_holds(question.only_if, setup):
                continue
            options = _options(question, setup)
            for about in _objects(question, role, person, setup):
                yield Asked(
                    question=question,
                    role=role,
                    about=about,
                    wording=_filled(question.wording[role], setup, about),
                    options=options,
                    required=question.required[role],
                )


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise ValueError(f"no role is called {name!r}")


def _condition_holds(name: str | None, setup: Setup) -> bool:
    conditions = {
        None: True,
        "no_employer_list": not setup.has_employer_list,
        "champions_shown": setup.show_champions and bool(setup.champions),
        "sub_sectors": bool(setup.sub_sectors),
    }
    return conditions[name]


def _objects(
    question: Question, role: Role, person: Person, setup: Setup
) -> tuple[Organization | None, ...]:
    if question.about is None:
        return (None,)
    rated = setup.rated_by_champions if role == "champion" else setup.organizations
    own_hidden = question.id == "weight"
    others = (one for one in rated if not (own_hidden and one.id == person.organization))
    return tuple(others)[:MOST_RATED_ORGANIZATIONS]


def _options(question: Question, setup: Setup) -> tuple[Option, ...]:
    if question.kind != "sub_sector":
        return question.options
    listed = tuple(
        Option(code=f"s{place}", label=name) for place, name in enumerate(setup.sub_sectors, 1)
    )
    return listed + question.options


def _filled(text: str, setup: Setup, about: Organization | None = None) -> str:
    launch = setup.launch_date
    blanks = {
        "launch_date": f"{launch:%B} {launch.day}, {launch.year}" if launch else "",
        "convening_team": setup.convening_team,
        "organization": about.name if about else "",
        "min_employees": str(setup.min_employees or ""),
    }
    for name, words in blanks.items():
        text = text.replace("{" + name + "}", words)
    return text
