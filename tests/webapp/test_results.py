"""The results page and its files: it shows what is stored, all of it, and nothing else."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from sqlalchemy import select

from surveys.loader import load
from tests.conftest import World
from tests.webapp.asking import asked
from tests.webapp.sample_document import sample_document
from tests.webapp.story import SVG, Story, csrf_token, tell
from webapp.models import AuditEntry, Export, Snapshot, SnapshotText, Wave
from webapp.views import reading

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def story(sqlite_world: World) -> Story:
    return tell(sqlite_world)


def page(story: Story, path: str = "/results") -> str:
    answer = story.signed_in("viewer").get(f"/waves/{story.wave}{path}")
    assert answer.status_code == 200
    return answer.text


def test_the_page_says_the_verdict_first_and_in_full(story: Story) -> None:
    document = sample_document()
    text = page(story)
    for sentence in (*document["page"]["headline"], *document["page"]["turn"]):
        assert escaped(sentence) in text
    assert text.index(escaped(document["page"]["headline"][0])) < text.index('id="checks"')


def escaped(text: str) -> str:
    from markupsafe import escape

    return str(escape(text))


def test_every_check_stands_with_its_figure_and_whose_voice_decided(story: Story) -> None:
    text = page(story)
    document = sample_document()
    for criterion in document["criteria"]:
        assert escaped(criterion["sentence"]) in text
        assert escaped(document["page"]["criteria"][criterion["id"]]["name"]) in text
        assert f"Decided by {reading.voices(criterion)}" in text


@pytest.mark.fault("L18")
def test_L18_the_numbers_are_the_same_on_page_tables_and_json(story: Story) -> None:
    client = story.signed_in("viewer")
    shown = json.loads(client.get(f"/waves/{story.wave}/results.json").data)
    document = sample_document()
    assert {k: v for k, v in shown.items() if k != "comments"} == {
        k: v for k, v in document.items() if k != "comments"
    }
    answers = page(story, "/results/answers")
    for item in document["items"]:
        assert f"<td>{item['asked']}</td>" in answers


def test_every_table_of_answers_bears_the_words_of_its_question(story: Story) -> None:
    """Who moves from table to table by ear hears the question, and whom it was asked about."""
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", page(story, "/results/answers"))
    document = sample_document()
    assert len(captions) == len({(one["id"], one["about"]) for one in document["items"]})
    names = {one["id"]: one["name"] for one in document["organizations"]}
    heard = [" ".join(unescape(re.sub(r"<[^>]+>", " ", one)).split()) for one in captions]
    assert len(set(heard)) == len(heard)
    for item in document["items"]:
        wording = reading.wording(document, load(), item["id"])
        about = f" {names.get(item['about'], item['about'])}" if item["about"] else ""
        assert f"{wording}{about} Answers by group ({item['id']} in the files)" in heard


def test_the_questions_open_the_talk(story: Story) -> None:
    document = sample_document()
    overview, every = page(story), page(story, "/results/differences")
    for one in document["differences"]:
        words = document["page"]["differences"][one["id"]]
        assert escaped(one["sentence"]) in every
        assert f"/results/differences/{one['id']}" in every
        detail = page(story, f"/results/differences/{one['id']}")
        assert escaped(one["sentence"]) in detail
        assert len(words["questions"]) == len(words["ways"]) == 3
        assert all(escaped(said) in detail for said in (*words["questions"], *words["ways"]))
    for one in reading.first_differences(document):
        assert escaped(one["sentence"]) in overview


@pytest.fixture
def three(sqlite_world: World) -> Story:
    """A result with three differences: two that ask alike, and one that asks something else."""
    document = sample_document()
    [one], words = document["differences"], document["page"]["differences"]
    kinds = {"one": "within", "two": "within", "three": "unsure"}
    first = words[one["id"]]
    document["page"]["differences"] = {
        key: first if kind == "within" else {**first, "questions": ["Who?", "Which?", "When?"]}
        for key, kind in kinds.items()
    }
    document["page"]["overview"] = list(kinds)
    document["differences"] = [{**one, "id": key, "kind": kind} for key, kind in kinds.items()]
    return tell(sqlite_world, **document)


def test_the_sheet_for_the_meeting_has_all_questions_and_each_set_of_them_once(
    three: Story,
) -> None:
    every = page(three, "/results/differences")
    assert every.count("Three questions for the meeting") == 2
    questions = next(iter(sample_document()["page"]["differences"].values()))["questions"]
    for question in (*questions, "Who?", "Which?", "When?"):
        assert every.count(escaped(question)) == 1


def test_whoever_prepares_the_meeting_goes_from_one_difference_to_the_next(three: Story) -> None:
    for key, following in (("one", "two"), ("two", "three"), ("three", None)):
        text = page(three, f"/results/differences/{key}")
        found = re.search(r'Next: <a href="[^"]*/differences/([^"]+)"', text)
        assert (found[1] if found else None) == following


def test_the_map_is_a_table_of_four_quarters_before_it_is_a_picture(story: Story) -> None:
    document = sample_document()
    text = page(story)
    for one in document["organizations"]:
        assert escaped(one["name"]) in text
    section = text[text.index('id="map"') :]
    assert section.index("<table") < section.index('id="statements"')
    # Whoever hears a cell without the head of its row and column hears where it stands, too.
    for name, place in (
        ("Win over first", "low buy-in, high credibility"),
        ("Build on", "high buy-in, high credibility"),
        ("Keep informed", "low buy-in, low credibility"),
        ("Support behind the scenes", "high buy-in, low credibility"),
    ):
        cell = rf'<strong>{name}<span class="unseen">, {place}</span></strong> \(\d+\)'
        assert re.search(cell, section), name
        assert re.search(cell, page(story, "/results/map")), name


@pytest.mark.fault("P01")
def test_P01_hidden_figures_are_explained_and_have_no_number(sqlite_world: World) -> None:
    document = sample_document()
    for role in ("partner", "champion", "pooled"):
        document["buy_in"]["by_role"][role] = None
    document["buy_in"]["overall"] = None
    document["items"] = [one for one in document["items"] if one["class"] != "P"]
    story = tell(sqlite_world, **{key: document[key] for key in ("buy_in", "items")})
    text = page(story)
    figures = text[text.index("Buy-in, group by group") : text.index('id="agree"')]
    assert "Champions</span>" not in figures
    assert "What is not shown, and why" in text
    for sentence in document["page"]["hidden"]:
        assert escaped(sentence) in text


def test_nothing_to_differ_about_is_said(sqlite_world: World) -> None:
    document = sample_document()
    document["page"]["none_found"] = "We found no clear disagreement."
    story = tell(sqlite_world, differences=[], page=document["page"])
    assert "We found no clear disagreement." in page(story)
    assert "We found no clear disagreement." in page(story, "/results/differences")


@pytest.mark.fault("I01")
def test_I01_hostile_names_and_comments_are_inert_everywhere(sqlite_world: World) -> None:
    document = sample_document()
    document["wave"]["partnership"] = HOSTILE
    for one in document["organizations"]:
        one["name"] = HOSTILE
    for one in document["commitments"]:
        one["organization"] = HOSTILE
    document["comments"] = [{"question": "biggest_risk", "role": None, "text": HOSTILE}]
    document["named_missing"] = [{"name": HOSTILE, "count": 3}]
    document["charts"] = [{"name": "readiness", "title": HOSTILE, "alt": '" onerror="x' + HOSTILE}]
    story = tell(sqlite_world, **document)
    for path in ("/results", "/results/differences", "/results/answers", ""):
        assert "<script>alert" not in page(story, path)
        assert 'onerror="x' not in page(story, path)
    monitor = story.signed_in("viewer").get(f"/waves/{story.open_wave}").text
    assert "<b>Wu" not in monitor


@pytest.mark.fault("I02")
def test_I02_every_page_template_is_escaped(story: Story) -> None:
    environment = story.world.app.jinja_env
    select_autoescape = environment.autoescape
    assert callable(select_autoescape)
    for name in environment.list_templates():
        if not name.endswith(".txt"):
            assert select_autoescape(name), name


def test_a_removed_name_or_comment_is_gone_from_page_and_json(world: World) -> None:
    document = sample_document()
    key = document["organizations"][0]["id"]
    marked = json.loads(
        json.dumps(document).replace(document["organizations"][0]["name"], f"{{o:{key}}}")
    )
    story = tell(world, **marked)
    with world.writing() as session:
        snapshot = session.scalars(select(Snapshot)).one()
        row = SnapshotText(
            snapshot_id=snapshot.id,
            kind="name",
            key=key,
            position=0,
            content={"name": "Old College"},
        )
        session.add(row)
        session.commit()
        row_id = row.id
    assert "Old College" in page(story)
    with world.writing() as session:
        session.delete(session.get(SnapshotText, row_id))
        session.commit()
    for path in ("/results", "/results.json"):
        assert "Old College" not in page(story, path)
        assert "[removed]" in page(story, path)
        assert "{o:" not in page(story, path)


def test_an_open_round_explains_why_there_is_no_result_yet(story: Story) -> None:
    answer = story.signed_in("viewer").get(f"/waves/{story.open_wave}/results")
    assert answer.status_code == 200
    assert "The results come when the round closes" in answer.text
    assert "Thursday, June 4, 2026, 10:00 CDT" in answer.text


@pytest.mark.parametrize("path", ["results.json", "charts/readiness.svg", "export.zip"])
def test_without_a_snapshot_there_are_no_files(story: Story, path: str) -> None:
    assert story.signed_in("viewer").get(f"/waves/{story.open_wave}/{path}").status_code == 404


def test_a_closing_round_says_that_results_are_being_prepared(world: World) -> None:
    story = tell(world)
    with world.writing() as session:
        session.get(Wave, story.open_wave).state = "closing"
        session.commit()
    answer = story.signed_in("viewer").get(f"/waves/{story.open_wave}/results")
    assert answer.status_code == 200
    assert "being prepared" in answer.text


def test_an_interim_result_is_marked(sqlite_world: World) -> None:
    document = sample_document()
    document["snapshot"]["kind"] = "interim"
    document["verdict"].update(outcome=None, provisional=True, visible=17)
    text = page(tell(sqlite_world, **document))
    assert "<h1>So far: " in text


def test_charts_are_served_as_stored_with_a_tag(world: World) -> None:
    story = tell(world)
    client = story.signed_in("viewer")
    address = f"/waves/{story.wave}/charts/readiness.svg"
    first = client.get(address)
    assert first.mimetype == "image/svg+xml"
    assert first.data == SVG
    assert "private" in first.headers["Cache-Control"]
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    assert client.get(f"/waves/{story.wave}/charts/readiness.png").mimetype == "image/png"
    assert client.get(f"/waves/{story.wave}/charts/other.svg").status_code == 404
    assert client.get(f"/waves/{story.wave}/charts/readiness.exe").status_code == 404


@pytest.mark.fault("P01")
def test_P01_every_picture_has_its_title_and_its_alternative(story: Story) -> None:
    text = page(story) + page(story, "/results/map")
    for chart in sample_document()["charts"]:
        assert text.count(f'alt="{escaped(chart["alt"])}"') == 1
        assert escaped(chart["title"]) in text


def ask(story: Story, client) -> str:
    form = {"csrf_token": csrf_token(client.get(f"/waves/{story.wave}/results"))}
    answer = client.post(f"/waves/{story.wave}/export", data=form)
    assert answer.status_code == 303
    return answer.location


def test_an_export_is_asked_for_waited_for_and_served(world: World) -> None:
    story = tell(world)
    client = story.signed_in("viewer")
    address = ask(story, client)
    assert address == f"/waves/{story.wave}/export.zip"
    waiting = client.get(address)
    assert waiting.status_code == 202
    assert int(waiting.headers["Retry-After"]) > 0
    assert "being prepared" in waiting.text
    with world.writing() as session:
        row = session.scalars(select(Export)).one()
        row.content, row.made_at = b"PK", world.clock.now()
        session.commit()
    ready = client.get(address)
    assert ready.status_code == 200
    assert ready.mimetype == "application/zip"
    assert ready.data == b"PK"
    assert f"muster-{story.wave}.zip" in ready.headers["Content-Disposition"]
    assert "no-store" in ready.headers["Cache-Control"]


@pytest.mark.fault("A02")
def test_A02_an_export_is_served_to_the_person_who_asked_only(world: World) -> None:
    story = tell(world)
    address = ask(story, story.signed_in("viewer"))
    assert story.signed_in("owner").get(address).status_code == 404
    assert story.signed_in("stranger").get(address).status_code == 404


@pytest.mark.fault("P25")
def test_P25_asking_for_an_export_is_audited(world: World) -> None:
    story = tell(world)
    ask(story, story.signed_in("editor"))
    with world.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.wave_id == story.wave)).all()
    assert [entry.action for entry in entries] == ["ask for zip"]
    assert entries[0].actor == story.users["editor"]


def test_a_failed_export_says_so(world: World) -> None:
    story = tell(world)
    client = story.signed_in("viewer")
    address = ask(story, client)
    with world.writing() as session:
        session.scalars(select(Export)).one().failed = "disk full at /var/lib"
        session.commit()
    page = client.get(address)
    assert page.status_code == 500
    assert "could not be made" in page.text
    assert "/var/lib" not in page.text


@pytest.mark.fault("P17")
def test_P17_the_monitor_shows_who_answered_and_never_what(story: Story) -> None:
    text = story.signed_in("viewer").get(f"/waves/{story.open_wave}").text
    assert "Sam &lt;b&gt;Wu&lt;/b&gt;" in text
    day = r'<time datetime="2026-06-01">(.*?)</time>'
    answered = re.search(r"Answered(?:<span[^>]*>|\s)*" + day, text)
    assert answered
    assert answered[1] == "Monday, June 1"
    assert "Started, not sent" in text
    assert "<strong>1 of 1 strategic partner</strong> has answered" in text
    for word in ("opened", "clicked", "Strongly", "geo_fit", "14:53", "09:53"):
        assert word not in text


@pytest.mark.fault("S05")
def test_S05_closing_times_carry_weekday_date_and_zone(story: Story) -> None:
    client = story.signed_in("viewer")
    for path in ("/partnerships", f"/waves/{story.open_wave}", f"/waves/{story.open_wave}/results"):
        assert "Thursday, June 4, 2026, 10:00 CDT" in client.get(path).text


@pytest.mark.fault("O10")
def test_O10_the_page_reads_one_snapshot_and_no_answer(story: Story) -> None:
    client = story.signed_in("viewer")
    with asked() as statements:
        client.get(f"/waves/{story.wave}/results")
    assert sum("FROM snapshots" in statement for statement in statements) == 1
    assert not any("responses" in statement for statement in statements)
    assert len(statements) < 10, len(statements)


@pytest.mark.parametrize("path", ["' or 1=1--", "w1;drop table waves", "%27%22"])
@pytest.mark.fault("I08")
def test_I08_odd_ids_are_just_not_found(story: Story, path: str) -> None:
    assert story.signed_in("viewer").get(f"/waves/{path}/results").status_code == 404
