"""An image of one's own."""

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import inputs

quiet_interrupts()

Instance("one", inputs(imageUrl="registry.example/own/image:gpu"))
