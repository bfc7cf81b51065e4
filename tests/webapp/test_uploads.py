"""Tables as offices have them: any encoding, any separator, and what is no table is refused."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp import uploads
from webapp.faults import Refused

TEXT = (
    "Name,E-mail,Role\nJosé Núñez,jose@example.org,partner\nZoë “Zed” O’Hara,zoe@example.org,CEO\n"
)
ROWS = [
    ("José Núñez", "jose@example.org", "partner"),
    ("Zoë “Zed” O’Hara", "zoe@example.org", "CEO"),
]


def cells(table: uploads.Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def workbook(rows: list[list[object]], **formats: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, form in formats.items():
        sheet[place].number_format = form
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.fault("I15")
def test_I15_every_usual_encoding_and_separator_is_read(encoding: str, delimiter: str) -> None:
    table = uploads.read(TEXT.replace(",", delimiter).encode(encoding), "roster.csv")
    assert table.header == ("Name", "E-mail", "Role")
    assert cells(table) == ROWS


@pytest.mark.fault("I15")
def test_I15_a_workbook_is_known_by_its_content_whatever_its_name() -> None:
    content = workbook([["Name", "E-mail"], ["Ann", "ann@example.org"]])
    assert uploads.read(content, "roster.csv") == uploads.read(content, "roster.xlsx")
    assert cells(uploads.read(content, "roster.csv")) == [("Ann", "ann@example.org")]


@pytest.mark.fault("I15")
def test_I15_trailing_empty_columns_and_rows_are_no_columns_and_no_rows() -> None:
    table = uploads.read(b"name,email,,,\nAnn,ann@example.org,,,\n,,,,\n,,,,\n", "x.csv")
    assert table.header == ("name", "email")
    assert cells(table) == [("Ann", "ann@example.org")]


@pytest.mark.fault("I15")
def test_I15_rows_carry_the_number_a_spreadsheet_shows() -> None:
    text = 'Our people\n\nname,title\n"Ann","two\nlines"\n\nBob,one\n'
    table = uploads.read(text.encode(), "x.csv")
    assert table.header_row == 3
    assert [(row.number, row.cells) for row in table.rows] == [
        (4, ("Ann", "two\nlines")),
        (6, ("Bob", "one")),
    ]
    book = workbook([["Our people"], [], ["name", "title"], ["Ann", "x"], [], ["Bob", "y"]])
    assert [row.number for row in uploads.read(book).rows] == [4, 6]


@pytest.mark.fault("I14")
def test_I14_people_called_null_and_codes_with_zeros_survive() -> None:
    rows = [("Null", "007"), ("NA", "01234"), ("None", "1e5"), ("True", "-"), ("nan", "31-33")]
    text = "name,code\n" + "".join(f"{name},{code}\n" for name, code in rows)
    assert cells(uploads.read(text.encode())) == rows
    book = workbook([["name", "code"], *[[name, code] for name, code in rows]])
    assert cells(uploads.read(book)) == rows


@pytest.mark.fault("I14")
def test_I14_workbook_cells_become_the_text_that_people_see() -> None:
    day = datetime(2027, 5, 4, tzinfo=UTC).replace(tzinfo=None)
    small = datetime(2026, 5, 9, tzinfo=UTC).replace(tzinfo=None)
    large = datetime(2026, 10, 19, tzinfo=UTC).replace(tzinfo=None)
    book = workbook(
        [["a", "b", "c", "d", "e", "f", "g"], [7, 80524.0, 12.5, day, small, True, large]],
        A2="000", B2="00000", D2="yyyy-mm-dd", E2="d-mmm", G2='[$-409]d-mmm;@',
    )  # fmt: skip
    assert cells(uploads.read(book)) == [
        ("007", "80524", "12.5", "2027-05-04", "9-May", "TRUE", "19-Oct")
    ]


def test_reading_a_workbook_loads_no_numbers_into_this_process() -> None:
    program = (
        "import sys; from webapp import uploads; "
        "print(uploads.read(sys.stdin.buffer.read()).header, "
        "sorted({'numpy', 'openpyxl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=workbook([["name"], ["Ann"]]),
        check=True,
        capture_output=True,
    )
    assert done.stdout.decode().strip() == "('name',) []"


@pytest.mark.fault("I16")
def test_I16_a_workbook_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads.workbook, "MOST_SECONDS", 0.001)
    assert "takes too long" in refused(workbook([["name"], ["Ann"]]))


def test_formulas_give_their_last_value() -> None:
    book = workbook([["name", "size"], ["Ann", 1]])
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                assert b"<v>1</v>" in content
                content = content.replace(b"<v>1</v>", b"<f>40+2</f><v>42</v>")
            new.writestr(part, content)
    assert cells(uploads.read(kept.getvalue())) == [("Ann", "42")]


def test_the_first_visible_sheet_with_rows_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.title = "empty"
    hidden = book.create_sheet("hidden")
    hidden.append(["x", "y"])
    hidden.sheet_state = "hidden"
    book.create_sheet("people").append(["name", "email"])
    book["people"].append(["Ann", "ann@example.org"])
    kept = io.BytesIO()
    book.save(kept)
    assert uploads.read(kept.getvalue()).header == ("name", "email")


def test_pasted_cells_are_read() -> None:
    table = uploads.pasted("Name\tE-mail\nAnn\tann@example.org\n")
    assert table.header == ("Name", "E-mail")
    assert cells(table) == [("Ann", "ann@example.org")]


def test_the_separator_line_of_excel_is_no_row() -> None:
    table = uploads.read(b"sep=;\r\nname;city\r\nAnn;Reno, NV\r\n")
    assert (table.header, cells(table)) == (("name", "city"), [("Ann", "Reno, NV")])
    assert table.rows[0].number == 2


def test_commas_inside_cells_of_a_semicolon_file_do_not_confuse() -> None:
    text = "name;place\n" + "".join(f"P{n};Town {n}, CO, USA\n" for n in range(5))
    assert uploads.read(text.encode()).header == ("name", "place")


def refused(content: bytes, name: str = "x") -> str:
    with pytest.raises(Refused) as caught:
        uploads.read(content, name)
    return str(caught.value)


@pytest.mark.fault("I16")
def test_I16_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    book = workbook([["name"], ["Ann"]])
    kept = io.BytesIO(book)
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/media/big.xml", b"0" * 200_000_000)
    assert "unpacks to far too much" in refused(kept.getvalue())


@pytest.mark.fault("I16")
def test_I16_macros_are_refused() -> None:
    kept = io.BytesIO(workbook([["name"], ["Ann"]]))
    with zipfile.ZipFile(kept, "a") as package:
        package.writestr("xl/vbaProject.bin", b"x")
    assert "macros" in refused(kept.getvalue(), "roster.xlsm")


@pytest.mark.fault("I16")
def test_I16_only_the_last_part_of_a_file_name_is_ever_shown() -> None:
    assert refused(b"", "../../etc/passwd") == "passwd: is empty"
    assert refused(b"", "..\\..\\roster.csv") == "roster.csv: is empty"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n\n ", "is empty"),
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"\x89PNG\r\n\x1a\n....", "is a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"PK\x03\x04 broken", "damaged"),
        (bytes(range(256)) * 20, "is not a table"),
        (b"x" * 10_000_001, "larger than 10 MB"),
        (b'name,email\n"Ann,ann@example.org\nBob,b@example.org\n', "row 2: a quotation mark"),
        (b"name\n" + b"x" * 10_001, "more than 10,000 letters"),
        (b"name,b\n" + b"x," * 400, "more than 300 cells"),
        (b"name\n" + b"x\n" * 50_001, "more than 50,000 rows"),
        (b"\xff\xfea\x00b", "damaged"),
    ],
)
@pytest.mark.fault("I16")
def test_I16_what_is_no_table_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    assert reason in refused(content)


@pytest.mark.fault("I16")
def test_I16_a_zip_that_is_no_workbook_is_refused() -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as package:
        package.writestr("roster.csv", "name\nAnn\n")
    assert "is not an Excel file" in refused(kept.getvalue())


@pytest.mark.fault("I16")
def test_I16_a_sheet_that_is_no_xml_is_refused() -> None:
    kept = io.BytesIO()
    book = workbook([["name"], ["Ann"]])
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.infolist():
            bad = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part, b"<worksheet><sheetData><row>" if bad else old.read(part))
    assert "damaged" in refused(kept.getvalue())


@pytest.mark.fault("I16")
def test_I16_an_entity_bomb_inside_a_sheet_is_refused() -> None:
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = b'<?xml version="1.0"?>' + entities + b"<worksheet>&b;</worksheet>"
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["name"], ["Ann"]]))) as old,
        zipfile.ZipFile(kept, "w") as new,
    ):
        for part in old.infolist():
            bad = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part, bomb if bad else old.read(part))
    assert refused(kept.getvalue())


CELL = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff"),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() == text)


@given(st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=8))
@pytest.mark.fault("I14")
def test_I14_what_was_written_by_the_csv_module_is_read_back(rows: list[tuple[str, ...]]) -> None:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerows([("name", "email", "role"), *rows])
    table = uploads.read(kept.getvalue().encode("utf-8-sig"))
    assert cells(table) == rows


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        table = uploads.read(content)
    except Refused:
        return
    assert all(len(row.cells) >= len(table.header) for row in table.rows)
