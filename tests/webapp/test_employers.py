"""Employer lists: sizes as lists write them, companies not sites, and a real list of 5,000."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from webapp import employers, uploads
from webapp.employers import Conditions, Row
from webapp.faults import Refused

REAL = Path(__file__).parents[1] / "data" / "employers_inc5000_2014.csv.gz"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("48", 48), ("48.0", 48), ("1,234", 1234), ("1 234", 1234), ("10,000+", 10000),
        ("50-99", 50), ("50 to 99", 50), ("50 – 99", 50), ("50 - 99 employees", 50),
        ("1,000 - 4,999", 1000), ("500 or more", 500), ("over 500", 500), ("<5", 1),
        ("Less than 10", 1), ("under 20", 1), ("A", 1), ("e", 50), ("K", 10000),
        ("9-May", 5), ("Oct-19", 10), ("19-Oct", 10), ("4-Jan", 1), ("0", 0),
        ("", None), ("n/a", None), ("unknown", None), ("-5", None), ("2026-05-09", None),
        ("Z", None),
    ],
)  # fmt: skip
def test_sizes_are_read_as_lists_write_them(text: str, number: int | None) -> None:
    assert employers.employees(text) == number


@pytest.mark.parametrize(
    ("code", "prefixes"),
    [
        ("332", ("332",)), ("31-33", ("31", "32", "33")), ("31_33", ("31", "32", "33")),
        ("3361//", ("3361",)), ("44–45", ("44", "45")), ("332710", ("332710",)), ("------", ()),
    ],
)  # fmt: skip
def test_naics_codes_are_read_as_prefixes(code: str, prefixes: tuple[str, ...]) -> None:
    assert employers.prefixes(code) == prefixes


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://www.Acme.com/about?x=1", "acme.com"), ("acme.com", "acme.com"),
        ("WWW.ACME.COM.", "acme.com"), ("http://acme.co.uk:8080", "acme.co.uk"), ("fuhu", None),
        ("quest-nutrition", None), ("", None), ("n/a", None), ("http://[bad", None),
        ("not a site.", None),
    ],
)  # fmt: skip
def test_a_website_needs_a_domain(text: str, host: str | None) -> None:
    assert employers.host(text) == host


def rows(*cells: dict[str, str]) -> list[Row]:
    return [Row(number, {"company": "", **one}) for number, one in enumerate(cells, 2)]


def test_sites_of_one_company_are_counted_once() -> None:
    found = employers.scope(
        rows(
            {"company": "Acme", "website": "www.acme.com", "employees": "20"},
            {"company": "ACME  Denver", "website": "https://acme.com/denver", "employees": "90"},
            {"company": "acme", "website": ""},
            {"company": "Beta Tool"},
            {"company": "BETA  tool"},
            {"company": "Beta Tool", "website": "betatool.example"},
            {"company": "Gamma", "website": "gamma"},
        ),
        Conditions(),
    )
    assert (found.rows, found.companies, found.fit) == (7, 3, 3)
    assert [row.number for row in found.fitting] == [3, 5, 8]


def test_two_companies_on_one_shared_host_stay_two() -> None:
    found = employers.scope(
        rows(
            {"company": "Acme", "website": "facebook.com/acme"},
            {"company": "Beta", "website": "https://www.facebook.com/beta/"},
        ),
        Conditions(),
    )
    assert found.companies == 2


def test_a_company_fits_when_one_of_its_sites_does_and_the_largest_such_is_kept() -> None:
    found = employers.scope(
        rows(
            {"company": "Acme", "website": "acme.com", "county": "Denver", "employees": "900"},
            {"company": "Acme", "website": "acme.com", "county": "Weld", "employees": "20"},
            {"company": "Acme", "website": "acme.com", "county": " WELD ", "employees": "60"},
        ),
        Conditions(places=frozenset({"weld"}), min_employees=50),
    )
    assert (found.companies, found.fit) == (1, 1)
    assert found.fitting[0].number == 4


def test_a_row_without_a_size_does_not_fit_and_is_unknown_unless_it_fails_otherwise() -> None:
    found = employers.scope(
        rows(
            {"company": "A", "county": "Weld", "employees": ""},
            {"company": "B", "county": "Denver", "employees": ""},
            {"company": "C", "county": "Weld", "employees": "49"},
            {"company": "D", "county": "Weld", "employees": "E"},
        ),
        Conditions(places=frozenset({"weld"}), min_employees=50),
    )
    assert (found.fit, found.unknown) == (1, 1)


def test_every_mapped_place_may_equal_a_place_and_nothing_is_compared_in_part() -> None:
    tests = Conditions.of({"places": ["Fort  Collins", "80524"]})
    found = employers.scope(
        rows(
            {"company": "A", "city": "fort collins"},
            {"company": "B", "zip": "80524"},
            {"company": "C", "city": "Fort Collins Area"},
        ),
        tests,
    )
    assert found.fit == 2


def test_industry_and_naics_are_both_tests_where_the_list_has_both() -> None:
    tests = Conditions.of({"industries": ["Manufacturing"], "naics": ["31-33"]})
    listed = rows(
        {"company": "A", "industry": "manufacturing", "naics": "332710"},
        {"company": "B", "industry": "manufacturing", "naics": "541330"},
        {"company": "C", "industry": "Software", "naics": "332710"},
        {"company": "D", "industry": "Manufacturing", "naics": ""},
    )
    assert employers.scope(listed, tests).fit == 1
    assert employers.scope(listed, tests, ("company", "industry")).fit == 3
    assert employers.scope(listed, tests, ("company", "naics")).fit == 2


def test_a_test_on_what_the_list_never_says_leaves_companies_unknown() -> None:
    listed = rows({"company": "A"}, {"company": "B"})
    found = employers.scope(listed, Conditions(places=frozenset({"weld"})), ("company",))
    assert (found.fit, found.unknown) == (0, 2)
    assert employers.scope(listed, Conditions(naics=("332",)), ("company",)).fit == 2


def test_wages_count_where_the_list_has_them() -> None:
    found = employers.scope(
        rows(
            {"company": "A", "wage": "$24.50"},
            {"company": "B", "wage": "18"},
            {"company": "C", "wage": ""},
        ),
        Conditions(min_wage=20.0),
    )
    assert found.fit == 2


DATA_AXLE = [
    "Company Name", "Executive First Name", "Executive Last Name", "Executive Title", "Address",
    "City", "State", "ZIP Code", "County", "Phone", "Location Employee Size Range",
    "Location Employee Size Actual", "Primary NAICS", "IUSA Number",
]  # fmt: skip


def test_columns_of_a_library_export_are_found() -> None:
    mapped = employers.map_columns(DATA_AXLE)
    assert mapped.headings == {
        "company": "Company Name",
        "city": "City",
        "state": "State",
        "county": "County",
        "zip": "ZIP Code",
        "naics": "Primary NAICS",
        "employees": "Location Employee Size Actual",
        "title": "Executive Title",
    }
    cells = ["Acme", "Ann", "Lee", "CEO", "", "", "", "", "", "", "", "", "", ""]
    found, faults = employers.read_rows(mapped, [(2, cells), (3, [""] * 14)])
    assert found[0].cells["contact"] == "Ann Lee"
    assert [str(fault) for fault in faults] == ["row 3: company: is empty"]
    assert "contact" in employers.fields(mapped)


def test_columns_by_hand_win_and_wrong_ones_are_named() -> None:
    header = ["Firm", "Name", "Heads"]
    mapped = employers.map_columns(header, (), {"company": "name", "employees": "HEADS"})
    assert mapped.headings == {"company": "Name", "employees": "Heads"}
    with pytest.raises(Refused) as caught:
        employers.map_columns(header, (), {"size": "Heads", "city": "Town"})
    assert len(caught.value.faults) == 2
    with pytest.raises(Refused, match="no column holds the company's name"):
        employers.map_columns(["a", "b"])


@pytest.fixture(scope="module")
def real() -> tuple[uploads.Table, list[dict[str, str]]]:
    content = gzip.decompress(REAL.read_bytes())
    plain = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    return uploads.read(content, "employers_inc5000_2014.csv"), plain


def test_a_real_list_of_5000_companies_is_read_as_it_is(
    real: tuple[uploads.Table, list[dict[str, str]]],
) -> None:
    table, plain = real
    mapped = employers.map_columns(table.header, [row.cells for row in table.rows[:200]])
    assert mapped.headings == {
        "company": "company", "city": "city", "state": "state_l", "metro": "metro",
        "industry": "industry", "employees": "workers",
    }  # fmt: skip
    found, faults = employers.read_rows(mapped, table.rows)
    assert not faults
    assert [row.cells["company"] for row in found] == [
        " ".join(one["company"].split()) for one in plain
    ]
    everything = employers.scope(found, Conditions(), employers.fields(mapped))
    assert (everything.rows, everything.companies, everything.fit) == (5000, 5000, 5000)


SCOPES = [
    ({"places": ["California"], "industries": ["Manufacturing", "Food & Beverage"],
      "min_employees": 50}, "state_l", {}),
    ({"places": ["CO"], "industries": ["Software"], "min_employees": 10}, "state_s",
     {"state": "state_s"}),
    ({"places": ["Chicago", "Dallas"], "industries": ["IT Services"], "min_employees": 100,
      "naics": ["5415"]}, "metro", {}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "column", "overrides"), SCOPES)
def test_two_scopes_of_the_real_list_equal_a_plain_filter(
    real: tuple[uploads.Table, list[dict[str, str]]],
    facts: dict[str, object],
    column: str,
    overrides: dict[str, str],
) -> None:
    table, plain = real
    mapped = employers.map_columns(table.header, [row.cells for row in table.rows[:200]], overrides)
    found, _ = employers.read_rows(mapped, table.rows)
    scope = employers.scope(found, Conditions.of(facts), employers.fields(mapped))
    kept = [
        one["company"]
        for one in plain
        if one[column] in facts["places"]  # type: ignore[operator]
        and one["industry"] in facts["industries"]  # type: ignore[operator]
        and int(one["workers"]) >= facts["min_employees"]  # type: ignore[operator]
    ]
    assert len(kept) > 10
    assert [row.cells["company"] for row in scope.fitting] == kept
    assert (scope.companies, scope.fit, scope.unknown) == (5000, len(kept), 0)


def test_a_test_that_the_list_cannot_answer_is_told() -> None:
    tests = Conditions.of(
        {"places": ["Weld"], "industries": ["Metal"], "naics": ["332"], "min_employees": 50,
         "min_wage": 20}
    )  # fmt: skip
    assert list(employers.left_out(tests, ("company",))) == [
        "places", "industries", "naics", "min_employees", "min_wage",
    ]  # fmt: skip
    has = ("company", "zip", "naics", "employees", "wage")
    assert employers.left_out(tests, has) == {
        "industries": "the list has no column for it: this test is left out"
    }
    assert employers.left_out(Conditions(), ()) == {}
