"""`dsw rehearse up` and `down`: the real stack's program and engine on a local cloud."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from paidsw.cli import locks, stack
from paidsw.cli.errors import CliError
from paidsw.cli.rehearsal import Rehearsal, add_port, asked
from paidsw.cli.times import told
from paidsw.cloud.emulated import REHEARSAL
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.setup.console import SetupError
from paidsw.setup.locks import only_one

PACK = "../policies"
# Straight to the update: it runs the same policy pack, and a preview nobody answers would only cost time.
FLAGS = ("--stack", stack.STACK, "--yes", "--skip-preview", "--suppress-permalink=true")

UNFINISHED = (
    "It isn't finished, and nothing is lost: correct what the error says, then `make up` continues from here; "
    "`make down` releases what there is."
)
# Outputs of the program and what they are called in the summary.
_PLACES = {
    "instanceId": "Notebook",
    "jupyterlabUrl": "JupyterLab",
    "webIdeUrl": "WebIDE",
    "terminalUrl": "Terminal",
}


def add_commands(commands: Any) -> None:
    """The command line of `dsw rehearse`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "rehearse", help="provision and release on a cloud of this machine"
    )
    steps = parser.add_subparsers(required=True, metavar="up|down")
    for name, run, text in (
        ("up", up, "start the local cloud if none runs, and provision"),
        ("down", down, "release everything, show what is left, stop the local cloud"),
    ):
        step = steps.add_parser(name, help=text)
        add_port(step)
        step.set_defaults(run=run)


def up(options: argparse.Namespace) -> int:
    """Provision; prints where the notebook is and how to release it."""
    rehearsal = Rehearsal(options.root)
    with _alone(rehearsal):
        control, environment = _prepare(rehearsal, options.port)
        command = [rehearsal.pulumi(), "up", *FLAGS, "--policy-pack", PACK]
        code = stack.run(command, environment, rehearsal.project)
        if code != 0:
            print(f"\n{UNFINISHED}\n{left(asked(lambda: process.account(rehearsal.emulator)))}")
            return code
        print(_summary(rehearsal, environment, control))
    return 0


def down(options: argparse.Namespace) -> int:
    """Release; 1 when something is left."""
    rehearsal = Rehearsal(options.root)
    with _alone(rehearsal):
        if not rehearsal.checkpoint.holds_something():
            account = asked(lambda: process.account(rehearsal.emulator))
            if not account.live:
                print(f"Nothing to release.\n\n{left(account)}")
                _stop(rehearsal)
                return 0
        control, environment = _prepare(rehearsal, options.port)
        command = [rehearsal.pulumi(), "destroy", *FLAGS]
        code = stack.run(command, environment, rehearsal.project)
        account = asked(lambda: process.account(rehearsal.emulator))
        print(f"\n{left(account)}")
        if code != 0 or account.live:
            print("Something is left. `make down` again, or look at " + control.url + "/_emulator/")
            return code or 1
        _stop(rehearsal)
    return 0


@contextlib.contextmanager
def _alone(rehearsal: Rehearsal) -> Iterator[None]:
    """One rehearsal command at a time, whose files are its owner's alone; a second one waits and says so."""
    try:
        with rehearsal.private(), only_one(rehearsal.folder / "rehearsal.lock", "rehearsal"):
            yield
    except SetupError as error:
        raise CliError(str(error)) from None


def _prepare(rehearsal: Rehearsal, port: int | None) -> tuple[Control, dict[str, str]]:
    """Emulator, configuration and stack, whatever an earlier run left of them."""
    environment = rehearsal.environment()
    running, control = rehearsal.start_emulator(port)
    print(f"Local cloud at {running.url} (its page: {running.url}/_emulator/)", flush=True)
    name = f"Pulumi.{stack.STACK}.yaml"
    exists = rehearsal.checkpoint.exists()
    stack.write_config(rehearsal.root / name, rehearsal.folder / name, REHEARSAL, keep_salt=exists)
    for lock in locks.drop_dead(rehearsal.state):
        print(f"Removed {lock}.", flush=True)
    rehearsal.checkpoint.name_emulator(REHEARSAL)
    if not exists:
        stack.ask([rehearsal.pulumi(), "stack", "init", stack.STACK], environment, rehearsal.project)
    return control, environment


def _summary(rehearsal: Rehearsal, environment: dict[str, str], control: Control) -> str:
    shown = ["--stack", stack.STACK, "--json", "--show-secrets"]
    text = stack.ask([rehearsal.pulumi(), "stack", "output", *shown], environment, rehearsal.project)
    return "\n".join(_lines(json.loads(text), f"{asked(control.bill).total:.2f}"))


def _lines(outputs: Mapping[str, str], billed: str) -> Iterator[str]:
    """What somebody wants to know of a notebook that is up; an output that the program doesn't have is left out."""
    yield ""
    for key, label in _PLACES.items():
        if key in outputs:
            yield f"{label:<11} {outputs[key]}"
    if outputs.get("shutdownTime"):
        yield f"Stops       at {told(outputs['shutdownTime'])} by its timer, earlier when idle"
    yield f"Billed      {billed} yuan"
    yield ""
    yield "All of it is on this machine, so these addresses open nothing. Release it: make down"


def left(account: process.Holdings) -> str:
    """What lives in the local cloud, and the bill."""
    things = (
        f"  {thing.kind} {thing.id} {thing.name} in {thing.region}: {thing.status}" for thing in account.live
    )
    what = "\n".join(("In the local cloud:", *things)) if account.live else "In the local cloud: nothing."
    return f"{what}\nBill: {account.bill.total:.2f} yuan"


def _stop(rehearsal: Rehearsal) -> None:
    with contextlib.suppress(EmulatorError):
        process.stop(rehearsal.emulator)
