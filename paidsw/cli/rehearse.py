"""What `dsw rehearse up` and `down` do: the real stack's program and engine on the emulator."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from paidsw.audit.declared import Declared
from paidsw.cli import locks, remains, stack, status
from paidsw.cli.errors import CliError, ExitCode, UsageError
from paidsw.cli.messages import Text
from paidsw.cli.output import print_fields, print_table
from paidsw.cli.rehearsal import Rehearsal
from paidsw.cli.stack import region_of
from paidsw.cli.status import left_in_words
from paidsw.cli.times import local_text
from paidsw.cloud import Connection
from paidsw.core.emulator_name import REHEARSAL
from paidsw.core.stack_file import PROJECT_FILE
from paidsw.core.text import printable
from paidsw.emulator import process
from paidsw.emulator.control import Control
from paidsw.emulator.errors import EmulatorError
from paidsw.emulator.process import Holdings
from paidsw.setup import engine
from paidsw.setup.console import SetupError
from paidsw.setup.language_host.command import imports_with_code
from paidsw.setup.locks import only_one
from paidsw.setup.messages import Text as SetupText
from paidsw.setup.messages import needs_official

PACK = "../policies"
# Straight to the update: it runs the same policy pack, and a preview nobody answers would only cost time.
FLAGS = ("--stack", stack.STACK, "--yes", "--skip-preview", "--suppress-permalink=true")

_HERE = (
    "In a rehearsal the settings are in Pulumi.dev.yaml, `make up` and `make down` stand for `pulumi up` and "
    "`pulumi destroy`, `dsw rehearse pulumi` for any other `pulumi`, and `dsw` takes --emulator."
)
UNFINISHED = f"It isn't finished: the error above says what to do. {_HERE}"
CUT_SHORT = "It was stopped. `make up` continues from here; `make down` releases what there is."
NOT_DESTROYED = f"It isn't finished: do what the error above says, then run `make down` again. {_HERE}"
_DESTROY_CUT_SHORT = "It was stopped. `make down` releases the rest."
# Outputs of the program and what they are called in the summary.
_PLACES = {
    "instanceId": "Notebook",
    "jupyterlabUrl": "JupyterLab",
    "webIdeUrl": "WebIDE",
    "terminalUrl": "Terminal",
}


def up(root: Path, port: int | None) -> int:
    """Provision; prints where the notebook is and how to release it."""
    rehearsal = Rehearsal(root)
    with _alone(rehearsal):
        environment = _prepare(rehearsal, port)[1]
        command = [rehearsal.pulumi(), "up", *FLAGS, "--policy-pack", PACK]
        code = stack.run(command, environment, rehearsal.project)
        if code != 0:
            print(f"\n{CUT_SHORT if _cut_short(code) else UNFINISHED}\n")
            show_left(rehearsal.holdings())
            return ExitCode.INTERRUPTED if code == ExitCode.INTERRUPTED else ExitCode.FAILED
        _show(rehearsal, environment)
    return ExitCode.OK


def down(root: Path, port: int | None) -> int:
    """Release what the stack has; ExitCode.FOUND when something of it is left."""
    rehearsal = Rehearsal(root)
    with _alone(rehearsal):
        if not rehearsal.checkpoint.holds_something():
            return _nothing_to_release(rehearsal, port)
        environment = _prepare(rehearsal, port)[1]
        before = rehearsal.checkpoint.declared()
        code = stack.run([rehearsal.pulumi(), "destroy", *FLAGS], environment, rehearsal.project)
        account = rehearsal.holdings()
        after = rehearsal.checkpoint.declared() if code else None
        left = _show_remains(rehearsal, account, before, after)
        if code != 0:
            print(f"\n{_DESTROY_CUT_SHORT if _cut_short(code) else NOT_DESTROYED}")
        if code == ExitCode.INTERRUPTED:
            return ExitCode.INTERRUPTED
        if left.ours:
            return ExitCode.FOUND
        if code != 0:
            return ExitCode.FAILED
        _stop(rehearsal, left)
    return ExitCode.OK


def pulumi(root: Path, arguments: Sequence[str]) -> int:
    """Any other `pulumi` on the rehearsal's stack, as an error advises it."""
    rehearsal = Rehearsal(root)
    _refuse_code(rehearsal, arguments)
    with _alone(rehearsal):
        if not rehearsal.checkpoint.exists():
            raise CliError(Text.NO_REHEARSAL(), Text.REHEARSE())
        rehearsal.start_emulator()
        locks.drop_dead(rehearsal.state)
        code = stack.run([rehearsal.pulumi(), *arguments], rehearsal.environment(), rehearsal.project)
    return code if code in (ExitCode.OK, ExitCode.INTERRUPTED) else ExitCode.FAILED


def _refuse_code(rehearsal: Rehearsal, arguments: Sequence[str]) -> None:
    """Refuse an import that would be recorded, and then fail because our language host can't print its code."""
    host = engine.own_host(rehearsal.root)
    is_used = host.is_file() and Path(rehearsal.pulumi()).parent == host.parent
    if is_used and imports_with_code(["pulumi", *arguments]):
        raise UsageError(needs_official(SetupText.IMPORT_CODE()), SetupText.LEAVE_CODE_OUT())


def _nothing_to_release(rehearsal: Rehearsal, port: int | None) -> int:
    """The stack has nothing; what others have in the emulator is named."""
    account = rehearsal.holdings()
    if any(thing.kind == "instance" for thing in account.live):
        rehearsal.start_emulator(port)
    print("Nothing to release.")
    _stop(rehearsal, _show_remains(rehearsal, account))
    return ExitCode.OK


def _show_remains(
    rehearsal: Rehearsal,
    account: Holdings,
    before: Declared | None = None,
    after: Declared | None = None,
) -> remains.Remains:
    """Print what lives, of the stack as it was `before` a destroy and of others, and the bill.

    `after`: what a destroy that failed has left in the state.
    """
    left = remains.told_apart(account.live, before, after, str(rehearsal.emulator.resolve()))
    print("" if account.live else "\nIn the emulator: nothing.")
    remains.show("Of this stack, and still there", left.ours)
    remains.show("Not of this stack, so it stays", left.others)
    print(f"Bill: {_yuan(account)}")
    return left


def _cut_short(code: int) -> bool:
    """Whether `pulumi` was interrupted or killed, and so has said nothing about what to do."""
    return code == ExitCode.INTERRUPTED or code < 0


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
    print(f"Emulator at {running.url} (its page: {running.url}/_emulator/)", flush=True)
    name = f"Pulumi.{stack.STACK}.yaml"
    exists = rehearsal.checkpoint.exists()
    source, target = rehearsal.root / name, rehearsal.folder / name
    project = rehearsal.root / PROJECT_FILE
    stack.write_config(source, target, REHEARSAL, keep_salt=exists, project=project)
    for lock in locks.drop_dead(rehearsal.state):
        print(f"Removed {lock}.", flush=True)
    rehearsal.checkpoint.name_emulator(REHEARSAL)
    for name in rehearsal.checkpoint.clear_pending_creates():
        print(f"Cleared the pending create of {name}, which a killed run left.", flush=True)
    if not exists:
        stack.ask([rehearsal.pulumi(), "stack", "init", stack.STACK], environment, rehearsal.project)
        # Pulumi has written the file again, and what it reads as 3.1 is no longer 3.10.
        stack.write_config(source, target, REHEARSAL, keep_salt=True, project=project)
    return control, environment


def _show(rehearsal: Rehearsal, environment: dict[str, str]) -> None:
    shown = ["--stack", stack.STACK, "--json", "--show-secrets"]
    text = stack.ask([rehearsal.pulumi(), "stack", "output", *shown], environment, rehearsal.project)
    account = rehearsal.holdings()
    print()
    outputs = json.loads(text)
    print_fields([*_fields(outputs), *_left(rehearsal), ("Billed", _yuan(account))])
    nothing = ", so these addresses open nothing" if outputs.get("jupyterlabUrl") else ""
    print(f"\nAll of it is on this machine{nothing}. Release it: make down")


def _left(rehearsal: Rehearsal) -> Iterator[tuple[str, str]]:
    """What is left of the trial; nothing where it can't be asked, since the notebook is up all the same."""
    with contextlib.suppress(CliError):
        cloud = Connection(str(rehearsal.emulator.resolve()))
        yield "Left", left_in_words(asyncio.run(status.look(cloud, region_of(rehearsal.root))))


def _fields(outputs: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What a user wants to know of a notebook; of a stopped one the addresses are empty, and are left out."""
    for key, label in _PLACES.items():
        if outputs.get(key):
            yield label, outputs[key]
    if outputs.get("shutdownTime"):
        yield "Stops", f"at {local_text(outputs['shutdownTime'])} by its timer, earlier when idle"
    elif outputs.get("diskKeptUntil"):
        yield "Stopped", f"its disk is kept until {local_text(outputs['diskKeptUntil'])}"


def show_left(account: Holdings) -> None:
    """Print what lives in the emulator, and the bill."""
    print("In the emulator:" if account.live else "In the emulator: nothing.")
    print_table(
        [
            (thing.kind, printable(thing.id), printable(thing.name), thing.region, printable(thing.status))
            for thing in account.live
        ],
        indent=2,
    )
    print(f"Bill: {_yuan(account)}")


def _yuan(account: Holdings) -> str:
    return f"{account.bill.total:.2f} yuan"


def _stop(rehearsal: Rehearsal, left: remains.Remains) -> None:
    """Stop the emulator, unless a notebook lives in it, which only a running one can release."""
    if left.notebook:
        control = rehearsal.start_emulator()[1]
        print(f"The emulator keeps running for that (its page: {control.url}/_emulator/)")
        return
    with contextlib.suppress(EmulatorError):
        process.stop(rehearsal.emulator)
