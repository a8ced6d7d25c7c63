"""Wrong inputs that nobody knows before another resource exists: one in each of many instances, or all in one."""

from typing import Any

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance, Owner
from tests.support.samples import REGION, arguments

quiet_interrupts()

config = pulumi.Config()
wrong: dict[str, Any] = config.require_object("wrong")
shared = {"workspaceId": config.require("workspace")}
source = Owner("source", {"region": REGION})


def later(value: Any) -> pulumi.Output[Any]:
    """The value, once the source exists."""
    return source.owner_id.apply(lambda _: value)


if config.get_bool("together"):
    Instance("all", arguments(**shared, **{name: later(value) for name, value in wrong.items()}))
else:
    for index, (name, value) in enumerate(wrong.items()):
        telling = {
            "environmentVariables": {"API_KEY": "x"},
            "instanceName": f"n{index}",
            "sessionHours": 0.25,
        }
        Instance(name, arguments(**{**shared, **telling, name: later(value)}))
