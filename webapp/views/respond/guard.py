"""Before any page of a respondent: mend the link, look it up, slow down guessing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from flask_limiter.util import get_remote_address
from limits import parse
from limits.errors import StorageError

from webapp import links
from webapp.extensions import limiter, session
from webapp.views.respond import ends, visit
from webapp.views.respond.visit import Find, Visit

log = logging.getLogger(__name__)

# Only links that lead nowhere count, so a whole office behind one address is never shut out.
FAILURES: Final = parse("60 per minute")

View = Callable[..., Any]


def opened(view: View) -> View:
    """Give the view the visit in place of the token; a link that opens nothing gets its page."""
    return _guarded(view, links.look_up)


def held(view: View) -> View:
    """The same for a view that changes answers: they stay still until it has committed."""
    return _guarded(view, links.hold)


def stepping_back(view: View) -> View:
    """The same for a view that changes what is known of the person, and no answer."""
    return _guarded(view, links.resolve)


def taking_answers(view: View) -> View:
    """The same as ``opened``, for pages that make sense only while the round takes answers."""
    return opened(_while_open(view))


def saving(view: View) -> View:
    """The same as ``held``, while the round takes answers."""
    return held(_while_open(view))


def _guarded(view: View, find: Find) -> View:
    @wraps(view)
    def guarded(token: str, **values: Any) -> Any:
        whole = visit.mended(token)
        if len(whole) < visit.TOKEN_LENGTH:
            return ends.cut_off()
        found = visit.enter(whole, find)
        if found is None:
            return nothing_there(whole)
        if found.revoked:
            return ends.trial_over() if found.trial else ends.replaced(found)
        return view(found, **values)

    return guarded


def _while_open(view: View) -> View:
    @wraps(view)
    def guarded(found: Visit, **values: Any) -> Any:
        if found.phase in {"open", "last_day", "grace"}:
            return view(found, **values)
        return ends.of_phase(found)

    return guarded


def nothing_there(token: str) -> Any:
    """The page for a link that leads nowhere; too many of them from one place must wait."""
    if links.has_ended(session(), token):
        return ends.gone()
    return ends.not_found() if guess_allowed() else ends.too_many()


def guess_allowed() -> bool:
    """Count one failed look-up of this address; when the counter is out of reach, nobody waits."""
    if not limiter.enabled:
        return True
    try:
        return limiter.limiter.hit(FAILURES, "personal links", get_remote_address())
    except StorageError:
        log.exception("The counter of failed links did not answer")
        return True
