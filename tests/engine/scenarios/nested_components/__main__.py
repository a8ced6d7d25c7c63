"""An instance three components deep."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()


class Room(pulumi.ComponentResource):
    """A room of a classroom."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("lab:index:Room", name, {}, opts)
        Instance(
            "seat", arguments(spotSpec={"spotStrategy": "SpotAsPriceGo"}), pulumi.ResourceOptions(parent=self)
        )


class Classroom(pulumi.ComponentResource):
    """A classroom with one room."""

    def __init__(self, name: str) -> None:
        super().__init__("lab:index:Classroom", name)
        Room(f"{name}-room", pulumi.ResourceOptions(parent=self))


Classroom("class")
