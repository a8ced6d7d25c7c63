"""Plays the steps of a history on the model of the engine."""

from __future__ import annotations

from typing import Any

from paidsw.emulator.dsw.models import Instance
from paidsw.emulator.errors import ApiError
from paidsw.emulator.state import Trial
from tests.ownership.steps import (
    BESIDE,
    INSTANCE,
    OWNER,
    STATES,
    WORKSPACE,
    Console,
    CopyState,
    Destroy,
    Edit,
    Forget,
    LoseState,
    Move,
    Preview,
    Recover,
    Refresh,
    RenameStack,
    Rewrite,
    Run,
    Step,
    Stranger,
    Strike,
    Up,
    Wait,
)
from tests.ownership.witness import WatchedWorld
from tests.support.cloud import A10, image
from tests.support.engine_model.stack import ModelStack, Outcome
from tests.support.engine_model.state import Snapshot, moved
from tests.support.instance_stack import recover
from tests.support.samples import REGION
from tests.support.shape import ProgramShape


class Played:
    """A few states and one account, after the steps so far."""

    def __init__(self, **switches: Any) -> None:
        self.world = WatchedWorld(**switches)
        self.stacks = {name: ModelStack(self.world, "beside" if name == BESIDE else "dev") for name in STATES}
        # Ids of the owners that a state had first, for those who lose it.
        self.first_owner: dict[str, str] = {}
        self.stranger = ""

    def play(self, step: Step) -> Outcome | None:
        """Do it; how a command ended, None for what isn't a run of the engine."""
        if isinstance(step, Up | Preview | Destroy | Refresh):
            return self._run(step)
        self._change(step)
        return None

    def _run(self, step: Run) -> Outcome:
        stack = self.stacks[step.state]
        accident = getattr(step, "accident", None)
        if accident is not None:
            stack.blows.plan(accident.kind, accident.operation, accident.nth, after=accident.after)
        if isinstance(step, Up):
            urns = [one.urn for token in step.replace for one in stack.state.of_type(token)]
            outcome = stack.up(replace=urns, refresh=step.refresh)
        elif isinstance(step, Preview):
            outcome = stack.up(preview=True)
        elif isinstance(step, Destroy):
            outcome = stack.destroy()
        else:
            outcome = stack.refresh()
        for owner in self.owners(step.state):
            self.first_owner.setdefault(step.state, owner)
        return outcome

    def _change(self, step: Step) -> None:
        match step:
            case Edit():
                self.stacks[step.state].settings[step.key] = self.value(step.state, step.value)
            case Rewrite():
                shape = ProgramShape(step.name, step.former, step.removed, step.retained)
                self.stacks[step.state].program = shape
            case RenameStack():
                self.stacks[step.state].rename(step.name)
            case Move():
                self._move(step)
            case CopyState():
                self._copy(step)
            case Forget():
                stack = self.stacks[step.state]
                for one in stack.state.of_type(step.type)[:1]:
                    stack.state = stack.state.without(one.urn)
            case LoseState():
                self.stacks[step.state].state = Snapshot()
            case _:
                self._befall(step)

    def _befall(self, step: Step) -> None:
        match step:
            case Console():
                self._console(step)
            case Stranger():
                self._stranger(guarded=step.guarded)
            case Strike():
                self.world.strike(
                    step.kind, step.operation, nth=step.nth, times=step.times, **dict(step.details)
                )
            case Recover():
                recover(self.world)
            case Wait():
                self.world.cloud.advance(60 * step.minutes)

    def _move(self, step: Move) -> None:
        source, target = self.stacks[step.source], self.stacks[step.target]
        for one in source.state.of_type(step.type)[:1]:
            done = moved(source.state, target.state, one.urn, target.name)
            if done is not None:
                source.state, target.state = done

    def _copy(self, step: CopyState) -> None:
        source, target = self.stacks[step.source], self.stacks[step.target]
        # The engine imports no state of a stack of another name.
        if not target.state.resources and source.name == target.name:
            target.state = source.state.copy()

    def _console(self, step: Console) -> None:
        instances = self.world.instances
        if instances:
            one = instances[step.index % len(instances)]
            try:
                self.world.console_of(one.region, step.operation, one.id)
            except ApiError:
                return

    def _stranger(self, *, guarded: bool) -> None:
        before = set(self.world.cloud.state.instances)
        body = {"InstanceName": "LLM_Finetune_01", "WorkspaceId": self.world.workspace}
        try:
            self.world.console("CreateInstance", "", EcsSpec=A10, ImageUrl=image(REGION), **body)
        except ApiError:
            return
        [self.stranger] = set(self.world.cloud.state.instances) - before
        self.world.cloud.advance(180)
        if guarded:
            self.world.console("CreateInstanceShutdownTimer", self.stranger, RemainingTimeInMs=4 * 3_600_000)

    def another_trial(self) -> None:
        """A trial that begins now, whatever time has passed and machines have used."""
        state = self.world.cloud.state
        state.usage.clear()
        state.trial = Trial(claimed_at=self.world.cloud.now())

    # --- what is there ---

    def value(self, state: str, value: Any) -> Any:
        """A setting's value, for a sentinel the id that it means; None where there is none."""
        others = [name for name in STATES if name != state]
        found = {
            "own instance": lambda: self.instance_ids(state),
            "other's instance": lambda: [one for name in others for one in self.instance_ids(name)],
            "stranger": lambda: [self.stranger] if self.stranger else [],
            "own workspace": lambda: [one.id for one in self.stacks[state].state.of_type(WORKSPACE)],
            "other workspace": lambda: [self.world.workspace],
            "other's owner": lambda: [one for name in others for one in self.owners(name)],
            "first owner": lambda: [self.first_owner[state]] if state in self.first_owner else [],
        }
        if not isinstance(value, str) or value not in found:
            return value
        return next(iter(found[value]()), None)

    def owners(self, state: str) -> set[str]:
        """The ids of the owners in a state, and of those whose notebook was moved into it alone."""
        found = self.stacks[state].state
        moved_in = {str(one.inputs.values.get("ownerId") or "") for one in found.of_type(INSTANCE)}
        return ({one.id for one in found.of_type(OWNER)} | moved_in) - {""}

    def instance_ids(self, state: str) -> list[str]:
        """The instances in a state."""
        return [one.id.rpartition("/")[2] for one in self.stacks[state].state.of_type(INSTANCE)]

    def workspace_ids(self, state: str) -> set[str]:
        """The workspaces that a state manages."""
        return {one.id for one in self.stacks[state].state.of_type(WORKSPACE)}

    def living(self) -> list[Instance]:
        """The instances that aren't on their way out."""
        return [one for one in self.world.instances if one.status != "Deleting"]
