"""An instance within the tier."""

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import inputs

quiet_interrupts()

Instance("one", inputs(sessionHours=6))
