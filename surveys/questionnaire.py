"""Questionnaire, section, question, option: frozen values, and what one person is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from surveys.setup import MOST_RATED_ORGANIZATIONS, Organization, Person, Setup

Role = Literal["convener", "partner", "champion"]
ROLES: Final[tuple[Role, ...]] = ("convener", "partner", "champion")
COMMITMENT: Final = "C"
OPEN: Final = "O"
PROTECTED: Final = "P"

# A stored answer: a code, several codes, a number or a text; keyed by form field name.
Value = str | list[str] | int | float
Answers = Mapping[str, Value]

_BLANK: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Option:
    """One answer to choose: its code, its words, and its score if it has one.

    ``unsure`` marks "I don't know" and "Not sure": never scored, always counted. ``text`` and
    ``number`` are the label of a side field that belongs to the option. ``excludes`` rules out
    the rest.
    """

    code: str
    label: str
    score: float | None = None
    unsure: bool = False
    text: str | None = None
    number: str | None = None
    excludes: bool = False


@dataclass(frozen=True)
class Reveal:
    """A text of the set-up that stands under a question, such as the draft letter.

    ``source`` names it, ``title`` is its heading, ``folded`` says that it opens on a tap.
    """

    source: str
    title: str
    folded: bool = False
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question of the item bank.

    ``kind`` names a question type; ``wording`` is per role, for the roles that are asked, and
    ``wording_without_date`` replaces it while no launch date is set. ``row`` is the legend of
    each row of a question asked once for each organization, when its wording stands above the
    rows. ``about`` is ``organization`` for such questions. ``only_if`` names the condition of the
    set-up under which it is asked. ``limit`` is a text's longest length; ``least``, ``most`` and
    ``step`` bound a number, ``example`` shows one in a fault, and ``unknown`` offers "I don't
    know" beside it. ``prefill`` names the fact of the person that fills the field in. ``why``
    marks the open box at a section's end.
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
    example: str = ""
    unknown: bool = False
    lines: int = 1
    feeds: str = ""
    row: str = ""
    wording_without_date: Mapping[Role, str] = field(default_factory=dict)
    reveal: Reveal | None = None
    prefill: str | None = None
    why: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(role for role in ROLES if role in self.wording)

    @property
    def scored(self) -> bool:
        return any(option.score is not None for option in self.options)

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)

    def stated(self, role: str = "") -> str:
        """The wording of a role, or of the first one asked, where no set-up fills its blanks."""
        asked = next((one for one in self.roles if one == role), self.roles[0])
        words = self.wording_without_date.get(asked, self.wording[asked])
        return _of_each(words)

    def worded(self, role: Role, setup: Setup) -> str:
        """What a role was asked in a round, in one sentence for all organizations."""
        words = _wording(self, role, setup)
        return _filled(_of_each(words), setup)


def _of_each(words: str) -> str:
    """A question on one organization as one on all of them, which may begin with them."""
    words = words.replace("{organization}", "each organization")
    return words[:1].upper() + words[1:]


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
    """One question as it stands before one person: about which organization, in which words.

    ``lead`` is the wording that stands once above the rows of a question asked for each
    organization (on the first row only); ``wording`` is then the legend of the row.
    """

    question: Question
    role: Role
    about: Organization | None
    wording: str
    options: tuple[Option, ...]
    required: bool
    lead: str = ""
    reveal: Reveal | None = None
    prefill: str = ""

    @cached_property
    def field(self) -> str:
        """The name of the form field: the id, or ``<id>--<organization id>``."""
        return self.question.id if self.about is None else f"{self.question.id}--{self.about.id}"

    def option(self, code: str) -> Option | None:
        return next((option for option in self.options if option.code == code), None)


@dataclass(frozen=True)
class AskedSection:
    """A section with what one person is asked in it."""

    section: Section
    title: str
    asked: tuple[Asked, ...]

    @cached_property
    def item_class(self) -> str:
        """The class most of its questions have: the label that stands once for the section."""
        classes = Counter(one.question.item_class for one in self.asked if not one.question.why)
        return classes.most_common(1)[0][0] if classes else PROTECTED


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
            if any(not one.question.why for one in asked):
                pages.append(AskedSection(section, _filled(section.title, setup), asked))
        return tuple(pages)

    def _asked_in(
        self, section: Section, role: Role, person: Person, setup: Setup
    ) -> Iterator[Asked]:
        for key in section.questions:
            question = self.questions[key]
            if not _condition_holds(question.only_if, role, setup):
                continue
            wording = _wording(question, role, setup)
            for place, about in enumerate(_objects(question, role, person, setup)):
                yield Asked(
                    question=question,
                    role=role,
                    about=about,
                    wording=_filled(question.row or wording, setup, about),
                    options=_options(question, setup),
                    required=question.required[role],
                    lead=_filled(wording, setup) if question.row and place == 0 else "",
                    reveal=_revealed(question.reveal, setup),
                    prefill=person.organization_name if question.prefill else "",
                )


def _role(name: str) -> Role:
    for role in ROLES:
        if role == name:
            return role
    raise ValueError(f"no role is called {name!r}")


def _condition_holds(name: str | None, role: Role, setup: Setup) -> bool:
    if name is None:
        return True
    conditions = {
        "no_employer_list": not setup.has_employer_list,
        "champions_shown": bool(setup.champions) and (role == "convener" or setup.show_champions),
        "sub_sectors": bool(setup.sub_sectors),
    }
    return conditions[name]


CONDITIONS: Final = ("no_employer_list", "champions_shown", "sub_sectors")
REVEALED: Final = ("letter_draft", "champions")


def _wording(question: Question, role: Role, setup: Setup) -> str:
    if setup.launch_date is None and role in question.wording_without_date:
        return question.wording_without_date[role]
    return question.wording[role]


def _objects(
    question: Question, role: Role, person: Person, setup: Setup
) -> tuple[Organization | None, ...]:
    if question.about is None:
        return (None,)
    if question.kind != "rating":
        return setup.organizations
    rated = setup.rated_by_champions if role == "champion" else setup.organizations
    others = [one for one in rated if one.id != person.organization]
    return tuple(others[:MOST_RATED_ORGANIZATIONS])


def _options(question: Question, setup: Setup) -> tuple[Option, ...]:
    if question.kind != "sub_sector":
        return question.options
    listed = tuple(
        Option(code=f"s{place}", label=name) for place, name in enumerate(setup.sub_sectors, 1)
    )
    return listed + question.options


def _revealed(reveal: Reveal | None, setup: Setup) -> Reveal | None:
    if reveal is None:
        return None
    if reveal.source == "champions":
        paragraphs = setup.champions
    else:
        paragraphs = tuple(part.strip() for part in setup.letter_draft.split("\n") if part.strip())
    if not paragraphs:
        return None
    return Reveal(reveal.source, reveal.title, reveal.folded, paragraphs)


def _filled(text: str, setup: Setup, about: Organization | None = None) -> str:
    launch = setup.launch_date
    blanks = {
        "launch_date": f"{launch:%B} {launch.day}, {launch.year}" if launch else "",
        "convening_team": setup.convening_team,
        "organization": about.name if about else "",
    }
    # One pass, so that braces inside a name stay as they were typed.
    filled = _BLANK.sub(lambda found: blanks.get(found[1], found[0]), text)
    return filled.strip().removesuffix(":")
