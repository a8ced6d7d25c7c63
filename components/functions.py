"""The provider's functions that the component calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from components.arguments import NotebookArgs
from components.secret_settings import secret_inputs

_GET_ACCESS = "paidsw:index:getAccess"
_CHECK_IMPORT = "paidsw:index:checkImport"
_CHECK_NAME = "paidsw:index:checkName"
_GET_WORKSPACE = "paidsw:index:getWorkspace"
_GET_OWNED_INSTANCE = "paidsw:index:getOwnedInstance"
# What the SDK and the engine put before a provider's own sentence.
_ANSWERED = "returned an error: "


def require_access() -> None:
    """Ask for credentials, so that missing ones are one sentence and not two failed resources."""
    _call(_GET_ACCESS, {})


def require_import(args: NotebookArgs, region: str) -> None:
    """Ask whether the notebook of `import_id` is as the settings declare it.

    The engine records an import before the provider can refuse it, and the next update would replace what differs.
    """
    if args.import_id is None:
        return
    inputs = args.instance_inputs(region, args.workspace_id)
    _refuse(
        _CHECK_IMPORT,
        {
            "region": region,
            "instanceId": args.import_id,
            "inputs": inputs,
            # Functions get their arguments in plain.
            "secrets": sorted(secret_inputs(inputs, args.secret)),
            "project": pulumi.get_project(),
            "stack": pulumi.get_stack(),
        },
    )


def require_name(component: str, name: str, opts: pulumi.ResourceOptions | None) -> None:
    """Ask whether a component has just been renamed without an alias: the engine would make it again, and delete it.

    Once a renamed component is in the state, an alias finds the old one no more. A component within another one may
    inherit an alias, so it isn't asked for.
    """
    if opts is None or opts.parent is None:
        aliases = (opts and opts.aliases) or []
        former = [text for alias in aliases if (text := _former_name(alias, name))]
        _refuse(_CHECK_NAME, {"component": component, "name": name, "former": former})


def _former_name(alias: object, name: str) -> str:
    """The name in an alias; one without a name has the present one."""
    if isinstance(alias, pulumi.Alias):
        return alias.name if isinstance(alias.name, str) else name
    return str(alias).rpartition("::")[2]


def _refuse(token: str, arguments: dict[str, Any]) -> None:
    if problems := _call(token, arguments)["problems"]:
        raise pulumi.RunError("\n".join(problems))


@dataclass(frozen=True, slots=True)
class NamedWorkspace:
    """The workspace that has a name now; an empty `id` for none."""

    id: str
    description: str


async def workspace_of_name(name: str, region: str, parent: pulumi.Resource) -> NamedWorkspace:
    """The workspace that has a name now, asked under the providers of `parent`."""
    arguments = {"region": region, "workspaceName": name}
    found = await pulumi.runtime.invoke_async(_GET_WORKSPACE, arguments, pulumi.InvokeOptions(parent=parent))
    return NamedWorkspace(str(found["workspaceId"]), str(found["description"]))


@dataclass(frozen=True, slots=True)
class OwnedInstance:
    """An instance of an owner that lives; an empty `id` for none."""

    id: str
    name: str
    workspace_id: str


async def instance_of_owner(
    owner_id: str, region: str, replace_id: str | None, parent: pulumi.Resource
) -> OwnedInstance:
    """What an owner has that isn't to be replaced, asked under the providers of `parent`. Raises pulumi.RunError."""
    arguments = {"region": region, "ownerId": owner_id, "replaceId": replace_id}
    opts = pulumi.InvokeOptions(parent=parent)
    try:
        found = await pulumi.runtime.invoke_async(_GET_OWNED_INSTANCE, arguments, opts)
    except Exception as error:
        raise _refusal(error) from None
    return OwnedInstance(*(str(found[name]) for name in ("instanceId", "instanceName", "workspaceId")))


def _call(token: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The answer of a function; its error as a RunError, which the engine shows without a traceback."""
    try:
        answer: dict[str, Any] = pulumi.runtime.invoke(token, arguments).value
    except Exception as error:
        raise _refusal(error) from None
    return answer


def _refusal(error: Exception) -> pulumi.RunError:
    return pulumi.RunError(str(error).rpartition(_ANSWERED)[2])
