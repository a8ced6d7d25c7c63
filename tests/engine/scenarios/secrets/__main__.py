"""Secrets as inputs, some of them wrong."""

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

planted = pulumi.Output.secret("Planted Secret 42")
Instance(
    "one",
    arguments(
        region=planted,
        imageAuth=planted,
        labels={"note": planted},
        environmentVariables={"API_KEY": planted},
    ),
)
