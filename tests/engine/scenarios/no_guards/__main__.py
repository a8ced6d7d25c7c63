"""An instance that nothing would stop."""

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

Instance("one", arguments(idleInstanceCuller=None))
