"""Set-up: what the convening team agrees on together and the questions show."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from surveys import typed_text

MOST_RATED_ORGANIZATIONS: Final = 12
MOST_RATED_BY_CHAMPIONS: Final = 5
MOST_SUB_SECTORS: Final = 12
MOST_ORGANIZATIONS: Final = 200
KINDS: Final = ("association", "convening", "other")
CRITERIA: Final = (
    "job_quality",
    "common_focus",
    "firm_size",
    "located_here",
    "other",
    "none",
)
ANCILLARY: Final = ("yes", "partly", "no")

_ID: Final = re.compile(r"[A-Za-z0-9]+([_-][A-Za-z0-9]+)*")
# Words that mean a side field behind the two hyphens of a form field's name.
_RESERVED_IDS: Final = frozenset({"text", "number", "dk"})
_NAICS: Final = re.compile(r"\d{2,6}|\d{2}-\d{2}", re.ASCII)
_SPACED: Final = re.compile(r"[\s_-]+")


@dataclass(frozen=True)
class Organization:
    """A body that brings employers together or has ties to company leaders."""

    id: str
    name: str
    kind: str | None = None
    around: str | None = None


@dataclass(frozen=True)
class Setup:
    """The facts of a partnership as they stand for one wave."""

    area: str = ""
    sector_definition: str = ""
    naics: tuple[str, ...] = ()
    sub_sectors: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    min_employees: int | None = None
    min_wage: float | None = None
    places: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    ancillary_decided: str | None = None
    launch_date: date | None = None
    decision: str = ""
    results_date: date | None = None
    company_count: int | None = None
    convening_team: str = ""
    letter_draft: str = ""
    show_champions: bool = False
    rate_organizations: tuple[str, ...] = ()
    organizations: tuple[Organization, ...] = ()
    # What the partnership holds beside its facts.
    has_employer_list: bool = False
    champions: tuple[str, ...] = ()

    @property
    def rated_by_champions(self) -> tuple[Organization, ...]:
        """The at most five bodies that champions rate: those chosen, else the first five."""
        known = {folded(one.name): one for one in self.organizations}
        known |= {one.id: one for one in self.organizations}
        keys = [key if key in known else folded(key) for key in self.rate_organizations]
        chosen = tuple(dict.fromkeys(known[key] for key in keys if key in known))
        return (chosen or self.organizations)[:MOST_RATED_BY_CHAMPIONS]


@dataclass(frozen=True)
class Person:
    """Who is asked, as far as the questions depend on it."""

    role: str
    organization: str | None = None
    organization_name: str = ""


@dataclass(frozen=True)
class FactFault:
    """One thing wrong in the facts: the key, such as ``organizations 2: kind``, and the reason."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class FactsError(ValueError):
    """Facts that cannot be taken, with every fault."""

    def __init__(self, faults: Sequence[FactFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def folded(name: str) -> str:
    """A name as it is compared: case, width of letters and spaces do not matter."""
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def folded_code(code: str) -> str:
    """A code read from a file: case, spaces, hyphens and underscores are folded."""
    return _SPACED.sub("_", folded(code)).strip("_")


def parse_facts(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as typed or read from TOML, cleaned so that they can be stored as JSON.

    A fact that is left out, blank or an empty list is absent from the result; dates become ISO
    texts. Raises ``FactsError`` with all faults: unknown keys, wrong kinds, codes and bounds.
    """
    faults: list[FactFault] = []
    clean: dict[str, Any] = {}
    for key, value in raw.items():
        if key not in _READERS:
            faults.append(FactFault(str(key), "is not a fact; known facts are " + _known()))
        elif value is not None:
            try:
                clean[key] = _READERS[key](value)
            except FactsError as error:
                faults += [FactFault(_place(key, one), one.reason) for one in error.faults]
    if faults:
        raise FactsError(faults)
    return {key: value for key, value in clean.items() if value not in ("", [])}


def setup_from(
    facts: Mapping[str, Any],
    organizations: Sequence[Organization],
    has_employer_list: bool,
    champions: Sequence[str],
) -> Setup:
    """The set-up that clean facts and what the partnership holds beside them make."""
    known = {one.name for one in fields(Setup)} & _READERS.keys() - {"organizations"}
    values = {key: _value(key, facts[key]) for key in known if facts.get(key) is not None}
    return Setup(
        **values,
        organizations=tuple(organizations),
        has_employer_list=has_employer_list,
        champions=tuple(champions),
    )


def _value(key: str, value: Any) -> Any:
    if key in {"launch_date", "results_date"}:
        return value if isinstance(value, date) else date.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def _known() -> str:
    return ", ".join(_READERS)


def _place(key: str, fault: FactFault) -> str:
    return f"{key} {fault.place}" if fault.place else key


def _refused(reason: str, place: str = "") -> FactsError:
    return FactsError([FactFault(place, reason)])


def _text(limit: int, *, lines: bool = False) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise _refused("must be a text")
        clean = typed_text.paragraphs(value) if lines else typed_text.one_line(value)
        if len(clean) > limit:
            raise _refused(f"has {len(clean)} characters; {limit} is the most")
        return clean

    return read


def _items(read: Callable[[Any], Any], most: int) -> Callable[[Any], list[Any]]:
    """A list of which every item is read; an item that comes twice is a fault."""

    def read_all(value: Any) -> list[Any]:
        if not isinstance(value, list | tuple):
            raise _refused("must be a list")
        if len(value) > most:
            raise _refused(f"has {len(value)} entries; {most} is the most")
        items: list[Any] = []
        faults: list[FactFault] = []
        for place, one in enumerate(value, 1):
            try:
                item = read(one)
            except FactsError as error:
                faults += [FactFault(_nested(place, fault), fault.reason) for fault in error.faults]
                continue
            if item in ("", None):
                faults.append(FactFault(str(place), "is blank"))
            elif isinstance(item, str) and folded(item) in map(folded, items):
                faults.append(FactFault(str(place), f"{item!r} comes twice"))
            else:
                items.append(item)
        if faults:
            raise FactsError(faults)
        return items

    return read_all


def _nested(place: int, fault: FactFault) -> str:
    return f"{place}: {fault.place}" if fault.place else str(place)


def _code(codes: Sequence[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        code = folded_code(value) if isinstance(value, str) else ""
        if isinstance(value, str) and not code:
            return ""
        if code not in codes:
            raise _refused(f"{value!r} must be one of {', '.join(codes)}")
        return code

    return read


def _naics(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NAICS.fullmatch(text.strip()):
        raise _refused(f"{value!r} is no NAICS code of 2 to 6 digits")
    return text.strip()


def _number(most: float, *, whole: bool) -> Callable[[Any], int | float]:
    def read(value: Any) -> int | float:
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value):
            raise _refused(f"{value!r} must be a {'whole ' if whole else ''}number")
        if not 0 <= value <= most:
            raise _refused(f"{value} must be between 0 and {most:,.0f}")
        return value

    return read


def _date(value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        if not value.strip():
            return ""
        try:
            return date.fromisoformat(value.strip()).isoformat()
        except ValueError:
            pass
    raise _refused(f"{value!r} must be a date such as 2027-05-04")


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refused(f"{value!r} must be true or false")
    return value


def _object_id(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 40 or not _ID.fullmatch(value):
        raise _refused(f"{value!r} must be letters and digits, with single - or _ between them")
    if value.lower() in _RESERVED_IDS or value.isdigit():
        raise _refused(f"{value!r} cannot be an id: not text, number, dk or digits alone")
    return value


def _organizations(value: Any) -> list[dict[str, str]]:
    faults: list[FactFault] = []
    found: list[dict[str, str]] = []
    try:
        found = _items(_organization, MOST_ORGANIZATIONS)(value)
    except FactsError as error:
        faults += error.faults
    if isinstance(value, list | tuple):
        faults += _repeated(value, "name", folded)
        faults += _repeated(value, "id", str)
    if faults:
        raise FactsError(faults)
    return found


def _repeated(
    entries: Sequence[Any], key: str, compared: Callable[[str], str]
) -> Iterator[FactFault]:
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries, 1):
        given = entry.get(key) if isinstance(entry, Mapping) else None
        if not isinstance(given, str) or not given.strip():
            continue
        first = seen.setdefault(compared(given), place)
        if first != place:
            yield FactFault(f"{place}: {key}", f"{given!r} is also that of organization {first}")


def _organization(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _refused("must be a table with a name")
    faults: list[FactFault] = []
    clean: dict[str, str] = {}
    for key, given in value.items():
        if key not in _ORGANIZATION_READERS:
            known = ", ".join(_ORGANIZATION_READERS)
            faults.append(FactFault(str(key), f"is not known; use {known}"))
        elif given is not None:
            try:
                clean[key] = _ORGANIZATION_READERS[key](given)
            except FactsError as error:
                faults += [FactFault(key, one.reason) for one in error.faults]
    if not clean.get("name") and not any(one.place == "name" for one in faults):
        faults.append(FactFault("name", "is missing"))
    if faults:
        raise FactsError(faults)
    return {key: one for key, one in clean.items() if one}


_ORGANIZATION_READERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "name": _text(120),
    "kind": _code(KINDS),
    "id": _object_id,
    "around": _text(200),
}


def _criteria(value: Any) -> list[str]:
    codes: list[str] = _items(_code(CRITERIA), len(CRITERIA))(value)
    if "none" in codes and len(codes) > 1:
        raise _refused("'none' stands alone")
    return codes


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "area": _text(500),
    "sector_definition": _text(1000, lines=True),
    "naics": _items(_naics, 100),
    "sub_sectors": _items(_text(80), MOST_SUB_SECTORS),
    "criteria": _criteria,
    "min_employees": _number(1_000_000, whole=True),
    "min_wage": _number(10_000_000, whole=False),
    "places": _items(_text(120), 500),
    "industries": _items(_text(120), 500),
    "ancillary_decided": _code(ANCILLARY),
    "launch_date": _date,
    "decision": _text(200),
    "results_date": _date,
    "company_count": _number(100_000, whole=True),
    "convening_team": _text(200),
    "letter_draft": _text(10_000, lines=True),
    "show_champions": _flag,
    "rate_organizations": _items(_text(120), MOST_RATED_BY_CHAMPIONS),
    "organizations": _organizations,
}


def fact_names() -> Iterator[str]:
    """The names of all facts."""
    return iter(_READERS)
