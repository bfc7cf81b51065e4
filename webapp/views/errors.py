"""Pages for what went wrong: plain words, no detail of the machinery, nothing typed is lost."""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

from flask import Flask, Response, g, make_response, render_template, request
from flask_limiter import RequestLimit
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from webapp import auth, queries
from webapp.database import UNREACHABLE
from webapp.extensions import commit, limiter, session, shared
from webapp.faults import Refused
from webapp.operations import audit
from webapp.views.respond import ends

log = logging.getLogger(__name__)

TOKEN: Final = re.compile(r"^/(s|stop|sign-in|join)/[^/]+")
NEVER_SHOWN: Final = frozenset({"csrf_token", "revision"})
RETRY_SECONDS: Final = 30


@dataclass(frozen=True)
class Words:
    """What a page for one status says."""

    title: str
    text: str


PAGES: Final[Mapping[int, Words]] = {
    400: Words(
        "That request does not make sense here",
        "Something in it is missing or was sent twice. Go back, reload the page and try again.",
    ),
    403: Words(
        "Your part in this partnership does not include that",
        "You can look at it. To do more, ask the owner of the partnership.",
    ),
    404: Words(
        "There is nothing at this address",
        "Check that the whole address was copied. If you look for your partnership, sign in first.",
    ),
    405: Words(
        "This address does not take that",
        "Go back, and use the button on the page.",
    ),
    410: Words(
        "This is no longer here",
        "It was here once and has ended.",
    ),
    413: Words(
        "That is too much at once",
        "The form or file is larger than Muster takes. Nothing was saved. "
        "Go back, shorten it and send it again.",
    ),
    429: Words(
        "That was tried too often",
        "Wait a few minutes and try again. Nothing was lost.",
    ),
    500: Words(
        "Something went wrong on our side",
        "Nothing you did caused this. What you just sent may not have been saved.",
    ),
    503: Words(
        "Muster cannot save anything just now",
        "Nothing was saved. Try again in a minute.",
    ),
}

# A refusal that is about the whole installation, not about one partnership.
FOR_OPERATORS: Final = Words(
    "This page is for whoever runs the installation",
    "It says how mail leaves and what is missing. Ask that person.",
)


def init_app(app: Flask) -> None:
    """Tie the error pages to the application."""
    app.log_exception = _log_exception  # type: ignore[method-assign]
    app.register_error_handler(SecurityError, _unknown_host)
    app.register_error_handler(CSRFError, _send_again)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, _refused)
    for kind in UNREACHABLE:
        app.register_error_handler(kind, _unreachable)


def typed() -> list[tuple[str, str]]:
    """What the form held, so that it can be given back; files cannot be."""
    if request.method != "POST":
        return []
    try:
        pairs = list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return []
    return [(name, value) for name, value in pairs if name not in NEVER_SHOWN]


def given_back() -> Sequence[tuple[str, str]]:
    """The same to be read and copied: a respondent's in the words of the questions.

    No database is asked for it; where the questions are known already, they are in full.
    """
    if request.blueprint != "respond":
        return typed()
    unsaved = g.get("unsaved")
    if unsaved is not None:
        return ends.in_words(unsaved[1])
    return ends.given_back(None) if typed() else ()


def _page(status: int, **more: Any) -> Response:
    words = FOR_OPERATORS if status == 403 and not request.view_args else PAGES[status]
    page = render_template(
        "errors/page.html", status=status, title=words.title, text=words.text, **more
    )
    return make_response(page, status)


def _http(error: HTTPException) -> Any:
    status = error.code or 500
    if status < 400:
        return error
    if status == 403:
        _note_refusal()
    answer = _page(status if status in PAGES else 400, **_more(status))
    answer.status_code = status
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Retry-After"}:
            answer.headers[name] = value
    if status == 429:
        answer.headers["Retry-After"] = str(_seconds_to_wait(limiter.current_limit))
    return answer


def _note_refusal() -> None:
    """Someone tried what their part does not include: that is noted, where it was a deed."""
    if request.method != "POST" or not current_user.is_authenticated:
        return
    session().rollback()
    about = request.view_args or {}
    partnership, wave = about.get("partnership_id", ""), about.get("wave_id", "")
    audit.record(
        session(),
        shared().clock,
        auth.user(),
        "refused",
        partnership=queries.partnership_for(session(), auth.user(), partnership),
        wave=queries.wave_for(session(), auth.user(), wave),
        page=request.endpoint,
    )
    commit()


def _more(status: int) -> dict[str, Any]:
    if status == 500:
        return {"reference": g.get("reference"), "typed": given_back()}
    return {"typed": given_back()} if status in {400, 429} else {}


def _seconds_to_wait(limit: RequestLimit | None) -> int:
    return limit.limit.get_expiry() if limit else RETRY_SECONDS


def _send_again(error: CSRFError) -> Response:
    """A form that waited too long comes back filled in, with a fresh token and one button."""
    log.info("A form came without its token: %s", error.description)
    return make_response(render_template("errors/send_again.html", typed=typed()), 400)


def _refused(error: Refused) -> Response:
    page = render_template("errors/refused.html", faults=error.faults, typed=given_back())
    return make_response(page, 422)


def _unreachable(error: Exception) -> Response:
    log.error("The database did not answer (%s)", type(error).__name__)
    answer = _page(503, typed=given_back())
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _unknown_host(_error: SecurityError) -> Response:
    """No page: nothing can be linked to from a host that is not ours."""
    settings = shared().settings
    right = f" Its address is {settings.public_url}" if settings.loopback else ""
    return Response(f"This site is not reached by that name.{right}\n", 400, mimetype="text/plain")


Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def _log_exception(exc_info: Raised) -> None:
    """Log where it happened under the number the person sees.

    Neither token nor answer: a database's own words can hold a whole row, so they are left out.
    """
    g.reference = secrets.token_hex(4)
    path = TOKEN.sub(r"/\1/...", request.path)
    log.error("%s: %s %s\n%s", g.reference, request.method, path, "".join(_places(exc_info[1])))


def _places(error: BaseException | None) -> Iterator[str]:
    """The kinds of the errors, the first cause first, with the lines they came through."""
    if error is None:
        return
    yield from _places(error.__cause__ or error.__context__)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"
