"""Histories played on the model with a judge beside them."""

from __future__ import annotations

import re
from typing import Any

from tests.ownership import steps
from tests.ownership.played import Played
from tests.ownership.properties import Before, Memory, note_asked, note_console, violations
from tests.ownership.steps import STATES, Step
from tests.support.engine_model.stack import Outcome


class Judged:
    """Plays steps and fails at the first that violates a property."""

    def __init__(self, **switches: Any) -> None:
        self.played = Played(**switches)
        self.memory = Memory()
        self.history: list[Step] = []

    def play(self, step: Step) -> Outcome | None:
        self.history.append(step)
        if not isinstance(step, steps.Run):
            self.played.play(step)
            note_console(self.memory, self.played, step)
            return None
        before = Before.of(self.played, step.state)
        note_asked(self.memory, self.played, step)
        record = self.played.world.fresh_record()
        outcome = self.played.play(step)
        assert outcome is not None
        wrong = violations(self.memory, self.played, step, before, record, outcome)
        assert not wrong, "\n".join([*wrong, *outcome.lines, repr(self.history)])
        return outcome

    def everything_ends(self) -> None:
        """The cloud is well, and nobody changes anything any more: each state can be destroyed, and begin again.

        What a destroy names and doesn't delete is released as it says.
        """
        self.play(steps.Recover())
        for state in STATES:
            self._destroyed(state)
        self._others_go()
        self.played.another_trial()
        stack = self.played.stacks[steps.HERE]
        for key in stack.settings:
            self.play(steps.Edit(steps.HERE, key, None))
        self.play(steps.Rewrite(steps.HERE))
        self._ended(steps.Up(steps.HERE))
        self._destroyed(steps.HERE)
        assert self.played.world.instances == []

    def _destroyed(self, state: str) -> None:
        for _ in range(3):
            outcome = self.play(steps.Destroy(state))
            assert outcome is not None
            if outcome.code == 0:
                break
            self._follow(state, outcome)
        else:
            self._ended(steps.Destroy(state))
        assert self.played.stacks[state].state.resources == []

    def _ended(self, step: steps.Run) -> None:
        outcome = self.play(step)
        assert outcome is not None
        assert outcome.code == 0, "\n".join([*outcome.lines, repr(self.history)])

    def _others_go(self) -> None:
        """What no state has: a stranger's notebook, and those whose state is lost."""
        for _ in self.played.world.instances:
            for operation in ("StopInstance", "DeleteInstance"):
                self.play(steps.Console(operation))
                self.play(steps.Wait(5))
        assert self.played.world.instances == []

    def _follow(self, state: str, outcome: Outcome) -> None:
        """Do what the sentences say."""
        text = "\n".join(outcome.lines)
        for found in re.findall(r"dsw release\S* (?:--\S+ )*(dsw-\w+)", text):
            living = [one.id for one in self.played.world.instances]
            if found in living:
                self.play(steps.Console("DeleteInstance", living.index(found)))
                self.play(steps.Wait(5))
        for urn in re.findall(r"pulumi state delete '?(urn:[^' ;]+)", text):
            stack = self.played.stacks[state]
            stack.state = stack.state.without(urn)
