"""The workspace that a notebook gets for itself, under a provider of its region."""

from __future__ import annotations

from functools import partial

import pulumi
import pulumi_alicloud as alicloud

from components.arguments import NotebookArgs
from components.functions import instance_of_owner, workspace_of_name
from components.messages import Text
from components.providers import accepted
from paidsw.core.messages import Message
from paidsw.core.redaction import MASK
from paidsw.resources import Owner
from paidsw.rules.rule import WORKSPACE_TYPE

# What CreateWorkspace answers when another workspace, or one in the recycle bin, has the name.
_NAME_IS_TAKEN = "100400009"


class Workspace:
    """The workspace of a notebook, as a child of its component.

    Without a chosen name it keeps the one that it has, as it does its description: earlier versions gave others.
    `hook_name` is unique in the program.
    """

    def __init__(
        self,
        name: str,
        region: str,
        owner: Owner,
        args: NotebookArgs,
        *,
        hook_name: str,
        provider: pulumi.ProviderResource,
        component: pulumi.Resource,
    ) -> None:
        self._region, self._provider, self._component = region, provider, component
        self._owner, self._replace_id = owner, args.replace_id
        self._secret, self._hides_name = args.secret, args.hides_workspace_name
        # The cloud shows its name as its display name, too.
        hidden = ["workspaceName", "displayName", "description"] if self._hides_name else []
        ignored = ["description"] if args.workspace_name else ["description", "workspaceName"]
        explain = pulumi.ErrorHook(hook_name, self.explain)
        in_previews = pulumi.ResourceHookOptions(on_dry_run=True)
        refuse = pulumi.ResourceHook(f"{hook_name}-new", self.refuse_second, in_previews)
        checked: pulumi.Output[bool] = pulumi.Output.from_input(accepted(provider))
        name_of_workspace: pulumi.Output[str] = checked.apply(lambda _: owner.workspace_name)
        self._resource = alicloud.pai.WorkspaceWorkspace(
            f"{name}-{region}",
            workspace_name=name_of_workspace,
            # By it a workspace whose creation got no answer is known again.
            description=pulumi.Output.concat("Free-tier notebook, owner ", owner.owner_id),
            env_types=["prod"],
            opts=pulumi.ResourceOptions(
                parent=component,
                provider=provider,
                aliases=[pulumi.Alias(name=name)],
                ignore_changes=ignored,
                additional_secret_outputs=hidden,
                hooks=pulumi.ResourceHookBinding(before_create=[refuse], on_error=[explain]),
            ),
        )
        self.id: pulumi.Output[str] = self._resource.id

    async def refuse_second(self, args: pulumi.ResourceHookArgs) -> None:
        """Raise pulumi.RunError where the owner's notebook is in another workspace: it can't follow into a new one.

        The plugin replaces by making the new one first, and an update that is refused later leaves both. A preview
        only warns: the import that the error advises needs the component and the provider in the state.
        """
        owner_id = await self._owner.owner_id.future()
        if owner_id is None:
            return
        found = await instance_of_owner(owner_id, self._region, self._replace_id, self._component)
        if not found.id:
            return
        name = MASK if "instanceName" in self._secret else found.name
        notebook = {"instance": found.id, "notebook": name, "id": found.workspace_id}
        elsewhere = partial(Text.NOTEBOOK_ELSEWHERE, **notebook, region=self._region)
        if pulumi.runtime.is_dry_run():
            pulumi.log.warn(str(elsewhere(advice=Text.UP_SAYS_MORE())), self._component)
            return
        command = await self._import(args.name, found.workspace_id)
        raise pulumi.RunError(str(elsewhere(advice=Text.KEEP_OR_IMPORT(command=command, instance=found.id))))

    async def explain(self, args: pulumi.ErrorHookArgs) -> bool:
        """Say what a taken name means and what to do about it; a retry changes nothing."""
        if args.failed_operation == "create" and args.errors and _NAME_IS_TAKEN in args.errors[0]:
            pulumi.log.error(str(await self._name_is_taken(args)), self._component)
        return False

    async def _name_is_taken(self, args: pulumi.ErrorHookArgs) -> Message:
        inputs = args.new_inputs or {}
        name, description = [await _settled(inputs.get(key)) for key in ("workspaceName", "description")]
        where = {"name": MASK if self._hides_name else name, "region": self._region}
        try:
            found = await workspace_of_name(str(name), self._region, self._component)
        except Exception:
            return Text.NAME_IS_TAKEN(**where)
        if not found.id:
            return Text.NAME_IN_RECYCLE_BIN(**where)
        if found.description != description:
            return Text.NAME_OF_OTHER_WORKSPACE(**where, id=found.id)
        return Text.NAME_OF_OWN_WORKSPACE(
            **where, id=found.id, command=await self._import(args.name, found.id)
        )

    async def _import(self, resource: str, workspace_id: str) -> str:
        """The command that makes a workspace this stack's."""
        parent, provider = [await one.urn.future() for one in (self._component, self._provider)]
        return (
            f"pulumi import {WORKSPACE_TYPE} {resource} {workspace_id} --parent 'notebook={parent}' "
            f"--provider 'provider={provider}' --generate-code=false --protect=false"
        )


async def _settled(value: object) -> object:
    """The value itself, also of a secret, which comes as an output."""
    return await value.future() if isinstance(value, pulumi.Output) else value
