"""Clones of a program on one account, and what tests ask of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from paidsw.provider.instance import labels
from tests.support.direct import Crash, Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean
from tests.support.plugin import URN, Failure
from tests.support.samples import OWNER_ID

THEIRS = "ba9876543210"
ELSEWHERE = URN.replace(":dev::", ":prod::")
RENAMED = URN.replace("::notebook", "::other")


@dataclass
class Clone:
    """A clone of the program, with a state and so an owner of its own, and the same project, stack and names."""

    world: World
    owner_id: str | None

    def __post_init__(self) -> None:
        self.stack = InstanceStack(Direct(self.world))

    def declared(self, **changes: Any) -> dict[str, Any]:
        return self.world.inputs(ownerId=self.owner_id, **changes)

    def up(self, **changes: Any) -> Failure | None:
        return self.stack.up(self.declared(**changes))

    def killed(self, calls: int, *, after: bool = True, **changes: Any) -> None:
        """A run that dies at a call; the next one is another process."""
        plugin = self.stack.plugin
        assert isinstance(plugin, Direct)
        plugin.crash_in(calls, after=after)
        with pytest.raises(Crash):
            self.up(**changes)
        self.again()

    def again(self) -> None:
        self.world.before = self.world.after = None
        self.stack.plugin = Direct(self.world)

    @property
    def said(self) -> str:
        return " ".join(self.stack.plugin.engine.messages)


def refusal(failure: Failure | None) -> str:
    assert failure is not None
    assert_clean(failure.message)
    return failure.message


def created(world: World) -> int:
    return world.calls.count("CreateInstance")


@cache
def calls_before_the_create() -> int:
    other = World()
    Clone(other, OWNER_ID).up()
    return other.calls.index("CreateInstance")


def relabel(world: World, **marks: str | None) -> None:
    (found,) = world.cloud.state.instances.values()
    for name, value in marks.items():
        key = f"{labels.PREFIX}{name}"
        found.labels.pop(key, None)
        if value is not None:
            found.labels[key] = value
    world.cloud.commit()
