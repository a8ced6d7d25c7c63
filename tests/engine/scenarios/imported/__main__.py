"""Takes over an instance that exists, with the inputs that the configuration gives."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance

quiet_interrupts()

config = pulumi.Config()
Instance("found", config.require_object("inputs"), pulumi.ResourceOptions(import_=config.require("id")))
