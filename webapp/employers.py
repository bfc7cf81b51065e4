"""Employer lists: which columns an office calls what, which companies fit the set-up's tests.

Pure functions over text cells. A list counts company *sites*; partnerships invite *companies*. So
rows are joined by website, else by name, and what is counted is companies.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from surveys import typed_text
from webapp import folding
from webapp.faults import Fault, Refused

# How many cells are remembered as they are compared: cities and sizes come again and again.
_REMEMBERED: Final = 1 << 14
# Every field a column can be mapped to, in the order they are written out, with the headings that
# libraries, state offices and list vendors give it.
SYNONYMS: Final[Mapping[str, tuple[str, ...]]] = {
    "company": (
        "company", "company name", "business name", "employer", "employer name", "business",
        "organization", "organization name", "firm", "firm name", "establishment", "legal name",
        "trade name", "entity name", "name",
    ),
    "city": ("city", "town", "municipality", "mailing city", "location city", "physical city"),
    "state": ("state", "state code", "state abbreviation", "location state", "physical state"),
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
PLACES: Final = ("city", "state", "county", "metro", "zip")

# The smallest size of each letter of the usual employee-size code.
SIZE_LETTERS: Final[Mapping[str, int]] = {
    "a": 1, "b": 5, "c": 10, "d": 20, "e": 50, "f": 100, "g": 250, "h": 500, "i": 1000, "j": 5000,
    "k": 10000,
}  # fmt: skip
# Spreadsheets turn the ranges 5-9 and 10-19 into days: "9-May", "Oct-19".
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Many companies have their only page on these; the address then needs its path to name one.
SHARED_HOSTS: Final = frozenset(
    {"facebook.com", "linkedin.com", "instagram.com", "sites.google.com", "linktr.ee", "yelp.com",
     "x.com", "twitter.com"}
)  # fmt: skip

_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_THOUSANDS: Final = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)
_UNDER: Final = re.compile(r"^(<|under|less than|fewer than|up to|below)")
_ISO_DAY: Final = re.compile(r"^\d{4}-\d\d-\d\d")
_DAY: Final = re.compile(rf"\d+-({'|'.join(MONTHS)})|({'|'.join(MONTHS)})-\d+")
_NAICS: Final = re.compile(r"(\d{2,6})(?:-(\d{2}))?")


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


@dataclass(frozen=True)
class Conditions:
    """What a company must pass; an empty member is no test.

    ``places`` and ``industries`` are compared whole, ``naics`` by prefix (``31-33`` is a range of
    two-digit prefixes), sizes and wages from below.
    """

    places: frozenset[str] = frozenset()
    industries: frozenset[str] = frozenset()
    naics: tuple[str, ...] = ()
    min_employees: int | None = None
    min_wage: float | None = None

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Conditions:
        """The tests in a partnership's facts."""
        return cls(
            places=frozenset(folding.name(place) for place in facts.get("places") or ()),
            industries=frozenset(folding.name(one) for one in facts.get("industries") or ()),
            naics=tuple(prefix for one in facts.get("naics") or () for prefix in prefixes(one)),
            min_employees=facts.get("min_employees"),
            min_wage=facts.get("min_wage"),
        )


@dataclass(frozen=True)
class Scope:
    """A list against the tests: rows, companies, how many fit, how many cannot be told.

    ``fitting`` holds one row for each company that fits, its largest site among those that do.
    """

    rows: int
    companies: int
    fit: int
    unknown: int
    fitting: tuple[Row, ...]


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


def scope(
    rows: Sequence[Row],
    tests: Conditions,
    columns: Iterable[str] = FIELDS,
    joined: Sequence[int] | None = None,
) -> Scope:
    """Count the companies of a list that pass every test.

    ``columns`` are the fields the list has at all, ``joined`` what ``companies`` said of the rows.
    A company fits when one of its sites does. It is unknown when none does and one would, were
    its size known, or were the list to say where its companies are or what they do.
    """
    has = frozenset(columns)
    groups: dict[int, list[tuple[bool | None, int, Row]]] = {}
    for company, row in zip(joined or companies(rows), rows, strict=True):
        size = employees(row.cells.get("employees", ""))
        verdict = _passes(row.cells, size, tests, has)
        groups.setdefault(company, []).append((verdict, -1 if size is None else size, row))
    fitting, unknown = [], 0
    for sites in groups.values():
        best = max((site for site in sites if site[0]), key=lambda site: site[1], default=None)
        if best is not None:
            fitting.append(best[2])
        elif any(verdict is None for verdict, _, _ in sites):
            unknown += 1
    return Scope(len(rows), len(groups), len(fitting), unknown, tuple(fitting))


def left_out(tests: Conditions, columns: Iterable[str]) -> dict[str, str]:
    """What cannot be tested because the list lacks a column for it: fact name to what follows."""
    has = frozenset(columns)
    unknown = "the list has no column for it: no company is known to fit"
    skipped = "the list has no column for it: this test is left out"
    found = {}
    if tests.places and not has.intersection(PLACES):
        found["places"] = unknown
    if tests.industries and "industry" not in has:
        found["industries"] = skipped if tests.naics and "naics" in has else unknown
    if tests.naics and "naics" not in has:
        found["naics"] = skipped
    if tests.min_employees is not None and "employees" not in has:
        found["min_employees"] = unknown
    if tests.min_wage is not None and "wage" not in has:
        found["min_wage"] = skipped
    return found


def companies(rows: Sequence[Row]) -> list[int]:
    """For each row the number of its company: the same website, else the same folded name."""
    by_site: dict[str, int] = {}
    by_name: dict[str, int] = {}
    found: list[int | None] = []
    numbers = iter(range(len(rows)))
    for row in rows:
        site = website_key(row.cells.get("website", ""))
        if site is None:
            found.append(None)
            continue
        if site not in by_site:
            by_site[site] = next(numbers)
        by_name.setdefault(folding.name(row.cells["company"]), by_site[site])
        found.append(by_site[site])
    for at, row in enumerate(rows):
        if found[at] is None:
            name = folding.name(row.cells["company"])
            if name not in by_name:
                by_name[name] = next(numbers)
            found[at] = by_name[name]
    return [number for number in found if number is not None]


def _passes(
    cells: Mapping[str, str], size: int | None, tests: Conditions, has: frozenset[str]
) -> bool | None:
    """Whether one site passes; ``None`` where only something unknown stands in the way."""
    verdicts = (_in_place(cells, tests, has), _in_industry(cells, tests, has))
    if False in verdicts or not _pays(cells, tests):
        return False
    if tests.min_employees is not None and size is not None and size < tests.min_employees:
        return False
    sized = tests.min_employees is None or size is not None
    return True if sized and None not in verdicts else None


@lru_cache(_REMEMBERED)
def folded(cell: str) -> str:
    """A cell as it is compared."""
    return folding.name(cell)


def _in_place(cells: Mapping[str, str], tests: Conditions, has: frozenset[str]) -> bool | None:
    if not tests.places:
        return True
    if not has.intersection(PLACES):
        return None
    return any(folded(cells.get(field, "")) in tests.places for field in PLACES)


def _in_industry(cells: Mapping[str, str], tests: Conditions, has: frozenset[str]) -> bool | None:
    """A list with only one of the two columns is judged by that one."""
    verdicts = []
    if tests.industries and "industry" in has:
        verdicts.append(folded(cells.get("industry", "")) in tests.industries)
    if tests.naics and "naics" in has:
        code = "".join(re.findall(r"\d", cells.get("naics", "").partition(".")[0]))
        verdicts.append(bool(code) and code.startswith(tests.naics))
    if not verdicts and tests.industries:
        return None
    return all(verdicts)


def _pays(cells: Mapping[str, str], tests: Conditions) -> bool:
    wage = amount(cells.get("wage", ""))
    return tests.min_wage is None or wage is None or wage >= tests.min_wage


def prefixes(naics: str) -> tuple[str, ...]:
    """The prefixes a NAICS code stands for: ``31-33`` is 31, 32 and 33; ``3361//`` is 3361."""
    found = _NAICS.match(naics.strip().replace("_", "-").replace("–", "-"))
    if not found:
        return ()
    first, last = found[1], found[2]
    if last is None or len(first) != 2:
        return (first,)
    return tuple(f"{code:02d}" for code in range(int(first), int(last) + 1))


@lru_cache(_REMEMBERED)
def employees(text: str) -> int | None:
    """A number of employees from what lists write: a number, a range, ``10,000+``, a letter.

    Of a range its lower end counts, so that nobody is called large enough who may not be.
    """
    plain = _THOUSANDS.sub("", folding.name(text))
    if plain in SIZE_LETTERS:
        return SIZE_LETTERS[plain]
    if not plain or plain.startswith("-") or _ISO_DAY.match(plain):
        return None
    if _UNDER.match(plain):
        return 1
    numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(plain)]
    day = _DAY.fullmatch(plain)
    if day:
        numbers.append(MONTHS.index(day[1] or day[2]) + 1)
    return int(min(numbers)) if numbers else None


def amount(text: str) -> float | None:
    """A sum of money from what lists write: ``$1,234.50``, ``62,000``; of a range its low end."""
    plain = _THOUSANDS.sub("", folding.name(text))
    numbers = [float(found.replace(",", "")) for found in _NUMBER.findall(plain)]
    return min(numbers) if numbers else None


def host(text: str) -> str | None:
    """The host of a web address, ``www.`` left out; nothing where there is no domain."""
    plain = text.strip().casefold()
    if not plain or any(letter.isspace() for letter in plain):
        return None
    try:
        named = urlsplit(plain if "//" in plain else f"//{plain}").hostname or ""
    except ValueError:
        return None
    named = named.rstrip(".").removeprefix("www.")
    return named if _HOST.fullmatch(named) and "." in named else None


def website_key(text: str) -> str | None:
    """What tells one company's website from another's."""
    named = host(text)
    if named is None or named not in SHARED_HOSTS:
        return named
    plain = text.strip().casefold()
    path = urlsplit(plain if "//" in plain else f"//{plain}").path.strip("/")
    return f"{named}/{path}" if path else None
