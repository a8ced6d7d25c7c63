"""`dsw audit`: what still costs, in every region, and what ends it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from paidsw.audit.model import INCOMPLETE, Report
from paidsw.audit.regions import PLACES
from paidsw.audit.reports import render
from paidsw.audit.run import Options, audit
from paidsw.cli.connection import connect
from paidsw.cli.errors import CliError, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.options import one_of
from paidsw.cli.output import BAD, LOOK, TITLE, print_wrapped, wait_for
from paidsw.cli.states import StackState
from paidsw.cli.streams import failure
from paidsw.cloud import CloudError
from paidsw.core.text import printable

_STYLES = {
    **dict.fromkeys(("FINDINGS", "NOT", "THERE", "ACCOUNT"), TITLE),
    **dict.fromkeys(("CRITICAL", "HIGH", "INCOMPLETE:"), BAD),
    **dict.fromkeys(("MEDIUM", "LOW", "MISSING"), LOOK),
}
_SHORTEST_LIMIT, _LONGEST_LIMIT = 1.0, 600.0
_LONGEST_ERROR = 5000


@dataclass(frozen=True)
class Request:
    """What the command line asks for: `state` is a file or "-", `timeout` is in seconds."""

    root: Path
    emulator: bool
    emulator_url: str | None
    regions: tuple[str, ...]
    state: str | None
    stack: str
    timeout: float
    billing: bool


@dataclass(frozen=True)
class Written:
    """How and where a report is written; without a file to standard output."""

    format: str
    file: Path | None


def run(request: Request, written: Written, minutes: float | None) -> int:
    """Audit once, or at an interval."""
    if minutes is None:
        return once(wanted_audit(request), written)
    if not 1 <= minutes <= 1440:
        raise UsageError(Text.NUMBER_IS(option="--watch", number=minutes), Text.GIVE(wanted=Text.MINUTES()))
    if request.state == "-":
        raise UsageError(Text.WATCHED_STDIN(), Text.GIVE_FILE())
    wanted_audit(request)  # what is wrong with the command line ends it at the start
    return watch(lambda: once(wanted_audit(request), written), minutes * 60)


def watch(look: Callable[[], int], seconds: float, sleep: Callable[[float], None] = time.sleep) -> int:
    """Look again and again; it ends on an interrupt, or when nobody reads; the last look's exit code counts.

    A look that fails is reported and counts as incomplete; the next one may succeed.
    """
    code = INCOMPLETE
    try:
        while True:
            try:
                code = look()
            except CliError as error:
                print(f"error: {printable(error, _LONGEST_ERROR)}", file=sys.stderr)
                code = INCOMPLETE
            print(f"\nAgain in {seconds / 60:g} min; Ctrl-C ends it.\n", flush=True)
            if failure(sys.stdout) is not None:
                return code
            sleep(seconds)
    except KeyboardInterrupt:
        return code


def wanted_audit(request: Request) -> Options:
    """What is to be audited. Raises CliError where it can't be."""
    for region in request.regions:
        one_of("--region", region, tuple(PLACES))
    if not _SHORTEST_LIMIT <= request.timeout <= _LONGEST_LIMIT:
        raise UsageError(
            Text.NUMBER_IS(option="--timeout", number=request.timeout),
            Text.GIVE(wanted=Text.SECONDS(shortest=_SHORTEST_LIMIT, longest=_LONGEST_LIMIT)),
        )
    connection = connect(request.root, request.emulator, request.emulator_url)
    state = StackState(request.root, connection, request.state, request.stack)
    return Options(
        connection,
        tuple(dict.fromkeys(request.regions)),
        state.read() or state.rehearsed(),
        request.timeout,
        request.billing,
    )


def look(wanted: Options) -> Report:
    """One audit."""
    try:
        return wait_for(audit(wanted), f"asking {len(wanted.regions or PLACES)} regions")
    except CloudError as error:
        raise CliError(Text.NO_AUDIT(why=error)) from None


def once(wanted: Options, written: Written) -> int:
    """One audit, written where it was asked for."""
    report = look(wanted)
    rendered = render(report, written.format)
    if written.file is None:
        if written.format == "table":
            print_wrapped(rendered, _STYLES)
        else:
            print(rendered)
        return report.exit_code
    try:
        written.file.write_text(rendered + "\n", encoding="utf-8")
    except OSError as error:
        raise CliError(
            Text.OUTPUT_NOT_WRITTEN(file=written.file, why=error.strerror), Text.FREE_SPACE()
        ) from None
    print(report.verdict)
    return report.exit_code
