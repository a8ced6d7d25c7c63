"""The commands of `dsw`, as typer knows them."""

from __future__ import annotations

from typing import Any

import typer

from paidsw.cli.app import app


def commands() -> dict[tuple[str, ...], Any]:
    """Every command and group by its words, the program itself by ()."""
    return dict(_below((), typer.main.get_command(app)))


def _below(words: tuple[str, ...], command: Any) -> list[tuple[tuple[str, ...], Any]]:
    found = [(words, command)]
    for name, sub in getattr(command, "commands", {}).items():
        found += _below((*words, name), sub)
    return found


def parsed(words: list[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The command of a command line and its parameters, without running it; raises for a wrong one."""
    name = tuple(words[: 2 if words[0] in ("emulator", "rehearse") else 1])
    command = commands()[name]
    with command.make_context(" ".join(name), words[len(name) :]) as context:
        return name, dict(context.params)
