"""Files to take away: nothing in them runs, nothing is altered, and they say what they are."""

from __future__ import annotations

import copy
import csv
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis import charts, tables
from surveys.loader import load
from tests.analysis.result_documents import STATES, organization, results
from tests.conftest import World
from webapp import exports, queries
from webapp.clock import FixedClock
from webapp.faults import Refused
from webapp.models import (
    AuditEntry,
    Chart,
    Employer,
    Export,
    Membership,
    Partnership,
    Snapshot,
    SnapshotText,
    User,
    Wave,
)
from webapp.operations import ask_for_files, exporting

NOON = datetime(2026, 6, 12, 12, 0, tzinfo=UTC)
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\0x", "=cmd|' /C calc'!A0", "\uff1d1"]
HARMLESS = ["Null", "NA", "None", "True", "007", "1-2", "a=b", "'quoted", " =1", "\u00e9", "nan"]


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def files_of(document: dict[str, Any]) -> dict[str, bytes]:
    made = tables.tables(document, load("readiness-1"))
    document = {**document, "charts": charts.describe_all(document)}
    return exports.archive(
        document,
        {name: (table.columns, table.rows) for name, table in made.items()},
        {"gaps.svg": b"<svg/>", "gaps.png": b"png", "map.svg": b"<svg/>"},
    )


# The guarded writer


@pytest.mark.parametrize("text", DANGEROUS)
@pytest.mark.fault("I05")
def test_I05_a_text_that_a_spreadsheet_would_run_is_neutralized(text):
    head, row = read(exports.csv_bytes(([text], [[text]])))
    assert head == [f"'{text}"]
    assert row == [f"'{text}"]


@pytest.mark.parametrize("number", [-0.7, -3, 0, 5.0, 1e-9, -1e20, 0.667])
@pytest.mark.fault("I05")
def test_I05_numbers_stay_numbers(number):
    content = exports.csv_bytes((["size"], [[number]]))
    assert content.endswith(f"size\r\n{number!r}\r\n".encode())
    assert float(read(content)[1][0]) == number


@pytest.mark.parametrize("text", HARMLESS)
@pytest.mark.fault("I14")
def test_I14_texts_that_look_like_something_else_survive(text):
    content = exports.csv_bytes((["name"], [[text]]))
    assert read(content)[1] == [text]
    book = openpyxl.load_workbook(io.BytesIO(workbook({"t": (["name"], [[text]])})))
    assert book["t"]["A2"].value == text
    assert book["t"]["A2"].data_type == "s"


@pytest.mark.parametrize(
    "text", ['say "yes"', "a,b", "two\nlines", "two\r\nlines", "\u00e9\u00fc\u6771", "a;b", '"', ""]
)
@pytest.mark.fault("I06")
def test_I06_every_text_comes_back_as_it_was(text):
    content = exports.csv_bytes((["a", "b"], [[text, "x"]]))
    assert read(content)[1] == [text, "x"]
    assert content.startswith(b"\xef\xbb\xbfa,b\r\n")
    assert content.endswith(b"\r\n")


def test_a_value_that_is_not_shown_is_an_empty_cell():
    content = exports.csv_bytes((["a", "b", "c"], [[None, float("nan"), True]]))
    assert read(content)[1] == ["", "", "true"]


def workbook(found: dict[str, exports.Table]) -> bytes:
    return exports.workbook_bytes(found, NOON)


@pytest.mark.parametrize("text", [*DANGEROUS[:4], "http://example.org", "mailto:a@b.c", "{=1}"])
@pytest.mark.fault("I05")
def test_I05_the_workbook_holds_texts_and_numbers_but_no_formula_and_no_link(text):
    content = workbook({"t": ([text], [[text], [-0.7], [None], [True]])})
    sheet = openpyxl.load_workbook(io.BytesIO(content))["t"]
    assert [cell.value for cell in sheet["A"]] == [text, text, -0.7, None, True]
    assert sheet["A2"].data_type == "s"
    assert sheet["A2"].hyperlink is None
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_the_workbook_is_the_same_for_the_same_tables():
    found = {"t": (["a"], [["x"], [1.5]])}
    assert workbook(found) == workbook(found)


def test_a_text_longer_than_a_cell_is_cut_not_lost():
    content = workbook({"t": (["a"], [["x" * 40_000]])})
    cell = openpyxl.load_workbook(io.BytesIO(content))["t"]["A2"].value
    assert len(cell) == 32_767


# The archive


def test_the_archive_holds_the_files_of_the_contract():
    assert set(files_of(results())) == {
        "README.txt",
        "results.json",
        "tables.xlsx",
        "charts/gaps.png",
        "charts/gaps.svg",
        "charts/map.svg",
        "charts/alt.csv",
        *(f"{name}.csv" for name in tables.COLUMNS),
    }


def test_the_workbook_has_the_same_tables_as_the_csv_files():
    found = files_of(results())
    book = openpyxl.load_workbook(io.BytesIO(found["tables.xlsx"]))
    assert book.sheetnames == list(tables.COLUMNS)
    for name in tables.COLUMNS:
        cells = [[exports.written(cell) for cell in row] for row in book[name].values]
        assert [[cell.replace(".0", "") for cell in row] for row in cells] == [
            [cell.replace(".0", "") for cell in row] for row in read(found[f"{name}.csv"])
        ]


def test_names_in_every_script_and_stray_control_characters_survive_in_the_workbook():
    found = files_of(STATES["strange_names"])
    sheet = openpyxl.load_workbook(io.BytesIO(found["tables.xlsx"]))["organizations"]
    names = [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)]
    stored = [one["name"] for one in json.loads(found["results.json"])["organizations"]]
    assert names[:5] == stored[:5]
    assert names[5].startswith("Little")
    assert [row[1] for row in read(found["organizations.csv"])[1:]] == stored


@pytest.mark.fault("L18")
def test_L18_every_file_gives_the_same_n():
    document = results()
    found = files_of(document)
    stored = json.loads(found["results.json"])
    items = {(one["id"], one["role"]): one["n"] for one in stored["items"]}
    head, *rows = read(found["items.csv"])
    from_csv = {(row[0], row[2]): int(row[head.index("n")]) for row in rows}
    sheet = openpyxl.load_workbook(io.BytesIO(found["tables.xlsx"]))["items"]
    from_book = {(row[0], row[2]): row[5] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert items == from_csv == from_book


@pytest.mark.parametrize("state", ["hidden", "interim"])
@pytest.mark.fault("P01")
def test_P01_hidden_figures_are_in_no_file(state):
    document = copy.deepcopy(STATES[state])
    found = files_of(document)
    protected = {key for key, one in load("readiness-1").questions.items() if one.item_class == "P"}
    _, *rows = read(found["items.csv"])
    assert not [row for row in rows if row[0] in protected and row[2] != "convener"]
    for one in json.loads(found["results.json"])["items"]:
        assert one["id"] not in protected or one["role"] == "convener"


@pytest.mark.fault("I05")
def test_I05_names_in_a_result_cannot_run_in_any_table():
    bodies = (organization("a", '=HYPERLINK("http://x")'), organization("b", "@home"))
    found = files_of(results(organizations=bodies, partnership="=Partnership\r\nfalse"))
    rows = read(found["organizations.csv"])
    assert [row[1] for row in rows[1:]] == ['\'=HYPERLINK("http://x")', "'@home"]
    comments = read(found["comments.csv"])
    assert comments[2][2] == "'=HYPERLINK(0)"
    for path, content in found.items():
        if path.endswith(".csv"):
            for row in read(content):
                for cell in row:
                    number = cell.startswith("-") and float(cell)
                    assert number or not cell.startswith(exports.DANGEROUS), (path, cell)
    assert found["README.txt"].decode().startswith("=Partnership false: results\r\n")


def test_the_alternatives_name_each_picture_file():
    rows = read(files_of(results())["charts/alt.csv"])
    assert rows[0] == ["file", "title", "alt"]
    assert [row[0] for row in rows[1:]] == ["gaps.png", "gaps.svg", "map.svg"]
    assert rows[1][1].startswith("Widest apart")
    assert rows[3][2].startswith("Map of 4 organizations")


def test_the_readme_names_every_file_and_what_is_not_final():
    found = files_of(STATES["interim"])
    text = found["README.txt"].decode()
    for path in found:
        name = path if path == exports.ALT or "/" not in path else "charts/"
        assert path == "README.txt" or f"\r\n{name}" in text, path
    assert "The round was still open" in text
    assert "invite_list" not in text
    assert "Taken" not in text.split("What is in here")[1]


def test_the_archive_is_byte_for_byte_the_same_again():
    first, second = (exports.zipped(files_of(results())) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == list(files_of(results()))
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_equal_results_in_another_order_give_the_same_json():
    document = results()
    shuffled = json.loads(json.dumps(document, sort_keys=True))
    assert exports.results_bytes(document) == exports.results_bytes(shuffled)


# A folder


def test_a_folder_is_made_and_filled(tmp_path):
    folder = tmp_path / "new" / "results"
    found = files_of(results())
    paths = exports.write_to(folder, found)
    assert sorted(path.relative_to(folder).as_posix() for path in paths) == sorted(found)
    for path, content in found.items():
        assert (folder / path).read_bytes() == content


def test_an_earlier_export_is_replaced_whole(tmp_path):
    found = files_of(results())
    exports.write_to(tmp_path, {**found, "answers.csv": b"by name", "invite_list.csv": b"x"})
    (tmp_path / "notes.docx").write_bytes(b"mine")
    exports.write_to(tmp_path, {**found, "invite_list.csv": b"y"})
    assert not (tmp_path / "answers.csv").exists()
    assert (tmp_path / "invite_list.csv").read_bytes() == b"y"
    assert (tmp_path / "notes.docx").read_bytes() == b"mine"
    assert not list(tmp_path.rglob(".*"))


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="holds other files"):
        exports.write_to(tmp_path, files_of(results()))
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(tmp_path):
    path = tmp_path / "file"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(Refused, match="is a file"):
        exports.write_to(path, {})
    with pytest.raises(Refused, match="file"):
        exports.write_to(path / "below", files_of(results()))


# Asking and making, on both engines


def told(session: Session, clock: FixedClock, document: dict[str, Any]) -> tuple[User, Snapshot]:
    """A wave with a snapshot, pictures, a list of companies, and somebody who may see it."""
    now = clock.now()
    user = User(email="ana@x.org", folded_email="ana@x.org", created_at=now)
    partnership = Partnership(
        name="Two Rivers",
        region="Two Rivers",
        sector="Making",
        timezone="America/Chicago",
        facts={"places": [], "industries": [], "min_employees": 20},
        employer_columns={"company": "Company", "employees": "Employees"},
        created_at=now,
    )
    session.add_all([user, partnership])
    session.flush()
    session.add(Membership(user=user, partnership=partnership, level="owner", created_at=now))
    for number, (company, employees) in enumerate(
        [("=Evil Inc", "50"), ("007", "120"), ("Small", "3")], 2
    ):
        cells = {"company": company, "employees": employees}
        session.add(Employer(partnership_id=partnership.id, row=number, cells=cells))
    wave = Wave(
        partnership=partnership,
        state="closed",
        mode=document["snapshot"]["mode"],
        closes_wall="2026-06-12T17:00",
        closes_at=now,
        created_at=now,
    )
    session.add(wave)
    session.flush()
    body = {**document, "organizations": [{**document["organizations"][0], "name": "{o:coll}"}]}
    snapshot = Snapshot(
        wave_id=wave.id,
        kind=document["snapshot"]["kind"],
        taken_at=now,
        body={**body, "charts": charts.describe_all(document)},
        digest="0" * 64,
        charts=[
            Chart(name="gaps", format=kind, content=kind.encode(), digest="0" * 64)
            for kind in ("svg", "png")
        ],
        texts=[
            SnapshotText(kind="name", key="coll", position=0, content={"name": "The College"}),
            SnapshotText(
                kind="comment",
                position=1,
                content={"question": "biggest_risk", "role": None, "text": "Time."},
            ),
            SnapshotText(
                kind="answer",
                position=2,
                content={
                    "respondent": "i1",
                    "role": "partner",
                    "organization": "{o:coll}",
                    "question": "commit_level",
                    "about": None,
                    "value": "4",
                    "score": 4.0,
                    "state": "answered",
                    "sent_at": "2026-06-02T10:00:00Z",
                },
            ),
        ],
    )
    session.add(snapshot)
    session.flush()
    return user, snapshot


def unzipped(content: bytes | None) -> dict[str, bytes]:
    assert content is not None
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_worker_makes_the_files_that_were_asked_for(world: World):
    with world.writing() as session:
        user, snapshot = told(session, world.clock, results())
        wanted = ask_for_files.ask(session, world.clock, user, snapshot)
        session.commit()
        assert (wanted.kind, wanted.content, wanted.made_at) == ("zip", None, None)
        assert [one.id for one in queries.pending_exports(session)] == [wanted.id]
        exporting.make(session, world.clock, wanted)
        session.commit()
        assert wanted.made_at == world.clock.now()
        found = unzipped(wanted.content)
        assert queries.export(session, user, snapshot) is wanted
        assert not queries.pending_exports(session)
    assert found["charts/gaps.svg"] == b"svg"
    assert read(found["organizations.csv"])[1][1] == "The College"
    assert read(found["invite_list.csv"]) == [
        ["company", "employees"],
        ["'=Evil Inc", "50"],
        ["007", "120"],
    ]
    assert "answers.csv" not in found
    book = openpyxl.load_workbook(io.BytesIO(found["tables.xlsx"]))
    assert book["invite_list"]["A2"].value == "=Evil Inc"


def test_asking_is_noted_with_who_asked_and_never_twice_while_it_is_made(sqlite_world: World):
    with sqlite_world.writing() as session:
        user, snapshot = told(session, sqlite_world.clock, results())
        first = ask_for_files.ask(session, sqlite_world.clock, user, snapshot)
        assert ask_for_files.ask(session, sqlite_world.clock, user, snapshot) is first
        (entry,) = session.scalars(select(AuditEntry)).all()
        assert (entry.actor, entry.action) == (user.id, "ask for zip")
        assert entry.details == {"snapshot": snapshot.id, "file": first.id}


def test_asking_again_makes_new_files_without_what_was_erased(sqlite_world: World):
    clock = sqlite_world.clock
    with sqlite_world.writing() as session:
        user, snapshot = told(session, clock, results())
        first = ask_for_files.ask(session, clock, user, snapshot)
        exporting.make(session, clock, first)
        for text in list(snapshot.texts):
            if text.kind in {"name", "comment"}:
                session.delete(text)
        session.flush()
        session.expire(snapshot)
        clock.move(minutes=1)
        second = ask_for_files.ask(session, clock, user, snapshot)
        assert second.id != first.id
        exporting.make(session, clock, second)
        found = unzipped(second.content)
        assert read(found["organizations.csv"])[1][1] == "[removed]"
        assert len(read(found["comments.csv"])) == 1
        assert [one.id for one in session.scalars(select(Export)).all()] == [second.id]


def test_files_that_cannot_be_made_say_so_and_can_be_asked_for_again(
    sqlite_world: World, caplog: pytest.LogCaptureFixture
):
    clock = sqlite_world.clock
    with sqlite_world.writing() as session:
        user, snapshot = told(session, clock, results())
        whole = snapshot.body
        broken = dict(whole)
        del broken["items"]
        snapshot.body = broken
        first = ask_for_files.ask(session, clock, user, snapshot)
        exporting.make(session, clock, first)
        assert first.content is None
        assert first.failed == "The files could not be made (KeyError)."
        assert first.id in caplog.text
        snapshot.body = whole
        clock.move(minutes=1)
        second = ask_for_files.ask(session, clock, user, snapshot)
        assert second.id != first.id
        exporting.make(session, clock, second)
        assert second.content


def named(kind: str) -> dict[str, Any]:
    document = results(kind=kind)
    document["snapshot"]["mode"] = "named"
    return document


def test_answers_by_name_are_written_for_a_named_round_after_its_close_only(sqlite_world: World):
    clock = sqlite_world.clock
    with sqlite_world.writing() as session:
        _, snapshot = told(session, clock, named("final"))
        found = exporting.files(session, snapshot)
        assert read(found["answers.csv"]) == [
            list(tables.ANSWER_COLUMNS),
            [
                "i1",
                "partner",
                "The College",
                "commit_level",
                "",
                "4",
                "4.0",
                "answered",
                "2026-06-02T10:00:00Z",
            ],
        ]
        assert "Every answer by name" in found["README.txt"].decode()
        snapshot.body = {**snapshot.body, "snapshot": named("interim")["snapshot"]}
        assert "answers.csv" not in exporting.files(session, snapshot)
        session.rollback()


def test_the_command_line_writes_the_files_of_the_download(sqlite_world: World, tmp_path: Path):
    with sqlite_world.writing() as session:
        _, snapshot = told(session, sqlite_world.clock, results())
        folder = tmp_path / "out"
        paths = exporting.write(session, sqlite_world.clock, snapshot, folder)
        found = exporting.files(session, snapshot)
        assert {path.relative_to(folder).as_posix() for path in paths} == set(found)
        assert all((folder / path).read_bytes() == content for path, content in found.items())
        (entry,) = session.scalars(select(AuditEntry)).all()
        assert (entry.actor, entry.action) == ("command line", "export")


def test_asking_for_files_loads_no_analysis():
    program = (
        "import sys; import webapp.operations.ask_for_files; "
        "print([one for one in sys.modules if one.split('.')[0] in "
        "('analysis', 'pandas', 'matplotlib', 'scipy')])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"
