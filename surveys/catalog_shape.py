"""The shape of a questionnaire file: which keys there are and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from surveys.catalog_file import CatalogError, CatalogFault, Entries
from surveys.questionnaire import Role

# The scale a kind of question uses when its entry names none.
_SCALE_OF_KIND: Final = {"agreement": "agreement", "yes_partly_no": "yes_partly_no"}


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionEntry(_Entry):
    """An option as it is written in the file."""

    code: str
    label: str
    score: float | None = Field(default=None, ge=1, le=5)
    unsure: bool = False
    text: str | None = None
    number: str | None = None
    excludes: bool = False


class RevealEntry(_Entry):
    """A text of the set-up that stands under a question."""

    source: str
    title: str
    folded: bool = False


class QuestionEntry(_Entry):
    """A question as it is written in the file."""

    id: str
    kind: str
    item_class: Literal["C", "O", "P"] = Field(alias="class")
    roles: list[Role] = Field(min_length=1)
    required: bool | list[Role]
    wording: str = Field(min_length=1)
    wording_convener: str | None = None
    wording_partner: str | None = None
    wording_champion: str | None = None
    wording_without_date: str | None = None
    row: str = ""
    hint: str = ""
    feeds: str = ""
    options: list[OptionEntry] | None = None
    scale: str | None = None
    about: Literal["organization"] | None = None
    only_if: str | None = None
    reversed: bool = False
    reveal: RevealEntry | None = None
    prefill: Literal["organization_name"] | None = None
    limit: int | None = Field(default=None, ge=1)
    lines: int = Field(default=1, ge=1)
    least: float | None = None
    most: float | None = None
    step: float | None = Field(default=None, gt=0)
    example: str = ""
    unknown: bool = False

    @property
    def scale_name(self) -> str | None:
        """The scale whose options it has, if it does not list its own."""
        if self.options is not None:
            return None
        return self.scale or _SCALE_OF_KIND.get(self.kind)

    def wording_for(self, role: Role) -> str:
        """The words this role reads."""
        own: str | None = getattr(self, f"wording_{role}")
        return own or self.wording

    def required_of(self, role: Role) -> bool:
        """Whether this role must answer."""
        return self.required if isinstance(self.required, bool) else role in self.required


class SectionEntry(_Entry):
    """A section as it is written in the file."""

    id: str
    title: str
    reason: str
    questions: list[str] = Field(min_length=1)
    optional: bool = False
    why: str | None = None


class SectionEntries(_Entry):
    """The sections of every role, in order."""

    convener: list[SectionEntry] = Field(min_length=1)
    partner: list[SectionEntry] = Field(min_length=1)
    champion: list[SectionEntry] = Field(min_length=1)

    def of(self, role: Role) -> list[SectionEntry]:
        """The sections of one role."""
        sections: list[SectionEntry] = getattr(self, role)
        return sections


class QuestionnaireEntry(_Entry):
    """A questionnaire file."""

    id: str
    scales: dict[str, list[OptionEntry]] = Field(default_factory=dict)
    constructs: dict[str, list[str]] = Field(default_factory=dict)
    questions: list[QuestionEntry] = Field(min_length=1)
    sections: SectionEntries

    def options_of(self, question: QuestionEntry) -> list[OptionEntry]:
        """A question's options: its own, or those of the scale it names or its kind implies."""
        if question.options is not None:
            return question.options
        return self.scales.get(question.scale_name or "", [])


def shaped(entries: Entries) -> QuestionnaireEntry:
    """The entries of a file; ``CatalogError`` with every key missing, unknown or wrongly typed."""
    try:
        return QuestionnaireEntry.model_validate(dict(entries.raw))
    except ValidationError as error:
        faults = [_fault(entries, one["loc"], one["type"], one["msg"]) for one in error.errors()]
        raise CatalogError(faults) from error


def _fault(entries: Entries, loc: tuple[int | str, ...], kind: str, words: str) -> CatalogFault:
    header, place, key = "", 0, ""
    match loc:
        case ("questions", int(number), *rest):
            header, place, key = "questions", number, _last_name(rest)
        case ("sections", str(role), int(number), *rest):
            header, place, key = f"sections.{role}", number, _last_name(rest)
        case _:
            key = _last_name(loc)
    entry = _entry_name(entries.raw, loc) or ".".join(map(str, loc[:2]))
    reason = _REASONS.get(kind, words[:1].lower() + words[1:])
    if key and key != entry:
        reason = f"{key}: {reason}"
    return CatalogFault(entries.file, entries.line(header, place, key), entry, reason)


_REASONS: Final = {"missing": "is missing", "extra_forbidden": "is no known key"}


def _last_name(loc: tuple[int | str, ...] | list[int | str]) -> str:
    names = [
        part
        for part in loc
        if isinstance(part, str) and not part.startswith(("bool", "list[", "function"))
    ]
    return names[-1] if names else ""


def _entry_name(raw: Mapping[str, Any], loc: tuple[int | str, ...]) -> str:
    """The id of the question or section a fault lies in."""
    inside: Any = raw
    name = ""
    for part in loc:
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(inside, Mapping) and isinstance(inside.get("id"), str):
            name = inside["id"]
    return name
