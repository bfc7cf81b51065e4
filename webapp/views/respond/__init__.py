"""Everything a respondent opens: no cookie, no script needed, nothing changes by looking."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from flask import Blueprint, Response, abort, request

from webapp.clock import to_wall
from webapp.database import UNREACHABLE
from webapp.views.respond import finishing, landing, sections, stepping

blueprint = Blueprint("respond", __name__)

ROBOTS: Final = (
    "User-agent: *\nDisallow: /s/\nDisallow: /stop/\nDisallow: /sign-in/\nDisallow: /join/\n"
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Personal pages are nobody's search result."""
    return Response(ROBOTS, mimetype="text/plain")


@blueprint.before_request
def refuse_too_many_fields() -> None:
    """As many fields as a form with files may have; more come from no page of ours."""
    most = request.max_form_parts
    if request.method == "POST" and most and sum(map(len, request.form.listvalues())) > most:
        abort(413)


# Address under the personal link, name of the page, and what answers GET and POST there.
PAGES: Final = (
    ("", "landing", landing.show, None),
    ("/check", "check", finishing.check, None),
    ("/send", "send", finishing.to_check, finishing.send),
    ("/sent", "sent", finishing.sent, None),
    ("/later", "later", finishing.later, None),
    ("/print", "printed", finishing.printed, None),
    ("/withdraw", "withdraw", finishing.ask_withdraw, finishing.withdraw),
    ("/stop", "stop", stepping.ask, stepping.do),
    ("/not-you", "not_you", stepping.ask_not_you, stepping.not_you),
    ("/newest-link", "newest_link", None, stepping.newest_link),
    ("/<section>", "section", sections.show, sections.save),
)

for _ending, _name, _get, _post in PAGES:
    for _method, _view in (("GET", _get), ("POST", _post)):
        if _view is not None:
            blueprint.add_url_rule(
                f"/s/<token>{_ending}",
                endpoint=_name if _view is _get or _get is None else f"{_name}_post",
                view_func=_view,
                methods=[_method],
                strict_slashes=False,
            )

blueprint.add_url_rule("/stop/<token>", "opt_out", stepping.ask_stop, strict_slashes=False)
blueprint.add_url_rule(
    "/stop/<token>", "opt_out_post", stepping.do_stop, methods=["POST"], strict_slashes=False
)
blueprint.add_url_rule("/find-my-link", "find_link", stepping.ask_by_address)
blueprint.add_url_rule("/find-my-link", "find_link_post", stepping.by_address, methods=["POST"])

for _kind in UNREACHABLE:
    blueprint.register_error_handler(_kind, sections.not_saved)


@blueprint.app_template_filter("spoken_time")
def spoken_time(moment: datetime, zone: str) -> str:
    """A time of today: ``17:15 MST``."""
    return f"{to_wall(moment, zone):%H:%M %Z}"


@blueprint.app_template_filter("spoken_date")
def spoken_date(day: date) -> str:
    """A day: ``Friday, May 8, 2026``."""
    return f"{day:%A, %B} {day.day}, {day.year}"
