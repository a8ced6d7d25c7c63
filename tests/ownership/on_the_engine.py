"""Plays the steps of a history on the real engine, as far as a person with a shell can do them."""

from __future__ import annotations

import json
import signal
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from paidsw.cli.locks import drop_dead
from paidsw.emulator.testing import Emulator
from tests.ownership.played import Played
from tests.ownership.steps import (
    BESIDE,
    CLONE,
    HERE,
    Accident,
    CopyState,
    Destroy,
    Edit,
    Forget,
    Move,
    Preview,
    Recover,
    Refresh,
    RenameStack,
    Rewrite,
    Run,
    Step,
    Strike,
    Up,
    Wait,
)
from tests.support.engine import Stack, kill
from tests.support.engine_model.state import PROVIDERS
from tests.support.processes import listed
from tests.support.shape import ProgramShape
from tests.support.waiting import PATIENCE, until

PROGRAM = Path(__file__).parents[1] / "engine" / "programs" / "shaped"
YES = ("--yes", "--skip-preview")
# What is compared: each resource of a state with whether its delete is still to come.
Kept = list[tuple[str, str, bool]]


class Place:
    """A stack in a backend."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.name = stack, name
        self.shape = ProgramShape()

    @property
    def config_file(self) -> Path:
        return self.stack.project / f"Pulumi.{self.name}.yaml"

    def resources(self) -> list[dict[str, Any]]:
        found = (self.stack.folder / "state").glob(f".pulumi/stacks/*/{self.name}.json")
        latest = [json.loads(one.read_text())["checkpoint"]["latest"] for one in found]
        return [item for one in latest for item in (one or {}).get("resources") or []]

    def environment(self) -> dict[str, str]:
        return self.stack.environment | {"SHAPE": json.dumps(asdict(self.shape))}


class OnTheEngine:
    """A few states and one account under the real engine."""

    def __init__(self, folder: Path, emulator: Emulator, launch_folder: Path) -> None:
        self.emulator = emulator
        self._folder, self._launch_folder = folder, launch_folder
        self._places: dict[str, Place] = {}

    def play(self, step: Step) -> int | None:
        """Do it; a command's exit code, None where it was killed or isn't a run."""
        if isinstance(step, Up | Preview | Destroy | Refresh):
            return self._run(step)
        match step:
            case Edit():
                self._edit(step)
            case Rewrite():
                shape = ProgramShape(step.name, step.former, step.removed, step.retained)
                self.place(step.state).shape = shape
            case RenameStack():
                place = self.place(step.state)
                self._must(place, "stack", "rename", step.name, "--stack", place.name)
                place.name = step.name
            case Move():
                self._move(step)
            case CopyState():
                self._copy(step)
            case Forget():
                self._forget(step)
            case Strike():
                details = dict(step.details)
                self.emulator.faults.add(step.kind, step.operation, nth=step.nth, times=step.times, **details)
            case Recover():
                self.emulator.faults.clear()
            case Wait():
                self.emulator.clock.advance(minutes=step.minutes)
            case _:
                raise NotImplementedError(step)
        return None

    def place(self, state: str) -> Place:
        """Where a state is; made when it is first needed."""
        if state not in self._places:
            if state == BESIDE:
                here = self.place(HERE)
                place = Place(here.stack, "beside")
                self._must(place, "stack", "init", "beside")
                salt = yaml.safe_load(place.config_file.read_text())
                config = yaml.safe_load(here.config_file.read_text())
                place.config_file.write_text(yaml.safe_dump(config | salt))
            else:
                folder = self._folder / state
                folder.mkdir()
                stack = Stack(folder, self.emulator, PROGRAM, launch_folder=self._launch_folder)
                place = Place(stack, "dev")
            self._places[state] = place
        return self._places[state]

    def kept(self, state: str) -> Kept:
        """What is in a state, providers left out."""
        if state not in self._places:
            return []
        found = self.place(state).resources()
        return sorted(
            (item["type"], item["urn"].split("::", 3)[3], bool(item.get("delete")))
            for item in found
            if item.get("custom") and not item["type"].startswith(PROVIDERS)
        )

    def _run(self, step: Run) -> int | None:
        place = self.place(step.state)
        arguments: list[str] = []
        match step:
            case Up():
                named = [
                    item["urn"]
                    for token in step.replace
                    for item in place.resources()
                    if item["type"] == token
                ]
                replaced = [part for urn in named for part in ("--replace", urn)]
                arguments = ["up", *YES, *replaced, *(["--refresh"] if step.refresh else [])]
            case Preview():
                arguments = ["preview"]
            case Destroy():
                arguments = ["destroy", *YES]
            case Refresh():
                arguments = ["refresh", *YES, "--clear-pending-creates"]
        arguments += ["--stack", place.name]
        accident = getattr(step, "accident", None)
        if accident is not None:
            return self._cut_short(place, accident, arguments)
        return self._command(place, *arguments)

    def _cut_short(self, place: Place, accident: Accident, arguments: list[str]) -> int | None:
        """Strike while the answer to the call is held back: the cloud has carried it out."""
        assert accident.after
        fault = {"nth": accident.nth, "times": 1, "hold_ms": 300_000}
        self.emulator.faults.add("slow", accident.operation, **fault)
        place.stack.environment["SHAPE"] = place.environment()["SHAPE"]
        process = place.stack.start(*arguments)
        until(lambda: self._held(accident), process)
        if accident.kind == "provider":
            for pid in _plugins(process.pid):
                kill_one(pid)
        elif accident.kind == "cancel":
            kill(process, signal.SIGINT)
        else:
            kill(process, signal.SIGKILL)
        text, _ = process.communicate(timeout=PATIENCE)
        self.last_text = text
        self.emulator.faults.clear()
        if accident.kind == "all":
            drop_dead(place.stack.folder / "state")
            return None
        return process.returncode

    def _held(self, accident: Accident) -> bool:
        return self.emulator.do(
            lambda cloud: any(
                fault.kind == "slow" and fault.seen >= accident.nth for fault in cloud.faults.script
            )
        )

    def _command(self, place: Place, *arguments: str) -> int:
        place.stack.environment["SHAPE"] = place.environment()["SHAPE"]
        outcome = place.stack.run(*arguments)
        self.last_text = outcome.text
        return outcome.code

    def _must(self, place: Place, *arguments: str) -> None:
        assert self._command(place, *arguments) == 0, self.last_text

    def _edit(self, step: Edit) -> None:
        place = self.place(step.state)
        document = yaml.safe_load(place.config_file.read_text())
        key = step.key if ":" in step.key else f"dsw-free-tier:{step.key}"
        value = self._value(step)
        document["config"].pop(key, None)
        if value is not None:
            document["config"][key] = value
        elif step.key == "alicloud:region":
            document["config"][key] = "cn-wulanchabu"
        place.config_file.write_text(yaml.safe_dump(document))

    def _value(self, step: Edit) -> Any:
        """As in `Played.value`, by what the states of the engine hold."""
        found = {
            "own instance": ("paidsw:index:Instance", [step.state]),
            "other's instance": ("paidsw:index:Instance", [one for one in self._places if one != step.state]),
            "own workspace": ("alicloud:pai/workspaceWorkspace:WorkspaceWorkspace", [step.state]),
            "other's owner": ("paidsw:index:Owner", [one for one in self._places if one != step.state]),
        }
        if step.value == "other workspace":
            return self.emulator.do(lambda account: account.default_workspace("cn-wulanchabu").id)
        if step.value not in found:
            return step.value
        token, states = found[step.value]
        ids = [item["id"] for one in states for item in self.place(one).resources() if item["type"] == token]
        return next((one.rpartition("/")[2] for one in ids), None)

    def _move(self, step: Move) -> None:
        source, target = self.place(step.source), self.place(step.target)
        assert source.stack is target.stack, "states of two backends"
        urn = next(item["urn"] for item in source.resources() if item["type"] == step.type)
        between = ("--source", source.name, "--dest", target.name)
        self._must(source, "state", "move", "--yes", *between, urn)

    def _copy(self, step: CopyState) -> None:
        source, target = self.place(step.source), self.place(step.target)
        exported = self._folder / "exported.json"
        self._must(
            source, "stack", "export", "--show-secrets", "--file", str(exported), "--stack", source.name
        )
        self._must(target, "stack", "import", "--file", str(exported), "--stack", target.name)

    def _forget(self, step: Forget) -> None:
        place = self.place(step.state)
        urn = next(item["urn"] for item in place.resources() if item["type"] == step.type)
        self._must(place, "state", "delete", urn, "--target-dependents", "--yes", "--stack", place.name)


def kept(played: Played, state: str) -> Kept:
    """What is in a state of the model, in the same form."""
    found = played.stacks[state].state.resources
    return sorted(
        (one.type, one.urn.split("::", 3)[3], one.delete)
        for one in found
        if one.custom and not one.is_provider
    )


def kill_one(pid: int) -> None:
    """Kill a plugin, if it is still there."""
    import contextlib
    import os

    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _plugins(pulumi: int) -> set[int]:
    """The processes of our provider that a `pulumi` has started, itself or through a language host."""
    found, mine = listed(), {pulumi}
    while new := {pid for pid, (parent, _) in found.items() if parent in mine} - mine:
        mine |= new
    return {pid for pid in mine - {pulumi} if "/provider " in found[pid][1]}


__all__ = ["CLONE", "OnTheEngine", "kept"]
