"""Every route times every kind of person, generated from the routes themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from tests.checking import CheckingClient
from tests.conftest import World, make_world, sqlite_url
from tests.webapp.story import Story, csrf_token, tell
from webapp import uploads
from webapp.auth import PERMISSIONS, on_site, on_wave
from webapp.models import AuditEntry, Partnership, Person, User, Wave
from webapp.operations import employers

ROUTES = Path(__file__).parents[1] / "routes.txt"
RESPONDENT = ("/s/", "/stop/", "/robots.txt", "/find-my-link")
OPEN_TO_ALL = {
    *("/", "/setup/made", "/sign-in", "/sign-in/sent", "/sign-in/<token>", "/sign-out"),
    "/join/<token>",
    *("/healthz", "/readyz", "/metrics"),
}
LEVELS = ("viewer", "editor", "owner")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("access")
    world = make_world(sqlite_url(folder), folder)
    yield tell(world)
    CLIENTS.clear()
    world.database.dispose()


def bare_app() -> Flask:
    """An application that is only asked for its routes; no database is opened."""
    import tempfile

    from webapp import create_app
    from webapp.config import load

    folder = tempfile.mkdtemp()
    return create_app(load({}, instance=folder, secret_key="k" * 40))


APP = bare_app()
RULES = sorted(
    (rule for rule in APP.url_map.iter_rules() if not rule.build_only),
    key=lambda rule: (rule.rule, sorted(rule.methods or ())),
)
CONVENER = [rule for rule in RULES if not rule.rule.startswith(RESPONDENT)]


CLIENTS: dict[str, CheckingClient] = {}


def signed_in(story: Story, who: str) -> CheckingClient:
    """One browser for each person, so that signing in stays below its limit."""
    if who not in CLIENTS:
        CLIENTS[who] = story.signed_in(who)
    return CLIENTS[who]


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def declared(rule: Rule) -> str | None:
    return getattr(APP.view_functions[rule.endpoint], "access", None)


def address(story: Story, rule: Rule, *, foreign: bool = False) -> str:
    """The rule's address about our closed wave, or about ids that nobody has."""
    values = {"token": "x" * 43, "name": "readiness", "kind": "svg", "role": "champion"}
    for argument in rule.arguments:
        if argument == "wave_id":
            values[argument] = "wnothing22" if foreign else story.wave
        elif argument == "partnership_id":
            values[argument] = "pnothing22" if foreign else story.partnership
    with story.world.app.test_request_context():
        adapter = story.world.app.url_map.bind("127.0.0.1")
        wanted = {key: values.get(key, "x") for key in rule.arguments}
        return adapter.build(rule.endpoint, wanted, method=methods(rule)[0])


def names(rule: Rule) -> str:
    return f"{','.join(methods(rule))} {rule.rule}"


def test_every_route_is_listed() -> None:
    """A new address is a decision: it stands in routes.txt."""
    assert [names(rule) for rule in RULES] == ROUTES.read_text("utf-8").splitlines()


@pytest.mark.parametrize("rule", CONVENER, ids=names)
def test_every_convener_route_declares_who_may_use_it(rule: Rule) -> None:
    if rule.rule in OPEN_TO_ALL:
        assert declared(rule) is None
    else:
        assert declared(rule) in {*PERMISSIONS, "signed in", "admin", "first run"}


OBJECTS = [rule for rule in CONVENER if {"wave_id", "partnership_id"} & set(rule.arguments)]


@pytest.mark.parametrize("who", ["nobody", "stranger"])
@pytest.mark.parametrize("rule", OBJECTS, ids=names)
@pytest.mark.fault("A01", "W13")
def test_A01_W13_other_peoples_objects_are_not_there(story: Story, rule: Rule, who: str) -> None:
    client = story.world.client() if who == "nobody" else signed_in(story, who)
    form = {
        "csrf_token": csrf_token(client.get("/sign-in" if who == "nobody" else "/partnerships"))
    }
    before = story.rows()
    for method in methods(rule):
        answer = client.open(address(story, rule), method=method, data=form)
        assert answer.status_code == 404, method
    assert story.rows() == before


@pytest.mark.parametrize("rule", OBJECTS, ids=names)
@pytest.mark.fault("A01")
def test_A01_unknown_ids_look_like_foreign_ones(story: Story, rule: Rule) -> None:
    client = signed_in(story, "owner")
    form = {"csrf_token": csrf_token(client.get("/partnerships"))}
    for method in methods(rule):
        missing = client.open(address(story, rule, foreign=True), method=method, data=form)
        assert missing.status_code == 404


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("rule", OBJECTS, ids=names)
@pytest.mark.fault("A03")
def test_A03_each_level_gets_what_the_table_says(story: Story, rule: Rule, level: str) -> None:
    client = signed_in(story, level)
    form = {"csrf_token": csrf_token(client.get("/partnerships"))}
    allowed = level in PERMISSIONS[declared(rule) or ""]
    for method in methods(rule):
        answer = client.open(address(story, rule), method=method, data=form)
        assert (answer.status_code != 403) == allowed, (method, answer.status_code)
        assert answer.status_code < 500


def of_kind(*kinds: str) -> list[Rule]:
    return [rule for rule in CONVENER if declared(rule) in kinds]


@pytest.mark.parametrize("rule", of_kind("signed in", "admin"), ids=names)
def test_pages_without_an_object_lead_to_sign_in(story: Story, rule: Rule) -> None:
    client = story.world.client()
    form = {"csrf_token": csrf_token(client.get("/sign-in"))}
    before = story.rows()
    for method in methods(rule):
        answer = client.open(address(story, rule), method=method, data=form)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in")
    assert story.rows() == before


@pytest.mark.parametrize("rule", of_kind("admin"), ids=names)
@pytest.mark.fault("A03")
def test_A03_pages_of_the_installation_are_for_those_who_run_it(story: Story, rule: Rule) -> None:
    client = signed_in(story, "owner")
    form = {"csrf_token": csrf_token(client.get("/partnerships"))}
    for method in methods(rule):
        answer = client.open(address(story, rule), method=method, data=form)
        assert answer.status_code == 403


@pytest.mark.parametrize("who", ["nobody", "owner"])
@pytest.mark.parametrize("rule", of_kind("first run"), ids=names)
@pytest.mark.fault("A12")
def test_A12_pages_of_the_first_run_are_gone_afterwards(story: Story, rule: Rule, who: str) -> None:
    client = story.world.client() if who == "nobody" else signed_in(story, who)
    page = client.get("/sign-in" if who == "nobody" else "/partnerships")
    before = story.rows()
    for method in methods(rule):
        form = {"csrf_token": csrf_token(page), "name": "Eve", "email": "eve@evil.example"}
        answer = client.open(address(story, rule), method=method, data=form)
        assert answer.status_code == 404
    assert story.rows() == before


@pytest.mark.parametrize("given", ["nothing", "another session's"])
@pytest.mark.parametrize("rule", [r for r in CONVENER if "POST" in methods(r)], ids=names)
@pytest.mark.fault("W01")
def test_W01_a_post_without_its_token_is_refused(story: Story, rule: Rule, given: str) -> None:
    client = signed_in(story, "owner")
    other = csrf_token(signed_in(story, "editor").get("/partnerships"))
    form = {} if given == "nothing" else {"csrf_token": other}
    before = story.rows()
    answer = client.post(address(story, rule), data=form)
    assert answer.status_code == 400
    assert story.rows() == before


@pytest.mark.fault("W02")
def test_W02_fetching_changes_nothing(world: World) -> None:
    """Every address, fetched in every safe way, for everyone: the tables stay as they were."""
    story = tell(world)
    with world.writing() as session:
        session.get_one(User, story.users["owner"]).is_admin = True
        session.commit()
    clients = [world.client(), story.signed_in("owner"), story.signed_in("stranger")]
    before = story.rows()
    for rule in RULES:
        if "GET" not in methods(rule):
            continue
        for client in clients:
            for method in ("GET", "HEAD", "OPTIONS"):
                assert client.open(address(story, rule), method=method).status_code < 500 or (
                    rule.rule == "/readyz"
                )
    assert story.rows() == before


@pytest.mark.fault("W02")
def test_W02_a_page_could_not_write_if_it_tried(world: World) -> None:
    tell(world)

    def writes() -> str:
        from webapp.extensions import commit, session

        session().scalars(select(Wave)).first().k = 9
        commit()
        return "written"

    world.app.view_functions["partnerships.start"] = writes
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert world.client().get("/").status_code >= 500
    with world.reading() as session:
        assert 9 not in set(session.scalars(select(Wave.k)))


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/partnerships", True),
        ("/waves/w1/results?x=1#y", True),
        ("", False),
        (None, False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/x\\..\\y", False),
        ("https:evil.example", False),
        ("javascript:alert(1)", False),
        (" /x", False),
    ],
)
@pytest.mark.fault("W10")
def test_W10_only_paths_of_this_site_are_followed(target: str | None, kept: bool) -> None:
    assert on_site(target) == (target if kept else None)


def test_a_web_process_loads_no_numbers_and_no_pictures(tmp_path: Path) -> None:
    program = (
        "import sys; from webapp import create_app; from webapp.config import load; "
        "heavy = {'numpy', 'pandas', 'matplotlib', 'scipy', 'analysis', 'alembic', 'openpyxl'}; "
        "held = lambda: sorted(heavy & {name.partition('.')[0] for name in sys.modules}); "
        f"app = create_app(load({{}}, instance={str(tmp_path)!r})); "
        "print(held(), app.test_client().get('/sign-in').status_code, held())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[] 200 []"


@pytest.mark.fault("A03")
def test_A03_a_refused_deed_is_noted(world: World) -> None:
    deed = on_wave("close")(lambda wave: "closed")
    world.app.add_url_rule("/waves/<wave_id>/try", endpoint="try", view_func=deed, methods=["POST"])
    story = tell(world)
    client = story.signed_in("viewer")
    form = {"csrf_token": csrf_token(client.get("/partnerships"))}
    assert client.post(f"/waves/{story.wave}/try", data=form).status_code == 403
    with world.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "refused")).one()
    assert entry.actor == story.users["viewer"]
    assert entry.wave_id == story.wave
    assert entry.details == {"page": "try"}


ONE_OF_EACH = {
    rule.endpoint.partition(".")[0]: rule for rule in reversed(RULES) if "GET" in methods(rule)
}


@pytest.mark.parametrize("blueprint", ONE_OF_EACH)
@pytest.mark.fault("W12")
def test_W12_a_breakdown_anywhere_shows_a_number_and_no_detail(
    story: Story, monkeypatch: pytest.MonkeyPatch, blueprint: str
) -> None:
    rule = ONE_OF_EACH[blueprint]

    def breaks(**_values: str) -> str:
        raise RuntimeError("select secret from answers")

    monkeypatch.setitem(story.world.app.view_functions, rule.endpoint, breaks)
    monkeypatch.setitem(story.world.app.config, "PROPAGATE_EXCEPTIONS", False)
    page = signed_in(story, "owner").get(address(story, rule))
    assert page.status_code == 500
    for detail in ("Traceback", "secret", "RuntimeError", "Flask", "Werkzeug", 'File "'):
        assert detail not in page.text
    assert re.search(r"<strong>[0-9a-f]{8}</strong>", page.text)


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
RUNS = "javascript:alert(1)"


def hostile(story: Story) -> None:
    """Every name that somebody can type becomes an attack."""
    with story.world.writing() as session:
        session.get_one(User, story.users["owner"]).is_admin = True
        for user in session.scalars(select(User)):
            user.name = HOSTILE
        for partnership in session.scalars(select(Partnership)):
            partnership.name = partnership.region = partnership.sector = HOSTILE
            partnership.facts = {"area": HOSTILE, "sub_sectors": [HOSTILE], "letter_draft": RUNS}
        for person in session.scalars(select(Person)):
            person.name = person.organization_name = person.introduced_by = HOSTILE
            person.title = person.phone = RUNS
        ours = session.get_one(Partnership, story.partnership)
        quoted = '"' + HOSTILE.replace('"', '""') + '"'
        rows = f"company,website,contact,employees\n{quoted},{RUNS},{RUNS},70\n"
        table = uploads.read(rows.encode(), "list.csv")
        employers.apply(session, story.world.clock, ours, employers.plan(ours, table))
        session.commit()


@pytest.mark.fault("I01", "I04")
def test_I01_I04_what_people_type_runs_nowhere(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    hostile(story)
    client = story.signed_in("owner")
    told = 0
    for rule in CONVENER:
        if "GET" not in methods(rule):
            continue
        page = client.get(address(story, rule))
        if page.mimetype != "text/html":
            continue
        assert "<script>alert" not in page.text, rule
        assert "<img src=x" not in page.text, rule
        for place in re.findall(r'(?:href|src|action)="([^"]*)"', page.text):
            assert place == "" or place[0] in "/#?" or place.startswith(("mailto:", "tel:")), place
        told += "alert(1)" in page.text
    # The attack did reach the pages.
    assert told > 10
