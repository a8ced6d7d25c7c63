"""The workspace that a notebook gets for itself, under a provider of its region."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_alicloud as alicloud
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from components.functions import workspace_of_name
from components.messages import Text
from paidsw.core.messages import Message
from paidsw.core.versions import ALICLOUD
from paidsw.rules.rule import WORKSPACE_TYPE

_DESCRIPTION = "Free-tier notebook"
# What CreateWorkspace answers when another workspace, or one in the recycle bin, has the name.
_NAME_IS_TAKEN = "100400009"
_PACKAGE = "alicloud"


def regional_provider(name: str, region: str) -> pulumi.ProviderResource:
    """The alicloud provider of one region, with the settings of `alicloud:` as the default provider gets them.

    A provider keeps its region for good: what a stack has in an old region is deleted there, whatever the settings say.
    It has no parent: `pulumi state move` can't move a component that has a provider as its child.
    """
    prefix = f"{_PACKAGE}:"
    settings = {**get_config_env(), **CONFIG.get()}
    inputs = {
        key.removeprefix(prefix): _value(key, settings[key]) for key in settings if key.startswith(prefix)
    }
    # The engine looks for the plugin of just this version.
    opts = pulumi.ResourceOptions(version=ALICLOUD)
    return pulumi.ProviderResource(_PACKAGE, f"{name}-{region}", {**inputs, "region": region}, opts)


def _value(key: str, value: Any) -> pulumi.Input[Any]:
    return pulumi.Output.secret(value) if is_config_secret(key) else value


class Workspace:
    """The workspace of a notebook, as a child of its component.

    `chosen` is whether the user gave it its name. If not, it keeps the one that it has: earlier versions gave another.
    """

    def __init__(
        self,
        name: str,
        region: str,
        workspace_name: pulumi.Input[str],
        *,
        chosen: bool,
        provider: pulumi.ProviderResource,
        component: pulumi.Resource,
    ) -> None:
        self._region, self._chosen = region, chosen
        self._provider, self._component = provider, component
        hook = pulumi.ErrorHook(f"{name}-{region}-workspace", self.explain)
        self._resource = alicloud.pai.WorkspaceWorkspace(
            f"{name}-{region}",
            workspace_name=workspace_name,
            description=_DESCRIPTION,
            env_types=["prod"],
            opts=pulumi.ResourceOptions(
                parent=component,
                provider=provider,
                aliases=[pulumi.Alias(name=name)],
                ignore_changes=None if chosen else ["workspaceName"],
                hooks=pulumi.ResourceHookBinding(on_error=[hook]),
            ),
        )
        self.id: pulumi.Output[str] = self._resource.id

    async def explain(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say what a taken name means and what to do about it; a retry changes nothing."""
        if args.failed_operation == "create" and args.errors and _NAME_IS_TAKEN in args.errors[0]:
            name = str((args.new_inputs or {}).get("workspaceName"))
            pulumi.log.error(str(await self._name_is_taken(name, args.name)), self._component)
        return False

    async def _name_is_taken(self, name: str, resource: str) -> Message:
        where = {"name": name, "region": self._region}
        try:
            workspace_id = await workspace_of_name(name, self._region, self._component)
        except Exception:
            return Text.NAME_IS_TAKEN(**where)
        if not workspace_id:
            return Text.NAME_IN_RECYCLE_BIN(**where)
        taken = Text.CHOSEN_NAME_IS_TAKEN if self._chosen else Text.OWN_NAME_IS_TAKEN
        return taken(**where, id=workspace_id, command=await self._import(resource, workspace_id))

    async def _import(self, resource: str, workspace_id: str) -> str:
        """The command that makes a workspace this stack's."""
        parent, provider = [await one.urn.future() for one in (self._component, self._provider)]
        return (
            f"pulumi import {WORKSPACE_TYPE} {resource} {workspace_id} --parent 'notebook={parent}' "
            f"--provider 'provider={provider}' --generate-code=false --protect=false"
        )
