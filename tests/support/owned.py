"""An owner's notebook as the runs leave it: with an owner and a cleanup in the state, the instance there or not."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from paidsw.emulator.dsw.models import Instance
from tests.support.direct import Crash, Direct, World
from tests.support.owners import CLEANUP_URN, OWNER_URN, Held
from tests.support.samples import OWNER_ID, REGION


def owner_of(world: World, **inputs: Any) -> Held:
    """The owner of the samples, in a provider of its own; None leaves an input out."""
    owner = Held(Direct(world), OWNER_URN)
    given = {"region": REGION, "ownerId": OWNER_ID, **inputs}
    owner.up({name: value for name, value in given.items() if value is not None})
    return owner


def cleanup_of(world: World, **inputs: Any) -> Held:
    """The cleanup of the sample owner in the default workspace, as a later run finds it in its state."""
    cleanup = Held(Direct(world), CLEANUP_URN)
    cleanup.up({"region": REGION, "workspaceId": world.workspace, "ownerId": OWNER_ID, **inputs})
    return later(cleanup, world)


def later(held: Held, world: World) -> Held:
    """The same in the state of a later run, whose provider remembers nothing."""
    return Held(Direct(world), held.urn, held.identifier, held.inputs, held.outputs)


def finished(world: World, **changes: Any) -> Instance:
    """A notebook whose create has finished, out of every state."""
    instance_id, _ = Direct(world).create(world.inputs(**changes))
    return next(one for one in world.instances if one.id == instance_id)


def unfinished(world: World, *, after: bool = True, **changes: Any) -> None:
    """A create whose provider died just before or after the cloud did it."""
    plugin = Direct(world)
    plugin.crash_in(_calls_before_create(), after=after)
    with pytest.raises(Crash):
        plugin.create(world.inputs(**changes))


@cache
def _calls_before_create() -> int:
    world = World()
    Direct(world).create(world.inputs())
    return world.calls.index("CreateInstance")
