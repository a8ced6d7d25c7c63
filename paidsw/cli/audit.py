"""`dsw audit`: what still costs, in every region, and what ends it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paidsw.audit.declared import Declared, StateError, parse
from paidsw.audit.model import INCOMPLETE, Report
from paidsw.audit.regions import PLACES
from paidsw.audit.reports import FORMATS, render
from paidsw.audit.shown import clean
from paidsw.cli.errors import CliError
from paidsw.cli.rehearsal import Rehearsal, asked
from paidsw.cli.streams import failure
from paidsw.cloud import CloudError, Connection
from paidsw.emulator import process

if TYPE_CHECKING:
    from paidsw.audit.run import Options

_SHORTEST_LIMIT, _LONGEST_LIMIT = 1.0, 600.0
_LONGEST_ERROR = 5000


def add_commands(commands: Any) -> None:
    """The command line of `dsw audit`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "audit",
        help="what still costs, in every region, and what ends it",
        epilog=(
            "Exit codes: 0 nothing costs, 1 findings, 2 incomplete (something couldn't be looked at, whatever else was "
            "found). It only reads."
        ),
    )
    add_cloud(parser)
    parser.add_argument(
        "--region", action="append", default=[], metavar="REGION", help="only this one; may be repeated"
    )
    add_state(parser, "compare with a stack: a file that `pulumi stack export` wrote, - for standard input")
    parser.add_argument("--format", choices=FORMATS, default="table", help="how to write it (table)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it (standard output)")
    parser.add_argument("--watch", type=float, metavar="MINUTES", help="again and again, until Ctrl-C")
    parser.add_argument(
        "--timeout", type=float, default=25.0, metavar="SECONDS", help="how long a region may take (25)"
    )
    parser.add_argument(
        "--without-billing", action="store_true", help="don't ask for balance, bill and packs"
    )
    parser.set_defaults(run=run)


def add_cloud(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the cloud."""
    parser.add_argument(
        "--emulator",
        nargs="?",
        const="",
        metavar="URL",
        help="the local cloud at this URL, or without one that of the rehearsal; else Alibaba Cloud",
    )


def add_state(parser: argparse.ArgumentParser, purpose: str) -> None:
    """The options that name a stack."""
    parser.add_argument("--state", metavar="FILE", help=purpose)
    parser.add_argument(
        "--stack", default="dev", metavar="NAME", help="whose state it is when it is empty (dev)"
    )


def run(options: argparse.Namespace) -> int:
    """Audit once, or again and again."""
    wanted = wanted_audit(options)
    if options.watch is None:
        return once(wanted, options)
    if not 1 <= options.watch <= 1440:
        raise CliError(f"--watch is {options.watch:g}; give minutes from 1 to 1440", INCOMPLETE)
    if options.state == "-":
        raise CliError(
            "--watch reads the state anew each time, so --state - can't be; give a file", INCOMPLETE
        )
    return watch(lambda: once(wanted_audit(options), options), options.watch * 60)


def watch(look: Callable[[], int], seconds: float, sleep: Callable[[float], None] = time.sleep) -> int:
    """Look again and again; what stops it is an interrupt, or that nobody reads; the last look's exit code counts.

    A look that fails is said and counts as incomplete; what fails may be well the next time.
    """
    code = INCOMPLETE
    try:
        while True:
            try:
                code = look()
            except CliError as error:
                print(f"error: {clean(error, _LONGEST_ERROR)}", file=sys.stderr)
                code = INCOMPLETE
            print(f"\nAgain in {seconds / 60:g} min; Ctrl-C ends it.\n", flush=True)
            if failure(sys.stdout) is not None:
                return code
            sleep(seconds)
    except KeyboardInterrupt:
        return code


def wanted_audit(options: argparse.Namespace) -> Options:
    """What the command line asks for."""
    from paidsw.audit.run import (
        Options,
    )  # with the API client and the provider, which other commands needn't wait for

    for region in options.region:
        if region not in PLACES:
            raise CliError(
                f"--region {region!r} is none that is audited; use {', '.join(PLACES)}", INCOMPLETE
            )
    if not _SHORTEST_LIMIT <= options.timeout <= _LONGEST_LIMIT:
        raise CliError(
            f"--timeout is {options.timeout:g}; give seconds from {_SHORTEST_LIMIT:g} to {_LONGEST_LIMIT:g}",
            INCOMPLETE,
        )
    return Options(
        connection(options),
        tuple(dict.fromkeys(options.region)),
        declared(options),
        options.timeout,
        not options.without_billing,
    )


def connection(options: argparse.Namespace) -> Connection:
    """The cloud that the command line names."""
    url = options.emulator
    if url == "":
        found = asked(lambda: process.status(Rehearsal(options.root).emulator), INCOMPLETE)
        if found is None:
            raise CliError("no rehearsal's local cloud runs; start it with dsw emulator start", INCOMPLETE)
        url = found.url
    try:
        return Connection(url)
    except ValueError:
        raise CliError(
            f"--emulator {url!r} is not on this machine; its address starts with http://127.0.0.1:",
            INCOMPLETE,
        ) from None


def declared(options: argparse.Namespace) -> Declared | None:
    """The stack to compare with."""
    if options.state is None:
        return None
    try:
        state = _standard_input() if options.state == "-" else Path(options.state).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise CliError(f"--state {options.state} can't be read: {why}", INCOMPLETE) from None
    try:
        return parse(state, project=_project(options.root), stack=options.stack)
    except StateError as error:
        raise CliError(f"--state {options.state}: {error}", INCOMPLETE) from None


def _standard_input() -> str:
    """What `pulumi` wrote there, which is UTF-8 whatever this machine's encoding is."""
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if buffer is None else buffer.read().decode("utf-8")


def _project(root: Path) -> str:
    import yaml

    try:
        return str(yaml.safe_load((root / "Pulumi.yaml").read_text(encoding="utf-8"))["name"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise CliError(
            f"{root / 'Pulumi.yaml'} doesn't say the project's name: {error}", INCOMPLETE
        ) from None


def look(wanted: Options) -> Report:
    """One audit."""
    from paidsw.audit.run import audit

    try:
        return asyncio.run(audit(wanted))
    except CloudError as error:
        raise CliError(f"the audit can't begin: {error}", INCOMPLETE) from None


def once(wanted: Options, options: argparse.Namespace) -> int:
    """One audit, written where it was asked for."""
    report = look(wanted)
    text = render(report, options.format)
    if options.output is None:
        print(text)
        return report.exit_code
    try:
        options.output.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CliError(f"--output {options.output} can't be written: {error.strerror}", INCOMPLETE) from None
    print(report.verdict)
    return report.exit_code
