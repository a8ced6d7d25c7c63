"""`dsw check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paidsw.cli import options

StackToCheck = Annotated[
    str, typer.Option("--stack", metavar="NAME", help="Stack whose configuration is checked.")
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="FORMAT[=FILE]",
        help="text, github, junit, sarif, markdown or json; without FILE to standard output; may be repeated.",
    ),
]
PolicyPackConfig = Annotated[
    Path | None,
    typer.Option("--policy-pack-config", metavar="FILE", help="Levels and settings of the rules (JSON)."),
]


def check(
    context: typer.Context,
    stack: StackToCheck = "dev",
    report: Reports = None,
    policy_pack_config: PolicyPackConfig = None,
    json: options.Json = False,
) -> int:
    """Preview the stack under all rules, without an account.

    For a branch, a pull request or CI: the stack is previewed as a new one on an emulator of its own, under the policy
    pack. Exits with 1 for violations, with 3 when it couldn't be checked; warnings of advisory rules don't count.
    """
    from paidsw.cli.check import run as checking

    targets = [checking.target(text) for text in [*(report or ()), *(["json"] if json else ())]]
    return checking.run(
        options.checkout(context), checking.stack_name(stack), policy_pack_config, targets or [checking.TEXT]
    )
