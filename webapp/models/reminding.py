"""The rule of the database that no code can get around: two reminders, 72 hours apart.

It judges a reminder when it is queued, against the other mails that ask the same person. What has
changed by the time it goes is judged again then, by ``webapp.mail.eligibility``.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import DDL, event

from webapp.models.outbox import Message

SQLITE: Final = """\
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
POSTGRESQL: Final = """\
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
POSTGRESQL_TRIGGER: Final = """\
CREATE TRIGGER reminders_within_bounds BEFORE INSERT ON messages
FOR EACH ROW WHEN (NEW.kind IN ('reminder', 'started', 'last_call'))
EXECUTE FUNCTION reminders_within_bounds()"""

REMINDER_RULES: Final = (
    ("sqlite", SQLITE),
    ("postgresql", POSTGRESQL),
    ("postgresql", POSTGRESQL_TRIGGER),
)
for _dialect, _rule in REMINDER_RULES:
    # DDL fills in blanks with percent signs.
    _filled = DDL(  # type: ignore[no-untyped-call]
        _rule.replace("%", "%%")
    ).execute_if(dialect=_dialect)
    event.listen(Message.__table__, "after_create", _filled)
