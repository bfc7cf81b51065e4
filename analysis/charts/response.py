"""Response: who was asked and who has answered, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from analysis.charts import page
from analysis.charts.reading import Document, group_in_sentence, group_name, texts
from analysis.figure import BLUE, GREY, INK, LIGHT_BLUE, MARGIN, PAPER, SOFT, Sheet, width_of
from surveys.questionnaire import ROLES

NAME: Final = "response"
LABEL_WIDTH: Final = 92.0
BAR: Final = 20.0
SEGMENTS: Final = ("sent", "started", "not_yet")
# Fill, edge and the color of the count on it; the last is hollow: nothing has come.
_LOOK: Final = {
    "sent": (BLUE, BLUE, PAPER),
    "started": (LIGHT_BLUE, LIGHT_BLUE, INK),
    "not_yet": (PAPER, GREY, INK),
}


def describe(document: Document) -> tuple[str, str]:
    """The finding and the sentence that stands for the picture."""
    return _title(document), _alt(document)


def _asked(document: Document) -> dict[str, Mapping[str, int]]:
    found = document["response"]
    return {role: found[role] for role in ROLES if found[role]["invited"]}


def _title(document: Document) -> str:
    words, asked = texts(), _asked(document)
    sent = sum(counts["sent"] for counts in asked.values())
    invited = sum(counts["invited"] for counts in asked.values())
    if not invited:
        return words.say("chart.response.nobody_asked")
    if not sent:
        return words.say("chart.response.nobody")
    if sent == invited:
        return words.say("chart.response.all", invited=invited)
    shares = {role: counts["sent"] / counts["invited"] for role, counts in asked.items()}
    lowest = min(shares, key=lambda role: shares[role])
    if sum(share == shares[lowest] for share in shares.values()) > 1:
        return words.say("chart.response.some", sent=sent, invited=invited)
    return words.say(
        "chart.response.fewest",
        sent=sent,
        invited=invited,
        group=group_in_sentence(words, lowest),
        group_sent=asked[lowest]["sent"],
        group_invited=asked[lowest]["invited"],
    )


def _alt(document: Document) -> str:
    words, asked = texts(), _asked(document)
    if not asked:
        return words.say("chart.response.alt_nobody")
    counts = [
        words.say(
            "chart.response.alt_group",
            group=group_in_sentence(words, role),
            sent=one["sent"],
            invited=one["invited"],
        )
        for role, one in asked.items()
    ]
    return words.say("chart.response.alt", counts=words.listed(counts))


def draw(document: Document, width: float) -> Sheet:
    """One bar for each group, as long as its share of the largest group asked."""
    words = texts()
    title, _ = describe(document)
    sheet, y = page.begin(title, words.say("chart.response.plotted"), width)
    asked = _asked(document)
    if not asked:
        y = page.nothing(sheet, y, words.say("chart.response.why"))
        return page.end(sheet, y, document)
    y = _legend(sheet, y)
    labels = [_count(counts) for counts in asked.values()]
    room = sheet.width - 2 * MARGIN - LABEL_WIDTH - 14
    room -= max(width_of(label, size=9.5, bold=True) for label in labels)
    each = room / max(counts["invited"] for counts in asked.values())
    for role, counts in asked.items():
        y = _row(sheet, y, role, counts, each)
    return page.end(sheet, y, document)


def _legend(sheet: Sheet, y: float) -> float:
    words, x = texts(), MARGIN
    for key in SEGMENTS:
        fill, edge, _ = _LOOK[key]
        sheet.box(x, y, 10, 10, fill=fill, edge=edge, line=0.9)
        label = words.say(f"chart.response.{key}")
        sheet.text(x + 15, y + 8.4, label, size=8.5)
        x += 15 + width_of(label, size=8.5) + 18
    return y + 24


def _row(sheet: Sheet, y: float, role: str, counts: Mapping[str, int], each: float) -> float:
    words = texts()
    baseline = y + BAR / 2 + 3.4
    sheet.text(MARGIN, baseline, group_name(words, role), size=9.5, bold=True)
    x = MARGIN + LABEL_WIDTH
    notes: list[str] = []
    for key, number in _parts(counts).items():
        if not number:
            continue
        fill, edge, ink = _LOOK[key]
        width = each * number
        # White gaps tell the parts from each other without color.
        sheet.box(x + 0.8, y + 0.5, max(width - 1.6, 0.8), BAR - 1, fill=fill, edge=edge, line=0.9)
        if width_of(f"{number}", size=9, bold=True) + 6 <= width:
            middle = x + width / 2
            sheet.text(middle, baseline, f"{number}", bold=True, color=ink, align="center")
        elif key != "sent":
            notes.append(words.say(f"chart.response.{key}_note", n=number))
        x += width
    right = sheet.width - MARGIN
    sheet.text(right, baseline, _count(counts), size=9.5, bold=True, align="right")
    notes.extend(
        words.say(f"chart.response.{key}_note", n=counts[key])
        for key in ("declined", "bounced")
        if counts[key]
    )
    if notes:
        x = MARGIN + LABEL_WIDTH
        line_y = sheet.paragraph(x, y + BAR + 10, ", ".join(notes), right - x, size=8, color=SOFT)
        y = max(y + 13, line_y - BAR - 7.6)
    return y + BAR + 9


def _count(counts: Mapping[str, int]) -> str:
    return texts().say("chart.response.count", sent=counts["sent"], invited=counts["invited"])


def _parts(counts: Mapping[str, int]) -> dict[str, int]:
    """People in each state, each once: those who sent had started."""
    begun = max(counts["started"], counts["sent"])
    return {
        "sent": counts["sent"],
        "started": begun - counts["sent"],
        "not_yet": max(counts["invited"] - begun, 0),
    }
