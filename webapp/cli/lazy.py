"""A group of commands that loads the module of a command only when the command runs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click


@dataclass(frozen=True)
class Entry:
    """One command: the words that call it, ``module:name`` of its function, what it does."""

    words: str
    place: str
    purpose: str


class LazyGroup(click.Group):
    """Commands by a table; words in common make groups."""

    def __init__(
        self,
        *arguments: Any,
        entries: Sequence[Entry] = (),
        groups: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self.entries = tuple(entries)
        self.groups = groups or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(dict.fromkeys(entry.words.partition(" ")[0] for entry in self.entries))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        inside = [
            Entry(entry.words.partition(" ")[2], entry.place, entry.purpose)
            for entry in self.entries
            if entry.words.partition(" ")[0] == cmd_name
        ]
        if not inside:
            return None
        if inside[0].words:
            return LazyGroup(cmd_name, entries=inside, help=self.groups.get(cmd_name))
        module, _, name = inside[0].place.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table names commands only
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        purposes = {entry.words: entry.purpose for entry in reversed(self.entries)}
        rows = [
            (name, purposes.get(name) or self.groups.get(name, ""))
            for name in self.list_commands(ctx)
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
