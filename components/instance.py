"""The typed resource class of `paidsw:index:Instance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

TOKEN = "paidsw:index:Instance"  # noqa: S105

# Outputs besides the inputs; the program sees them as attributes.
OUTPUTS = (
    "instanceId",
    "status",
    "instanceUrl",
    "jupyterlabUrl",
    "webIdeUrl",
    "terminalUrl",
    "shutdownTime",
    "gmtCreateTime",
    "acceleratorType",
    "workspaceName",
    "paymentType",
    "imageName",
)


class Instance(pulumi.CustomResource):
    """A PAI-DSW instance with its guards.

    `inputs` are those of the package schema, in its names (region, workspaceId, instanceName, …).
    """

    def __init__(
        self, resource_name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {**dict.fromkeys(OUTPUTS), **inputs}
        super().__init__(TOKEN, resource_name, props, opts)

    @property
    @pulumi.getter(name="instanceId")
    def instance_id(self) -> pulumi.Output[str]:
        """Id, like dsw-…."""
        return self._output("instance_id")

    @property
    @pulumi.getter(name="status")
    def status(self) -> pulumi.Output[str]:
        """Status as the API names it."""
        return self._output("status")

    @property
    @pulumi.getter(name="jupyterlabUrl")
    def jupyterlab_url(self) -> pulumi.Output[str]:
        """JupyterLab; secret, since it carries a token."""
        return self._output("jupyterlab_url")

    @property
    @pulumi.getter(name="webIdeUrl")
    def web_ide_url(self) -> pulumi.Output[str]:
        """WebIDE; secret, since it carries a token."""
        return self._output("web_ide_url")

    @property
    @pulumi.getter(name="terminalUrl")
    def terminal_url(self) -> pulumi.Output[str]:
        """Terminal; secret, since it carries a token."""
        return self._output("terminal_url")

    @property
    @pulumi.getter(name="shutdownTime")
    def shutdown_time(self) -> pulumi.Output[str]:
        """When the shutdown timer stops it, UTC."""
        return self._output("shutdown_time")

    def _output(self, name: str) -> pulumi.Output[str]:
        found: pulumi.Output[str] = pulumi.get(self, name)
        return found
