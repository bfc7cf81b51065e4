"""What every chart keeps to, in every state that results can be in."""

from __future__ import annotations

import copy
import io
import itertools
import json
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from analysis import charts
from analysis.charts import CHARTS, Chart
from analysis.figure import NARROW_WIDTH, WIDTH, Sheet, width_of
from tests.analysis.result_documents import LONG_NAME, STATES, results

SVG = "{http://www.w3.org/2000/svg}"
PICTURES = Path(__file__).parents[2] / "benchmarks" / "pictures.py"
NAMES = [chart.name for chart in CHARTS]


def by_name(name: str) -> Chart:
    return next(chart for chart in CHARTS if chart.name == name)


@pytest.fixture(scope="module")
def drawn() -> Any:
    made: dict[tuple[str, str], charts.Drawn] = {}

    def draw(name: str, state: str) -> charts.Drawn:
        if (name, state) not in made:
            made[name, state] = charts.draw(by_name(name), STATES[state])
        return made[name, state]

    return draw


every_chart = pytest.mark.parametrize("name", NAMES)
every_state = pytest.mark.parametrize("state", STATES)


def test_the_five_charts_of_the_contract_are_there():
    assert NAMES == ["readiness", "agreement", "gaps", "map", "response"]


@every_chart
@every_state
def test_a_chart_is_drawn_with_a_finding_and_one_sentence(name, state, drawn):
    one = drawn(name, state)
    assert one.name == name
    assert one.title
    assert not one.title.endswith(".") or one.title.endswith('."')
    assert one.alt.endswith(".")
    # One sentence: what is quoted may hold its own full stop.
    assert len(re.split(r"[.?!] ", re.sub(r'"[^"]*"', "", one.alt))) == 1
    assert "{" not in one.alt.replace("{o:x}", "")


@every_chart
@pytest.mark.parametrize(
    "state", ["nobody", "one", "seven_pooled", "three_hundred", "hidden", "strange_names"]
)
def test_the_same_document_gives_the_same_bytes(name, state, drawn):
    first = drawn(name, state)
    shuffled = json.loads(json.dumps(STATES[state], sort_keys=True))
    again = charts.draw(by_name(name), shuffled)
    assert again.svg == first.svg
    assert again.png == first.png


@every_chart
def test_drawing_leaves_the_document_as_it_was(name):
    document = copy.deepcopy(STATES["strange_names"])
    charts.draw(by_name(name), document)
    assert document == STATES["strange_names"]


@every_chart
@every_state
def test_the_svg_says_what_it_shows_and_holds_no_style(name, state, drawn):
    one = drawn(name, state)
    root = etree.fromstring(one.svg)
    assert root.get("role") == "img"
    title, desc = root[0], root[1]
    assert (title.tag, desc.tag) == (f"{SVG}title", f"{SVG}desc")
    assert (title.text, desc.text) == (clean(one.title), clean(one.alt))
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert ids == [title.get("id"), desc.get("id")]
    for element in root.iter():
        assert etree.QName(element).localname not in {"style", "script", "metadata", "image"}
        assert "style" not in element.attrib
        assert not any("href" in key for key in element.attrib)
    assert b"<!DOCTYPE" not in one.svg
    assert b"<!--" not in one.svg


def clean(text: str) -> str:
    return " ".join(text.split())


@every_chart
def test_neither_file_tells_when_or_by_what_it_was_drawn(name, drawn):
    one = drawn(name, "eleven")
    assert not re.search(rb"20\d\d-\d\d-\d\d|atplotlib", one.svg)
    info = Image.open(io.BytesIO(one.png)).info
    assert not {"Software", "Creation Time", "Date"} & info.keys()
    assert info["Title"] == clean(one.title)
    assert info["Description"] == clean(one.alt)


@every_chart
@every_state
def test_the_png_has_the_size_of_print(name, state, drawn):
    image = Image.open(io.BytesIO(drawn(name, state).png))
    assert image.width == 1500  # 7.5 inches
    assert [round(dots) for dots in image.info["dpi"]] == [200, 200]


def boxes(sheet: Sheet) -> list[tuple[str, float, float, float, float]]:
    """What each line of text takes up: left, top, right, bottom."""
    found = []
    for label in sheet._labels:
        width = width_of(label.text, size=label.size, bold=label.bold)
        start = {"left": 0.0, "center": 0.5, "right": 1.0}[label.align] * width
        if label.upright:
            left, right = label.x - label.size * 0.76, label.x + label.size * 0.2
            top, bottom = label.y - width + start, label.y + start
        else:
            left, right = label.x - start, label.x - start + width
            top, bottom = label.y - label.size * 0.76, label.y + label.size * 0.2
        found.append((label.text, left, top, right, bottom))
    return found


def printed(name: str, state: str) -> Sheet:
    sheet = by_name(name).draw(STATES[state], WIDTH)
    return charts._printable(by_name(name), STATES[state]) if sheet.lacks_letters else sheet


@every_chart
@every_state
@pytest.mark.parametrize("kind", ["svg", "narrow", "png"])
@pytest.mark.fault("I13")
def test_I13_no_label_is_cut_or_lies_on_another(name, state, kind):
    width = NARROW_WIDTH if kind == "narrow" else WIDTH
    sheet = printed(name, state) if kind == "png" else by_name(name).draw(STATES[state], width)
    found = boxes(sheet)
    for text, left, top, right, bottom in found:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= sheet.width - 8, text
        assert bottom <= sheet.height + 1, text
    for one, other in itertools.combinations(found, 2):
        apart = (
            one[3] <= other[1] + 0.3
            or other[3] <= one[1] + 0.3
            or one[4] <= other[2] + 0.3
            or other[4] <= one[2] + 0.3
        )
        assert apart, (one[0], other[0])


@every_chart
@pytest.mark.fault("I13")
def test_I13_no_letter_is_drawn_as_an_empty_box(name):
    sheet = printed(name, "strange_names")
    assert not sheet.lacks_letters
    plain = by_name(name).draw(STATES["strange_names"], WIDTH)
    if plain.lacks_letters:
        assert any("stand for letters" in line for line in sheet.words)


@pytest.mark.fault("I13")
def test_I13_the_svg_keeps_names_in_every_script_and_wraps_long_ones(drawn):
    root = etree.fromstring(drawn("map", "strange_names").svg)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    joined = "".join(texts)
    assert "\u682a\u5f0f\u4f1a\u793e Tanaka" in joined
    assert "\u5317\u4eac\u7cbe\u5bc6\u6a5f\u68b0\u88fd\u9020" * 3 in joined
    assert "\u0634\u0631\u0643\u0629" in joined
    words = " ".join(texts)
    assert all(word in words for word in LONG_NAME.split())


@every_chart
@pytest.mark.fault("I12")
def test_I12_dollars_and_backslashes_are_plain_text(name, drawn):
    root = etree.fromstring(drawn(name, "strange_names").svg)
    joined = "".join(element.text for element in root.iter(f"{SVG}text"))
    assert '$100 $x^2$ & <b>"M\u00fcller"</b>' in joined
    assert "\\frac{1}{2}" in joined


@pytest.mark.fault("I12")
def test_I12_dollars_in_the_name_of_an_organization_are_plain_text(drawn):
    root = etree.fromstring(drawn("map", "strange_names").svg)
    joined = " ".join(element.text for element in root.iter(f"{SVG}text"))
    assert "Tanaka $\\alpha$ Works" in joined


@every_chart
@pytest.mark.parametrize("state", ["hidden", "interim"])
@pytest.mark.fault("P01")
def test_P01_what_is_hidden_leaves_no_number(name, state):
    """A document with the protected figures and one without them give the same picture."""
    shown = STATES[state]
    assert not any(one["class"] == "P" and one["role"] != "convener" for one in shown["items"])
    sheet = by_name(name).draw(shown, WIDTH)
    reason = shown["hidden"][0]["reason"]
    lines = list(sheet._labels)
    for label in lines:
        if label.text == reason:
            same_row = [one.text for one in lines if abs(one.y - label.y) < 2 and one.x > label.x]
            assert same_row == []
    assert name != "agreement" or any(label.text == reason for label in lines)


@pytest.mark.fault("L18")
def test_L18_each_figure_on_a_chart_is_the_documents(drawn):
    document = STATES["eleven"]
    root = etree.fromstring(drawn("agreement", "eleven").svg)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    on_page = [text for text in texts if re.fullmatch(r"\d\.\d", text)]
    agreement = [f"{one['mean']:.1f}" for one in document["items"]]
    assert sorted(on_page) == sorted(agreement)
    response = etree.fromstring(drawn("response", "eleven").svg)
    words = [element.text for element in response.iter(f"{SVG}text")]
    for counts in document["response"].values():
        assert f"{counts['sent']} of {counts['invited']}" in words


@pytest.mark.fault("O01")
def test_O01_charts_drawn_in_eight_threads_do_not_mix(drawn):
    expected = {name: drawn(name, "eleven") for name in NAMES}
    found: list[charts.Drawn] = []

    def work(name: str) -> None:
        found.append(charts.draw(by_name(name), STATES["eleven"]))

    threads = [
        threading.Thread(target=work, args=(NAMES[place % len(NAMES)],)) for place in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    for one in found:
        assert one == expected[one.name]


@pytest.mark.fault("O01")
def test_O01_memory_stays_flat_in_eight_threads_and_pyplot_is_never_loaded():
    """Half of what docs/benchmarks.md has the curve of: about 50 seconds of processor time."""
    answer = subprocess.run(
        [sys.executable, PICTURES, "--pictures", "1000", "--charts", "response"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "0 pictures differ, pyplot not loaded" in answer.stdout
    assert len(re.findall(r"^ *[\d,]+ .* MiB$", answer.stdout, re.MULTILINE)) == 10


@every_state
def test_charts_for_phones_say_the_same_in_less_width(state, drawn):
    first = dict(charts.draw_narrow(STATES[state]))
    shuffled = json.loads(json.dumps(STATES[state], sort_keys=True))
    assert dict(charts.draw_narrow(shuffled)) == first
    assert list(first) == [f"{name}-narrow" for name in NAMES]
    for name in NAMES:
        narrow, wide = (
            etree.fromstring(svg) for svg in (first[f"{name}-narrow"], drawn(name, state).svg)
        )
        assert narrow.get("width") == f"{NARROW_WIDTH:g}pt"
        assert [narrow[0].text, narrow[1].text] == [wide[0].text, wide[1].text]
        # Lines break elsewhere; letters are the same, in another order where blocks are stacked.
        if name not in {"map", "response"}:
            assert sorted(letters(narrow)) == sorted(letters(wide))
        # A count that does not fit into its bar stands in the note below.
        assert numbers(narrow) == numbers(wide)
        for text in narrow.iter(f"{SVG}text"):
            assert (
                float(re.search(r"[\d.]+(?=px)", text.get("font-size") or text.get("font"))[0]) >= 6
            )


def numbers(root: Any) -> set[str]:
    words = " ".join(one.text for one in root.iter(f"{SVG}text"))
    return set(re.findall(r"\d+(?:\.\d+)?", words))


def letters(root: Any) -> str:
    return "".join("".join(one.text.split()) for one in root.iter(f"{SVG}text"))


def test_describing_needs_no_drawing_and_says_the_same():
    document = results()
    told = charts.describe_all(document)
    made = charts.draw_all(document)
    assert [set(one) for one in told] == [{"name", "title", "alt"}] * len(CHARTS)
    assert [(one["name"], one["title"], one["alt"]) for one in told] == [
        (one.name, one.title, one.alt) for one in made
    ]
