"""The typed classes of the provider's resources; their inputs have the names of the package schema.

Written by `python -m paidsw.provider.python_class` from the definitions of the inputs. Change them there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from inspect import get_annotations
from typing import NotRequired, TypedDict

import pulumi

from paidsw.core.text import camel_case, snake_case
from paidsw.rules.rule import CLEANUP_TYPE, INSTANCE_TYPE, OWNER_TYPE


class Backup(TypedDict):
    """Where the environment is saved as an image before a delete, and by `dsw backup`."""

    snapshot: pulumi.Input[str]
    """Name: lower-case letters, digits, hyphens; each backup adds its time."""
    repository: pulumi.Input[str]
    """Repository of your Container Registry, without a tag; storage there may be billed."""


class CloudDisk(TypedDict):
    """A disk of the instance."""

    capacity: pulumi.Input[str]
    """Size, like 100Gi. It can grow, never shrink."""
    subType: pulumi.Input[str]
    """rootfs is the system disk, the only one that can be free."""


class Dataset(TypedDict):
    """A dataset, or a storage path, mounted into the instance."""

    datasetId: NotRequired[pulumi.Input[str]]
    """Id of a dataset of the workspace."""
    datasetVersion: NotRequired[pulumi.Input[str]]
    """Version of the dataset."""
    uri: NotRequired[pulumi.Input[str]]
    """Storage path, like oss://bucket.endpoint/path/."""
    mountPath: pulumi.Input[str]
    """Folder in the instance."""
    mountAccess: NotRequired[pulumi.Input[str]]
    """RO reads, RW also writes."""
    options: NotRequired[pulumi.Input[str]]
    """Mount options as JSON text."""


class ForwardInfo(TypedDict):
    """A way into the instance from outside. What it names is billed on its own."""

    name: NotRequired[pulumi.Input[str]]
    """Name of the service."""
    enable: NotRequired[pulumi.Input[bool]]
    """Whether the way is open."""
    accessType: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Kinds of access."""
    containerName: NotRequired[pulumi.Input[str]]
    """Container."""
    port: NotRequired[pulumi.Input[int]]
    """Port in the instance."""
    eipAllocationId: NotRequired[pulumi.Input[str]]
    """Elastic IP address."""
    natGatewayId: NotRequired[pulumi.Input[str]]
    """NAT gateway."""
    nlbGatewayId: NotRequired[pulumi.Input[str]]
    """Network load balancer."""


class IdleInstanceCuller(TypedDict):
    """Stops the instance when CPU and GPU stay below their thresholds for so long."""

    maxIdleTimeInMinutes: pulumi.Input[int]
    """Minutes of idleness before the stop."""
    cpuPercentThreshold: NotRequired[pulumi.Input[int]]
    """Idle means below, percent."""
    gpuPercentThreshold: NotRequired[pulumi.Input[int]]
    """Idle means below, percent; on GPU types only."""


class SpotSpec(TypedDict):
    """Spot pricing. Declared so that a rule can refuse it."""

    spotStrategy: NotRequired[pulumi.Input[str]]
    """Strategy."""
    spotDuration: NotRequired[pulumi.Input[str]]
    """Protected hours."""
    spotPriceLimit: NotRequired[pulumi.Input[str]]
    """Highest price per hour."""
    spotDiscountLimit: NotRequired[pulumi.Input[str]]
    """Highest share of the list price."""


class UserVpc(TypedDict):
    """The user's own network."""

    vpcId: pulumi.Input[str]
    """VPC."""
    vSwitchId: NotRequired[pulumi.Input[str]]
    """VSwitch."""
    securityGroupId: NotRequired[pulumi.Input[str]]
    """Security group."""
    defaultRoute: NotRequired[pulumi.Input[str]]
    """Where traffic leaves."""
    extendedCidrs: NotRequired[pulumi.Input[Sequence[pulumi.Input[str]]]]
    """Further address ranges."""
    bandwidthLimit: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Bandwidth limits."""
    forwardInfos: NotRequired[pulumi.Input[Sequence[pulumi.Input[ForwardInfo]]]]
    """Ways in from outside."""


class _Resource(pulumi.CustomResource):
    """A resource whose outputs are its annotated attributes."""

    @classmethod
    def outputs(cls) -> frozenset[str]:
        """The names of the attributes."""
        return frozenset(get_annotations(cls))

    def translate_output_property(self, prop: str) -> str:
        """instanceId → instance_id, for the outputs that have an attribute."""
        name = snake_case(prop)
        return name if name in self.outputs() else prop

    def translate_input_property(self, prop: str) -> str:
        """instance_id → instanceId."""
        return camel_case(prop) if prop in self.outputs() else prop


class OwnerArgs(TypedDict):
    """Inputs of Owner."""

    region: pulumi.Input[str]
    """Region of the instances, like cn-wulanchabu."""
    workspaceId: NotRequired[pulumi.Input[str]]
    """An existing workspace of theirs; none if the stack makes its own."""
    workspaceName: NotRequired[pulumi.Input[str]]
    """Name of the workspace that the stack makes; one with the owner's id if absent."""
    ownerId: NotRequired[pulumi.Input[str]]
    """Id of an earlier owner whose state is lost, to take its place; a new one if absent."""
    importId: NotRequired[pulumi.Input[str]]
    """Id of an instance to take over."""
    replaceId: NotRequired[pulumi.Input[str]]
    """Id of the instance that may be replaced, which deletes all its files."""


class Owner(_Resource):
    """Whom instances belong to: they carry its id as a label, and nobody else's are touched."""

    workspace_name: pulumi.Output[str]
    """Name of the workspace that the stack makes; empty with workspaceId."""
    owner_id: pulumi.Output[str]
    """Its id, which is also the label's value."""

    def __init__(
        self, resource_name: str, inputs: OwnerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(OWNER_TYPE, resource_name, {**dict.fromkeys(self.outputs()), **inputs}, opts)


class CleanupArgs(TypedDict):
    """Inputs of Cleanup."""

    region: pulumi.Input[str]
    """Region of the workspace."""
    workspaceId: pulumi.Input[str]
    """The workspace."""
    ownerId: pulumi.Input[str]
    """Id of the owner."""


class Cleanup(_Resource):
    """Deletes last what an owner still has in a workspace, which no state may know of."""

    def __init__(
        self, resource_name: str, inputs: CleanupArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(CLEANUP_TYPE, resource_name, {**dict.fromkeys(self.outputs()), **inputs}, opts)


class InstanceArgs(TypedDict):
    """Inputs of Instance."""

    region: pulumi.Input[str]
    """Region, like cn-wulanchabu. A change replaces."""
    workspaceId: pulumi.Input[str]
    """PAI workspace. A change replaces."""
    instanceName: pulumi.Input[str]
    """Letters, digits, underscores; at most 27; unique."""
    ecsSpec: pulumi.Input[str]
    """Instance type, like ecs.gn7i-c8g1.2xlarge."""
    imageUrl: NotRequired[pulumi.Input[str]]
    """Image by URL; exactly one of imageUrl, imageId."""
    imageId: NotRequired[pulumi.Input[str]]
    """Image by id."""
    imageAuth: NotRequired[pulumi.Input[str]]
    """Base64 of user:password for a private image."""
    cloudDisks: NotRequired[pulumi.Input[Sequence[pulumi.Input[CloudDisk]]]]
    """The system disk."""
    accessibility: NotRequired[pulumi.Input[str]]
    """Who sees the instance. PUBLIC can't be taken back."""
    driver: NotRequired[pulumi.Input[str]]
    """NVIDIA driver version; the cloud's default if absent."""
    environmentVariables: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """For the notebook's processes."""
    labels: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]]]
    """Labels. Those starting paidsw- are ours, acs: and aliyun the cloud's."""
    datasets: NotRequired[pulumi.Input[Sequence[pulumi.Input[Dataset]]]]
    """What is mounted."""
    userVpc: NotRequired[pulumi.Input[UserVpc]]
    """The user's own network."""
    spotSpec: NotRequired[pulumi.Input[SpotSpec]]
    """Spot pricing, which the trial doesn't pay for."""
    resourceId: NotRequired[pulumi.Input[str]]
    """Subscription resource group, likewise."""
    idleInstanceCuller: NotRequired[pulumi.Input[IdleInstanceCuller]]
    """Stops an idle instance."""
    sessionHours: NotRequired[pulumi.Input[float]]
    """Hours from a start until the shutdown timer stops the instance."""
    running: NotRequired[pulumi.Input[bool]]
    """false stops it: its disk is kept for 15 days, and no computing hours are used."""
    backup: NotRequired[pulumi.Input[Backup]]
    """Saves the environment as an image before every delete."""
    allowBilling: NotRequired[pulumi.Input[bool]]
    """Runs it even if the trial doesn't pay or can't be checked: it is billed then."""
    ownerId: NotRequired[pulumi.Input[str]]
    """Id of its owner: a create that was interrupted is found by it, and nobody else's is touched."""
    replaceId: NotRequired[pulumi.Input[str]]
    """Id of the instance that may be replaced, which deletes all its files."""
    startClearedId: NotRequired[pulumi.Input[str]]
    """Id of the instance that may be started although the cloud has cleared its disk."""


class Instance(_Resource):
    """A PAI-DSW instance with its guards. Created means started."""

    instance_id: pulumi.Output[str]
    """Id, like dsw-…."""
    status: pulumi.Output[str]
    """Status as the API names it, like Running."""
    instance_url: pulumi.Output[str]
    """Access URL. Secret, since it carries a token."""
    jupyterlab_url: pulumi.Output[str]
    """JupyterLab URL. Secret, since it carries a token."""
    web_ide_url: pulumi.Output[str]
    """WebIDE URL. Secret, since it carries a token."""
    terminal_url: pulumi.Output[str]
    """Terminal URL. Secret, since it carries a token."""
    shutdown_time: pulumi.Output[str]
    """When the shutdown timer stops the instance, UTC; empty while it is stopped."""
    disk_kept_until: pulumi.Output[str]
    """When the cloud clears the disk of a stopped instance, UTC; empty while it runs and afterwards."""
    gmt_create_time: pulumi.Output[str]
    """When it was created, UTC."""
    accelerator_type: pulumi.Output[str]
    """GPU or CPU."""
    workspace_name: pulumi.Output[str]
    """Name of the workspace."""
    payment_type: pulumi.Output[str]
    """PayAsYouGo or Subscription."""
    image_name: pulumi.Output[str]
    """Name of the image."""
    origin: pulumi.Output[str]
    """declared: made by this stack; import, imported: taken over, without this stack's labels so far."""

    def __init__(
        self, resource_name: str, inputs: InstanceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # A name is unique, and a create adopts what carries its labels. The provider says so in its diffs;
        # `pulumi up --replace` asks for none.
        first = pulumi.ResourceOptions(delete_before_replace=True)
        opts = pulumi.ResourceOptions.merge(first, opts)
        super().__init__(INSTANCE_TYPE, resource_name, {**dict.fromkeys(self.outputs()), **inputs}, opts)
