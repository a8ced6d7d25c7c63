"""The typed resource class of `paidsw:index:Instance`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from paidsw.core.text import camel_case, snake_case
from paidsw.rules.rule import INSTANCE_TYPE


class Instance(pulumi.CustomResource):
    """A PAI-DSW instance with its guards.

    `inputs` are those of the package schema, in its names (region, workspaceId, instanceName, …).
    """

    instance_id: pulumi.Output[str]
    """Id, like dsw-…."""
    status: pulumi.Output[str]
    """Status as the API names it, like Running."""
    jupyterlab_url: pulumi.Output[str]
    """JupyterLab; secret, since it carries a token."""
    web_ide_url: pulumi.Output[str]
    """WebIDE; secret, since it carries a token."""
    terminal_url: pulumi.Output[str]
    """Terminal; secret, since it carries a token."""
    shutdown_time: pulumi.Output[str]
    """When the shutdown timer stops it, UTC; empty while it is stopped."""
    disk_kept_until: pulumi.Output[str]
    """When the cloud clears the disk of a stopped one, UTC; empty while it runs."""

    def __init__(
        self, resource_name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        # Name and quota are single, and a create adopts what carries its labels. The provider says so in its diffs;
        # `pulumi up --replace` asks for none.
        first = pulumi.ResourceOptions(delete_before_replace=True)
        opts = pulumi.ResourceOptions.merge(first, opts)
        super().__init__(INSTANCE_TYPE, resource_name, {**dict.fromkeys(OUTPUTS), **inputs}, opts)

    def translate_output_property(self, prop: str) -> str:
        """instanceId → instance_id, for the outputs that have an attribute."""
        name = snake_case(prop)
        return name if name in OUTPUTS else prop

    def translate_input_property(self, prop: str) -> str:
        """instance_id → instanceId."""
        return camel_case(prop) if prop in OUTPUTS else prop


OUTPUTS = frozenset(Instance.__annotations__)
