"""What each recorded deed is called, in a sentence that goes on after the name of who did it.

``{...}`` are details of the entry. A deed without a sentence fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

SENTENCES: Final[Mapping[str, str]] = {
    # The team and its accounts.
    "create partnership": "made the partnership",
    "rename partnership": "changed its name, region or sector",
    "change time zone": "moved it from {before} to {after}",
    "delete partnership": "deleted the partnership",
    "invite colleague": "invited a colleague as {level}",
    "invite colleague again": "sent the invitation of a colleague again",
    "withdraw invitation": "withdrew the invitation of a colleague",
    "join team": "joined the team as {level}",
    "leave team": "left the team",
    "remove member": "removed {member} from the team",
    "change level": "changed {member} from {before} to {level}",
    "refused": "tried something that their part does not include",
    # Accounts, which belong to no partnership.
    "add user": "made an account",
    "change own name": "changed their own name",
    "ask for sign-in link": "asked for a sign-in link",
    "mint sign-in link": "printed a sign-in link",
    "sign in": "signed in",
    "sign out everywhere": "signed out everywhere",
    "send test mail": "sent a test message to themselves",
    # Set-up, people and lists.
    "set facts": "changed the set-up",
    "import roster": "brought people in: {added} added, {changed} changed",
    "import employers": "imported an employer list of {rows} rows, {companies} companies",
    "erased": "erased a person",
    "restored": "restored a backup",
    # The action plan.
    "plan add": "added a line to the action plan",
    "plan change": "changed a line of the action plan",
    "plan remove": "took a line off the action plan",
    # A round.
    "draft wave": "began to set a round up",
    "change wave": "changed the round",
    "add question": "added a question of the team's own",
    "remove question": "removed a question of the team's own",
    "open wave": "opened the round for {invitations} people",
    "send a test": "mailed themselves a test of the invitation",
    "acknowledge sender": "let mail go although the sender's domain does not vouch for it",
    "change sending": "changed when the invitations go: {goes}",
    "take back sending": "took the invitations back before they went: {taken}",
    "invite": "sent the invitations: {queued}",
    "invite late": "invited {late} people late, {shared_domains} under a shared mail domain",
    "remind": "sent reminders: {queued}",
    "plan reminders": "planned the reminders",
    "reminder missed": "left out a planned reminder, because its time had gone by",
    "pause reminders": "paused the reminders",
    "continue reminders": "let the reminders go on",
    "extend wave": "moved the close from {before} to {after}",
    "close wave": "closed the round",
    "cancel wave": "canceled the round",
    "purged": "deleted the names and answers of an old round",
    # One person in a round.
    "hand link": "copied a personal link to hand over",
    "mail link": "mailed a fresh link to a person",
    "correct address": "corrected the address of a person",
    "called": "noted a call to a person",
    "not called": "took back the note of a call",
    "marked as declined": "marked a person as declined",
    "no longer declined": "took back that a person declined",
    "mail sent again": "sent a mail again that failed or was in doubt",
    "mail taken as arrived": "took a mail that was in doubt as arrived",
    "all in doubt sent again": "sent all {mails} mails that were in doubt again",
    "all in doubt taken as arrived": "took all {mails} mails that were in doubt as arrived",
    "opted out": "asked for no more mail",
    "declined": "declined to answer",
    "came back": "came back after declining",
    "reported as the wrong person": "said that the mail had reached the wrong person",
    # Mail.
    "mail dropped": "held a mail back: {reason}",
    "mail bounced": "said that a mail could not be delivered",
    "mail complaint": "said that somebody marked a mail as spam",
    "mail paused": "paused all mail: {reason}",
    "mail released": "let mail leave again",
    # Results and files.
    "snapshot interim": "made interim results",
    "snapshot final": "made the results",
    "export": "wrote the files of the results",
    "comment hide": "hid a remark",
    "comment show": "showed a remark again",
    "ask for zip": "asked for the files of the results",
    "ask for report-letter.html": "asked for the board report on Letter, as a page to print",
    "ask for report-letter.pdf": "asked for the board report on Letter, as PDF",
    "ask for report-a4.html": "asked for the board report on A4, as a page to print",
    "ask for report-a4.pdf": "asked for the board report on A4, as PDF",
}

# Who acts when nobody is signed in.
NOBODY: Final[Mapping[str, str]] = {
    "command line": "Somebody at the command line",
    "worker": "Muster",
    "respondent": "A person who was asked",
    "visitor": "A visitor",
    "mail server": "A mail server",
}


def sentence(action: str, details: Mapping[str, Any]) -> str:
    """What was done; an entry that lacks a detail, or an unknown one, is still told."""
    words = SENTENCES.get(action)
    if words is None:
        return f"did: {action}"
    said = _Details({key: str(value).replace("_", " ") for key, value in details.items()})
    return words.format_map(said)


class _Details(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "something"
