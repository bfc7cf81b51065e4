"""Who did what, in words a person reads; every deed that is recorded has a sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import World
from tests.webapp.story import Story, csrf_token, tell
from webapp.models import AuditEntry, Partnership, User
from webapp.operations import audit
from webapp.operations.ask_for_files import PAPERS
from webapp.queries import report_kind
from webapp.queries.history import PER_PAGE
from webapp.views.history.sentences import NOBODY, SENTENCES, sentence

WEBAPP = Path(__file__).parents[2] / "webapp"
# Recorded as a word and something: what the something may be.
FILES = ("zip", *(report_kind(paper, form) for paper in PAPERS for form in ("html", "pdf")))
KINDS = {"ask for ": FILES, "snapshot ": ("interim", "final")}


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def page(story: Story, who: str = "viewer", number: int = 1) -> str:
    path = f"/partnerships/{story.partnership}/history"
    return story.signed_in(who).get(path, query_string={"page": number}).text


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def recorded() -> Iterator[tuple[str, str]]:
    """Every action that the program records, with the file that does."""
    for path in sorted(set(WEBAPP.rglob("*.py")) - {WEBAPP / "operations" / "audit.py"}):
        tree = ast.parse(path.read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for given in _actions(call):
                for action in _texts(given, tree):
                    yield action, path.name


def _actions(call: ast.Call) -> list[ast.expr]:
    called = ast.unparse(call.func)
    if called == "audit.record":
        return [call.args[3]]
    if called == "AuditEntry" or called.endswith("insert(AuditEntry).values"):
        return [keyword.value for keyword in call.keywords if keyword.arg == "action"]
    return []


def _texts(node: ast.expr, tree: ast.Module) -> list[str]:
    """What an expression can be: a text, one of two, a text with a kind, or a name for one."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, tree), *_texts(node.orelse, tree)]
    if isinstance(node, ast.JoinedStr):
        (start, _kind) = node.values
        return [f"{start.value}{kind}" for kind in KINDS[start.value]]  # type: ignore[attr-defined]
    assert isinstance(node, ast.Name), ast.unparse(node)
    found = [text for value in _values_of(node.id, tree) for text in _texts(value, tree)]
    assert found, f"nobody knows what {node.id} can be"
    return found


def _values_of(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if (
                found == name
            ):
                yield value
            case ast.FunctionDef():
                yield from _given_to(node, name, tree)


def _given_to(function: ast.FunctionDef, name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """What callers in the same file give for a parameter."""
    places = [one.arg for one in function.args.args]
    if function.name == "record" or name not in places:
        return
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if ast.unparse(call.func) == function.name and len(call.args) > places.index(name):
            yield call.args[places.index(name)]


def test_every_deed_has_a_sentence() -> None:
    found = list(recorded())
    assert len(found) > 40
    assert {one for one in found if one[0] not in SENTENCES} == set()


def test_every_sentence_is_about_a_deed() -> None:
    assert set(SENTENCES) - {action for action, _ in recorded()} == set()


@pytest.mark.parametrize("action", SENTENCES)
def test_a_sentence_is_told_even_where_a_detail_is_missing(action: str) -> None:
    said = sentence(action, {})
    assert said
    assert "{" not in said
    assert not said.endswith(".")


def test_everyone_who_acts_without_an_account_has_a_name() -> None:
    actors = {audit.COMMAND_LINE, audit.WORKER, audit.RESPONDENT, audit.VISITOR}
    assert actors <= set(NOBODY)


def note(story: Story, actor: str, action: str, **details: object) -> None:
    with story.world.writing() as session:
        who = session.get(User, actor) or actor
        partnership = session.get_one(Partnership, story.partnership)
        audit.record(session, story.world.clock, who, action, partnership=partnership, **details)  # type: ignore[arg-type]
        session.commit()


def test_the_newest_stands_first_in_words(story: Story) -> None:
    note(story, story.users["owner"], "invite", queued=3, role=None)
    story.world.clock.move(hours=1)
    note(story, audit.WORKER, "snapshot final", snapshot="x")
    text = words(page(story))
    assert "Muster made the results." in text
    assert "owner@example.org sent the invitations: 3." in text
    assert text.index("made the results") < text.index("sent the invitations: 3")
    assert re.search(r"\w+day, \w+ \d+, \d{4}, \d\d:\d\d C[SD]T", text)


def test_who_was_changed_is_named_by_name(story: Story) -> None:
    client = story.signed_in("owner")
    form = {
        "csrf_token": csrf_token(client.get("/partnerships")),
        "act": "level",
        "level": "editor",
    }
    path = f"/partnerships/{story.partnership}/team/members/{story.users['viewer']}"
    assert client.post(path, data=form).status_code == 303
    said = "owner@example.org changed viewer@example.org from viewer to editor."
    assert said in words(page(story))


def test_it_is_paged(story: Story) -> None:
    for number in range(PER_PAGE + 5):
        note(story, audit.COMMAND_LINE, "import employers", rows=number, companies=0)
    first, second = page(story), page(story, number=2)
    assert f"list of {PER_PAGE + 4} rows" in first
    assert "list of 4 rows" in second
    assert "list of 4 rows" not in first
    assert "Page 1 of 2" in first
    assert "Older" in first
    assert "Older" not in second
    assert "Page 2 of 2" in page(story, number=99)


def test_deeds_of_other_partnerships_are_not_in_it(story: Story) -> None:
    with story.world.writing() as session:
        session.add(
            AuditEntry(
                at=story.world.clock.now(), actor="worker", action="close wave",
                partnership_id="pother", details={},
            )
        )  # fmt: skip
        session.commit()
    assert "closed the round" not in page(story)


@pytest.mark.fault("I01")
def test_I01_a_reason_in_the_history_is_text(story: Story) -> None:
    note(story, audit.WORKER, "mail dropped", reason="<script>alert(1)</script>")
    shown = page(story)
    assert "<script>alert" not in shown
    assert "held a mail back: &lt;script&gt;" in shown
