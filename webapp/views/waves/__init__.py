"""Pages: one round while it runs. Who has answered, whom to call, and how the round ends."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from webapp.views.waves import doubts, ending, monitor, people, reminders

blueprint = Blueprint("waves", __name__, url_prefix="/waves/<wave_id>")

# Address below the round's own, name of the page, and what answers GET and POST there.
PAGES: Final = (
    ("", "monitor", monitor.show, None),
    ("/calls", "calls", monitor.calls, None),
    ("/more", "more", monitor.ask_more, monitor.invite_more),
    ("/people/<invitation_id>", "person", people.show, None),
    ("/people/<invitation_id>/address", "address", None, people.correct_address),
    ("/people/<invitation_id>/mail", "mail", None, people.mail_link),
    ("/people/<invitation_id>/link", "link", None, people.hand_link),
    ("/people/<invitation_id>/note", "note", None, people.note),
    ("/people/<invitation_id>/resolve", "resolve", None, people.resolve),
    ("/in-doubt", "in_doubt", doubts.ask, doubts.settle),
    ("/reminders", "reminders", reminders.show, reminders.change),
    ("/reminders/pause", "pause", None, reminders.pause),
    ("/close", "close", ending.ask_close, ending.close),
    ("/extend", "extend", ending.ask_extend, ending.extend),
    ("/cancel", "cancel", ending.ask_cancel, ending.cancel),
)

for _ending, _name, _get, _post in PAGES:
    for _method, _view in (("GET", _get), ("POST", _post)):
        if _view is not None:
            blueprint.add_url_rule(
                _ending,
                endpoint=_name if _view is _get or _get is None else f"{_name}_post",
                view_func=_view,
                methods=[_method],
            )
