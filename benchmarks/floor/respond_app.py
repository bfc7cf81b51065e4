"""The floor of the respond path: the smallest honest route that keeps what is posted.

One table, one template, no checks: the token is looked up in the database, a form of the same
number of bytes is rendered, what is posted is parsed, written and durably committed, and the
answer is a 303 to the next page. Run by the servers that run Muster.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import orjson
import waitress
from flask import Flask, abort, redirect, render_template_string, request
from sqlalchemy import JSON, String, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1><form method="post">
{% for name, value in answers.items() %}<input name="{{ name }}" value="{{ value }}">{% endfor %}
<p>{{ filling }}</p><button>Save</button></form></body></html>"""


class Base(DeclarativeBase):
    pass


class Kept(Base):
    """The answers of one link, by page."""

    __tablename__ = "kept"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON)


def create_app() -> Flask:
    """The application; the environment names its database, its links and its pages' size."""
    app = Flask(__name__)
    url, size = os.environ["FLOOR_DATABASE_URL"], int(os.environ["FLOOR_PAGE_BYTES"])
    engine = create_engine(url, json_deserializer=orjson.loads)
    if url.startswith("sqlite"):
        event.listen(engine, "connect", _durable)
    Base.metadata.create_all(engine)
    # The servers fork after this: two processes on one connection would read each other's answers.
    engine.dispose()
    filling = "x" * max(0, size - 400)

    @app.get("/s/<token>")
    @app.get("/s/<token>/<page>")
    def show(token: str, page: str = "landing") -> str:
        with Session(engine) as session:
            kept = session.get(Kept, token)
            answers = kept.answers.get(page, {}) if kept else {}
        return render_template_string(PAGE, title=page, answers=answers, filling=filling)

    @app.post("/s/<token>/<page>")
    def save(token: str, page: str) -> Any:
        if len(token) < 40:
            abort(404)
        with Session(engine) as session:
            query = select(Kept).where(Kept.token == token)
            kept = session.scalars(
                query if url.startswith("sqlite") else query.with_for_update()
            ).first()
            if kept is None:
                kept = Kept(token=token, answers={})
                session.add(kept)
            kept.answers = {**kept.answers, page: request.form.to_dict()}
            session.commit()
        return redirect(f"/s/{token}/check", 303)

    return app


def _durable(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


if __name__ == "__main__":
    waitress.serve(create_app(), host="127.0.0.1", port=int(sys.argv[1]), threads=4)
