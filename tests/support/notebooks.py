"""Notebooks in an emulator, and commands that ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from paidsw.cloud import Connection, DswClient
from paidsw.emulator.testing import Emulator
from tests.support.command import Project, Result
from tests.support.plugin import URN, Plugin
from tests.support.samples import REGION, inputs

# What must reach no terminal: a title, a cleared screen, a turned direction, a line of its own.
HOSTILE = "\x1b]0;t\x07\x1b[2J\u202e\u2066\r\n\x9b[red]<b>*x*"


def create(plugin: Plugin, cloud: Emulator, **changes: Any) -> str:
    """A notebook that this project's provider made; it runs."""
    values = inputs(workspaceId=cloud.default_workspace(REGION), **changes)
    return plugin.create(values, urn=URN + values["instanceName"])[0]


def create_foreign(cloud: Emulator, name: str) -> str:
    """A notebook that somebody made in the console; it runs."""
    request = {
        "InstanceName": name,
        "WorkspaceId": cloud.default_workspace(REGION),
        "EcsSpec": "ecs.gn7i-c8g1.2xlarge",
        "ImageUrl": inputs()["imageUrl"],
    }
    made = call(cloud, lambda client: client.create_instance(request))
    cloud.clock.advance(minutes=10)
    return str(made)


def call(cloud: Emulator, work: Callable[[DswClient], Awaitable[Any]]) -> Any:
    """Something done in the cloud behind the project's back."""

    async def body() -> Any:
        return await work(DswClient(Connection(cloud.url), REGION))

    return asyncio.run(body())


def change(cloud: Emulator, instance_id: str, **members: Any) -> None:
    """Members of an instance that the cloud's own API wouldn't let one set."""
    cloud.do(lambda found: vars(found.state.instances[instance_id]).update(members))


def ask(project: Project, cloud: Emulator, *arguments: str) -> Result:
    """Run a command on this cloud."""
    return project.dsw(*arguments, "--emulator-url", cloud.url)


def is_harmless(text: str) -> bool:
    """Whether a terminal shows a text and does nothing else."""
    return all(letter.isprintable() for line in text.split("\n") for letter in line)
