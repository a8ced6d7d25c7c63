"""An instance that had another name, parent and type before."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

before = [
    pulumi.Alias(name="before"),
    pulumi.Alias(type_="lab:index:Notebook"),
    pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE),
]
Instance("one", arguments(ecsSpec="ecs.gn7i-c32g1.8xlarge"), pulumi.ResourceOptions(aliases=before))
