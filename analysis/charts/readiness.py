"""Readiness: the four milestones, each with its checks and what they came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from analysis.charts import page
from analysis.charts.reading import Document, is_interim, people_answered, texts
from analysis.figure import (
    BLUE,
    GREY,
    MARGIN,
    ORANGE,
    PAPER,
    SOFT,
    WIDTH,
    Sheet,
    width_of,
)

NAME: Final = "readiness"
OUTCOMES: Final = ("yes", "partly", "no", "unknown")
NUMBERS: Final = {"scope": "1", "partners": "2", "champions": "3", "convener": "4"}
GUTTER: Final = 24.0
INDENT: Final = 20.0
NAME_SIZE: Final = 9.0
NOTE_SIZE: Final = 8.0
_COLORS: Final = {"yes": BLUE, "partly": ORANGE, "no": ORANGE, "unknown": SOFT}


def describe(document: Document) -> tuple[str, str]:
    """The finding and the sentence that stands for the picture."""
    return _title(document), _alt(document)


def _title(document: Document) -> str:
    words, verdict = texts(), document["verdict"]
    if all(one["outcome"] == "unknown" for one in document["criteria"]):
        return words.say("chart.readiness.none_seen")
    if is_interim(document):
        visible = verdict["visible"]
        return words.count("chart.readiness.so_far", verdict["yes"], visible=visible)
    short = [_sentence_name(one["id"]) for one in document["milestones"] if _is_short(one)]
    counts = {"yes": verdict["yes"], "total": verdict["total"]}
    if not short:
        return words.say("chart.readiness.met", **counts)
    blanks = {"milestones": words.listed(short), **counts}
    if len(short) == 1:
        return words.say("chart.readiness.one_short", **blanks)
    return words.say("chart.readiness.several_short", n=len(short), **blanks)


def _is_short(milestone: Mapping[str, Any]) -> bool:
    return bool(milestone["outcome"] == "short")


def _sentence_name(milestone: str) -> str:
    name = texts().say(f"milestone.{milestone}.name")
    return name[0].lower() + name[1:]


def _alt(document: Document) -> str:
    words = texts()
    found = Counter(one["outcome"] for one in document["criteria"])
    counts = [
        words.say(
            "chart.readiness.alt_milestone",
            milestone=_sentence_name(one["id"]),
            yes=one["yes"],
            total=one["total"],
        )
        for one in document["milestones"]
    ]
    return words.say(
        "chart.readiness.alt",
        counts=words.listed(counts),
        total=document["verdict"]["total"],
        **{outcome: found[outcome] for outcome in OUTCOMES},
    )


def draw(document: Document, width: float) -> Sheet:
    """Four blocks, in pairs where there is room: each check with symbol, word and finding."""
    title, _ = describe(document)
    subtitle = texts().say(
        "chart.readiness.plotted",
        total=document["verdict"]["total"],
        people=people_answered(document),
    )
    sheet, y = page.begin(title, subtitle, width)
    columns = 2 if width >= WIDTH else 1
    width = (width - 2 * MARGIN - GUTTER * (columns - 1)) / columns
    blocks = document["milestones"]
    for start in range(0, len(blocks), columns):
        ends = [
            _block(sheet, (MARGIN + column * (width + GUTTER), y, width), one, document)
            for column, one in enumerate(blocks[start : start + columns])
        ]
        y = max(ends) + 10
    return page.end(sheet, y - 8, document)


def _block(
    sheet: Sheet,
    place: tuple[float, float, float],
    milestone: Mapping[str, Any],
    document: Document,
) -> float:
    words = texts()
    x, y, width = place
    name = words.say(f"milestone.{milestone['id']}.name")
    count = words.say("chart.readiness.count", yes=milestone["yes"], total=milestone["total"])
    y += 10
    sheet.text(x, y, name, size=11, bold=True)
    sheet.text(x + width, y, count, size=11, bold=True, align="right")
    state = standing(milestone)
    if state:
        y += 13
        color = ORANGE if _is_short(milestone) else BLUE
        sheet.text(x, y, state, size=NOTE_SIZE, color=color)
    y += 6
    sheet.stroke([(x, y), (x + width, y)], color=GREY)
    y += 15
    for criterion in document["criteria"]:
        if criterion["id"][0] == NUMBERS[milestone["id"]]:
            y = _check(sheet, (x, y, width), criterion)
    return y


def standing(milestone: Mapping[str, Any]) -> str:
    """Whether a milestone is met and why, in a few words; nothing while a round is open."""
    words, spare = texts(), milestone["spare"]
    if milestone["outcome"] is None:
        return ""
    if milestone["because"] == "count":
        return words.say("chart.readiness.short_count", needed=milestone["total"] // 2 + 1)
    if milestone["because"]:
        return words.say(f"chart.readiness.short_{milestone['because']}")
    if not spare:
        return words.say("chart.readiness.met_thin")
    return words.say("chart.readiness.met_spare", spare=spare)


def _check(sheet: Sheet, place: tuple[float, float, float], criterion: Mapping[str, Any]) -> float:
    words = texts()
    x, y, width = place
    outcome = criterion["outcome"]
    said = words.say(f"outcome.{outcome}")
    name = words.say(f"criterion.{criterion['id'].replace('.', '_')}.name")
    _symbol(sheet, outcome, x + 7, y - 3.2)
    color = _COLORS[outcome]
    sheet.text(x + width, y, said, size=NAME_SIZE, bold=True, color=color, align="right")
    room = width - INDENT - width_of(said, size=NAME_SIZE, bold=True) - 8
    y = sheet.paragraph(x + INDENT, y, f"{criterion['id']} {name}", room, size=NAME_SIZE)
    found = criterion["sentence"]
    y = sheet.paragraph(x + INDENT, y, found, width - INDENT, size=NOTE_SIZE, color=SOFT)
    return y + 6


def _symbol(sheet: Sheet, outcome: str, x: float, y: float) -> None:
    """A shape of its own for each outcome, so that it can be told without color."""
    if outcome == "yes":
        sheet.mark("circle", x, y, 5.6, fill=BLUE)
        sheet.stroke(
            [(x - 2.6, y + 0.2), (x - 0.6, y + 2.3), (x + 2.8, y - 2.2)], color=PAPER, line=1.5
        )
    elif outcome == "partly":
        sheet.mark("diamond", x, y, 5.2, fill=None, edge=ORANGE, line=1.3)
        r = 5.2 * 1.25
        sheet.area([(x, y - r), (x, y + r), (x - r, y)], fill=ORANGE)
    elif outcome == "no":
        sheet.mark("square", x, y, 5.8, fill=ORANGE)
        sheet.stroke([(x - 2.4, y - 2.4), (x + 2.4, y + 2.4)], color=PAPER, line=1.5)
        sheet.stroke([(x - 2.4, y + 2.4), (x + 2.4, y - 2.4)], color=PAPER, line=1.5)
    else:
        sheet.mark("circle", x, y, 5.2, fill=None, edge=GREY, line=1.1)
        sheet.text(x, y + 2.8, "?", size=7.5, bold=True, color=SOFT, align="center")
