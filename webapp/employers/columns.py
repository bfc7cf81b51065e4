"""The columns of a list: which heading means what, and its rows by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from surveys import typed_text
from webapp import folding
from webapp.employers.cells import host
from webapp.faults import Fault, Refused

# Every field a column can be mapped to, in the order they are written out, with the headings that
# libraries, state offices and list vendors give it.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "company": (
        "company", "company name", "business name", "employer", "employer name", "business",
        "organization", "organization name", "firm", "firm name", "establishment", "legal name",
        "trade name", "entity name", "name",
    ),
    "city": ("city", "town", "municipality", "mailing city", "location city", "physical city"),
    # Where a list writes states both ways, people type the long one.
    "state": (
        "state", "state name", "state long", "state l", "state code", "state abbreviation",
        "state short", "state s", "location state", "physical state",
    ),
    "county": ("county", "county name", "location county"),
    "metro": ("metro", "metro area", "msa", "msa name", "cbsa", "cbsa name", "metropolitan area"),
    "zip": ("zip", "zip code", "zipcode", "zip5", "postal code", "postcode", "location zip"),
    "naics": (
        "naics", "naics code", "primary naics", "primary naics code", "primary naics code id",
        "naics6", "naics 6", "naics 1", "naics code 1", "industry code",
    ),
    "industry": (
        "industry", "industry name", "industry title", "sector", "primary naics description",
        "naics description", "naics title", "primary industry",
    ),
    "employees": (
        "employees", "number of employees", "no of employees", "num employees", "employee count",
        "employee size", "employment", "workers", "headcount", "staff", "size", "total employees",
        "location employee size actual", "location employee size range", "employee size range",
        "location employee size", "size class", "employment size", "employment size class",
    ),
    "sub_sector": ("sub sector", "subsector", "segment", "sub industry", "cluster"),
    "contact": (
        "contact", "contact name", "contact person", "executive name", "executive", "owner",
        "primary contact", "ceo", "president", "key executive",
    ),
    "title": (
        "title", "executive title", "contact title", "job title", "position",
        "primary contact job titles",
    ),
    "email": (
        "email", "email address", "contact email", "executive email", "primary contact email",
    ),
    "website": (
        "website", "web site", "web address", "website address", "company website", "web",
        "homepage", "domain", "url",
    ),
    "wage": (
        "wage", "wages", "average wage", "avg wage", "hourly wage", "starting wage", "salary",
        "average annual wage", "average salary", "annual wage",
    ),
}  # fmt: skip
FIELDS: Final = tuple(SYNONYMS)
FIRST_NAME: Final = ("executive first name", "contact first name", "first name",
                     "primary contact first name")  # fmt: skip
LAST_NAME: Final = ("executive last name", "contact last name", "last name",
                    "primary contact last name")  # fmt: skip


class Row(NamedTuple):
    """One row of a list: its number in the spreadsheet and its cells by field."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Mapped:
    """Which column holds which field: positions, and the headings as they were written."""

    columns: Mapping[str, int]
    headings: Mapping[str, str]
    first_name: int | None = None
    last_name: int | None = None


def map_columns(
    header: Sequence[str],
    sample: Sequence[Sequence[str]] = (),
    overrides: Mapping[str, str] | None = None,
) -> Mapped:
    """Find the columns of a list by their headings; ``overrides`` name field and heading.

    ``sample`` holds some rows: a column that never looks like a web address is no website. A field
    with an empty heading in ``overrides`` is in no column, whatever the headings say.
    Raises ``Refused`` for unknown fields or headings and for a list without company names.
    """
    places = {folding.heading(name): at for at, name in reversed(list(enumerate(header))) if name}
    given = overrides or {}
    dropped = {field for field, heading in given.items() if not heading}
    columns, faults = _overridden(header, given)
    taken = set(columns.values())
    for field, synonyms in SYNONYMS.items():
        if field in columns or field in dropped:
            continue
        candidates = (places.get(folding.heading(one)) for one in synonyms)
        free = [at for at in candidates if at is not None and at not in taken]
        if field == "website":
            free = [at for at in free if not sample or _has_hosts(sample, at)]
        if free:
            columns[field] = free[0]
            taken.add(free[0])
    if "company" not in columns:
        found = ", ".join(name for name in header if name) or "nothing"
        faults.append(Fault("header", f"no column holds the company's name; found: {found}"))
    if faults:
        raise Refused(faults)
    contact = "contact" in columns or "contact" in dropped
    return Mapped(
        columns={field: columns[field] for field in FIELDS if field in columns},
        headings={field: header[columns[field]] for field in FIELDS if field in columns},
        first_name=None if contact else _first(places, FIRST_NAME),
        last_name=None if contact else _first(places, LAST_NAME),
    )


def _overridden(
    header: Sequence[str], overrides: Mapping[str, str]
) -> tuple[dict[str, int], list[Fault]]:
    exact = {folding.name(name): at for at, name in reversed(list(enumerate(header)))}
    columns: dict[str, int] = {}
    faults = []
    for field, heading in overrides.items():
        at = exact.get(folding.name(heading))
        if field not in SYNONYMS:
            known = ", ".join(FIELDS)
            faults.append(Fault("column", f"{field!r} is no field; the fields are {known}"))
        elif not heading:
            continue
        elif at is None:
            found = ", ".join(name for name in header if name)
            faults.append(
                Fault("column", f"the list has no column {heading!r} for {field}; found: {found}")
            )
        else:
            columns[field] = at
    return columns, faults


def _first(places: Mapping[str, int], synonyms: Iterable[str]) -> int | None:
    found = (places.get(folding.heading(one)) for one in synonyms)
    return next((at for at in found if at is not None), None)


def _has_hosts(sample: Sequence[Sequence[str]], at: int) -> bool:
    given = [row[at] for row in sample if at < len(row) and row[at].strip()]
    return 2 * sum(host(value) is not None for value in given) >= len(given)


def read_rows(
    mapped: Mapped, rows: Iterable[tuple[int, Sequence[str]]]
) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """The rows of a list by field, and a fault for each row that names no company."""
    found, faults = [], []
    for number, cells in rows:
        row = {field: _cell(cells, at) for field, at in mapped.columns.items()}
        if mapped.first_name is not None or mapped.last_name is not None:
            names = (_cell(cells, at) for at in (mapped.first_name, mapped.last_name))
            row["contact"] = " ".join(filter(None, names))
        if row["company"]:
            found.append(Row(number, row))
        else:
            faults.append(Fault(f"row {number}", "company: is empty"))
    return tuple(found), tuple(faults)


def _cell(cells: Sequence[str], at: int | None) -> str:
    return typed_text.one_line(cells[at]) if at is not None and at < len(cells) else ""


def fields(mapped: Mapped) -> tuple[str, ...]:
    """The fields a list has, in the order they are written out."""
    contact = mapped.first_name is not None or mapped.last_name is not None
    return tuple(
        field for field in FIELDS if field in mapped.columns or (contact and field == "contact")
    )
