"""An image of one's own."""

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

Instance("one", arguments(imageUrl="registry.example/own/image:gpu"))
