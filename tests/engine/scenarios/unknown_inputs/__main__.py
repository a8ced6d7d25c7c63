"""Wrong inputs that nobody knows before another instance exists: one in each of many instances, or all in one."""

from typing import Any

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

config = pulumi.Config()
wrong: dict[str, Any] = config.require_object("wrong")
shared = {"workspaceId": config.require("workspace")}
source = Instance("source", arguments(**shared, instanceName="source", sessionHours=1))


def later(value: Any) -> pulumi.Output[Any]:
    """The value, once the source exists."""
    return source.instance_id.apply(lambda _: value)


if config.get_bool("together"):
    Instance("all", arguments(**shared, **{name: later(value) for name, value in wrong.items()}))
else:
    for index, (name, value) in enumerate(wrong.items()):
        telling = {"environmentVariables": {"API_KEY": "x"}, "instanceName": f"n{index}", "sessionHours": 1}
        Instance(name, arguments(**{**shared, **telling, name: later(value)}))
