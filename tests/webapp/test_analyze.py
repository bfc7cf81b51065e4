"""``muster analyze``: an exported archive is enough to rebuild everything, without a database."""

from __future__ import annotations

import csv
import io
import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analysis import charts, tables
from analysis.snapshot import take_snapshot
from surveys.loader import load
from surveys.marks import fill
from surveys.setup import Setup
from surveys.texts import load_texts
from tests.analysis.small_waves import judged, wave
from tests.analysis.waves import SETUP, facts, random_people, snapshot
from webapp import cli, exports

INVITE_LIST = b"\xef\xbb\xbfcompany,employees\r\n'=Evil Inc,50\r\n007,120\r\nBlank,\r\n"


def document() -> dict[str, Any]:
    """What the gate makes of a small round."""
    made = wave(
        conveners=[{}, {"c_fte": 0.1}],
        partners=[{}, judged("3", "worth_it"), {"commit_level": "2"}, {}],
        champions=[{"x_sign": "no"}, {"x_sign": "not_yet"}, {"weight": "lot"}],
        employers=134,
    )
    taken = take_snapshot(
        load(),
        load_texts(),
        made.facts,
        made.table.respondents,
        snapshot_id="s1",
        taken_at=datetime(2026, 6, 12, 22, 15, tzinfo=UTC),
        kind="final",
    )
    return taken.document()


@pytest.fixture(scope="module")
def whole() -> dict[str, bytes]:
    found = document()
    made = tables.tables(found, load())
    pictures: dict[str, bytes] = {}
    for one in charts.draw_all(found):
        pictures |= {f"{one.name}.svg": one.svg, f"{one.name}.png": one.png}
    by_name: dict[str, exports.Table] = {
        name: (table.columns, table.rows) for name, table in made.items()
    }
    by_name["invite_list"] = (
        ["company", "employees"],
        [["=Evil Inc", "50"], ["007", "120"], ["Blank", ""]],
    )
    return exports.archive(found, by_name, pictures)


@pytest.fixture
def archive(whole: dict[str, bytes], tmp_path: Path) -> Path:
    exports.write_to(tmp_path / "results", whole)
    return tmp_path / "results"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(["analyze", *map(str, arguments)])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_archive_is_rebuilt_to_the_same_bytes(archive, whole, capsys, monkeypatch):
    monkeypatch.setenv("MUSTER_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    kept = {exports.RESULTS: whole[exports.RESULTS], "invite_list.csv": INVITE_LIST}
    for path in contents(archive):
        if path not in kept:
            (archive / path).unlink()
    status, out, err = run(capsys, archive)
    assert (status, err) == (0, "")
    assert contents(archive) == whole
    assert "scope: " in out
    assert f"{len(whole)} files in {archive}" in out


def test_another_folder_can_be_named_and_the_archive_stays(archive, whole, capsys, tmp_path):
    (archive / "README.txt").write_bytes(b"changed")
    before = contents(archive)
    status, _, _ = run(capsys, archive, "--out", tmp_path / "again")
    assert status == 0
    assert contents(archive) == before
    assert contents(tmp_path / "again") == whole


def test_companies_and_answers_by_name_are_copied_as_they_are(archive, capsys):
    answers = (
        "\ufeffrespondent,role,organization,question,about,value,score,state,sent_at\n"
        "i1,partner,'=A,commit_level,,4,4.0,answered,\n"
    ).encode()
    (archive / "answers.csv").write_bytes(answers)
    assert run(capsys, archive)[0] == 0
    assert (archive / "answers.csv").read_bytes() == answers
    assert (archive / "invite_list.csv").read_bytes() == INVITE_LIST
    book = openpyxl.load_workbook(archive / "tables.xlsx")
    assert [cell.value for cell in book["answers"][2]] == [
        "i1", "partner", "=A", "commit_level", None, "4", 4, "answered", None,
    ]  # fmt: skip
    assert book["invite_list"]["A2"].value == "=Evil Inc"
    assert book["invite_list"]["A3"].value == "007"


def test_milestones_and_verdict_follow_from_the_outcomes(archive, capsys):
    path = archive / exports.RESULTS
    stored = json.loads(path.read_bytes())
    assert stored["verdict"]["outcome"] == "not_yet"
    for one in stored["criteria"]:
        one["outcome"] = "yes"
    path.write_text(json.dumps(stored), encoding="utf-8")
    status, out, _ = run(capsys, archive)
    assert status == 0
    assert "outcome ready: 19 of 19 yes" in out
    assert "results.json said not_yet" in out
    again = json.loads(path.read_bytes())
    assert again["verdict"]["outcome"] == "ready"
    assert [one["outcome"] for one in again["milestones"]] == ["met"] * 4
    assert again["page"]["headline"][0].startswith("Ready to launch. 19 of 19")
    alt = (archive / "charts" / "alt.csv").read_text("utf-8-sig")
    assert "19 of 19 checks are a yes, with most of the checks in every milestone" in alt
    rows = list(csv.reader(io.StringIO((archive / "criteria.csv").read_text("utf-8-sig"))))
    assert {row[3] for row in rows[1:]} == {"yes"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "results.json: line 1, column"),
        (b"[]", "results.json: holds no results; export them again"),
        (b"{}", "results.json: wave: is missing"),
        (b"\xff\xfe", "results.json: line 1"),
    ],
)
def test_broken_results_are_refused_and_nothing_changes(archive, capsys, content, said):
    (archive / exports.RESULTS).write_bytes(content)
    before = contents(archive)
    status, out, err = run(capsys, archive)
    assert (status, out) == (2, "")
    assert said in err
    assert contents(archive) == before


def change(stored: dict[str, Any], *path: str | int, to: Any) -> None:
    for step in path[:-1]:
        stored = stored[step]  # type: ignore[index]
    if to is change:
        del stored[path[-1]]  # type: ignore[arg-type]
    else:
        stored[path[-1]] = to  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (["items"], change, "items: is missing"),
        (["items"], {}, "items: is no list"),
        (["items", 0, "mean"], change, "items[0].mean: is missing"),
        (["items", 0, "mean"], "4.1", "items[0].mean: is no number"),
        (["items", 2, "role"], "boss", "items[2].role: is none of convener, partner, champion"),
        (["criteria", 3, "outcome"], "perhaps", "criteria[3].outcome: is none of yes, partly"),
        (["criteria", 3], change, "criteria: 1.4 stands there 0 times, not once"),
        (["criteria", 0, "id"], "9.9", "criteria: 9.9 is no check"),
        (["wave", "timezone"], "Mars/Base", "wave.timezone: is no time zone"),
        (["wave", "questionnaire"], "readiness-0", "wave.questionnaire: is no questionnaire"),
        (["wave", "questionnaire"], 7, "wave.questionnaire: is no questionnaire"),
        (["snapshot", "taken_at"], "yesterday", "snapshot.taken_at: is no moment"),
        (["snapshot", "taken_at"], "2026-06-12T22:15:00", "snapshot.taken_at: has no time zone"),
        (["snapshot", "kind"], "first", "snapshot.kind: is none of interim, final"),
        (["response", "partner"], 3, "response.partner: is no record"),
        (["response", "partner", "sent"], change, "response.partner.sent: is missing"),
        (["organizations", 0], "x", "organizations[0]: is no record"),
    ],
)
def test_each_fault_of_the_results_is_named_by_its_place(archive, capsys, path, to, said):
    stored = json.loads((archive / exports.RESULTS).read_bytes())
    change(stored, *path, to=to)
    (archive / exports.RESULTS).write_text(json.dumps(stored), encoding="utf-8")
    status, _, err = run(capsys, archive)
    assert status == 2
    assert said in err
    assert all(line.startswith(str(archive / exports.RESULTS)) for line in err.splitlines())


def test_all_faults_are_listed_at_once(archive, capsys):
    stored = json.loads((archive / exports.RESULTS).read_bytes())
    del stored["items"], stored["criteria"][0]["n"]
    (archive / exports.RESULTS).write_text(json.dumps(stored), encoding="utf-8")
    _, _, err = run(capsys, archive)
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("invite_list.csv", b"", "invite_list.csv: is empty"),
        ("invite_list.csv", b"a,b\r\n1\r\n", "invite_list.csv: row 2: has 1 of 2 cells"),
        ("answers.csv", b"\xff\xff", "answers.csv: cannot be read"),
        ("answers.csv", b'a,b\r\n"x', "answers.csv: cannot be read"),
    ],
)
def test_a_broken_list_beside_the_results_is_named(archive, capsys, file, content, said):
    (archive / file).write_bytes(content)
    before = contents(archive)
    status, _, err = run(capsys, archive)
    assert status == 2
    assert said in err
    assert contents(archive) == before


def test_a_folder_that_is_no_export_is_refused(tmp_path, capsys):
    status, _, err = run(capsys, tmp_path / "nowhere")
    assert (status, err) == (2, f"{tmp_path / 'nowhere'}: is no folder\n")
    status, _, err = run(capsys, tmp_path)
    assert status == 2
    assert "results.json: is missing; name a folder that `muster export` wrote" in err


def test_a_folder_with_other_things_is_not_written_to(archive, capsys, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("mine", encoding="utf-8")
    status, _, err = run(capsys, archive, "--out", other)
    assert status == 2
    assert "holds other files" in err
    assert [path.name for path in other.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_written_is_told_with_the_way_out(archive, capsys):
    (archive / ".README.txt.part").mkdir()
    status, _, err = run(capsys, archive)
    assert status == 2
    assert err.startswith(f"{archive}: cannot be written (")
    assert err.endswith("choose another folder with --out\n")


def by_name(setup: Setup = SETUP) -> tuple[dict[str, Any], dict[str, bytes]]:
    """A round by name and every file of its archive, as the worker makes them."""
    people = random_people(random.Random(11), (2, 6, 4), setup=setup)
    made = snapshot(people, facts(people, setup=setup, mode="named"))
    found = made.document()
    by_table: dict[str, exports.Table] = {
        name: (table.columns, table.rows) for name, table in tables.tables(found, load()).items()
    }
    named = tables.answers([fill(one, made.names) for one in made.answers])
    by_table["answers"] = (named.columns, named.rows)
    pictures: dict[str, bytes] = {}
    for one in charts.draw_all(found):
        pictures |= {f"{one.name}.svg": one.svg, f"{one.name}.png": one.png}
    return found, exports.archive(found, by_table, pictures)


def test_the_figures_of_a_round_by_name_are_computed_from_its_answers(tmp_path, capsys):
    _, files = by_name()
    folder = tmp_path / "named"
    exports.write_to(folder, files)
    path = folder / exports.RESULTS
    stored = json.loads(path.read_bytes())
    for one in stored["items"]:
        one |= {"n": 0, "mean": None, "counts": None, "median": None, "agreement": None}
    stored["buy_in"] |= {"overall": None, "by_role": {}}
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert run(capsys, folder)[0] == 0
    found = contents(folder)
    assert [name for name in files if found[name] != files[name]] == []
    assert found.keys() == files.keys()


SETUPS = {
    "no list": replace(SETUP, has_employer_list=False),
    "champions are known": replace(SETUP, champions=("Xena One",)),
    "champions are shown": replace(SETUP, champions=("Xena One",), show_champions=True),
    "no sub-sectors": replace(SETUP, sub_sectors=()),
}


@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_a_round_by_name_is_rebuilt_whatever_it_asked(tmp_path, capsys, setup):
    _, files = by_name(setup)
    folder = tmp_path / "named"
    exports.write_to(folder, files)
    assert run(capsys, folder)[0] == 0
    assert [name for name, content in contents(folder).items() if files[name] != content] == []


def test_a_changed_answer_by_name_changes_the_figures(tmp_path, capsys):
    document, files = by_name()
    folder = tmp_path / "named"
    exports.write_to(folder, files)
    rows = list(csv.reader(io.StringIO(files["answers.csv"].decode("utf-8-sig"))))
    head = rows[0]
    for row in rows[1:]:
        if row[head.index("question")] == "worth_it" and row[head.index("role")] == "partner":
            row[head.index("value")], row[head.index("score")] = "1", "1.0"
            row[head.index("state")] = "answered"
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    (folder / "answers.csv").write_bytes(text.getvalue().encode("utf-8-sig"))
    assert run(capsys, folder)[0] == 0
    again = json.loads((folder / exports.RESULTS).read_bytes())

    def of(found: dict[str, Any]) -> dict[str, Any]:
        rows = found["items"]
        return next(one for one in rows if (one["id"], one["role"]) == ("worth_it", "partner"))

    assert of(again)["mean"] == 1.0
    assert of(document)["mean"] != 1.0
    (folder / "answers.csv").write_bytes(b"\xef\xbb\xbfrespondent,role\r\n")
    status, _, said = run(capsys, folder)
    assert status == 2
    assert "answers.csv: has no column organization" in said
