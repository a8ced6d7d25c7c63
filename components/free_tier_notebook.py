"""A notebook that the free trial pays for: whose it is, a PAI workspace, and a DSW instance with its guards in it."""

from __future__ import annotations

from typing import ClassVar, cast

import pulumi

from components.arguments import NotebookArgs
from components.functions import require_access, require_import, require_name
from components.providers import refused, regional_provider
from components.secret_settings import derived_outputs, with_secrets
from components.workspace import Workspace
from paidsw.core.text import camel_case
from paidsw.resources import Cleanup, CleanupArgs, Instance, InstanceArgs, Owner, OwnerArgs
from paidsw.rules.rule import WORKSPACE_TYPE

TOKEN = "paidsw:index:FreeTierNotebook"  # noqa: S105
# The instance's outputs that are the notebook's too.
_OF_INSTANCE = (
    "instance_id",
    "status",
    "jupyterlab_url",
    "web_ide_url",
    "terminal_url",
    "shutdown_time",
    "disk_kept_until",
)


class FreeTierNotebook(pulumi.ComponentResource):
    """Owner, workspace, cleanup and instance, released in the reverse order by `pulumi destroy`.

    Raises pulumi.RunError, one sentence for each thing that the free tier doesn't pay for, and when there are no
    credentials.
    """

    instance_id: pulumi.Output[str]
    status: pulumi.Output[str]
    jupyterlab_url: pulumi.Output[str]
    web_ide_url: pulumi.Output[str]
    terminal_url: pulumi.Output[str]
    shutdown_time: pulumi.Output[str]
    disk_kept_until: pulumi.Output[str]
    cu_per_hour: pulumi.Output[str]
    quota_hours: pulumi.Output[str]

    token: ClassVar[str] = TOKEN
    OUTPUTS: ClassVar[tuple[str, ...]] = (*_OF_INSTANCE, "cu_per_hour", "quota_hours")

    def __init__(
        self,
        name: str,
        args: NotebookArgs | None = None,
        *,
        region: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        args = args or NotebookArgs()
        _refuse(args, region)
        require_name(self.token, name, opts)
        super().__init__(self.token, name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Their names are the settings' own, and the provider checks them.
        of_owner = with_secrets(args.owner_inputs(region), args.secret)
        hidden = ["workspaceName"] if args.hides_workspace_name else []
        owner = Owner(
            name,
            cast("OwnerArgs", of_owner),
            pulumi.ResourceOptions(parent=self, additional_secret_outputs=hidden),
        )
        workspace_id = of_owner.get("workspaceId") or self._workspace(
            name, args, region, owner, _qualified(name, opts)
        )
        scope: CleanupArgs = {"region": region, "workspaceId": workspace_id, "ownerId": owner.owner_id}
        cleanup = Cleanup(name, scope, child)
        plain = args.instance_inputs(region, args.workspace_id)
        inputs = with_secrets(plain, args.secret) | {"workspaceId": workspace_id, "ownerId": owner.owner_id}
        hidden = [*hidden, *derived_outputs(plain, args.secret)]
        taken = f"{region}/{args.import_id}" if args.import_id else None
        instance = Instance(
            name,
            cast("InstanceArgs", inputs),
            pulumi.ResourceOptions(
                parent=self, import_=taken, depends_on=[cleanup], additional_secret_outputs=hidden
            ),
        )

        for output in _OF_INSTANCE:
            setattr(self, output, getattr(instance, output))
        # Decimals as text: outputs have floats only.
        shown = pulumi.Output.secret if "ecsSpec" in args.secret else pulumi.Output.from_input
        self.cu_per_hour = shown(str(args.cu_per_hour))
        self.quota_hours = shown(str(args.quota_hours))
        self.register_outputs(self.outputs)

    @property
    def outputs(self) -> dict[str, pulumi.Output[str]]:
        """All outputs, under the names of the Pulumi wire."""
        return {camel_case(name): getattr(self, name) for name in self.OUTPUTS}

    def _workspace(
        self, name: str, args: NotebookArgs, region: str, owner: Owner, qualified: str
    ) -> pulumi.Output[str]:
        """The id of a workspace of the notebook's own; `qualified` is the notebook's name in the whole program."""
        given = self.get_provider(WORKSPACE_TYPE)
        workspace = Workspace(
            name,
            region,
            owner,
            args,
            hook_name=f"{qualified}-{region}-workspace",
            provider=given or regional_provider(qualified, region, owner),
            component=self,
        )
        return workspace.id


def _qualified(name: str, opts: pulumi.ResourceOptions | None) -> str:
    """A name with that of the parent, since notebooks of different parents may have the same."""
    parent = getattr(opts and opts.parent, "pulumi_resource_name", None)
    return f"{parent}-{name}" if parent else name


def _refuse(args: NotebookArgs, region: str) -> None:
    found = [*refused(), *args.violations(region)]
    if found:
        raise pulumi.RunError("\n".join(str(problem.message) for problem in found))
    require_access()
    require_import(args, region)
