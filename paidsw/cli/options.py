"""The options that several commands share, each defined once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from paidsw.cli.errors import CliError, ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.core.messages import Message
from paidsw.setup import layout


def _regions() -> list[str]:
    from paidsw.trial.terms import TERMS

    return list(TERMS.region_ids)


NotebookId = Annotated[
    str | None,
    typer.Argument(
        metavar="ID", help="Instance id; needed only where there are several notebooks.", show_default=False
    ),
]
Emulator = Annotated[
    bool, typer.Option("--emulator", help="Ask the rehearsal's emulator instead of Alibaba Cloud.")
]
EmulatorUrl = Annotated[
    str | None, typer.Option("--emulator-url", metavar="URL", help="Ask the emulator at this address.")
]
Region = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="Region; by default alicloud:region of Pulumi.dev.yaml.",
        autocompletion=_regions,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, with times in UTC.")]
State = Annotated[
    str | None,
    typer.Option(
        "--state", metavar="FILE", help="Stack to compare with: output of `pulumi stack export`, - for stdin."
    ),
]
Stack = Annotated[str, typer.Option("--stack", metavar="NAME", help="Name of the stack that --state is of.")]
Snapshot = Annotated[
    str | None,
    typer.Option(
        "--snapshot",
        metavar="NAME",
        help="Tag of the image, to which the time is added; by default backup.snapshot of Pulumi.dev.yaml.",
    ),
]
Repository = Annotated[
    str | None,
    typer.Option(
        "--repository",
        metavar="REPO",
        help="Container Registry repository, without a tag; by default backup.repository of Pulumi.dev.yaml.",
    ),
]


def number(option: str, wanted: Message) -> Callable[[str], float]:
    """A parser of an option's number. It raises UsageError, which says what is `wanted`, for any other text."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise UsageError(Text.OPTION_IS(option=option, value=text), Text.GIVE(wanted=wanted))
        return value

    return read


def root(context: typer.Context) -> Path:
    """The project that a command works on."""
    found = context.obj
    assert isinstance(found, Path)
    return found


def checkout(context: typer.Context) -> Path:
    """The same for a command that needs all of this project, not only the library. CliError if that isn't there."""
    if not layout.IN_CHECKOUT:
        raise CliError(Text.NO_CHECKOUT(command=context.command_path), Text.CLONE(), ExitCode.USAGE)
    return root(context)


def trial_region(context: typer.Context, given: str | None) -> str:
    """The trial region that the command line or the stack's configuration names."""
    from paidsw.cli.stack import region_of
    from paidsw.trial.terms import TERMS

    if given is not None:
        return one_of("--region", given, TERMS.region_ids)
    return one_of("alicloud:region", region_of(root(context)), TERMS.region_ids)


def one_of(option: str, value: str, allowed: Sequence[str], *, case_sensitive: bool = True) -> str:
    """The allowed value that is meant; UsageError, which names the option and what was given, where none is."""
    for one in allowed:
        if one == value or (not case_sensitive and one.lower() == value.lower()):
            return one
    raise UsageError(Text.OPTION_UNUSABLE(option=option, value=value), Text.USE(allowed=", ".join(allowed)))
