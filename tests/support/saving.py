"""What tests of backups share."""

from __future__ import annotations

from typing import Any

from tests.support.direct import Direct, World
from tests.support.instance_stack import InstanceStack, assert_clean
from tests.support.plugin import Failure
from tests.support.samples import REGION

REPOSITORY = f"registry-vpc.{REGION}.aliyuncs.com/me/notebooks"


BACKUP = {"snapshot": "llm", "repository": REPOSITORY}


def declared_saved(world: World, direct: Direct) -> InstanceStack:
    """A stack whose instance runs and is to be saved before a delete; its calls and lines so far are forgotten."""
    stack = InstanceStack(direct)
    assert stack.up(world.inputs(backup=BACKUP)) is None
    world.calls.clear()
    direct.engine.lines.clear()
    return stack


def images(world: World) -> list[str]:
    """What was saved in the registry."""
    world.cloud.settle()
    return [image.uri for image in world.cloud.state.images.values()]


def pushing(world: World, minutes: float) -> None:
    """How long the cloud takes to push an image."""
    settings = world.cloud.state.settings
    settings.durations = {**settings.durations, "Pushing": minutes * 60}


def said(stack: InstanceStack) -> str:
    engine: Any = stack.plugin.engine
    return "\n".join(engine.messages)


def failed(failure: Failure | None) -> str:
    assert failure is not None
    assert_clean(failure.message)
    return failure.message
