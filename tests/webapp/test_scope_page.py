"""The scope page: a list is looked at before it is kept, and companies are counted, not rows."""

from __future__ import annotations

import csv
import gzip
import html
import io
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from tests.webapp.test_labor_market import QUARTER
from webapp.models import Employer, Partnership

LIST = (
    "Company Name;City;County;Primary NAICS;Staff;Executive First Name;Executive Last Name;"
    "Contact Email;Web;Cluster;Notes\n"
    "Acme Metal;Brighton;Adams;332710;60;Ann;Alpha;ann@acme.example;acme.example;Machining;x\n"
    "Acme Metal Plant 2;Greeley;Weld;332710;45;;;;www.acme.example;Machining;\n"
    "Beta Works;Brighton;Adams;332999;45;Bob;Beta;;beta.example;Welding;\n"
    "Gamma;Brighton;Adams;332111;12;;;info@gamma.example;gamma.example;;\n"
    "Delta;Denver;Denver;332111;80;;;;delta.example;;\n"
    "Gamma;Brighton;Adams;332111;12;;;;gamma.example;;\n"
    "Soft;Brighton;Adams;541511;90;;;;soft.example;;\n"
    ";Brighton;Adams;332111;90;;;;none.example;;\n"
    "=cmd();Brighton;Adams;332111;;;;;cmd.example;;\n"
)
TESTS = {"places": "adams", "naics": "332", "min_employees": "50", "industries": "", "min_wage": ""}
REAL_LIST = Path(__file__).parents[1] / "data" / "employers_inc5000_2014.csv.gz"


@pytest.fixture
def world(sqlite_world: World) -> World:
    return sqlite_world


@pytest.fixture
def story(world: World) -> Story:
    world.app.config["RATELIMIT_ENABLED"] = False
    return tell(world)


@pytest.fixture
def owner(story: Story) -> CheckingClient:
    return story.signed_in("owner")


def page(story: Story) -> str:
    return f"/partnerships/{story.partnership}/scope"


def post(client: CheckingClient, story: Story, deed: str, **form):
    token = csrf_token(client.get("/partnerships"))
    return client.post(f"{page(story)}/{deed}", data={"csrf_token": token, **form})


def carried(answer) -> dict[str, str]:
    """What the form of the preview would send on."""
    text = answer.get_data(as_text=True)
    table = re.search(r'<textarea name="table"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    assert table, text
    form = {"table": html.unescape(table[1])}
    for name, options in re.findall(
        r'<select id="(column--\w+)"[^>]*>(.*?)</select>', text, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        form[name] = html.unescape(chosen[1]) if chosen else ""
    return form


def plain(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(text)).replace(" .", ".")


def keep(client: CheckingClient, story: Story, text: str = LIST):
    return post(client, story, "import", **carried(post(client, story, "check", table=text)))


def facts(world: World, story: Story) -> dict:
    with world.reading() as session:
        return session.get(Partnership, story.partnership).facts


def employer_rows(world: World) -> int:
    with world.reading() as session:
        return len(session.scalars(select(Employer)).all())


def test_a_list_is_shown_before_it_is_kept(
    world: World, story: Story, owner: CheckingClient
) -> None:
    upload = (io.BytesIO(LIST.encode("cp1252")), "list.csv")
    before = story.rows()
    seen = post(owner, story, "check", file=upload)
    assert story.rows() == before
    text = plain(seen)
    assert "8 rows name 6 companies" in text
    assert "Row 9: company: is empty" in text
    form = carried(seen)
    assert form["column--company"] == "Company Name"
    assert form["column--employees"] == "Staff"
    assert form["column--contact"] == "*"
    assert "Not used: Notes" in text
    assert post(owner, story, "import", **form).status_code == 303
    assert employer_rows(world) == 8
    assert "Kept: 8 rows, 6 companies." in plain(owner.get(page(story)))


def test_the_count_the_near_misses_and_the_breakdowns(
    world: World, story: Story, owner: CheckingClient
) -> None:
    assert keep(owner, story).status_code == 303
    assert post(owner, story, "tests", **TESTS).status_code == 303
    assert facts(world, story) == {"places": ["adams"], "naics": ["332"], "min_employees": 50}
    text = plain(owner.get(page(story)))
    assert "1 company fits: 99 short of 100." in text
    assert "For 1 the list does not say enough to tell." in text
    assert "1 more if you go down to 40 employees" in text
    assert "1 more if you add Denver" in text
    assert "1 more if you add NAICS 541" in text
    assert "By county" in text
    assert "Machining 1" in text
    assert "50 to 99 1" in text
    assert "1 of 1 has a named person with an email." in text


def test_repeats_and_branch_sites_are_shown(story: Story, owner: CheckingClient) -> None:
    keep(owner, story)
    text = plain(owner.get(page(story)))
    assert "2 companies stand in the list more than once" in text
    assert "Acme Metal branch sites 2, 3 Brighton; Greeley" in text
    assert "Gamma listed twice 5, 7 Brighton" in text


def test_the_invite_list_says_how_complete_each_contact_is(
    story: Story, owner: CheckingClient
) -> None:
    assert owner.get(f"{page(story)}/invite-list.csv").status_code == 404
    keep(owner, story)
    answer = story.signed_in("viewer").get(f"{page(story)}/invite-list.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    found = {row["company"]: row["contact_completeness"] for row in rows}
    assert found == {
        "Acme Metal": "name and email",
        "Beta Works": "name only",
        "Gamma": "email only",
        "Delta": "nothing",
        "Soft": "nothing",
        "'=cmd()": "nothing",
    }


def test_people_can_change_the_mapping_and_it_is_remembered(
    world: World, story: Story, owner: CheckingClient
) -> None:
    text = "Account,Known as,Heads\n1,Acme,60\n2,Beta,70\n"
    seen = post(owner, story, "check", table=text)
    assert seen.status_code == 422
    assert "no column holds the company's name; found: Account, Known as, Heads" in plain(seen)
    form = carried(seen) | {"column--company": "Known as", "column--employees": "Heads"}
    again = post(owner, story, "check", **form)
    assert again.status_code == 200
    assert "2 rows name 2 companies" in plain(again)
    assert post(owner, story, "import", **carried(again)).status_code == 303
    with world.reading() as session:
        kept = session.get(Partnership, story.partnership).employer_columns
        assert kept == {"company": "Known as", "employees": "Heads"}
    remembered = carried(post(owner, story, "check", table=text))
    assert remembered["column--company"] == "Known as"


def test_a_column_can_be_left_out(world: World, story: Story, owner: CheckingClient) -> None:
    form = carried(post(owner, story, "check", table=LIST))
    form |= {"column--website": "", "column--contact": ""}
    seen = post(owner, story, "check", **form)
    assert "8 rows name 7 companies" in plain(seen)
    assert "contact" not in carried(seen)["column--contact"]
    post(owner, story, "import", **form)
    with world.reading() as session:
        kept = session.get(Partnership, story.partnership).employer_columns
    assert "website" not in kept
    assert "contact" not in kept


def test_tests_that_make_no_sense_are_named_and_kept_on_the_page(
    world: World, story: Story, owner: CheckingClient
) -> None:
    answer = post(owner, story, "tests", **TESTS | {"naics": "metal", "min_wage": ""})
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert 'href="#naics"' in text
    assert ">\nmetal</textarea>" in text
    answer = post(owner, story, "tests", **TESTS | {"min_employees": "many"})
    assert "'many' is not a number" in plain(answer)
    assert facts(world, story) == {}


def test_setting_the_tests_leaves_the_other_facts_alone(
    world: World, story: Story, owner: CheckingClient
) -> None:
    from webapp.operations import partnerships

    with world.writing() as session:
        ours = session.get(Partnership, story.partnership)
        given = {
            "area": "Two Rivers",
            "launch_date": "2026-09-01",
            "organizations": [{"id": "a", "name": "A", "kind": "association"}],
            "rate_organizations": ["a"],
        }
        partnerships.set_facts(session, world.clock, ours, given)
        session.commit()
    before = facts(world, story)
    assert post(owner, story, "tests", **TESTS).status_code == 303
    after = facts(world, story)
    assert {key: after[key] for key in before} == before
    with world.reading() as session:
        ours = session.get(Partnership, story.partnership)
        assert [(one.id, one.in_facts) for one in ours.organizations] == [("a", True)]


@pytest.mark.fault("I07")
def test_I07_a_cell_is_shown_and_never_run(story: Story, owner: CheckingClient) -> None:
    bad = "<script>alert(1)</script>"
    seen = post(owner, story, "check", table=f"company,{bad}\n</textarea>{bad},{bad}\n")
    assert "<script>alert" not in seen.get_data(as_text=True)
    post(owner, story, "import", **carried(seen))
    refused = post(owner, story, "check", table=f"x,{bad}\n</textarea>{bad},{bad}\n")
    assert "<script>alert" not in refused.get_data(as_text=True)
    assert "<script>alert" not in owner.get(page(story)).get_data(as_text=True)


@pytest.mark.fault("I14")
def test_I14_companies_that_look_like_nothing_stay(story: Story, owner: CheckingClient) -> None:
    keep(owner, story, "company,zip\nNull,00501\nNA,01001\nTrue,00007\n007,1\n")
    answer = owner.get(f"{page(story)}/invite-list.csv").get_data().decode("utf-8-sig")
    rows = [(row["company"], row["zip"]) for row in csv.DictReader(io.StringIO(answer))]
    assert rows == [("Null", "00501"), ("NA", "01001"), ("True", "00007"), ("007", "1")]


@pytest.mark.fault("I16")
def test_I16_other_files_are_refused(story: Story, owner: CheckingClient) -> None:
    before = story.rows()
    answer = post(owner, story, "check", file=(io.BytesIO(b"%PDF-1.7"), "../../list.csv"))
    assert answer.status_code == 422
    assert "list.csv: is a PDF" in plain(answer)
    assert post(owner, story, "check", table=" ").status_code == 422
    assert story.rows() == before


def test_a_real_list_of_5000_companies_is_scoped(story: Story, owner: CheckingClient) -> None:
    content = gzip.decompress(REAL_LIST.read_bytes())
    seen = post(owner, story, "check", table=content.decode("utf-8-sig"))
    assert seen.status_code == 200
    assert post(owner, story, "import", **carried(seen)).status_code == 303
    post(owner, story, "tests", **TESTS | {"places": "", "naics": "", "min_employees": "500"})
    text = plain(owner.get(page(story)))
    assert re.search(r"[\d,]+ companies fit\.", text), text[:500]
    assert "more if you go down to 250 employees" in text


SLICE = "\n".join(
    [
        ",".join(QUARTER),
        "08001,0,10,70,0,2025,1,,13000,160000,161000,162000,2500000000,0,0,1194,,1,1",
        "08001,5,332,75,0,2025,1,,110,2400,2500,2600,39000000,0,0,1200,,1,1.2",
        "08001,5,3327,76,0,2025,1,,60,1000,1000,1000,13000000,0,0,1000,,1,1.3",
        "08123,5,332,75,0,2025,1,N,45,0,0,0,0,0,0,0,N,0,0",
    ]
)


def test_a_labor_market_file_is_read_beside_the_list(story: Story, owner: CheckingClient) -> None:
    keep(owner, story)
    post(owner, story, "tests", **TESTS)
    before = story.rows()
    seen = post(owner, story, "labor-market", file=(io.BytesIO(SLICE.encode()), "08.csv"))
    text = seen.get_data(as_text=True)
    assert '<option value="08001">' in text
    assert '<option value="332" selected>' in text
    form = {"table": carried(seen)["table"], "looked": "1"}
    found = post(owner, story, "labor-market", **form, area=["08001", "08123"], industry=["332"])
    text = plain(found)
    assert "Private employers, 2025 quarter 1" in text
    assert "Establishments 155 Employment 2,500 Average weekly wage $1,200" in text
    assert "1 of the 2 figures for employment is withheld" in text
    assert "6 companies in 8 rows; 1 fit your tests" in text
    none = post(owner, story, "labor-market", **form)
    assert none.status_code == 422
    assert "no row for these areas and industries" in plain(none)
    assert story.rows() == before


def test_another_table_is_no_labor_market_file(story: Story, owner: CheckingClient) -> None:
    answer = post(owner, story, "labor-market", table=LIST)
    assert answer.status_code == 422
    assert "this is not a QCEW slice" in plain(answer)


def test_a_viewer_looks_and_changes_nothing(story: Story, owner: CheckingClient) -> None:
    keep(owner, story)
    viewer = story.signed_in("viewer")
    assert "Counted once" in plain(viewer.get(page(story)))
    assert "Save and count again" not in plain(viewer.get(page(story)))
    for deed in ("tests", "check", "import", "labor-market"):
        assert post(viewer, story, deed, table="x").status_code == 403


def test_scopes_of_other_partnerships_are_not_there(story: Story) -> None:
    stranger = story.signed_in("stranger")
    for deed in ("", "/invite-list.csv", "/labor-market"):
        assert stranger.get(page(story) + deed).status_code == 404
    assert post(stranger, story, "check", table="x").status_code == 404


def test_a_test_that_no_row_can_meet_is_told_with_what_the_list_writes(
    story: Story, owner: CheckingClient
) -> None:
    keep(owner, story)
    post(owner, story, "tests", **(TESTS | {"industries": "Metalware"}))
    text = plain(owner.get(page(story)))
    assert "No row says Metalware." not in text
    post(owner, story, "tests", **(TESTS | {"places": "Adams\nColorado Springs"}))
    text = plain(owner.get(page(story)))
    assert "No row says Colorado Springs. The list writes such things like Adams" in text
    assert "No row says Adams" not in text
