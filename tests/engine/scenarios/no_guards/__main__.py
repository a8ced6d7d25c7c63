"""An instance that nothing would stop."""

from components import Instance, quiet_interrupts
from tests.provider.samples import inputs

quiet_interrupts()

Instance("one", inputs(idleInstanceCuller=None))
