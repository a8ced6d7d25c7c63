"""Values as YAML and JSON bring them."""

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

Instance(
    "one",
    arguments(
        sessionHours=4.0,
        spotSpec=None,
        userVpc=None,
        labels={},
        datasets=[],
        cloudDisks=[{"subType": "rootfs", "capacity": "300Gi"}],
    ),
)
