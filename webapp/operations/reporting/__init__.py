"""The board report: four pages and an appendix, as a page to print and as PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy.orm import Session

from analysis import charts
from surveys import loader
from surveys.texts import load_texts
from webapp import printing, queries
from webapp.clock import spoken
from webapp.models import PlanItem, Snapshot, Wave
from webapp.operations.reporting import named, pictures, room
from webapp.operations.reporting.contents import contents

PLAN_LINES: Final = 40
PLAN_WIDTHS: Final = (235.0, 90.0)
STATES: Final = {"open": "Open", "doing": "Under way", "done": "Done"}

_TEMPLATES: Final = Environment(
    loader=PackageLoader("webapp", "templates/report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def article(session: Session, snapshot: Snapshot) -> bytes:
    """The report as the part of a page that stands between the address and the end."""
    document, is_stored = _document(session, snapshot)
    drawn = pictures.stored(snapshot) if is_stored else pictures.with_phones(document)
    return written(document, drawn, _plan(session, snapshot)).encode()


def pdf(session: Session, snapshot: Snapshot, paper: str) -> bytes:
    """The report as PDF; raises ``printing.NoEngine`` where none can be made.

    Letters that no font of this machine has are set as marks, and a note says so.
    """
    printing.require()
    document, is_stored = _document(session, snapshot)
    document, note = charts.with_marks(document)
    drawn = pictures.stored(snapshot) if is_stored and not note else pictures.of(document)
    shown = written(document, pictures.spoken(drawn), _plan(session, snapshot), note)
    return printing.pdf(sheets(document, shown), style(paper))


def sheets(document: Mapping[str, Any], shown: str) -> str:
    """The report as a page of its own, to be set on paper."""
    template = _TEMPLATES.get_template("print.html")
    return template.render(article=shown, doc=document, heading=_heading(document))


def style(paper: str) -> str:
    """The style sheets of the report on this paper, one after the other."""
    folder = resources.files("webapp") / "static"
    return "".join(
        (folder / name).read_text("utf-8") for name in ("report.css", f"paper-{paper}.css")
    )


def _document(session: Session, snapshot: Snapshot) -> tuple[dict[str, Any], bool]:
    """What the report is made of, and whether the stored pictures show the same."""
    document = queries.document(session, snapshot)
    if named.is_named(document):
        return named.guarded(document), False
    return document, True


def written(
    document: Mapping[str, Any],
    drawn: Mapping[str, str],
    plan: Sequence[PlanItem] = (),
    note: str = "",
) -> str:
    """The report of a results document, with its pictures and the lines of the action plan."""
    about = document["wave"]
    taken_at = datetime.fromisoformat(document["snapshot"]["taken_at"])
    return _TEMPLATES.get_template("article.html").render(
        doc=document,
        page=document["page"],
        heading=_heading(document),
        taken=spoken(taken_at, about["timezone"]),
        pictures=drawn,
        plan=plan,
        plan_first=plan[: room.rows(_cells(plan), PLAN_WIDTHS, PLAN_LINES)],
        states=STATES,
        note=note,
        **contents(document, loader.load(about["questionnaire"])),
    )


def _heading(document: Mapping[str, Any]) -> str:
    return load_texts().say("report.heading", partnership=document["wave"]["partnership"])


def _cells(plan: Sequence[PlanItem]) -> list[tuple[str, str]]:
    return [(one.what, one.owner) for one in plan]


def _plan(session: Session, snapshot: Snapshot) -> Sequence[PlanItem]:
    """What is to be done, what is due first on top and what is done last."""
    wave = session.get_one(Wave, snapshot.wave_id)
    return queries.plan(session, wave.partnership)
