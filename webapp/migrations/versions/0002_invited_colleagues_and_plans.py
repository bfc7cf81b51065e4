"""Accounts by invitation, trial pages, plans, reports of mail servers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON_DOCUMENT = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True), "postgresql"
)

# Two reminders, 72 hours apart: a rule that no code can get around.
REMINDERS_ON_SQLITE = """\
CREATE TRIGGER reminders_within_bounds BEFORE INSERT ON messages
WHEN NEW.kind IN ('reminder', 'started', 'last_call')
BEGIN
  SELECT RAISE(ABORT, 'two reminders are the most') WHERE 2 <= (
    SELECT count(*) FROM messages
    WHERE invitation_id = NEW.invitation_id AND key <> NEW.key
      AND kind IN ('reminder', 'started', 'last_call')
  );
  SELECT RAISE(ABORT, 'less than 72 hours after another mail') WHERE EXISTS (
    SELECT 1 FROM messages
    WHERE invitation_id = NEW.invitation_id AND key <> NEW.key AND state <> 'failed'
      AND kind IN ('invitation', 'reminder', 'started', 'last_call')
      AND strftime('%s', NEW.due_at) - strftime('%s', coalesce(accepted_at, due_at)) < 259200
  );
END"""
REMINDERS_ON_POSTGRESQL = """\
CREATE FUNCTION reminders_within_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF 2 <= (
    SELECT count(*) FROM messages
    WHERE invitation_id = NEW.invitation_id AND key <> NEW.key
      AND kind IN ('reminder', 'started', 'last_call')
  ) THEN
    RAISE EXCEPTION 'two reminders are the most' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (
    SELECT 1 FROM messages
    WHERE invitation_id = NEW.invitation_id AND key <> NEW.key AND state <> 'failed'
      AND kind IN ('invitation', 'reminder', 'started', 'last_call')
      AND NEW.due_at - coalesce(accepted_at, due_at) < interval '72 hours'
  ) THEN
    RAISE EXCEPTION 'less than 72 hours after another mail' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$"""
REMINDERS_TRIGGER_ON_POSTGRESQL = """\
CREATE TRIGGER reminders_within_bounds BEFORE INSERT ON messages
FOR EACH ROW WHEN (NEW.kind IN ('reminder', 'started', 'last_call'))
EXECUTE FUNCTION reminders_within_bounds()"""


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_paused_because", sa.String(), server_default="", nullable=False),
        sa.Column("mail_paused_settings", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "member_invitations",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("folded_email", sa.String(length=320), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("invited_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "level in ('owner', 'editor', 'viewer')", name=op.f("ck_member_invitations_level")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"],
            ["users.id"],
            name=op.f("fk_member_invitations_invited_by_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
            name=op.f("fk_member_invitations_partnership_id_partnerships"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_member_invitations_token_hash")),
    )
    with op.batch_alter_table("member_invitations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_invitations_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "ended_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_ended_links")),
    )
    op.create_table(
        "snapshot_briefs",
        sa.Column("snapshot_id", sa.String(), nullable=False),
        sa.Column("content", JSON_DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["snapshot_id"],
            ["snapshots.id"],
            name=op.f("fk_snapshot_briefs_snapshot_id_snapshots"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_snapshot_briefs")),
    )
    op.create_table(
        "plan_items",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("partnership_id", sa.String(), nullable=False),
        sa.Column("wave_id", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'doing', 'done')", name=op.f("ck_plan_items_state")),
        sa.ForeignKeyConstraint(
            ["partnership_id"],
            ["partnerships.id"],
            name=op.f("fk_plan_items_partnership_id_partnerships"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_plan_items_wave_id_waves"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_items")),
    )
    with op.batch_alter_table("plan_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_items_partnership_id"), ["partnership_id"], unique=False
        )

    op.create_table(
        "trial_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("wave_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name=op.f("fk_trial_links_person_id_people"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_trial_links_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["waves.id"], name=op.f("fk_trial_links_wave_id_waves"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_trial_links")),
    )
    with op.batch_alter_table("trial_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trial_links_wave_id"), ["wave_id"], unique=False)

    op.create_table(
        "mail_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('bounced', 'delayed', 'complaint')", name=op.f("ck_mail_events_kind")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["messages.id"],
            name=op.f("fk_mail_events_message_id_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_events")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_events_key")),
    )
    with op.batch_alter_table("mail_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_events_message_id"), ["message_id"], unique=False)

    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invites_wall", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "reminder_plan", JSON_DOCUMENT, server_default=sa.text("'[]'"), nullable=False
            )
        )
        batch_op.add_column(sa.Column("language", sa.String(), server_default="en", nullable=False))
        batch_op.add_column(sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("sender_acknowledged_at", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("declined_for", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("snapshot_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snapshot_texts_snapshot_id"))
        batch_op.create_index(
            batch_op.f("ix_snapshot_texts_snapshot_id"),
            ["snapshot_id", "kind", "key"],
            unique=False,
        )

    if op.get_bind().dialect.name == "sqlite":
        op.execute(REMINDERS_ON_SQLITE)
    else:
        op.execute(REMINDERS_ON_POSTGRESQL)
        op.execute(REMINDERS_TRIGGER_ON_POSTGRESQL)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER reminders_within_bounds")
    else:
        op.execute("DROP TRIGGER reminders_within_bounds ON messages")
        op.execute("DROP FUNCTION reminders_within_bounds()")

    with op.batch_alter_table("snapshot_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_snapshot_texts_snapshot_id"))
        batch_op.create_index(
            batch_op.f("ix_snapshot_texts_snapshot_id"), ["snapshot_id"], unique=False
        )
    op.drop_table("snapshot_briefs")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("declined_for")

    with op.batch_alter_table("waves", schema=None) as batch_op:
        batch_op.drop_column("purged_at")
        batch_op.drop_column("sender_acknowledged_at")
        batch_op.drop_column("tested_at")
        batch_op.drop_column("language")
        batch_op.drop_column("reminder_plan")
        batch_op.drop_column("invites_wall")

    with op.batch_alter_table("mail_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_events_message_id"))

    op.drop_table("mail_events")
    with op.batch_alter_table("trial_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_trial_links_wave_id"))

    op.drop_table("trial_links")
    with op.batch_alter_table("plan_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_items_partnership_id"))

    op.drop_table("plan_items")
    op.drop_table("ended_links")
    with op.batch_alter_table("member_invitations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_invitations_partnership_id"))

    op.drop_table("member_invitations")
    op.drop_table("installation")
