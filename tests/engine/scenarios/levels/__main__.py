"""An image of one's own."""

from components import Instance, quiet_interrupts
from tests.provider.samples import inputs

quiet_interrupts()

Instance("one", inputs(imageUrl="registry.example/own/image:gpu"))
