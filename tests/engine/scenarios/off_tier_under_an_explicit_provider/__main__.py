"""An instance that isn't free, with a provider of its own."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

dsw = pulumi.ProviderResource("paidsw", "dsw", {"emulator": pulumi.Config("paidsw").require("emulator")})
Instance("one", arguments(resourceId="quota1"), pulumi.ResourceOptions(provider=dsw, protect=True))
