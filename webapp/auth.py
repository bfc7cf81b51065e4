"""Who is signed in, and who may do what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final
from urllib.parse import urlsplit

import flask
from flask import Flask, abort, make_response, redirect, render_template, request, url_for
from flask_login import UserMixin, current_user, login_user, logout_user
from werkzeug.wrappers import Response

from webapp import queries
from webapp.extensions import login_manager, session, shared
from webapp.models import Partnership, User, Wave

EVERYONE: Final = frozenset({"owner", "editor", "viewer"})
EDITORS: Final = frozenset({"owner", "editor"})
OWNERS: Final = frozenset({"owner"})

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "see": EVERYONE,
    "export": EVERYONE,
    "set_up": EDITORS,
    "send": EDITORS,
    "close": EDITORS,
    "let_in": OWNERS,
    "delete": OWNERS,
}

View = Callable[..., Any]


class SignedIn(UserMixin):
    """A user in one browser; its id is the session's token, so that a row can end it.

    ``part`` is the user's part in the wave that the address names, if there is one.
    """

    def __init__(self, token: str, user: User, part: queries.Part | None = None) -> None:
        self.id = token
        self.user = user
        self.part = part


def init_app(_app: Flask) -> None:
    """Tie sign-in to the application."""
    # The row decides; a cookie that follows address and browser would only sign people out.
    login_manager.session_protection = None
    login_manager.user_loader(_load)


def _load(token: str) -> SignedIn | None:
    wave_id = (request.view_args or {}).get("wave_id")
    if wave_id is None:
        user, part = queries.signed_in(session(), shared().clock, token), None
    else:
        user, part = queries.signed_in_at_wave(session(), shared().clock, token, wave_id)
    return SignedIn(token, user, part) if user else None


def user() -> User:
    """Who is signed in; only for views that are guarded."""
    found: User = current_user.user
    return found


def start(token: str, user: User) -> None:
    """Begin a signed-in session: nothing of the cookie before it survives."""
    flask.session.clear()
    login_user(SignedIn(token, user))


def end() -> str | None:
    """Forget the browser's session and give back its token, for its row to be deleted."""
    token = current_user.id if current_user.is_authenticated else None
    logout_user()
    flask.session.clear()
    return token


def on_site(target: str | None) -> str | None:
    """``target`` if it is a path on this site, else nothing.

    Browsers read ``\\\\`` as ``/`` and skip control characters, so such targets are refused too.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if "\\" in target or any(ord(letter) < 33 for letter in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def may(action: str, level: str) -> bool:
    """Whether someone with this level in a partnership may do ``action`` there."""
    return level in PERMISSIONS[action]


def signed_in(view: View) -> View:
    """Guard a page without an object: everyone else is sent to the sign-in page."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if not current_user.is_authenticated:
            return _to_sign_in()
        return view(*args, **values)

    guarded.access = "signed in"  # type: ignore[attr-defined]
    return guarded


def admin(view: View) -> View:
    """Guard a page of those who run the installation; others find that it is not theirs."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if not current_user.is_authenticated:
            return _to_sign_in()
        if not user().is_admin:
            abort(403)
        return view(*args, **values)

    guarded.access = "admin"  # type: ignore[attr-defined]
    return guarded


def set_up_already() -> Response:
    """What everyone but the first finds at the pages of a fresh installation."""
    return make_response(render_template("first_run/too_late.html"), 404)


def first_run(view: View) -> View:
    """Guard a page of an installation without accounts: once it has one, they are gone."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        if queries.is_set_up(session()):
            abort(set_up_already())
        return view(*args, **values)

    guarded.access = "first run"  # type: ignore[attr-defined]
    return guarded


def on_wave(action: str) -> Callable[[View], View]:
    """Guard a page of one wave; the view gets the wave in place of its id.

    Whoever is not signed in or has no part in its partnership finds nothing there.
    """
    return _guard(action, "wave_id", _wave)


def _guard(action: str, key: str, find: Callable[[str, str], Any]) -> Callable[[View], View]:
    """Give a view what ``find`` lets through in place of the id that the address names ``key``."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            found = find(values.pop(key), action)
            return view(found, **values)

        guarded.access = action  # type: ignore[attr-defined]
        return guarded

    return decorate


def _wave(wave_id: str, action: str) -> Wave:
    part: queries.Part | None = current_user.part if current_user.is_authenticated else None
    if part is None or part.wave.id != wave_id:
        abort(404)
    if not may(action, part.level):
        abort(403)
    return part.wave


def on_partnership(action: str) -> Callable[[View], View]:
    """Guard a page of one partnership; the view gets the partnership in place of its id.

    Whoever is not signed in or has no part in it finds nothing there.
    """
    return _guard(action, "partnership_id", _partnership)


def _partnership(partnership_id: str, action: str) -> Partnership:
    if not current_user.is_authenticated:
        abort(404)
    partnership = queries.partnership_for(session(), user(), partnership_id)
    if partnership is None:
        abort(404)
    if not allowed(partnership_id, action):
        abort(403)
    return partnership


def allowed(partnership_id: str, action: str) -> bool:
    """Whether who is signed in may do ``action`` in a partnership."""
    part: queries.Part | None = current_user.part
    if part is not None and part.wave.partnership_id == partnership_id:
        return may(action, part.level)
    membership = queries.membership(session(), user(), partnership_id)
    return membership is not None and may(action, membership.level)


def _to_sign_in() -> Response:
    target = on_site(request.full_path.rstrip("?")) if request.method == "GET" else None
    return redirect(url_for("account.ask", next=target), code=303)
