"""A notebook inside a component of one's own, with its default providers."""

import pulumi

from components import FreeTierNotebook, quiet_interrupts

quiet_interrupts()


class Classroom(pulumi.ComponentResource):
    """A classroom with one notebook."""

    def __init__(self, name: str) -> None:
        super().__init__("lab:index:Classroom", name)
        FreeTierNotebook("notebook", region="cn-beijing", opts=pulumi.ResourceOptions(parent=self))


Classroom("class")
