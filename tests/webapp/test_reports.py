"""The board report: asked for, made by the worker, four pages and an appendix on two papers."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from analysis import charts
from analysis.answers import Respondent
from analysis.facts import WaveFacts
from tests.analysis import example_waves
from tests.analysis.waves import snapshot
from tests.conftest import World
from tests.webapp.sample_document import sample_document
from tests.webapp.story import Story, csrf_token, tell
from webapp import printing
from webapp.models import AuditEntry, PlanItem
from webapp.operations import ask_for_files, reporting
from webapp.worker import Worker

PARTS = ("report-verdict", "report-agree", "report-checks", "report-actions", "report-appendix")


def worked(world: World) -> None:
    Worker(world.database, world.settings, world.clock, name="w").run_once()


def asked(story: Story, client: Any, **form: str) -> Any:
    page = client.get(f"/waves/{story.wave}/report")
    return client.post(f"/waves/{story.wave}/report", data={"csrf_token": csrf_token(page), **form})


def test_a_report_is_asked_for_made_by_the_worker_and_served(world: World) -> None:
    story = tell(world)
    client = story.signed_in("viewer")
    assert client.get(f"/waves/{story.wave}/report.html").status_code == 404
    answer = asked(story, client)
    assert (answer.status_code, answer.location) == (303, f"/waves/{story.wave}/report.html")
    for name in ("html", "pdf"):
        waiting = client.get(f"/waves/{story.wave}/report.{name}")
        assert waiting.status_code == 202
        assert int(waiting.headers["Retry-After"]) > 0
        assert "being prepared" in waiting.get_data(as_text=True)
    worked(world)
    page = client.get(f"/waves/{story.wave}/report.html")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    assert "paper-letter" in text
    assert all(f'id="{part}"' in text for part in PARTS)
    pdf = client.get(f"/waves/{story.wave}/report.pdf")
    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    assert pdf.data.startswith(b"%PDF-")
    assert story.wave in pdf.headers["Content-Disposition"]


def test_the_button_says_which_shape_and_the_form_which_paper(sqlite_world: World) -> None:
    story = tell(sqlite_world)
    client = story.signed_in("owner")
    answer = asked(story, client, paper="a4", shape="pdf")
    assert answer.location == f"/waves/{story.wave}/report.pdf"
    worked(sqlite_world)
    assert "paper-a4" in client.get(f"/waves/{story.wave}/report.html").get_data(as_text=True)
    refused = asked(story, client, paper="<b>napkin")
    assert refused.status_code == 422
    said = refused.get_data(as_text=True)
    assert "There is a problem" in said
    assert 'href="#paper"' in said
    assert "<b>napkin" not in said


@pytest.mark.fault("A02", "P25")
def test_A02_P25_a_report_is_its_askers_alone_and_the_asking_is_noted(
    sqlite_world: World,
) -> None:
    world = sqlite_world
    story = tell(world)
    owner, editor = story.signed_in("owner"), story.signed_in("editor")
    asked(story, owner)
    worked(world)
    for name in ("report.html", "report.pdf"):
        assert owner.get(f"/waves/{story.wave}/{name}").status_code == 200
        assert editor.get(f"/waves/{story.wave}/{name}").status_code == 404
        assert story.signed_in("stranger").get(f"/waves/{story.wave}/{name}").status_code == 404
        assert world.client().get(f"/waves/{story.wave}/{name}").status_code == 404
    with world.reading() as session:
        noted = [
            (one.actor, one.action)
            for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
            if one.action.startswith("ask for")
        ]
    assert noted == [
        (story.users["owner"], f"ask for report-letter.{name}") for name in ("html", "pdf")
    ]


# On paper


LONG = "The Greater Two Rivers Regional Advanced Manufacturing & Skilled Trades Council $"
NAMES = (
    "北科罗拉多制造业合作伙伴关系与劳动力发展联合委员会",
    "مجلس التصنيع في الوادي",
    LONG,
    "A$ap $x_1$",
)


def hard() -> dict[str, Any]:
    """A result that has too much of everything, with names in every script."""
    document = sample_document()
    page = document["page"]
    bodies = document["organizations"]
    document["organizations"] = [
        {**bodies[place % len(bodies)], "id": f"b{place}", "name": f"{NAMES[place % 4]} {place}"}
        for place in range(12)
    ]
    document["wave"] |= {"partnership": LONG, "sector": LONG, "region": LONG}
    names = [one["name"] for one in document["organizations"]]
    listed = ", ".join(names)
    page["headline"] = [f"Not yet. {listed}.", *[f"Still open: {one}." for one in names]]
    page["turn"] = [f"One change would make this Ready: {one} on board." for one in names]
    page["agreements"] = [f"All groups agree that {one} matters." for one in names]
    page["unsure"] = [f"5 of 9 partners could not say whether {one} would." for one in names]
    page["organizations"] = {
        one["id"]: {"move": f"Go in person to {one['name']}.", "notes": [], "credibility": None}
        for one in document["organizations"]
    }
    made = [
        {
            **document["differences"][0],
            "id": f"d{place}",
            "sentence": f"{place}: {listed}. {listed}.",
        }
        for place in range(9)
    ]
    document["differences"] = made
    page["differences"] = {
        one["id"]: {"questions": [f"What does {LONG} see that {LONG} cannot?"]} for one in made
    }
    page["overview"] = [one["id"] for one in made[:5]]
    for one in document["criteria"]:
        one["outcome"] = "no"
        page["criteria"][one["id"]] |= {"outcome": "Unknown", "advice": f"Talk to {listed}."}
    document["charts"] = charts.describe_all(document)
    return document


def lines_of(plan: int) -> list[PlanItem]:
    return [
        PlanItem(what=f"{place}: {LONG}", owner=LONG, due="2026-07-01", state="doing")
        for place in range(plan)
    ]


def on_paper(document: dict[str, Any], paper: str, plan: int = 0) -> Any:
    drawable, note = charts.with_marks(document)
    drawn = reporting.pictures.of(drawable)
    shown = reporting.written(drawable, drawn, lines_of(plan), note)
    return printing.laid_out(reporting.sheets(drawable, shown), reporting.style(paper))


def words_on(page: Any) -> str:
    boxes = page._page_box.descendants()
    return " ".join(one.text for one in boxes if type(one).__name__ == "TextBox")


@pytest.mark.parametrize("plan", [0, 40])
@pytest.mark.parametrize("paper", ask_for_files.PAPERS)
@pytest.mark.parametrize("document", [sample_document(), hard()], ids=["plain", "hard"])
def test_four_pages_come_before_the_appendix_and_nothing_is_cut(document, paper, plan):
    pages = on_paper(document, paper, plan).pages
    starts = {
        part: number
        for number, page in enumerate(pages, 1)
        for part in PARTS
        if part in page.anchors
    }
    assert starts == {part: number for number, part in enumerate(PARTS, 1)}
    size = {"letter": (816, 1056), "a4": (793.7, 1122.5)}[paper]
    for number, page in enumerate(pages, 1):
        assert (page.width, page.height) == pytest.approx(size, abs=0.1)
        words = words_on(page)
        assert f"Page {number} of {len(pages)}" in words
        assert "people answered: " in words
        assert document["snapshot"]["id"] in words
        for box in page._page_box.descendants():
            if type(box).__name__ in {"TextBox", "InlineReplacedBox", "BlockReplacedBox"}:
                assert box.position_x >= 0
                assert box.position_x + box.width <= page.width - 65
                assert box.position_y + box.height <= page.height


FETCHING = (
    '<img src="http://169.254.169.254/latest/meta-data">',
    '<link rel="stylesheet" href="http://169.254.169.254/x.css">',
    '<svg><image href="file:///etc/passwd"/></svg>',
    "<style>@import url(http://169.254.169.254/y.css)</style>",
)


@pytest.mark.fault("I18")
def test_I18_a_pdf_fetches_nothing_whatever_people_typed(monkeypatch):
    document = sample_document()
    for one, typed in zip(document["organizations"], FETCHING, strict=False):
        one["name"] = typed
    document["named_missing"] = [{"name": typed, "count": 1} for typed in FETCHING]
    document["wave"]["sector"] = FETCHING[0]
    shown = reporting.written(document, {}, lines_of(1))
    assert "<img" not in shown
    assert "<link" not in shown
    asked: list[str] = []

    def noted(_: object, url: str, *__: object) -> None:
        asked.append(url)
        raise ValueError

    monkeypatch.setattr("weasyprint.urls.URLFetcher.fetch", noted)
    assert printing.pdf(reporting.sheets(document, shown), reporting.style("letter"))
    assert not asked


@pytest.mark.fault("I18")
@pytest.mark.parametrize("typed", [*FETCHING, '<img src="file:///etc/hostname">'])
def test_I18_the_engine_opens_no_connection_and_no_file_even_when_told_to(typed, monkeypatch):
    opened: list[object] = []
    monkeypatch.setattr("socket.socket.connect", lambda *given: opened.append(given))
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *given: opened.append(given))
    assert printing.pdf(f"<title>x</title><p>{typed}</p>", "p { color: black }")
    assert not opened


def test_without_the_engine_the_page_is_there_and_the_pdf_says_what_is_missing(
    sqlite_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "_LACKING", "the library Pango: apt install libpango-1.0-0")
    story = tell(sqlite_world)
    client = story.signed_in("owner")
    asked(story, client)
    worked(sqlite_world)
    assert client.get(f"/waves/{story.wave}/report.html").status_code == 200
    failed = client.get(f"/waves/{story.wave}/report.pdf")
    assert failed.status_code == 500
    said = failed.get_data(as_text=True)
    assert "PDF files need the library Pango" in said
    assert f'href="/waves/{story.wave}/report.html"' in said


@pytest.mark.fault("L18")
def test_L18_every_n_of_the_report_is_the_documents():
    document = sample_document()
    words = " ".join(map(words_on, on_paper(document, "letter").pages))
    text = " ".join(words.split())
    sent = {role: one["sent"] for role, one in document["response"].items()}
    invited = {role: one["invited"] for role, one in document["response"].items()}
    total = f"{sum(sent.values())} of {sum(invited.values())} people answered"
    assert total in text
    for role, group in (("convener", "conveners"), ("partner", "partners")):
        assert f"{group} {sent[role]} of {invited[role]}" in text
    page = reporting.written(document, {})
    part = page.partition("<h3>Every statement</h3>")[2].partition("<h3>Organizations</h3>")[0]
    rows = re.findall(r"<td>(?:at least |at most )?(\d\.\d)</td><td>(\d+)</td></tr>", part)
    figures = {
        (f"{one['mean']:.1f}", f"{one['n']}")
        for one in document["items"]
        if one["about"] is None and one["mean"] is not None
    }
    assert len(rows) > 20
    assert set(rows) <= figures


def test_the_pdf_says_its_title_and_language_and_every_picture_in_words():
    document = sample_document()
    drawn = reporting.pictures.spoken(reporting.pictures.with_phones(document))
    made = printing.laid_out(
        reporting.sheets(document, reporting.written(document, drawn)), reporting.style("a4")
    )
    # As the worker makes it, but so that its parts can be read here.
    raw = made.write_pdf(pdf_variant=printing.VARIANT, uncompressed_pdf=True)
    text = raw.decode("latin-1")
    assert "/Lang (en)" in text
    assert f"/Title (Board report: {document['wave']['partnership']})" in text
    assert "/Marked true" in text
    told = re.findall(r"/Alt \(((?:[^()\\]|\\.)*)\)", text, re.DOTALL)
    assert len(told) == len(charts.CHARTS)
    for chart in charts.describe_all(document):
        said = letters(f"{chart['title']}. {chart['alt']}")
        assert any(said == letters(one) for one in told), said


def letters(text: str) -> str:
    """A text as a PDF file writes it, without marks and breaks."""
    return re.sub(r"[^a-zA-Z0-9]+", " ", text.replace("\\n", " "))


@pytest.mark.parametrize("paper", ask_for_files.PAPERS)
def test_a_browser_prints_who_answered_on_every_page(chromium, pdftotext, paper, tmp_path):
    document = sample_document()
    shown = reporting.written(document, reporting.pictures.with_phones(document))
    page = chromium.new_page()
    page.set_content(f"<style>{reporting.style(paper)}</style><main>{shown}</main>")
    page.pdf(path=str(tmp_path / "r.pdf"), prefer_css_page_size=True)
    page.close()
    made = subprocess.run([pdftotext, tmp_path / "r.pdf", "-"], capture_output=True, check=True)
    pages = made.stdout.decode().split("\f")[:-1]
    assert len(pages) > len(PARTS)
    for number, words in enumerate(pages, 1):
        assert "people answered: " in words, number


def test_on_a_phone_each_picture_is_the_one_drawn_for_phones(chromium):
    document = sample_document()
    shown = reporting.written(document, reporting.pictures.with_phones(document))
    page = chromium.new_page(viewport={"width": 320, "height": 800})
    page.set_content(f"<style>{reporting.style('letter')}</style><main>{shown}</main>")
    seen = "document.querySelectorAll('.picture').values().filter(one => one.checkVisibility())"
    names = f"{seen}.map(one => one.classList.contains('on-phones')).toArray()"
    wider = f"{seen}.filter(one => one.scrollWidth > one.clientWidth).toArray().length"
    all_wide, all_narrow = [False] * len(charts.CHARTS), [True] * len(charts.CHARTS)
    assert page.evaluate(names) == all_narrow
    assert page.evaluate(wider) == 0
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.emulate_media(media="print")
    assert page.evaluate(names) == all_wide, "paper has the same pictures, whoever prints"
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate(names) == all_wide
    page.close()


def test_a_gap_between_too_few_people_stands_with_the_differences():
    document = sample_document()
    document["page"]["untold"] = ["Trust: conveners 4.8, champions 3.5. Too few people to say."]
    page = reporting.written(document, {})
    differ, _, unsure = page.partition("<h3>Where people are unsure</h3>")
    assert "Too few people to say." in differ
    assert "Too few people to say." not in unsure.partition("</section>")[0]


def example(made: tuple[list[Respondent], WaveFacts]) -> dict[str, Any]:
    people, about = made
    return snapshot(people, about).document()


@pytest.mark.parametrize("paper", ask_for_files.PAPERS)
def test_how_it_was_made_does_not_stand_alone_where_the_round_is_ready(paper):
    pages = on_paper(example(example_waves.ready()), paper).pages
    [last] = [number for number, page in enumerate(pages, 1) if "report-method" in page.anchors]
    assert last == len(pages)
    assert "What is not shown, and why" in words_on(pages[-1])


def test_where_every_check_is_a_yes_there_is_a_table_of_who_keeps_what():
    document = example(example_waves.ready())
    document["page"]["turn"] = ["To keep it: Staff time paid for six months."]
    page = reporting.written(document, {})
    assert "<h3>What to keep</h3>" in page
    assert "What would turn it" not in page
    assert page.count('<tr class="to-fill">') == len(document["milestones"])
    assert '<th scope="row">Scope: met, with 2 to spare</th><td class="number">6 of 6' in page


def test_figures_of_two_groups_together_say_which_two():
    document = example(example_waves.nearly())
    page = reporting.written(document, {})
    assert "Both together" not in page
    assert '<th scope="row">Partners and champions together</th><td>4.0</td><td>5</td>' in page
    [alone] = [one for one in document["page"]["hidden"] if "buy-in" in one]
    assert alone.startswith("Partners and champions, each alone: buy-in; trust")
    assert alone.endswith("(too few scored answers). Together they are shown.")


def test_hours_are_promised_in_the_order_of_their_number():
    people, about = example_waves.ready()
    hours = {"p1": 4.0, "p2": 0.5, "p3": 12.0}
    given = [replace(one, answers={**one.answers, "p_hours": hours.get(one.id)})
             if one.role == "partner" else one for one in people]  # fmt: skip
    page = reporting.written(snapshot(given, about).document(), {})
    table = page.partition('class="promises-table"')[2]
    assert re.findall(r"<td>([\d.]+)</td><td class=\"names\">", table) == ["0.5", "4", "12"]


# Rounds by name


def by_name(k: int = 3) -> dict[str, Any]:
    """A named round in which two champions and four partners sent."""
    document = sample_document()
    document["snapshot"] |= {"mode": "named", "k": k}
    document["response"]["champion"]["sent"] = 2
    for one in document["items"]:
        one["n"] = {"champion": 2, "partner": 4}.get(one["role"], one["n"])
    document["comments"] = [{"question": "biggest_risk", "role": "champion", "text": "My secret"}]
    return document


def test_a_report_of_a_round_by_name_shows_no_figure_of_few_and_no_remark():
    document = by_name()
    guarded = reporting.named.guarded(document)
    protected = [one for one in guarded["items"] if one["class"] == "P"]
    assert {one["role"] for one in protected} <= {"convener", "partner", "pooled"}
    for one in protected:
        if one["role"] != "convener":
            assert (one["counts"], one["bands"], one["median"]) == (None, None, None)
    assert guarded["buy_in"]["by_role"]["champion"] is None or (
        guarded["buy_in"]["by_role"]["champion"]["n"] >= 3
    )
    page = reporting.written(guarded, reporting.pictures.of(guarded))
    assert "My secret" not in page
    assert "Answers by name are for the conveners" in page
    assert document["items"] != guarded["items"]
    assert document["comments"]


@pytest.mark.parametrize("few", ["champion", "partner"])
def test_no_word_and_no_picture_of_it_follows_from_what_few_people_answered(few):
    """Two rounds by name that differ in nothing but protected answers give one report."""
    reports, pictures = set(), set()
    for mean in (1.0, 2.7, 5.0):
        document = by_name(k=5)
        for one in document["items"]:
            if one["class"] == "P" and one["role"] == few and one["mean"] is not None:
                one |= {"mean": mean, "counts": {str(round(mean)): one["n"]}, "median": mean}
                one["mean_points"] = 25 * (mean - 1)
        guarded = reporting.named.guarded(document)
        drawn = reporting.pictures.of(guarded)
        reports.add(reporting.written(guarded, drawn))
        pictures.add("".join(reporting.pictures.of(document).values()))
        # What may be shown is still drawn: the conveners' own figures, and open views.
        assert "With this description" in drawn["gaps"]
    assert len(reports) == 1
    assert len(pictures) == 3
