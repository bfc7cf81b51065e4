"""The set-up form: what stands in its fields, which facts they mean, and which field is wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from surveys import typed_text
from surveys.setup import MOST_ORGANIZATIONS
from webapp.faults import Fault, Refused
from webapp.models import Organization, Partnership

# Rows for more organizations that stand empty at the end.
SPARE_ROWS: Final = 3
TEXTS: Final = (
    "area", "sector_definition", "ancillary_decided", "launch_date", "decision", "results_date",
    "convening_team", "letter_draft",
)  # fmt: skip
LISTS: Final = {"naics": r"[\s,;]+", "sub_sectors": r"[\r\n]+"}
NUMBERS: Final = ("min_employees", "min_wage", "company_count")
LABELS: Final[Mapping[str, str]] = {
    "area": "Area",
    "sector_definition": "Which companies belong",
    "naics": "NAICS codes",
    "sub_sectors": "Sub-sectors",
    "criteria": "Tests a company must pass",
    "ancillary_decided": "Neighboring kinds of business",
    "organizations": "Organizations",
    "launch_date": "Planned launch date",
    "decision": "What this decides",
    "results_date": "When people hear the result",
    "convening_team": "Name of the convening team",
    "letter_draft": "Draft of the invitation letter",
    "show_champions": "Names of champions",
    "rate_organizations": "Rated by champions",
}
CRITERIA: Final[Mapping[str, str]] = {
    "job_quality": "Pay and chances to move up",
    "common_focus": "A shared market, product or process",
    "firm_size": "Number of employees",
    "located_here": "Being located in the area",
    "other": "Something else",
    "none": "We use no test",
}
# What a round is better with: the rest is a matter of taste.
WANTED: Final = (
    "area", "sector_definition", "sub_sectors", "criteria", "ancillary_decided", "organizations",
    "launch_date", "decision", "results_date", "convening_team", "letter_draft",
)  # fmt: skip
_AT_ORGANIZATION: Final = re.compile(r"organizations (\d+)(?:: (\w+))?")
_IN_LIST: Final = re.compile(r"(\w+) \d+")


@dataclass(frozen=True)
class Row:
    """One organization as it stands in the form; ``number`` makes the names of its fields."""

    number: int
    id: str = ""
    name: str = ""
    kind: str = ""
    around: str = ""
    place: str = ""
    remove: bool = False
    rated: bool = False

    def field(self, name: str) -> str:
        return f"organization-{self.number}-{name}"


@dataclass(frozen=True)
class Page:
    """The whole form: texts by fact, the chosen tests, the rows, who else is rated.

    ``shown`` names the facts that could be changed there; the others are left alone.
    """

    shown: Collection[str]
    texts: Mapping[str, str]
    criteria: Collection[str]
    show_champions: bool
    rows: tuple[Row, ...]
    rated_others: Collection[str]

    def facts(self) -> dict[str, Any]:
        """The facts that the form means.

        Raises ``Refused`` for what is no number.
        """
        found: dict[str, Any] = {key: self.texts[key] for key in TEXTS}
        for key, between in LISTS.items():
            given = re.split(between, self.texts[key])
            found[key] = [one.strip() for one in given if one.strip()]
        found |= self._numbers()
        found["criteria"] = [code for code in CRITERIA if code in self.criteria]
        found["show_champions"] = self.show_champions
        found["organizations"] = [_as_fact(row) for row in self.kept]
        rated = [row.id or row.name for row in self.kept if row.rated]
        found["rate_organizations"] = [*rated, *self.rated_others]
        return {key: value for key, value in found.items() if key in self.shown}

    def _numbers(self) -> dict[str, int | float | None]:
        found: dict[str, int | float | None] = {}
        faults = []
        for key in NUMBERS:
            plain = re.sub(r"[,$\s]", "", self.texts[key])
            if plain and not re.fullmatch(r"\d{1,9}(\.\d+)?", plain):
                faults.append(Fault(key, f"{self.texts[key].strip()!r} is not a number"))
            elif plain:
                found[key] = float(plain) if "." in plain else int(plain)
            else:
                found[key] = None
        if faults:
            raise Refused(faults)
        return found

    @property
    def kept(self) -> list[Row]:
        """The organizations that stay, in the order the form gives them."""
        named = [row for row in self.rows if (row.name.strip() or row.id) and not row.remove]
        return sorted(named, key=_order)

    def at_fields(self, faults: Iterable[Fault]) -> list[Fault]:
        """Faults by the field that is wrong, in words that stand alone where the field has none."""
        return [self._at_field(fault) for fault in faults]

    def _at_field(self, fault: Fault) -> Fault:
        found = _AT_ORGANIZATION.match(fault.place)
        if found and int(found[1]) <= len(self.kept):
            row = self.kept[int(found[1]) - 1]
            return Fault(row.field(found[2] or "name"), fault.reason)
        in_list = _IN_LIST.fullmatch(fault.place)
        if in_list:
            return Fault(in_list[1], fault.reason)
        named = fault.place.removeprefix("organizations: ")
        by_name = [row for row in self.kept if row.name.strip() == named]
        return Fault(by_name[0].field("name"), fault.reason) if by_name else fault


def _as_fact(row: Row) -> dict[str, str]:
    given = {"id": row.id, "name": row.name, "kind": row.kind, "around": row.around}
    return {key: value for key, value in given.items() if value or key == "name"}


def _order(row: Row) -> tuple[float, int]:
    plain = row.place.strip()
    return (float(plain) if plain.isascii() and plain.isdigit() else float("inf"), row.number)


def of_facts(partnership: Partnership, others: Sequence[Organization]) -> Page:
    """The form of a partnership as it stands; ``others`` come from the roster."""
    facts = partnership.facts
    rated = facts.get("rate_organizations") or ()
    listed = [one for one in partnership.organizations if one.in_facts]
    rows = [
        Row(number, one.id, one.name, one.kind or "", one.around or "", str(number),
            rated=one.id in rated)
        for number, one in enumerate(listed, 1)
    ]  # fmt: skip
    texts = {key: _shown(facts.get(key)) for key in (*TEXTS, *NUMBERS)}
    texts |= {"naics": ", ".join(facts.get("naics") or ())}
    texts |= {"sub_sectors": "\n".join(facts.get("sub_sectors") or ())}
    return Page(
        (),
        texts,
        facts.get("criteria") or (),
        bool(facts.get("show_champions")),
        (*rows, *_spare(len(rows))),
        [one.id for one in others if one.id in rated],
    )


def _shown(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _spare(after: int) -> list[Row]:
    return [Row(number) for number in range(after + 1, after + 1 + SPARE_ROWS)]


def of_form(partnership: Partnership, form: MultiDict[str, str]) -> Page:
    """The form as it was sent. Ids of organizations that are not the partnership's are dropped."""
    known = {one.id for one in partnership.organizations}
    numbers = sorted(
        {
            int(found[1])
            for name in form
            if (found := re.fullmatch(r"organization-(\d{1,3})-name", name))
        }
    )
    rows = [_row(number, form, known) for number in numbers[: MOST_ORGANIZATIONS + SPARE_ROWS]]
    blank = [row for row in rows if not row.name and not row.id]
    more = _spare(max(numbers, default=0)) if not blank else []
    return Page(
        form.getlist("shown"),
        {key: plain(form, key) for key in (*TEXTS, *LISTS, *NUMBERS)},
        [code for code in form.getlist("criteria") if code in CRITERIA],
        "show_champions" in form,
        (*rows, *more),
        [key for key in form.getlist("rated") if key in known],
    )


def plain(form: MultiDict[str, str], name: str) -> str:
    """What was typed into a field, without characters that nobody can see."""
    return typed_text.paragraphs(form.get(name, ""))


def _row(number: int, form: MultiDict[str, str], known: Collection[str]) -> Row:
    given = {
        key: plain(form, f"organization-{number}-{key}")
        for key in ("id", "name", "kind", "around", "place")
    }
    if given["id"] not in known:
        given["id"] = ""
    return Row(
        number,
        **given,
        remove=f"organization-{number}-remove" in form,
        rated=f"organization-{number}-rated" in form,
    )


def edition(partnership: Partnership) -> str:
    """Tells one state of the facts from another, so that nobody writes over what they never saw."""
    listed = [
        (one.id, one.name, one.kind, one.around)
        for one in partnership.organizations
        if one.in_facts
    ]
    state = json.dumps([partnership.facts, listed], sort_keys=True)
    return hashlib.sha256(state.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class State:
    """How much of what a round is better with is set: how many parts, and which are open."""

    done: int
    total: int
    open: tuple[str, ...]


def completeness(partnership: Partnership) -> State:
    """What is set and what is still open."""
    facts = dict(partnership.facts)
    facts["organizations"] = [one for one in partnership.organizations if one.in_facts]
    missing = tuple(key for key in WANTED if not facts.get(key))
    return State(len(WANTED) - len(missing), len(WANTED), missing)
