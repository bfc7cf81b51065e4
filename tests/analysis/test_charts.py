"""What each chart finds and how it shows it."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from analysis import figure
from analysis.charts import agreement, describe_all, gaps, readiness, response
from analysis.charts import map as influence
from analysis.charts.labels import Box, Spot, place
from analysis.charts.reading import statements
from analysis.figure import NARROW_WIDTH, WIDTH, Sheet, balance, clean, marked, width_of, wrap
from tests.analysis.result_documents import STATES, organization, results

COLORS = {
    "ink": figure.INK,
    "soft": figure.SOFT,
    "blue": figure.BLUE,
    "orange": figure.ORANGE,
    "light blue": figure.LIGHT_BLUE,
    "light orange": figure.LIGHT_ORANGE,
    "grey": figure.GREY,
}


def luminance(color: str) -> float:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lines(sheet: Sheet) -> list[str]:
    return list(sheet.words)


def item(key: str, role: str, mean: float | None = 4.0, **given: Any) -> dict[str, Any]:
    return {
        "id": key,
        "about": None,
        "role": role,
        "class": "O",
        "asked": 3,
        "n": 3,
        "dont_know": 0,
        "missing": 0,
        "counts": None,
        "mean": mean,
        "bound": None,
        "median": None,
        "agreement": None,
        "bands": None,
        "low": None,
        "high": None,
    } | given


def with_items(*items: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {**results(), "items": list(items), **given}


# Colors


@pytest.mark.parametrize("name", ["ink", "soft", "blue", "orange"])
def test_text_stands_out_from_paper_and_from_the_pale_ground(name):
    assert contrast(COLORS[name], figure.PAPER) >= 4.5
    # The pale ground carries labels and the names of quarters only.
    assert name not in {"ink", "soft"} or contrast(COLORS[name], figure.PALE) >= 4.5


@pytest.mark.parametrize("name", ["blue", "orange", "light blue", "light orange", "grey"])
def test_marks_stand_out_from_paper(name):
    assert contrast(COLORS[name], figure.PAPER) >= 3


def test_numbers_can_be_read_on_every_bar():
    for fill, ink in (*agreement._BANDS, *agreement._FIVE):
        assert contrast(fill, ink) >= 4.5
    for fill, _, ink in response._LOOK.values():
        assert contrast(fill, ink) >= 4.5
    assert contrast(figure.GREY, figure.PAPER) >= 4


def test_the_scale_keeps_its_order_in_greyscale():
    assert luminance(figure.ORANGE) < luminance(figure.LIGHT_ORANGE)
    assert luminance(figure.BLUE) < luminance(figure.LIGHT_BLUE)


# How colors look to people whose eyes lack one kind of cone (Machado, Oliveira and Fernandes 2009,
# severity 1), on linear light; and on a printer without color.
SEEN = {
    "all": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
}


def light(color: str) -> list[float]:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def seen(color: str, eye: str) -> list[float]:
    """The linear light of a color as this eye sees it."""
    given = light(color)
    mixed = (sum(w * part for w, part in zip(row, given, strict=True)) for row in SEEN[eye])
    return [min(max(part, 0.0), 1.0) for part in mixed]


def seen_contrast(one: str, other: str, eye: str) -> float:
    levels = [
        sum(w * part for w, part in zip((0.2126, 0.7152, 0.0722), seen(color, eye), strict=True))
        for color in (one, other)
    ]
    return (max(levels) + 0.05) / (min(levels) + 0.05)


@pytest.mark.parametrize("eye", SEEN)
def test_every_mark_stands_out_from_its_ground_to_every_eye_and_in_grey(eye):
    # Marks never touch: a gap of the ground lies between neighbors, so this holds between them.
    for name in ("blue", "orange", "light blue", "light orange", "grey"):
        assert seen_contrast(COLORS[name], figure.PAPER, eye) >= 3, name
    for fill, ink in (*agreement._BANDS, *agreement._FIVE):
        assert seen_contrast(fill, ink, eye) >= (4.5 if eye in {"all", "grey"} else 4), (fill, ink)


@pytest.mark.parametrize("eye", ["all", "protan", "deutan", "tritan"])
def test_the_two_hues_are_told_apart_by_every_eye(eye):
    for one, other in (("blue", "orange"), ("light blue", "light orange")):
        apart = (
            sum(
                (a - b) ** 2
                for a, b in zip(seen(COLORS[one], eye), seen(COLORS[other], eye), strict=True)
            )
            ** 0.5
        )
        assert apart >= 0.15, (one, other, apart)


def test_neighboring_bars_leave_a_gap_of_paper():
    """The parts of one side stand at least a point apart, whatever their colors are."""
    sheet = Sheet()
    parts = [(3, agreement._FIVE[1]), (2, agreement._FIVE[0])]
    edges: list[tuple[float, float]] = []

    def box(x: float, _y: float, width: float, *_: Any, **__: Any) -> None:
        edges.append((x, x + width))

    sheet.box = box  # type: ignore[method-assign]
    for way in (-1, 1):
        edges.clear()
        agreement._side(sheet, 0.0, parts, 10, way, agreement.WIDE)
        (first, second) = sorted(edges)
        assert second[0] - first[1] >= 0.99


# Letters


def test_a_text_is_wrapped_to_its_width_and_a_long_word_is_broken():
    text = "A partnership of many companies and Donaudampfschifffahrtsgesellschaftskapitaen"
    found = wrap(text, 60)
    assert all(width_of(line) <= 60 for line in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_square_letters_may_break_anywhere():
    found = wrap("\u6771\u4eac\u6a5f\u68b0" * 5, 60)
    assert len(found) > 2
    assert all(width_of(line) <= 60 for line in found)


def test_a_title_is_broken_into_lines_of_like_length():
    found = balance("300 of 370 people have answered, fewest among champions: 100 of 150", 300)
    assert len(found) == 2
    widths = [width_of(line) for line in found]
    assert max(widths) < 1.6 * min(widths)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a b c"),
        ("x\0y", "x y"),
        ("\u202eabc", "abc"),
        ("a\uffffb", "ab"),
        ("  a  ", "a"),
        ("", ""),
    ],
)
def test_letters_that_cannot_be_drawn_are_taken_out(text, shown):
    assert clean(text) == shown


def test_letters_no_font_has_get_a_mark_that_stays_the_same():
    missing = "\U0001fae8"  # a picture that no font of ours has
    marks: dict[str, str] = {}
    assert marked(f"{missing}{missing} Inc {missing}", marks) == "[1] Inc [2]"
    assert marked(f"{missing} Ltd", marks) == "[2] Ltd"
    assert (
        marked("Plain $x$ \u0634\u0631\u0643\u0629", marks) == "Plain $x$ \u0634\u0631\u0643\u0629"
    )


# Readiness


def test_readiness_names_the_milestones_that_fall_short():
    document = results(seed=1)
    short = [one["id"] for one in document["milestones"] if one["outcome"] == "short"]
    assert short == ["scope", "partners", "champions"]
    title, alt = readiness.describe(document)
    yes = document["verdict"]["yes"]
    assert title == (
        f"{yes} of 19 checks are a yes, but 3 milestones fall short: scope, partners and champions"
    )
    for one in document["milestones"]:
        assert f" {one['yes']} of {one['total']}" in alt


def test_readiness_says_when_every_milestone_is_met():
    document = results()
    for one in document["milestones"]:
        one |= {"outcome": "met", "because": None, "spare": 1, "yes": one["total"]}
    document["verdict"]["yes"] = 19
    title, _ = readiness.describe(document)
    assert title == "19 of 19 checks are a yes, with most of the checks in every milestone"
    assert "Met, with 1 to spare" in lines(readiness.draw(document, WIDTH))


def test_readiness_gives_each_outcome_its_word_and_its_symbol():
    document = results()
    for number, outcome in enumerate(("yes", "partly", "no", "unknown")):
        document["criteria"][number]["outcome"] = outcome
    found = lines(readiness.draw(document, WIDTH))
    assert {"Yes", "Partly", "No", "Unknown"} <= set(found)
    counts = []
    for outcome in readiness.OUTCOMES:
        sheet = Sheet()
        readiness._symbol(sheet, outcome, 10, 10)
        counts.append((len(sheet._marks), sheet.words))
    # A tick in a disc, a half-filled diamond, a crossed square, a ring with a question mark.
    assert counts == [(2, ()), (2, ()), (3, ()), (1, ("?",))]


def test_readiness_of_an_open_round_gives_no_verdict():
    title, _ = readiness.describe(STATES["interim"])
    verdict = STATES["interim"]["verdict"]
    assert (
        title == f"So far {verdict['yes']} of the {verdict['visible']} checks we can see are a yes"
    )
    found = lines(readiness.draw(STATES["interim"], WIDTH))
    assert "This shows when the round closes." in found
    assert not any(line.startswith(("Short", "Met")) for line in found)


@pytest.mark.parametrize(
    ("because", "said"),
    [
        ("count", "Short: needs 4"),
        ("must_see", "Short: a number the checklist asks for is not there"),
        ("unconfirmed", "Short: only the team's own word stands behind it"),
    ],
)
def test_readiness_says_why_a_milestone_falls_short(because, said):
    document = results()
    document["milestones"][0] |= {"outcome": "short", "because": because, "spare": None}
    assert said in lines(readiness.draw(document, WIDTH))


# Agreement


def test_agreement_orders_statements_from_most_to_least_and_turned_ones_last():
    document = with_items(
        item("geo_fit", "champion", 2.0),
        item("size_right", "champion", 5.0),
        item("p_overlap", "partner", 4.9),
        item("def_clear", "champion", 3.0),
    )
    found = [one.id for one in agreement._ordered(document)]
    assert found == ["size_right", "def_clear", "geo_fit", "p_overlap"]
    title, _ = agreement.describe(document)
    assert title.startswith('Least agreement: champions on "Asked to draw the home')


def test_agreement_says_when_all_lean_to_yes():
    document = with_items(item("geo_fit", "champion", 3.5), item("def_clear", "partner", 5.0))
    title, _ = agreement.describe(document)
    assert title == "Every group that can be shown leans toward agreement on all 2 statements"


def test_a_statement_turned_round_or_without_a_view_is_none_that_people_agree_with():
    document = with_items(
        item("geo_fit", "champion", 4.0),
        item("p_overlap", "partner", 4.0),
        item("def_clear", "partner", None),
    )
    title, _ = agreement.describe(document)
    assert title == "Every group that can be shown leans toward agreement on the one statement"


FIVE = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "dk": 0}


@pytest.mark.parametrize(("n", "numbers"), [(9, ["3", "9", "3"]), (15, ["2", "1", "4", "5", "3"])])
def test_agreement_shows_three_bands_below_ten_people_and_five_from_ten(n, numbers):
    document = with_items(item("geo_fit", "partner", 3.7, n=n, counts=FIVE, dont_know=7))
    sheet = agreement.draw(document, WIDTH)
    found = [label.text for label in sheet._labels if label.text.isdigit()]
    assert found == [*numbers, "7", f"{n}"]
    assert ("Strongly agree" in lines(sheet)) is (n == 15)


def test_agreement_shows_a_protected_figure_of_few_as_a_dot_and_nothing_else():
    document = with_items(item("worth_it", "partner", 4.7, bound="at_least", n=6, **{"class": "P"}))
    sheet = agreement.draw(document, WIDTH)
    assert "at least 4.7" in lines(sheet)
    assert [text for text in lines(sheet) if text.isdigit()] == ["0", "6"]
    assert "Mean on the scale from 1 to 5, where counts are not shown" in lines(sheet)


def test_agreement_shows_bands_of_a_protected_figure_of_many():
    bands = {"low": 2, "middle": 3, "high": 20}
    document = with_items(item("worth_it", "partner", 4.2, bands=bands, n=25, **{"class": "P"}))
    found = [text for text in lines(agreement.draw(document, WIDTH)) if text.isdigit()]
    assert found == ["2", "20", "3", "0", "25"]


def test_agreement_turns_a_statement_that_is_scored_the_other_way():
    document = with_items(item("p_overlap", "partner", 1.4, n=10, counts={**FIVE, "5": 0, "1": 0}))
    (one,) = statements(document)
    assert one.reversed
    assert one.counts("partner") == (0, 4, 3, 2, 0)
    assert any(line.startswith("Turned round") for line in lines(agreement.draw(document, WIDTH)))


def test_agreement_keeps_the_groups_in_their_order_and_names_what_is_hidden_once():
    document = with_items(
        item("worth_it", "pooled", 4.0, n=5),
        item("worth_it", "convener", 4.0, n=2),
        hidden=[
            {"what": "worth_it", "role": role, "reason": "too few scored answers"}
            for role in ("partner", "champion", "pooled")
        ],
    )
    found = lines(agreement.draw(document, WIDTH))
    assert found.index("Conveners") < found.index("Both together")
    assert '"Both together" are partners and champions' in " ".join(found)
    assert "too few scored answers" not in found
    document["items"] = document["items"][1:]
    found = lines(agreement.draw(document, WIDTH))
    assert found.count("too few scored answers") == 2
    assert "Both together" not in found


def test_own_statements_of_a_round_are_drawn_with_their_wording():
    codes = {code: code for code in ("1", "2", "3", "4", "5", "dk")}
    document = with_items(item("own_1", "partner", 4.0))
    document["page"] = {
        "items": {"own_1": {"wording": {"partner": "We need a room."}, "codes": codes}}
    }
    assert "We need a room." in lines(agreement.draw(document, WIDTH))


# Gaps


def test_gaps_are_sorted_and_written_and_the_widest_is_the_finding():
    document = with_items(
        item("def_clear", "convener", 4.0),
        item("def_clear", "partner", 4.0),
        item("geo_fit", "convener", 5.0, bound="at_least"),
        item("geo_fit", "partner", 4.0),
        item("geo_fit", "champion", 3.4),
        item("p_explain", "partner", 1.0),
    )
    found = gaps._gaps(document)
    assert [(one.statement.id, one.size) for one in found] == [("geo_fit", 1.6), ("def_clear", 0.0)]
    title, alt = gaps.describe(document)
    assert title.startswith('Widest apart: conveners at least 5.0, champions 3.4 on "Asked to')
    assert "2 statements; the widest gap is 1.6" in alt
    drawn = lines(gaps.draw(document, WIDTH))
    assert "1.6" in drawn
    assert "C at least 5.0" in drawn
    assert {"1", "2", "3", "4", "5"} <= set(drawn)


@pytest.mark.parametrize(
    ("means", "title"),
    [
        ((4.0, 4.0), "The groups give the same figure on every statement"),
        ((4.0, 4.5), "No two groups are more than 0.5 apart on the scale from 1 to 5"),
        ((None, 4.5), "No two groups can be compared yet"),
    ],
)
def test_small_gaps_are_not_made_a_headline(means, title):
    document = with_items(
        item("geo_fit", "convener", means[0]), item("geo_fit", "partner", means[1])
    )
    assert gaps.describe(document)[0] == title


def test_symbols_of_gaps_never_cover_each_other():
    means = (1.0, 1.1, 4.0, 4.1, 4.3, 5.0)
    for values in itertools.product(means, repeat=3):
        document = with_items(
            *(
                item("geo_fit", role, mean)
                for role, mean in zip(("convener", "partner", "champion"), values, strict=True)
            )
        )
        (gap,) = gaps._gaps(document)
        lanes = gaps._lanes(gap, gaps.WIDE)
        for one, other in itertools.combinations(lanes, 2):
            across = abs(
                gaps.WIDE.x(gap.statement.means[one]) - gaps.WIDE.x(gap.statement.means[other])
            )
            assert lanes[one] != lanes[other] or across >= 2 * gaps.RADIUS


# Map


def test_the_map_names_whom_to_win_over_first():
    title, alt = influence.describe(results())
    assert title == (
        "Win over first: Valley Community College and Regional Manufacturers Association"
    )
    assert alt == (
        "Map of 4 organizations by buy-in and credibility: 1 in build on, 2 in win over first, "
        "1 in support behind the scenes, 0 in keep informed."
    )


@pytest.mark.parametrize(("count", "names"), [(3, "0, 1 and 2"), (4, "0, 1 and 2 more")])
def test_the_map_names_three_in_its_title_at_most(count, names):
    bodies = tuple(organization(str(n), str(n), buy_in=1.0) for n in range(count))
    assert influence.describe(results(organizations=bodies))[0] == f"Win over first: {names}"


def test_the_map_without_anyone_to_win_over_names_those_to_build_on():
    bodies = (organization("a", "Guild"),)
    title, _ = influence.describe(results(organizations=bodies))
    assert title == "Leaders listen to Guild, and the commitment is there"
    low = (organization("a", "Guild", credibility=1.0),)
    assert influence.describe(results(organizations=low))[0] == (
        "No organization has both high buy-in and high credibility"
    )


def test_the_map_calls_an_estimate_one_in_its_title():
    asked = organization("a", "Guild", buy_in=1.0, buy_in_from="convener")
    assert influence.describe(results(organizations=(asked,)))[0] == "Win over first: Guild"
    rated = organization("a", "Guild", buy_in=1.0, credibility_from="partner")
    assert influence.describe(results(organizations=(rated,)))[0] == (
        "Win over first, by estimate: Guild"
    )
    silent = organization("b", "Bank", buy_in_from="convener")
    assert influence.describe(results(organizations=(silent,)))[0] == "Build on, by estimate: Bank"
    # Beside one that is sure, an estimate is no finding.
    both = (silent, organization("c", "Union"))
    assert influence.describe(results(organizations=both))[0] == (
        "Leaders listen to Union, and the commitment is there"
    )


@pytest.mark.parametrize(
    ("given", "guess"),
    [
        ({}, False),
        ({"credibility_from": "pooled"}, False),
        ({"credibility_from": "partner"}, True),
        ({"credibility_from": "convener"}, True),
        ({"buy_in_from": "convener"}, True),
        ({"credibility_from": "convener", "known": False}, False),
    ],
)
def test_a_point_is_hollow_where_it_is_a_guess(given, guess):
    assert influence._is_guess(organization("a", **given)) is guess


def test_a_body_leaders_do_not_know_stands_low_and_says_so():
    body = organization("a", "Guild", credibility=4.9, known=False)
    sheet = influence.draw(results(organizations=(body,)), WIDTH)
    assert "Guild (not known to leaders)" in " ".join(lines(sheet))
    (spot,) = influence._spots(sheet, [body], 0.0)
    assert spot.y == influence._y(0.0, 1.0)


def test_a_body_without_a_figure_is_named_below_the_map():
    bodies = (organization("a", "Guild"), organization("b", "Silent", credibility=None, known=None))
    found = lines(influence.draw(results(organizations=bodies), WIDTH))
    assert "Not placed, for want of a figure: Silent." in found


def test_twelve_at_one_spot_are_told_apart_by_numbers():
    sheet = influence.draw(STATES["twelve_at_one_spot"], WIDTH)
    found = lines(sheet)
    for number in range(1, 13):
        assert found.count(f"{number}") >= 2
    assert any("Guild 10" in line for line in found)


@pytest.mark.parametrize("width", [WIDTH, NARROW_WIDTH])
@pytest.mark.parametrize("pitch", [12.0, 16.0])
def test_every_mark_stands_whole_in_its_own_quarter(width, pitch):
    """Points side by side, and points on a line, could else be read as of the next quarter."""
    bodies = [
        organization(f"{x}{y}{n}", buy_in=x, credibility=y)
        for x in (3.0, 3.4, 3.5, 4.0)
        for y in (3.3, 3.4, 3.5, 3.6)
        for n in range(2)
    ]
    sheet = influence.draw(results(organizations=bodies), width)
    upright, level = influence._x(sheet, 3.5), influence._y(0.0, 3.5)
    quarters = {one["id"]: one["quarter"] for one in bodies}
    for spot in influence._spots(sheet, bodies, 0.0):
        for member, (x, y) in zip(spot.members, spot.points(pitch), strict=True):
            high_x = quarters[member] in ("build_on", "support")
            high_y = quarters[member] in ("build_on", "win_over")
            assert (x - pitch / 2 >= upright) is high_x, member
            assert (x + pitch / 2 <= upright) is not high_x, member
            assert (y + pitch / 2 <= level) is high_y, member
            assert (y - pitch / 2 >= level) is not high_y, member


def test_the_map_says_who_rated_its_filled_points():
    apart, pooled = (organization(n, credibility_from=n) for n in ("champion", "pooled"))
    found = lines(influence.draw(results(organizations=(apart,)), WIDTH))
    assert "Said by the organization, rated by champions" in found
    found = lines(influence.draw(results(organizations=(apart, pooled)), WIDTH))
    assert "Its own word, rated by champions and partners" in found


def test_a_label_stays_in_the_quarter_of_its_point():
    frame = Box(0, 0, 400, 300)
    spots = [
        Spot(x, y, [f"{x}{y}"], ["Regional Association"])
        for x, y in ((60, 60), (150, 60), (150, 130), (300, 60), (60, 250), (330, 250))
    ]
    found = place(spots, frame, [], (200, 140), size=8.5, radius=5)
    assert len(found) == len(spots)
    for spot in spots:
        box = found[spot.key].box
        assert (box.left > 200) is (spot.x > 200)
        assert (box.right < 200) is (spot.x < 200)
        assert (box.bottom < 140) is (spot.y < 140)
        assert (box.top > 140) is (spot.y > 140)
    boxes = [one.box for one in found.values()]
    assert not any(one.meets(other) for one, other in itertools.combinations(boxes, 2))


def test_no_line_to_a_label_runs_through_the_point_of_another():
    frame = Box(0, 0, 240, 330)
    names = ["Workforce Development Association of Northern Counties"]
    spots = [
        Spot(x, y, [f"{x}-{y}"], names if n % 2 else ["Body 11"])
        for n, (x, y) in enumerate([(56, 194), (94, 194), (94, 207), (131, 194), (131, 207)])
    ]
    found = place(spots, frame, [], (150, 155), size=8.5, radius=5)
    assert any(one.leader for one in found.values())
    for spot in spots:
        (from_x, from_y), (to_x, to_y) = (
            getattr(found.get(spot.key), "leader", None) or ((0, 0),) * 2
        )
        for other in spots:
            box = other.extent(5)
            for step in range(101):
                x = from_x + (to_x - from_x) * step / 100
                y = from_y + (to_y - from_y) * step / 100
                inside = box.left < x < box.right and box.top < y < box.bottom
                assert other is spot or not inside, (spot.key, other.key)


# Response


def test_response_names_the_group_with_fewest_answers():
    document = results(people=(2, 6, 3), invited=(2, 7, 4))
    title, alt = response.describe(document)
    assert title == "11 of 13 people have answered, fewest among champions: 3 of 4"
    assert (
        alt == "People who have answered: conveners 2 of 2, partners 6 of 7 and champions 3 of 4."
    )


def test_response_counts_each_person_once_and_notes_who_could_not_be_reached():
    document = results(people=(2, 6, 3), invited=(2, 300, 4))
    document["response"]["partner"] |= {"started": 7, "declined": 2, "bounced": 1}
    found = lines(response.draw(document, WIDTH))
    assert "1 started, not sent, 2 said no, 1 could not be reached" in found
    assert "293" in found
    assert "6 of 300" in found


@pytest.mark.parametrize(
    ("people", "invited", "title"),
    [
        ((0, 0, 0), (1, 1, 1), "Nobody has answered yet"),
        ((0, 0, 0), (0, 0, 0), "Nobody has been asked yet"),
        ((1, 2, 2), (1, 2, 2), "All 5 people who were asked have answered"),
        ((1, 1, 1), (2, 2, 2), "3 of 6 people have answered"),
    ],
)
def test_response_says_the_plain_cases_plainly(people, invited, title):
    assert response.describe(results(people=people, invited=invited))[0] == title


def test_every_chart_of_an_interim_look_says_that_it_is_one():
    document = STATES["interim"]
    for chart in (readiness, agreement, gaps, influence, response):
        assert any(
            "Taken while the round was open." in line for line in lines(chart.draw(document, WIDTH))
        )
    assert len(describe_all(document)) == 5
