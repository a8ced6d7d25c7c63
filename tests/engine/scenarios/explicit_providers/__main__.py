"""A notebook with providers of its own."""

import pulumi
import pulumi_alicloud as alicloud

from components import quiet_interrupts
from paidsw.resources import Instance
from tests.support.samples import IMAGE, arguments

quiet_interrupts()

region = "cn-shanghai"
cloud = alicloud.Provider(
    "cloud", region=region, endpoints=pulumi.Config("alicloud").require_object("endpoints")
)
dsw = pulumi.ProviderResource("paidsw", "dsw", {"emulator": pulumi.Config("paidsw").require("emulator")})
workspace = alicloud.pai.WorkspaceWorkspace(
    "mine",
    workspace_name="mine",
    description="Explicit providers",
    env_types=["prod"],
    opts=pulumi.ResourceOptions(provider=cloud),
)
image = IMAGE.replace("cn-wulanchabu", region)
Instance(
    "one",
    arguments(region=region, workspaceId=workspace.id, imageUrl=image),
    pulumi.ResourceOptions(provider=dsw),
)
