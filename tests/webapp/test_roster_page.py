"""The roster page: nothing is imported unseen, nobody is deleted, every fault names its row."""

from __future__ import annotations

import html
import io
import re

import openpyxl
import pytest
from sqlalchemy import select

from tests.checking import CheckingClient
from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from webapp.models import AuditEntry, Person

HEAD = "Name\tE-mail\tRole\tCompany\tIntroduced by\tStatus\n"


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
    return f"/partnerships/{story.partnership}/roster"


def post(client: CheckingClient, story: Story, deed: str, **form):
    token = csrf_token(client.get("/partnerships"))
    return client.post(f"{page(story)}/{deed}", data={"csrf_token": token, **form})


def file(content: bytes, name: str = "people.csv") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def carried(text: str) -> dict[str, str]:
    """What the preview's form would send on."""
    table = re.search(r'<textarea name="table"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    seen = re.search(r'name="seen" value="([^"]*)"', text)
    assert table, text
    assert seen
    return {"table": html.unescape(table[1]), "seen": html.unescape(seen[1])}


def people(world: World) -> dict[str, Person]:
    with world.reading() as session:
        return {one.email: one for one in session.scalars(select(Person))}


def plain(answer) -> str:
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return re.sub(r"\s+", " ", html.unescape(text))


def test_the_page_shows_everyone_with_the_sizes_of_the_groups(
    story: Story, owner: CheckingClient
) -> None:
    text = plain(owner.get(page(story)))
    assert "Dana Kim" in text
    assert "Sam <b>Wu</b>" in text
    small = "Answers of this group can only be shown together with the others."
    assert f"Champions: 1 person. {small}" in text
    # Conveners are an open group: nothing of theirs is held back for being few.
    assert re.search(r"Conveners: \d+ \w+\. (?!Answers of this group)", text)


def test_nothing_is_imported_before_it_was_confirmed(
    world: World, story: Story, owner: CheckingClient
) -> None:
    before = story.rows()
    rows = HEAD + "Ann Alpha\tann@alpha.example\tPartner\tAlpha\tDana Kim\t\n"
    seen = post(owner, story, "check", table=rows)
    assert seen.status_code == 200
    assert "Nothing is imported yet. Of 1 row: 1 added" in plain(seen)
    assert "Show all" not in plain(seen), "there is no other row"
    assert story.rows() == before
    answer = post(owner, story, "import", **carried(seen.get_data(as_text=True)))
    assert answer.status_code == 303
    assert answer.location == page(story)
    ann = people(world)["ann@alpha.example"]
    assert (ann.name, ann.role, ann.introduced_by) == ("Ann Alpha", "partner", "Dana Kim")
    assert ann.organization_name == "Alpha"
    assert "Imported: 1 added, 0 changed." in plain(owner.get(page(story)))
    with world.reading() as session:
        entry = session.scalars(select(AuditEntry)).all()[-1]
        assert (entry.action, entry.actor) == ("import roster", story.users["owner"])


def test_a_second_import_shows_added_changed_unchanged_and_missing_and_deletes_nobody(
    world: World, story: Story, owner: CheckingClient
) -> None:
    rows = (
        "name,email,role,organization,status\n"
        "Dana Kim,p0@example.com,convener,Body 0,\n"
        "Rita Sol,P2@example.com,champion,Body 2,Said yes\n"
        "New One,new@x.example,champion,X Inc,prospect\n"
    )
    seen = post(owner, story, "check", table=rows)
    text = plain(seen)
    assert "Of 3 rows: 1 added, 1 changed, 1 unchanged, 0 to fix." in text
    assert "1 person on the roster is missing from this table. Nobody is deleted." in text
    assert "Champions: 2 people." in text
    assert "With two champions every answer counts. Three or four is safer." in text
    form = carried(seen.get_data(as_text=True))
    assert post(owner, story, "import", **form).status_code == 303
    found = people(world)
    assert len(found) == 4
    rita = next(one for one in found.values() if one.name == "Rita Sol")
    assert rita.status == "said_yes"
    # The same form again, from the back button: nothing happens twice.
    assert post(owner, story, "import", **form).status_code == 303
    assert len(people(world)) == 4


@pytest.mark.fault("L15")
def test_L15_who_would_change_role_or_organization_is_said_by_name_before_the_import(
    world: World, story: Story, owner: CheckingClient
) -> None:
    head = "name,email,role,organization\n"
    rows = (
        f"{head}Ana Ruiz,ana@a.example,partner,Ruiz College\n"
        "Bo Lind,bo@b.example,partner,Lind Fund\nCy Orr,cy@c.example,champion,Orr Steel\n"
        "Di Poe,di@d.example,champion,Poe Foods\n"
    )
    form = carried(post(owner, story, "check", table=rows).get_data(as_text=True))
    assert post(owner, story, "import", **form).status_code == 303
    other = (
        f"{head}Di Poe,di@d.example,champion,Poe Foods\n"
        "Ana Ruiz,ana@a.example,CEO,Ruiz College\nBo Lind,bo@b.example,partner,Wu Bank\n"
        "Cy Orr,cy@c.example,champion,\nNew One,new@x.example,champion,X Inc\n"
    )
    text = plain(post(owner, story, "check", table=other))
    _, _, warned = text.partition("These rows change a role or an organization")
    warned, _, _ = warned.partition("Row by row")
    assert "Row 3: role: Ana Ruiz: strategic partner -> champion" in warned
    assert "Row 4: organization: Bo Lind: Lind Fund -> Wu Bank" in warned
    assert "Row 5: organization: Cy Orr: Orr Steel -> none" in warned
    assert warned.count("->") == 3
    assert people(world)["ana@a.example"].role == "partner"


def test_what_was_shown_is_what_is_done(world: World, story: Story, owner: CheckingClient) -> None:
    rows = "name,email,role\nAnn,ann@a.example,champion\nBob,bob@b.example,champion\n"
    form = carried(post(owner, story, "check", table=rows).get_data(as_text=True))
    other = {"name": "Ann", "email": "ann@a.example", "role": "champion"}
    assert post(story.signed_in("editor"), story, "add", **other).status_code == 303
    answer = post(owner, story, "import", **form)
    assert answer.status_code == 200
    assert "The roster changed since you looked" in plain(answer)
    assert "bob@b.example" not in people(world)
    answer = post(owner, story, "import", **carried(answer.get_data(as_text=True)))
    assert answer.status_code == 303
    assert "bob@b.example" in people(world)


@pytest.mark.fault("I15")
def test_I15_faults_carry_the_row_of_the_spreadsheet_and_the_right_rows_can_go_on(
    world: World, story: Story, owner: CheckingClient
) -> None:
    content = (
        "Our people;;;;\r\n\r\nName;E-mail;Rolle;Role;\r\n"
        "José Peña;jose@x.example;;champion;;\r\n\r\nNo Address;nowhere;;champion;;\r\n"
        "No Role;r@x.example;;boss;;\r\n"
    ).encode("cp1252")
    seen = post(owner, story, "check", file=file(content))
    text = seen.get_data(as_text=True)
    assert 'href="#row-6"' in text
    assert 'id="row-6"' in text
    assert 'id="row-4"' not in text, "errors come first, alone"
    assert "Row 7: role: 'boss' is none" in plain(seen)
    assert "Continue with the 1 row that is right" in plain(seen)
    everything = post(owner, story, "check", show="all", **carried(text))
    assert 'id="row-4"' in everything.get_data(as_text=True)
    assert post(owner, story, "import", **carried(text)).status_code == 303
    assert people(world)["jose@x.example"].name == "José Peña"
    assert "r@x.example" not in people(world)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.fault("I15")
def test_I15_files_of_every_office_are_read(
    story: Story, owner: CheckingClient, encoding: str, mark: str
) -> None:
    lines = [["name", "email", "role", "", ""], ["Zoë", "z@x.example", "CEO", "", ""]]
    content = "\r\n".join(mark.join(line) for line in lines).encode(encoding)
    seen = post(owner, story, "check", file=file(content))
    assert "1 added" in plain(seen)
    assert "Zoë" in plain(seen)


@pytest.mark.fault("I15")
def test_I15_a_workbook_named_csv_is_read(story: Story, owner: CheckingClient) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Name", "Email", "Role"])
    book.active.append(["Ann", "ann@a.example", "champion"])
    content = io.BytesIO()
    book.save(content)
    seen = post(owner, story, "check", file=file(content.getvalue(), "people.csv"))
    assert "1 added" in plain(seen)


@pytest.mark.fault("I16")
def test_I16_other_files_are_refused_by_name_only_and_nothing_is_kept(
    world: World, story: Story, owner: CheckingClient, tmp_path
) -> None:
    before = story.rows()
    for content, said in (
        (b"%PDF-1.7 ...", "is a PDF"),
        (b"PK\x03\x04nonsense", "is damaged"),
        (b"", "is empty"),
    ):
        answer = post(owner, story, "check", file=file(content, "../../etc/<b>x.csv"))
        assert answer.status_code == 422
        assert f"x.csv: {said}" in plain(answer)
        assert "../.." not in answer.get_data(as_text=True)
    assert story.rows() == before
    assert not list(tmp_path.rglob("*x.csv"))


@pytest.mark.fault("I16")
def test_I16_a_file_that_is_too_large_is_refused(story: Story, owner: CheckingClient) -> None:
    token = csrf_token(owner.get("/partnerships"))

    def upload(content: bytes):
        field = b'--x\r\nContent-Disposition: form-data; name="%s"'
        body = b"%s\r\n\r\n%s\r\n%s; filename=p.csv\r\n\r\n%s\r\n--x--\r\n" % (
            field % b"csrf_token",
            token.encode(),
            field % b"file",
            content,
        )
        kind = "multipart/form-data; boundary=x"
        return owner.post(f"{page(story)}/check", data=body, content_type=kind)

    assert upload(b"a,b\n" * 3_000_000).status_code == 413
    below = upload(b"name,email,role\n" + b"a,b\n" * 200_000)
    assert below.status_code == 422
    assert "p.csv: has more than 50,000 rows" in plain(below)


@pytest.mark.fault("I07")
def test_I07_a_cell_is_shown_and_never_run(story: Story, owner: CheckingClient) -> None:
    bad = "<script>alert(1)</script>"
    rows = f"name,email,role,{bad}\n{bad},{bad},{bad},</textarea>{bad}\n"
    answer = post(owner, story, "check", table=rows)
    text = answer.get_data(as_text=True)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    again = post(owner, story, "check", table="x,y\n</textarea><script>alert(1)</script>,1\n")
    assert again.status_code == 422
    assert "<script>alert" not in again.get_data(as_text=True)


@pytest.mark.parametrize("name", ["Null", "NA", "None", "True", "007"])
@pytest.mark.fault("I14")
def test_I14_names_that_look_like_nothing_stay(
    world: World, story: Story, owner: CheckingClient, name: str
) -> None:
    rows = f"name,email,role,sub_sector,phone\n{name},n@x.example,champion,007,0170\n"
    seen = post(owner, story, "check", table=rows)
    post(owner, story, "import", **carried(seen.get_data(as_text=True)))
    found = people(world)["n@x.example"]
    assert (found.name, found.sub_sector, found.phone) == (name, "007", "0170")


@pytest.mark.fault("M07")
def test_M07_one_person_twice_is_flagged(story: Story, owner: CheckingClient) -> None:
    rows = (
        "name,email,role,organization\nAnn,Ann@Bücher.example,champion,A\n"
        "ann, ann@xn--bcher-kva.example ,partner,A\nSam,info@shared.example,champion,B\n"
        "Dana KIM,dana@other.example,champion,C\n"
    )
    text = plain(post(owner, story, "check", table=rows))
    assert "Row 3: email: already champion in row 2" in text
    assert "Row 4: email: looks like a mailbox that several people read" in text
    assert "would be asked as convener and as champion, under two addresses" in text


@pytest.mark.fault("M07")
def test_M07_the_same_file_twice_adds_nobody(
    world: World, story: Story, owner: CheckingClient
) -> None:
    rows = "name,email,role\nAnn,ann@a.example,champion\n"
    for _ in range(2):
        seen = post(owner, story, "check", table=rows.replace("ann@", " ANN@"))
        answer = post(owner, story, "import", **carried(seen.get_data(as_text=True)))
        assert answer.status_code == 303
    assert len(people(world)) == 4


def test_wrong_columns_are_named_and_what_was_pasted_stays(
    story: Story, owner: CheckingClient
) -> None:
    answer = post(owner, story, "check", table="who,where\nAnn,here\n")
    assert answer.status_code == 422
    assert "no column for email; the columns are: who, where" in plain(answer)
    assert "who,where\nAnn,here" in answer.get_data(as_text=True)


def test_one_person_is_added_by_hand(world: World, story: Story, owner: CheckingClient) -> None:
    bad = post(owner, story, "add", name="", email="nowhere", role="partner")
    assert bad.status_code == 422
    text = bad.get_data(as_text=True)
    for field in ("name", "email", "organization"):
        assert f'href="#{field}"' in text
    assert 'value="nowhere"' in text
    good = {"name": "Ann", "email": "ann@a.example", "role": "champion", "status": "in_talks"}
    assert post(owner, story, "add", **good).status_code == 303
    assert people(world)["ann@a.example"].status == "in_talks"
    again = post(owner, story, "add", **good)
    assert again.status_code == 422
    assert "somebody on the roster has this address already" in plain(again)


def test_a_person_can_be_changed(world: World, story: Story, owner: CheckingClient) -> None:
    post(owner, story, "add", name="Ann", email="ann@a.example", role="champion")
    ann = people(world)["ann@a.example"].id
    shown = owner.get(f"{page(story)}/{ann}").get_data(as_text=True)
    assert 'value="ann@a.example"' in shown
    form = {"name": "Ann A", "email": "anna@a.example", "role": "partner", "organization": "A"}
    answer = post(owner, story, ann, **form, status="said_yes", introduced_by="Dana Kim")
    assert answer.status_code == 303
    found = people(world)["anna@a.example"]
    assert (found.id, found.name, found.role) == (ann, "Ann A", "partner")
    assert (found.organization_name, found.introduced_by) == ("A", "Dana Kim")
    assert len(people(world)) == 4
    taken = post(owner, story, ann, **(form | {"email": "p0@example.com"}))
    assert taken.status_code == 422
    assert "ann" in plain(taken)


def test_the_address_of_someone_invited_stays_here(
    world: World, story: Story, owner: CheckingClient
) -> None:
    rita = people(world)["p2@example.com"].id
    assert 'type="email"' not in owner.get(f"{page(story)}/{rita}").get_data(as_text=True)
    form = {"name": "Rita", "email": "other@example.com", "role": "champion"}
    answer = post(owner, story, rita, **form)
    assert answer.status_code == 422
    assert "p2@example.com" in people(world)


def test_a_viewer_looks_and_changes_nothing(story: Story) -> None:
    viewer = story.signed_in("viewer")
    text = viewer.get(page(story)).get_data(as_text=True)
    assert "Dana Kim" in text
    assert "Bring people in" not in text
    people_before = sorted(people(story.world))
    for deed in ("check", "import", "add"):
        assert post(viewer, story, deed, table="x").status_code == 403
    assert sorted(people(story.world)) == people_before
    with story.world.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "refused")).all()
    assert {one.partnership_id for one in noted} == {story.partnership}
    assert len(noted) == 3


def test_people_of_other_partnerships_are_not_there(world: World, story: Story) -> None:
    dana = people(world)["p0@example.com"].id
    stranger = story.signed_in("stranger")
    assert stranger.get(page(story)).status_code == 404
    assert stranger.get(f"{page(story)}/{dana}").status_code == 404
    assert post(stranger, story, "add", name="X").status_code == 404


def test_the_empty_roster_can_be_downloaded(story: Story, owner: CheckingClient) -> None:
    answer = owner.get(f"{page(story)}/template.csv")
    assert answer.get_data().decode("utf-8-sig").startswith("name,email,role,organization,")
