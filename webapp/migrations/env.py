"""How a migration runs: on a connection it is given, else on the installation's own database."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import MigrationScript
from alembic.script import ScriptDirectory
from sqlalchemy import JSON
from sqlalchemy.engine import Connection

from webapp import config, models
from webapp.database import MODE, Database, UtcDateTime

# Importing the models fills it.
METADATA = models.Partnership.metadata


def _rendered(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:
    """Migrations outlive the types of the product: they write down plain ones."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, JSON):
        return "JSON_DOCUMENT"
    return False


def _numbered(_context: Any, _revision: Any, directives: list[MigrationScript]) -> None:
    """Migrations are numbered 0001, 0002 ...: a line of steps, never a tree."""
    head = ScriptDirectory.from_config(context.config).get_current_head()
    for script in directives:
        script.rev_id = f"{int(head or 0) + 1:04d}"


def run(connection: Connection) -> None:
    """Run what was asked for in the transaction of ``connection``."""
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        render_item=_rendered,
        process_revision_directives=_numbered,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    database = Database(config.load().database_url)
    with database.engine.execution_options(**{MODE: "write"}).begin() as opened:
        run(opened)
    database.dispose()
