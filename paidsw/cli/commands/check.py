"""`dsw check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paidsw.cli import options

FolderToCheck = Annotated[
    Path | None,
    typer.Argument(
        metavar="FOLDER",
        help="Another checkout whose settings are judged by this one; its code doesn't run.",
        show_default=False,
    ),
]
StacksToCheck = Annotated[
    list[str] | None,
    typer.Option(
        "--stack",
        metavar="NAME",
        help="Judge only this stack's file, not all Pulumi.*.yaml; may be repeated.",
    ),
]
RunProgram = Annotated[
    bool,
    typer.Option(
        "--run-program",
        help="Run the program of FOLDER, with the packages and rules of this checkout: in a job without secrets.",
    ),
]
OtherProject = Annotated[
    bool,
    typer.Option(
        "--other-project",
        help="FOLDER is another project than this: its Pulumi.yaml is its own, and so is where its program is.",
    ),
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
    folder: FolderToCheck = None,
    stack: StacksToCheck = None,
    run_program: RunProgram = False,
    other_project: OtherProject = False,
    report: Reports = None,
    policy_pack_config: PolicyPackConfig = None,
    json: options.Json = False,
) -> int:
    """Preview every stack under all rules, without an account.

    For a branch, a pull request or CI: each stack is previewed as a new one on an emulator of its own, under the policy
    pack. Exits with 1 for violations, and when a stack declares no notebook; with 3 when it couldn't be checked;
    warnings don't count.
    """
    from paidsw.cli.check import run as checking
    from paidsw.cli.check.gate import Request

    targets = [checking.target(text) for text in [*(report or ()), *(["json"] if json else ())]]
    request = Request(
        options.checkout(context),
        checking.folder_to_judge(folder),
        tuple(checking.stack_name(one) for one in stack or ()),
        run_program,
        policy_pack_config,
        other_project,
    )
    return checking.run(request, targets or [checking.TEXT])
