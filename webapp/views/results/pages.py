"""Pages of a result: the overview, each difference, the map, every question."""

from __future__ import annotations

from flask import abort, render_template

from webapp import auth, queries
from webapp.brief import MOST_ORGANIZATIONS
from webapp.extensions import session
from webapp.models import Wave
from webapp.views import newest
from webapp.views.results import shown


@auth.on_wave("see")
def overview(wave: Wave) -> str:
    """The verdict and what stands behind it, or why there is none yet."""
    found = queries.snapshot(session(), wave)
    if found is None or wave.state == "closing":
        return render_template("results/none.html", wave=wave)
    newer = queries.sent_since(session(), wave, found) if found.kind == "interim" else 0
    document = queries.brief_document(session(), found)
    return shown.page("results/overview.html", wave, document, newer=newer)


@auth.on_wave("see")
def differences(wave: Wave) -> str:
    """Every difference, with a link to the page that prepares the talk about it."""
    return shown.page("results/differences.html", wave, shown.document(wave))


@auth.on_wave("see")
def difference(wave: Wave, difference_id: str) -> str:
    """One difference: its figures, fitting comments, ways to read it, questions for the meeting."""
    document = shown.document(wave)
    if difference_id not in {one["id"] for one in document["differences"]}:
        abort(404)
    return shown.page("results/difference.html", wave, document, difference_id=difference_id)


@auth.on_wave("see")
def on_map(wave: Wave) -> str:
    """Buy-in and credibility of the organizations: a table of four quarters, then the picture."""
    return shown.page("results/map.html", wave, shown.document(wave))


@auth.on_wave("see")
def answers(wave: Wave) -> str:
    """Every question with the figures of each group."""
    return shown.page("results/answers.html", wave, shown.document(wave))


@auth.on_wave("see")
def promises(wave: Wave, role: str) -> str:
    """What every organization of a role promised, so many of them on a page."""
    found = newest.snapshot(wave)
    total = queries.brief_of(found)["promised"].get(role, 0)
    number, pages = shown.numbered(total, MOST_ORGANIZATIONS)
    document = queries.promises_document(session(), found, role, number)
    return shown.page(
        "results/promises.html", wave, document, role=role, number=number, pages=pages
    )


@auth.on_wave("see")
def by_name(wave: Wave) -> str:
    """Every answer with its name, in a wave whose people were told so before they answered; so many
    people on a page."""
    found = newest.snapshot(wave)
    document = queries.brief_document(session(), found)
    about = document["snapshot"]
    if (about["mode"], about["kind"]) != ("named", "final"):
        abort(404)
    people = queries.people_by_name(session(), found)
    number, pages = shown.numbered(len(people), queries.MOST_LISTED)
    here = people[(number - 1) * queries.MOST_LISTED : number * queries.MOST_LISTED]
    return shown.page(
        "results/by_name.html",
        wave,
        document,
        spoken=queries.answers_by_name(session(), found, here),
        total=len(people),
        number=number,
        pages=pages,
    )
