"""An instance within the tier."""

from components import Instance, quiet_interrupts
from tests.provider.samples import inputs

quiet_interrupts()

Instance("one", inputs(sessionHours=6))
