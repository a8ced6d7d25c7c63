"""An instance that isn't free, with a provider of its own; and a provider that says where its requests come from."""

import pulumi
import pulumi_alicloud as alicloud

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import arguments

quiet_interrupts()

dsw = pulumi.ProviderResource("paidsw", "dsw", {"emulator": pulumi.Config("paidsw").require("emulator")})
endpoints = pulumi.Config("alicloud").require_object("endpoints")
alicloud.Provider(
    "cloud", endpoints=endpoints, protocol="HTTP", assume_role={"role_arn": "acs:ram::1:role/x"}
)
Instance("one", arguments(resourceId="quota1"), pulumi.ResourceOptions(provider=dsw, protect=True))
