"""Two notebooks, each within the quota, both together beyond it."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

one = Instance("one", arguments(sessionHours=20))
Instance("two", arguments(sessionHours=20), pulumi.ResourceOptions(depends_on=[one]))
