"""`dsw audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from paidsw.audit.reports import FORMATS
from paidsw.cli import options
from paidsw.cli.errors import UsageError
from paidsw.cli.messages import Text

Regions = Annotated[
    list[str] | None, typer.Option("--region", metavar="REGION", help="Only this region; may be repeated.")
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"Format of the report: {', '.join(FORMATS)}.",
        autocompletion=lambda: list(FORMATS),
    ),
]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write the report to a file.")]
Watch = Annotated[
    float | None,
    typer.Option(
        "--watch",
        metavar="MINUTES",
        help="Repeat at this interval, until Ctrl-C.",
        parser=options.number("--watch", Text.MINUTES()),
    ),
]
Timeout = Annotated[
    float,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="How long a region may take.",
        parser=options.number("--timeout", Text.SECONDS(shortest=1, longest=600)),
    ),
]
WithoutBilling = Annotated[
    bool, typer.Option("--without-billing", help="Don't ask for balance, bill and resource packs.")
]


def audit(
    context: typer.Context,
    region: Regions = None,
    state: options.State = None,
    stack: options.Stack = "dev",
    report_format: Format = "table",
    json: options.Json = False,
    output: Output = None,
    watch: Watch = None,
    timeout: Timeout = 25.0,
    without_billing: WithoutBilling = False,
    emulator: options.Emulator = False,
    emulator_url: options.EmulatorUrl = None,
) -> int:
    """Find what still costs money, in every region, and what ends it.

    Read-only. Exits with 1 for findings, and with 3 when something couldn't be looked at, whatever else was found.
    """
    from paidsw.cli import audit as auditing

    options.one_of("--format", report_format, FORMATS)
    if json and report_format not in ("table", "json"):
        raise UsageError(Text.TWO_FORMATS(form=report_format), Text.GIVE_ONE())
    request = auditing.Request(
        root=options.root(context),
        emulator=emulator,
        emulator_url=emulator_url,
        regions=tuple(region or ()),
        state=state,
        stack=stack,
        timeout=timeout,
        billing=not without_billing,
    )
    written = auditing.Written("json" if json else report_format, output)
    return auditing.run(request, written, watch)
